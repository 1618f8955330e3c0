/* Orders of the own side about a channel: its national system has taken the entries up to here, or
 * a person lets a held channel go on. Committed by the writer like everything else. */
#ifndef COMESH_NODE_FLOW_ORDER_H
#define COMESH_NODE_FLOW_ORDER_H

#include "node/flow/flow.h"

enum order_kind {
    ORDER_TAKE,    /* an incoming channel is taken below `upto`; the partner is told by verdict */
    ORDER_RELEASE, /* a held channel goes on */
    ORDER_GIVE_UP, /* it goes on without the message that a REST-only partner refused */
};

/* Called in the owner's thread when the order is committed or failed; result OK when it was in
 * force before. */
typedef void order_finished(void *self, enum result result, const struct error *error);

/* RESULT_NO_MEMORY when it could not be given. RESULT_NOT_FOUND comes back for an unknown channel,
 * RESULT_INVALID for a position beyond its end or an order that does not fit its direction,
 * RESULT_UNAVAILABLE while our channel to that partner is behind. */
enum result order_give(struct flow *flow, enum order_kind kind, uint32_t channel, uint64_t upto,
                       struct queue *home, order_finished *finished, void *self,
                       struct error *error) RESULT_CHECKED;

#endif
