/* Tests of documents in any encoding: how one is told, and that findings have places that fit. */
#include "proto/encoding.h"

#include "tests/unit/random_record.h"
#include "tests/unit/suite.h"

START_TEST(an_encoding_has_a_name)
{
    ck_assert_int_eq(encoding_named(TEXT("json")), ENCODING_JSON);
    ck_assert_int_eq(encoding_named(TEXT("xml")), ENCODING_XML);
    ck_assert_int_eq(encoding_named(TEXT("msgpack")), ENCODING_MSGPACK);
    ck_assert_int_eq(encoding_named(TEXT("yaml")), ENCODING_COUNT);
}
END_TEST

START_TEST(a_document_tells_whether_it_is_xml)
{
    ck_assert_int_eq(encoding_of(text_bytes(TEXT(" {}"))), ENCODING_JSON);
    ck_assert_int_eq(encoding_of(text_bytes(TEXT("\n<a/>"))), ENCODING_XML);
    ck_assert_int_eq(encoding_of((struct bytes){NULL, 0}), ENCODING_JSON);
}
END_TEST

START_TEST(every_document_survives_every_way_round)
{
    struct buffer first = {0};
    struct buffer other = {0};
    struct buffer last = {0};
    struct findings findings = {.arena = &arena};
    struct record *record = NULL;
    enum encoding from = (enum encoding)(_i % ENCODING_COUNT);
    enum encoding to = (enum encoding)(_i / ENCODING_COUNT % ENCODING_COUNT);
    enum operation operation = (enum operation)(OPERATION_CO + _i % 4);
    struct record *made = random_record(operation, (uint64_t)_i, &arena);
    assert_ok(encoding_write(from, made, false, &first, &error));
    assert_ok(
        encoding_read(from, buffer_bytes(&first), operation, &arena, &findings, &record, &error));
    assert_ok(encoding_write(to, record, true, &other, &error));
    assert_ok(
        encoding_read(to, buffer_bytes(&other), operation, &arena, &findings, &record, &error));
    assert_ok(encoding_write(from, record, false, &last, &error));
    ck_assert(bytes_equal(buffer_bytes(&first), buffer_bytes(&last)));
    buffer_free(&first);
    buffer_free(&other);
    buffer_free(&last);
}
END_TEST

START_TEST(findings_have_places_that_fit_the_encoding)
{
    static const char *const places[] = {"/LPCO/CurrencyExchange/0",
                                         "/MetaData/LPCO/CurrencyExchange[1]",
                                         "/LPCO/CurrencyExchange/0"};
    struct findings findings = {.arena = &arena};
    struct message message;
    const struct encoding_rules rules = {.lists = NULL};
    struct record *record = record_new(OPERATION_CO, &arena);
    (void)record_add(record, &record->root, dataset_find(OPERATION_CO, "CurrencyExchange"));
    assert_fails(encoding_check((enum encoding)_i, record, &rules, &message, &findings, &error),
                 RESULT_INVALID, _i == ENCODING_XML ? "/MetaData/LPCO/" : "at /LPCO/");
    const struct finding *finding = findings.first;
    while (finding != NULL && (finding->place.size < strlen(places[_i]) ||
                               memcmp(finding->place.data, places[_i], strlen(places[_i])) != 0)) {
        finding = finding->next;
    }
    ck_assert_ptr_nonnull(finding);
}
END_TEST

START_TEST(no_encoding_is_unsupported)
{
    struct findings findings = {.arena = &arena};
    struct record *record = NULL;
    struct buffer out = {0};
    assert_fails(encoding_read(ENCODING_COUNT, (struct bytes){NULL, 0}, OPERATION_CO, &arena,
                               &findings, &record, &error),
                 RESULT_UNSUPPORTED, "JSON, XML or msgpack");
    assert_fails(encoding_write(ENCODING_COUNT, NULL, false, &out, &error), RESULT_UNSUPPORTED,
                 "JSON, XML or msgpack");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("encoding");
    TCase *tests = tcase_create("encoding");
    tcase_add_checked_fixture(tests, NULL, suite_end);
    tcase_add_test(tests, an_encoding_has_a_name);
    tcase_add_test(tests, a_document_tells_whether_it_is_xml);
    tcase_add_loop_test(tests, every_document_survives_every_way_round, 0, 180);
    tcase_add_loop_test(tests, findings_have_places_that_fit_the_encoding, 0, ENCODING_COUNT);
    tcase_add_test(tests, no_encoding_is_unsupported);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
