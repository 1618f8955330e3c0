/* Lines of the audit log. See audit_line.h. */
#include "keys/audit_line.h"

#include "keys/text.h"
#include "proto/utf8.h"

#include <inttypes.h>

#define DELETE 0x7f

static bool is_control(uint32_t c)
{
    return c < ' ' || (c >= DELETE && c < 0xa0);
}

/* The text as it may stand in a line. One that is no UTF-8 keeps its ASCII. */
static void field_append(struct text text, struct buffer *out)
{
    bool valid = utf8_valid(text);
    struct text rest = valid ? utf8_cut(text, AUDIT_FIELD_BYTES) : text;
    size_t end = out->size + AUDIT_FIELD_BYTES;
    buffer_text(out, "\t");
    while (rest.size > 0 && out->size < end) {
        const char *at = rest.data;
        uint32_t c = valid ? utf8_next(&rest) : (uint8_t)*at;
        size_t size = 1;
        if (valid) {
            size = (size_t)(rest.data - at);
        } else {
            rest = (struct text){at + 1, rest.size - 1};
        }
        if (is_control(c) || (!valid && c > DELETE)) {
            buffer_text(out, "?");
        } else {
            buffer_append(out, at, size);
        }
    }
}

void audit_line_append(uint64_t number, const struct merkle_hash *before,
                       const struct audit_act *act, struct buffer *out)
{
    char time[TEXT_TIME_BYTES];
    text_time(act->time_s, time);
    buffer_printf(out, "%" PRIu64 "\t%s\t", number, time);
    text_base64_append(out, (struct bytes){before->bytes, sizeof before->bytes});
    field_append(act->who, out);
    field_append(act->verb, out);
    field_append(act->subject, out);
    field_append(act->detail, out);
    buffer_text(out, "\n");
}

static bool field_is_clean(struct text field)
{
    if (field.size > AUDIT_FIELD_BYTES || !utf8_valid(field)) {
        return false;
    }
    while (field.size > 0) {
        if (is_control(utf8_next(&field))) {
            return false;
        }
    }
    return true;
}

/* The next field of a line; all but the last end with a tab. */
static struct text field_next(struct text *rest)
{
    struct text field = text_until(rest, '\t');
    (void)text_skip(rest, "\t");
    return field;
}

enum result audit_line_read(struct text text, struct audit_line *line, struct error *error)
{
    struct text rest = text;
    size_t size = 0;
    *line = (struct audit_line){.text = text};
    if (text.size > AUDIT_LINE_BYTES) {
        return error_set(error, RESULT_INVALID, "a line of %zu bytes, above the limit of %zu",
                         text.size, AUDIT_LINE_BYTES);
    }
    if (!decimal_parse(field_next(&rest), MERKLE_SIZE_MAX, &line->number)) {
        return error_set(error, RESULT_INVALID, "begins with no number");
    }
    if (!text_time_read(field_next(&rest), &line->act.time_s)) {
        return error_set(error, RESULT_INVALID, "has no time behind its number");
    }
    if (!text_base64_read(field_next(&rest), line->before.bytes, sizeof line->before.bytes,
                          &size) ||
        size != sizeof line->before.bytes) {
        return error_set(error, RESULT_INVALID, "has no root of 32 bytes behind its time");
    }
    struct text *const fields[] = {&line->act.who, &line->act.verb, &line->act.subject};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        *fields[i] = text_until(&rest, '\t');
        if (!field_is_clean(*fields[i]) || !text_skip(&rest, "\t")) {
            return error_set(error, RESULT_INVALID, "has not seven fields of printable text");
        }
    }
    line->act.detail = rest;
    return field_is_clean(rest)
               ? RESULT_OK
               : error_set(error, RESULT_INVALID, "has not seven fields of printable text");
}
