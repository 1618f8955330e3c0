/* The control socket: how the command `comesh` speaks with a running node. A UNIX socket, mode
 * 0600, for the node's own user and root; msgpack frames (wire.h). One task serves all clients; it
 * never waits for a client or for the store. */
#ifndef COMESH_NODE_CONTROL_CONTROL_H
#define COMESH_NODE_CONTROL_CONTROL_H

#include "node/flow/reconcile.h"
#include "node/flow/standing.h"
#include "node/flow/trying.h"

struct control;

/* What the socket needs of the rest of the node. */
struct control_node {
    struct flow *flow;
    standing_read *partners;
    /* Asks a partner what it holds; takes the answer, a `holds` frame, RESULT_BUSY until it is
     * there; forgets a question. As node/link has them; `asker` is woken by the answer. */
    enum result (*ask)(void *self, const struct question *question, struct queue *asker,
                       uint64_t *number, struct error *error);
    enum result (*answer)(void *self, uint64_t number, struct buffer *answer, struct error *error);
    void (*forget)(void *self, uint64_t number);
    /* Tries out the way to a partner, see trying.h; `asker` is woken when it is over. */
    enum result (*try)(void *self, struct text party, struct queue *asker, struct trying **trying,
                       struct error *error);
    /* Reads cards and configuration again, and unlocks new keys of ours with the passphrase, which
     * may be empty; tells how many stay locked. Any thread. */
    enum result (*reload)(void *self, struct bytes passphrase, size_t *locked, struct error *error);
    /* A person let a held channel go on: its lane is tried again at once. Any thread. */
    void (*released)(void *self);
    /* Asks the process to stop in order; any thread. */
    void (*stop)(void *self);
    void *self;
};

enum result control_start(const struct control_node *node, struct control **control,
                          struct error *error) RESULT_CHECKED;
/* Wakes those who wait for receipts, after a commit. Any thread; cheap. */
void control_committed(struct control *control);

void control_stop(struct control **control);

#endif
