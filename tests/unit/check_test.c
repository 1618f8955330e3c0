/* Tests of the structural check: each kind of finding at least once, with its element, its place
 * and what would be accepted. */
#include "proto/check.h"

#include "proto/check_value.h"
#include "proto/json.h"
#include "tests/unit/random_record.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct findings findings;
static struct error error;
static struct record *record;

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    error = (struct error){0};
    record = random_record(OPERATION_CO, 5, &arena);
}

static void teardown(void)
{
    arena_free(&arena);
}

/* The node at a path, put there when it is missing. */
static struct node *node_at(enum operation operation, const char *path)
{
    char upper[160];
    const struct node *found = record_find(record, path);
    if (found != NULL) {
        struct node *at = &record->root;
        while (at != found) { /* the way down again, without const */
            struct node *child = at->first;
            const struct node *above = found;
            while (above->parent != at) {
                above = above->parent;
            }
            while (child != above) {
                child = child->next;
            }
            at = child;
        }
        return at;
    }
    const char *slash = strrchr(path, '/');
    (void)snprintf(upper, sizeof upper, "%.*s", slash == NULL ? 0 : (int)(slash - path), path);
    struct node *group = slash == NULL ? &record->root : node_at(operation, upper);
    return record_add(record, group, dataset_find(operation, path));
}

/* The finding with that code, or a failure of the test that tells what was found instead. */
static const struct finding *finding_of(const char *code)
{
    const struct finding *found = findings.first;
    while (found != NULL && strcmp(found->code, code) != 0) {
        found = found->next;
    }
    ck_assert_msg(found != NULL, "no finding %s; %s", code,
                  findings_error(&findings, &error) == RESULT_OK ? "none at all" : error.message);
    return found;
}

#define ITEM    "GoodsShipment/GovernmentAgencyGoodsItem"
#define AT_ITEM "/LPCO/GoodsShipment/GovernmentAgencyGoodsItem/0"

static const struct {
    const char *path;
    const char *value;
    const char *attribute;
    const char *code; /* NULL: nothing to find */
    const char *place;
    const char *detail; /* a part of it */
} values[] = {
    {"ID", "", NULL, "empty", "/LPCO/ID", "leave it out"},
    {"ID", "KR\u200b1", NULL, "invisible-character", "/LPCO/ID", "U+200B"},
    {"ID", "KR\u00ad1", NULL, "invisible-character", "/LPCO/ID", "soft hyphen"},
    {"ID", "KR\ufeff1", NULL, "invisible-character", "/LPCO/ID", "byte order mark"},
    {"ID", "KR\u202e1", NULL, "invisible-character", "/LPCO/ID", "U+202E"},
    {"ID", "\uff2b\uff321", NULL, "full-width", "/LPCO/ID", "U+FF2B"},
    {"ID", "KR\u30001", NULL, "full-width", "/LPCO/ID", "plain blank"},
    {"ID", "KR\u20131", NULL, "look-alike", "/LPCO/ID", "write -"},
    {"ID", "KR\u00a01", NULL, "look-alike", "/LPCO/ID", "no-break"},
    {"ID", " KR1", NULL, "blanks", "/LPCO/ID", "begins or ends"},
    {"ID", "KR1 ", NULL, "blanks", "/LPCO/ID", "begins or ends"},
    {"ID", "KR  1", NULL, "blanks", "/LPCO/ID", "two blanks in a row"},
    {"ID", "KR\n1", NULL, "control-character", "/LPCO/ID", "U+000A"},
    {"ID",
     "KR\x7f"
     "1",
     NULL, "control-character", "/LPCO/ID", "U+007F"},
    {"ID", "KR\ufffd", NULL, "replacement-character", "/LPCO/ID", "at its source"},
    {"ID", "12345678901234567890123456789012345678901234567890123456789012345678901", NULL,
     "too-long", "/LPCO/ID", "71 characters; at most 70"},
    {"ID", "한한한한한한한한한한한한한한한한한한한한한한한한한한한한한한", NULL, NULL, NULL, NULL},
    {"ID", "JKT/AK 2026-000381 é", NULL, NULL, NULL, NULL},
    {"Exporter/Name", "line\nline", NULL, NULL, NULL, NULL},
    {"Exporter/Name", "a\u00a0b – c\u200b", NULL, NULL, NULL, NULL},
    {"Exporter/Name", "a\tb", NULL, "control-character", "/LPCO/Exporter/Name", "U+0009"},
    {"Exporter/Name",
     "a\xc2\x85"
     "b",
     NULL, "control-character", "/LPCO/Exporter/Name", "U+0085"},
    {"Exporter/Name", "a\ufffdb", NULL, "replacement-character", "/LPCO/Exporter/Name", "U+FFFD"},
    {"Exporter/Name", "a\uffffb", NULL, "not-a-character", "/LPCO/Exporter/Name", "U+FFFF"},
    {"Exporter/ID", "220-81-62517", "KR\u200bBRN", "invisible-character", "/LPCO/Exporter/ID",
     "SchemeID has U+200B"},
    {"Exporter/ID", "220-81-62517", "", "empty", "/LPCO/Exporter/ID", "SchemeID is empty"},
    {"Exporter/ID", "220-81-62517", "123456789012345678901234567890123456", "too-long",
     "/LPCO/Exporter/ID", "more than 35"},
    {"IssuingCountryCode", "kr", NULL, "not-in-list", "/LPCO/IssuingCountryCode", "ISO 3166-1"},
    {"TypeCode", "8611", NULL, "not-in-list", "/LPCO/TypeCode", "did you mean 861?"},
    {"Amendment/ChangeReasonCode", "CRO", NULL, "not-in-list", "/LPCO/Amendment/0/ChangeReasonCode",
     "did you mean COR?"},
    {"IssueStatusCode", "7", NULL, "not-in-list", "/LPCO/IssueStatusCode", "0, 1, 2 or 3"},
    {"TotalGrossMassMeasure", "12.500", "KGM", NULL, NULL, NULL},
    {"TotalGrossMassMeasure", "0", "KGM", NULL, NULL, NULL},
    {"TotalGrossMassMeasure", "1234567890.123456", "KGM", NULL, NULL, NULL},
    {"TotalGrossMassMeasure", "12345678901.123456", "KGM", "too-long",
     "/LPCO/TotalGrossMassMeasure", "too many digits"},
    {"TotalGrossMassMeasure", "1.1234567", "KGM", "too-precise", "/LPCO/TotalGrossMassMeasure",
     "behind the point"},
    {"TotalGrossMassMeasure", "1e3", "KGM", "not-a-decimal", "/LPCO/TotalGrossMassMeasure",
     "such as 12.50"},
    {"TotalGrossMassMeasure", "1,5", "KGM", "not-a-decimal", "/LPCO/TotalGrossMassMeasure",
     "'1,5'"},
    {"TotalGrossMassMeasure", "-1", "KGM", "not-a-decimal", "/LPCO/TotalGrossMassMeasure",
     "without sign"},
    {"TotalGrossMassMeasure", "01", "KGM", "not-a-decimal", "/LPCO/TotalGrossMassMeasure",
     "leading zeros"},
    {"TotalGrossMassMeasure", ".5", "KGM", "not-a-decimal", "/LPCO/TotalGrossMassMeasure", "'.5'"},
    {"TotalGrossMassMeasure", "5.", "KGM", "not-a-decimal", "/LPCO/TotalGrossMassMeasure", "'5.'"},
    {"TotalGrossMassMeasure", "5", "kg", "not-in-list", "/LPCO/TotalGrossMassMeasure",
     "UnitCode is 'kg'"},
    {"TotalGrossMassMeasure", "5", NULL, "missing", "/LPCO/TotalGrossMassMeasure",
     "lacks UnitCode"},
    {"GoodsShipment/InvoiceAmount", "5.1234", "USD", "too-precise",
     "/LPCO/GoodsShipment/InvoiceAmount", "behind the point"},
    {ITEM "/Origin/RegionalValueContentPercent", "45.5", NULL, NULL, NULL, NULL},
    {ITEM "/Origin/RegionalValueContentPercent", "45.555", NULL, "too-precise",
     AT_ITEM "/Origin/RegionalValueContentPercent", "behind"},
    {"TotalPackageQuantity", "123456789", NULL, "too-long", "/LPCO/TotalPackageQuantity",
     "too many digits"},
    {"TotalPackageQuantity", "1x", NULL, "not-an-integer", "/LPCO/TotalPackageQuantity",
     "no whole number"},
    {ITEM "/SequenceNumeric", "2", NULL, "out-of-sequence", AT_ITEM "/SequenceNumeric",
     "is 2 where 1 is due"},
    {ITEM "/Commodity/Producer/ConfidentialIndicator", "yes", NULL, "not-an-indicator",
     AT_ITEM "/Commodity/Producer/0/ConfidentialIndicator", "true or false"},
    {"IssueDateTime", "20260105", "102", NULL, NULL, NULL},
    {"IssueDateTime", "20240229", "102", NULL, NULL, NULL},
    {"IssueDateTime", "20260229", "102", "not-a-date", "/LPCO/IssueDateTime", "calendar"},
    {"IssueDateTime", "19000229", "102", "not-a-date", "/LPCO/IssueDateTime", "calendar"},
    {"IssueDateTime", "20261301", "102", "not-a-date", "/LPCO/IssueDateTime", "calendar"},
    {"IssueDateTime", "20260100", "102", "not-a-date", "/LPCO/IssueDateTime", "calendar"},
    {"IssueDateTime", "2026-01-05", "102", "not-a-date", "/LPCO/IssueDateTime", "CCYYMMDD"},
    {"IssueDateTime", "20260105093000+0900", "304", NULL, NULL, NULL},
    {"IssueDateTime", "20260105093000Z", "304", NULL, NULL, NULL},
    {"IssueDateTime", "20260105093000-03", "304", NULL, NULL, NULL},
    {"IssueDateTime", "20260105093000", "304", "no-offset", "/LPCO/IssueDateTime", "offset"},
    {"IssueDateTime", "20260105093000+1500", "304", "no-offset", "/LPCO/IssueDateTime", "offset"},
    {"IssueDateTime", "20260105093000+0960", "304", "no-offset", "/LPCO/IssueDateTime", "offset"},
    {"IssueDateTime", "20260105243000Z", "304", "not-a-date", "/LPCO/IssueDateTime", "time"},
    {"IssueDateTime", "20260105093000Z", "102", "not-a-date", "/LPCO/IssueDateTime", "102"},
    {"IssueDateTime", "20260105", "304", "not-a-date", "/LPCO/IssueDateTime", "304"},
    {"IssueDateTime", "20260105", "103", "not-in-list", "/LPCO/IssueDateTime", "102 or 304"},
    {ITEM "/Commodity/Classification/ID", "4011.10", "2022", "not-in-list",
     AT_ITEM "/Commodity/Classification/0/ID", "no dots"},
    {ITEM "/Commodity/Classification/ID", "401110", "2023", "not-in-list",
     AT_ITEM "/Commodity/Classification/0/ID", "VersionID is '2023'"},
};

START_TEST(a_value_is_judged_by_its_row)
{
    struct node *node = node_at(OPERATION_CO, values[_i].path);
    node->value = text_of(values[_i].value);
    node->attribute = text_of(values[_i].attribute);
    check_record(record, &findings);
    if (values[_i].code == NULL) {
        for (const struct finding *found = findings.first; found != NULL; found = found->next) {
            ck_assert_msg(found->element != node->element || strcmp(found->code, "missing") == 0,
                          "'%s': %.*s", values[_i].value, TEXT_ARGS(found->detail));
        }
        return;
    }
    const struct finding *found = finding_of(values[_i].code);
    while (found != NULL && found->element != node->element) {
        found = found->next;
    }
    ck_assert_msg(found != NULL, "'%s': %s", values[_i].value, values[_i].code);
    ck_assert_msg(text_equal(found->place, text_of(values[_i].place)), "at %.*s",
                  TEXT_ARGS(found->place));
    ck_assert_msg(memmem(found->detail.data, found->detail.size, values[_i].detail,
                         strlen(values[_i].detail)) != NULL,
                  "'%s': %.*s", values[_i].value, TEXT_ARGS(found->detail));
    ck_assert_int_eq(found->severity, SEVERITY_REFUSAL);
}
END_TEST

START_TEST(nothing_is_found_in_a_record_that_follows_the_table)
{
    static const enum operation operations[] = {OPERATION_CO, OPERATION_AMENDMENT,
                                                OPERATION_CANCELATION_STATUS, OPERATION_FEEDBACK};
    check_record(random_record(operations[_i % 4], (uint64_t)_i, &arena), &findings);
    ck_assert_msg(findings_error(&findings, &error) == RESULT_OK, "%s", error.message);
    ck_assert_uint_eq(findings.count, 0);
}
END_TEST

START_TEST(an_empty_record_lacks_what_its_operation_needs)
{
    check_record(record_new(OPERATION_CO, &arena), &findings);
    const struct finding *found = finding_of("missing");
    ck_assert_str_eq(found->element->name, "FunctionCode");
    ck_assert(text_equal(found->place, TEXT("/LPCO/FunctionCode")));
    ck_assert_uint_eq(findings.count, 11);
    setup();
    check_record(record_new(OPERATION_CANCELATION_STATUS, &arena), &findings);
    ck_assert_uint_eq(findings.count, 7);
    setup();
    check_record(record_new(OPERATION_FEEDBACK, &arena), &findings);
    ck_assert_uint_eq(findings.count, 8);
}
END_TEST

START_TEST(what_an_amendment_needs_a_certificate_does_not)
{
    record = record_new(OPERATION_AMENDMENT, &arena);
    check_record(record, &findings);
    bool amendment = false;
    for (const struct finding *found = findings.first; found != NULL; found = found->next) {
        amendment = amendment || strcmp(found->element->name, "Amendment") == 0;
        ck_assert_str_ne(found->element->name, "Exporter");
    }
    ck_assert(amendment);
}
END_TEST

START_TEST(an_element_of_another_operation_is_not_allowed)
{
    struct node *node = node_at(OPERATION_AMENDMENT, "CancellationDateTime");
    node->value = TEXT("20260105");
    node->attribute = TEXT("102");
    check_record(record, &findings);
    const struct finding *found = finding_of("not-allowed");
    ck_assert_str_eq(found->element->name, "CancellationDateTime");
    ck_assert_uint_eq(findings.count, 1);
}
END_TEST

START_TEST(a_group_without_content_is_told)
{
    record_add(record, node_at(OPERATION_CO, "GoodsShipment"),
               dataset_find(OPERATION_CO, "GoodsShipment/Consignment"));
    node_at(OPERATION_CO, "GoodsShipment/Consignment")->first = NULL;
    check_record(record, &findings);
    ck_assert(text_equal(finding_of("empty")->place, TEXT("/LPCO/GoodsShipment/Consignment")));
}
END_TEST

START_TEST(more_occurrences_than_the_table_has_are_too_many)
{
    struct node *node = node_at(OPERATION_CO, "Exporter");
    record_add(record, node, dataset_find(OPERATION_CO, "Exporter/Name"))->value = TEXT("b");
    record_add(record, node, dataset_find(OPERATION_CO, "Exporter/Name"))->value = TEXT("c");
    check_record(record, &findings);
    const struct finding *found = finding_of("too-many");
    ck_assert_str_eq(found->element->name, "Name");
    ck_assert(memmem(found->detail.data, found->detail.size, "at most 1 ", 10) != NULL);
}
END_TEST

START_TEST(items_are_numbered_by_their_place)
{
    struct node *shipment = node_at(OPERATION_CO, "GoodsShipment");
    struct node *item = record_add(record, shipment, dataset_find(OPERATION_CO, ITEM));
    record_add(record, item, dataset_find(OPERATION_CO, ITEM "/SequenceNumeric"))->value =
        TEXT("1");
    check_record(record, &findings);
    const struct finding *found = finding_of("out-of-sequence");
    ck_assert(memmem(found->detail.data, found->detail.size, "is 1 where", 10) != NULL);
}
END_TEST

START_TEST(the_sentence_names_element_ids_and_place)
{
    node_at(OPERATION_CO, "ID")->value = TEXT("KR ");
    check_record(record, &findings);
    ck_assert_int_eq(findings_error(&findings, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, "ID (WCO D014) at /LPCO/ID: the value 'KR ' begins or ends "
                                    "with a blank; take it out");
}
END_TEST

START_TEST(characters_are_counted_not_bytes)
{
    ck_assert_uint_eq(character_count(TEXT("aé한𝄞")), 4);
    ck_assert_uint_eq(character_count(TEXT("")), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tests = tcase_create("structure");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_value_is_judged_by_its_row, 0, sizeof values / sizeof *values);
    tcase_add_loop_test(tests, nothing_is_found_in_a_record_that_follows_the_table, 0, 100);
    tcase_add_test(tests, an_empty_record_lacks_what_its_operation_needs);
    tcase_add_test(tests, what_an_amendment_needs_a_certificate_does_not);
    tcase_add_test(tests, an_element_of_another_operation_is_not_allowed);
    tcase_add_test(tests, a_group_without_content_is_told);
    tcase_add_test(tests, more_occurrences_than_the_table_has_are_too_many);
    tcase_add_test(tests, items_are_numbered_by_their_place);
    tcase_add_test(tests, the_sentence_names_element_ids_and_place);
    tcase_add_test(tests, characters_are_counted_not_bytes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
