/* Indented JSON. See schema_pen.h. */
#include "proto/schema_pen.h"

#include "proto/json.h"
#include "proto/utf8.h"

void pen_key(struct pen *pen, const char *key)
{
    buffer_printf(pen->out, "%s\n%*s", pen->inside ? "," : "", (int)pen->depth * 2, "");
    pen->inside = true;
    if (key != NULL) {
        json_write_string(text_of(key), pen->out);
        buffer_text(pen->out, ": ");
    }
}

void pen_open(struct pen *pen, const char *key, const char *bracket)
{
    pen_key(pen, key);
    buffer_text(pen->out, bracket);
    pen->depth++;
    pen->inside = false;
}

void pen_close(struct pen *pen, const char *bracket)
{
    pen->depth--;
    buffer_printf(pen->out, "\n%*s%s", (int)pen->depth * 2, "", bracket);
    pen->inside = true;
}

void pen_string(struct pen *pen, const char *key, const char *value)
{
    pen_key(pen, key);
    json_write_string(text_of(value), pen->out);
}

void pen_number(struct pen *pen, const char *key, uint64_t value)
{
    pen_key(pen, key);
    buffer_printf(pen->out, "%llu", (unsigned long long)value);
}

void pen_word(struct pen *pen, const char *key, const char *word)
{
    pen_key(pen, key);
    buffer_text(pen->out, word);
}

void pen_strings(struct pen *pen, const char *key, const char *const *strings, size_t count)
{
    pen_key(pen, key);
    for (size_t i = 0; i < count; i++) {
        buffer_text(pen->out, i == 0 ? "[" : ", ");
        json_write_string(text_of(strings[i]), pen->out);
    }
    buffer_text(pen->out, "]");
}

void pen_reference(struct pen *pen, const char *name)
{
    pen_key(pen, "$ref");
    buffer_printf(pen->out, "\"%s%s%s\"", pen->place, pen->prefix, name);
}

/* A \u escape, two beyond U+FFFF (RFC 8259, section 7). */
static void put_escape(uint32_t point, struct buffer *out)
{
    if (point > 0xffff) {
        point -= 0x10000;
        buffer_printf(out, "\\u%04x", 0xd800 | point >> 10);
        point = 0xdc00 | (point & 0x3ff);
    }
    buffer_printf(out, "\\u%04x", point);
}

void pen_pattern(struct pen *pen, struct text pattern)
{
    pen_key(pen, "pattern");
    buffer_text(pen->out, "\"^(");
    while (pattern.size > 0) {
        uint32_t point = utf8_next(&pattern);
        if (point == 0) {
            buffer_text(pen->out, "\\\\x00"); /* not every reader of JSON takes \u0000 */
        } else if (point < 0x20 || point > 0x7e) {
            put_escape(point, pen->out);
        } else {
            buffer_text(pen->out, point == '"' || point == '\\' ? "\\" : "");
            buffer_append(pen->out, (char[]){(char)point}, 1);
        }
    }
    buffer_text(pen->out, ")$\"");
}
