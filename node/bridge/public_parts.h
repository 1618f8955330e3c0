/* What the files of the public listener share. For public*.c alone. */
#ifndef COMESH_NODE_BRIDGE_PUBLIC_PARTS_H
#define COMESH_NODE_BRIDGE_PUBLIC_PARTS_H

#include "node/bridge/http.h"
#include "node/bridge/pace.h"
#include "node/bridge/public.h"
#include "node/bridge/send.h"

struct public
{
    struct flow *flow;
    struct http_listener *listener;
    struct queue *home;
    struct store_reader *reader;
    struct idempotency keys;
    struct pace pace;
};

static inline struct public *public_of(const struct exchange *exchange)
{
    return exchange->self;
}

/* ---- public_admit.c ---- */

/* Host, then client certificate; the caller is the party then. */
void public_admit(struct exchange *exchange);

/* ---- public_post.c ---- */

route_answer public_post;

#endif
