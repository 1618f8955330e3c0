/* Tells the own systems what has arrived: posts events to the configured webhooks, signed. A task
 * with one poll loop, one event of a webhook at a time, in the order of the channels. */
#ifndef COMESH_NODE_BRIDGE_NOTIFY_H
#define COMESH_NODE_BRIDGE_NOTIFY_H

#include "node/flow/flow.h"

struct notify;

/* A node without webhooks has the task all the same, and one may come with a reload. */
enum result notify_start(struct flow *flow, struct notify **notify,
                         struct error *error) RESULT_CHECKED;

/* After a commit. Any thread; cheap. */
void notify_committed(struct notify *notify);

/* The configuration has changed, or a replay was ordered. Any thread. */
void notify_reload(struct notify *notify);

void notify_stop(struct notify **notify);

#endif
