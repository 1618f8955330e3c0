/* Texts, buffers and digits. See bytes.h. */
#include "proto/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER_FIRST_BYTES 256
#define PRINTF_FIRST_BYTES 64 /* what is more is formatted twice */

bool text_skip(struct text *rest, const char *literal)
{
    size_t size = strlen(literal);
    if (rest->size < size || memcmp(rest->data, literal, size) != 0) {
        return false;
    }
    *rest = (struct text){rest->data + size, rest->size - size};
    return true;
}

struct text text_until(struct text *rest, char mark)
{
    if (rest->size == 0) {
        return *rest;
    }
    const char *found = memchr(rest->data, mark, rest->size);
    struct text part = {rest->data, found == NULL ? rest->size : (size_t)(found - rest->data)};
    *rest = (struct text){rest->data + part.size, rest->size - part.size};
    return part;
}

enum result buffer_grow(struct buffer *buffer, size_t more)
{
    if (buffer->failed || more > SIZE_MAX / 4 - buffer->size) {
        buffer->failed = true;
        return RESULT_NO_MEMORY;
    }
    size_t needed = buffer->size + more;
    size_t capacity = buffer->capacity == 0 ? BUFFER_FIRST_BYTES : buffer->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return RESULT_NO_MEMORY;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return RESULT_OK;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (size > 0 && buffer_reserve(buffer, size) == RESULT_OK) {
        memcpy(buffer->data + buffer->size, data, size);
        buffer->size += size;
    }
}

void buffer_text(struct buffer *buffer, const char *string)
{
    buffer_append(buffer, string, strlen(string));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    size_t room = 0;
    size_t needed = PRINTF_FIRST_BYTES;
    while (needed > room) {
        room = needed;
        if (buffer_reserve(buffer, room) != RESULT_OK) {
            return;
        }
        va_start(arguments, format);
        int size = vsnprintf((char *)buffer->data + buffer->size, room, format, arguments);
        va_end(arguments);
        if (size < 0) {
            buffer->failed = true;
            return;
        }
        needed = (size_t)size + 1;
    }
    buffer->size += needed - 1;
}

enum result buffer_check(const struct buffer *buffer, struct error *error)
{
    if (buffer->failed) {
        return error_set(error, RESULT_NO_MEMORY,
                         "no memory for %zu bytes; free some and try again", buffer->size);
    }
    return RESULT_OK;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void hex_encode(struct bytes bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        *out++ = digits[bytes.data[i] >> 4];
        *out++ = digits[bytes.data[i] & 15];
    }
    *out = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool hex_decode(struct text text, uint8_t *out, size_t size)
{
    if (text.size != 2 * size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text.data[2 * i]);
        int low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

struct text decimal_digits(uint64_t number, char out[DECIMAL_DIGITS_MAX])
{
    size_t at = DECIMAL_DIGITS_MAX;
    do {
        out[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct text){out + at, DECIMAL_DIGITS_MAX - at};
}

bool decimal_parse(struct text text, uint64_t max, uint64_t *value)
{
    if (text.size == 0 || (text.size > 1 && text.data[0] == '0')) {
        return false;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
        if (digit > 9 || digit > max || number > (max - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}
