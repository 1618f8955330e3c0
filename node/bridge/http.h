/* One HTTP listener: a task with one poll loop around libmicrohttpd, which runs in that loop and
 * has no thread. Handlers never wait: a request that waits for a commit is suspended and resumed in
 * the same thread. The limits of HTTP are kept here, so that a slow, broken or oversized client
 * costs bounded memory; who may ask what is the service's. */
#ifndef COMESH_NODE_BRIDGE_HTTP_H
#define COMESH_NODE_BRIDGE_HTTP_H

#include "node/bridge/exchange.h"
#include "node/bridge/http_certificate.h"
#include "node/core/metrics.h"
#include "node/core/queue.h"
#include "node/core/world.h"

struct http_listener;

/* What a listener serves. All functions run in its task; `self` is the service's. */
struct http_service {
    const struct routes *routes;
    /* Before the first request and after the last; what is handed to the writer comes home to
     * `home`, which the listener takes. May be NULL. */
    enum result (*begin)(void *self, struct queue *home, struct error *error);
    void (*end)(void *self);
    /* Whether the request may come in at all (Host, who asks, what the route needs), before its
     * body is read. Sets the caller, or answers with a refusal. */
    void (*admit)(struct exchange *exchange);
    /* An exchange ends whose `state` is set: its client went away, or the answer is sent. May be
     * NULL. */
    void (*abandon)(struct exchange *exchange);
    /* Called each turn of the loop, for answers that wait; gives the milliseconds until it wants to
     * be called again, -1 for when something happens. May be NULL. */
    int (*turn)(void *self, bool stopping);
    /* Whether something that clients left behind is still with the writer: it comes home to the
     * listener, which waits for it when it stops. May be NULL. */
    bool (*is_busy)(const void *self);
};

struct http_options {
    const char *name; /* of the task and in the log, at most 15 characters */
    int listen_fd;    /* listening, non-blocking; the listener takes it over, also on failure */
    unsigned connections_max;
    unsigned connections_per_address; /* 0: as many as there may be */
    /* Connections a second that one address may begin before a client on them is known; 0: any. Who
     * is refused unknown loses its connection then. */
    uint64_t strangers_per_second;
    const char *priorities;         /* of TLS, as GnuTLS writes them; NULL: plain */
    struct http_certificate *shown; /* with TLS; the listener takes it over, also on failure */
    const struct http_service *service;
    void *self;
    const struct world *world;
    struct metrics *metrics;
};

enum result http_start(const struct http_options *options, struct http_listener **listener,
                       struct error *error) RESULT_CHECKED;

/* Wakes the loop, so that the service's turn is called. Any thread; cheap. */
void http_wake(struct http_listener *listener);

/* Shows another certificate from now on, which the listener takes over. Any thread. */
void http_show(struct http_listener *listener, struct http_certificate **certificate);

/* Refuses new requests with 503, answers those under way, closes. */
void http_stop(struct http_listener **listener);

#endif
