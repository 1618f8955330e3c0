/* Who is trusted: changes of the folder. See directory.h.
 * Each reads the folder under its lock, says whether the change may follow, and writes in an order
 * that leaves a folder that loads wherever a power cut stops it: the card that goes into the
 * history, the card in force replaced, the new one into the history. */
#include "keys/directory_private.h"
#include "keys/file.h"

#include <inttypes.h>
#include <stdio.h>

#define SAME_SERIAL_MAX 100 /* texts with one serial, from different identities */

enum result directory_change_begin(struct directory_change *change, const char *path,
                                   bool own_needed, struct error *error)
{
    *change = (struct directory_change){.path = path, .lock = -1};
    enum result result = file_lock(path, &change->lock, error);
    return result == RESULT_OK ? directory_read(path, own_needed, &change->held, error) : result;
}

void directory_change_end(struct directory_change *change)
{
    directory_release(&change->held);
    file_unlock(&change->lock);
}

enum result directory_change_place(const struct directory_change *change, const char *folder,
                                   const char *name, char out[PATH_MAX], struct error *error)
{
    char path[PATH_MAX];
    enum result result = file_place(path, change->path, folder, error);
    if (result == RESULT_OK) {
        result = file_folder(path, error);
    }
    return result == RESULT_OK ? file_place(out, path, name, error) : result;
}

/* ---- writing ---- */

/* RESULT_OK when `path` holds `note`, RESULT_NOT_FOUND when there is no file, RESULT_CONFLICT for
 * another text. */
static enum result file_compare(const char *path, struct bytes note, struct error *error)
{
    struct buffer content = {0};
    enum result result = file_read(path, CARD_MAX_BYTES, FILE_PUBLIC, &content, error);
    if (result == RESULT_OK && !bytes_equal(buffer_bytes(&content), note)) {
        result = error_set(error, RESULT_CONFLICT, "'%s' holds another text", path);
    }
    buffer_free(&content);
    return result;
}

/* Puts a card into the history, where it stays. */
static enum result version_keep(const struct directory_change *change, const struct card *card,
                                struct error *error)
{
    enum result result = RESULT_CONFLICT;
    for (unsigned i = 1; i <= SAME_SERIAL_MAX && result == RESULT_CONFLICT; i++) {
        char name[FILE_NAME_BYTES];
        char other[16] = "";
        char path[PATH_MAX];
        if (i > 1) {
            (void)snprintf(other, sizeof other, "-%u", i);
        }
        (void)snprintf(name, sizeof name, "%s-%06" PRIu64 "%s" CARD_SUFFIX, card->party,
                       card->serial, other);
        result = directory_change_place(change, HISTORY_FOLDER, name, path, error);
        if (result == RESULT_OK) {
            result = file_compare(path, buffer_bytes(&card->note), error);
        }
        if (result == RESULT_NOT_FOUND) {
            result = file_replace(path, buffer_bytes(&card->note), FILE_PUBLIC, error);
        }
    }
    return result;
}

/* Puts `card` at `place`, where `old` was or nothing. */
static enum result card_put(const struct directory_change *change, const char *place,
                            const struct card *old, const struct card *card, struct error *error)
{
    enum result result = old == NULL ? RESULT_OK : version_keep(change, old, error);
    if (result == RESULT_OK) {
        result = file_replace(place, buffer_bytes(&card->note), FILE_PUBLIC, error);
    }
    return result == RESULT_OK ? version_keep(change, card, error) : result;
}

static enum result partner_place(const struct directory_change *change, const char *party,
                                 char out[PATH_MAX], struct error *error)
{
    char name[FILE_NAME_BYTES];
    (void)snprintf(name, sizeof name, "%s" CARD_SUFFIX, party);
    return directory_change_place(change, PARTNERS_FOLDER, name, out, error);
}

/* ---- what may follow ---- */

static bool is_same_identity(const struct card *a, const struct card *b)
{
    return memcmp(directory_identity(a), directory_identity(b), KEY_PUBLIC_BYTES) == 0;
}

static bool is_same_text(const struct card *a, const struct card *b)
{
    return bytes_equal(buffer_bytes(&a->note), buffer_bytes(&b->note));
}

static enum result serial_check(const struct card *old, const struct card *card,
                                struct error *error)
{
    if (card->serial < old->serial) {
        return error_set(error, RESULT_CONFLICT,
                         "card of %s: serial %" PRIu64 " is older than %" PRIu64
                         ", which is held; ask for the newest",
                         card->party, card->serial, old->serial);
    }
    if (card->serial == old->serial && !is_same_text(card, old)) {
        return error_set(error, RESULT_CONFLICT,
                         "card of %s: serial %" PRIu64
                         " is held with another text; ask for one with a new serial",
                         card->party, card->serial);
    }
    return RESULT_OK;
}

/* The newest version from the same identity, whether its card is in force or was removed. */
static enum result versions_check(const struct directory *held, const struct card *card,
                                  struct error *error)
{
    const struct card *version;
    for (size_t i = 0; (version = directory_version(held, text_of(card->party), i)) != NULL; i++) {
        if (is_same_identity(version, card)) {
            return serial_check(version, card, error);
        }
    }
    return RESULT_OK;
}

static enum result names_check(const struct card *old, const struct card *card, struct error *error)
{
    if (text_equal(text_of(old->domain), text_of(card->domain)) &&
        text_equal(text_of(old->environment), text_of(card->environment))) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_CONFLICT,
                     "card of %s: for %s.coconnect.%s, where %s.coconnect.%s is held", card->party,
                     card->environment, card->domain, old->environment, old->domain);
}

static enum result identity_check(const struct directory *held, const struct card *card,
                                  struct error *error)
{
    if (directory_revoked(held, text_of(card->party), directory_identity(card)) == NULL) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_UNTRUSTED,
                     "card of %s: its identity key is revoked; only a card of a new identity is "
                     "taken, with a fingerprint that %s confirms",
                     card->party, card->party);
}

static enum result identity_changed(const struct card *old, const struct card *card,
                                    enum result code, struct error *error)
{
    char known[FINGERPRINT_DIGITS_BYTES];
    char given[FINGERPRINT_DIGITS_BYTES];
    card_fingerprint(old, known);
    card_fingerprint(card, given);
    return error_set(error, code,
                     "card of %s: fingerprint %s, where %s was confirmed; ask %s by telephone, and "
                     "remove the old card only if they changed their identity",
                     card->party, given, known, card->party);
}

/* The folder must load with the card in it. */
static enum result others_check(const struct directory *held, const struct card *card,
                                struct error *error)
{
    if (!text_equal(text_of(card->environment), text_of(held->own->environment))) {
        return error_set(error, RESULT_CONFLICT, "card of %s: for %s, where this node is for %s",
                         card->party, card->environment, held->own->environment);
    }
    enum result result = directory_compare(held->own, card, error);
    for (size_t i = 0; i < held->count && result == RESULT_OK; i++) {
        if (!text_equal(text_of(held->partners[i]->party), text_of(card->party))) {
            result = directory_compare(held->partners[i], card, error);
        }
    }
    return result == RESULT_OK ? directory_compare_rest(held, card, error) : result;
}

static enum result partner_put(const struct directory_change *change, const struct card *card,
                               struct error *error)
{
    const struct directory *held = change->held;
    const struct card *old = directory_party(held, text_of(card->party));
    char place[PATH_MAX];
    enum result result = identity_check(held, card, error);
    if (result == RESULT_OK && old != NULL) {
        result = names_check(old, card, error);
    }
    if (result == RESULT_OK) {
        result = versions_check(held, card, error);
    }
    if (result == RESULT_OK) {
        result = others_check(held, card, error);
    }
    if (result == RESULT_OK) {
        result = partner_place(change, card->party, place, error);
    }
    return result == RESULT_OK ? card_put(change, place, old, card, error) : result;
}

/* ---- the changes ---- */

enum result directory_store(const char *path, const struct card *card, struct error *error)
{
    struct directory_change change;
    enum result result = directory_change_begin(&change, path, true, error);
    if (result == RESULT_OK) {
        const struct text party = text_of(card->party);
        const struct card *old = directory_party(change.held, party);
        if (old != NULL && !is_same_identity(old, card) &&
            !directory_is_suspended(change.held, party)) {
            result = identity_changed(old, card, RESULT_CONFLICT, error);
        }
    }
    if (result == RESULT_OK) {
        result = partner_put(&change, card, error);
    }
    directory_change_end(&change);
    return result;
}

/* Whether a card that no person confirmed may be looked at. */
static enum result taking_check(const struct directory *held, const struct card *card,
                                const struct directory_vouch *vouch, struct error *error)
{
    const struct card *old = directory_party(held, text_of(card->party));
    if (old == NULL && vouch == NULL) {
        return error_set(error, RESULT_UNTRUSTED,
                         "card of %s: no card of that party is held, and no agreement in force "
                         "names its identity; import it when its fingerprint is confirmed",
                         card->party);
    }
    if (old == NULL || is_same_identity(old, card)) {
        return RESULT_OK;
    }
    bool gives_way = vouch != NULL && vouch->replaced != NULL &&
                     memcmp(vouch->replaced, directory_identity(old), KEY_PUBLIC_BYTES) == 0;
    return gives_way ? serial_check(old, card, error)
                     : identity_changed(old, card, RESULT_UNTRUSTED, error);
}

enum result directory_take(const char *path, const struct card *card,
                           const struct directory_vouch *vouch, bool *news, struct error *error)
{
    struct directory_change change;
    const struct card *version;
    *news = false;
    enum result result = directory_change_begin(&change, path, true, error);
    for (size_t i = 0; result == RESULT_OK &&
                       (version = directory_version(change.held, text_of(card->party), i)) != NULL;
         i++) {
        if (is_same_text(version, card)) {
            goto cleanup;
        }
    }
    if (result == RESULT_OK) {
        result = taking_check(change.held, card, vouch, error);
    }
    if (result == RESULT_OK) {
        result = partner_put(&change, card, error);
    }
    *news = result == RESULT_OK;
cleanup:
    directory_change_end(&change);
    return result;
}

enum result directory_own_store(const char *path, const struct card *card, struct error *error)
{
    struct directory_change change;
    char place[PATH_MAX];
    enum result result = directory_change_begin(&change, path, false, error);
    const struct card *old = result == RESULT_OK ? change.held->own : NULL;
    if (old != NULL && !text_equal(text_of(old->party), text_of(card->party))) {
        result = error_set(error, RESULT_CONFLICT, "card of %s: the own party is %s", card->party,
                           old->party);
    }
    if (old != NULL && result == RESULT_OK) {
        result = names_check(old, card, error);
    }
    if (old != NULL && result == RESULT_OK) {
        result = serial_check(old, card, error);
    }
    if (result == RESULT_OK) {
        result = identity_check(change.held, card, error);
    }
    for (size_t i = 0; result == RESULT_OK && i < change.held->count; i++) {
        result = directory_compare(change.held->partners[i], card, error);
    }
    if (result == RESULT_OK) {
        result = file_place(place, path, OWN_NAME, error);
    }
    if (result == RESULT_OK) {
        result = card_put(&change, place, old, card, error);
    }
    directory_change_end(&change);
    return result;
}

enum result directory_remove(const char *path, struct text party, struct error *error)
{
    struct directory_change change;
    char place[PATH_MAX];
    enum result result = directory_change_begin(&change, path, true, error);
    const struct card *card = result == RESULT_OK ? directory_party(change.held, party) : NULL;
    if (result == RESULT_OK && card == NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "there is no card of '%.*s'", TEXT_ARGS(party));
    }
    if (result == RESULT_OK) {
        result = version_keep(&change, card, error);
    }
    if (result == RESULT_OK) {
        result = partner_place(&change, card->party, place, error);
    }
    if (result == RESULT_OK) {
        result = file_remove(place, error);
    }
    directory_change_end(&change);
    return result;
}
