/* Frames: what is refused, and that hostile bytes cost nothing. That good frames read back is
 * shown by the golden vectors in vectors_frame_test. */
#include "proto/frame.h"
#include "proto/mp.h"
#include "tests/unit/suite.h"

static const struct frame_hello hello = {
    .versions = {1},
    .version_count = 1,
    .party = {"KR", 2},
    .environment = {"test", 4},
    .origin = {"test.coconnect.customs.go.kr/ID/1", 33},
    .size = 7,
    .card_serial = 1,
    .time_ms = 1767605400000,
};

static enum result hello_through(const struct frame_hello *sent)
{
    struct buffer packed = {0};
    struct frame frame;
    frame_hello_pack(sent, &packed);
    enum result result = frame_unpack(buffer_bytes(&packed), &arena, &frame, &error);
    buffer_free(&packed);
    return result;
}

START_TEST(a_hello_with_names_that_cannot_be_is_refused)
{
    struct frame_hello sent = hello;
    assert_ok(hello_through(&sent));
    sent.party = TEXT("kr");
    assert_fails(hello_through(&sent), RESULT_INVALID, "party 'kr'");
    sent = hello;
    sent.environment = TEXT("live");
    assert_fails(hello_through(&sent), RESULT_INVALID, "environment 'live'");
    sent = hello;
    sent.origin = TEXT("customs.go.kr");
    assert_fails(hello_through(&sent), RESULT_INVALID, "hello: channel origin 'customs.go.kr'");
    sent = hello;
    sent.time_ms = TIME_MAX_MS + 1;
    assert_fails(hello_through(&sent), RESULT_INVALID, "hello: time at byte");
}
END_TEST

START_TEST(versions_descend_and_are_at_least_one)
{
    struct frame_hello sent = hello;
    sent.version_count = 0;
    assert_fails(hello_through(&sent), RESULT_INVALID, "versions");
    sent.versions[0] = 0;
    sent.version_count = 1;
    assert_fails(hello_through(&sent), RESULT_INVALID, "version");
    sent.versions[0] = 2;
    sent.versions[1] = 2;
    sent.version_count = 2;
    assert_fails(hello_through(&sent), RESULT_INVALID, "they descend");
    sent.versions[1] = 1;
    assert_ok(hello_through(&sent));
}
END_TEST

START_TEST(a_frame_above_the_limit_is_refused_unread)
{
    static uint8_t bytes[FRAME_MAX_BYTES + 1];
    struct frame frame;
    memset(bytes, 0xc0, sizeof bytes);
    assert_fails(frame_unpack(bytes_of(bytes, sizeof bytes), &arena, &frame, &error),
                 RESULT_TOO_LARGE, "262145 bytes are above the limit of 262144");
}
END_TEST

START_TEST(the_largest_item_fits_a_frame)
{
    static uint8_t bytes[PAYLOAD_MAX_BYTES];
    struct buffer packed = {0};
    struct frame frame;
    struct frame_item item = {{bytes, ENTRY_MAX_BYTES}, {bytes, PAYLOAD_MAX_BYTES}};
    frame_push_pack(&(struct frame_push){0, &item, 1, {bytes, FRAME_NOTE_MAX_BYTES}}, &packed);
    ck_assert_uint_le(packed.size, FRAME_MAX_BYTES);
    assert_ok(frame_unpack(buffer_bytes(&packed), &arena, &frame, &error));
    ck_assert_uint_eq(frame.push.items[0].payload.size, PAYLOAD_MAX_BYTES);
    buffer_free(&packed);
}
END_TEST

START_TEST(items_above_their_limits_are_refused_by_name)
{
    static uint8_t bytes[PAYLOAD_MAX_BYTES + 1];
    static const struct {
        struct frame_item item;
        size_t checkpoint;
        const char *words;
    } rows[] = {
        {{{bytes, ENTRY_MAX_BYTES + 1}, {bytes, 1}}, 1, "push: entry at byte"},
        {{{bytes, 1}, {bytes, PAYLOAD_MAX_BYTES + 1}}, 1, "push: payload at byte"},
        {{{bytes, 1}, {bytes, 1}}, FRAME_NOTE_MAX_BYTES + 1, "push: checkpoint at byte"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct buffer packed = {0};
        struct frame frame;
        frame_push_pack(&(struct frame_push){0, &rows[i].item, 1, {bytes, rows[i].checkpoint}},
                        &packed);
        assert_fails(frame_unpack(buffer_bytes(&packed), &arena, &frame, &error), RESULT_INVALID,
                     rows[i].words);
        buffer_free(&packed);
    }
}
END_TEST

START_TEST(frames_of_another_shape_are_refused_with_the_reason)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } rows[] = {
        {"", 0, "ends too early"},
        {"\xc0", 1, "another type"},
        {"\x90", 1, "kind"},
        {"\x91\x00", 2, "kind at byte 1 of 2 is smaller"},
        {"\x91\x0f", 2, "kind at byte 1 of 2 is larger"},
        {"\x91\x01", 2, "frame hello: has 1 elements instead of 8"},
        {"\x94\x03\x00\xdd\xff\xff\xff\xff\xc4\x00", 10, "push: items"},
        {"\x94\x03\x00\xdc\x10\x01", 6, "push: items"},
        {"\x94\x03\x00\x91\x91\xc4\x00\xc4\x00", 9, "is not an entry and its payload"},
        {"\x94\x03\x00\x91\x92\xc4\x00\xa0\xc4\x00", 10, "payload at byte"},
        {"\x94\x03\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x90\xc4\x00", 14, "first index"},
        {"\x94\x07\x00\xa0\x00", 5, "refusal at byte"},
        {"\x94\x07\x0a\xa2\xc3\x28\x00", 7, "sentence"},
        {"\x92\x05\xa0", 3, "note at byte"},
        {"\x95\x08\x01\xa1\x78\x00\xcd\x01\x01", 9, "ask: rows at byte"},
        {"\x95\x08\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1\x78\x00\x01", 14, "ask: question"},
        {"\x94\x09\x01\x02\xdc\x01\x01", 7, "holds: rows at byte"},
        {"\x95\x08\x01\xa1\x78\x00\x01", 7, "ask: channel origin 'x'"},
        {"\x94\x09\x01\x02\x91\x91\x01", 7, "has not seven elements"},
        {"\x94\x09\x01\x02\x91\x97\x07\xc0\xc0\xc0\xc0\xc0\xc0", 13, "holds: operation"},
        {"\x92\x0a\xdc\x04\x01", 5, "texts: texts at byte"},
        {"\x92\x0b\x91\x93\x05\xa0\x01", 7, "has not four elements"},
        {"\x92\x0b\x91\x94\x07\xa0\x01\xc0", 8, "is not card, agreement or revocation"},
        {"\x92\x0a\x91\x94\x05\xa0\x01\xc4\x01\x00", 10, "texts: digest at byte"},
        {"\x93\x0d\xa1\x78\x00", 5, "fetch: channel origin 'x'"},
        {"\x93\x0d\xa1\x78\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 13, "fetch: first index"},
        {"\x93\x0e\x00\xdc\x00\x41", 6, "entries: runs"},
        {"\x93\x0e\x00\x91\x91\x90", 6, "is not items and their checkpoint"},
        {"\x93\x0e\x00\x91\x92\xdc\x10\x01\xc4\x00", 10, "entries: items"},
        {"\x92\x05\xc4\x00\xc0", 5, "left over"},
        {"\xde\x00\x10", 3, "another type"},
    };
    for (size_t i = 0; i < SUITE_COUNT(rows); i++) {
        struct frame frame;
        assert_fails(frame_unpack(bytes_of(rows[i].bytes, rows[i].size), &arena, &frame, &error),
                     RESULT_INVALID, rows[i].words);
        ck_assert_uint_eq(arena.total > (size_t)1 << 20, 0);
    }
}
END_TEST

START_TEST(every_truncation_of_a_push_is_refused)
{
    struct buffer packed = {0};
    struct frame frame;
    struct frame_item items[3];
    for (size_t i = 0; i < 3; i++) {
        items[i] =
            (struct frame_item){{(const uint8_t *)"entry", 5}, {(const uint8_t *)"payload", 7}};
    }
    frame_push_pack(&(struct frame_push){9, items, 3, {(const uint8_t *)"note", 4}}, &packed);
    for (size_t size = 0; size < packed.size; size++) {
        ck_assert_int_eq(frame_unpack(bytes_of(packed.data, size), &arena, &frame, NULL),
                         RESULT_INVALID);
    }
    assert_ok(frame_unpack(buffer_bytes(&packed), &arena, &frame, &error));
    ck_assert_uint_eq(frame.push.count, 3);
    buffer_free(&packed);
}
END_TEST

START_TEST(a_refusal_carries_any_error_and_says_whether_the_lane_ends)
{
    char sentence[ERROR_MESSAGE_BYTES];
    struct buffer packed = {0};
    struct frame frame;
    memset(sentence, 'x', sizeof sentence);
    memcpy(sentence + 300, "\xff\xfe", 2);
    frame_refuse_pack(&(struct frame_refuse){REFUSAL_ROOT, {sentence, sizeof sentence}, .index = 5},
                      &packed);
    assert_ok(frame_unpack(buffer_bytes(&packed), &arena, &frame, &error));
    ck_assert_uint_eq(frame.refuse.sentence.size, 300);
    ck_assert_str_eq(refusal_text(frame.refuse.refusal), "root");
    ck_assert(refusal_ends_lane(REFUSAL_ROOT));
    ck_assert(!refusal_ends_lane(REFUSAL_ORDER));
    ck_assert_str_eq(refusal_text((enum refusal)999), "unknown");
    ck_assert_str_eq(refusal_text((enum refusal)0), "unknown");
    ck_assert(refusal_ends_lane((enum refusal)999));
    buffer_free(&packed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_hello_with_names_that_cannot_be_is_refused,
        versions_descend_and_are_at_least_one,
        a_frame_above_the_limit_is_refused_unread,
        the_largest_item_fits_a_frame,
        items_above_their_limits_are_refused_by_name,
        frames_of_another_shape_are_refused_with_the_reason,
        every_truncation_of_a_push_is_refused,
        a_refusal_carries_any_error_and_says_whether_the_lane_ends,
    };
    return suite_run("frame", tests, SUITE_COUNT(tests), NULL);
}
