/* The writer task. See writer.h. */
#include "node/store/writer.h"

#include "node/core/task.h"

#include <poll.h>
#include <stdlib.h>

#define LINES         64 /* owners share one when they are more */
#define IDLE_AFTER_MS 1
#define IDLE_TURN_MS  1000 /* while idle, for what the store tries again */

/* Works in their order. */
struct line {
    struct queue_node *first;
    struct queue_node *last;
};

struct writer {
    struct store *store;
    struct writer_watch watch;
    struct queue queue;
    struct line lines[LINES]; /* what was taken from the queue, by owner */
    size_t next;              /* whose turn it is */
    struct task *task;
};

static struct work *work_of(struct queue_node *node)
{
    return (struct work *)node; /* the node is its first member */
}

/* ---- lines ---- */

static void line_put(struct line *line, struct queue_node *node)
{
    node->next = NULL;
    if (line->first == NULL) {
        line->first = node;
    } else {
        line->last->next = node;
    }
    line->last = node;
}

static struct queue_node *line_take(struct line *line)
{
    struct queue_node *node = line->first;
    if (node != NULL) {
        line->first = node->next;
    }
    return node;
}

static struct line *line_of(struct writer *writer, const struct work *work)
{
    const void *owner = work->owner == NULL ? work->home : work->owner;
    uint64_t spread = (uint64_t)(uintptr_t)owner * UINT64_C(0x9e3779b97f4a7c15);
    return &writer->lines[spread >> 32 & (LINES - 1)];
}

/* Puts what was submitted in line. */
static void line_up(struct writer *writer)
{
    struct queue_node *node = queue_take(&writer->queue);
    while (node != NULL) {
        struct queue_node *next = node->next;
        line_put(line_of(writer, work_of(node)), node);
        node = next;
    }
}

/* The next work: one of each line in turn. NULL when there is none. */
static struct queue_node *take_turn(struct writer *writer)
{
    for (size_t i = 0; i < LINES; i++) {
        struct queue_node *node = line_take(&writer->lines[writer->next]);
        writer->next = (writer->next + 1) % LINES;
        if (node != NULL) {
            return node;
        }
    }
    return NULL;
}

/* ---- a batch ---- */

static void take_all(struct writer *writer, struct line *batch)
{
    for (struct queue_node *node = take_turn(writer); node != NULL; node = take_turn(writer)) {
        line_put(batch, node);
    }
}

/* Applies works until the batch has its weight, or there are no more. */
static void apply_works(struct writer *writer, struct line *batch)
{
    size_t weight = 0;
    while (weight < WRITER_BATCH_BYTES) {
        struct queue_node *node = take_turn(writer);
        if (node == NULL) {
            return;
        }
        struct work *work = work_of(node);
        work->result = work->apply(work, writer->store, &work->error);
        weight += work->weight;
        line_put(batch, node);
    }
}

static void fail_works(const struct line *batch, const struct error *error)
{
    for (struct queue_node *node = batch->first; node != NULL; node = node->next) {
        work_of(node)->result = error->code;
        work_of(node)->error = *error;
    }
}

/* From here on a work is its owner's again. */
static void send_home(struct line *batch)
{
    for (struct queue_node *node = line_take(batch); node != NULL; node = line_take(batch)) {
        queue_put(work_of(node)->home, node);
    }
}

/* What is written is committed. Documents are made into pushes while the disk syncs; verdicts are
 * in no hurry, and whoever sends them is not woken beside the receipt. */
static enum result commit(struct writer *writer, enum store_speech speech, struct error *error)
{
    if (speech == STORE_DOCUMENTS) {
        writer->watch.written(writer->watch.self);
    }
    enum result result = store_commit(writer->store, error);
    if (result == RESULT_OK) {
        writer->watch.committed(writer->watch.self);
    }
    return result;
}

/* One batch. When it fails all its works do, those that were refused too: what they were refused
 * for may have been in the batch. */
static void commit_batch(struct writer *writer)
{
    struct error error;
    struct line batch = {0};
    enum store_speech speech = STORE_SILENT;
    enum result result = store_begin(writer->store, &error);
    if (result == RESULT_OK) {
        apply_works(writer, &batch);
        result = store_write(writer->store, &error);
    } else {
        take_all(writer, &batch);
    }
    if (result == RESULT_OK) {
        speech = store_speech(writer->store);
        result = commit(writer, speech, &error);
    }
    if (result != RESULT_OK) {
        fail_works(&batch, &error);
    }
    send_home(&batch);
    if (result == RESULT_OK && speech == STORE_VERDICTS) {
        writer->watch.written(writer->watch.self);
    }
}

static bool has_works(const struct writer *writer)
{
    for (size_t i = 0; i < LINES; i++) {
        if (writer->lines[i].first != NULL) {
            return true;
        }
    }
    return false;
}

static void wake(void *self)
{
    struct writer *writer = self;
    queue_wake(&writer->queue);
}

/* Waits for work; without any for a moment, the views follow the journal, and the store prepares
 * for what will come. Before that they follow for a reader that waits for them. */
static void rest(struct writer *writer)
{
    struct pollfd polled = {.fd = writer->queue.wake_fd, .events = POLLIN};
    if (store_is_awaited(writer->store)) {
        store_settle(writer->store);
    }
    if (poll(&polled, 1, IDLE_AFTER_MS) == 0) {
        store_settle(writer->store);
        store_idle(writer->store);
        (void)poll(&polled, 1, IDLE_TURN_MS);
    }
}

static void writer_body(struct task *task, void *state)
{
    struct writer *writer = state;
    task_started(task, RESULT_OK, NULL);
    for (;;) {
        /* Asked before the queue is taken, so that what was submitted before the stop is seen. */
        bool stopping = task_stopping(task);
        line_up(writer);
        if (has_works(writer)) {
            commit_batch(writer);
        } else if (stopping) {
            store_settle(writer->store);
            return;
        } else {
            rest(writer);
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
    store_on_wait(store, wake, made);
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
    store_on_wait(old->store, NULL, NULL);
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
