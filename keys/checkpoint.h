/* Checkpoints of a channel and their receipts. A checkpoint is a signed note (C2SP signed-note,
 * tlog-checkpoint) of origin, size and root; a receipt is the receiver's timestamped cosignature
 * (C2SP tlog-cosignature, cosignature/v1) on the same note, which then carries both signature
 * lines. The pinned texts stand in proto/README.md. Any thread. */
#ifndef COMESH_KEYS_CHECKPOINT_H
#define COMESH_KEYS_CHECKPOINT_H

#include "keys/card.h"
#include "keys/keypair.h"
#include "proto/merkle.h"

struct checkpoint {
    struct text origin; /* borrows from the note */
    uint64_t size;
    struct merkle_hash root;
};

/* Appends the signed note to `note`. The key must be of role checkpoint, `key_name` its note name.
 */
enum result checkpoint_sign(const struct checkpoint *checkpoint, struct text key_name,
                            const struct keypair *key, struct buffer *note,
                            struct error *error) RESULT_CHECKED;

/* Reads the text of a note and verifies the sender's signature with the checkpoint keys of `card`
 * that are valid at `now_s`. RESULT_INVALID for another form, RESULT_UNTRUSTED for a signature that
 * does not hold. */
enum result checkpoint_verify(struct bytes note, const struct card *card, uint64_t now_s,
                              struct checkpoint *checkpoint, struct error *error) RESULT_CHECKED;

/* A cosigned note without the receiver's line: as the sender signed it. Borrowed. */
struct bytes checkpoint_without_receipt(struct bytes note);

/* Appends `note` with one more line, the cosignature at `time_s` with a key of role receipt. */
enum result checkpoint_cosign(struct bytes note, uint64_t time_s, struct text key_name,
                              const struct keypair *key, struct buffer *cosigned,
                              struct error *error) RESULT_CHECKED;

/* Reads a cosigned note and verifies the receiver's cosignature with the receipt keys of `card`;
 * the sender's own line is not checked again. Gives the time of the cosignature, seconds. */
enum result checkpoint_verify_receipt(struct bytes note, const struct card *card,
                                      struct checkpoint *checkpoint, uint64_t *time_s,
                                      struct error *error) RESULT_CHECKED;

/* ---- channels with a partner that has no keys: what our node says of them alone ---- */

/* Appends a note that is signed by `key` alone: of role checkpoint for a channel that we send, of
 * role receipt, with its time, for one whose log we keep for the partner. `extension` is empty, or
 * lines that each end in a newline (tlog-checkpoint leaves them open): what HTTP said. */
enum result checkpoint_attest(const struct checkpoint *checkpoint, struct text extension,
                              uint64_t time_s, struct text key_name, const struct keypair *key,
                              struct buffer *note, struct error *error) RESULT_CHECKED;

/* Verifies such a note with the keys of that role on our own `card`. `time_s` is when a checkpoint
 * key must have been valid, or gets the time of the cosignature. `extension` borrows. */
enum result checkpoint_verify_attested(struct bytes note, const struct card *card,
                                       enum key_role role, uint64_t *time_s,
                                       struct checkpoint *checkpoint, struct text *extension,
                                       struct error *error) RESULT_CHECKED;

/* The card's key of role checkpoint or receipt that a signature line of the note names; NULL when
 * there is none. Proves nothing. */
const struct card_key *checkpoint_signer(struct bytes note, const struct card *card,
                                         enum key_role role);

#endif
