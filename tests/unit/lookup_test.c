/* Looking up the name of an endpoint beside the poll loop. */
#include "node/link/lookup.h"
#include "tests/unit/node_fixture.h"

static struct queue home;
static struct lookup *lookup;

static void home_open(void)
{
    fixture_start();
    assert_ok(queue_init(&home, &error));
}

/* Waits for the wake-up that says it is done. */
static void look_up(const char *endpoint)
{
    assert_ok(lookup_start(endpoint, &home, &lookup, &error));
    while (!lookup_is_done(lookup)) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        ck_assert_int_eq(poll(&wake, 1, 4 * FIXTURE_WAIT_MS), 1);
        (void)queue_take(&home);
    }
}

START_TEST(an_address_is_there_at_once)
{
    static const char *const endpoints[] = {"tcp://127.0.0.1:7443", "tcp://[::1]:7443",
                                            "tcp://[2001:db8::7]:65535"};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(lookup_start(endpoints[i], &home, &lookup, &error));
        ck_assert(lookup_is_done(lookup));
        ck_assert_uint_eq(lookup_count(lookup), 1);
        ck_assert_str_eq(lookup_endpoint(lookup, 0), endpoints[i]);
        lookup_end(&lookup);
        ck_assert_ptr_null(lookup);
    }
    queue_close(&home);
}
END_TEST

START_TEST(a_name_is_looked_up_and_wakes_the_loop)
{
    look_up("tcp://localhost:7443");
    ck_assert_uint_ge(lookup_count(lookup), 1);
    ck_assert_ptr_nonnull(strstr(lookup_endpoint(lookup, 0), "1:7443"));
    lookup_end(&lookup);
    queue_close(&home);
}
END_TEST

START_TEST(a_name_that_is_not_found_has_a_sentence)
{
    look_up("tcp://no-such-host.invalid:7443"); /* RFC 6761: never exists */
    ck_assert_uint_eq(lookup_count(lookup), 0);
    ck_assert_str_ne(lookup_problem(lookup), "");
    lookup_end(&lookup);
    queue_close(&home);
}
END_TEST

START_TEST(what_is_no_endpoint_is_refused)
{
    static const char *const wrong[] = {
        "", "tcp://", "tcp://:", "ipc://x:1", "tcp://host", "tcp://host:123456789"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_fails(lookup_start(wrong[i], &home, &lookup, &error), RESULT_INVALID,
                     "tcp://host:port");
    }
    queue_close(&home);
}
END_TEST

START_TEST(a_look_up_may_be_given_up_at_any_time)
{
    for (int i = 0; i < 50; i++) {
        assert_ok(lookup_start("tcp://localhost:7443", &home, &lookup, &error));
        lookup_end(&lookup);
        ck_assert_ptr_null(lookup);
    }
    lookup_end(&lookup);
    queue_close(&home);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_address_is_there_at_once,
        a_name_is_looked_up_and_wakes_the_loop,
        a_name_that_is_not_found_has_a_sentence,
        what_is_no_endpoint_is_refused,
        a_look_up_may_be_given_up_at_any_time,
    };
    return suite_run("lookup", tests, SUITE_COUNT(tests), home_open);
}
