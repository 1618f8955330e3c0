/* The front of the store: the newest places are found without the views, each channel's in their
 * order, and what is too old or was rolled back is not. */
#include "node/store/front.h"
#include "tests/unit/suite.h"

static struct front front;

static void start(void)
{
    assert_ok(front_init(&front, &error));
}

static void end(void)
{
    front_free(&front);
}

static void put(uint32_t channel, uint64_t index)
{
    const struct views_run run = {.index = index, .position = 1000 * channel + index};
    front_put_place(&front, channel, &run);
}

/* Asks from entry `first` on; the places must ascend by one. */
static size_t found(uint32_t channel, uint64_t first, size_t max, bool ahead)
{
    struct views_run *run = NULL;
    size_t count = 0;
    assert_ok(front_run(&front, channel, first, max, ahead, &arena, &run, &count, &error));
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(run[i].index, first + i);
        ck_assert_uint_eq(run[i].position, 1000 * channel + first + i);
    }
    return count;
}

START_TEST(places_of_a_channel_are_found_among_those_of_others)
{
    for (uint64_t i = 0; i < 10; i++) {
        put(1, i);
        put(2, 2 * i);
        put(2, 2 * i + 1);
    }
    ck_assert_uint_eq(found(1, 0, 99, true), 0);
    front_written(&front);
    ck_assert_uint_eq(found(1, 0, 99, true), 10);
    ck_assert_uint_eq(found(1, 0, 99, false), 0);
    front_committed(&front);
    ck_assert_uint_eq(found(1, 0, 99, false), 10);
    ck_assert_uint_eq(found(1, 9, 99, false), 1);
    ck_assert_uint_eq(found(1, 10, 99, false), 0);
    ck_assert_uint_eq(found(2, 3, 4, false), 4);
    ck_assert_uint_eq(found(2, 3, 99, false), 17);
    ck_assert_uint_eq(found(3, 0, 99, false), 0);
}
END_TEST

START_TEST(what_is_too_old_is_left_to_the_views)
{
    for (uint64_t i = 0; i <= FRONT_PLACES; i++) {
        put(1, i);
    }
    ck_assert_uint_eq(found(1, 1, 2, false), 0);
    front_committed(&front);
    ck_assert_uint_eq(found(1, 0, 2, false), 0);
    ck_assert_uint_eq(found(1, 1, SIZE_MAX, false), FRONT_PLACES);
}
END_TEST

START_TEST(what_was_rolled_back_is_not_found_and_its_places_come_again)
{
    put(1, 0);
    front_committed(&front);
    put(1, 1);
    put(2, 0);
    front_written(&front);
    front_rollback(&front);
    ck_assert_uint_eq(found(1, 1, 9, true), 0);
    ck_assert_uint_eq(found(2, 0, 9, true), 0);
    put(1, 1);
    front_committed(&front);
    ck_assert_uint_eq(found(1, 0, 9, false), 2);
}
END_TEST

START_TEST(channels_are_as_of_their_last_commit)
{
    struct store_channel *channels = NULL;
    size_t count = 0;
    struct store_channel channel = {.number = 1, .size = 5, .receipt_size = 3};
    assert_ok(front_reserve(&front, 1, &error));
    ck_assert_uint_eq(front_size(&front, 1), 0);
    front_put_channel(&front, &channel);
    front_put_written(&front, 1, 7);
    ck_assert_uint_eq(front_size(&front, 1), 5);
    ck_assert_uint_eq(front_receipted(&front, 1), 3);
    ck_assert_uint_eq(front_written_size(&front, 1), 7);
    front_rollback(&front);
    ck_assert_uint_eq(front_written_size(&front, 1), 5);
    ck_assert_uint_eq(front_size(&front, 0) + front_size(&front, 2), 0);
    assert_ok(front_channels(&front, &arena, &channels, &count, &error));
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(channels[0].size, 5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        places_of_a_channel_are_found_among_those_of_others,
        what_is_too_old_is_left_to_the_views,
        what_was_rolled_back_is_not_found_and_its_places_come_again,
        channels_are_as_of_their_last_commit,
    };
    return suite_run_with("front", tests, SUITE_COUNT(tests), start, end);
}
