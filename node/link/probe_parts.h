/* The inside of a probe, shared by its parts: probe.c has its life and the hello, probe_way.c the
 * way there. Used by these alone; the probe's own thread. */
#ifndef COMESH_NODE_LINK_PROBE_PARTS_H
#define COMESH_NODE_LINK_PROBE_PARTS_H

#include "node/link/lookup.h"
#include "node/link/monitor.h"
#include "node/link/probe.h"

#include <zmq.h>

struct probe {
    struct trying trying;
    void *context;
    struct link_partner lane;
    const struct card *card;
    char endpoint[ENDPOINT_MAX_BYTES]; /* of the card */
    char address[ENDPOINT_MAX_BYTES];  /* that answered */
};

/* Waits until the item is ready; false after TRYING_STEP_MS, and when the probe is to stop. */
bool probe_await(struct probe *probe, zmq_pollitem_t item);

/* Where the endpoint of the card leads; false when it leads nowhere. */
bool probe_name(struct probe *probe, struct lookup **lookup);

/* The first address at which somebody answers. */
bool probe_tcp(struct probe *probe, const struct lookup *lookup);

/* Tries the keys of the card one after the other; gives the DEALER when we are admitted. */
void *probe_handshake(struct probe *probe, const struct keypair *own, uint64_t now_s,
                      struct monitor *monitor);

#endif
