/* The control socket: how the command `comesh` speaks with a running node. A UNIX socket, mode
 * 0600, for the node's own user and root; msgpack frames (wire.h). One task serves all clients; it
 * never waits for a client or for the store. */
#ifndef COMESH_NODE_CONTROL_CONTROL_H
#define COMESH_NODE_CONTROL_CONTROL_H

#include "node/flow/flow.h"

struct control;

/* How a partner's lanes stand. */
struct control_partner {
    char party[PARTY_MAX_BYTES];
    const char *outgoing; /* "open", "connecting", … : our channel to them */
    const char *incoming; /* their channel to us */
    uint64_t sent;
    uint64_t receipted;
    uint64_t in_flight_bytes;
    uint64_t credit;
    int64_t clock_ahead_ms;
    uint64_t last_heard_ms; /* 0 never */
    char trouble[256];
};

/* What the socket needs of the rest of the node. */
struct control_node {
    struct flow *flow;
    /* The partners' lanes, as node/link tells them; at most `max` rows. */
    size_t (*partners)(void *self, struct control_partner *partners, size_t max);
    /* Reads cards and configuration again; any thread. */
    enum result (*reload)(void *self, struct error *error);
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
