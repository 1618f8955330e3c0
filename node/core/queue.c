/* The mailbox. See queue.h. */
#include "node/core/queue.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum result queue_init(struct queue *queue, struct error *error)
{
    atomic_init(&queue->head, NULL);
    queue->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (queue->wake_fd < 0) {
        return error_system(error, errno, "queue: eventfd for the wake-up");
    }
    return RESULT_OK;
}

void queue_close(struct queue *queue)
{
    if (queue->wake_fd >= 0) {
        (void)close(queue->wake_fd);
        queue->wake_fd = -1;
    }
}

/* Fails only when the counter is full, and then the taker is awake. */
void queue_wake(struct queue *queue)
{
    eventfd_t one = 1;
    (void)eventfd_write(queue->wake_fd, one);
}

void queue_put(struct queue *queue, struct queue_node *node)
{
    struct queue_node *before = atomic_load_explicit(&queue->head, memory_order_relaxed);
    do {
        node->next = before;
    } while (!atomic_compare_exchange_weak_explicit(&queue->head, &before, node,
                                                    memory_order_release, memory_order_relaxed));
    if (before == NULL) {
        queue_wake(queue);
    }
}

/* The wake-up is cleared before the nodes are taken: what is put in between wakes once too often
 * and never once too few. */
struct queue_node *queue_take(struct queue *queue)
{
    eventfd_t count;
    (void)eventfd_read(queue->wake_fd, &count);
    struct queue_node *newest = atomic_exchange_explicit(&queue->head, NULL, memory_order_acquire);
    struct queue_node *oldest = NULL;
    while (newest != NULL) {
        struct queue_node *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}
