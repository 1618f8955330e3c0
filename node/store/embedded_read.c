/* Readers of the embedded store: each has its own connection to the views and its own files of the
 * journal, and sees what is committed. See embedded.h. */
#include "node/store/embedded.h"

#include <inttypes.h>
#include <stdlib.h>

enum result embedded_reader_views(struct store_reader *reader, struct views **views,
                                  struct error *error)
{
    struct embedded_reader *own = (struct embedded_reader *)reader;
    front_await_views(&own->embedded->front);
    uint64_t generation = own->embedded->generation;
    if (own->views != NULL && own->generation != generation) {
        views_close(&own->views);
    }
    enum result result = RESULT_OK;
    if (own->views == NULL) {
        result = views_open(own->embedded->views_path, VIEWS_READ, &own->views, error);
        own->generation = generation;
    }
    *views = own->views;
    return result;
}

void embedded_reader_close(struct store_reader *reader)
{
    struct embedded_reader *own = (struct embedded_reader *)reader;
    views_close(&own->views);
    journal_reader_close(&own->journal);
    free(own);
}

enum result embedded_reader_open(struct store *store, struct store_reader **reader,
                                 struct error *error)
{
    struct embedded *embedded = embedded_of(store);
    struct views *views = NULL;
    *reader = NULL;
    struct embedded_reader *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a reader of the store");
    }
    made->reader.functions = store->functions;
    made->embedded = embedded;
    enum result result = journal_reader_open(embedded->journal, &made->journal, error);
    if (result == RESULT_OK) {
        result = embedded_reader_views(&made->reader, &views, error);
    }
    if (result != RESULT_OK) {
        embedded_reader_close(&made->reader);
        return result;
    }
    *reader = &made->reader;
    return RESULT_OK;
}

/* Channels of the views that are there, so that they fit what else these tell. */
static enum result views_snapshot_channels(struct store_reader *reader, struct arena *arena,
                                           struct store_channel **channels, size_t *count,
                                           struct error *error)
{
    struct views *views = NULL;
    enum result result = embedded_reader_views(reader, &views, error);
    if (result == RESULT_OK) {
        result = views_snapshot(views, error);
    }
    if (result == RESULT_OK) {
        result = views_channels(views, arena, channels, count, error);
        views_snapshot_end(views);
    }
    return result;
}

enum result embedded_read_channels(struct store_reader *reader, struct arena *arena,
                                   const struct store_channel **channels, size_t *count,
                                   struct error *error)
{
    struct front *front = &((struct embedded_reader *)reader)->embedded->front;
    struct store_channel *found = NULL;
    enum result result = front_is_behind(front)
                             ? views_snapshot_channels(reader, arena, &found, count, error)
                             : front_channels(front, arena, &found, count, error);
    *channels = found;
    return result;
}

enum result embedded_read_hash(struct store_reader *reader, uint32_t channel, uint64_t index,
                               unsigned level, struct merkle_hash *hash, struct error *error)
{
    struct views_hashes hashes = {.channel = channel};
    enum result result = embedded_reader_views(reader, &hashes.views, error);
    return result == RESULT_OK ? views_read_hash(&hashes, index, level, hash, error) : result;
}

/* ---- messages ---- */

/* Reads the record that a row of the views points to. */
static enum result read_record(struct store_reader *reader, uint64_t position, uint32_t size,
                               struct arena *arena, struct journal_record *record,
                               struct error *error)
{
    struct embedded_reader *own = (struct embedded_reader *)reader;
    uint8_t *data = arena_alloc(arena, size);
    if (data == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to read a record of %" PRIu32 " bytes",
                         size);
    }
    enum result result = journal_read(own->journal, position, size, data, error);
    return result == RESULT_OK
               ? journal_record_parse((struct bytes){data, size}, position, record, error)
               : result;
}

/* The message's part that its record holds. */
static enum result entry_part(struct store_reader *reader, const struct views_lies *lies,
                              struct arena *arena, struct store_message *message,
                              struct error *error)
{
    struct journal_record record;
    struct body_entry body;
    struct entry entry;
    enum result result =
        read_record(reader, lies->position, lies->record_size, arena, &record, error);
    if (result == RESULT_OK) {
        result = body_entry_unpack(&record, &body, error);
    }
    if (result == RESULT_OK && (body.channel != message->channel || body.index != message->index)) {
        result = error_set(error, RESULT_CORRUPT, "another entry lies there");
    }
    if (result == RESULT_OK) {
        result = entry_unpack(body.entry, &entry, error);
    }
    if (result != RESULT_OK) {
        return error_wrap(error, "entry %" PRIu64 " of channel %" PRIu32, message->index,
                          message->channel);
    }
    message->operation = entry.operation;
    message->id = entry.id;
    message->has_reply_to = entry.has_reply_to;
    message->reply_to = entry.reply_to;
    message->agreement = entry.agreement;
    message->menu_version = entry.menu_version;
    message->entry = body.entry;
    message->payload = body.payload;
    message->payload_size = entry.payload_size;
    message->queued_ms = entry.time_ms;
    message->arrived_ms = body.time_ms;
    return RESULT_OK;
}

static enum result read_one(struct store_reader *reader, struct views *views, uint32_t channel,
                            uint64_t index, struct arena *arena, struct store_message *message,
                            struct error *error)
{
    struct views_lies lies;
    *message = (struct store_message){.channel = channel, .index = index};
    enum result result = views_message(views, arena, message, &lies, error);
    return result == RESULT_OK ? entry_part(reader, &lies, arena, message, error) : result;
}

enum result embedded_read_message(struct store_reader *reader, const struct message_id *id,
                                  struct arena *arena, struct store_message *message,
                                  struct error *error)
{
    struct views *views = NULL;
    uint32_t channel;
    uint64_t index;
    enum result result = embedded_reader_views(reader, &views, error);
    if (result == RESULT_OK) {
        result = views_snapshot(views, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    result = views_find_message(views, id, &channel, &index, error);
    if (result == RESULT_OK) {
        result = read_one(reader, views, channel, index, arena, message, error);
    }
    views_snapshot_end(views);
    return result;
}

static enum result read_list(struct store_reader *reader, struct views *views,
                             const struct views_about *about, size_t found, struct arena *arena,
                             struct store_message **messages, size_t *count, struct error *error)
{
    *messages = arena_alloc(arena, found * sizeof **messages);
    if (*messages == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu messages", found);
    }
    enum result result = RESULT_OK;
    for (*count = 0; *count < found && result == RESULT_OK; (*count)++) {
        result = read_one(reader, views, about[*count].channel, about[*count].index, arena,
                          &(*messages)[*count], error);
    }
    return result;
}

enum result embedded_read_certificate(struct store_reader *reader, struct text exporter,
                                      struct text number_key, struct arena *arena,
                                      struct store_message **messages, size_t *count,
                                      struct error *error)
{
    struct views *views = NULL;
    struct views_about *about = NULL;
    size_t found = 0;
    *messages = NULL;
    *count = 0;
    enum result result = embedded_reader_views(reader, &views, error);
    if (result == RESULT_OK) {
        result = views_snapshot(views, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    result = views_certificate(views, exporter, number_key, arena, &about, &found, error);
    if (result == RESULT_OK) {
        result = read_list(reader, views, about, found, arena, messages, count, error);
    }
    views_snapshot_end(views);
    return result;
}

enum result embedded_read_messages(struct store_reader *reader, uint32_t channel, uint64_t first,
                                   size_t max, struct arena *arena, struct store_message **messages,
                                   size_t *count, struct error *error)
{
    struct views *views = NULL;
    struct views_run *run = NULL;
    size_t found = 0;
    *messages = NULL;
    *count = 0;
    enum result result = embedded_reader_views(reader, &views, error);
    if (result == RESULT_OK) {
        result = views_snapshot(views, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    result = views_run(views, channel, first, max, arena, &run, &found, error);
    if (result == RESULT_OK && found > 0) {
        *messages = arena_alloc(arena, found * sizeof **messages);
    }
    for (size_t i = 0; i < found && result == RESULT_OK; i++) {
        result =
            *messages == NULL
                ? error_set(error, RESULT_NO_MEMORY, "no memory for %zu messages", found)
                : read_one(reader, views, channel, run[i].index, arena, &(*messages)[i], error);
        *count = i + 1;
    }
    views_snapshot_end(views);
    return result;
}

enum result embedded_read_receipt(struct store_reader *reader, uint32_t channel, uint64_t index,
                                  struct arena *arena, struct store_receipt *receipt,
                                  struct error *error)
{
    struct views *views = NULL;
    uint64_t position = 0;
    uint32_t size = 0;
    struct journal_record record;
    struct body_receipt body;
    enum result result = embedded_reader_views(reader, &views, error);
    if (result == RESULT_OK) {
        result = views_receipt(views, channel, index, receipt, &position, &size, error);
    }
    if (result == RESULT_OK) {
        result = read_record(reader, position, size, arena, &record, error);
    }
    if (result == RESULT_OK) {
        result = body_receipt_unpack(&record, &body, error);
    }
    if (result == RESULT_OK) {
        receipt->note = body.note;
    }
    return result;
}

enum result embedded_read_remarks(struct store_reader *reader, uint32_t channel, uint64_t index,
                                  struct arena *arena, struct verdict_remark **remarks,
                                  size_t *count, struct error *error)
{
    struct views *views = NULL;
    *count = 0;
    enum result result = embedded_reader_views(reader, &views, error);
    return result == RESULT_OK ? views_remarks(views, channel, index, arena, remarks, count, error)
                               : result;
}
