/* Canonical msgpack. See mp.h. */
#include "proto/mp.h"

#include <msgpack/pack.h>

static int buffer_write(void *data, const char *bytes, size_t size)
{
    buffer_append(data, bytes, size);
    return 0;
}

static msgpack_packer packer(struct buffer *out)
{
    msgpack_packer result;
    msgpack_packer_init(&result, out, buffer_write);
    return result;
}

void mp_put_nil(struct buffer *out)
{
    msgpack_packer to = packer(out);
    (void)msgpack_pack_nil(&to);
}

void mp_put_bool(struct buffer *out, bool value)
{
    msgpack_packer to = packer(out);
    (void)(value ? msgpack_pack_true(&to) : msgpack_pack_false(&to));
}

void mp_put_uint(struct buffer *out, uint64_t value)
{
    msgpack_packer to = packer(out);
    (void)msgpack_pack_uint64(&to, value);
}

void mp_put_str(struct buffer *out, struct text text)
{
    msgpack_packer to = packer(out);
    (void)msgpack_pack_str(&to, text.size);
    (void)msgpack_pack_str_body(&to, text.data, text.size);
}

void mp_put_bin(struct buffer *out, struct bytes bytes)
{
    msgpack_packer to = packer(out);
    (void)msgpack_pack_bin(&to, bytes.size);
    (void)msgpack_pack_bin_body(&to, bytes.data, bytes.size);
}

void mp_put_array(struct buffer *out, size_t count)
{
    msgpack_packer to = packer(out);
    (void)msgpack_pack_array(&to, count);
}

void mp_put_map(struct buffer *out, size_t count)
{
    msgpack_packer to = packer(out);
    (void)msgpack_pack_map(&to, count);
}

/* One row per first byte's meaning: how many length or value bytes follow. */
struct head {
    enum mp_type type;
    uint64_t value; /* the number, the length or the count */
    size_t size;    /* bytes of the head */
};

static const char *const not_shortest = "is not in its shortest form";

void mp_reader_init(struct mp_reader *reader, struct bytes bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *start = bytes.data == NULL ? nothing : bytes.data;
    *reader = (struct mp_reader){.start = start, .at = start, .end = start + bytes.size};
}

void mp_fail(struct mp_reader *reader, const char *problem)
{
    if (reader->failed == RESULT_OK) {
        reader->failed = RESULT_INVALID;
        reader->failed_at = (size_t)(reader->at - reader->start);
        reader->problem = problem;
        reader->at = reader->end;
    }
}

void mp_field(struct mp_reader *reader, const char *name)
{
    if (reader->failed == RESULT_OK) {
        reader->field = name;
    }
}

static enum mp_type type_of(uint8_t first)
{
    if (first <= 0x7f || (first >= 0xcc && first <= 0xcf)) {
        return MP_UINT;
    }
    if (first <= 0x8f || first == 0xde || first == 0xdf) {
        return MP_MAP;
    }
    if (first <= 0x9f || first == 0xdc || first == 0xdd) {
        return MP_ARRAY;
    }
    if (first <= 0xbf || (first >= 0xd9 && first <= 0xdb)) {
        return MP_STR;
    }
    switch (first) {
    case 0xc0:
        return MP_NIL;
    case 0xc2:
    case 0xc3:
        return MP_BOOL;
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return MP_BIN;
    default:
        return MP_NONE;
    }
}

enum mp_type mp_peek(const struct mp_reader *reader)
{
    return reader->at < reader->end ? type_of(*reader->at) : MP_NONE;
}

/* Bytes of length or value behind the first byte, 0 when it is all in the first byte. */
static size_t tail_size(uint8_t first)
{
    switch (first) {
    case 0xc4:
    case 0xcc:
    case 0xd9:
        return 1;
    case 0xc5:
    case 0xcd:
    case 0xda:
    case 0xdc:
    case 0xde:
        return 2;
    case 0xc6:
    case 0xce:
    case 0xdb:
    case 0xdd:
    case 0xdf:
        return 4;
    case 0xcf:
        return 8;
    default:
        return 0;
    }
}

/* The smallest value that may use `tail` bytes, per type: below it a shorter form exists. */
static uint64_t least_value(enum mp_type type, size_t tail)
{
    switch (tail) {
    case 1:
        return type == MP_UINT ? 0x80 : type == MP_STR ? 0x20 : 0;
    case 2:
        return type == MP_ARRAY || type == MP_MAP ? 0x10 : 0x100;
    case 4:
        return 0x10000;
    default:
        return 0x100000000ULL;
    }
}

static bool head_get_any(struct mp_reader *reader, enum mp_type wanted, struct head *head)
{
    if (reader->at >= reader->end) {
        mp_fail(reader, "ends too early");
        return false;
    }
    uint8_t first = *reader->at;
    head->type = type_of(first);
    if (head->type != wanted) {
        mp_fail(reader, "has another type than expected here");
        return false;
    }
    size_t tail = tail_size(first);
    head->size = 1 + tail;
    if ((size_t)(reader->end - reader->at) < head->size) {
        mp_fail(reader, "ends too early");
        return false;
    }
    if (tail == 0) {
        head->value = first & 1; /* of a bool; nil has none */
        return true;
    }
    uint64_t value = 0;
    for (size_t i = 1; i <= tail; i++) {
        value = value << 8 | reader->at[i];
    }
    if (value < least_value(head->type, tail)) {
        mp_fail(reader, not_shortest);
        return false;
    }
    head->value = value;
    return true;
}

/* The first bytes that are whole heads of a type. */
static const struct {
    uint8_t first;
    uint8_t count;
} short_heads[] = {
    [MP_UINT] = {0x00, 0x80},
    [MP_STR] = {0xa0, 0x20},
    [MP_ARRAY] = {0x90, 0x10},
    [MP_MAP] = {0x80, 0x10},
};

/* The head of a value of that type. Most are one byte. */
static inline bool head_get(struct mp_reader *reader, enum mp_type wanted, struct head *head)
{
    if (reader->at < reader->end) {
        uint8_t value = (uint8_t)(*reader->at - short_heads[wanted].first);
        if (value < short_heads[wanted].count) {
            *head = (struct head){wanted, value, 1};
            return true;
        }
    }
    return head_get_any(reader, wanted, head);
}

void mp_get_nil(struct mp_reader *reader)
{
    struct head head;
    if (head_get(reader, MP_NIL, &head)) {
        reader->at += head.size;
    }
}

bool mp_get_bool(struct mp_reader *reader)
{
    struct head head;
    if (!head_get(reader, MP_BOOL, &head)) {
        return false;
    }
    reader->at += head.size;
    return head.value != 0;
}

uint64_t mp_get_uint(struct mp_reader *reader, uint64_t max)
{
    return mp_get_within(reader, 0, max);
}

uint64_t mp_get_within(struct mp_reader *reader, uint64_t min, uint64_t max)
{
    struct head head;
    if (!head_get(reader, MP_UINT, &head)) {
        return 0;
    }
    if (head.value < min) {
        mp_fail(reader, "is smaller than its limit");
        return 0;
    }
    if (head.value > max) {
        mp_fail(reader, "is larger than its limit");
        return 0;
    }
    reader->at += head.size;
    return head.value;
}

/* A str or bin: checks the limit, then that the bytes are there. */
static struct bytes body_get(struct mp_reader *reader, enum mp_type type, size_t max_bytes)
{
    struct head head;
    if (!head_get(reader, type, &head)) {
        return (struct bytes){NULL, 0};
    }
    if (head.value > max_bytes) {
        mp_fail(reader, "is longer than its limit");
        return (struct bytes){NULL, 0};
    }
    if (head.value > (size_t)(reader->end - reader->at) - head.size) {
        mp_fail(reader, "ends too early");
        return (struct bytes){NULL, 0};
    }
    struct bytes body = {reader->at + head.size, (size_t)head.value};
    reader->at += head.size + body.size;
    return body;
}

struct text mp_get_str(struct mp_reader *reader, size_t max_bytes)
{
    const uint8_t *before = reader->at;
    struct text text = bytes_text(body_get(reader, MP_STR, max_bytes));
    if (reader->failed == RESULT_OK && !utf8_valid(text)) {
        reader->at = before;
        mp_fail(reader, "is not valid UTF-8");
        return (struct text){NULL, 0};
    }
    return text;
}

struct bytes mp_get_bin(struct mp_reader *reader, size_t max_bytes)
{
    return body_get(reader, MP_BIN, max_bytes);
}

void mp_get_fixed(struct mp_reader *reader, uint8_t *out, size_t size)
{
    const uint8_t *before = reader->at;
    struct bytes body = body_get(reader, MP_BIN, size);
    memset(out, 0, size);
    if (reader->failed != RESULT_OK) {
        return;
    }
    if (body.size != size) {
        reader->at = before;
        mp_fail(reader, "has another length than its field");
        return;
    }
    memcpy(out, body.data, size);
}

static size_t container_get(struct mp_reader *reader, enum mp_type type, size_t each, size_t max)
{
    struct head head;
    if (!head_get(reader, type, &head)) {
        return 0;
    }
    size_t left = (size_t)(reader->end - reader->at) - head.size;
    if (head.value > max || head.value * each > left) {
        mp_fail(reader, head.value > max ? "has more elements than its limit"
                                         : "announces more elements than there are bytes");
        return 0;
    }
    reader->at += head.size;
    return (size_t)head.value;
}

size_t mp_get_array(struct mp_reader *reader, size_t max)
{
    return container_get(reader, MP_ARRAY, 1, max < UINT32_MAX ? max : UINT32_MAX);
}

size_t mp_get_map(struct mp_reader *reader, size_t max)
{
    return container_get(reader, MP_MAP, 2, max < UINT32_MAX ? max : UINT32_MAX);
}

static void skip_nested(struct mp_reader *reader, unsigned depth);

static void skip_map(struct mp_reader *reader, unsigned depth)
{
    size_t pairs = mp_get_map(reader, SIZE_MAX);
    uint64_t before = 0;
    for (size_t i = 0; i < pairs && reader->failed == RESULT_OK; i++) {
        uint64_t key = mp_get_uint(reader, UINT64_MAX);
        if (i > 0 && key <= before) {
            mp_fail(reader, "has map keys that are not strictly ascending");
        }
        before = key;
        skip_nested(reader, depth + 1);
    }
}

static void skip_nested(struct mp_reader *reader, unsigned depth)
{
    if (depth > MP_DEPTH_MAX) {
        mp_fail(reader, "is nested too deep");
        return;
    }
    switch (mp_peek(reader)) {
    case MP_NIL:
        mp_get_nil(reader);
        break;
    case MP_BOOL:
        (void)mp_get_bool(reader);
        break;
    case MP_UINT:
        (void)mp_get_uint(reader, UINT64_MAX);
        break;
    case MP_STR:
        (void)mp_get_str(reader, SIZE_MAX);
        break;
    case MP_BIN:
        (void)mp_get_bin(reader, SIZE_MAX);
        break;
    case MP_ARRAY:
        for (size_t left = mp_get_array(reader, SIZE_MAX); left > 0; left--) {
            if (reader->failed != RESULT_OK) {
                break;
            }
            skip_nested(reader, depth + 1);
        }
        break;
    case MP_MAP:
        skip_map(reader, depth);
        break;
    case MP_NONE:
        mp_fail(reader,
                reader->at < reader->end ? "has a type that is not used here" : "ends too early");
        break;
    }
}

void mp_skip(struct mp_reader *reader)
{
    skip_nested(reader, 1);
}

enum result mp_finish(const struct mp_reader *reader, const char *what, struct error *error)
{
    if (reader->failed != RESULT_OK) {
        return error_set(error, RESULT_INVALID, "%s: %s at byte %zu of %zu %s", what,
                         reader->field == NULL ? "the value" : reader->field, reader->failed_at,
                         (size_t)(reader->end - reader->start), reader->problem);
    }
    if (reader->at != reader->end) {
        return error_set(error, RESULT_INVALID, "%s: %zu bytes are left over after byte %zu", what,
                         (size_t)(reader->end - reader->at), (size_t)(reader->at - reader->start));
    }
    return RESULT_OK;
}
