/* What a party signed in the past. See evidence.h. */
#include "keys/evidence.h"

#include "keys/text.h"

/* The newest version of the party's card whose key of that role a signature of the note names;
 * `*key` is that key. Cards that a thief may have signed are passed over: those that an identity
 * key issued from the time on from which it is not trusted. RESULT_NOT_FOUND when no card of the
 * party was ever held, RESULT_UNTRUSTED when none names the key. */
static enum result version_find(const struct directory *directory, struct text party,
                                enum key_role role, struct bytes note, const struct card **found,
                                const struct card_key **key, struct error *error)
{
    const struct card *card;
    for (size_t i = 0; (card = directory_version(directory, party, i)) != NULL; i++) {
        const struct revocation *revocation =
            directory_revoked(directory, party, card->keys[KEY_IDENTITY][0].public_key);
        bool stolen = revocation != NULL && card->issued_s >= revocation->trusted_until_s;
        *key = stolen ? NULL : checkpoint_signer(note, card, role);
        if (*key != NULL) {
            *found = card;
            return RESULT_OK;
        }
    }
    if (directory_version(directory, party, 0) == NULL) {
        return error_set(error, RESULT_NOT_FOUND, "no card of %.*s was ever held",
                         TEXT_ARGS(party));
    }
    return error_set(error, RESULT_UNTRUSTED,
                     "checkpoint: no signature by a %s key of any card of %.*s that was ever held",
                     key_role_text(role), TEXT_ARGS(party));
}

static enum result revocation_check(const struct directory *directory, struct text party,
                                    const struct card_key *key, const struct checkpoint *checkpoint,
                                    uint64_t time_s, struct error *error)
{
    char until[TEXT_TIME_BYTES];
    char at[TEXT_TIME_BYTES];
    const struct revocation *revocation = directory_revoked(directory, party, key->public_key);
    if (revocation == NULL ||
        revocation_spares(revocation, time_s, checkpoint->origin, checkpoint->size)) {
        return RESULT_OK;
    }
    text_time(revocation->trusted_until_s, until);
    text_time(time_s, at);
    return error_set(error, RESULT_UNTRUSTED,
                     "checkpoint: signed at %s by a %s key that %.*s revoked (%s), trusted until "
                     "%s",
                     at, key_role_text(revocation->role), TEXT_ARGS(party), revocation->reason,
                     until);
}

enum result evidence_checkpoint(const struct directory *directory, struct text party,
                                struct bytes note, uint64_t time_s, struct checkpoint *checkpoint,
                                struct error *error)
{
    const struct card *card = NULL;
    const struct card_key *key = NULL;
    enum result result = version_find(directory, party, KEY_CHECKPOINT, note, &card, &key, error);
    if (result == RESULT_OK) {
        result = checkpoint_verify(note, card, time_s, checkpoint, error);
    }
    return result == RESULT_OK ? revocation_check(directory, party, key, checkpoint, time_s, error)
                               : result;
}

enum result evidence_receipt(const struct directory *directory, struct text party,
                             struct bytes note, struct checkpoint *checkpoint, uint64_t *time_s,
                             struct error *error)
{
    const struct card *card = NULL;
    const struct card_key *key = NULL;
    enum result result = version_find(directory, party, KEY_RECEIPT, note, &card, &key, error);
    if (result == RESULT_OK) {
        result = checkpoint_verify_receipt(note, card, checkpoint, time_s, error);
    }
    return result == RESULT_OK ? revocation_check(directory, party, key, checkpoint, *time_s, error)
                               : result;
}

enum result evidence_attested(const struct directory *directory, struct text party,
                              enum key_role role, struct bytes note, uint64_t *time_s,
                              struct checkpoint *checkpoint, struct error *error)
{
    const struct card *card = NULL;
    const struct card_key *key = NULL;
    struct text extension;
    enum result result = version_find(directory, party, role, note, &card, &key, error);
    if (result == RESULT_OK) {
        result =
            checkpoint_verify_attested(note, card, role, time_s, checkpoint, &extension, error);
    }
    return result == RESULT_OK ? revocation_check(directory, party, key, checkpoint, *time_s, error)
                               : result;
}
