/* Origin lines of channels. */
#include "proto/channel.h"
#include "tests/unit/suite.h"

START_TEST(an_origin_is_written_and_read_back)
{
    struct channel_name name = {TEXT("prod"), TEXT("customs.go.kr"), TEXT("ID"), 1};
    struct channel_name read;
    char origin[ORIGIN_MAX_BYTES];
    assert_ok(channel_origin(&name, origin, &error));
    ck_assert_str_eq(origin, "prod.coconnect.customs.go.kr/ID/1");
    assert_ok(channel_parse(text_of(origin), &read, &error));
    ck_assert(text_equal(read.environment, name.environment));
    ck_assert(text_equal(read.domain, name.domain));
    ck_assert(text_equal(read.receiver, name.receiver));
    ck_assert_uint_eq(read.epoch, 1);
}
END_TEST

START_TEST(the_longest_name_fits_its_origin)
{
    char domain[DOMAIN_MAX_BYTES];
    char origin[ORIGIN_MAX_BYTES];
    struct channel_name read;
    for (size_t i = 0; i < sizeof domain; i++) {
        domain[i] = i % 2 == 0 ? 'a' : '.';
    }
    struct channel_name name = {
        TEXT("prod"), {domain, DOMAIN_MAX_BYTES - 1}, TEXT("ID"), UINT32_MAX};
    assert_ok(channel_origin(&name, origin, &error));
    assert_ok(channel_parse(text_of(origin), &read, &error));
    ck_assert_uint_eq(read.epoch, UINT32_MAX);
}
END_TEST

START_TEST(a_name_that_is_not_well_formed_gets_no_origin)
{
    char origin[ORIGIN_MAX_BYTES];
    struct channel_name name = {TEXT("prod"), TEXT("customs.go.kr"), TEXT("ID"), 0};
    assert_fails(channel_origin(&name, origin, &error), RESULT_INVALID, "epoch");
    name = (struct channel_name){TEXT("prod"), TEXT("customs.go.kr"), TEXT("id"), 1};
    assert_fails(channel_origin(&name, origin, &error), RESULT_INVALID, "receiver");
    name = (struct channel_name){TEXT("live"), TEXT("customs.go.kr"), TEXT("ID"), 1};
    assert_fails(channel_origin(&name, origin, &error), RESULT_INVALID, "environment");
}
END_TEST

START_TEST(another_line_is_refused_with_what_is_wrong_in_it)
{
    static const struct {
        const char *origin;
        const char *words;
    } refused[] = {
        {"", "ENVIRONMENT.coconnect.DOMAIN"},
        {"live.coconnect.customs.go.kr/ID/1", "dev, test or prod"},
        {"prod.coconnect.Customs.go.kr/ID/1", "DNS name"},
        {"prod.coconnect./ID/1", "DNS name"},
        {"prod.customs.go.kr/ID/1", "ENVIRONMENT.coconnect.DOMAIN"},
        {"prod.coconnect.customs.go.kr/id/1", "capital letters"},
        {"prod.coconnect.customs.go.kr/ID", "ENVIRONMENT.coconnect.DOMAIN"},
        {"prod.coconnect.customs.go.kr/ID/", "epoch"},
        {"prod.coconnect.customs.go.kr/ID/0", "epoch"},
        {"prod.coconnect.customs.go.kr/ID/01", "epoch"},
        {"prod.coconnect.customs.go.kr/ID/4294967296", "epoch"},
        {"prod.coconnect.customs.go.kr/ID/1/", "epoch"},
        {"prod.coconnect.customs.go.kr/ID/1\n", "epoch"},
    };
    struct channel_name name;
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        assert_fails(channel_parse(text_of(refused[i].origin), &name, &error), RESULT_INVALID,
                     refused[i].words);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_origin_is_written_and_read_back,
        the_longest_name_fits_its_origin,
        a_name_that_is_not_well_formed_gets_no_origin,
        another_line_is_refused_with_what_is_wrong_in_it,
    };
    return suite_run("channel", tests, SUITE_COUNT(tests), NULL);
}
