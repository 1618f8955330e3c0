/* The HTTP side of a node, as comeshd sees it: the listeners that are configured. */
#ifndef COMESH_NODE_BRIDGE_BRIDGE_H
#define COMESH_NODE_BRIDGE_BRIDGE_H

#include "node/bridge/http_certificate.h"
#include "node/flow/flow.h"
#include "node/flow/standing.h"
#include "node/flow/trying.h"

struct bridge;

/* What the bridge needs of the rest of the node. */
struct bridge_node {
    struct flow *flow;
    standing_read *partners;
    void *self; /* of these functions */
};

/* Starts what is configured; a bridge without listeners is fine. */
enum result bridge_start(const struct bridge_node *node, struct bridge **bridge,
                         struct error *error) RESULT_CHECKED;

/* After a commit: wakes those who wait for events. Any thread; cheap. */
void bridge_committed(struct bridge *bridge);

/* Reads the certificate and key that the public listener is to show by that configuration; NULL
 * when it has none. Any thread. */
enum result bridge_certificate(const struct config *config, struct http_certificate **certificate,
                               struct error *error) RESULT_CHECKED;

/* Cards or configuration have changed. The public listener shows `*certificate` from now on and
 * takes it over; NULL, and it is the one of before. Any thread. */
void bridge_reload(struct bridge *bridge, struct http_certificate **certificate);

/* How it stands with the partners without a node: at most `max` rows; returns the count. Any
 * thread. */
size_t bridge_partners(struct bridge *bridge, struct standing *partners, size_t max);

/* Tries out the way to a partner without a node (knock.h); `asker` is woken when it is over. Ended
 * before the bridge is stopped. */
enum result bridge_knock(struct bridge *bridge, struct text party, struct queue *asker,
                         struct trying **trying, struct error *error) RESULT_CHECKED;

/* Answers what is under way, then all goes. NULL is harmless. */
void bridge_stop(struct bridge **bridge);

#endif
