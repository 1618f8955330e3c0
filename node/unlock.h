/* The secret keys of a node, unlocked at its start and at each reload. The passphrase is not kept:
 * who reads the memory of a node gets the keys that it works with, and not what opens the others.
 */
#ifndef COMESH_NODE_UNLOCK_H
#define COMESH_NODE_UNLOCK_H

#include "node/flow/flow.h"

/* The keys of the card `own`: those that the flow holds stay, new ones need the passphrase; with an
 * empty one it is the systemd credential, where there is one. What stays locked is logged. */
enum result unlock_new(struct flow *flow, const struct card *own, struct bytes passphrase,
                       struct unlocked **unlocked, struct error *error) RESULT_CHECKED;

/* At the start, into the flow: the passphrase from the descriptor when that is not negative, else
 * from the systemd credential or the terminal. */
enum result unlock_start(struct flow *flow, int passphrase_fd, struct error *error) RESULT_CHECKED;

#endif
