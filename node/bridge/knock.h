/* A knock: the way to a partner without a node tried out step by step, over connections of its own
 * that end with it: name, TCP, TLS and both certificates, an answer of its server, and besides what
 * is agreed with it and what waits for it. Nothing is posted: its server is asked by GET, which
 * changes nothing there, and which an endpoint of the pattern answers with 405. */
#ifndef COMESH_NODE_BRIDGE_KNOCK_H
#define COMESH_NODE_BRIDGE_KNOCK_H

#include "node/flow/standing.h"
#include "node/flow/trying.h"

/* Begins; `asker` is woken when it is over. `queue` is how it stands with what is posted to it. */
enum result knock_start(struct flow *flow, struct text party, const struct standing *queue,
                        struct queue *asker, struct trying **trying,
                        struct error *error) RESULT_CHECKED;

#endif
