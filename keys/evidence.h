/* What a party signed in the past, proven with the keys it had then: every version of its card that
 * was ever held, less what was revoked. For looking back (verify, disputes); what arrives now is
 * judged by the card in force (checkpoint.h). Any thread. */
#ifndef COMESH_KEYS_EVIDENCE_H
#define COMESH_KEYS_EVIDENCE_H

#include "keys/checkpoint.h"
#include "keys/directory.h"

/* As checkpoint_verify, at `time_s`, by whatever version of the party's card names the key: the
 * newest that does says how long it was valid. RESULT_NOT_FOUND when no card of the party was ever
 * held, RESULT_UNTRUSTED for what a revocation does not spare. */
enum result evidence_checkpoint(const struct directory *directory, struct text party,
                                struct bytes note, uint64_t time_s, struct checkpoint *checkpoint,
                                struct error *error) RESULT_CHECKED;

/* As checkpoint_verify_receipt; gives the time of the cosignature. */
enum result evidence_receipt(const struct directory *directory, struct text party,
                             struct bytes note, struct checkpoint *checkpoint, uint64_t *time_s,
                             struct error *error) RESULT_CHECKED;

/* As checkpoint_verify_attested, of what the party said alone: `time_s` is when a checkpoint key
 * must have been valid, or gets the time of the cosignature. */
enum result evidence_attested(const struct directory *directory, struct text party,
                              enum key_role role, struct bytes note, uint64_t *time_s,
                              struct checkpoint *checkpoint, struct error *error) RESULT_CHECKED;

#endif
