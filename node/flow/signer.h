/* Why a partner's signature does not count, when it is no fork: its key was revoked, or stands on a
 * newer card than we hold. Such a note is refused, and holds no channel: a new card mends it. Any
 * thread. */
#ifndef COMESH_NODE_FLOW_SIGNER_H
#define COMESH_NODE_FLOW_SIGNER_H

#include "node/flow/accept.h"

/* What is asked: who signed that note in which role, and the serial of its own card that it told.
 */
struct signer {
    struct text party;
    enum key_role role;
    uint64_t serial;
    uint64_t size; /* entries of the channel that are stored and receipted */
};

/* The revocation of the party's key of that role which signed the note, by whatever version of its
 * card; NULL when that is not revoked. Says nothing of whether the signature holds. */
const struct revocation *signer_revocation(const struct directory *directory, struct text party,
                                           enum key_role role, struct bytes note);

/* Fills `refused` and returns true when the note is of a key that was revoked (`key`), or of a
 * partner that has a newer card than we hold (`card`). */
bool signer_refused(const struct directory *directory, const struct signer *signer,
                    struct bytes note, struct refused *refused);

#endif
