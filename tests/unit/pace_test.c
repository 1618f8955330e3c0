/* How many requests a second a client may make. */
#include "node/bridge/pace.h"

#include "tests/unit/suite.h"

#include <stdio.h>

#define SECOND_NS ((uint64_t)1000000000)
#define START_NS  (1000 * SECOND_NS)

static struct pace pace;

static void start(void)
{
    memset(&pace, 0, sizeof pace);
}

/* How many of `tries` requests at one moment are let in. */
static unsigned taken(const char *client, uint64_t per_second, unsigned tries, uint64_t now_ns)
{
    unsigned count = 0;
    for (unsigned i = 0; i < tries; i++) {
        count += pace_take(&pace, client, per_second, now_ns) == 0;
    }
    return count;
}

START_TEST(ten_seconds_of_requests_may_come_at_once_and_no_more)
{
    start();
    ck_assert_uint_eq(taken("KR", 3, 100, START_NS), 30);
    start();
    ck_assert_uint_eq(taken("KR", 1000000, 10000001, START_NS), 10000000);
}
END_TEST

START_TEST(a_client_is_told_when_its_next_request_is_due_and_may_make_it_then)
{
    start();
    (void)taken("KR", 4, 40, START_NS);
    uint64_t wait_ns = pace_take(&pace, "KR", 4, START_NS);
    ck_assert_uint_eq(wait_ns, SECOND_NS / 4);
    ck_assert_uint_ne(pace_take(&pace, "KR", 4, START_NS + wait_ns - 1), 0);
    ck_assert_uint_eq(pace_take(&pace, "KR", 4, START_NS + wait_ns), 0);
    ck_assert_uint_ne(pace_take(&pace, "KR", 4, START_NS + wait_ns), 0);
}
END_TEST

START_TEST(a_refused_request_takes_nothing)
{
    start();
    (void)taken("KR", 1, 10, START_NS);
    ck_assert_uint_eq(taken("KR", 1, 1000, START_NS), 0);
    ck_assert_uint_eq(taken("KR", 1, 100, START_NS + SECOND_NS), 1);
}
END_TEST

START_TEST(what_is_given_back_may_be_taken_again_and_no_more)
{
    start();
    ck_assert_uint_eq(taken("KR", 2, 100, START_NS), 20);
    pace_give_back(&pace, "KR", 2);
    pace_give_back(&pace, "ID", 2);
    ck_assert_uint_eq(taken("KR", 2, 100, START_NS), 1);
    ck_assert_uint_eq(taken("ID", 2, 100, START_NS), 20);
    ck_assert_uint_eq(pace.count, 2);
}
END_TEST

START_TEST(who_keeps_to_its_rate_is_never_refused)
{
    start();
    for (uint64_t i = 0; i < 100000; i++) {
        ck_assert_uint_eq(pace_take(&pace, "KR", 1000, START_NS + i * SECOND_NS / 1000), 0);
    }
    ck_assert_uint_eq(taken("KR", 1000, 20000, START_NS + 100 * SECOND_NS), 10000);
}
END_TEST

START_TEST(one_client_takes_nothing_from_another)
{
    start();
    ck_assert_uint_eq(taken("KR", 5, 100, START_NS), 50);
    ck_assert_uint_eq(taken("ID", 5, 100, START_NS), 50);
    ck_assert_uint_eq(taken("KR", 5, 100, START_NS), 0);
}
END_TEST

START_TEST(clients_come_and_go_without_end_and_the_busy_ones_stay_known)
{
    char name[16];
    start();
    for (unsigned i = 0; i < 10 * PACE_CLIENTS_MAX; i++) {
        uint64_t now_ns = START_NS + i * SECOND_NS;
        ck_assert_uint_ge(taken("busy", 1, 10, now_ns), 1);
        ck_assert_uint_eq(pace_take(&pace, "busy", 1, now_ns), SECOND_NS);
        (void)snprintf(name, sizeof name, "client-%u", i);
        ck_assert_uint_eq(pace_take(&pace, name, 1, now_ns), 0);
    }
    ck_assert_uint_le(pace.count, 3);
}
END_TEST

START_TEST(with_every_place_taken_a_further_client_waits)
{
    char name[16];
    start();
    for (unsigned i = 0; i < PACE_CLIENTS_MAX; i++) {
        (void)snprintf(name, sizeof name, "client-%u", i);
        ck_assert_uint_eq(pace_take(&pace, name, 1, START_NS), 0);
    }
    ck_assert_uint_eq(pace_take(&pace, "one more", 1, START_NS), SECOND_NS);
    ck_assert_uint_eq(pace_take(&pace, "client-7", 1, START_NS), 0);
    ck_assert_uint_eq(pace_take(&pace, "one more", 1, START_NS + SECOND_NS), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        ten_seconds_of_requests_may_come_at_once_and_no_more,
        a_client_is_told_when_its_next_request_is_due_and_may_make_it_then,
        a_refused_request_takes_nothing,
        what_is_given_back_may_be_taken_again_and_no_more,
        who_keeps_to_its_rate_is_never_refused,
        one_client_takes_nothing_from_another,
        clients_come_and_go_without_end_and_the_busy_ones_stay_known,
        with_every_place_taken_a_further_client_waits,
    };
    return suite_run("pace", tests, SUITE_COUNT(tests), NULL);
}
