/* Errors: codes, sentences, and how a cause is put into its context. */
#include "tests/unit/suite.h"

#include <errno.h>

START_TEST(every_code_has_a_text_that_finds_it_again)
{
    for (unsigned code = 0; code < RESULT_COUNT; code++) {
        const char *text = result_text((enum result)code);
        ck_assert_uint_eq(result_from_text(text), code);
    }
    ck_assert_int_eq(result_from_text("no-such-code"), RESULT_INTERNAL);
}
END_TEST

START_TEST(setting_an_error_gives_its_code_back)
{
    ck_assert_int_eq(error_set(&error, RESULT_FULL, "disk %s: %d MiB", "sda", 2), RESULT_FULL);
    ck_assert_int_eq(error.code, RESULT_FULL);
    ck_assert_str_eq(error.message, "disk sda: 2 MiB");
    ck_assert_int_eq(error_set(NULL, RESULT_BUSY, "nobody reads this"), RESULT_BUSY);
}
END_TEST

START_TEST(a_context_stands_before_its_cause)
{
    (void)error_set(&error, RESULT_INVALID, "line 3 is too long");
    ck_assert_int_eq(error_wrap(&error, "card of %s", "KR"), RESULT_INVALID);
    ck_assert_str_eq(error.message, "card of KR: line 3 is too long");
}
END_TEST

START_TEST(the_number_of_the_system_chooses_the_code)
{
    static const struct {
        int number;
        enum result code;
    } known[] = {{ENOSPC, RESULT_FULL},
                 {ENOMEM, RESULT_NO_MEMORY},
                 {EACCES, RESULT_DENIED},
                 {ENOENT, RESULT_NOT_FOUND},
                 {EIO, RESULT_IO}};
    for (size_t i = 0; i < SUITE_COUNT(known); i++) {
        assert_fails(error_system(&error, known[i].number, "'%s'", "x"), known[i].code, "'x': ");
    }
}
END_TEST

START_TEST(a_sentence_that_is_too_long_is_cut_and_ends)
{
    char long_text[2 * ERROR_MESSAGE_BYTES];
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    (void)error_set(&error, RESULT_IO, "%s", long_text);
    ck_assert_uint_eq(strlen(error.message), ERROR_MESSAGE_BYTES - 1);
    (void)error_wrap(&error, "%s", long_text);
    ck_assert_uint_eq(strlen(error.message), ERROR_MESSAGE_BYTES - 1);
    (void)error_system(&error, EIO, "%s", long_text);
    ck_assert_uint_eq(strlen(error.message), ERROR_MESSAGE_BYTES - 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_code_has_a_text_that_finds_it_again,   setting_an_error_gives_its_code_back,
        a_context_stands_before_its_cause,           the_number_of_the_system_chooses_the_code,
        a_sentence_that_is_too_long_is_cut_and_ends,
    };
    return suite_run("err", tests, SUITE_COUNT(tests), NULL);
}
