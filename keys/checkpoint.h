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

/* Appends `note` with one more line, the cosignature at `time_s` with a key of role receipt. */
enum result checkpoint_cosign(struct bytes note, uint64_t time_s, struct text key_name,
                              const struct keypair *key, struct buffer *cosigned,
                              struct error *error) RESULT_CHECKED;

/* Reads a cosigned note and verifies the receiver's cosignature with the receipt keys of `card`;
 * the sender's own line is not checked again. Gives the time of the cosignature, seconds. */
enum result checkpoint_verify_receipt(struct bytes note, const struct card *card,
                                      struct checkpoint *checkpoint, uint64_t *time_s,
                                      struct error *error) RESULT_CHECKED;

#endif
