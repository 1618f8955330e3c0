/* Posts what is queued for partners without a node to their endpoints: a task with one poll loop,
 * one message of a partner at a time, in order. The journal is the queue; what the answers come to
 * is node/flow/posting.h's. */
#ifndef COMESH_NODE_BRIDGE_OUTBOUND_H
#define COMESH_NODE_BRIDGE_OUTBOUND_H

#include "node/flow/flow.h"
#include "node/flow/standing.h"

struct outbound_task;

/* RESULT_DENIED when others can read the client's key. */
enum result outbound_start(struct flow *flow, struct outbound_task **outbound,
                           struct error *error) RESULT_CHECKED;

/* After a commit. Any thread; cheap. */
void outbound_committed(struct outbound_task *outbound);

/* Cards or configuration have changed, or a person wants it tried now: nobody waits any longer. */
void outbound_reload(struct outbound_task *outbound);

/* Breaks off what is under way, which is posted again at the next start, then all goes. */
void outbound_stop(struct outbound_task **outbound);

/* How it stands with the partners: `outgoing` is "open", "waiting" (it is tried again), "broken"
 * (many failures in a row: seldom) or "held" (a person must look). At most `max` rows; returns the
 * count. Any thread. */
size_t outbound_status(struct outbound_task *outbound, struct standing *partners, size_t max);

#endif
