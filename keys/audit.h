/* The audit log: every act of trust of a node, in order, for ever. One line an act, the lines the
 * leaves of a Merkle tree (RFC 6962) whose checkpoints the node signs. Commands and node append to
 * it alike: a lock on the file keeps them apart, each act is synced before the next.
 * Never a secret in it. Any thread, any process. The files are described in keys/README.md. */
#ifndef COMESH_KEYS_AUDIT_H
#define COMESH_KEYS_AUDIT_H

#include "keys/audit_line.h"
#include "keys/directory.h"
#include "proto/merkle.h"

#define AUDIT_MAX_BYTES ((size_t)256 << 20)

/* Appends `act` to the log in the node's directory, behind what is there, whatever that is: only
 * audit_verify judges. The user of this process is put behind `who`, which may be empty. What a
 * power cut left of a line is cut off first. RESULT_FULL above AUDIT_MAX_BYTES. */
enum result audit_append(const char *directory, const struct audit_act *act,
                         struct error *error) RESULT_CHECKED;

/* A whole line of the log; the views live until the visitor returns. An error ends the reading. */
typedef enum result audit_visit(void *self, const struct audit_line *line, struct error *error);

/* Visits the lines from number `first` on. RESULT_CORRUPT for one that is no act. A log that is not
 * there yet is empty. */
enum result audit_read(const char *directory, uint64_t first, audit_visit *visit, void *self,
                       struct error *error) RESULT_CHECKED;

/* The cards whose checkpoint keys may have signed the log: the own card and every older version of
 * it, keys that were revoked since among them. Allocated, to be freed; borrows from `directory`. */
enum result audit_signers(const struct directory *directory, const struct card ***cards,
                          size_t *count, struct error *error) RESULT_CHECKED;

struct audit_summary {
    uint64_t size;           /* acts */
    uint64_t signed_size;    /* of them under the newest checkpoint */
    uint64_t checkpoints;    /* that hold */
    struct merkle_hash root; /* of all acts */
};

/* Proves the whole log: its lines are acts, numbered without gap, each naming the root of the ones
 * before it, and every checkpoint is of this log and signed by a checkpoint key of one of `cards`
 * (the own card and its older versions). RESULT_CORRUPT or RESULT_UNTRUSTED names the first act, or
 * checkpoint, that does not hold. */
enum result audit_verify(const char *directory, const struct card *const *cards, size_t count,
                         struct audit_summary *summary, struct error *error) RESULT_CHECKED;

/* Proves also that the log still begins with the acts of a checkpoint that was kept elsewhere. */
enum result audit_verify_against(const char *directory, struct bytes note,
                                 const struct card *const *cards, size_t count,
                                 struct error *error) RESULT_CHECKED;

/* Signs a checkpoint over all acts when there are some that none covers, with the checkpoint key of
 * cards[0], the own card of now, after it proved the log as audit_verify does; a log that does not
 * hold is not signed. */
enum result audit_sign(const char *directory, const struct card *const *cards, size_t count,
                       const struct keypair *key, struct error *error) RESULT_CHECKED;

#endif
