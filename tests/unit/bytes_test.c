/* Views, buffers, cursors over text, hexadecimal and decimal digits. */
#include "tests/unit/suite.h"

START_TEST(views_are_equal_by_content)
{
    ck_assert(bytes_equal((struct bytes){NULL, 0}, bytes_of("x", 0)));
    ck_assert(bytes_equal(bytes_of("ab", 2), bytes_of("ab", 2)));
    ck_assert(!bytes_equal(bytes_of("ab", 2), bytes_of("ab", 1)));
    ck_assert(text_equal(text_of("KR"), TEXT("KR")));
    ck_assert(!text_equal(text_of("KR"), TEXT("ID")));
    ck_assert_uint_eq(text_of(NULL).size, 0);
}
END_TEST

START_TEST(a_buffer_grows_and_keeps_what_is_in_it)
{
    struct buffer buffer = {0};
    for (int i = 0; i < 10000; i++) {
        buffer_printf(&buffer, "%05d", i);
    }
    assert_ok(buffer_check(&buffer, &error));
    ck_assert_uint_eq(buffer.size, 50000);
    ck_assert_mem_eq(buffer.data + 5 * 1234, "01234", 5);
    buffer_clear(&buffer);
    buffer_text(&buffer, "again");
    ck_assert(text_equal(buffer_view(&buffer), TEXT("again")));
    buffer_free(&buffer);
    buffer_free(&buffer);
}
END_TEST

START_TEST(a_buffer_without_memory_says_so_at_the_end)
{
    struct buffer buffer = {0};
    buffer_text(&buffer, "start");
    ck_assert_int_eq(buffer_reserve(&buffer, SIZE_MAX), RESULT_NO_MEMORY);
    buffer_text(&buffer, "more");
    assert_fails(buffer_check(&buffer, &error), RESULT_NO_MEMORY, "no memory");
    ck_assert_uint_eq(buffer.size, 5);
    buffer_free(&buffer);
}
END_TEST

START_TEST(hexadecimal_is_read_whole_or_not_at_all)
{
    uint8_t out[4];
    char text[9];
    ck_assert(hex_decode(TEXT("00fFa07e"), out, 4));
    hex_encode(bytes_of(out, 4), text);
    ck_assert_str_eq(text, "00ffa07e");
    ck_assert(!hex_decode(TEXT("00ffa07"), out, 4));
    ck_assert(!hex_decode(TEXT("00ffa07e0"), out, 4));
    ck_assert(!hex_decode(TEXT("00ffa0 e"), out, 4));
    ck_assert(!hex_decode(TEXT("00ffa0ge"), out, 4));
}
END_TEST

START_TEST(a_decimal_has_one_spelling_and_a_limit)
{
    static const char *const refused[] = {"",
                                          "01",
                                          "00",
                                          "+1",
                                          "-1",
                                          " 1",
                                          "1 ",
                                          "1.0",
                                          "0x1",
                                          "18446744073709551616",
                                          "99999999999999999999"};
    uint64_t value = 7;
    for (size_t i = 0; i < SUITE_COUNT(refused); i++) {
        ck_assert_msg(!decimal_parse(text_of(refused[i]), UINT64_MAX, &value), "%s", refused[i]);
    }
    ck_assert_uint_eq(value, 7);
    ck_assert(decimal_parse(TEXT("0"), 0, &value) && value == 0);
    ck_assert(decimal_parse(TEXT("18446744073709551615"), UINT64_MAX, &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    ck_assert(decimal_parse(TEXT("255"), 255, &value) && value == 255);
    ck_assert(!decimal_parse(TEXT("256"), 255, &value));
    ck_assert(!decimal_parse(TEXT("9"), 8, &value));
    ck_assert(!decimal_parse(TEXT("10"), 8, &value));
}
END_TEST

START_TEST(a_number_is_written_as_it_is_read)
{
    static const char *const written[] = {"0", "9", "10", "4294967296", "18446744073709551615"};
    char digits[DECIMAL_DIGITS_MAX];
    for (size_t i = 0; i < SUITE_COUNT(written); i++) {
        uint64_t value = 0;
        ck_assert(decimal_parse(text_of(written[i]), UINT64_MAX, &value));
        ck_assert(text_equal(decimal_digits(value, digits), text_of(written[i])));
    }
}
END_TEST

START_TEST(what_is_printed_into_a_buffer_has_the_room_that_it_needs)
{
    struct buffer buffer = {0};
    size_t size = 0;
    for (int width = 1; width < 600; width++) {
        buffer_printf(&buffer, "%0*d", width, width);
        size += (size_t)width;
        ck_assert_uint_eq(buffer.size, size);
    }
    assert_ok(buffer_check(&buffer, &error));
    ck_assert_int_eq(memcmp(buffer.data + buffer.size - 4, "0599", 4), 0);
    buffer_free(&buffer);
}
END_TEST

START_TEST(a_cursor_cuts_off_the_front)
{
    struct text rest = TEXT("a/bc/");
    ck_assert(!text_skip(&rest, "b"));
    ck_assert(text_equal(text_until(&rest, '/'), TEXT("a")));
    ck_assert(text_skip(&rest, "/b"));
    ck_assert(text_equal(text_until(&rest, '/'), TEXT("c")));
    ck_assert(text_skip(&rest, "/"));
    ck_assert(!text_skip(&rest, "/"));
    ck_assert_uint_eq(text_until(&rest, '/').size, 0);
    struct text nothing = {NULL, 0};
    ck_assert(!text_skip(&nothing, "x"));
    ck_assert_uint_eq(text_until(&nothing, '/').size, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        views_are_equal_by_content,
        a_buffer_grows_and_keeps_what_is_in_it,
        a_buffer_without_memory_says_so_at_the_end,
        hexadecimal_is_read_whole_or_not_at_all,
        what_is_printed_into_a_buffer_has_the_room_that_it_needs,
        a_decimal_has_one_spelling_and_a_limit,
        a_number_is_written_as_it_is_read,
        a_cursor_cuts_off_the_front,
    };
    return suite_run("bytes", tests, SUITE_COUNT(tests), NULL);
}
