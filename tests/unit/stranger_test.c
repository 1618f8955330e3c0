/* What those cost whom nobody knows: who is counted as one, and how much of it there may be. */
#include "node/bridge/http_parts.h"

#include "tests/unit/suite.h"

#include <netinet/in.h>

#define PER_SECOND 2
#define AT_ONCE    (PER_SECOND * PACE_BURST_S)

static uint64_t now_ns;
static struct metrics metrics;
static struct http_listener listener;

static uint64_t steady_ns(void *self)
{
    (void)self;
    return now_ns;
}

static void start(void)
{
    static const struct world world = {.steady_ns = steady_ns};
    now_ns = (uint64_t)1000 * 1000000000;
    memset(&metrics, 0, sizeof metrics);
    memset(&listener, 0, sizeof listener);
    listener.options.name = "public";
    listener.options.strangers_per_second = PER_SECOND;
    listener.options.world = &world;
    listener.options.metrics = &metrics;
}

/* Whether a connection from the address may begin. */
static bool begins(const char *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
        return http_stranger_accept(&listener, (struct sockaddr *)&v4, sizeof v4) == MHD_YES;
    }
    ck_assert_int_eq(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    return http_stranger_accept(&listener, (struct sockaddr *)&v6, sizeof v6) == MHD_YES;
}

static void begin_all(const char *address)
{
    for (unsigned i = 0; i < AT_ONCE; i++) {
        ck_assert(begins(address));
    }
    ck_assert(!begins(address));
}

START_TEST(an_address_begins_so_many_connections_and_another_its_own)
{
    begin_all("192.0.2.1");
    ck_assert_uint_eq(metrics.value[METRIC_TURNED_AWAY], 1);
    begin_all("192.0.2.2");
    now_ns += 1000000000 / PER_SECOND;
    ck_assert(begins("192.0.2.1") && !begins("192.0.2.1"));
}
END_TEST

START_TEST(a_network_of_64_bits_is_one_stranger)
{
    begin_all("2001:db8:0:1::1");
    ck_assert(!begins("2001:db8:0:1:ffff:ffff:ffff:ffff"));
    ck_assert(begins("2001:db8:0:2::1"));
}
END_TEST

START_TEST(an_ipv4_address_is_itself_where_ipv6_is_listened_to)
{
    begin_all("::ffff:192.0.2.1");
    ck_assert(!begins("192.0.2.1"));
    ck_assert(begins("::ffff:192.0.2.2"));
}
END_TEST

START_TEST(without_a_limit_anybody_begins)
{
    listener.options.strangers_per_second = 0;
    for (unsigned i = 0; i < 10 * AT_ONCE; i++) {
        ck_assert(begins("192.0.2.1"));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_address_begins_so_many_connections_and_another_its_own,
        a_network_of_64_bits_is_one_stranger,
        an_ipv4_address_is_itself_where_ipv6_is_listened_to,
        without_a_limit_anybody_begins,
    };
    return suite_run("stranger", tests, SUITE_COUNT(tests), start);
}
