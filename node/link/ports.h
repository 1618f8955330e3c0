/* The endpoints that the inbox is bound to. Unbinding is the one way to drop accepted connections,
 * so they are bound again after it. The inbox's thread. */
#ifndef COMESH_NODE_LINK_PORTS_H
#define COMESH_NODE_LINK_PORTS_H

#include "node/core/config.h"

struct port {
    char endpoint[ENDPOINT_MAX_BYTES]; /* as it is really bound, where the port was left open */
    bool bound;
};

/* Start with the router and nothing else. */
struct ports {
    void *router;
    struct port rows[CONFIG_BINDS_MAX];
    size_t count;
};

/* Binds all endpoints of the configuration, and proves at each that the gate, asked for a server
 * of `key`, is shut to strangers. */
enum result ports_open(struct ports *ports, void *context, const struct config *config,
                       const struct keypair *key, struct error *error) RESULT_CHECKED;

/* Drops every accepted connection; what is queued stays. */
void ports_drop(struct ports *ports);

/* Binds again what was dropped; false while a port is not free yet: libzmq's own thread closes it
 * some time after ports_drop. Never waits. */
bool ports_rebind(struct ports *ports);

#endif
