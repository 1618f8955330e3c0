/* The endpoints that the inbox is bound to, and the transport key that each of them serves: CURVE
 * has one server key a port. Unbinding is the one way to drop accepted connections, so they are
 * bound again after it. The inbox's thread. */
#ifndef COMESH_NODE_LINK_PORTS_H
#define COMESH_NODE_LINK_PORTS_H

#include "node/flow/own.h"

struct port {
    char wanted[ENDPOINT_MAX_BYTES];   /* as the configuration has it */
    char endpoint[ENDPOINT_MAX_BYTES]; /* as it is really bound, where the port was left open */
    uint8_t key[KEY_PUBLIC_BYTES];     /* that it serves while it is bound */
    bool bound;
};

/* Start with the router and nothing else. */
struct ports {
    void *router;
    struct port rows[CONFIG_BINDS_MAX];
    size_t count;
};

/* Our key that `bind` serves: of the transport keys which our card places at its port number, or,
 * when it places none there, at the card's own endpoint, the oldest that is valid. It stays until
 * its time is over, so that who knows it alone is not locked out. NULL when there is none. */
const struct keypair *port_key(const char *bind, const struct own *own);

/* Warns of a transport key that the card places at a port of its own which is not bound: partners
 * that try it there fall back to an older one, as long as there is one. */
void ports_check(const struct config *config, const struct card *own);

/* Binds all endpoints of the configuration, and proves at each that the gate is shut to strangers.
 * RESULT_DENIED when none of them has a key to serve. */
enum result ports_open(struct ports *ports, void *context, const struct config *config,
                       const struct own *own, struct error *error) RESULT_CHECKED;

/* Goes after configuration and keys: lets go of what is not wanted any more, or serves a key that
 * is over. What is to be bound, ports_rebind binds. */
void ports_follow(struct ports *ports, const struct config *config, const struct own *own);

/* Drops every accepted connection; what is queued stays. */
void ports_drop(struct ports *ports);

/* Binds what is not bound and has a key; false while a port is not free yet: libzmq's own thread
 * closes it some time after it was dropped. Never waits. */
bool ports_rebind(struct ports *ports, const struct own *own);

#endif
