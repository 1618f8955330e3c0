/* Who is trusted: taking a revocation into the folder. See directory.h. */
#include "keys/directory_private.h"
#include "keys/file.h"

#define REVOCATIONS_MAX 256 /* of one party, identity keys not counted */

/* The card that says who speaks for the party: in force, or the newest of one that was removed. */
static const struct card *speaking_card(const struct directory *held, struct text party)
{
    if (text_equal(text_of(held->own->party), party)) {
        return held->own;
    }
    const struct card *card = directory_party(held, party);
    return card == NULL ? directory_version(held, party, 0) : card;
}

static enum result signer_check(const struct directory *held, const struct revocation *revocation,
                                struct error *error)
{
    const struct text party = text_of(revocation->party);
    const struct card *card = speaking_card(held, party);
    if (card == NULL) {
        return error_set(error, RESULT_UNTRUSTED,
                         "revocation of %s: no card of that party was ever held",
                         revocation->party);
    }
    if (!text_equal(text_of(card->domain), text_of(revocation->domain)) ||
        !text_equal(text_of(card->environment), text_of(revocation->environment))) {
        return error_set(error, RESULT_CONFLICT,
                         "revocation of %s: for %s.coconnect.%s, where %s.coconnect.%s is held",
                         revocation->party, revocation->environment, revocation->domain,
                         card->environment, card->domain);
    }
    bool of_itself = revocation->role == KEY_IDENTITY &&
                     memcmp(revocation->key, revocation->identity, KEY_PUBLIC_BYTES) == 0 &&
                     directory_had_identity(held, party, revocation->identity);
    bool by_card = memcmp(directory_identity(card), revocation->identity, KEY_PUBLIC_BYTES) == 0 &&
                   directory_revoked(held, party, revocation->identity) == NULL;
    if (!of_itself && !by_card) {
        return error_set(error, RESULT_UNTRUSTED,
                         "revocation of %s: signed by an identity that is not that of its card in "
                         "force",
                         revocation->party);
    }
    return RESULT_OK;
}

/* A party cannot fill the disk of others; its identity can always be revoked. */
static enum result room_check(const struct directory *held, const struct revocation *revocation,
                              struct error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < held->revocation_count; i++) {
        count += held->revocations[i]->role != KEY_IDENTITY &&
                 text_equal(text_of(held->revocations[i]->party), text_of(revocation->party));
    }
    if (revocation->role == KEY_IDENTITY || count < REVOCATIONS_MAX) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_FULL,
                     "revocation of %s: %d of its keys are revoked already, the most that is kept; "
                     "ask %s why",
                     revocation->party, REVOCATIONS_MAX, revocation->party);
}

enum result directory_revoke(const char *path, const struct revocation *revocation, bool *news,
                             struct error *error)
{
    struct directory_change change;
    char name[FILE_NAME_BYTES];
    char place[PATH_MAX];
    *news = false;
    enum result result = directory_change_begin(&change, path, true, error);
    if (result == RESULT_OK) {
        const struct revocation *known =
            directory_revoked(change.held, text_of(revocation->party), revocation->key);
        if (known != NULL && known->trusted_until_s <= revocation->trusted_until_s) {
            goto cleanup;
        }
        result = signer_check(change.held, revocation, error);
    }
    if (result == RESULT_OK) {
        result = room_check(change.held, revocation, error);
    }
    if (result == RESULT_OK) {
        directory_revocation_name(revocation, name);
        result = directory_change_place(&change, REVOCATIONS_FOLDER, name, place, error);
    }
    if (result == RESULT_OK) {
        result = file_replace(place, buffer_bytes(&revocation->note), FILE_PUBLIC, error);
    }
    *news = result == RESULT_OK;
cleanup:
    directory_change_end(&change);
    return result;
}
