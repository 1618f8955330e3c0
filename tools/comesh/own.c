/* The own party of a node. See own.h. */
#include "tools/comesh/own.h"

#include "keys/card_next.h"
#include "keys/file.h"
#include "keys/text.h"
#include "node/core/world.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/requests.h"
#include "tools/comesh/unlock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum result load(struct own *own, struct error *error)
{
    enum result result = config_place(own->config, "cards", own->cards, error);
    if (result == RESULT_OK) {
        result =
            directory_load(own->cards, text_of(own->config->environment), &own->directory, error);
    }
    return result == RESULT_OK ? unlock_keyring(own->config, &own->keyring, error) : result;
}

static enum result begin(struct call *call, struct own *own, struct error *error)
{
    *own = (struct own){.call = call, .now_s = world_wall_ms(world_real()) / 1000, .lock = -1};
    return node_config(call, &own->config, error);
}

enum result own_load(struct call *call, struct own *own, struct error *error)
{
    enum result result = begin(call, own, error);
    return result == RESULT_OK ? load(own, error) : result;
}

enum result own_change(struct call *call, struct own *own, struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    enum result result = begin(call, own, error);
    if (result == RESULT_OK) {
        result = config_place(own->config, "keys", folder, error);
    }
    if (result == RESULT_OK) {
        result = file_lock(folder, &own->lock, error);
    }
    return result == RESULT_OK ? load(own, error) : result;
}

void own_free(struct own *own)
{
    keypair_destroy(&own->identity);
    passphrase_destroy(&own->passphrase);
    keyring_free(&own->keyring);
    directory_release(&own->directory);
    free(own->config);
    own->config = NULL;
    file_unlock(&own->lock);
}

const struct card *own_card(const struct own *own)
{
    return directory_own(own->directory);
}

static const struct keyring_file *identity_file(const struct own *own)
{
    return keyring_find(&own->keyring, KEY_IDENTITY,
                        own_card(own)->keys[KEY_IDENTITY][0].public_key);
}

/* Tries the passphrase with a key file that the node uses. */
static enum result passphrase_try(const struct own *own, struct error *error)
{
    const struct keyfile_owner owner = {text_of(own->config->party),
                                        text_of(own->config->environment)};
    const struct card *card = own_card(own);
    for (unsigned i = KEY_IDENTITY + 1; i < KEY_ROLE_COUNT; i++) {
        enum key_role role = (enum key_role)i;
        const struct card_key *key = card_key_in_use(card, role, own->now_s);
        const struct keyring_file *file =
            key == NULL ? NULL : keyring_find(&own->keyring, role, key->public_key);
        if (file != NULL) {
            struct keypair *keypair = NULL;
            enum result result = keyfile_read(file->path, role, &owner,
                                              passphrase_bytes(own->passphrase), &keypair, error);
            keypair_destroy(&keypair);
            return result;
        }
    }
    return error_set(error, RESULT_NOT_FOUND,
                     "no key file of the own card is here; restore keys/ from a backup");
}

/* The identity key may have a passphrase of its own. */
static enum result identity_open(struct own *own, const struct keyring_file *file,
                                 struct error *error)
{
    const struct keyfile_owner owner = {text_of(own->config->party),
                                        text_of(own->config->environment)};
    struct passphrase *other = NULL;
    enum result result = keyfile_read(file->path, KEY_IDENTITY, &owner,
                                      passphrase_bytes(own->passphrase), &own->identity, error);
    if (result != RESULT_DENIED) {
        return result;
    }
    struct error ignored;
    if (unlock_passphrase(own->call, "passphrase-fd", "Passphrase of the identity key", false,
                          &other, &ignored) == RESULT_OK) {
        result = keyfile_read(file->path, KEY_IDENTITY, &owner, passphrase_bytes(other),
                              &own->identity, error);
    }
    passphrase_destroy(&other);
    return result;
}

enum result own_unlock(struct own *own, struct error *error)
{
    const struct keyring_file *file = identity_file(own);
    enum result result =
        unlock_passphrase(own->call, "passphrase-fd", "Passphrase of this node's keys", false,
                          &own->passphrase, error);
    if (result == RESULT_OK) {
        result = passphrase_try(own, error);
    }
    return result == RESULT_OK && file != NULL ? identity_open(own, file, error) : result;
}

enum result own_key_path(const struct own *own, enum key_role role, uint64_t serial,
                         char out[CONFIG_PATH_BYTES], struct error *error)
{
    char name[64];
    (void)snprintf(name, sizeof name, "keys/%s-%06" PRIu64 ".key", key_role_text(role), serial);
    enum result result = config_place(own->config, name, out, error);
    if (result == RESULT_OK && access(out, F_OK) == 0) {
        result = error_set(error, RESULT_CONFLICT,
                           "%s is there already, from a change that was not finished: import its "
                           "signed card, or remove what is of no use with `comesh key prune`",
                           out);
    }
    return result;
}

enum result own_put_card(struct own *own, struct card *next, const struct keypair *identity,
                         enum own_outcome *outcome, struct error *error)
{
    struct buffer text = {0};
    *outcome = identity == NULL ? OWN_REQUESTED : OWN_SIGNED;
    enum result result = card_next_text(next, &text, error);
    if (result == RESULT_OK && identity == NULL) {
        result = request_put(own->config, buffer_bytes(&text), error);
    } else if (result == RESULT_OK) {
        result = card_sign(next, identity, error);
        if (result == RESULT_OK) {
            result = directory_own_store(own->cards, next, error);
        }
        if (result == RESULT_OK) {
            result = act_record_card(own->call, own->config->directory, "card own", next, error);
        }
    }
    buffer_free(&text);
    return result;
}

enum result own_put_revocation(struct own *own, struct revocation *revocation,
                               const struct keypair *identity, enum own_outcome *outcome,
                               struct error *error)
{
    struct buffer text = {0};
    bool news = false;
    *outcome = identity == NULL ? OWN_REQUESTED : OWN_SIGNED;
    if (identity == NULL) {
        revocation_text_append(revocation, &text);
        enum result requested = buffer_check(&text, error);
        if (requested == RESULT_OK) {
            requested = request_put(own->config, buffer_bytes(&text), error);
        }
        buffer_free(&text);
        return requested;
    }
    enum result result = revocation_sign(revocation, identity, error);
    if (result == RESULT_OK) {
        result = directory_revoke(own->cards, revocation, &news, error);
    }
    if (result == RESULT_OK && !news) {
        result = error_set(error, RESULT_CONFLICT, "that key is revoked already");
    }
    return result == RESULT_OK
               ? act_record(own->call, own->config->directory, "key revoke",
                            key_role_text(revocation->role), revocation->reason, error)
               : result;
}

enum result own_tell(struct own *own, struct error *error)
{
    return node_unlock(own->config, own->passphrase, error);
}

enum result own_time(struct own *own, const char *option, uint64_t standard, uint64_t *time_s,
                     struct error *error)
{
    const char *given = call_value(own->call, option);
    char whole[TEXT_TIME_BYTES + 16];
    *time_s = standard;
    if (given == NULL) {
        return RESULT_OK;
    }
    if (text_equal(text_of(given), TEXT("now"))) {
        *time_s = own->now_s;
        return RESULT_OK;
    }
    (void)snprintf(whole, sizeof whole, "%.20s%s", given,
                   strchr(given, 'T') == NULL ? "T00:00:00Z" : "");
    if (strlen(given) >= TEXT_TIME_BYTES || !text_time_read(text_of(whole), time_s)) {
        return call_usage(own->call, error,
                          "--%s '%s'; accepted: now, 2026-01-05 or 2026-01-05T09:30:00Z", option,
                          given);
    }
    return RESULT_OK;
}
