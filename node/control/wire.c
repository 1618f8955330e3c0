/* Frames and rows of the control socket. See wire.h. */
#include "node/control/wire.h"

#include "proto/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define WIRE_VERB_MAX_BYTES ((size_t)32)
#define WIRE_ARGUMENTS_MAX  8
#define WIRE_HASH_BYTES     ((size_t)32)

#define WIRE_FIELD(symbol, name, type) {name, type},
#define WIRE_SHAPE(shape, FIELDS)                                                                  \
    static const struct wire_field fields_##shape[] = {FIELDS(WIRE_FIELD)};                        \
    const struct wire_shape wire_shape_##shape = {                                                 \
        #shape, fields_##shape, sizeof fields_##shape / sizeof fields_##shape[0]};                 \
    _Static_assert(sizeof fields_##shape / sizeof fields_##shape[0] <= WIRE_FIELDS_MAX,            \
                   "a row has room for all keys of the shape");
WIRE_SHAPE_MAP(WIRE_SHAPE)
#undef WIRE_SHAPE
#undef WIRE_FIELD

const struct wire_shape wire_shape_none = {"none", NULL, 0};

static const struct {
    const char *word;
    const struct wire_shape *shape;
} verbs[] = {
#define WIRE_VERB_ROW(word, shape, arguments) {word, &wire_shape_##shape},
    WIRE_VERB_MAP(WIRE_VERB_ROW)
#undef WIRE_VERB_ROW
};

const struct wire_shape *wire_verb_shape(struct text verb)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (text_equal(text_of(verbs[i].word), verb)) {
            return verbs[i].shape;
        }
    }
    return NULL;
}

size_t wire_frame_begin(struct buffer *out)
{
    static const uint8_t room[WIRE_HEAD_BYTES];
    size_t begin = out->size;
    buffer_append(out, room, sizeof room);
    return begin;
}

void wire_frame_end(struct buffer *out, size_t begin)
{
    if (out->failed) {
        return;
    }
    size_t size = out->size - begin - WIRE_HEAD_BYTES;
    for (size_t i = 0; i < WIRE_HEAD_BYTES; i++) {
        out->data[begin + i] = (uint8_t)(size >> (8 * (WIRE_HEAD_BYTES - 1 - i)));
    }
}

enum result wire_frame_cut(struct bytes *received, struct bytes *frame, struct error *error)
{
    *frame = (struct bytes){NULL, 0};
    if (received->size < WIRE_HEAD_BYTES) {
        return RESULT_OK;
    }
    size_t size = 0;
    for (size_t i = 0; i < WIRE_HEAD_BYTES; i++) {
        size = size << 8 | received->data[i];
    }
    if (size > WIRE_FRAME_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "control socket: a frame of %zu bytes; accepted: at most %zu", size,
                         WIRE_FRAME_MAX_BYTES);
    }
    if (received->size - WIRE_HEAD_BYTES >= size) {
        *frame = (struct bytes){received->data + WIRE_HEAD_BYTES, size};
        received->data += WIRE_HEAD_BYTES + size;
        received->size -= WIRE_HEAD_BYTES + size;
    }
    return RESULT_OK;
}

enum result wire_check_peer(int socket_fd, struct error *error)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return error_system(error, errno, "control socket: who is at the other end");
    }
    if (peer.uid != geteuid() && peer.uid != 0) {
        return error_set(error, RESULT_DENIED,
                         "control socket: process %ld of user %lu; accepted: user %lu and root",
                         (long)peer.pid, (unsigned long)peer.uid, (unsigned long)geteuid());
    }
    return RESULT_OK;
}

enum result wire_request_read(struct bytes frame, struct wire_request *request, struct error *error)
{
    struct mp_reader *reader = &request->arguments;
    mp_reader_init(reader, frame);
    size_t count = mp_get_array(reader, 2 + WIRE_ARGUMENTS_MAX);
    request->number = mp_get_uint(reader, UINT64_MAX);
    request->verb = mp_get_str(reader, WIRE_VERB_MAX_BYTES);
    if (count < 2) {
        mp_fail(reader, "is no request: number and verb are missing");
    }
    request->argument_count = reader->failed == RESULT_OK ? count - 2 : 0;
    return reader->failed == RESULT_OK ? RESULT_OK : mp_finish(reader, "control request", error);
}

static size_t reply_begin(struct buffer *out, uint64_t number, enum wire_kind kind, size_t values)
{
    size_t begin = wire_frame_begin(out);
    mp_put_array(out, 2 + values);
    mp_put_uint(out, number);
    mp_put_uint(out, (uint64_t)kind);
    return begin;
}

void wire_put_part(struct buffer *out, uint64_t number, struct bytes rows, size_t count)
{
    size_t begin = reply_begin(out, number, WIRE_PART, 1);
    mp_put_array(out, count);
    buffer_append(out, rows.data, rows.size);
    wire_frame_end(out, begin);
}

void wire_put_end(struct buffer *out, uint64_t number)
{
    wire_frame_end(out, reply_begin(out, number, WIRE_END, 0));
}

void wire_put_error(struct buffer *out, uint64_t number, const struct error *error)
{
    size_t begin = reply_begin(out, number, WIRE_ERROR, 2);
    mp_put_str(out, text_of(result_text(error->code)));
    mp_put_str(out, utf8_cut(text_of(error->message), ERROR_MESSAGE_BYTES));
    wire_frame_end(out, begin);
}

void wire_row(struct buffer *out, const struct wire_shape *shape)
{
    mp_put_map(out, shape->count);
}

void wire_nil(struct buffer *out, unsigned key)
{
    mp_put_uint(out, key);
    mp_put_nil(out);
}

void wire_uint(struct buffer *out, unsigned key, uint64_t value)
{
    mp_put_uint(out, key);
    mp_put_uint(out, value);
}

void wire_bool(struct buffer *out, unsigned key, bool value)
{
    mp_put_uint(out, key);
    mp_put_bool(out, value);
}

void wire_time(struct buffer *out, unsigned key, uint64_t time)
{
    if (time == 0) {
        wire_nil(out, key);
    } else {
        wire_uint(out, key, time);
    }
}

void wire_text(struct buffer *out, unsigned key, struct text text)
{
    mp_put_uint(out, key);
    if (text.size == 0) {
        mp_put_nil(out);
    } else {
        mp_put_str(out, utf8_cut(text, text.size));
    }
}

void wire_bytes(struct buffer *out, unsigned key, struct bytes bytes)
{
    mp_put_uint(out, key);
    if (bytes.data == NULL) {
        mp_put_nil(out);
    } else {
        mp_put_bin(out, bytes);
    }
}

void wire_id(struct buffer *out, unsigned key, const struct message_id *id)
{
    wire_bytes(out, key,
               (struct bytes){id == NULL ? NULL : id->bytes, id == NULL ? 0 : MESSAGE_ID_BYTES});
}

void wire_rows(struct buffer *out, unsigned key, size_t count)
{
    mp_put_uint(out, key);
    mp_put_array(out, count);
}

size_t wire_request_begin(struct buffer *out, uint64_t number, const char *verb,
                          size_t argument_count)
{
    size_t begin = wire_frame_begin(out);
    mp_put_array(out, 2 + argument_count);
    mp_put_uint(out, number);
    mp_put_str(out, text_of(verb));
    return begin;
}

enum result wire_reply_read(struct bytes frame, struct wire_reply *reply, struct error *error)
{
    struct mp_reader *reader = &reply->rows;
    mp_reader_init(reader, frame);
    size_t count = mp_get_array(reader, 4);
    reply->number = mp_get_uint(reader, UINT64_MAX);
    reply->kind = (enum wire_kind)mp_get_uint(reader, WIRE_ERROR);
    reply->row_count = 0;
    if (reader->failed == RESULT_OK && count != 2 + (size_t)reply->kind) {
        mp_fail(reader, "is no reply: it has another number of values than its kind");
    }
    if (reply->kind == WIRE_PART) {
        reply->row_count = mp_get_array(reader, SIZE_MAX);
        return reader->failed == RESULT_OK ? RESULT_OK : mp_finish(reader, "control reply", error);
    }
    if (reply->kind == WIRE_ERROR) {
        char code[WIRE_VERB_MAX_BYTES + 1];
        struct text word = mp_get_str(reader, WIRE_VERB_MAX_BYTES);
        struct text sentence = mp_get_str(reader, ERROR_MESSAGE_BYTES);
        (void)snprintf(code, sizeof code, "%.*s", TEXT_ARGS(word));
        (void)error_set(&reply->error, result_from_text(code), "%.*s", TEXT_ARGS(sentence));
    }
    return mp_finish(reader, "control reply", error);
}

static void value_read(struct mp_reader *reader, enum wire_type type, struct wire_value *value)
{
    value->type = mp_peek(reader);
    if (value->type == MP_NIL) {
        mp_get_nil(reader);
        return;
    }
    switch (type) {
    case WIRE_UINT:
    case WIRE_TIME_MS:
    case WIRE_TIME_S:
        value->number = mp_get_uint(reader, UINT64_MAX);
        break;
    case WIRE_BOOL:
        value->truth = mp_get_bool(reader);
        break;
    case WIRE_TEXT:
        value->text = mp_get_str(reader, WIRE_FRAME_MAX_BYTES);
        break;
    case WIRE_ID:
    case WIRE_HASH:
        value->bytes = mp_get_bin(reader, WIRE_HASH_BYTES);
        if (value->bytes.size != (type == WIRE_ID ? MESSAGE_ID_BYTES : WIRE_HASH_BYTES)) {
            mp_fail(reader, "has another length than its field");
        }
        break;
    case WIRE_BYTES:
    case WIRE_NOTE:
    case WIRE_PAYLOAD:
        value->bytes = mp_get_bin(reader, WIRE_FRAME_MAX_BYTES);
        break;
    case WIRE_FINDINGS:
    case WIRE_REMARKS:
    case WIRE_GOODS:
    case WIRE_MATTERS:
        value->rows = *reader;
        value->count = mp_get_array(&value->rows, SIZE_MAX);
        mp_skip(reader);
        break;
    }
}

void wire_row_read(struct mp_reader *reader, const struct wire_shape *shape, struct wire_row *row)
{
    *row = (struct wire_row){.shape = shape};
    for (size_t left = mp_get_map(reader, SIZE_MAX); left > 0; left--) {
        uint64_t key = mp_get_uint(reader, UINT64_MAX);
        if (reader->failed != RESULT_OK) {
            *row = (struct wire_row){.shape = shape};
            return;
        }
        if (key < shape->count) {
            value_read(reader, shape->fields[key].type, &row->values[key]);
        } else {
            mp_skip(reader);
        }
    }
}

uint64_t wire_row_uint(const struct wire_row *row, unsigned key)
{
    return row->values[key].type == MP_UINT ? row->values[key].number : 0;
}

bool wire_row_bool(const struct wire_row *row, unsigned key)
{
    return row->values[key].type == MP_BOOL && row->values[key].truth;
}

struct text wire_row_text(const struct wire_row *row, unsigned key)
{
    return row->values[key].type == MP_STR ? row->values[key].text : (struct text){NULL, 0};
}

struct bytes wire_row_bytes(const struct wire_row *row, unsigned key)
{
    return row->values[key].type == MP_BIN ? row->values[key].bytes : (struct bytes){NULL, 0};
}

bool wire_row_id(const struct wire_row *row, unsigned key, struct message_id *id)
{
    struct bytes bytes = wire_row_bytes(row, key);
    if (bytes.size != MESSAGE_ID_BYTES) {
        return false;
    }
    memcpy(id->bytes, bytes.data, MESSAGE_ID_BYTES);
    return true;
}
