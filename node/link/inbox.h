/* The inbox: one ROUTER, bound to all endpoints of the configuration, that partners dial. A task of
 * its own; what is not said here is for any thread. */
#ifndef COMESH_NODE_LINK_INBOX_H
#define COMESH_NODE_LINK_INBOX_H

#include "node/link/gate.h"
#include "node/link/lane.h"

struct inbox;

/* Binds, and proves at every endpoint that the gate is shut to strangers, before it reads. */
enum result inbox_start(void *context, struct flow *flow, struct gate *gate, struct board *board,
                        struct desk *desk, struct inbox **inbox,
                        struct error *error) RESULT_CHECKED;

/* What its lanes share, for those who wake it. */
struct lane_host *inbox_host(struct inbox *inbox);

/* The directory changed. */
void inbox_reload(struct inbox *inbox);

/* Stops in order: credit 0, what is in the writer comes home, sockets. NULL is harmless. */
void inbox_stop(struct inbox **inbox);

#endif
