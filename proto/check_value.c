/* Single values. See check_value.h. */
#include "proto/check_value.h"

#include "proto/utf8.h"

#define ONES  0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL

static const struct flaw fine = {NULL, NULL, false, 0};

static struct flaw flawed(const char *code, const char *clause)
{
    return (struct flaw){code, clause, false, 0};
}

/* Ranges of characters that are refused, ascending. Source: the Unicode character database, general
 * categories Cc, Cf, Zs, Zl, Zp and default ignorable characters. */
static const struct range {
    uint32_t first;
    uint32_t last;
    bool in_text; /* refused in text too, not in identifiers alone */
    const char *code;
    const char *clause;
} ranges[] = {
    {0x0000, 0x001f, true, "control-character", "a control character; take it out"},
    {0x007f, 0x009f, true, "control-character", "a control character; take it out"},
    {0x00a0, 0x00a0, false, "look-alike", "a no-break blank; write a plain blank"},
    {0x00ad, 0x00ad, false, "invisible-character", "a soft hyphen; take it out"},
    {0x034f, 0x034f, false, "invisible-character", "an invisible joiner; take it out"},
    {0x061c, 0x061c, false, "invisible-character", "an invisible mark; take it out"},
    {0x115f, 0x1160, false, "invisible-character", "an invisible filler; take it out"},
    {0x1680, 0x1680, false, "look-alike", "a blank of another script; write a plain blank"},
    {0x17b4, 0x17b5, false, "invisible-character", "an invisible vowel; take it out"},
    {0x180b, 0x180f, false, "invisible-character", "an invisible separator; take it out"},
    {0x2000, 0x200a, false, "look-alike", "a blank of another width; write a plain blank"},
    {0x200b, 0x200f, false, "invisible-character", "an invisible character; take it out"},
    {0x2010, 0x2015, false, "look-alike", "a typographic dash; write -"},
    {0x2028, 0x202e, false, "invisible-character", "an invisible separator; take it out"},
    {0x202f, 0x202f, false, "look-alike", "a narrow blank; write a plain blank"},
    {0x205f, 0x205f, false, "look-alike", "a mathematical blank; write a plain blank"},
    {0x2060, 0x206f, false, "invisible-character", "an invisible character; take it out"},
    {0x2212, 0x2212, false, "look-alike", "a minus sign; write -"},
    {0x2800, 0x2800, false, "invisible-character", "an empty pattern; take it out"},
    {0x3000, 0x3000, false, "full-width", "a full-width blank; write a plain blank"},
    {0x3164, 0x3164, false, "invisible-character", "an invisible filler; take it out"},
    {0xfdd0, 0xfdef, true, "not-a-character", "no character; mend the text at its source"},
    {0xfe00, 0xfe0f, false, "invisible-character", "a variation selector; take it out"},
    {0xfe58, 0xfe58, false, "look-alike", "a small dash; write -"},
    {0xfe63, 0xfe63, false, "look-alike", "a small hyphen; write -"},
    {0xfeff, 0xfeff, false, "invisible-character", "a byte order mark; take it out"},
    {0xff01, 0xff60, false, "full-width", "a full-width form; write it in plain ASCII"},
    {0xffa0, 0xffa0, false, "invisible-character", "an invisible filler; take it out"},
    {0xffe0, 0xffe6, false, "full-width", "a full-width form; write the plain one"},
    {0xfff9, 0xfffb, false, "invisible-character", "an annotation mark; take it out"},
    {0xfffd, 0xfffd, true, "replacement-character",
     "U+FFFD, which stands for a character that was lost; mend the text at its source"},
    {0xe0000, 0xe0fff, false, "invisible-character", "an invisible tag; take it out"},
};

struct flaw character_flaw(uint32_t character, bool identifier)
{
    if (character == '\n' && !identifier) {
        return fine;
    }
    if ((character & 0xfffe) == 0xfffe) {
        return (struct flaw){"not-a-character", "no character; mend the text at its source", true,
                             character};
    }
    const struct range *range = ranges;
    const struct range *end = ranges + sizeof ranges / sizeof *ranges;
    for (; range < end && range->first <= character; range++) {
        if (character <= range->last && (identifier || range->in_text)) {
            return (struct flaw){range->code, range->clause, true, character};
        }
    }
    return fine;
}

/* True when all is printable ASCII; eight bytes at a time. */
static bool is_plain(struct text value)
{
    uint64_t eight;
    uint64_t hits = 0;
    size_t i = 0;
    for (; i + 8 <= value.size; i += 8) {
        memcpy(&eight, value.data + i, sizeof eight);
        uint64_t rubout = eight ^ (ONES * 0x7f);
        hits |= eight | ((rubout - ONES) & ~rubout) | ((eight - ONES * 0x20) & ~eight);
    }
    for (; i < value.size; i++) {
        uint8_t byte = (uint8_t)value.data[i];
        hits |= byte < 0x20 || byte > 0x7e ? HIGHS : 0;
    }
    return (hits & HIGHS) == 0;
}

/* Blanks at the ends or in a row are seen by nobody and miss every look-up. */
static struct flaw blanks_flaw(struct text value)
{
    if (memchr(value.data, ' ', value.size) == NULL) {
        return fine;
    }
    if (value.data[0] == ' ' || value.data[value.size - 1] == ' ') {
        return flawed("blanks", "begins or ends with a blank; take it out");
    }
    return memmem(value.data, value.size, "  ", 2) == NULL
               ? fine
               : flawed("blanks", "has two blanks in a row; write one");
}

struct flaw characters_flaw(struct text value, bool identifier)
{
    if (!is_plain(value)) {
        for (struct text rest = value; rest.size > 0;) {
            struct flaw flaw = character_flaw(utf8_next(&rest), identifier);
            if (flaw.code != NULL) {
                return flaw;
            }
        }
    }
    return identifier && value.size > 0 ? blanks_flaw(value) : fine;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How many digits stand at `at`. */
static size_t digits_at(struct text value, size_t at)
{
    size_t end = at;
    while (end < value.size && is_digit(value.data[end])) {
        end++;
    }
    return end - at;
}

struct flaw decimal_flaw(struct text value, uint32_t digits, uint32_t fraction)
{
    size_t whole = digits_at(value, 0);
    bool point = whole < value.size && value.data[whole] == '.';
    size_t behind = point ? digits_at(value, whole + 1) : 0;
    if (whole == 0 || whole + (point ? 1 + behind : 0) != value.size || (point && behind == 0)) {
        return flawed("not-a-decimal",
                      "is no decimal; write digits with a point, such as 12.50, without sign, "
                      "exponent or group marks");
    }
    if (whole > 1 && value.data[0] == '0') {
        return flawed("not-a-decimal", "begins with 0; leave leading zeros out");
    }
    if (behind > fraction) {
        return flawed("too-precise", "has too many digits behind the point");
    }
    return whole + behind > digits ? flawed("too-long", "has too many digits") : fine;
}

struct flaw integer_flaw(struct text value, uint32_t digits)
{
    if (value.size == 0 || digits_at(value, 0) != value.size ||
        (value.size > 1 && value.data[0] == '0')) {
        return flawed("not-an-integer", "is no whole number; write digits without leading zeros");
    }
    return value.size > digits ? flawed("too-long", "has too many digits") : fine;
}

/* Two digits as a number. */
static unsigned two(const char *at)
{
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

static bool is_day(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1900 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Z, +HH, -HH, +HHMM or -HHMM; the widest offset in use is 14 hours. */
static bool is_offset(struct text offset)
{
    if (offset.size == 1) {
        return offset.data[0] == 'Z';
    }
    if ((offset.size != 3 && offset.size != 5) ||
        (offset.data[0] != '+' && offset.data[0] != '-') ||
        digits_at(offset, 1) != offset.size - 1) {
        return false;
    }
    unsigned minutes = two(offset.data + 1) * 60 + (offset.size == 5 ? two(offset.data + 3) : 0);
    return minutes <= 14 * 60 && (offset.size == 3 || two(offset.data + 3) < 60);
}

struct flaw date_flaw(struct text value, struct text format)
{
    bool with_time = text_equal(format, TEXT("304"));
    size_t digits = with_time ? 14 : 8;
    if (digits_at(value, 0) != digits || (!with_time && value.size != digits)) {
        return with_time
                   ? flawed("not-a-date", "does not have format 304; write CCYYMMDDHHMMSS and "
                                          "the offset, such as 20260105093000+0900")
                   : flawed("not-a-date",
                            "does not have format 102; write CCYYMMDD, such as 20260105");
    }
    const char *at = value.data;
    if (!is_day(two(at) * 100 + two(at + 2), two(at + 4), two(at + 6))) {
        return flawed("not-a-date", "is no day of the calendar");
    }
    if (!with_time) {
        return fine;
    }
    if (two(at + 8) > 23 || two(at + 10) > 59 || two(at + 12) > 59) {
        return flawed("not-a-date", "is no time of the day");
    }
    return is_offset((struct text){at + digits, value.size - digits})
               ? fine
               : flawed("no-offset", "lacks a right offset from UTC; end it with Z, +0900 or -03");
}

size_t character_count(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        count += ((uint8_t)text.data[i] & 0xc0) != 0x80 ? 1 : 0;
    }
    return count;
}
