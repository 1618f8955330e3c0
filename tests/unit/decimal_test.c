/* Tests of proto/decimal: exact, strict, and never wrapped round. */
#include "proto/decimal.h"
#include "tests/unit/suite.h"

static struct decimal of(const char *text)
{
    struct decimal decimal = {0};
    ck_assert_msg(decimal_read(text_of(text), &decimal), "'%s' is not read", text);
    return decimal;
}

static void assert_written(struct decimal decimal, const char *wanted)
{
    char text[DECIMAL_BYTES];
    ck_assert_str_eq(decimal_write(decimal, text), wanted);
}

START_TEST(a_decimal_is_written_in_its_shortest_form)
{
    static const char *const pairs[][2] = {{"0", "0"},
                                           {"0.000", "0"},
                                           {"12.500", "12.5"},
                                           {"100", "100"},
                                           {"0.000001", "0.000001"},
                                           {"9999999999.999999", "9999999999.999999"},
                                           {"18446744073709551615", "18446744073709551615"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_written(of(pairs[i][0]), pairs[i][1]);
    }
}
END_TEST

START_TEST(what_is_no_decimal_is_not_read)
{
    static const char *const texts[] = {
        "",    ".",     ".5", "5.", "-1",  "+1",        "1e3",
        "1,5", "1.2.3", " 1", "1 ", "0x1", "1.0000001", "18446744073709551616"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct decimal decimal;
        ck_assert_msg(!decimal_read(text_of(texts[i]), &decimal), "'%s' is read", texts[i]);
    }
}
END_TEST

START_TEST(a_tenth_ten_times_is_one)
{
    struct decimal sum = {0};
    for (int i = 0; i < 10; i++) {
        ck_assert(decimal_add(&sum, of("0.1")));
    }
    ck_assert_int_eq(decimal_compare(sum, of("1")), 0);
    assert_written(sum, "1");
}
END_TEST

START_TEST(decimals_are_compared_by_value)
{
    ck_assert_int_eq(decimal_compare(of("1.50"), of("1.5")), 0);
    ck_assert_int_lt(decimal_compare(of("1.499999"), of("1.5")), 0);
    ck_assert_int_gt(decimal_compare(of("10"), of("9.999999")), 0);
}
END_TEST

START_TEST(what_is_left_is_exact_and_never_below_nothing)
{
    assert_written(decimal_left(of("10"), of("0.000001")), "9.999999");
    assert_written(decimal_left(of("3150.25"), of("150.5")), "2999.75");
    assert_written(decimal_left(of("1"), of("1")), "0");
    assert_written(decimal_left(of("1"), of("2")), "0");
}
END_TEST

START_TEST(a_sum_that_is_too_large_is_told_and_changes_nothing)
{
    struct decimal sum = of("18446744073709551615.5");
    ck_assert(!decimal_add(&sum, of("0.5")));
    ck_assert(!decimal_add(&sum, of("1")));
    assert_written(sum, "18446744073709551615.5");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_decimal_is_written_in_its_shortest_form,
        what_is_no_decimal_is_not_read,
        a_tenth_ten_times_is_one,
        decimals_are_compared_by_value,
        what_is_left_is_exact_and_never_below_nothing,
        a_sum_that_is_too_large_is_told_and_changes_nothing,
    };
    return suite_run("decimal", tests, SUITE_COUNT(tests), NULL);
}
