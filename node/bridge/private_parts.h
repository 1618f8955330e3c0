/* What the handlers of the private listener share: the flow, the reader of its task, and who may
 * come in. For private*.c and the files of its routes alone. */
#ifndef COMESH_NODE_BRIDGE_PRIVATE_PARTS_H
#define COMESH_NODE_BRIDGE_PRIVATE_PARTS_H

#include "keys/token.h"
#include "node/bridge/http.h"
#include "node/bridge/idempotency.h"
#include "node/bridge/jot.h"
#include "node/bridge/pace.h"
#include "node/bridge/private.h"
#include "node/bridge/send.h"

#include <sys/stat.h>

struct waiting;

struct private
{
    struct bridge_node node;
    struct flow *flow;
    struct http_listener *listener;
    struct queue *home;
    struct store_reader *reader;
    bool checks_host; /* on loopback: a browser that was led here by a foreign name is refused */
    char tokens_path[CONFIG_PATH_BYTES];
    struct tokens tokens;
    struct stat tokens_seen; /* of the file that they were read from */
    struct idempotency keys;
    struct pace pace;
    size_t left_behind;    /* batches whose client went away, with groups in the writer */
    struct waiting *waits; /* for events */
    atomic_bool has_waits;
    atomic_bool committed; /* since the waits were looked at */
};

static inline struct private *private_of(const struct exchange *exchange)
{
    return exchange->self;
}

extern const struct routes private_routes;

/* ---- private_admit.c ---- */

void private_admit(struct exchange *exchange);

/* ---- send.c: one document ---- */

route_answer send_answer;

/* The members of the receipt of commit: what was committed, where and when. That of a message that
 * was held before is read from the store: the first answer and all later ones are the same. */
enum result send_receipt(struct private *private, enum operation operation,
                         const struct submit_answer *answer, struct arena *arena, struct jot *jot,
                         struct error *error) RESULT_CHECKED;

/* ---- batch.c: many documents ---- */

route_take batch_take;
route_answer batch_answer;
void batch_abandon(struct exchange *exchange);
bool batch_is_busy(const void *private);

/* ---- health.c ---- */

route_answer health_live;
route_answer health_ready;
route_answer health_metrics;

#endif
