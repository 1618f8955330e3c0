/* The writer task. See writer.h. */
#include "node/store/writer.h"

#include "node/core/task.h"

#include <poll.h>
#include <stdlib.h>

struct writer {
    struct store *store;
    struct writer_watch watch;
    struct queue queue;
    struct task *task;
};

static struct work *work_of(struct queue_node *node)
{
    return (struct work *)node; /* the node is its first member */
}

/* Applies works from `first` on until the batch has its weight; gives the first one left over. */
static struct queue_node *apply_works(struct writer *writer, struct queue_node *first)
{
    size_t weight = 0;
    struct queue_node *node = first;
    for (; node != NULL && weight < WRITER_BATCH_BYTES; node = node->next) {
        struct work *work = work_of(node);
        work->result = work->apply(work, writer->store, &work->error);
        weight += work->weight;
    }
    return node;
}

static void fail_works(struct queue_node *first, const struct queue_node *end,
                       const struct error *error)
{
    for (struct queue_node *node = first; node != end; node = node->next) {
        work_of(node)->result = error->code;
        work_of(node)->error = *error;
    }
}

/* From here on a work is its owner's again. */
static void send_home(struct queue_node *first, const struct queue_node *end)
{
    while (first != end) {
        struct queue_node *node = first;
        first = node->next;
        queue_put(work_of(node)->home, node);
    }
}

/* One batch. When it fails all its works do, those that were refused too: what they were refused
 * for may have been in the batch. Gives the first work left over. */
static struct queue_node *commit_batch(struct writer *writer, struct queue_node *first)
{
    struct error error;
    struct queue_node *end = NULL;
    enum result result = store_begin(writer->store, &error);
    if (result == RESULT_OK) {
        end = apply_works(writer, first);
        result = store_write(writer->store, &error);
    }
    if (result == RESULT_OK) {
        if (store_speaks(writer->store)) {
            writer->watch.written(writer->watch.self);
        }
        result = store_commit(writer->store, &error);
    }
    if (result != RESULT_OK) {
        fail_works(first, end, &error);
    }
    send_home(first, end);
    if (result == RESULT_OK) {
        writer->watch.committed(writer->watch.self);
        store_settle(writer->store);
    }
    return end;
}

static void writer_body(struct task *task, void *state)
{
    struct writer *writer = state;
    task_started(task, RESULT_OK, NULL);
    for (;;) {
        /* Asked before the queue is taken, so that what was submitted before the stop is seen. */
        bool stopping = task_stopping(task);
        struct queue_node *node = queue_take(&writer->queue);
        if (node == NULL && stopping) {
            return;
        }
        if (node == NULL) {
            store_idle(writer->store);
            struct pollfd wake = {.fd = writer->queue.wake_fd, .events = POLLIN};
            (void)poll(&wake, 1, -1);
        }
        while (node != NULL) {
            node = commit_batch(writer, node);
        }
    }
}

enum result writer_start(struct store *store, const struct writer_watch *watch,
                         struct writer **writer, struct error *error)
{
    *writer = NULL;
    struct writer *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to start the writer");
    }
    made->store = store;
    made->watch = *watch;
    enum result result = queue_init(&made->queue, error);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    result = task_start("writer", writer_body, made, &made->task, error);
    if (result != RESULT_OK) {
        queue_close(&made->queue);
        free(made);
        return result;
    }
    *writer = made;
    return RESULT_OK;
}

void writer_submit(struct writer *writer, struct work *work)
{
    queue_put(&writer->queue, &work->node);
}

void writer_stop(struct writer **writer)
{
    struct writer *old = *writer;
    *writer = NULL;
    if (old == NULL) {
        return;
    }
    task_ask_stop(old->task, old->queue.wake_fd);
    task_join(&old->task);
    queue_close(&old->queue);
    free(old);
}

void work_finish_all(struct queue *home)
{
    struct queue_node *node = queue_take(home);
    while (node != NULL) {
        struct work *work = work_of(node);
        node = node->next;
        work->finish(work);
    }
}
