/* The inside of a probe, shared by its parts: probe.c has its life and the hello, probe_way.c the
 * way there. Used by these alone; the probe's own thread. */
#ifndef COMESH_NODE_LINK_PROBE_PARTS_H
#define COMESH_NODE_LINK_PROBE_PARTS_H

#include "node/core/task.h"
#include "node/link/lookup.h"
#include "node/link/monitor.h"
#include "node/link/probe.h"

#include <zmq.h>

#define PROBE_STEP_MS 5000 /* of one step */

struct probe {
    void *context;
    struct flow *flow;
    struct queue *asker;
    struct task *task;
    struct task *running; /* the same, as the task itself knows it */
    struct queue home;    /* wakes the probe: a look-up is done, or it is to stop */
    struct link_partner lane;
    char party[PARTY_MAX_BYTES];
    struct directory *directory;
    const struct card *card;
    char endpoint[ENDPOINT_MAX_BYTES]; /* of the card */
    char address[ENDPOINT_MAX_BYTES];  /* that answered */
    struct trial trial;
    atomic_bool done;
};

/* Waits until the item is ready; false after PROBE_STEP_MS, and when the probe is to stop. */
bool probe_await(struct probe *probe, zmq_pollitem_t item);

/* Where the endpoint of the card leads; false when it leads nowhere. */
bool probe_name(struct probe *probe, struct lookup **lookup);

/* The first address at which somebody answers. */
bool probe_tcp(struct probe *probe, const struct lookup *lookup);

/* Tries the keys of the card one after the other; gives the DEALER when we are admitted. */
void *probe_handshake(struct probe *probe, const struct keypair *own, uint64_t now_s,
                      struct monitor *monitor);

#endif
