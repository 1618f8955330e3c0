/* Why a partner's signature does not count. See signer.h. */
#include "node/flow/signer.h"

#include "keys/checkpoint.h"

#include <inttypes.h>

const struct revocation *signer_revocation(const struct directory *directory, struct text party,
                                           enum key_role role, struct bytes note)
{
    const struct card *card;
    for (size_t i = 0; (card = directory_version(directory, party, i)) != NULL; i++) {
        const struct card_key *key = checkpoint_signer(note, card, role);
        if (key != NULL) {
            return directory_revoked(directory, party, key->public_key);
        }
    }
    return NULL;
}

bool signer_refused(const struct directory *directory, const struct signer *signer,
                    struct bytes note, struct refused *refused)
{
    const struct revocation *revocation =
        signer_revocation(directory, signer->party, signer->role, note);
    const struct card *card = directory_party(directory, signer->party);
    if (revocation != NULL) {
        (void)refuse_with(refused, REFUSAL_KEY, signer->size, RESULT_UNTRUSTED,
                          "signed by a %s key of %.*s that is revoked (%s); %" PRIu64
                          " entries are trusted and stay; go on with the key of a newer card",
                          key_role_text(signer->role), TEXT_ARGS(signer->party), revocation->reason,
                          signer->size);
        return true;
    }
    if (directory_is_suspended(directory, signer->party)) {
        (void)refuse_with(refused, REFUSAL_KEY, signer->size, RESULT_UNTRUSTED,
                          "the identity key of %.*s is revoked; it goes on with the card of its "
                          "new identity",
                          TEXT_ARGS(signer->party));
        return true;
    }
    if (card != NULL && signer->serial > card->serial) {
        (void)refuse_with(refused, REFUSAL_CARD, signer->size, RESULT_UNTRUSTED,
                          "signed by a key that is not on card %" PRIu64
                          " of %.*s, which is held; card %" PRIu64 " must come first",
                          card->serial, TEXT_ARGS(signer->party), signer->serial);
        return true;
    }
    return false;
}
