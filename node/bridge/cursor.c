/* Cursors: positions in channels as text. See read.h. */
#include "node/bridge/read.h"

/* "TAG-NEXT". */
static bool parse_row(struct text row, char channel[CHANNEL_TAG_BYTES], uint64_t *next)
{
    uint8_t bytes[CHANNEL_TAG_BYTES / 2];
    const struct text tag = text_until(&row, '-');
    if (!hex_decode(tag, bytes, sizeof bytes) || !text_skip(&row, "-") ||
        !decimal_parse(row, UINT64_MAX, next)) {
        return false;
    }
    hex_encode((struct bytes){bytes, sizeof bytes}, channel);
    return true;
}

bool cursor_parse(struct text text, struct cursor *cursor)
{
    cursor->count = 0;
    while (text.size > 0) {
        struct text row = text_until(&text, '.');
        bool more = text_skip(&text, ".");
        char channel[CHANNEL_TAG_BYTES];
        uint64_t next = 0;
        bool good =
            cursor->count < CURSOR_CHANNELS_MAX && parse_row(row, channel, &next) &&
            (cursor->count == 0 || strcmp(channel, cursor->rows[cursor->count - 1].channel) > 0);
        if (!good || (more && text.size == 0)) {
            return false;
        }
        memcpy(cursor->rows[cursor->count].channel, channel, sizeof channel);
        cursor->rows[cursor->count++].next = next;
    }
    return true;
}

void cursor_write(const struct cursor *cursor, struct buffer *out)
{
    for (size_t i = 0; i < cursor->count; i++) {
        buffer_printf(out, "%s%s-%llu", i == 0 ? "" : ".", cursor->rows[i].channel,
                      (unsigned long long)cursor->rows[i].next);
    }
}

/* Where the channel stands, or would. */
static size_t place_of(const struct cursor *cursor, const char *tag, bool *found)
{
    size_t at = 0;
    while (at < cursor->count && strcmp(cursor->rows[at].channel, tag) < 0) {
        at++;
    }
    *found = at < cursor->count && strcmp(cursor->rows[at].channel, tag) == 0;
    return at;
}

uint64_t cursor_at(const struct cursor *cursor, const char *origin, uint64_t standard)
{
    char tag[CHANNEL_TAG_BYTES];
    bool found = false;
    channel_tag(text_of(origin), tag);
    size_t at = place_of(cursor, tag, &found);
    return found ? cursor->rows[at].next : standard;
}

bool cursor_set(struct cursor *cursor, const char *origin, uint64_t next)
{
    char tag[CHANNEL_TAG_BYTES];
    bool found = false;
    channel_tag(text_of(origin), tag);
    size_t at = place_of(cursor, tag, &found);
    if (!found && cursor->count == CURSOR_CHANNELS_MAX) {
        return false;
    }
    if (!found) {
        memmove(&cursor->rows[at + 1], &cursor->rows[at],
                (cursor->count - at) * sizeof cursor->rows[0]);
        memcpy(cursor->rows[at].channel, tag, sizeof tag);
        cursor->count++;
    }
    cursor->rows[at].next = next;
    return true;
}

const struct store_channel *cursor_channel(const struct cursor *cursor, size_t row,
                                           const struct store_channel *channels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char tag[CHANNEL_TAG_BYTES];
        channel_tag(text_of(channels[i].origin), tag);
        if (strcmp(tag, cursor->rows[row].channel) == 0) {
            return &channels[i];
        }
    }
    return NULL;
}
