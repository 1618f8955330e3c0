/* Asking the views about channels. See views.h. */
#include "node/store/views.h"
#include "node/store/views_schema.h"

/* The first `count` columns of a statement's first row for a channel; zeroes when there is none. */
static enum result channel_values(struct views *views, enum views_statement statement,
                                  uint32_t channel, uint64_t *values, size_t count, bool *found,
                                  struct error *error)
{
    struct query query = sql_query(&views->sql, statement);
    put_integer(&query, channel);
    enum result result = sql_row(&query, error);
    *found = result == RESULT_OK;
    for (size_t i = 0; i < count; i++) {
        values[i] = *found ? get_integer(&query) : 0;
    }
    sql_end(&query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result load_state(struct views *views, struct store_channel *channel,
                              struct error *error)
{
    struct views_hashes hashes = {views, channel->number};
    uint64_t values[2];
    bool found = false;
    enum result result =
        channel_values(views, VIEWS_LAST_ENTRY, channel->number, values, 1, &found, error);
    if (result == RESULT_OK) {
        channel->size = found ? values[0] + 1 : 0;
        result = merkle_load(views_read_hash, &hashes, channel->size, &channel->tree, error);
    }
    if (result == RESULT_OK) {
        result =
            channel_values(views, VIEWS_LAST_RECEIPT, channel->number, values, 2, &found, error);
        channel->receipt_size = values[0];
        channel->receipt_time_s = values[1];
    }
    if (result == RESULT_OK) {
        result = channel_values(views, VIEWS_LAST_JUDGED, channel->number, &channel->judged, 1,
                                &found, error);
    }
    if (result == RESULT_OK) {
        result = channel_values(views, VIEWS_LAST_TAKEN, channel->number, &channel->taken, 1,
                                &found, error);
    }
    if (result == RESULT_OK) {
        result =
            channel_values(views, VIEWS_LAST_CARRIED, channel->number, values, 2, &found, error);
        channel->carried = values[0];
        channel->carried_serial = values[1];
    }
    return result;
}

static void copy_text(char *out, size_t size, struct text text)
{
    size_t length = text.size < size ? text.size : size - 1;
    memcpy(out, text.data == NULL ? "" : text.data, length);
    out[length] = '\0';
}

static void channel_row(struct query *query, struct store_channel *channel)
{
    channel->number = (uint32_t)get_integer(query);
    channel->direction = get_integer(query) == STORE_OUTGOING ? STORE_OUTGOING : STORE_INCOMING;
    copy_text(channel->partner, sizeof channel->partner, get_text(query));
    copy_text(channel->origin, sizeof channel->origin, get_text(query));
    channel->held = !get_null(query);
    copy_text(channel->held_reason, sizeof channel->held_reason, get_text(query));
}

enum result views_channels(struct views *views, struct arena *arena,
                           struct store_channel **channels, size_t *count, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_CHANNELS);
    *channels = NULL;
    *count = 0;
    size_t capacity = 0;
    enum result result = sql_row(&query, error);
    for (; result == RESULT_OK; result = sql_row(&query, error)) {
        struct store_channel channel = {0};
        channel_row(&query, &channel);
        if (*channels == NULL) {
            capacity = (size_t)get_integer(&query);
            *channels = arena_alloc(arena, capacity * sizeof **channels);
        }
        if (*channels == NULL || *count == capacity) {
            result = views_no_memory(error);
            break;
        }
        result = load_state(views, &channel, error);
        if (result != RESULT_OK) {
            break;
        }
        (*channels)[(*count)++] = channel;
    }
    sql_end(&query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
