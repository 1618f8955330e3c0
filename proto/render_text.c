/* Text in HTML. See render_text.h. */
#include "proto/render_text.h"

#include "proto/utf8.h"

static const char *entity_of(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put(struct buffer *out, struct text text, const char *line_feed)
{
    struct text rest = utf8_cut(text, text.size);
    while (rest.size > 0) {
        const char *start = rest.data;
        uint32_t c = utf8_next(&rest);
        const char *entity = c == '\n' ? line_feed : entity_of(c);
        if (entity != NULL) {
            buffer_text(out, entity);
        } else if (utf8_deceives(c)) {
            buffer_printf(out, "[U+%04X]", (unsigned)c);
        } else {
            buffer_append(out, start, (size_t)(rest.data - start));
        }
    }
}

void render_text(struct buffer *out, struct text text)
{
    put(out, text, " ");
}

void render_value(struct buffer *out, struct text text)
{
    buffer_text(out, "<bdi>");
    put(out, text, "<br>");
    buffer_text(out, "</bdi>");
}
