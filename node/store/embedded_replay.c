/* Bringing views and channels up to the journal: at every start, after the views could not be
 * committed, and from nothing when they are made again. See embedded.h. */
#include "node/store/embedded.h"

#include "node/core/log.h"
#include "node/store/meaning.h"
#include "proto/failpoint.h"

#include <inttypes.h>

#define REPLAY_COMMIT_RECORDS 8192 /* records between two commits of the views in a replay */

static enum result replay_entry(struct embedded *embedded, const struct journal_record *record,
                                struct error *error)
{
    struct body_entry body;
    struct entry entry;
    struct merkle_hash leaf;
    struct meaning meaning;
    enum result result = body_entry_unpack(record, &body, error);
    if (result == RESULT_OK) {
        result = entry_unpack(body.entry, &entry, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    struct applied applied = {.record = record,
                              .channel = body.channel,
                              .time_ms = body.time_ms,
                              .entry = &entry,
                              .leaf = &leaf};
    merkle_leaf(body.entry, &leaf);
    meaning_read(entry.operation, body.payload, &embedded->arena, &meaning);
    applied.message = meaning.has_message ? &meaning.message : NULL;
    applied.verdict = meaning.has_verdict ? &meaning.verdict : NULL;
    applied.card_serial = meaning.card_serial;
    return apply_entry(embedded, &applied, error);
}

static enum result replay_channel(struct embedded *embedded, const struct journal_record *record,
                                  struct error *error)
{
    struct body_channel body;
    enum result result = body_channel_unpack(record, &body, error);
    return result == RESULT_OK ? apply_channel(embedded, &body, error) : result;
}

static enum result replay_receipt(struct embedded *embedded, const struct journal_record *record,
                                  struct error *error)
{
    struct body_receipt body;
    enum result result = body_receipt_unpack(record, &body, error);
    return result == RESULT_OK ? apply_receipt(embedded, &body, record, error) : result;
}

static enum result replay_taken(struct embedded *embedded, const struct journal_record *record,
                                struct error *error)
{
    struct body_taken body;
    enum result result = body_taken_unpack(record, &body, error);
    return result == RESULT_OK ? apply_taken(embedded, &body, error) : result;
}

static enum result replay_hold(struct embedded *embedded, const struct journal_record *record,
                               struct error *error)
{
    struct body_hold body;
    enum result result = body_hold_unpack(record, &body, error);
    return result == RESULT_OK ? apply_hold(embedded, &body, error) : result;
}

static enum result replay_release(struct embedded *embedded, const struct journal_record *record,
                                  struct error *error)
{
    struct body_release body;
    enum result result = body_release_unpack(record, &body, error);
    return result == RESULT_OK ? apply_release(embedded, &body, error) : result;
}

/* A batch is whole: the views may be committed up to here. */
static enum result replay_commit(struct embedded *embedded, const struct journal_record *record,
                                 struct error *error)
{
    embedded->seen.position = record->position + record->size;
    embedded->seen.sequence++;
    if (embedded->replayed < REPLAY_COMMIT_RECORDS) {
        return RESULT_OK;
    }
    embedded->replayed = 0;
    enum result result =
        views_commit(embedded->views, journal_id(embedded->journal), embedded->seen, error);
    return result == RESULT_OK ? views_begin(embedded->views, error) : result;
}

static enum result replay_record(void *self, const struct journal_record *record,
                                 struct error *error)
{
    static enum result (*const replays[])(struct embedded *, const struct journal_record *,
                                          struct error *) = {
        [JOURNAL_CHANNEL] = replay_channel, [JOURNAL_ENTRY] = replay_entry,
        [JOURNAL_RECEIPT] = replay_receipt, [JOURNAL_TAKEN] = replay_taken,
        [JOURNAL_HOLD] = replay_hold,       [JOURNAL_RELEASE] = replay_release,
        [JOURNAL_COMMIT] = replay_commit,
    };
    struct embedded *embedded = self;
    embedded->records++;
    embedded->replayed++;
    arena_reset(&embedded->arena);
    enum result result = replays[record->kind](embedded, record, error);
    if (result != RESULT_OK) {
        return error_wrap(error, "journal record at position %" PRIu64, record->position);
    }
    return RESULT_OK;
}

static enum result load_channels(struct embedded *embedded, struct error *error)
{
    struct store_channel *channels = NULL;
    size_t count = 0;
    arena_reset(&embedded->arena);
    embedded_drop_slots(embedded);
    enum result result =
        views_channels(embedded->views, &embedded->arena, &channels, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].number != i + 1) {
            return error_set(error, RESULT_CORRUPT, "the views have no channel %zu", i + 1);
        }
        result = embedded_add_slot(embedded, &channels[i], false, error);
    }
    return result;
}

static enum result replay(struct embedded *embedded, struct journal_place from, struct error *error)
{
    embedded->seen = from;
    embedded->replayed = 0;
    embedded->records = 0;
    enum result result = views_begin(embedded->views, error);
    if (result == RESULT_OK) {
        result = journal_replay(embedded->journal, from, replay_record, embedded, error);
    }
    if (result == RESULT_OK) {
        result = views_commit(embedded->views, journal_id(embedded->journal),
                              journal_end(embedded->journal), error);
    }
    if (result != RESULT_OK) {
        views_rollback(embedded->views);
    }
    for (size_t i = 0; i < embedded->slot_count; i++) {
        embedded->slots[i]->touched = false;
        embedded->slots[i]->made = false;
    }
    return result;
}

/* Views from nothing. */
static enum result make_again(struct embedded *embedded, struct error *error)
{
    views_close(&embedded->views);
    enum result result = views_remove(embedded->views_path, error);
    FAILPOINT("views.rebuild");
    embedded->generation++;
    if (result == RESULT_OK) {
        result = views_open(embedded->views_path, VIEWS_WRITE, &embedded->views, error);
    }
    if (result == RESULT_OK) {
        result = views_claim(embedded->views, error);
    }
    if (result == RESULT_OK) {
        embedded_drop_slots(embedded);
        result = replay(embedded, (struct journal_place){0}, error);
    }
    if (result == RESULT_OK) {
        log_event(LOG_LEVEL_WARNING, "store", "views made again", "records=%" PRIu64,
                  embedded->records);
    }
    return result;
}

/* Opens the views that are there, and tells whether they are of this journal. */
static enum result take_views(struct embedded *embedded, struct journal_place *from,
                              struct error *error)
{
    struct journal_id id;
    views_close(&embedded->views);
    enum result result = views_open(embedded->views_path, VIEWS_WRITE, &embedded->views, error);
    if (result == RESULT_OK) {
        result = views_claim(embedded->views, error);
    }
    if (result == RESULT_OK) {
        result = views_place(embedded->views, &id, from, error);
    }
    if (result == RESULT_OK && from->sequence > 0 &&
        memcmp(&id, journal_id(embedded->journal), sizeof id) != 0) {
        result = error_set(error, RESULT_CORRUPT, "views %s are of another journal",
                           embedded->views_path);
    }
    return result == RESULT_OK ? load_channels(embedded, error) : result;
}

enum result embedded_catch_up(struct embedded *embedded, bool again, struct error *error)
{
    struct journal_place from;
    if (again) {
        return make_again(embedded, error);
    }
    enum result result = take_views(embedded, &from, error);
    bool useless = result == RESULT_CORRUPT;
    if (result == RESULT_OK) {
        result = replay(embedded, from, error);
        useless = result == RESULT_CORRUPT && views_damaged(embedded->views);
    }
    if (useless) {
        log_error("store", "views thrown away, making them again from the journal", error);
        result = make_again(embedded, error);
    } else if (result == RESULT_OK && embedded->records > 0) {
        log_event(LOG_LEVEL_INFO, "store", "views caught up", "records=%" PRIu64,
                  embedded->records);
    }
    return result;
}
