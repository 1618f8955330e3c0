/* Lines of a stream. See lines.h. */
#include "node/bridge/lines.h"

static bool is_blank(struct bytes line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r') {
            return false;
        }
    }
    return true;
}

static void keep(struct lines *lines, struct bytes part)
{
    if (lines->given) {
        buffer_clear(&lines->begun);
        lines->given = false;
        lines->too_long = false;
    }
    if (lines->too_long || lines->begun.size + part.size > LINE_MAX_BYTES) {
        lines->too_long = true;
        buffer_clear(&lines->begun);
    } else {
        buffer_append(&lines->begun, part.data, part.size);
    }
}

/* The line that is kept, if it is one. */
static bool give(struct lines *lines, struct line *line)
{
    lines->given = true;
    lines->number++;
    *line = (struct line){buffer_bytes(&lines->begun), lines->too_long};
    return lines->too_long || !is_blank(line->bytes);
}

bool lines_next(struct lines *lines, struct bytes *piece, struct line *line)
{
    while (piece->size > 0) {
        const uint8_t *end = memchr(piece->data, '\n', piece->size);
        bool begun = !lines->given && (lines->begun.size > 0 || lines->too_long);
        struct bytes part = {piece->data, end == NULL ? piece->size : (size_t)(end - piece->data)};
        size_t used = part.size + (end != NULL);
        piece->data += used;
        piece->size -= used;
        if (end != NULL && !begun && part.size <= LINE_MAX_BYTES) {
            lines->number++;
            *line = (struct line){part, false};
            if (!is_blank(part)) {
                return true;
            }
            continue;
        }
        keep(lines, part);
        if (end != NULL && give(lines, line)) {
            return true;
        }
    }
    return false;
}

bool lines_last(struct lines *lines, struct line *line)
{
    bool begun = !lines->given && (lines->begun.size > 0 || lines->too_long);
    return begun && give(lines, line);
}

void lines_free(struct lines *lines)
{
    buffer_free(&lines->begun);
}
