/* Canonical msgpack, held against msgpack-c: the reader takes exactly the one spelling. */
#include "proto/mp.h"
#include "tests/unit/suite.h"

#include <msgpack.h>

static struct mp_reader reader_of(const void *data, size_t size)
{
    struct mp_reader reader;
    mp_reader_init(&reader, bytes_of(data, size));
    return reader;
}

START_TEST(every_number_is_written_shortest_and_read_back)
{
    for (unsigned shift = 0; shift < 64; shift++) {
        for (int offset = -1; offset <= 1; offset++) {
            uint64_t number = ((uint64_t)1 << shift) + (uint64_t)(int64_t)offset;
            struct buffer packed = {0};
            msgpack_unpacked other;
            mp_put_uint(&packed, number);
            struct mp_reader reader = reader_of(packed.data, packed.size);
            ck_assert_uint_eq(mp_get_uint(&reader, UINT64_MAX), number);
            assert_ok(mp_finish(&reader, "number", &error));
            msgpack_unpacked_init(&other);
            ck_assert_int_eq(
                msgpack_unpack_next(&other, (const char *)packed.data, packed.size, NULL),
                MSGPACK_UNPACK_SUCCESS);
            ck_assert_uint_eq(other.data.via.u64, number);
            msgpack_unpacked_destroy(&other);
            buffer_free(&packed);
        }
    }
}
END_TEST

START_TEST(texts_and_bins_of_every_length_read_back)
{
    static const size_t sizes[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 70000};
    for (size_t i = 0; i < SUITE_COUNT(sizes); i++) {
        char *content = arena_alloc(&arena, sizes[i] + 1);
        struct buffer packed = {0};
        memset(content, 'x', sizes[i]);
        mp_put_array(&packed, 2);
        mp_put_str(&packed, (struct text){content, sizes[i]});
        mp_put_bin(&packed, bytes_of(content, sizes[i]));
        struct mp_reader reader = reader_of(packed.data, packed.size);
        ck_assert_uint_eq(mp_get_array(&reader, 2), 2);
        ck_assert(text_equal(mp_get_str(&reader, sizes[i]), (struct text){content, sizes[i]}));
        ck_assert(bytes_equal(mp_get_bin(&reader, sizes[i]), bytes_of(content, sizes[i])));
        assert_ok(mp_finish(&reader, "texts", &error));
        buffer_free(&packed);
    }
}
END_TEST

/* Spellings that msgpack allows and canonical msgpack does not, and what is no msgpack of ours. */
static const struct {
    const char *what;
    const char *bytes;
    size_t size;
} refused[] = {
    {"number in one byte more", "\xcc\x7f", 2},
    {"number in two bytes", "\xcd\x00\xff", 3},
    {"number in four bytes", "\xce\x00\x00\xff\xff", 5},
    {"number in eight bytes", "\xcf\x00\x00\x00\x00\xff\xff\xff\xff", 9},
    {"str8 of a short text", "\xd9\x01x", 3},
    {"str16 of a short text", "\xda\x00\x01x", 4},
    {"str32 of a short text", "\xdb\x00\x00\x00\x01x", 6},
    {"bin16 of short bytes", "\xc5\x00\x01x", 4},
    {"bin32 of short bytes", "\xc6\x00\x00\x00\x01x", 6},
    {"array16 of few", "\xdc\x00\x01\x01", 4},
    {"array32 of few", "\xdd\x00\x00\x00\x01\x01", 6},
    {"map16 of few", "\xde\x00\x01\x01\x01", 5},
    {"map32 of few", "\xdf\x00\x00\x00\x01\x01\x01", 7},
    {"negative number", "\xff", 1},
    {"int8", "\xd0\x01", 2},
    {"int64", "\xd3\x00\x00\x00\x00\x00\x00\x00\x01", 9},
    {"float32", "\xca\x00\x00\x00\x00", 5},
    {"float64", "\xcb\x00\x00\x00\x00\x00\x00\x00\x00", 9},
    {"ext", "\xd4\x01\x00", 3},
    {"never used byte", "\xc1", 1},
    {"truncated number", "\xcd\x01", 2},
    {"truncated text", "\xa5xxxx", 5},
    {"truncated array", "\x92\x01", 2},
    {"array of four thousand million", "\xdd\xff\xff\xff\xff", 5},
    {"map of four thousand million", "\xdf\xff\xff\xff\xff", 5},
    {"bin of four thousand million", "\xc6\xff\xff\xff\xff", 5},
    {"keys that descend", "\x82\x02\x01\x01\x01", 5},
    {"keys twice", "\x82\x01\x01\x01\x01", 5},
    {"text as a key", "\x81\xa1x\x01", 4},
    {"text that is no UTF-8", "\xa1\xff", 2},
    {"two values", "\x01\x01", 2},
    {"nothing", "", 0},
};

START_TEST(what_is_not_canonical_is_refused)
{
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        struct mp_reader reader = reader_of(refused[i].bytes, refused[i].size);
        mp_skip(&reader);
        ck_assert_msg(mp_finish(&reader, "value", &error) == RESULT_INVALID, "%s", refused[i].what);
    }
}
END_TEST

START_TEST(values_nested_too_deep_are_refused_without_descending)
{
    uint8_t deep[100000];
    memset(deep, 0x91, sizeof deep);
    struct mp_reader reader = reader_of(deep, sizeof deep);
    mp_skip(&reader);
    assert_fails(mp_finish(&reader, "bomb", &error), RESULT_INVALID, "nested too deep");
    deep[MP_DEPTH_MAX - 1] = 0x01;
    reader = reader_of(deep, MP_DEPTH_MAX);
    mp_skip(&reader);
    assert_ok(mp_finish(&reader, "deep", &error));
}
END_TEST

START_TEST(the_first_error_sticks_and_is_told_with_its_field_and_place)
{
    struct mp_reader reader = reader_of("\x93\x05\xa2hi\xcd\x01\x00", 9);
    ck_assert_uint_eq(mp_get_array(&reader, 3), 3);
    mp_field(&reader, "age");
    ck_assert_uint_eq(mp_get_uint(&reader, 4), 0);
    mp_field(&reader, "name");
    ck_assert_uint_eq(mp_get_str(&reader, 10).size, 0);
    ck_assert_int_eq(mp_peek(&reader), MP_NONE);
    assert_fails(mp_finish(&reader, "person", &error), RESULT_INVALID,
                 "person: age at byte 1 of 9 is larger than its limit");
}
END_TEST

START_TEST(limits_hold_before_anything_is_read)
{
    uint8_t out[4];
    struct mp_reader reader = reader_of("\xa3xyz", 4);
    (void)mp_get_str(&reader, 2);
    assert_fails(mp_finish(&reader, "text", &error), RESULT_INVALID, "longer than its limit");
    reader = reader_of("\x93\x01\x01\x01", 4);
    (void)mp_get_array(&reader, 2);
    assert_fails(mp_finish(&reader, "list", &error), RESULT_INVALID,
                 "more elements than its limit");
    reader = reader_of("\xc4\x03xyz", 5);
    mp_get_fixed(&reader, out, sizeof out);
    assert_fails(mp_finish(&reader, "hash", &error), RESULT_INVALID, "another length");
    ck_assert_mem_eq(out, "\0\0\0", 4);
    reader = reader_of("\x01", 1);
    (void)mp_get_within(&reader, 2, 3);
    assert_fails(mp_finish(&reader, "number", &error), RESULT_INVALID, "smaller than its limit");
}
END_TEST

static void get(struct mp_reader *reader, enum mp_type type)
{
    switch (type) {
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
        (void)mp_get_array(reader, SIZE_MAX);
        break;
    default:
        (void)mp_get_map(reader, SIZE_MAX);
    }
}

START_TEST(each_first_byte_is_read_as_its_own_type_alone)
{
    uint8_t bytes[64] = {0};
    for (unsigned first = 0; first < 256; first++) {
        bytes[0] = (uint8_t)first;
        for (enum mp_type type = MP_NIL; type <= MP_MAP; type++) {
            struct mp_reader reader = reader_of(bytes, sizeof bytes);
            bool own = mp_peek(&reader) == type;
            get(&reader, type);
            bool taken = reader.problem == NULL || strstr(reader.problem, "type") == NULL;
            ck_assert_msg(taken == own, "%02x as type %d", first, (int)type);
        }
    }
}
END_TEST

/* Whatever the strict reader takes, msgpack-c takes too, and writes as the same bytes. */
START_TEST(random_bytes_are_judged_as_msgpack_c_writes_them)
{
    uint32_t state = 1;
    unsigned taken = 0;
    for (int round = 0; round < 300000; round++) {
        char bytes[8];
        size_t size = 1 + (size_t)round % sizeof bytes;
        for (size_t i = 0; i < size; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (char)(state >> 24);
        }
        struct mp_reader reader = reader_of(bytes, size);
        mp_skip(&reader);
        if (mp_finish(&reader, "random", NULL) != RESULT_OK) {
            continue;
        }
        taken++;
        msgpack_unpacked value;
        msgpack_sbuffer again;
        size_t used = 0;
        msgpack_unpacked_init(&value);
        msgpack_sbuffer_init(&again);
        ck_assert_int_eq(msgpack_unpack_next(&value, bytes, size, &used), MSGPACK_UNPACK_SUCCESS);
        msgpack_packer packer;
        msgpack_packer_init(&packer, &again, msgpack_sbuffer_write);
        ck_assert_int_eq(msgpack_pack_object(&packer, value.data), 0);
        ck_assert_uint_eq(again.size, size);
        ck_assert_mem_eq(again.data, bytes, size);
        msgpack_sbuffer_destroy(&again);
        msgpack_unpacked_destroy(&value);
    }
    ck_assert_uint_gt(taken, 1000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_number_is_written_shortest_and_read_back,
        texts_and_bins_of_every_length_read_back,
        what_is_not_canonical_is_refused,
        values_nested_too_deep_are_refused_without_descending,
        the_first_error_sticks_and_is_told_with_its_field_and_place,
        limits_hold_before_anything_is_read,
        each_first_byte_is_read_as_its_own_type_alone,
        random_bytes_are_judged_as_msgpack_c_writes_them,
    };
    return suite_run("mp", tests, SUITE_COUNT(tests), NULL);
}
