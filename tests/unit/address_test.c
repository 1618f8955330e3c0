/* Which addresses a webhook may be called at. */
#include "node/bridge/address.h"

#include "tests/unit/suite.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        return address_is_public((const struct sockaddr *)&v4);
    }
    ck_assert_msg(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1, "%s", text);
    return address_is_public((const struct sockaddr *)&v6);
}

START_TEST(addresses_of_the_own_network_are_not_public)
{
    static const char *const own[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::1",
        "2001::1",
        "2001:db8::1",
        "::127.0.0.1",
    };
    for (size_t i = 0; i < SUITE_COUNT(own); i++) {
        ck_assert_msg(!is_public(own[i]), "%s was taken for public", own[i]);
    }
}
END_TEST

START_TEST(addresses_of_the_internet_are_public)
{
    static const char *const open[] = {
        "1.1.1.1",      "9.255.255.255",  "11.0.0.1",        "100.63.255.1",  "100.128.0.1",
        "172.15.0.1",   "172.32.0.1",     "192.0.3.1",       "223.255.255.1", "2606:4700::1",
        "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101"};
    for (size_t i = 0; i < SUITE_COUNT(open); i++) {
        ck_assert_msg(is_public(open[i]), "%s was taken for private", open[i]);
    }
}
END_TEST

START_TEST(what_is_no_internet_address_is_not_public)
{
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    ck_assert(!address_is_public((const struct sockaddr *)&local));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {addresses_of_the_own_network_are_not_public,
                                  addresses_of_the_internet_are_public,
                                  what_is_no_internet_address_is_not_public};
    return suite_run("address", tests, SUITE_COUNT(tests), NULL);
}
