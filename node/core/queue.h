/* A mailbox: many threads put, one thread takes all at once. Lock-free (one exchange each way);
 * an eventfd wakes the taker's poll. Nodes are intrusive and never copied. */
#ifndef COMESH_NODE_CORE_QUEUE_H
#define COMESH_NODE_CORE_QUEUE_H

#include "proto/err.h"

#include <stdatomic.h>
#include <stdbool.h>

struct queue_node {
    struct queue_node *next;
};

struct queue {
    _Atomic(struct queue_node *) head; /* newest first */
    int wake_fd;                       /* eventfd, for the taker's poll */
};

enum result queue_init(struct queue *queue, struct error *error) RESULT_CHECKED;
void queue_close(struct queue *queue); /* does not free nodes */

/* Any thread. Wakes the taker only when the queue was empty. */
void queue_put(struct queue *queue, struct queue_node *node);

/* Only wakes the taker, with nothing put. */
void queue_wake(struct queue *queue);

/* The taker: all nodes that are there, oldest first, and clears the wake-up; NULL when none. */
struct queue_node *queue_take(struct queue *queue);

#endif
