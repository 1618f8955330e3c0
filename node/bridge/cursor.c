/* Cursors: positions in channels as text. See read.h. */
#include "node/bridge/read.h"

static bool parse_row(struct text row, uint32_t *channel, uint64_t *next)
{
    uint64_t number = 0;
    struct text name = text_until(&row, '-');
    if (!decimal_parse(name, UINT32_MAX, &number) || !text_skip(&row, "-") ||
        !decimal_parse(row, UINT64_MAX, next)) {
        return false;
    }
    *channel = (uint32_t)number;
    return true;
}

bool cursor_parse(struct text text, struct cursor *cursor)
{
    cursor->count = 0;
    while (text.size > 0) {
        struct text row = text_until(&text, '.');
        bool more = text_skip(&text, ".");
        uint32_t channel = 0;
        uint64_t next = 0;
        bool good = cursor->count < CURSOR_CHANNELS_MAX && parse_row(row, &channel, &next) &&
                    (cursor->count == 0 || channel > cursor->rows[cursor->count - 1].channel);
        if (!good || (more && text.size == 0)) {
            return false;
        }
        cursor->rows[cursor->count].channel = channel;
        cursor->rows[cursor->count++].next = next;
    }
    return true;
}

void cursor_write(const struct cursor *cursor, struct buffer *out)
{
    for (size_t i = 0; i < cursor->count; i++) {
        buffer_printf(out, "%s%u-%llu", i == 0 ? "" : ".", cursor->rows[i].channel,
                      (unsigned long long)cursor->rows[i].next);
    }
}

uint64_t cursor_at(const struct cursor *cursor, uint32_t channel, uint64_t standard)
{
    for (size_t i = 0; i < cursor->count; i++) {
        if (cursor->rows[i].channel == channel) {
            return cursor->rows[i].next;
        }
    }
    return standard;
}

bool cursor_set(struct cursor *cursor, uint32_t channel, uint64_t next)
{
    size_t at = 0;
    while (at < cursor->count && cursor->rows[at].channel < channel) {
        at++;
    }
    if (at < cursor->count && cursor->rows[at].channel == channel) {
        cursor->rows[at].next = next;
        return true;
    }
    if (cursor->count == CURSOR_CHANNELS_MAX) {
        return false;
    }
    memmove(&cursor->rows[at + 1], &cursor->rows[at],
            (cursor->count - at) * sizeof cursor->rows[0]);
    cursor->rows[at].channel = channel;
    cursor->rows[at].next = next;
    cursor->count++;
    return true;
}
