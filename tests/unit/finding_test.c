/* Tests of findings: what is kept, what is counted, and the sentence that comes of them. */
#include "proto/finding.h"

#include "proto/dataset.h"
#include "proto/utf8.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct findings findings;
static struct error error;

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    error = (struct error){0};
}

static void teardown(void)
{
    arena_free(&arena);
}

START_TEST(no_finding_is_no_error)
{
    ck_assert_int_eq(findings_error(&findings, &error), RESULT_OK);
}
END_TEST

START_TEST(a_warning_does_not_refuse)
{
    finding_add(&findings, SEVERITY_WARNING, "unused", NULL, TEXT("/LPCO/ID"), "is not used");
    ck_assert_int_eq(findings_error(&findings, &error), RESULT_OK);
    ck_assert_uint_eq(findings.count, 1);
    ck_assert_uint_eq(findings.refusals, 0);
}
END_TEST

START_TEST(the_first_refusal_is_the_error)
{
    const struct element *element = dataset_find(OPERATION_CO, "IssueDateTime");
    finding_add(&findings, SEVERITY_WARNING, "unused", NULL, TEXT(""), "is not used");
    finding_add(&findings, SEVERITY_REFUSAL, "missing", element, TEXT("/LPCO/IssueDateTime"),
                "is missing in %d", 7);
    finding_add(&findings, SEVERITY_REFUSAL, "syntax", NULL, TEXT(""), "is not JSON");
    ck_assert_int_eq(findings_error(&findings, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, "IssueDateTime (WCO D011, OIF.001) at /LPCO/IssueDateTime: is "
                                    "missing in 7 (and 1 more)");
}
END_TEST

START_TEST(a_finding_about_the_whole_says_document)
{
    finding_add(&findings, SEVERITY_REFUSAL, "syntax", NULL, TEXT(""), "is not JSON");
    ck_assert_int_eq(findings_error(&findings, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, "document: is not JSON");
}
END_TEST

START_TEST(the_place_is_copied)
{
    char place[] = "/LPCO/ID";
    finding_add(&findings, SEVERITY_REFUSAL, "empty", NULL, text_of(place), "is empty");
    memset(place, 'x', sizeof place - 1);
    ck_assert(text_equal(findings.first->place, TEXT("/LPCO/ID")));
}
END_TEST

START_TEST(a_long_sentence_is_cut_at_a_whole_character)
{
    char longest[2000];
    for (size_t i = 0; i + 3 < sizeof longest; i += 3) {
        memcpy(longest + i, "한", 4);
    }
    finding_add(&findings, SEVERITY_REFUSAL, "x", NULL, TEXT(""), "%s", longest);
    ck_assert_uint_gt(findings.first->detail.size, 400);
    ck_assert_uint_lt(findings.first->detail.size, sizeof longest);
    ck_assert_uint_eq(findings.first->detail.size % 3, 0);
    ck_assert(utf8_valid(findings.first->detail));
}
END_TEST

START_TEST(a_quote_is_cut_and_has_no_control_characters)
{
    char out[QUOTE_BYTES];
    char longest[300];
    ck_assert_str_eq(finding_quote(TEXT("a\nb\x7f"
                                        "c\033[31m"),
                                   out),
                     "a?b?c?[31m");
    ck_assert_str_eq(finding_quote(TEXT(""), out), "");
    for (size_t i = 0; i + 3 < sizeof longest; i += 3) {
        memcpy(longest + i, "한", 4);
    }
    finding_quote(text_of(longest), out);
    ck_assert(utf8_valid(text_of(out)));
    ck_assert_str_eq(out + strlen(out) - strlen("…"), "…");
}
END_TEST

START_TEST(a_refusal_counts_even_without_memory)
{
    struct arena none = {.limit = 1};
    struct findings blind = {.arena = &none};
    finding_add(&blind, SEVERITY_WARNING, "x", NULL, TEXT(""), "x");
    ck_assert_int_eq(findings_error(&blind, &error), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "no memory"));
    arena_free(&none);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finding");
    TCase *tests = tcase_create("list");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, no_finding_is_no_error);
    tcase_add_test(tests, a_warning_does_not_refuse);
    tcase_add_test(tests, the_first_refusal_is_the_error);
    tcase_add_test(tests, a_finding_about_the_whole_says_document);
    tcase_add_test(tests, the_place_is_copied);
    tcase_add_test(tests, a_long_sentence_is_cut_at_a_whole_character);
    tcase_add_test(tests, a_quote_is_cut_and_has_no_control_characters);
    tcase_add_test(tests, a_refusal_counts_even_without_memory);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
