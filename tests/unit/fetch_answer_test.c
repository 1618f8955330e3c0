/* Fetching back: what a node gives a partner of the channels between them. */
#include "tests/unit/fetch_fixture.h"

#define LARGE_BYTES   4000
#define LARGE_ENTRIES 130 /* two frames, and some that wait for company */

/* What Korea's store gives Indonesia of Korea's channel; the memory is `given`. */
static struct frame_entries given_from(uint64_t first, struct buffer *given)
{
    const struct frame_fetch asked = {text_of(channel_of(korea_reader)->origin), first};
    buffer_clear(given);
    assert_ok(fetch_answer(korea_reader, TEXT("ID"), &asked, &arena, given, &error));
    struct frame frame = unpack(given);
    ck_assert_uint_eq(frame.entries.first, first);
    return frame.entries;
}

/* Indonesia stores two pushes, and Korea hears of it by the next welcome alone: one receipt covers
 * them all. Gives its size. */
static uint64_t say_under_one_receipt(void)
{
    unsigned pushes = 0;
    node_append(&korea, "ID", LARGE_ENTRIES, LARGE_BYTES);
    for (bool more = true; more;) {
        struct buffer bytes = {0};
        assert_ok(outgoing_next(outgoing, &bytes, &error));
        more = bytes.size > 0;
        if (more) {
            struct frame push = unpack(&bytes);
            ck_assert_int_eq(take_push(&push.push).kind, FRAME_RECEIPT);
            pushes++;
        }
        buffer_free(&bytes);
    }
    open_lane();
    ck_assert_uint_eq(pushes, 2);
    return channel_of(korea_reader)->receipt_size;
}

START_TEST(a_run_that_is_larger_than_a_frame_comes_in_parts_and_the_last_has_the_receipt)
{
    struct buffer given = {0};
    size_t parts = 0;
    uint64_t first = 0;
    open_lane();
    const uint64_t size = say_under_one_receipt();
    while (first < size) {
        struct frame_entries entries = given_from(first, &given);
        ck_assert_uint_eq(entries.count, 1);
        ck_assert_uint_gt(entries.runs[0].count, 0);
        first += entries.runs[0].count;
        ck_assert_int_eq(entries.runs[0].checkpoint.size > 0, first == size);
        parts++;
    }
    ck_assert_uint_eq(first, size);
    ck_assert_uint_ge(parts, 2);
    buffer_free(&given);
}
END_TEST

START_TEST(behind_another_run_one_that_does_not_fit_is_left_for_the_next_answer)
{
    struct buffer given = {0};
    open_lane();
    node_append(&korea, "ID", 1, LARGE_BYTES);
    carry_all();
    (void)say_under_one_receipt();
    struct frame_entries entries = given_from(0, &given);
    ck_assert_uint_eq(entries.count, 1);
    ck_assert_uint_eq(entries.runs[0].count, 1);
    ck_assert_uint_gt(entries.runs[0].checkpoint.size, 0);
    entries = given_from(1, &given);
    ck_assert_uint_eq(entries.count, 1);
    ck_assert_uint_gt(entries.runs[0].count, 1);
    buffer_free(&given);
}
END_TEST

START_TEST(an_answer_has_no_more_runs_than_a_frame)
{
    struct buffer given = {0};
    open_lane();
    for (size_t i = 0; i < FRAME_RUNS_MAX + 2; i++) {
        node_append(&korea, "ID", 1, 10);
        carry_all();
    }
    ck_assert_uint_eq(given_from(0, &given).count, FRAME_RUNS_MAX);
    ck_assert_uint_eq(given_from(FRAME_RUNS_MAX, &given).count, 2);
    buffer_free(&given);
}
END_TEST

/* As many bytes of entries as a frame takes, each under a receipt of its own. */
START_TEST(the_receipts_of_an_answer_have_room_in_the_frame)
{
    struct buffer given = {0};
    open_lane();
    for (size_t i = 0; i < FRAME_RUNS_MAX; i++) {
        node_append(&korea, "ID", 1, FRAME_ITEMS_MAX_BYTES / FRAME_RUNS_MAX - 200);
        carry_all();
    }
    const size_t count = given_from(0, &given).count;
    ck_assert_uint_gt(count, FRAME_RUNS_MAX / 2);
    ck_assert_uint_lt(count, FRAME_RUNS_MAX);
    buffer_free(&given);
}
END_TEST

START_TEST(an_entry_that_does_not_fit_the_frame_any_more_is_left_for_the_next)
{
    struct buffer given = {0};
    open_lane();
    for (size_t i = 0; i < 3; i++) {
        node_append(&korea, "ID", 1, FRAME_ITEMS_MAX_BYTES / 5 * 2);
        carry_all();
    }
    ck_assert_uint_eq(given_from(0, &given).count, 2);
    ck_assert_uint_eq(given_from(2, &given).count, 1);
    buffer_free(&given);
}
END_TEST

START_TEST(beyond_the_last_receipt_nothing_is_given)
{
    struct buffer given = {0};
    open_lane();
    node_append(&korea, "ID", 2, 10);
    carry_all();
    node_append(&korea, "ID", 1, 10);
    ck_assert_uint_eq(given_from(0, &given).runs[0].count, 2);
    ck_assert_uint_eq(given_from(2, &given).count, 0);
    ck_assert_uint_eq(given_from(3, &given).count, 0);
    ck_assert_uint_eq(given_from(1000000, &given).count, 0);
    buffer_free(&given);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_run_that_is_larger_than_a_frame_comes_in_parts_and_the_last_has_the_receipt,
        behind_another_run_one_that_does_not_fit_is_left_for_the_next_answer,
        an_answer_has_no_more_runs_than_a_frame,
        the_receipts_of_an_answer_have_room_in_the_frame,
        an_entry_that_does_not_fit_the_frame_any_more_is_left_for_the_next,
        beyond_the_last_receipt_nothing_is_given,
    };
    return suite_run_with("fetch_answer", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
