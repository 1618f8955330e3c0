/* Orders of the own side. See order.h. */
#include "node/flow/order.h"

#include "node/flow/append.h"
#include "node/flow/posting.h"

#include <stdlib.h>

struct order {
    struct work work;
    struct flow *flow;
    enum order_kind kind;
    uint32_t channel;
    uint64_t upto;
    order_finished *finished;
    void *self;
};

static enum result apply_take(const struct order *order, struct store *store,
                              const struct store_channel *channel, struct error *error)
{
    if (channel->direction != STORE_INCOMING || order->upto > channel->size) {
        return error_set(
            error, RESULT_INVALID, "channel %s: %llu entries cannot be taken of %llu incoming ones",
            channel->origin, (unsigned long long)order->upto,
            (unsigned long long)(channel->direction == STORE_INCOMING ? channel->size : 0));
    }
    if (order->upto <= channel->taken) {
        return RESULT_OK;
    }
    char partner[sizeof channel->partner];
    memcpy(partner, channel->partner, sizeof partner);
    enum result result = append_may(order->flow, text_of(partner), error);
    if (result == RESULT_OK) {
        result = store_append_taken(store, order->channel, order->upto,
                                    world_wall_ms(order->flow->world), error);
    }
    if (result == RESULT_OK) {
        const struct verdict verdict = {.has_taken = true, .taken = order->upto};
        result = append_verdict(order->flow, store, text_of(partner), &verdict, error);
    }
    return result;
}

static enum result order_apply(struct work *work, struct store *store, struct error *error)
{
    struct order *order = (struct order *)work;
    const struct store_channel *channel = store_channel(store, order->channel);
    if (channel == NULL) {
        return error_set(error, RESULT_NOT_FOUND, "there is no channel %u; see 'comesh status'",
                         order->channel);
    }
    if (order->kind == ORDER_TAKE) {
        return apply_take(order, store, channel, error);
    }
    if (order->kind == ORDER_GIVE_UP) {
        return posting_give_up(order->flow, store, order->channel, error);
    }
    return channel->held ? store_append_release(store, order->channel,
                                                world_wall_ms(order->flow->world), error)
                         : RESULT_OK;
}

static void order_finish(struct work *work)
{
    struct order *order = (struct order *)work;
    order->finished(order->self, work->result, &work->error);
    free(order);
}

enum result order_give(struct flow *flow, enum order_kind kind, uint32_t channel, uint64_t upto,
                       struct queue *home, order_finished *finished, void *self,
                       struct error *error)
{
    struct order *order = calloc(1, sizeof *order);
    if (order == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for an order");
    }
    order->work = (struct work){
        .home = home, .finish = order_finish, .apply = order_apply, .weight = ENTRY_MAX_BYTES};
    order->flow = flow;
    order->kind = kind;
    order->channel = channel;
    order->upto = upto;
    order->finished = finished;
    order->self = self;
    writer_submit(flow->writer, &order->work);
    return RESULT_OK;
}
