/* The batches of the embedded store: begin, the steps of a commit, and back. See embedded.h. */
#include "node/store/embedded.h"

#include "node/core/log.h"

#include <stdlib.h>

#define UNSETTLED_MAX 16 /* batches in one commit of the views: so much may a reader wait for */
#define PAUSE_TIMES   10

static void forget_batch(struct embedded *embedded)
{
    embedded->open = false;
    embedded->speech = STORE_SILENT;
    embedded->failed = false;
}

/* The views catch up with what counts. When they cannot they stay behind, nobody waits for them any
 * more, and the next begin tries again, or the writer when it is idle. */
static enum result follow(struct embedded *embedded, struct error *error)
{
    bool damaged = embedded->views != NULL && views_damaged(embedded->views);
    enum result result = embedded_catch_up(embedded, damaged, error);
    embedded->behind = result != RESULT_OK;
    front_settled(&embedded->front, embedded->behind);
    return result;
}

static void take_back_slots(struct embedded *embedded)
{
    for (size_t i = embedded->slot_count; i > 0; i--) {
        struct slot *slot = embedded->slots[i - 1];
        if (slot->made) {
            free(slot);
            embedded->slot_count--; /* what was made in the batch stands last */
            continue;
        }
        if (slot->touched) {
            slot->now = slot->before;
            slot->touched = false;
        }
    }
}

/* Rows of batches that count go with those of the open one, and come again before anybody asks. */
void embedded_rollback(struct store *store)
{
    struct embedded *embedded = embedded_of(store);
    struct error error;
    if (!embedded->open) {
        return;
    }
    views_rollback(embedded->views);
    journal_rollback(embedded->journal);
    front_rollback(&embedded->front);
    take_back_slots(embedded);
    forget_batch(embedded);
    if (embedded->unsettled > 0) {
        embedded->unsettled = 0;
        if (follow(embedded, &error) != RESULT_OK) {
            log_error("store", "views not caught up, the next batch tries again", &error);
        }
    }
}

/* The journal has the batches: they count, whatever happens to the views. These catch up as
 * soon as they can when they could not be committed, and nothing more is taken before. */
void embedded_settle(struct store *store)
{
    struct embedded *embedded = embedded_of(store);
    struct error error;
    if (embedded->unsettled == 0) {
        return;
    }
    uint64_t start = world_steady_ns(embedded->world);
    embedded->unsettled = 0;
    if (views_commit(embedded->views, journal_id(embedded->journal), journal_end(embedded->journal),
                     &error) != RESULT_OK) {
        log_error("store", "views not committed, they will catch up from the journal", &error);
        views_rollback(embedded->views);
        embedded->behind = true;
    }
    front_settled(&embedded->front, embedded->behind);
    metrics_add(embedded->metrics, METRIC_STEP_VIEWS, world_steady_ns(embedded->world) - start);
}

/* A try may take long, as when all views are made again, and holds up the batch that comes in it:
 * so the next one waits for ten times as long. */
void embedded_try_again(struct embedded *embedded)
{
    struct error error;
    uint64_t start = world_steady_ns(embedded->world);
    if (!embedded->behind || start < embedded->again_ns) {
        return;
    }
    if (follow(embedded, &error) != RESULT_OK) {
        uint64_t end = world_steady_ns(embedded->world);
        char quoted[ERROR_MESSAGE_BYTES];
        log_event(LOG_LEVEL_DEBUG, "store", "views still behind", "reason=%s",
                  log_quote(error.message, quoted, sizeof quoted));
        embedded->again_ns = end + PAUSE_TIMES * (end - start);
    }
}

void embedded_show_channels(struct embedded *embedded)
{
    for (size_t i = 0; i < embedded->slot_count; i++) {
        front_put_channel(&embedded->front, &embedded->slots[i]->now);
    }
}

enum result embedded_begin(struct store *store, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    enum result result = RESULT_OK;
    bool damaged = embedded->views != NULL && views_damaged(embedded->views);
    if (damaged || embedded->unsettled >= UNSETTLED_MAX || front_is_awaited(&embedded->front)) {
        embedded_settle(store);
    }
    if (embedded->behind || damaged) {
        result = follow(embedded, error);
    }
    if (result == RESULT_OK) {
        result = journal_begin(embedded->journal, error);
    }
    if (result == RESULT_OK && embedded->unsettled == 0) {
        result = views_begin(embedded->views, error);
    }
    embedded->open = result == RESULT_OK;
    return result;
}

uint64_t embedded_size(struct store *store, uint32_t channel)
{
    return front_size(&embedded_of(store)->front, channel);
}

uint64_t embedded_written(struct store *store, uint32_t channel)
{
    return front_written_size(&embedded_of(store)->front, channel);
}

uint64_t embedded_receipted(struct store *store, uint32_t channel)
{
    return front_receipted(&embedded_of(store)->front, channel);
}

/* One of the two steps of a commit in the journal; a failure rolls the batch back. */
static enum result commit_step(struct embedded *embedded,
                               enum result (*step)(struct journal *, struct error *),
                               struct error *error)
{
    if (!embedded->open) {
        return error_set(error, RESULT_INTERNAL, "no batch is open to be committed");
    }
    uint64_t start = world_steady_ns(embedded->world);
    enum result result = RESULT_OK;
    if (embedded->failed) {
        *error = embedded->failure;
        result = error->code;
    } else if (!views_begun(embedded->views)) {
        result = embedded_lost(error);
    } else {
        result = step(embedded->journal, error);
    }
    if (result != RESULT_OK) {
        embedded_rollback(&embedded->store);
    }
    metrics_add(embedded->metrics, METRIC_STEP_STORE, world_steady_ns(embedded->world) - start);
    return result;
}

enum result embedded_write(struct store *store, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    enum result result = commit_step(embedded, journal_write, error);
    for (size_t i = 0; i < embedded->slot_count && result == RESULT_OK; i++) {
        const struct store_channel *channel = &embedded->slots[i]->now;
        front_put_written(&embedded->front, channel->number, channel->size);
    }
    if (result == RESULT_OK) {
        front_written(&embedded->front);
    }
    return result;
}

enum store_speech embedded_speech(const struct store *store)
{
    return ((const struct embedded *)store)->speech;
}

enum result embedded_commit(struct store *store, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    enum result result = commit_step(embedded, journal_commit, error);
    if (result != RESULT_OK) {
        return result;
    }
    front_committed(&embedded->front);
    for (size_t i = 0; i < embedded->slot_count; i++) {
        struct slot *slot = embedded->slots[i];
        if (slot->touched || slot->made) {
            front_put_channel(&embedded->front, &slot->now);
        }
        slot->touched = false;
        slot->made = false;
    }
    metrics_add(embedded->metrics, METRIC_COMMITS, 1);
    embedded->unsettled++;
    forget_batch(embedded);
    return RESULT_OK;
}
