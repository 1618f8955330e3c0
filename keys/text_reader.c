/* A signed text, line by line. See text_reader.h. */
#include "keys/text_reader.h"

#include <stdio.h>

#define QUOTED_MAX 80 /* bytes of a wrong line that a sentence repeats */

void text_reader_next(struct text_reader *reader)
{
    reader->at_line = text_lines_next(&reader->lines);
}

enum result text_reader_start(struct text_reader *reader, const char *what, struct text text,
                              const char *first, struct error *error)
{
    char expected[128];
    *reader = (struct text_reader){.what = what, .lines = {.rest = text}, .error = error};
    text_reader_next(reader);
    if (!reader->at_line || !text_equal(reader->lines.line, text_of(first))) {
        (void)snprintf(expected, sizeof expected, "'%s', the first line of a text of this kind",
                       first);
        return text_reader_refuse(reader, expected);
    }
    text_reader_next(reader);
    return RESULT_OK;
}

bool text_reader_has(const struct text_reader *reader, const char *word, struct text *value)
{
    *value = reader->lines.line;
    return reader->at_line && text_skip(value, word) && text_skip(value, " ");
}

enum result text_reader_refuse(const struct text_reader *reader, const char *expected)
{
    struct text line = reader->lines.line;
    if (!reader->at_line) {
        return error_set(reader->error, RESULT_INVALID,
                         "%s: ends after line %zu, where %s is expected", reader->what,
                         reader->lines.number, expected);
    }
    if (line.size == 0 || text_skip(&line, "\xe2\x80\x94")) {
        return error_set(reader->error, RESULT_INVALID,
                         "%s, line %zu: a second signature block, or an empty line, where %s is "
                         "expected",
                         reader->what, reader->lines.number, expected);
    }
    return error_set(reader->error, RESULT_INVALID, "%s, line %zu: '%.*s' is not %s", reader->what,
                     reader->lines.number, (int)(line.size < QUOTED_MAX ? line.size : QUOTED_MAX),
                     line.data, expected);
}

enum result text_reader_end(const struct text_reader *reader)
{
    if (reader->at_line || reader->lines.rest.size > 0) {
        return text_reader_refuse(reader, "a line that belongs here, in the order of the form");
    }
    return RESULT_OK;
}

enum result text_fields_read(struct text_reader *reader, const struct text_field *fields,
                             size_t count, void *place)
{
    for (size_t i = 0; i < count; i++) {
        const struct text_field *field = &fields[i];
        char expected[160];
        struct text value;
        bool found = text_reader_has(reader, field->word, &value);
        if (!found && field->optional) {
            continue;
        }
        if (!found || value.size >= field->size || !field->accepts(value)) {
            (void)snprintf(expected, sizeof expected, "'%s' and %s", field->word, field->accepted);
            return text_reader_refuse(reader, expected);
        }
        memcpy((char *)place + field->offset, value.data, value.size);
        text_reader_next(reader);
    }
    return RESULT_OK;
}

void text_fields_append(const struct text_field *fields, size_t count, const void *place,
                        struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = (const char *)place + fields[i].offset;
        struct text text = {value, strnlen(value, fields[i].size)};
        if (text.size > 0 || !fields[i].optional) {
            buffer_printf(out, "%s %.*s\n", fields[i].word, TEXT_ARGS(text));
        }
    }
}

enum result text_time_line_read(struct text_reader *reader, const char *word, uint64_t *seconds)
{
    char expected[96];
    struct text value;
    if (!text_reader_has(reader, word, &value) || !text_time_read(value, seconds)) {
        (void)snprintf(expected, sizeof expected, "'%s' and a time as 2026-01-05T09:30:00Z", word);
        return text_reader_refuse(reader, expected);
    }
    text_reader_next(reader);
    return RESULT_OK;
}

bool text_key_read(struct text text, enum key_role role, uint8_t public_key[KEY_PUBLIC_BYTES])
{
    size_t size = 0;
    bool decoded = role == KEY_TRANSPORT
                       ? key_z85_parse(text, public_key)
                       : text_base64_read(text, public_key, KEY_PUBLIC_BYTES, &size) &&
                             size == KEY_PUBLIC_BYTES;
    return decoded && key_is_valid(role, public_key);
}

void text_key_append(const uint8_t public_key[KEY_PUBLIC_BYTES], enum key_role role,
                     struct buffer *out)
{
    char z85[KEY_Z85_BYTES];
    if (role == KEY_TRANSPORT) {
        key_z85(public_key, z85);
        buffer_text(out, z85);
    } else {
        text_base64_append(out, (struct bytes){public_key, KEY_PUBLIC_BYTES});
    }
}
