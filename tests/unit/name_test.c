/* The syntax of parties, domains and endpoints. */
#include "proto/name.h"
#include "tests/unit/suite.h"

START_TEST(a_party_is_two_capital_letters)
{
    static const char *const refused[] = {"", "K", "kr", "Kr", "KRX", "K1", "K ", "\xc3\x9c"};
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!name_is_party(text_of(refused[i])), "%s", refused[i]);
    }
    ck_assert(name_is_party(TEXT("KR")) && name_is_party(TEXT("ZZ")));
}
END_TEST

START_TEST(a_domain_is_a_lower_case_dns_name)
{
    static const char *const taken[] = {"customs.go.kr", "a", "a-b.c0", "xn--p1ai", "1.2.a"};
    static const char *const refused[] = {"",        ".",    "a.",  ".a",  "a..b",
                                          "-a.b",    "a-.b", "A.b", "a_b", "a b",
                                          "1.2.3.4", "a.1",  "a/b", "a\n", "\xc3\xa9.fr"};
    char label[65];
    memset(label, 'a', sizeof label);
    for (size_t i = 0; i < SUITE_COUNT(taken); i++) {
        ck_assert_msg(name_is_domain(text_of(taken[i])), "%s", taken[i]);
    }
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!name_is_domain(text_of(refused[i])), "%s", refused[i]);
    }
    ck_assert(name_is_domain((struct text){label, 63}));
    ck_assert(!name_is_domain((struct text){label, 64}));
}
END_TEST

START_TEST(a_domain_has_a_limit)
{
    char domain[DOMAIN_MAX_BYTES];
    for (size_t i = 0; i < sizeof domain; i++) {
        domain[i] = i % 2 == 0 ? 'a' : '.';
    }
    ck_assert(name_is_domain((struct text){domain, DOMAIN_MAX_BYTES - 1}));
    domain[DOMAIN_MAX_BYTES - 1] = 'a';
    domain[DOMAIN_MAX_BYTES - 2] = 'a';
    ck_assert(!name_is_domain((struct text){domain, DOMAIN_MAX_BYTES}));
}
END_TEST

START_TEST(an_endpoint_has_a_host_and_a_port)
{
    static const char *const taken[] = {"tcp://mesh.customs.go.kr:7710", "tcp://127.0.0.1:1",
                                        "tcp://[::1]:65535", "tcp://[2001:db8::7]:80",
                                        "tcp://localhost:9"};
    static const char *const refused[] = {"",
                                          "tcp://",
                                          "tcp://a",
                                          "tcp://a:",
                                          "tcp://a:0",
                                          "tcp://a:65536",
                                          "tcp://a:080",
                                          "tcp://*:80",
                                          "tcp://A:80",
                                          "tcp://a:80/",
                                          "tcp://::1:80",
                                          "tcp://[::1]",
                                          "tcp://[::1:80",
                                          "tcp://[::1]80",
                                          "tcp://[127.0.0.1]:80",
                                          "tcp://1.2.3:80",
                                          "tcp://1.2.3.256:80",
                                          "ipc://a:80",
                                          "TCP://a:80",
                                          "tcp://a b:80",
                                          "tcp://[]:80",
                                          "tcp://:80",
                                          "tcp://a:8 0",
                                          "tcp://[::1%lo]:80"};
    for (size_t i = 0; i < SUITE_COUNT(taken); i++) {
        ck_assert_msg(name_is_endpoint(text_of(taken[i]), "tcp"), "%s", taken[i]);
    }
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!name_is_endpoint(text_of(refused[i]), "tcp"), "%s", refused[i]);
    }
    ck_assert(!name_is_endpoint((struct text){"tcp://a\0b:80", 12}, "tcp"));
}
END_TEST

START_TEST(an_https_endpoint_may_leave_the_port_out_and_has_no_path)
{
    ck_assert(name_is_endpoint(TEXT("https://test.coconnect.customs.go.kr"), "https"));
    ck_assert(name_is_endpoint(TEXT("https://a.b:8443"), "https"));
    ck_assert(!name_is_endpoint(TEXT("https://a.b/"), "https"));
    ck_assert(!name_is_endpoint(TEXT("https://u@a.b"), "https"));
    ck_assert(!name_is_endpoint(TEXT("http://a.b"), "https"));
    ck_assert(!name_is_endpoint(TEXT("https://"), "https"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_party_is_two_capital_letters,
        a_domain_is_a_lower_case_dns_name,
        a_domain_has_a_limit,
        an_endpoint_has_a_host_and_a_port,
        an_https_endpoint_may_leave_the_port_out_and_has_no_path,
    };
    return suite_run("name", tests, SUITE_COUNT(tests), NULL);
}
