/* The small pieces that every text in keys/ is made of: lines, base64, times, names that can be
 * printed. Any thread. */
#ifndef COMESH_KEYS_TEXT_H
#define COMESH_KEYS_TEXT_H

#include "proto/bytes.h"

/* A cursor over the lines of a text; start with {.rest = text}. */
struct text_lines {
    struct text rest;
    struct text line; /* the current one, without its newline */
    size_t number;    /* of the current one, from 1 */
};

/* Steps to the next line; false at the end, and for a last line without its newline. */
bool text_lines_next(struct text_lines *lines);

/* Base64 with padding (RFC 4648, section 4). Reading takes the one canonical spelling only;
 * false for anything else and for more than `max` bytes. */
void text_base64_append(struct buffer *out, struct bytes bytes);
bool text_base64_read(struct text text, uint8_t *out, size_t max, size_t *size);

/* "2026-01-05T09:30:00Z" (RFC 3339, UTC, whole seconds), with a NUL. Years 1970 to 9999; a later
 * time is written as the last one. */
#define TEXT_TIME_BYTES 21
#define TEXT_TIME_MAX_S ((uint64_t)253402300799)
void text_time(uint64_t seconds, char out[TEXT_TIME_BYTES]);
bool text_time_read(struct text text, uint64_t *seconds);

/* True for valid UTF-8 without control, invisible or direction-changing characters. */
bool text_is_visible(struct text text);

/* True for a name that shows what it is: visible, not empty, no blanks at its ends or doubled, no
 * second spelling of a character (accents apart, fullwidth and mathematical letters), and no word
 * of two scripts whose letters look alike, as Latin and Cyrillic. */
bool text_is_printable(struct text text);
#define TEXT_PRINTABLE                                                                             \
    "printable UTF-8 without hidden characters, second spellings, or words of two scripts"

/* Appends what a stranger sent as one printable line of at most about `max` bytes: what does not
 * show what it is becomes a blank, and none is doubled or at the ends. */
void text_line_append(struct buffer *out, struct text text, size_t max);

#endif
