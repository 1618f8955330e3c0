/* A card that a channel carries: the sender says with it, under a checkpoint of the key it had, by
 * which keys it goes on. It is taken before the push that brings it is receipted, so that whoever
 * has the receipt may use the new keys at once. Runs in the writer task. */
#ifndef COMESH_NODE_FLOW_CARRIED_H
#define COMESH_NODE_FLOW_CARRIED_H

#include "node/flow/flow.h"

/* Takes the card of `partner` into the directory, with the same right as one that came over the
 * lane: the same identity and a higher serial. One that may not be taken is told in the log and has
 * no effect; an error is a failure of ours. */
enum result carried_take(struct flow *flow, const char *partner, const struct card *card,
                         struct error *error) RESULT_CHECKED;

#endif
