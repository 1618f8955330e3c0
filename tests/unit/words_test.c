/* Fingerprints as people say them: words and digits of a hash, and what they type compared. */
#include "keys/words.h"
#include "tests/unit/suite.h"

#include <stdio.h>

static uint8_t hash[WORDS_HASH_BYTES];
static char words[WORDS_TEXT_BYTES];
static char digits[WORDS_DIGITS_BYTES];

static void start(void)
{
    for (size_t i = 0; i < sizeof hash; i++) {
        hash[i] = (uint8_t)(17 * i + 3);
    }
    words_text(hash, words);
    words_digits(hash, digits);
}

static enum result said(const char *text)
{
    return words_compare(hash, text_of(text), &error);
}

START_TEST(the_list_ascends_and_holds_each_word_once)
{
    for (size_t i = 1; i < WORDS_LIST_COUNT; i++) {
        ck_assert_msg(strcmp(words_list[i - 1], words_list[i]) < 0, "%s", words_list[i]);
    }
    ck_assert_str_eq(words_list[0], "abacus");
    ck_assert_str_eq(words_list[WORDS_LIST_COUNT - 1], "zoom");
}
END_TEST

START_TEST(words_and_digits_come_from_the_numbers_of_the_hash)
{
    const uint8_t numbers[WORDS_HASH_BYTES] = {0,    0,    0, 0, 0,    0,    0, 1, 0,    0,
                                               0x1e, 0x5b, 0, 0, 0x1e, 0x5c, 0, 1, 0x86, 0x9f};
    words_text(numbers, words);
    ck_assert_str_eq(words, "abacus abdomen zoom abacus thong abacus");
    words_digits(numbers, digits);
    ck_assert_str_eq(digits, "00000-00001-07771-07772-99999");
}
END_TEST

START_TEST(the_longest_words_fit)
{
    size_t longest = 0;
    for (size_t i = 0; i < WORDS_LIST_COUNT; i++) {
        longest = strlen(words_list[i]) > strlen(words_list[longest]) ? i : longest;
    }
    for (size_t place = 0; place < WORDS_COUNT; place++) {
        hash[4 * place] = 0;
        hash[4 * place + 1] = 0;
        hash[4 * place + 2] = (uint8_t)(longest >> 8);
        hash[4 * place + 3] = (uint8_t)longest;
    }
    words_text(hash, words);
    ck_assert_uint_eq(strlen(words), WORDS_TEXT_BYTES - 1);
    assert_ok(said(words));
}
END_TEST

START_TEST(case_blanks_and_hyphens_do_not_matter)
{
    char changed[2 * WORDS_TEXT_BYTES];
    size_t size = 0;
    assert_ok(said(words));
    for (size_t i = 0; i <= strlen(words); i++) {
        char c = words[i];
        changed[size++] = c == ' ' ? '-' : (char)(c >= 'a' && i % 2 == 0 ? c - 'a' + 'A' : c);
        if (c == ' ') {
            changed[size++] = ' ';
        }
    }
    assert_ok(said(changed));
    assert_ok(said(digits));
    (void)snprintf(changed, sizeof changed, " %.5s %.5s%.5s  -%.5s %.5s\n", digits, digits + 6,
                   digits + 12, digits + 18, digits + 24);
    assert_ok(said(changed));
}
END_TEST

START_TEST(another_word_or_digit_differs)
{
    char other[WORDS_TEXT_BYTES];
    uint8_t changed[WORDS_HASH_BYTES];
    for (size_t place = 0; place < WORDS_COUNT; place++) {
        memcpy(changed, hash, sizeof changed);
        changed[4 * place + 3] ^= 1;
        words_text(changed, other);
        assert_fails(said(other), RESULT_UNTRUSTED, "the words differ");
    }
    digits[0] = digits[0] == '9' ? '0' : '9';
    assert_fails(said(digits), RESULT_UNTRUSTED, "the digits differ");
}
END_TEST

START_TEST(a_part_is_not_the_whole)
{
    char part[WORDS_TEXT_BYTES];
    (void)snprintf(part, sizeof part, "%s", words);
    *strrchr(part, ' ') = '\0';
    assert_fails(said(part), RESULT_INVALID, "5 words, where all 6");
    (void)snprintf(part, sizeof part, "%.23s", digits);
    assert_fails(said(part), RESULT_INVALID, "20 digits, where all 25");
    assert_fails(said(""), RESULT_INVALID, "0 words");
    char longer[2 * WORDS_TEXT_BYTES];
    (void)snprintf(longer, sizeof longer, "%s zoom", words);
    assert_fails(said(longer), RESULT_INVALID, "7 words");
    (void)snprintf(longer, sizeof longer, "%s 1", digits);
    assert_fails(said(longer), RESULT_INVALID, "26 digits");
}
END_TEST

START_TEST(a_slip_of_the_hand_is_told_with_the_word_that_was_meant)
{
    assert_fails(said("abacuss zoom zoom zoom zoom zoom"), RESULT_INVALID,
                 "'abacuss' is none of the words; is it 'abacus'?");
    assert_fails(said("qqqqqqqqqqqqqq zoom"), RESULT_INVALID, "listen again");
    assert_fails(said("yes"), RESULT_INVALID, "'yes' is none of the words");
    assert_fails(said("\xd0\xb0"), RESULT_INVALID, "none of the words");
    assert_fails(said("12345 abacus"), RESULT_INVALID, "digits and something else");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_list_ascends_and_holds_each_word_once,
        words_and_digits_come_from_the_numbers_of_the_hash,
        the_longest_words_fit,
        case_blanks_and_hyphens_do_not_matter,
        another_word_or_digit_differs,
        a_part_is_not_the_whole,
        a_slip_of_the_hand_is_told_with_the_word_that_was_meant,
    };
    return suite_run("words", tests, SUITE_COUNT(tests), start);
}
