/* A probe: the way to a partner tried out step by step, over a connection of its own that ends with
 * it: name, TCP, CURVE, admission, hello, clock. A task of its own, so that nobody waits for the
 * network. While a lane with the partner is open the probe shakes hands and says nothing, for a
 * hello would take the lane's place at the partner; what the lane knows is told instead. */
#ifndef COMESH_NODE_LINK_PROBE_H
#define COMESH_NODE_LINK_PROBE_H

#include "node/flow/trial.h"
#include "node/link/board.h"

struct probe;

/* Begins; `asker` is woken when it is over. */
enum result probe_start(void *context, struct flow *flow, struct board *board, const char *party,
                        struct queue *asker, struct probe **probe,
                        struct error *error) RESULT_CHECKED;

bool probe_is_done(const struct probe *probe);

/* When it is done. */
const struct trial *probe_trial(const struct probe *probe);

/* At any time; one that is under way is stopped. NULL is harmless. */
void probe_end(struct probe **probe);

#endif
