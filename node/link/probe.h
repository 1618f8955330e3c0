/* A probe: the way to a partner tried out step by step, over a connection of its own that ends with
 * it: name, TCP, CURVE, admission, hello, clock. While a lane with the partner is open the probe
 * shakes hands and says nothing, for a hello would take the lane's place at the partner; what the
 * lane knows is told instead. */
#ifndef COMESH_NODE_LINK_PROBE_H
#define COMESH_NODE_LINK_PROBE_H

#include "node/flow/trying.h"
#include "node/link/board.h"

/* Begins; `asker` is woken when it is over. */
enum result probe_start(void *context, struct flow *flow, struct board *board, struct text party,
                        struct queue *asker, struct trying **trying,
                        struct error *error) RESULT_CHECKED;

#endif
