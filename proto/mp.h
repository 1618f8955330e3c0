/* Canonical msgpack: one value has one byte string, so that what is hashed and signed is unique.
 * Writing goes through msgpack-c. Reading is a strict cursor of our own, because msgpack-c accepts
 * every long form of a short value and allocates what a hostile header announces; it is held
 * against msgpack-c in the tests. Canonical means: the shortest form of every integer, string, bin
 * and container header, map keys strictly ascending unsigned integers, valid UTF-8 in str, no
 * floats, no ext. Any thread. Source: the msgpack specification, and proto/README.md. */
#ifndef COMESH_PROTO_MP_H
#define COMESH_PROTO_MP_H

#include "proto/utf8.h"

#define MP_DEPTH_MAX 16

enum mp_type { MP_NONE, MP_NIL, MP_BOOL, MP_UINT, MP_STR, MP_BIN, MP_ARRAY, MP_MAP };

/* Appends a value in its shortest form; failure is sticky in the buffer. */
void mp_put_nil(struct buffer *out);
void mp_put_bool(struct buffer *out, bool value);
void mp_put_uint(struct buffer *out, uint64_t value);
void mp_put_str(struct buffer *out, struct text text);
void mp_put_bin(struct buffer *out, struct bytes bytes);
void mp_put_array(struct buffer *out, size_t count);
void mp_put_map(struct buffer *out, size_t count);

/* A reader over borrowed bytes. An error sticks: after the first one every read gives zero values,
 * and mp_finish tells it with its offset. */
struct mp_reader {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    enum result failed;
    size_t failed_at;    /* offset of the value that was refused */
    const char *problem; /* static sentence */
    const char *field;   /* what is read, or was refused; see mp_field */
};

void mp_reader_init(struct mp_reader *reader, struct bytes bytes);

/* Names the value that is read next, so that mp_finish can tell which one was refused. `name` must
 * be static. */
void mp_field(struct mp_reader *reader, const char *name);

/* The type of the next value without reading it; MP_NONE at the end or after an error. */
enum mp_type mp_peek(const struct mp_reader *reader);

/* Each reads one value of its type, or fails. Texts and bytes are views into the input. */
void mp_get_nil(struct mp_reader *reader);
bool mp_get_bool(struct mp_reader *reader);
uint64_t mp_get_uint(struct mp_reader *reader, uint64_t max);
uint64_t mp_get_within(struct mp_reader *reader, uint64_t min, uint64_t max);
struct text mp_get_str(struct mp_reader *reader, size_t max_bytes);
struct bytes mp_get_bin(struct mp_reader *reader, size_t max_bytes);

/* As mp_get_bin for exactly `size` bytes, copied to `out` (zeroed on failure). */
void mp_get_fixed(struct mp_reader *reader, uint8_t *out, size_t size);

/* The number of elements of an array, or of pairs of a map. A count that the remaining bytes
 * cannot hold, or above `max`, fails before anything is allocated. */
size_t mp_get_array(struct mp_reader *reader, size_t max);
size_t mp_get_map(struct mp_reader *reader, size_t max);

/* Passes over one value of any type, and checks that it is canonical; nested at most MP_DEPTH_MAX.
 */
void mp_skip(struct mp_reader *reader);

/* Marks the input as refused at the current place; `problem` must be static. */
void mp_fail(struct mp_reader *reader, const char *problem);

/* OK when everything was read, canonical, and nothing is left over; otherwise RESULT_INVALID with
 * the sentence and the offset, `what` naming the thing that was read. */
enum result mp_finish(const struct mp_reader *reader, const char *what,
                      struct error *error) RESULT_CHECKED;

#endif
