/* The HTTP side of a node. See bridge.h. */
#include "node/bridge/bridge.h"

#include "node/bridge/knock.h"
#include "node/bridge/notify.h"
#include "node/bridge/outbound.h"
#include "node/bridge/private.h"
#include "node/bridge/public.h"

#include <stdio.h>
#include <stdlib.h>

struct bridge {
    struct flow *flow;
    struct private *private;
    struct public *public;
    struct outbound_task *outbound;
    struct notify *notify;
};

enum result bridge_start(const struct bridge_node *node, struct bridge **bridge,
                         struct error *error)
{
    struct bridge *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the bridge");
    }
    made->flow = node->flow;
    enum result result = outbound_start(node->flow, &made->outbound, error);
    if (result == RESULT_OK) {
        result = private_start(node, &made->private, error);
    }
    if (result == RESULT_OK) {
        result = public_start(node->flow, &made->public, error);
    }
    if (result == RESULT_OK) {
        result = notify_start(node->flow, &made->notify, error);
    }
    if (result != RESULT_OK) {
        bridge_stop(&made);
        return result;
    }
    *bridge = made;
    return RESULT_OK;
}

void bridge_committed(struct bridge *bridge)
{
    private_committed(bridge->private);
    outbound_committed(bridge->outbound);
    notify_committed(bridge->notify);
}

enum result bridge_certificate(const struct config *config, struct http_certificate **certificate,
                               struct error *error)
{
    return public_certificate(config, certificate, error);
}

void bridge_reload(struct bridge *bridge, struct http_certificate **certificate)
{
    public_show(bridge->public, certificate);
    outbound_reload(bridge->outbound);
    notify_reload(bridge->notify);
}

size_t bridge_partners(struct bridge *bridge, struct standing *partners, size_t max)
{
    return outbound_status(bridge->outbound, partners, max);
}

enum result bridge_knock(struct bridge *bridge, struct text party, struct queue *asker,
                         struct trying **trying, struct error *error)
{
    struct standing rows[STANDINGS_MAX];
    char name[PARTY_MAX_BYTES];
    size_t count = outbound_status(bridge->outbound, rows, STANDINGS_MAX);
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARGS(party));
    return knock_start(bridge->flow, party, standing_of(rows, count, name), asker, trying, error);
}

void bridge_stop(struct bridge **bridge)
{
    if (*bridge != NULL) {
        public_stop(&(*bridge)->public);
        private_stop(&(*bridge)->private);
        notify_stop(&(*bridge)->notify);
        outbound_stop(&(*bridge)->outbound);
        free(*bridge);
        *bridge = NULL;
    }
}
