/* The task that posts to partners without a node. See outbound.h. */
#include "node/bridge/outbound.h"

#include "node/bridge/mailbox.h"
#include "node/core/log.h"
#include "node/core/task.h"

#include <stdio.h>
#include <stdlib.h>

#define PARTNERS_MAX 64
#define TICK_MS      1000

struct outbound_task {
    struct flow *flow;
    struct task *task;
    struct queue home;
    struct store_reader *reader;
    struct calls *calls;
    struct mailbox *boxes[PARTNERS_MAX];
    _Atomic size_t count; /* a commit wakes the task only when there are any */
    uint64_t tick_ms;
    atomic_bool reload;
    pthread_mutex_t lock; /* of `shown` */
    struct standing shown[PARTNERS_MAX];
    size_t shown_count;
    struct way_files files;
};

static uint64_t now_ms(const struct outbound_task *outbound)
{
    return world_steady_ns(outbound->flow->world) / 1000000;
}

/* ---- the partners ---- */

static struct mailbox *find(const struct outbound_task *outbound, const char *party)
{
    for (size_t i = 0; i < outbound->count; i++) {
        if (text_equal(text_of(mailbox_status(outbound->boxes[i])->party), text_of(party))) {
            return outbound->boxes[i];
        }
    }
    return NULL;
}

static enum result add(struct outbound_task *outbound, const struct rest_card *card,
                       struct mailbox **box, struct error *error)
{
    const struct mailbox_office office = {.flow = outbound->flow,
                                          .reader = outbound->reader,
                                          .home = &outbound->home,
                                          .calls = outbound->calls,
                                          .files = &outbound->files};
    enum result result =
        outbound->count == PARTNERS_MAX
            ? error_set(error, RESULT_TOO_LARGE, "more than %d REST-only partners", PARTNERS_MAX)
            : mailbox_new(&office, card, box, error);
    if (result == RESULT_OK) {
        outbound->boxes[outbound->count++] = *box;
    }
    return result;
}

/* Takes the cards over; one that is gone is not posted to, and goes when nothing of it is under
 * way. */
static void look(struct outbound_task *outbound)
{
    struct error error = {0};
    const struct rest_card *card;
    struct directory *directory = flow_directory(outbound->flow);
    for (size_t i = 0; i < outbound->count; i++) {
        mailbox_look(outbound->boxes[i], NULL);
    }
    for (size_t i = 0; (card = rest_cards_at(directory_rest(directory), i)) != NULL; i++) {
        struct mailbox *box = find(outbound, card->party);
        if (box == NULL && add(outbound, card, &box, &error) != RESULT_OK) {
            log_error("outbound", "a partner is not posted to", &error);
            continue;
        }
        mailbox_look(box, card);
    }
    directory_release(&directory);
    for (size_t i = outbound->count; i-- > 0;) {
        if (mailbox_is_over(outbound->boxes[i])) {
            mailbox_destroy(&outbound->boxes[i]);
            outbound->boxes[i] = outbound->boxes[--outbound->count];
        }
    }
}

static void show(struct outbound_task *outbound)
{
    (void)pthread_mutex_lock(&outbound->lock);
    outbound->shown_count = outbound->count;
    for (size_t i = 0; i < outbound->count; i++) {
        outbound->shown[i] = *mailbox_status(outbound->boxes[i]);
    }
    (void)pthread_mutex_unlock(&outbound->lock);
}

size_t outbound_status(struct outbound_task *outbound, struct standing *partners, size_t max)
{
    (void)pthread_mutex_lock(&outbound->lock);
    size_t count = outbound->shown_count < max ? outbound->shown_count : max;
    memcpy(partners, outbound->shown, count * sizeof *partners);
    (void)pthread_mutex_unlock(&outbound->lock);
    return count;
}

/* ---- the loop ---- */

static int patience(const struct outbound_task *outbound)
{
    uint64_t now = now_ms(outbound);
    uint64_t wait_ms = TICK_MS;
    for (size_t i = 0; i < outbound->count; i++) {
        uint64_t due_ms = mailbox_due_ms(outbound->boxes[i]);
        if (due_ms > now && due_ms - now < wait_ms) {
            wait_ms = due_ms - now;
        }
    }
    return atomic_load(&outbound->reload) ? 0 : (int)wait_ms;
}

static size_t pending(const struct outbound_task *outbound)
{
    size_t sum = 0;
    for (size_t i = 0; i < outbound->count; i++) {
        sum += mailbox_pending(outbound->boxes[i]);
    }
    return sum;
}

/* Nothing new is posted; what is in the writer comes home, before there is no home any more. */
static void drain(struct outbound_task *outbound)
{
    for (size_t i = 0; i < outbound->count; i++) {
        mailbox_break_off(outbound->boxes[i]);
    }
    while (pending(outbound) > 0) {
        calls_turn(outbound->calls, outbound->home.wake_fd, TICK_MS);
        work_finish_all(&outbound->home);
    }
}

static void reload(struct outbound_task *outbound)
{
    struct error error;
    if (way_files_find(outbound->flow->config, &outbound->files, &error) != RESULT_OK) {
        log_error("outbound", "nothing can be posted before it is mended", &error);
    }
    look(outbound);
}

static void run(struct task *task, void *state)
{
    struct outbound_task *outbound = state;
    struct error error;
    enum result result = store_reader_open(outbound->flow->store, &outbound->reader, &error);
    task_started(task, result, &error);
    if (result != RESULT_OK) {
        return;
    }
    while (!task_stopping(task)) {
        calls_turn(outbound->calls, outbound->home.wake_fd, patience(outbound));
        work_finish_all(&outbound->home);
        if (atomic_exchange(&outbound->reload, false)) {
            reload(outbound);
        }
        for (size_t i = 0; i < outbound->count; i++) {
            mailbox_advance(outbound->boxes[i]);
        }
        show(outbound);
    }
    drain(outbound);
    for (size_t i = 0; i < outbound->count; i++) {
        mailbox_destroy(&outbound->boxes[i]);
    }
    store_reader_close(&outbound->reader);
}

/* ---- start and stop ---- */

static void free_all(struct outbound_task *outbound)
{
    calls_destroy(&outbound->calls);
    queue_close(&outbound->home);
    (void)pthread_mutex_destroy(&outbound->lock);
    free(outbound);
}

enum result outbound_start(struct flow *flow, struct outbound_task **outbound, struct error *error)
{
    *outbound = NULL;
    struct outbound_task *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "outbound: no memory");
    }
    made->flow = flow;
    made->home.wake_fd = -1;
    atomic_init(&made->reload, true);
    (void)pthread_mutex_init(&made->lock, NULL);
    enum result result = way_files_find(flow->config, &made->files, error);
    if (result == RESULT_OK) {
        result = queue_init(&made->home, error);
    }
    if (result == RESULT_OK) {
        result = calls_new(&made->calls, error);
    }
    if (result == RESULT_OK) {
        result = task_start("outbound", run, made, &made->task, error);
    }
    if (result != RESULT_OK) {
        free_all(made);
        return result;
    }
    *outbound = made;
    return RESULT_OK;
}

void outbound_committed(struct outbound_task *outbound)
{
    if (outbound->count > 0) {
        queue_wake(&outbound->home);
    }
}

void outbound_reload(struct outbound_task *outbound)
{
    atomic_store(&outbound->reload, true);
    queue_wake(&outbound->home);
}

void outbound_stop(struct outbound_task **outbound)
{
    if (*outbound == NULL) {
        return;
    }
    task_ask_stop((*outbound)->task, (*outbound)->home.wake_fd);
    task_join(&(*outbound)->task);
    free_all(*outbound);
    *outbound = NULL;
}
