/* The unlocked keys of a running node. See unlocked.h. */
#include "keys/unlocked.h"

#include "keys/keyring.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Never changes after it was loaded, but for its holders. */
struct unlocked {
    atomic_size_t holders;
    struct keypair *keypairs[UNLOCKED_MAX];
    size_t count;
    size_t locked;
};

static enum result unlocked_make(struct unlocked **unlocked, struct error *error)
{
    *unlocked = calloc(1, sizeof **unlocked);
    if (*unlocked == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the node's keys");
    }
    atomic_init(&(*unlocked)->holders, 1);
    return RESULT_OK;
}

static struct keypair *find(const struct unlocked *unlocked, enum key_role role,
                            const uint8_t public_key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < unlocked->count; i++) {
        struct keypair *keypair = unlocked->keypairs[i];
        if (keypair_role(keypair) == role &&
            memcmp(keypair_public(keypair), public_key, KEY_PUBLIC_BYTES) == 0) {
            return keypair;
        }
    }
    return NULL;
}

/* What a load works with. */
struct loading {
    const struct unlocked_source *source;
    const struct card *own;
    const struct unlocked *before;
    struct keyring files;
    struct unlocked *made;
};

/* One key of the card: taken over, unlocked, or counted as locked. */
static enum result take_key(struct loading *loading, enum key_role role, const struct card_key *key,
                            struct error *error)
{
    struct unlocked *made = loading->made;
    struct keypair *held =
        loading->before == NULL ? NULL : find(loading->before, role, key->public_key);
    if (held != NULL) {
        made->keypairs[made->count++] = keypair_share(held);
        return RESULT_OK;
    }
    const struct unlocked_source *source = loading->source;
    const struct keyring_file *file = keyring_find(&loading->files, role, key->public_key);
    if (file == NULL) {
        return RESULT_OK;
    }
    if (source->passphrase.size == 0) {
        made->locked++;
        return RESULT_OK;
    }
    struct keypair *keypair = NULL;
    enum result result =
        keyfile_read(file->path, role, &source->owner, source->passphrase, &keypair, error);
    if (result == RESULT_OK) {
        made->keypairs[made->count++] = keypair;
    }
    return result;
}

static enum result take_role(struct loading *loading, enum key_role role, struct error *error)
{
    const struct card *own = loading->own;
    const struct unlocked *made = loading->made;
    size_t had = made->count + made->locked;
    enum result result = RESULT_OK;
    for (size_t i = 0; i < own->key_count[role] && result == RESULT_OK; i++) {
        if (loading->source->now_s < own->keys[role][i].until_s) {
            result = take_key(loading, role, &own->keys[role][i], error);
        }
    }
    if (result == RESULT_OK && loading->before == NULL && made->count + made->locked == had) {
        result = error_set(error, RESULT_NOT_FOUND,
                           "the own card has no %s key that is in %s and whose time is not over; "
                           "make one with 'comesh key rotate %s'",
                           key_role_text(role), loading->source->folder, key_role_text(role));
    }
    return result;
}

enum result unlocked_load(const struct unlocked_source *source, const struct card *own,
                          const struct unlocked *before, struct unlocked **unlocked,
                          struct error *error)
{
    static const enum key_role roles[] = {KEY_CHECKPOINT, KEY_RECEIPT, KEY_TRANSPORT};
    struct loading loading = {.source = source, .own = own, .before = before};
    enum result result = unlocked_make(&loading.made, error);
    if (result == RESULT_OK) {
        result = keyring_load(source->folder, &source->owner, &loading.files, error);
    }
    for (size_t i = 0; i < sizeof roles / sizeof roles[0] && result == RESULT_OK; i++) {
        result = take_role(&loading, roles[i], error);
    }
    keyring_free(&loading.files);
    if (result != RESULT_OK) {
        unlocked_release(&loading.made);
    }
    *unlocked = loading.made;
    return result;
}

enum result unlocked_new(struct keypair **keypairs, size_t count, struct unlocked **unlocked,
                         struct error *error)
{
    enum result result = unlocked_make(unlocked, error);
    for (size_t i = 0; i < count && i < UNLOCKED_MAX && result == RESULT_OK; i++) {
        (*unlocked)->keypairs[(*unlocked)->count++] = keypairs[i];
        keypairs[i] = NULL;
    }
    return result;
}

struct unlocked *unlocked_share(struct unlocked *unlocked)
{
    (void)atomic_fetch_add_explicit(&unlocked->holders, 1, memory_order_relaxed);
    return unlocked;
}

void unlocked_release(struct unlocked **unlocked)
{
    struct unlocked *held = *unlocked;
    *unlocked = NULL;
    if (held == NULL || atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) > 1) {
        return;
    }
    for (size_t i = 0; i < held->count; i++) {
        keypair_destroy(&held->keypairs[i]);
    }
    free(held);
}

size_t unlocked_locked(const struct unlocked *unlocked)
{
    return unlocked->locked;
}

const struct keypair *unlocked_find(const struct unlocked *unlocked, enum key_role role,
                                    const uint8_t public_key[KEY_PUBLIC_BYTES])
{
    return find(unlocked, role, public_key);
}
