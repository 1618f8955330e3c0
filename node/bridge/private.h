/* The private listener: what a party's own national system speaks with. On loopback or a UNIX
 * socket, with bearer tokens that have roles. One task; its handlers share a store reader. */
#ifndef COMESH_NODE_BRIDGE_PRIVATE_H
#define COMESH_NODE_BRIDGE_PRIVATE_H

#include "node/bridge/bridge.h"

struct private;

/* Starts it as the configuration says; gives NULL when it is not configured. */
enum result private_start(const struct bridge_node *node, struct private **private,
                          struct error *error) RESULT_CHECKED;

/* Wakes those who wait for events. Any thread; cheap. NULL is harmless. */
void private_committed(struct private *private);

void private_stop(struct private **private);

#endif
