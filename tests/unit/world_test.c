/* Time and randomness. */
#include "node/core/metrics.h"
#include "node/core/world.h"
#include "tests/unit/suite.h"

START_TEST(the_steady_clock_never_goes_back)
{
    uint64_t before = world_steady_ns(world_real());
    for (int i = 0; i < 1000; i++) {
        uint64_t now = world_steady_ns(world_real());
        ck_assert_uint_ge(now, before);
        before = now;
    }
}
END_TEST

START_TEST(the_wall_clock_counts_milliseconds_of_this_century)
{
    uint64_t now = world_wall_ms(world_real());
    ck_assert_uint_gt(now, 1700000000000);
    ck_assert_uint_lt(now, 4102444800000);
}
END_TEST

START_TEST(random_bytes_differ_and_stay_in_their_room)
{
    uint8_t a[40] = {0};
    uint8_t b[40] = {0};
    world_random(world_real(), a, 32);
    world_random(world_real(), b, 32);
    ck_assert_int_ne(memcmp(a, b, 32), 0);
    for (size_t i = 32; i < sizeof a; i++) {
        ck_assert_uint_eq(a[i], 0);
    }
}
END_TEST

static uint64_t fixed_ms(void *self)
{
    return *(const uint64_t *)self;
}

START_TEST(a_test_puts_its_own_time_in)
{
    uint64_t time_ms = 1767605400123;
    struct world world = *world_real();
    world.wall_ms = fixed_ms;
    world.self = &time_ms;
    ck_assert_uint_eq(world_wall_ms(&world), 1767605400123);
    time_ms++;
    ck_assert_uint_eq(world_wall_ms(&world), 1767605400124);
}
END_TEST

START_TEST(times_are_written_as_rfc_3339_in_utc)
{
    char out[TIMESTAMP_BYTES];
    timestamp_format(0, out);
    ck_assert_str_eq(out, "1970-01-01T00:00:00.000Z");
    timestamp_format(1767605400123, out);
    ck_assert_str_eq(out, "2026-01-05T09:30:00.123Z");
    timestamp_format(951782399999, out);
    ck_assert_str_eq(out, "2000-02-28T23:59:59.999Z");
    timestamp_format(253402300799999, out);
    ck_assert_str_eq(out, "9999-12-31T23:59:59.999Z");
    timestamp_format(253402300800000, out);
    ck_assert_str_eq(out, "-");
    timestamp_format(UINT64_MAX, out);
    ck_assert_str_eq(out, "-");
}
END_TEST

START_TEST(every_metric_has_a_name_a_unit_and_a_meaning)
{
    for (unsigned i = 0; i < METRIC_COUNT; i++) {
        ck_assert_uint_gt(strlen(metric_name((enum metric)i)), 0);
        ck_assert_uint_gt(strlen(metric_unit((enum metric)i)), 0);
        ck_assert_uint_gt(strlen(metric_help((enum metric)i)), 0);
    }
    struct metrics metrics = {0};
    metrics_add(&metrics, METRIC_COMMITS, 2);
    metrics_add(&metrics, METRIC_COMMITS, 3);
    ck_assert_uint_eq(atomic_load(&metrics.value[METRIC_COMMITS]), 5);
    ck_assert_uint_eq(atomic_load(&metrics.value[METRIC_ACCEPTED]), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_steady_clock_never_goes_back,
        the_wall_clock_counts_milliseconds_of_this_century,
        random_bytes_differ_and_stay_in_their_room,
        a_test_puts_its_own_time_in,
        times_are_written_as_rfc_3339_in_utc,
        every_metric_has_a_name_a_unit_and_a_meaning,
    };
    return suite_run("world", tests, SUITE_COUNT(tests), NULL);
}
