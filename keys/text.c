/* Lines, base64, times, printable names. See text.h. */
#include "keys/text.h"

#include "proto/utf8.h"

#include <sodium.h>
#include <time.h>

bool text_lines_next(struct text_lines *lines)
{
    struct text rest = lines->rest;
    struct text line = text_until(&rest, '\n');
    if (!text_skip(&rest, "\n")) {
        return false;
    }
    *lines = (struct text_lines){rest, line, lines->number + 1};
    return true;
}

void text_base64_append(struct buffer *out, struct bytes bytes)
{
    size_t with_nul = sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_ORIGINAL);
    if (buffer_reserve(out, with_nul) == RESULT_OK) {
        (void)sodium_bin2base64((char *)out->data + out->size, with_nul, bytes.data, bytes.size,
                                sodium_base64_VARIANT_ORIGINAL);
        out->size += with_nul - 1;
    }
}

/* libsodium 1.0.18 takes bytes above 0x7f for digits, so the digits are looked at before. */
static bool is_base64(struct text text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    for (size_t i = 0; i < text.size; i++) {
        if (memchr(alphabet, text.data[i], sizeof alphabet - 1) == NULL) {
            return false;
        }
    }
    return text.size > 0;
}

bool text_base64_read(struct text text, uint8_t *out, size_t max, size_t *size)
{
    return is_base64(text) && sodium_base642bin(out, max, text.data, text.size, NULL, size, NULL,
                                                sodium_base64_VARIANT_ORIGINAL) == 0;
}

void text_time(uint64_t seconds, char out[TEXT_TIME_BYTES])
{
    struct tm parts;
    time_t time = (time_t)(seconds < TEXT_TIME_MAX_S ? seconds : TEXT_TIME_MAX_S);
    if (gmtime_r(&time, &parts) == NULL ||
        strftime(out, TEXT_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        out[0] = '\0';
    }
}

/* The two or four digits at `at`, or -1, which makes a time that is not written back the same. */
static int digits(const char *at, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return -1;
        }
        number = number * 10 + (at[i] - '0');
    }
    return number;
}

/* Whatever is not the one spelling of its time is seen by writing the time again. */
bool text_time_read(struct text text, uint64_t *seconds)
{
    char again[TEXT_TIME_BYTES];
    if (text.size != TEXT_TIME_BYTES - 1) {
        return false;
    }
    struct tm parts = {
        .tm_year = digits(text.data, 4) - 1900,
        .tm_mon = digits(text.data + 5, 2) - 1,
        .tm_mday = digits(text.data + 8, 2),
        .tm_hour = digits(text.data + 11, 2),
        .tm_min = digits(text.data + 14, 2),
        .tm_sec = digits(text.data + 17, 2),
    };
    time_t time = timegm(&parts);
    if (time < 0) {
        return false;
    }
    text_time((uint64_t)time, again);
    *seconds = (uint64_t)time;
    return memcmp(again, text.data, text.size) == 0;
}

struct range {
    uint32_t first;
    uint32_t last;
};

/* Characters that are not seen, or change how their neighbours are seen: controls, soft hyphen,
 * marks and overrides of direction, invisible operators, fillers, line separators, interlinear
 * marks, the replacement character, tags. */
static const struct range unprintable[] = {
    {0x0000, 0x001f},    {0x007f, 0x00a0}, {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c},
    {0x115f, 0x1160},    {0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180e, 0x180e}, {0x2000, 0x200b},
    {0x200e, 0x200f},    {0x2028, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164},
    {0xd800, 0xf8ff},    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xffff}, {0x1d173, 0x1d17a},
    {0xe0000, 0x10ffff},
};

/* Second spellings of characters that have a plain one, so that two texts look alike and differ:
 * accents apart from their letter, letters of Hangul apart from their syllable, Roman numerals,
 * signs that are letters, enclosed, fullwidth and mathematical letters. */
static const struct range respelled[] = {
    {0x0261, 0x0261}, {0x0300, 0x036f},   {0x1100, 0x11ff},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff}, {0x2126, 0x2126},   {0x212a, 0x212b},   {0x2160, 0x2188}, {0x2460, 0x24ff},
    {0xfb00, 0xfb06}, {0xfe00, 0xfe0f},   {0xff10, 0xff19},   {0xff21, 0xff3a}, {0xff41, 0xff5a},
    {0xff61, 0xffdc}, {0x1d400, 0x1d7ff}, {0x1f100, 0x1f1ff},
};

/* Scripts with letters that look like those of another one of them. */
static const struct {
    struct range range;
    unsigned script;
} scripts[] = {
    {{0x0041, 0x005a}, 1}, {{0x0061, 0x007a}, 1}, {{0x00c0, 0x024f}, 1}, {{0x1e00, 0x1eff}, 1},
    {{0x0370, 0x03ff}, 2}, {{0x1f00, 0x1fff}, 2}, {{0x0400, 0x052f}, 3}, {{0x1c80, 0x1c8f}, 3},
    {{0xa640, 0xa69f}, 3}, {{0x0530, 0x058f}, 4}, {{0x13a0, 0x13ff}, 5}, {{0xab70, 0xabbf}, 5},
    {{0x2c80, 0x2cff}, 6}, {{0xa4d0, 0xa4ff}, 7},
};

static bool is_in(uint32_t character, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* 0 for a character of no script that matters here. */
static unsigned script_of(uint32_t character)
{
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        if (is_in(character, &scripts[i].range, 1)) {
            return scripts[i].script;
        }
    }
    return 0;
}

bool text_is_visible(struct text text)
{
    if (!utf8_valid(text)) {
        return false;
    }
    while (text.size > 0) {
        uint32_t character = utf8_next(&text);
        if (is_in(character, unprintable, sizeof unprintable / sizeof unprintable[0])) {
            return false;
        }
    }
    return true;
}

bool text_is_printable(struct text text)
{
    uint32_t before = ' ';
    unsigned script = 0; /* of the word */
    if (text.size == 0 || !text_is_visible(text)) {
        return false;
    }
    while (text.size > 0) {
        uint32_t character = utf8_next(&text);
        unsigned own = script_of(character);
        if ((character == ' ' && before == ' ') ||
            is_in(character, respelled, sizeof respelled / sizeof respelled[0]) ||
            (own != 0 && script != 0 && own != script)) {
            return false;
        }
        bool ends_word = character < 0x80 && own == 0;
        script = ends_word ? 0 : own != 0 ? own : script;
        before = character;
    }
    return before != ' ';
}

void text_line_append(struct buffer *out, struct text text, size_t max)
{
    size_t begin = out->size;
    bool blank = false;
    while (text.size > 0 && out->size - begin < max) {
        struct text rest = utf8_cut(text, text.size < 4 ? text.size : 4);
        struct text one = {text.data, 1};
        if (rest.size > 0) {
            size_t size = rest.size;
            (void)utf8_next(&rest);
            one.size = size - rest.size;
        }
        if (one.data[0] == ' ' || !text_is_visible(one)) {
            blank = true;
        } else {
            buffer_text(out, blank && out->size > begin ? " " : "");
            buffer_append(out, one.data, one.size);
            blank = false;
        }
        text = (struct text){text.data + one.size, text.size - one.size};
    }
}
