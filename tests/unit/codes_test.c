/* Tests of the code lists: what ships, what is valid on a day, what is near, and lists read from
 * text. */
#include "proto/check.h"
#include "proto/codes_read.h"
#include "tests/unit/random_record.h"
#include "tests/unit/suite.h"

#include <stdio.h>

static enum code_state on_day(enum code_list_id id, const char *value, uint32_t day)
{
    return code_judge(NULL, id, text_of(value), day, NULL);
}

START_TEST(every_list_says_what_it_is_and_is_sorted)
{
    for (unsigned id = CODES_NONE + 1; id < CODE_LIST_COUNT; id++) {
        const struct code_list *list = code_list((enum code_list_id)id);
        ck_assert_msg(list->title[0] != '\0' && list->edition[0] != '\0' &&
                          list->source[0] != '\0' && list->licence[0] != '\0',
                      "%s lacks a head", list->name);
        ck_assert_uint_eq(code_list_find(text_of(list->name)), id);
        ck_assert_msg(list->count > 0 || list->shape != NULL, "%s is empty", list->name);
        for (size_t i = 0; i < list->count; i++) {
            const struct code *code = &list->codes[i];
            ck_assert(code->key == code_key(text_of(code->code)));
            ck_assert(i == 0 || strcmp(code[-1].code, code->code) <= 0);
            ck_assert_msg(code_known((enum code_list_id)id, text_of(code->code)), "%s: %s",
                          list->name, code->code);
        }
    }
    ck_assert_uint_eq(code_list_find(TEXT("iso-9999")), CODES_NONE);
}
END_TEST

START_TEST(a_code_is_valid_on_its_days_alone)
{
    ck_assert_int_eq(on_day(CODES_COUNTRY, "KR", 20260105), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "XK", 20260105), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "EU", 20260105), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "XI", 20201231), CODE_OUT_OF_DATE);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "XI", 20210101), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "AN", 20101215), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "AN", 20101216), CODE_OUT_OF_DATE);
    ck_assert_int_eq(on_day(CODES_COUNTRY, "ZZ", 20260105), CODE_UNKNOWN);
    ck_assert_int_eq(on_day(CODES_CURRENCY, "HRK", 20230114), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_CURRENCY, "HRK", 20230115), CODE_OUT_OF_DATE);
    ck_assert_int_eq(on_day(CODES_CURRENCY, "HRK", 0), CODE_VALID);
    ck_assert_int_eq(on_day(CODES_HS_EDITION, "2028", 20260105), CODE_OUT_OF_DATE);
}
END_TEST

START_TEST(lists_name_units_packages_places_and_classifications)
{
    ck_assert_str_eq(code_label(CODES_UNIT, TEXT("KGM")), "kilogram");
    ck_assert(!code_known(CODES_UNIT, TEXT("KGN")));
    ck_assert_str_eq(code_label(CODES_PACKAGE, TEXT("CT")), "carton");
    ck_assert_str_eq(code_label(CODES_SUBDIVISION, TEXT("ID-JK")), "Jakarta Raya");
    ck_assert(code_known(CODES_PLACE, TEXT("KRPUS")));
    ck_assert(!code_known(CODES_PLACE, TEXT("ZZPUS")));
    ck_assert(!code_known(CODES_PLACE, TEXT("KRPU")));
    ck_assert(code_known(CODES_HS, TEXT("401110")));
    ck_assert(!code_known(CODES_HS, TEXT("40111")));
    ck_assert_str_eq(code_nearest(CODES_UNIT, TEXT("kgm")), "KGM");
    ck_assert_str_eq(code_nearest(CODES_CURRENCY, TEXT("UDS")), "USD");
}
END_TEST

START_TEST(a_percentage_may_stand_in_a_criterion)
{
    ck_assert(code_known(CODES_CRITERION_ATIGA, TEXT("RVC")));
    ck_assert(code_known(CODES_CRITERION_ATIGA, TEXT("RVC40%")));
    ck_assert(code_known(CODES_CRITERION_ATIGA, TEXT("RVC45")));
    ck_assert(code_known(CODES_CRITERION_AIFTA, TEXT("RVC35%+CTSH")));
    ck_assert(!code_known(CODES_CRITERION_AIFTA, TEXT("PSR")));
    ck_assert(!code_known(CODES_CRITERION_ATIGA, TEXT("45%")));
    ck_assert(!code_known(CODES_CRITERION_ATIGA, TEXT("")));
}
END_TEST

/* The finding of that code for a certificate of the day whose country of origin is `country`. */
static const struct finding *judge(const struct code_lists *lists, const char *day,
                                   const char *country, const char *code)
{
    struct findings *findings = arena_zero(&arena, sizeof *findings);
    struct record *record = random_record(OPERATION_CO, 3, &arena);
    findings->arena = &arena;
    for (struct node *node = record->root.first; node != NULL; node = node->next) {
        if (strcmp(node->element->name, "IssueDateTime") == 0) {
            node->value = text_of(day);
            node->attribute = TEXT("102");
        } else if (strcmp(node->element->name, "IssuingCountryCode") == 0) {
            node->value = text_of(country);
        }
    }
    check_record_with(record, lists, findings);
    const struct finding *found = findings->first;
    while (found != NULL && (strcmp(found->code, code) != 0 ||
                             !text_equal(found->place, TEXT("/LPCO/IssuingCountryCode")))) {
        found = found->next;
    }
    return found;
}

START_TEST(a_document_is_judged_by_the_list_of_its_day)
{
    ck_assert_ptr_null(judge(NULL, "20051231", "AN", "not-valid-then"));
    const struct finding *found = judge(NULL, "20260105", "AN", "not-valid-then");
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_nonnull(strstr(found->detail.data, "valid until 2010-12-15"));
    ck_assert_ptr_nonnull(strstr(found->detail.data, "of 2026-01-05"));
}
END_TEST

#define HEAD "# list: iso-3166-1\n# edition: ours\nvalue,name,from,until\n"

START_TEST(a_list_of_the_node_takes_the_place_of_the_one_that_ships)
{
    struct code_lists lists = {{NULL}};
    enum code_list_id id = CODES_NONE;
    const struct code_list *list = NULL;
    assert_ok(code_list_read(TEXT(HEAD "ZZ,\"Land, \"\"far\"\"\",2026-01-01,\r\nKR,Korea,,\n"),
                             "new.csv", &arena, &id, &list, &error));
    ck_assert_uint_eq(id, CODES_COUNTRY);
    ck_assert_uint_eq(list->count, 2);
    ck_assert_str_eq(list->edition, "ours");
    ck_assert_str_eq(list->codes[1].label, "Land, \"far\"");
    ck_assert_uint_eq(list->codes[1].from, 20260101);
    lists.lists[id] = list;
    ck_assert_ptr_null(judge(&lists, "20260105", "ZZ", "not-in-list"));
    ck_assert_ptr_nonnull(judge(&lists, "20260105", "DE", "not-in-list"));
    ck_assert_ptr_nonnull(judge(&lists, "20251231", "ZZ", "not-valid-then"));
}
END_TEST

START_TEST(a_code_may_come_back_after_a_while)
{
    enum code_list_id id = CODES_NONE;
    const struct code_list *list = NULL;
    struct code_lists lists = {{NULL}};
    assert_ok(code_list_read(TEXT(HEAD "CS,Czechoslovakia,,1993-06-15\n"
                                       "CS,Serbia and Montenegro,2003-07-23,2006-09-26\n"),
                             "cs.csv", &arena, &id, &list, &error));
    lists.lists[id] = list;
    const struct code *code = NULL;
    ck_assert_int_eq(code_judge(&lists, id, TEXT("CS"), 20040101, &code), CODE_VALID);
    ck_assert_str_eq(code->label, "Serbia and Montenegro");
    ck_assert_int_eq(code_judge(&lists, id, TEXT("CS"), 19900101, &code), CODE_VALID);
    ck_assert_str_eq(code->label, "Czechoslovakia");
    ck_assert_int_eq(code_judge(&lists, id, TEXT("CS"), 20000101, NULL), CODE_OUT_OF_DATE);
}
END_TEST

static const struct {
    const char *text;
    const char *words;
} wrong[] = {
    {"", "value,name,from,until"},
    {"value,name,from,until\nKR,Korea,,\n", "# list: NAME"},
    {"# list: iso-3166-1\nvalue,name,from,until\n", "# edition"},
    {"# list: iso-3166\n", "did you mean iso-3166-1"},
    {"# edition: 1\n", "x.csv:1: the first line names the list"},
    {HEAD, "has no codes"},
    {HEAD "KR\n", "x.csv:4: the row is not"},
    {HEAD "KR,Korea,,,\n", "the row is not"},
    {HEAD "KR,\"Korea,,\n", "the row is not"},
    {HEAD "KR,\"Korea\"x,,\n", "the row is not"},
    {HEAD ",Korea,,\n", "1 to 35"},
    {HEAD "K R,Korea,,\n", "other characters"},
    {HEAD "KR,Korea,2026-13-01,\n", "'2026-13-01' is no day"},
    {HEAD "KR,Korea,2026-01-02,2026-01-01\n", "ends before it begins"},
    {HEAD "KR,Korea,,\nKR,Korea,,\n", "stands twice"},
    {HEAD "KR,Ko\trea,,\n", "cannot be shown"},
    {"KR,Korea,,\n", "is due before the rows"},
};

START_TEST(a_list_that_is_wrong_is_refused_by_file_and_line)
{
    enum code_list_id id = CODES_NONE;
    const struct code_list *list = NULL;
    assert_fails(code_list_read(text_of(wrong[_i].text), "x.csv", &arena, &id, &list, &error),
                 RESULT_INVALID, wrong[_i].words);
    ck_assert_ptr_null(list);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_list_says_what_it_is_and_is_sorted,
        a_code_is_valid_on_its_days_alone,
        lists_name_units_packages_places_and_classifications,
        a_percentage_may_stand_in_a_criterion,
        a_document_is_judged_by_the_list_of_its_day,
        a_list_of_the_node_takes_the_place_of_the_one_that_ships,
        a_code_may_come_back_after_a_while,
    };
    int failed = suite_run("codes", tests, SUITE_COUNT(tests), NULL);
    Suite *suite = suite_create("wrong lists");
    TCase *group = tcase_create("wrong lists");
    tcase_add_checked_fixture(group, NULL, suite_end);
    tcase_add_loop_test(group, a_list_that_is_wrong_is_refused_by_file_and_line, 0,
                        sizeof wrong / sizeof *wrong);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = failed != 0 || srunner_ntests_failed(runner) != 0;
    srunner_free(runner);
    return failed;
}
