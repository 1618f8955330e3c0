/* Asking the views. See views.h. */
#include "node/store/views.h"
#include "node/store/views_schema.h"

#include <inttypes.h>
#include <stdlib.h>

enum result views_snapshot(struct views *views, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_SNAPSHOT);
    return sql_run(&query, error);
}

void views_snapshot_end(struct views *views)
{
    views_rollback(views);
}

enum result views_find_message(struct views *views, const struct message_id *id, uint32_t *channel,
                               uint64_t *index, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_FIND_MESSAGE);
    put_blob(&query, (struct bytes){id->bytes, sizeof id->bytes});
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        *channel = (uint32_t)get_integer(&query);
        *index = get_integer(&query);
    }
    sql_end(&query);
    return result;
}

enum result views_find_certificate(struct views *views, struct text exporter,
                                   struct text number_key, struct store_certificate *certificate,
                                   struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_FIND_CERTIFICATE);
    put_text(&query, number_key);
    put_text(&query, exporter);
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        certificate->number = get_integer(&query);
        certificate->channel = (uint32_t)get_integer(&query);
        certificate->index = get_integer(&query);
    }
    sql_end(&query);
    return result;
}

enum result views_find_entry(struct views *views, uint32_t channel, uint64_t index,
                             struct arena *arena, struct views_entry *entry, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_FIND_ENTRY);
    put_integer(&query, channel);
    put_integer(&query, index);
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        *entry = (struct views_entry){.channel = channel, .index = index};
        entry->position = get_integer(&query);
        entry->record_size = (uint32_t)get_integer(&query);
        entry->operation = (enum operation)get_integer(&query);
        entry->exporter = arena_text(arena, get_text(&query));
        entry->number = arena_text(arena, get_text(&query));
        if (entry->exporter.data == NULL || entry->number.data == NULL) {
            result = views_no_memory(error);
        }
    }
    sql_end(&query);
    return result;
}

enum result views_read_hash(void *hashes, uint64_t index, unsigned level, struct merkle_hash *hash,
                            struct error *error)
{
    const struct views_hashes *from = hashes;
    struct query query = sql_query(&from->views->sql, VIEWS_HASHES);
    put_integer(&query, from->channel);
    put_integer(&query, index);
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK || result == RESULT_NOT_FOUND) {
        struct bytes found = {NULL, 0};
        if (result == RESULT_OK) {
            found = get_blob(&query);
        }
        if (found.data == NULL || found.size / sizeof *hash <= level) {
            result = error_set(error, RESULT_CORRUPT,
                               "the views lack hash %u of entry %" PRIu64 " of channel %" PRIu32
                               "; make them again with 'comesh rebuild'",
                               level, index, from->channel);
        } else {
            memcpy(hash, found.data + level * sizeof *hash, sizeof *hash);
        }
    }
    sql_end(&query);
    return result;
}

enum result views_run(struct views *views, uint32_t channel, uint64_t first, size_t max,
                      struct arena *arena, struct views_run **run, size_t *count,
                      struct error *error)
{
    *count = 0;
    *run = arena_alloc(arena, max * sizeof **run);
    if (*run == NULL) {
        return views_no_memory(error);
    }
    struct query query = sql_query(&views->sql, VIEWS_RUN);
    put_integer(&query, channel);
    put_integer(&query, first);
    put_integer(&query, max);
    enum result result = sql_row(&query, error);
    for (; result == RESULT_OK && *count < max; result = sql_row(&query, error)) {
        struct views_run *at = &(*run)[(*count)++];
        at->index = get_integer(&query);
        at->position = get_integer(&query);
        at->record_size = (uint32_t)get_integer(&query);
        struct bytes hashes = get_blob(&query);
        if (hashes.size < sizeof at->leaf) {
            result = error_set(error, RESULT_CORRUPT,
                               "the views lack the leaf of entry %" PRIu64 " of channel %" PRIu32
                               "; make them again with 'comesh rebuild'",
                               at->index, channel);
            break;
        }
        memcpy(&at->leaf, hashes.data, sizeof at->leaf);
    }
    sql_end(&query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* Rows gathered while their number is not known yet, doubled in the arena. */
static void *grown(struct arena *arena, void *old, size_t count, size_t each, size_t *capacity)
{
    if (count < *capacity) {
        return old;
    }
    *capacity = *capacity == 0 ? 8 : 2 * *capacity;
    void *more = arena_alloc(arena, *capacity * each);
    if (more != NULL && count > 0) {
        memcpy(more, old, count * each);
    }
    return more;
}

/* A growing list of entries. */
struct abouts {
    struct arena *arena;
    struct views_about *rows;
    size_t count;
    size_t capacity;
};

static enum result add_about(struct abouts *abouts, struct query *query, struct error *error)
{
    abouts->rows =
        grown(abouts->arena, abouts->rows, abouts->count, sizeof *abouts->rows, &abouts->capacity);
    if (abouts->rows == NULL) {
        return views_no_memory(error);
    }
    struct views_about *at = &abouts->rows[abouts->count++];
    at->position = get_integer(query);
    at->channel = (uint32_t)get_integer(query);
    at->index = get_integer(query);
    return RESULT_OK;
}

static enum result add_said(struct views *views, uint64_t certificate, struct abouts *abouts,
                            struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_ABOUT);
    put_integer(&query, certificate);
    enum result result = sql_row(&query, error);
    while (result == RESULT_OK) {
        result = add_about(abouts, &query, error);
        if (result == RESULT_OK) {
            result = sql_row(&query, error);
        }
    }
    sql_end(&query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static int by_position(const void *a, const void *b)
{
    uint64_t first = ((const struct views_about *)a)->position;
    uint64_t second = ((const struct views_about *)b)->position;
    return (first > second) - (first < second);
}

enum result views_certificate(struct views *views, struct text exporter, struct text number_key,
                              struct arena *arena, struct views_about **about, size_t *count,
                              struct error *error)
{
    struct abouts abouts = {.arena = arena};
    struct query query = sql_query(&views->sql, VIEWS_CERTIFICATE);
    put_text(&query, number_key);
    put_text(&query, exporter);
    enum result result = sql_row(&query, error);
    while (result == RESULT_OK) {
        uint64_t certificate = get_integer(&query);
        if (!get_null(&query)) {
            result = add_about(&abouts, &query, error);
        }
        if (result == RESULT_OK) {
            result = add_said(views, certificate, &abouts, error);
        }
        if (result == RESULT_OK) {
            result = sql_row(&query, error);
        }
    }
    sql_end(&query);
    if (abouts.count > 1) {
        qsort(abouts.rows, abouts.count, sizeof *abouts.rows, by_position);
    }
    *about = abouts.rows;
    *count = abouts.count;
    return result == RESULT_NOT_FOUND && abouts.count > 0 ? RESULT_OK : result;
}

enum result views_receipt(struct views *views, uint32_t channel, uint64_t index,
                          struct store_receipt *receipt, uint64_t *position, uint32_t *record_size,
                          struct error *error)
{
    bool last = index == UINT64_MAX;
    struct query query = sql_query(&views->sql, last ? VIEWS_LAST_RECEIPT : VIEWS_RECEIPT);
    put_integer(&query, channel);
    if (!last) {
        put_integer(&query, index);
    }
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        receipt->size = get_integer(&query);
        receipt->time_s = get_integer(&query);
        *position = get_integer(&query);
        *record_size = (uint32_t)get_integer(&query);
    }
    sql_end(&query);
    return result;
}

enum result views_remarks(struct views *views, uint32_t channel, uint64_t index,
                          struct arena *arena, struct verdict_remark **remarks, size_t *count,
                          struct error *error)
{
    size_t capacity = 0;
    *remarks = NULL;
    *count = 0;
    struct query query = sql_query(&views->sql, VIEWS_REMARKS);
    put_integer(&query, channel);
    put_integer(&query, index);
    enum result result = sql_row(&query, error);
    for (; result == RESULT_OK; result = sql_row(&query, error)) {
        *remarks = grown(arena, *remarks, *count, sizeof **remarks, &capacity);
        if (*remarks == NULL) {
            result = views_no_memory(error);
            break;
        }
        struct verdict_remark *at = &(*remarks)[(*count)++];
        at->index = index;
        at->outcome = (enum verdict_outcome)get_integer(&query);
        at->code = arena_text(arena, get_text(&query));
        at->element = arena_text(arena, get_text(&query));
        at->place = arena_text(arena, get_text(&query));
        at->detail = arena_text(arena, get_text(&query));
        if (at->detail.data == NULL) {
            result = views_no_memory(error);
            break;
        }
    }
    sql_end(&query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* ---- states ---- */

/* Which of two outcomes decides: a refusal over a duplicate over warnings over acceptance. */
static bool outweighs(enum verdict_outcome outcome, enum verdict_outcome other)
{
    static const int weight[] = {
        [VERDICT_ACCEPTED] = 0,
        [VERDICT_ACCEPTED_WITH_WARNINGS] = 1,
        [VERDICT_REFUSED] = 3,
        [VERDICT_DUPLICATE] = 2,
    };
    return weight[outcome & 3] > weight[other & 3];
}

/* The deciding outcome, and the first remark that has it. */
static enum result remark_state(struct views *views, struct arena *arena,
                                struct store_message *message, struct error *error)
{
    struct verdict_remark *remarks = NULL;
    size_t count = 0;
    enum result result =
        views_remarks(views, message->channel, message->index, arena, &remarks, &count, error);
    if (result != RESULT_OK || count == 0) {
        return result;
    }
    const struct verdict_remark *first = &remarks[0];
    for (size_t i = 1; i < count; i++) {
        if (outweighs(remarks[i].outcome, first->outcome)) {
            first = &remarks[i];
        }
    }
    struct buffer line = {0};
    buffer_printf(&line, "%.*s: %.*s", TEXT_ARGS(first->code), TEXT_ARGS(first->detail));
    message->outcome = first->outcome;
    message->remark = arena_text(arena, buffer_view(&line));
    result = buffer_check(&line, error);
    buffer_free(&line);
    return result == RESULT_OK && message->remark.data == NULL ? views_no_memory(error) : result;
}

/* The next columns of MESSAGE, of the message's certificate and channel. */
static enum result get_texts(struct query *query, struct arena *arena,
                             struct store_message *message, struct error *error)
{
    message->exporter = arena_text(arena, get_text(query));
    message->number = arena_text(arena, get_text(query));
    message->direction = get_integer(query) == STORE_OUTGOING ? STORE_OUTGOING : STORE_INCOMING;
    message->partner = arena_text(arena, get_text(query));
    message->origin = arena_text(arena, get_text(query));
    return message->exporter.data == NULL || message->number.data == NULL ||
                   message->partner.data == NULL || message->origin.data == NULL
               ? views_no_memory(error)
               : RESULT_OK;
}

enum result views_message(struct views *views, struct arena *arena, struct store_message *message,
                          struct views_lies *lies, struct error *error)
{
    bool has_remarks = false;
    struct query query = sql_query(&views->sql, VIEWS_MESSAGE);
    put_integer(&query, message->channel);
    put_integer(&query, message->index);
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        lies->position = get_integer(&query);
        lies->record_size = (uint32_t)get_integer(&query);
        result = get_texts(&query, arena, message, error);
        bool held = get_integer(&query) != 0;
        message->stored_s = get_integer(&query);
        message->held = held && message->stored_s == 0;
        message->judged_ms = get_integer(&query);
        message->delivered_ms = get_integer(&query);
        message->answered_ms = get_integer(&query);
        has_remarks = get_integer(&query) != 0;
    }
    sql_end(&query);
    return result == RESULT_OK && has_remarks ? remark_state(views, arena, message, error) : result;
}
