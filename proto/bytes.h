/* Views of bytes and of text, a buffer that grows, hexadecimal and decimal digits.
 * A view borrows; a buffer owns. Any thread. */
#ifndef COMESH_PROTO_BYTES_H
#define COMESH_PROTO_BYTES_H

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes. An empty view may have data NULL. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

/* Borrowed UTF-8 text, not NUL-terminated. Print with "%.*s" and TEXT_ARGS. */
struct text {
    const char *data;
    size_t size;
};

#define TEXT_ARGS(text) (int)(text).size, (text).data
#define TEXT(literal)   ((struct text){"" literal, sizeof(literal) - 1})

/* A string's text; NULL gives the empty text. */
static inline struct text text_of(const char *string)
{
    return (struct text){string, string == NULL ? 0 : strlen(string)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline struct bytes text_bytes(struct text text)
{
    return (struct bytes){(const uint8_t *)text.data, text.size};
}

static inline struct text bytes_text(struct bytes bytes)
{
    return (struct text){(const char *)bytes.data, bytes.size};
}

/* Cuts `literal` off the front of `rest`; false, and nothing cut, when it is not there. */
bool text_skip(struct text *rest, const char *literal);

/* Cuts off the front of `rest` what stands before the first `mark`, or all of it. The mark stays.
 */
struct text text_until(struct text *rest, char mark);

/* Owned bytes that grow. Start with {0}; end with buffer_free. */
struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed; /* sticky: an append found no memory; the content is not whole */
};

/* Makes room for `more` bytes behind the content. RESULT_NO_MEMORY marks the buffer as failed. */
RESULT_CHECKED static inline enum result buffer_reserve(struct buffer *buffer, size_t more);
enum result buffer_grow(struct buffer *buffer, size_t more) RESULT_CHECKED; /* where it has none */

static inline enum result buffer_reserve(struct buffer *buffer, size_t more)
{
    bool fits = !buffer->failed && more <= buffer->capacity - buffer->size;
    return fits ? RESULT_OK : buffer_grow(buffer, more);
}

/* Appends; on no memory only marks the buffer, so that one check at the end is enough. */
void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *string);
static inline void buffer_byte(struct buffer *buffer, char byte)
{
    if (buffer_reserve(buffer, 1) == RESULT_OK) {
        buffer->data[buffer->size++] = (uint8_t)byte;
    }
}
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* RESULT_NO_MEMORY with a sentence if an append failed. */
enum result buffer_check(const struct buffer *buffer, struct error *error) RESULT_CHECKED;

/* Empties it and keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Frees the memory and zeroes the struct; again is harmless. */
void buffer_free(struct buffer *buffer);

static inline struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->size};
}

static inline struct text buffer_view(const struct buffer *buffer)
{
    return (struct text){(const char *)buffer->data, buffer->size};
}

/* Lower-case hexadecimal of `bytes` and a NUL; `out` holds 2 * size + 1 characters. */
void hex_encode(struct bytes bytes, char *out);

/* Reads exactly 2 * `size` hexadecimal digits; false when it is anything else. */
bool hex_decode(struct text text, uint8_t *out, size_t size);

#define DECIMAL_DIGITS_MAX 20

/* The digits of `number`, which end where `out` ends. */
struct text decimal_digits(uint64_t number, char out[DECIMAL_DIGITS_MAX]);

/* Reads a decimal number without sign or leading zeros, at most `max`; false for anything else. */
bool decimal_parse(struct text text, uint64_t max, uint64_t *value);

#endif
