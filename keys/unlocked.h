/* The secret keys that a running node has unlocked: a snapshot that never changes and that all
 * threads share; a reload makes a new one. Which of them serves is asked at each use
 * (node/flow/own.h), so that a key begins and ends by its dates alone. A key that two snapshots
 * hold is one, in locked memory, and is wiped when the last of them is let go. */
#ifndef COMESH_KEYS_UNLOCKED_H
#define COMESH_KEYS_UNLOCKED_H

#include "keys/card.h"
#include "keys/keyfile.h"

#define UNLOCKED_MAX ((size_t)KEY_ROLE_COUNT * CARD_KEYS_MAX)

struct unlocked; /* reference counted */

/* Unlocks the node's keys on `own` whose time is not over, of all roles but identity. What `before`
 * holds is taken over without its file; the others stay locked without a passphrase, and are
 * counted. A key of the card whose file is not here is no error. RESULT_DENIED for a wrong
 * passphrase; at a start (`before` NULL) RESULT_NOT_FOUND for a role without any key here. */
struct unlocked_source {
    const char *folder; /* of the key files */
    struct keyfile_owner owner;
    struct bytes passphrase; /* empty: nothing is unlocked */
    uint64_t now_s;
};
enum result unlocked_load(const struct unlocked_source *source, const struct card *own,
                          const struct unlocked *before, struct unlocked **unlocked,
                          struct error *error) RESULT_CHECKED;

/* A snapshot of these key pairs, which it takes over; at most UNLOCKED_MAX. */
enum result unlocked_new(struct keypair **keypairs, size_t count, struct unlocked **unlocked,
                         struct error *error) RESULT_CHECKED;

struct unlocked *unlocked_share(struct unlocked *unlocked); /* one more holder */
void unlocked_release(struct unlocked **unlocked);

/* Key files of the own card that wait for their passphrase. */
size_t unlocked_locked(const struct unlocked *unlocked);

/* The pair of a public key, when it is here; borrowed. */
const struct keypair *unlocked_find(const struct unlocked *unlocked, enum key_role role,
                                    const uint8_t public_key[KEY_PUBLIC_BYTES]);

#endif
