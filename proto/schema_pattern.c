/* Regular expressions of values. See schema_parts.h. They say what check_value.c and codes.c do. */
#include "proto/check_value.h"
#include "proto/schema_parts.h"

#define CHARACTER_MAX 0x10ffffu

static void put_character(uint32_t point, struct buffer *out)
{
    char bytes[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i-- > 1; point >>= 6) {
        bytes[i] = (char)(0x80 | (point & 0x3f));
    }
    bytes[0] = (char)(heads[size] | point);
    buffer_append(out, bytes, size);
}

/* Char of XML 1.0, section 2.2. */
static bool is_of_xml(uint32_t point)
{
    return point == '\t' || point == '\n' || point == '\r' || (point >= 0x20 && point < 0xfffe) ||
           point > 0xffff;
}

static bool is_surrogate(uint32_t point)
{
    return point >= 0xd800 && point <= 0xdfff;
}

/* A class of all characters that a text or a word of an identifier may have: [^…]. What the check
 * refuses is asked of the check. */
static void put_class(bool identifier, bool xml, struct buffer *out)
{
    buffer_text(out, identifier ? "[^ " : "[^");
    for (uint32_t point = 0; point <= CHARACTER_MAX; point++) {
        uint32_t first = point;
        while (point <= CHARACTER_MAX && !is_surrogate(point) && (!xml || is_of_xml(point)) &&
               character_flaw(point, identifier).code != NULL) {
            point++;
        }
        if (point > first) {
            put_character(first, out);
        }
        if (point > first + 2) {
            buffer_text(out, "-");
        }
        if (point > first + 1) {
            put_character(point - 1, out);
        }
    }
    buffer_text(out, "]");
}

static const char *class_of_shape(char mark)
{
    switch (mark) {
    case 'A':
        return "[A-Z]";
    case '9':
        return "[0-9]";
    case 'X':
        return "[A-Z0-9]";
    case 'L':
        return "[A-Z0-9./%+-]";
    default:
        return NULL;
    }
}

/* Runs of one mark; the optional end is a single run, which a test holds. */
static void put_shape(const char *shape, struct buffer *out)
{
    bool optional = false;
    while (*shape != '\0') {
        if (*shape == '[') {
            optional = true;
            shape++;
            continue;
        }
        const char *class = class_of_shape(*shape);
        size_t count = 1;
        while (shape[count] == *shape) {
            count++;
        }
        if (class == NULL) {
            buffer_append(out, shape, count);
        } else if (optional) {
            buffer_printf(out, "%s{0,%zu}", class, count);
        } else if (count > 1) {
            buffer_printf(out, "%s{%zu}", class, count);
        } else {
            buffer_text(out, class);
        }
        shape += count;
    }
}

/* A list that begins with a country has those that are or were in place of its two capitals. */
static void put_codes(const struct code_list *list, struct buffer *out)
{
    const struct code_list *countries = code_list(CODES_COUNTRY);
    for (size_t i = 0; list->country && i < countries->count; i++) {
        buffer_printf(out, "%s%s", i == 0 ? "(" : "|", countries->codes[i].code);
    }
    buffer_text(out, list->country ? ")" : "");
    if (list->shape != NULL) {
        put_shape(list->shape + (list->country ? 2 : 0), out);
    }
}

/* The digits in all are limited, wherever the point stands: one alternative for each number of
 * digits behind it. */
static void put_decimal(uint32_t digits, uint32_t fraction, struct buffer *out)
{
    for (uint32_t behind = 0; behind <= fraction && behind < digits; behind++) {
        buffer_text(out, behind == 0 ? "" : "|");
        buffer_printf(out, "(0|[1-9][0-9]{0,%u})", digits - behind - 1);
        if (behind > 0) {
            buffer_printf(out, "\\.[0-9]{%u}", behind);
        }
    }
}

void schema_date_pattern(bool day, bool time, struct buffer *out)
{
    static const char days[] = "((19|[2-9][0-9])[0-9]{2}"
                               "((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])"
                               "|(0[469]|11)(0[1-9]|[12][0-9]|30)"
                               "|02(0[1-9]|1[0-9]|2[0-8]))"
                               "|((19|[2-9][0-9])(0[48]|[2468][048]|[13579][26])"
                               "|([2468][048]|[3579][26])00)0229)";
    static const char times[] = "([01][0-9]|2[0-3])([0-5][0-9]){2}"
                                "(Z|[+-]((0[0-9]|1[0-3])([0-5][0-9])?|14(00)?))";
    buffer_text(out, days);
    buffer_text(out, !time ? "" : day ? "(" : times);
    if (day && time) {
        buffer_text(out, times);
        buffer_text(out, ")?");
    }
}

void schema_pattern(const struct schema_type *type, bool xml, struct buffer *out)
{
    switch (type->type) {
    case ELEMENT_TEXT:
        put_class(false, xml, out);
        buffer_text(out, "+");
        break;
    case ELEMENT_IDENTIFIER:
        if (type->uuid) {
            buffer_text(out, "[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}");
            break;
        }
        put_class(true, xml, out);
        buffer_text(out, "+( ");
        put_class(true, xml, out);
        buffer_text(out, "+)*");
        break;
    case ELEMENT_CODE:
        put_codes(code_list(type->codes), out);
        break;
    case ELEMENT_INTEGER:
        buffer_printf(out, "0|[1-9][0-9]{0,%u}", type->length - 1);
        break;
    case ELEMENT_DECIMAL:
    case ELEMENT_MEASURE:
    case ELEMENT_AMOUNT:
        put_decimal(type->length, type->fraction_digits, out);
        break;
    case ELEMENT_DATE_TIME:
        schema_date_pattern(true, true, out);
        break;
    case ELEMENT_INDICATOR:
    case ELEMENT_GROUP:
        break;
    }
}
