/* The grammar of JSON. See json_cursor.h. */
#include "proto/json_cursor.h"

#include "proto/json.h"
#include "proto/utf8.h"

#include <endian.h>

#define ONES  0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL

bool json_fail(struct json_cursor *cursor, const char *problem)
{
    if (cursor->problem == NULL) {
        cursor->problem = problem;
        cursor->problem_at = cursor->at;
    }
    return false;
}

/* The first byte that ends a plain run of a string: a quote, a backslash or a control character.
 * Eight bytes at a time: each term has the high bit of a byte set where that byte is a hit, and the
 * lowest hit is exact. Bits of bytes outside ASCII are gathered in `high`. */
static const char *run_end(const char *at, const char *end, uint64_t *high)
{
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        eight = le64toh(eight);
        uint64_t quote = eight ^ (ONES * '"');
        uint64_t backslash = eight ^ (ONES * '\\');
        uint64_t hits = ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) |
                        ((eight - ONES * 0x20) & ~eight);
        hits &= HIGHS;
        if (hits != 0) {
            unsigned before = (unsigned)__builtin_ctzll(hits) & ~7u;
            *high |= before == 0 ? 0 : eight & HIGHS & (~0ULL >> (64 - before));
            return at + before / 8;
        }
        *high |= eight & HIGHS;
        at += 8;
    }
    for (; at < end; at++) {
        uint8_t byte = (uint8_t)*at;
        if (byte == '"' || byte == '\\' || byte < 0x20) {
            break;
        }
        *high |= byte & 0x80;
    }
    return at;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Takes four hexadecimal digits. */
static bool take_unit(struct json_cursor *cursor, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = cursor->at < cursor->end ? hex_digit(*cursor->at) : -1;
        if (digit < 0) {
            return json_fail(cursor, "\\u needs four hexadecimal digits");
        }
        *unit = *unit << 4 | (uint32_t)digit;
        cursor->at++;
    }
    return true;
}

static char *utf8_put(char *out, uint32_t point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xc0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        *out++ = (char)(0xe0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    } else {
        *out++ = (char)(0xf0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3f));
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    }
    return out;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* RFC 8259, section 7: behind "\u" stands a UTF-16 unit; two of them may make one character. */
static bool take_character(struct json_cursor *cursor, char **out)
{
    uint32_t unit;
    if (!take_unit(cursor, &unit)) {
        return false;
    }
    if (unit >= 0xd800 && unit <= 0xdbff && cursor->end - cursor->at >= 2 &&
        cursor->at[0] == '\\' && cursor->at[1] == 'u') {
        const char *second_at = cursor->at;
        uint32_t second;
        cursor->at += 2;
        if (!take_unit(cursor, &second)) {
            return false;
        }
        if (is_low(second)) {
            *out = utf8_put(*out, 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00));
            return true;
        }
        cursor->at = second_at;
    }
    if (unit >= 0xd800 && unit <= 0xdfff) {
        cursor->lone_surrogate = true;
        unit = 0xfffd;
    }
    *out = utf8_put(*out, unit);
    return true;
}

/* Takes what stands behind a backslash. */
static bool take_escape(struct json_cursor *cursor, char **out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char letter = json_peek(cursor);
    if (letter == 'u') {
        cursor->at++;
        return take_character(cursor, out);
    }
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    if (found == NULL) {
        return json_fail(cursor, "a backslash must be followed by one of \" \\ / b f n r t u");
    }
    *(*out)++ = meanings[found - letters];
    cursor->at++;
    return true;
}

/* The closing quote, looking past escaped ones; `end` when there is none. */
static const char *closing_quote(const char *at, const char *end)
{
    while (at < end && *at != '"') {
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    }
    return at;
}

static bool string_failure(struct json_cursor *cursor)
{
    return json_fail(cursor, cursor->at >= cursor->end ? "a string has no closing quote"
                                                       : "a control character stands in a string; "
                                                         "write it as an escape");
}

/* Takes the rest of a string whose plain run from `start` stopped at a backslash. */
static bool take_escaped(struct json_cursor *cursor, const char *start, uint64_t high,
                         struct text *out)
{
    size_t room = (size_t)(closing_quote(cursor->at, cursor->end) - start);
    char *decoded = arena_alloc(cursor->arena, room + 1);
    if (decoded == NULL) {
        cursor->no_memory = true;
        return json_fail(cursor, "there is no memory for a string");
    }
    char *to = decoded;
    const char *from = start;
    for (;;) {
        size_t run = (size_t)(cursor->at - from);
        memcpy(to, from, run);
        to += run;
        char stop = json_peek(cursor);
        if (stop == '"') {
            break;
        }
        if (stop != '\\') {
            return string_failure(cursor);
        }
        cursor->at++;
        if (!take_escape(cursor, &to)) {
            return false;
        }
        from = cursor->at;
        cursor->at = run_end(from, cursor->end, &high);
    }
    cursor->at++;
    *out = (struct text){decoded, (size_t)(to - decoded)};
    return high == 0 || utf8_valid(*out) || json_fail(cursor, "a string is not valid UTF-8");
}

bool json_take_string(struct json_cursor *cursor, struct text *out)
{
    if (json_peek(cursor) != '"') {
        return json_fail(cursor, "a string in quotes is expected");
    }
    const char *start = cursor->at + 1;
    uint64_t high = 0;
    cursor->lone_surrogate = false;
    cursor->at = run_end(start, cursor->end, &high);
    char stop = json_peek(cursor);
    if (stop == '\\') {
        return take_escaped(cursor, start, high, out);
    }
    if (stop != '"') {
        return string_failure(cursor);
    }
    *out = (struct text){start, (size_t)(cursor->at - start)};
    cursor->at++;
    return high == 0 || utf8_valid(*out) || json_fail(cursor, "a string is not valid UTF-8");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_digits(struct json_cursor *cursor)
{
    if (!is_digit(json_peek(cursor))) {
        return json_fail(cursor, "a digit is expected");
    }
    while (is_digit(json_peek(cursor))) {
        cursor->at++;
    }
    return true;
}

/* RFC 8259, section 6. */
bool json_take_number(struct json_cursor *cursor, struct text *out, bool *whole)
{
    const char *start = cursor->at;
    *whole = true;
    if (json_peek(cursor) == '-') {
        *whole = false;
        cursor->at++;
    }
    if (json_peek(cursor) == '0') {
        cursor->at++;
        if (is_digit(json_peek(cursor))) {
            return json_fail(cursor, "a number must not begin with 0");
        }
    } else if (!take_digits(cursor)) {
        return false;
    }
    if (json_peek(cursor) == '.') {
        *whole = false;
        cursor->at++;
        if (!take_digits(cursor)) {
            return false;
        }
    }
    if (json_peek(cursor) == 'e' || json_peek(cursor) == 'E') {
        *whole = false;
        cursor->at++;
        if (json_peek(cursor) == '+' || json_peek(cursor) == '-') {
            cursor->at++;
        }
        if (!take_digits(cursor)) {
            return false;
        }
    }
    *out = (struct text){start, (size_t)(cursor->at - start)};
    return true;
}

bool json_take_word(struct json_cursor *cursor, struct text *out)
{
    static const struct text words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((size_t)(cursor->end - cursor->at) >= words[i].size &&
            memcmp(cursor->at, words[i].data, words[i].size) == 0) {
            *out = words[i];
            cursor->at += words[i].size;
            return true;
        }
    }
    return json_fail(cursor, "a value is expected");
}

/* Passes over the inside of an array or object, up to its closing bracket. */
static bool skip_inside(struct json_cursor *cursor, char close, unsigned depth)
{
    struct text name;
    cursor->at++;
    json_blanks(cursor);
    if (json_peek(cursor) == close) {
        cursor->at++;
        return true;
    }
    for (;;) {
        if (close == '}' && (!json_take_string(cursor, &name) ||
                             !json_take(cursor, ':', "a colon is expected behind a name"))) {
            return false;
        }
        if (!json_skip(cursor, depth + 1)) {
            return false;
        }
        json_blanks(cursor);
        if (json_peek(cursor) == close) {
            cursor->at++;
            return true;
        }
        if (!json_take(cursor, ',', "a comma or a closing bracket is expected")) {
            return false;
        }
    }
}

bool json_skip(struct json_cursor *cursor, unsigned depth)
{
    struct text ignored;
    bool whole;
    char first = json_peek(cursor);
    if (depth > JSON_DEPTH_MAX) {
        return json_fail(cursor, "the document is nested too deep");
    }
    switch (first) {
    case '"':
        return json_take_string(cursor, &ignored);
    case '{':
        return skip_inside(cursor, '}', depth);
    case '[':
        return skip_inside(cursor, ']', depth);
    default:
        return first == '-' || is_digit(first) ? json_take_number(cursor, &ignored, &whole)
                                               : json_take_word(cursor, &ignored);
    }
}
