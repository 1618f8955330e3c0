/* Who is trusted: reading the folder, whole or not at all, and leaving out what is revoked. See
 * directory.h. */
#include "keys/directory_private.h"
#include "keys/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static enum result card_read(const char *path, struct card **card, struct error *error)
{
    struct buffer note = {0};
    enum result result = file_read(path, CARD_MAX_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&note), card, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    buffer_free(&note);
    return result;
}

static enum result environment_check(const char *path, const char *what, const char *party,
                                     const char *found, struct text wanted, struct error *error)
{
    if (wanted.size == 0 || text_equal(text_of(found), wanted)) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_INVALID,
                     "'%s': a %s of %s for %s, where this node is for %.*s; remove it", path, what,
                     party, found, TEXT_ARGS(wanted));
}

/* ---- folders ---- */

/* A loading: the snapshot that grows, and the environment of all of it. */
struct loading {
    struct directory *directory;
    struct text environment; /* empty before there is an own card */
};

/* Room for one more card. */
static enum result cards_grow(struct card ***cards, size_t count, struct error *error)
{
    struct card **grown = realloc(*cards, (count + 1) * sizeof(struct card *));
    if (grown == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the directory of cards");
    }
    *cards = grown;
    return RESULT_OK;
}

static enum result card_add(struct card ***cards, size_t *count, const char *path,
                            const struct loading *loading, struct error *error)
{
    enum result result = cards_grow(cards, *count, error);
    if (result == RESULT_OK) {
        result = card_read(path, &(*cards)[*count], error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    const struct card *card = (*cards)[(*count)++];
    return environment_check(path, "card", card->party, card->environment, loading->environment,
                             error);
}

static enum result name_check(const char *path, const char *name, const char *expected,
                              const char *party, struct error *error)
{
    if (text_equal(text_of(name), text_of(expected))) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_INVALID, "'%s': is the card of %s; name it %s", path, party,
                     expected);
}

static enum result partner_load(void *self, const char *path, const char *name, struct error *error)
{
    const struct loading *loading = self;
    struct directory *directory = loading->directory;
    char expected[FILE_NAME_BYTES];
    enum result result = card_add(&directory->partners, &directory->count, path, loading, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct card *card = directory->partners[directory->count - 1];
    (void)snprintf(expected, sizeof expected, "%s" CARD_SUFFIX, card->party);
    result = name_check(path, name, expected, card->party, error);
    if (result == RESULT_OK && directory->own != NULL) {
        result = directory_compare(directory->own, card, error);
    }
    for (size_t i = 0; i + 1 < directory->count && result == RESULT_OK; i++) {
        result = directory_compare(directory->partners[i], card, error);
    }
    return result;
}

/* "XX-NNNNNN.card"; another text of that serial, from another identity, has "-2" behind it. */
static enum result version_load(void *self, const char *path, const char *name, struct error *error)
{
    const struct loading *loading = self;
    struct directory *directory = loading->directory;
    char expected[FILE_NAME_BYTES];
    char begin[FILE_NAME_BYTES - sizeof CARD_SUFFIX];
    enum result result =
        card_add(&directory->versions, &directory->version_count, path, loading, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct card *card = directory->versions[directory->version_count - 1];
    (void)snprintf(begin, sizeof begin, "%s-%06" PRIu64, card->party, card->serial);
    (void)snprintf(expected, sizeof expected, "%s" CARD_SUFFIX, begin);
    struct text rest = text_of(name);
    if (text_skip(&rest, begin) && text_skip(&rest, "-")) {
        return RESULT_OK;
    }
    return name_check(path, name, expected, card->party, error);
}

void directory_revocation_name(const struct revocation *revocation, char out[FILE_NAME_BYTES])
{
    char hex[17];
    hex_encode((struct bytes){revocation->key, 8}, hex);
    (void)snprintf(out, FILE_NAME_BYTES, "%s-%s-%s" REVOCATION_SUFFIX, revocation->party,
                   key_role_text(revocation->role), hex);
}

static enum result revocation_read(const char *path, struct revocation **revocation,
                                   struct error *error)
{
    struct buffer note = {0};
    enum result result = file_read(path, REVOCATION_MAX_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = revocation_parse(buffer_bytes(&note), revocation, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "'%s'", path);
        }
    }
    buffer_free(&note);
    return result;
}

static enum result revocation_load(void *self, const char *path, const char *name,
                                   struct error *error)
{
    const struct loading *loading = self;
    struct directory *directory = loading->directory;
    struct revocation *made = NULL;
    char expected[FILE_NAME_BYTES];
    enum result result = revocation_read(path, &made, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct revocation **grown = realloc(directory->revocations, (directory->revocation_count + 1) *
                                                                    sizeof(struct revocation *));
    if (grown == NULL) {
        revocation_destroy(&made);
        return error_set(error, RESULT_NO_MEMORY, "no memory for the revocations");
    }
    grown[directory->revocation_count++] = made;
    directory->revocations = grown;
    directory_revocation_name(made, expected);
    if (!text_equal(text_of(name), text_of(expected))) {
        return error_set(error, RESULT_INVALID, "'%s': is a revocation of %s; name it %s", path,
                         made->party, expected);
    }
    return environment_check(path, "revocation", made->party, made->environment,
                             loading->environment, error);
}

/* ---- versions ---- */

static int versions_order(const void *a, const void *b)
{
    const struct card *first = *(struct card *const *)a;
    const struct card *second = *(struct card *const *)b;
    int by_party = strcmp(first->party, second->party);
    if (by_party != 0) {
        return by_party;
    }
    if (first->serial != second->serial) {
        return first->serial > second->serial ? -1 : 1;
    }
    return (first->issued_s < second->issued_s) - (first->issued_s > second->issued_s);
}

/* A card in force is a version too, also when a power cut kept it from the history. */
static enum result current_add(struct directory *directory, const struct card *card,
                               struct error *error)
{
    for (size_t i = 0; i < directory->version_count; i++) {
        if (bytes_equal(buffer_bytes(&directory->versions[i]->note), buffer_bytes(&card->note))) {
            return RESULT_OK;
        }
    }
    enum result result = cards_grow(&directory->versions, directory->version_count, error);
    if (result == RESULT_OK) {
        result = card_parse(buffer_bytes(&card->note),
                            &directory->versions[directory->version_count], error);
    }
    directory->version_count += result == RESULT_OK;
    return result;
}

static enum result versions_complete(struct directory *directory, struct error *error)
{
    enum result result =
        directory->own == NULL ? RESULT_OK : current_add(directory, directory->own, error);
    for (size_t i = 0; i < directory->count && result == RESULT_OK; i++) {
        result = current_add(directory, directory->partners[i], error);
    }
    if (result == RESULT_OK && directory->version_count > 0) {
        qsort(directory->versions, directory->version_count, sizeof(struct card *), versions_order);
    }
    return result;
}

/* A revocation counts when an identity that was trusted for the party signed it. */
static enum result revocations_check(const struct directory *directory, struct error *error)
{
    for (size_t i = 0; i < directory->revocation_count; i++) {
        const struct revocation *revocation = directory->revocations[i];
        char name[FILE_NAME_BYTES];
        if (!directory_had_identity(directory, text_of(revocation->party), revocation->identity)) {
            directory_revocation_name(revocation, name);
            return error_set(error, RESULT_UNTRUSTED,
                             "'" REVOCATIONS_FOLDER "/%s': signed by an identity that no card of "
                             "%s ever named; remove it",
                             name, revocation->party);
        }
    }
    return RESULT_OK;
}

/* ---- what is revoked is left out of the cards in force ---- */

static void keys_revoke(const struct directory *directory, struct card *card)
{
    for (unsigned role = KEY_IDENTITY + 1; role < KEY_ROLE_COUNT; role++) {
        size_t kept = 0;
        for (size_t i = 0; i < card->key_count[role]; i++) {
            const struct card_key *key = &card->keys[role][i];
            if (directory_revoked(directory, text_of(card->party), key->public_key) == NULL) {
                card->keys[role][kept++] = *key;
            }
        }
        card->key_count[role] = kept;
    }
}

/* The own card keeps its other keys when its identity is revoked: who is suspended is for the
 * partners to say, and the node must run to be told. */
static void revocations_apply(struct directory *directory)
{
    if (directory->own != NULL) {
        keys_revoke(directory, directory->own);
    }
    for (size_t i = 0; i < directory->count; i++) {
        struct card *card = directory->partners[i];
        keys_revoke(directory, card);
        for (unsigned role = KEY_IDENTITY + 1; role < KEY_ROLE_COUNT; role++) {
            if (directory_revoked(directory, text_of(card->party), directory_identity(card)) !=
                NULL) {
                card->key_count[role] = 0;
            }
        }
    }
}

/* ---- all of it ---- */

static enum result own_load(struct loading *loading, const char *path, bool needed,
                            struct error *error)
{
    char own[PATH_MAX];
    enum result result = file_place(own, path, OWN_NAME, error);
    if (result == RESULT_OK) {
        result = card_read(own, &loading->directory->own, error);
    }
    if (result == RESULT_NOT_FOUND && !needed) {
        return RESULT_OK;
    }
    if (result == RESULT_NOT_FOUND) {
        return error_set(error, result,
                         "'%s': there is no own card; when it waits for its signature (`comesh key "
                         "request`) import it signed, otherwise take it from a backup",
                         own);
    }
    if (result == RESULT_OK && loading->environment.size > 0) {
        const struct card *card = loading->directory->own;
        result = environment_check(own, "card", card->party, card->environment,
                                   loading->environment, error);
    }
    if (result == RESULT_OK) {
        loading->environment = text_of(loading->directory->own->environment);
    }
    return result;
}

static enum result folders_load(struct loading *loading, const char *path, struct error *error)
{
    static const struct {
        const char *name;
        file_each *each;
    } folders[] = {{PARTNERS_FOLDER, partner_load},
                   {HISTORY_FOLDER, version_load},
                   {REVOCATIONS_FOLDER, revocation_load}};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && result == RESULT_OK; i++) {
        char folder[PATH_MAX];
        result = file_place(folder, path, folders[i].name, error);
        if (result == RESULT_OK) {
            result = file_walk(folder, folders[i].each, loading, error);
        }
    }
    return result;
}

static enum result rest_load(struct directory *directory, const char *path, struct error *error)
{
    enum result result =
        rest_cards_load(path, text_of(directory->own->environment), &directory->rest, error);
    if (result == RESULT_OK) {
        result = directory_compare_rest(directory, directory->own, error);
    }
    for (size_t i = 0; i < directory->count && result == RESULT_OK; i++) {
        result = directory_compare_rest(directory, directory->partners[i], error);
    }
    return result;
}

static enum result load(const char *path, struct text environment, bool own_needed,
                        struct directory **directory, struct error *error)
{
    struct directory *made = calloc(1, sizeof *made);
    struct loading loading = {made, environment};
    *directory = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the directory of cards");
    }
    atomic_init(&made->holders, 1);
    enum result result = own_load(&loading, path, own_needed, error);
    if (result == RESULT_OK) {
        result = folders_load(&loading, path, error);
    }
    if (result == RESULT_OK) {
        result = versions_complete(made, error);
    }
    if (result == RESULT_OK) {
        result = revocations_check(made, error);
    }
    if (result == RESULT_OK && made->own != NULL) {
        result = rest_load(made, path, error);
    }
    if (result != RESULT_OK) {
        directory_release(&made);
    } else {
        revocations_apply(made);
    }
    *directory = made;
    return result;
}

enum result directory_load(const char *path, struct text environment, struct directory **directory,
                           struct error *error)
{
    return load(path, environment, true, directory, error);
}

enum result directory_read(const char *path, bool own_needed, struct directory **directory,
                           struct error *error)
{
    return load(path, (struct text){0}, own_needed, directory, error);
}
