/* Questions and appends within the open batch. See embedded.h. */
#include "node/store/embedded.h"

#include "proto/mp.h"

#include <inttypes.h>

const struct store_channel *embedded_channel(const struct store *store, uint32_t number)
{
    const struct slot *slot = embedded_slot((const struct embedded *)store, number);
    return slot == NULL ? NULL : &slot->now;
}

/* What fails after its record was begun fails the batch. */
static enum result finish(struct embedded *embedded, enum result result, const struct error *error)
{
    if (result != RESULT_OK && !embedded->failed) {
        embedded->failed = true;
        embedded->failure = *error;
    }
    return result;
}

enum result embedded_lost(struct error *error)
{
    return error_set(error, RESULT_IO,
                     "the views took the open batch back by themselves, as they do without memory "
                     "or room; nothing of it counts");
}

/* Begins a record in the open batch; `out` takes its body. */
static enum result record_begin(struct embedded *embedded, struct buffer **out, struct error *error)
{
    if (!embedded->open) {
        return error_set(error, RESULT_INTERNAL, "nothing is appended outside a batch");
    }
    if (embedded->failed) {
        *error = embedded->failure;
        return error->code;
    }
    if (!views_begun(embedded->views)) {
        return finish(embedded, embedded_lost(error), error);
    }
    *out = journal_record_begin(embedded->journal);
    return RESULT_OK;
}

/* ---- questions ---- */

/* Reads the record of an entry, from the open batch or from the disk. */
static enum result read_body(struct embedded *embedded, const struct views_entry *row,
                             struct body_entry *body, struct error *error)
{
    struct bytes bytes;
    struct journal_record record;
    if (!journal_pending(embedded->journal, row->position, &bytes)) {
        uint8_t *data = arena_alloc(&embedded->arena, row->record_size);
        if (data == NULL) {
            return error_set(error, RESULT_NO_MEMORY, "no memory to read an entry");
        }
        bytes = (struct bytes){data, row->record_size};
        enum result result = journal_read(embedded->reader, row->position, bytes.size, data, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    enum result result = journal_record_parse(bytes, row->position, &record, error);
    return result == RESULT_OK ? body_entry_unpack(&record, body, error) : result;
}

static enum result read_entry(struct embedded *embedded, const struct views_entry *row,
                              struct entry *entry, struct error *error)
{
    struct body_entry body;
    enum result result = read_body(embedded, row, &body, error);
    return result == RESULT_OK ? entry_unpack(body.entry, entry, error) : result;
}

enum result embedded_find_message(struct store *store, const struct message_id *id,
                                  struct store_position *position, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    struct views_entry row;
    struct entry entry = {0};
    enum result result =
        views_find_message(embedded->views, id, &position->channel, &position->index, error);
    if (result != RESULT_OK) {
        return result;
    }
    arena_reset(&embedded->arena);
    result = views_find_entry(embedded->views, position->channel, position->index, &embedded->arena,
                              &row, error);
    if (result == RESULT_OK) {
        result = read_entry(embedded, &row, &entry, error);
    }
    if (result == RESULT_NOT_FOUND) {
        return error_set(error, RESULT_CORRUPT,
                         "the views lack entry %" PRIu64 " of channel %" PRIu32
                         "; make them again with 'comesh rebuild'",
                         position->index, position->channel);
    }
    if (result == RESULT_OK) {
        position->operation = entry.operation;
        position->payload_hash = entry.payload_hash;
    }
    return result;
}

enum result embedded_find_certificate(struct store *store, struct text exporter,
                                      struct text number_key, struct store_certificate *certificate,
                                      struct error *error)
{
    return views_find_certificate(embedded_of(store)->views, exporter, number_key, certificate,
                                  error);
}

enum result embedded_find_entry(struct store *store, uint32_t channel, uint64_t index,
                                struct bytes *entry, struct bytes *payload, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    struct views_entry row;
    struct body_entry body;
    arena_reset(&embedded->arena);
    enum result result =
        views_find_entry(embedded->views, channel, index, &embedded->arena, &row, error);
    if (result == RESULT_OK) {
        result = read_body(embedded, &row, &body, error);
    }
    if (result == RESULT_OK) {
        *entry = body.entry;
        *payload = body.payload;
    }
    return result;
}

static enum result is_refused(struct embedded *embedded, const struct views_about *about,
                              bool *refused, struct error *error)
{
    struct verdict_remark *remarks = NULL;
    size_t count = 0;
    enum result result = views_remarks(embedded->views, about->channel, about->index,
                                       &embedded->arena, &remarks, &count, error);
    *refused = false;
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        *refused |= remarks[i].outcome == VERDICT_REFUSED;
    }
    return result;
}

static enum result tell_said(struct embedded *embedded, const struct views_about *about,
                             store_each_said *each, void *self, struct error *error)
{
    bool refused = false;
    struct bytes entry;
    struct bytes payload;
    arena_reset(&embedded->arena);
    enum result result = is_refused(embedded, about, &refused, error);
    if (result != RESULT_OK || refused) {
        return result;
    }
    result = embedded_find_entry(&embedded->store, about->channel, about->index, &entry, &payload,
                                 error);
    return result == RESULT_OK ? each(self, about->channel, about->index, entry, payload, error)
                               : result;
}

enum result embedded_find_said(struct store *store, struct text exporter, struct text number_key,
                               size_t max, store_each_said *each, void *self, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    struct arena arena = {0};
    struct views_about *about = NULL;
    size_t found = 0;
    enum result result =
        views_certificate(embedded->views, exporter, number_key, &arena, &about, &found, error);
    if (result == RESULT_OK && found > max) {
        result = error_set(error, RESULT_TOO_LARGE,
                           "%zu messages speak of this certificate; at most %zu are weighed", found,
                           max);
    }
    for (size_t i = 0; i < found && result == RESULT_OK; i++) {
        result = tell_said(embedded, &about[i], each, self, error);
    }
    arena_free(&arena);
    return result;
}

/* ---- appends ---- */

static enum result new_channel(struct embedded *embedded, const struct body_channel *body,
                               struct error *error)
{
    struct buffer *out = NULL;
    struct journal_record record;
    enum result result = record_begin(embedded, &out, error);
    if (result != RESULT_OK) {
        return result;
    }
    body_channel_pack(body, out);
    result = journal_record_end(embedded->journal, JOURNAL_CHANNEL, &record, error);
    if (result == RESULT_OK) {
        result = apply_channel(embedded, body, error);
    }
    return finish(embedded, result, error);
}

enum result embedded_channel_open(struct store *store, struct text origin, struct text partner,
                                  enum store_direction direction,
                                  const struct store_channel **channel, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    for (size_t i = 0; i < embedded->slot_count; i++) {
        const struct store_channel *known = &embedded->slots[i]->now;
        if (!text_equal(text_of(known->origin), origin)) {
            continue;
        }
        if (known->direction != direction || !text_equal(text_of(known->partner), partner)) {
            return error_set(error, RESULT_CONFLICT,
                             "channel %s is held as %s with partner '%s' and was asked for as %s "
                             "with partner '%.*s'",
                             known->origin,
                             known->direction == STORE_OUTGOING ? "outgoing" : "incoming",
                             known->partner, direction == STORE_OUTGOING ? "outgoing" : "incoming",
                             TEXT_ARGS(partner));
        }
        *channel = known;
        return RESULT_OK;
    }
    const struct body_channel body = {.channel = (uint32_t)embedded->slot_count + 1,
                                      .direction = direction,
                                      .partner = partner,
                                      .origin = origin};
    enum result result = new_channel(embedded, &body, error);
    if (result == RESULT_OK) {
        *channel = embedded_channel(store, body.channel);
    }
    return result;
}

static enum result check_entry(const struct embedded *embedded, const struct store_entry *entry,
                               struct error *error)
{
    const struct slot *slot = embedded_slot(embedded, entry->channel);
    if (slot == NULL || slot->now.size != entry->entry->index) {
        return error_set(error, RESULT_INTERNAL,
                         "entry %" PRIu64 " cannot be appended to channel %" PRIu32
                         ", which has %" PRIu64 " entries",
                         entry->entry->index, entry->channel, slot == NULL ? 0 : slot->now.size);
    }
    return RESULT_OK;
}

static void note_speech(struct embedded *embedded, const struct store_entry *entry)
{
    enum store_speech speech =
        entry->entry->operation == OPERATION_VERDICT ? STORE_VERDICTS : STORE_DOCUMENTS;
    if (embedded_slot(embedded, entry->channel)->now.direction == STORE_OUTGOING &&
        speech > embedded->speech) {
        embedded->speech = speech;
    }
}

enum result embedded_append_entry(struct store *store, const struct store_entry *entry,
                                  struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    struct buffer *out = NULL;
    struct journal_record record;
    uint64_t start = world_steady_ns(embedded->world);
    enum result result = check_entry(embedded, entry, error);
    if (result == RESULT_OK) {
        result = record_begin(embedded, &out, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    const struct body_entry body = {.channel = entry->channel,
                                    .index = entry->entry->index,
                                    .time_ms = entry->time_ms,
                                    .entry = entry->entry_packed,
                                    .payload = entry->payload};
    body_entry_pack(&body, out);
    result = journal_record_end(embedded->journal, JOURNAL_ENTRY, &record, error);
    uint64_t written = world_steady_ns(embedded->world);
    if (result == RESULT_OK) {
        const struct applied applied = {.record = &record,
                                        .channel = entry->channel,
                                        .time_ms = entry->time_ms,
                                        .entry = entry->entry,
                                        .leaf = &entry->leaf,
                                        .message = entry->message,
                                        .verdict = entry->verdict,
                                        .card_serial = entry->card_serial};
        result = apply_entry(embedded, &applied, error);
        const struct views_run run = {
            .index = body.index,
            .position = record.position,
            .record_size = record.size,
            .leaf = entry->leaf,
        };
        front_put_place(&embedded->front, entry->channel, &run);
        note_speech(embedded, entry);
    }
    metrics_add(embedded->metrics, METRIC_STEP_STORE, written - start);
    metrics_add(embedded->metrics, METRIC_STEP_VIEWS, world_steady_ns(embedded->world) - written);
    return finish(embedded, result, error);
}

enum result embedded_append_receipt(struct store *store, uint32_t channel, uint64_t size,
                                    uint64_t time_s, struct bytes note, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    const struct body_receipt body = {channel, size, time_s, note};
    struct buffer *out = NULL;
    struct journal_record record;
    enum result result = record_begin(embedded, &out, error);
    if (result != RESULT_OK) {
        return result;
    }
    body_receipt_pack(&body, out);
    result = journal_record_end(embedded->journal, JOURNAL_RECEIPT, &record, error);
    if (result == RESULT_OK) {
        result = apply_receipt(embedded, &body, &record, error);
    }
    return finish(embedded, result, error);
}

enum result embedded_append_taken(struct store *store, uint32_t channel, uint64_t taken,
                                  uint64_t time_ms, struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    const struct body_taken body = {channel, taken, time_ms};
    struct buffer *out = NULL;
    struct journal_record record;
    enum result result = record_begin(embedded, &out, error);
    if (result != RESULT_OK) {
        return result;
    }
    body_taken_pack(&body, out);
    result = journal_record_end(embedded->journal, JOURNAL_TAKEN, &record, error);
    if (result == RESULT_OK) {
        result = apply_taken(embedded, &body, error);
    }
    return finish(embedded, result, error);
}

enum result embedded_append_hold(struct store *store, uint32_t channel, struct text reason,
                                 struct bytes proof, struct bytes other_proof, uint64_t time_ms,
                                 struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    struct body_hold body = {channel, time_ms, reason, proof, other_proof};
    struct buffer *out = NULL;
    struct journal_record record;
    enum result result = record_begin(embedded, &out, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (body.reason.size >= STORE_REASON_BYTES) {
        body.reason.size = STORE_REASON_BYTES - 1;
    }
    while (!utf8_valid(body.reason)) {
        body.reason.size--;
    }
    body_hold_pack(&body, out);
    result = journal_record_end(embedded->journal, JOURNAL_HOLD, &record, error);
    if (result == RESULT_OK) {
        result = apply_hold(embedded, &body, error);
    }
    return finish(embedded, result, error);
}

enum result embedded_append_release(struct store *store, uint32_t channel, uint64_t time_ms,
                                    struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    const struct body_release body = {channel, time_ms};
    struct buffer *out = NULL;
    struct journal_record record;
    enum result result = record_begin(embedded, &out, error);
    if (result != RESULT_OK) {
        return result;
    }
    body_release_pack(&body, out);
    result = journal_record_end(embedded->journal, JOURNAL_RELEASE, &record, error);
    if (result == RESULT_OK) {
        result = apply_release(embedded, &body, error);
    }
    return finish(embedded, result, error);
}
