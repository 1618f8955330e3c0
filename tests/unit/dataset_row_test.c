/* A new element is one row: this program is linked with a dataset that has one more, and finds it
 * in every encoding, check, schema and table. The row is compiled in below; nothing else of the
 * library is another one. */
#define DATASET_TEST_ROW                                                                           \
    MEASURED(30, "TestVolumeMeasure", "volume, for this test", "999", IN_NONE, OURS)

#include "proto/dataset_lpco.c"

#include "proto/check.h"
#include "proto/encoding.h"
#include "proto/schema.h"
#include "tests/unit/suite.h"

static struct buffer out;
static struct findings findings;
static struct record *record;

static const char document[] =
    "{\"LPCO\":{\"TestVolumeMeasure\":{\"Value\":\"7.25\",\"UnitCode\":\"MTQ\"}}}";

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    assert_ok(encoding_read(ENCODING_JSON, text_bytes(text_of(document)), OPERATION_CO, &arena,
                            &findings, &record, &error));
}

static void teardown(void)
{
    buffer_free(&out);
}

static bool says(const char *words)
{
    return memmem(out.data, out.size, words, strlen(words)) != NULL;
}

START_TEST(it_survives_every_encoding)
{
    struct buffer json = {0};
    enum encoding encoding = (enum encoding)_i;
    assert_ok(encoding_write(encoding, record, false, &out, &error));
    assert_ok(encoding_read(encoding, buffer_bytes(&out), OPERATION_CO, &arena, &findings, &record,
                            &error));
    assert_ok(encoding_write(ENCODING_JSON, record, false, &json, &error));
    ck_assert(text_equal(buffer_view(&json), text_of(document)));
    buffer_free(&json);
    ck_assert(encoding != ENCODING_XML ||
              says("<TestVolumeMeasure unitCode=\"MTQ\">7.25</TestVolumeMeasure>"));
    ck_assert(encoding != ENCODING_MSGPACK || says("\x81\x1e\x92\xa4"
                                                   "7.25\xa3"
                                                   "MTQ"));
}
END_TEST

START_TEST(the_check_knows_it)
{
    struct node *node = record->root.first;
    node->value = TEXT("7,25");
    check_record(record, &findings);
    const struct finding *finding = findings.first;
    while (finding != NULL && finding->element != node->element) {
        finding = finding->next;
    }
    ck_assert_ptr_nonnull(finding);
    ck_assert_str_eq(finding->code, "not-a-decimal");
    ck_assert(text_equal(finding->place, TEXT("/LPCO/TestVolumeMeasure")));
}
END_TEST

START_TEST(the_schemas_and_the_table_have_it)
{
    schema_json(OPERATION_CO, &out);
    ck_assert(says("\"TestVolumeMeasure\": {"));
    ck_assert(says("\"description\": \"TestVolumeMeasure (WCO 999); ours\""));
    buffer_clear(&out);
    schema_json(OPERATION_FEEDBACK, &out);
    ck_assert(!says("TestVolumeMeasure"));
    buffer_clear(&out);
    schema_xsd(&out);
    ck_assert(says("<xs:element name=\"TestVolumeMeasure\" type=\"decimal-16-6-unitCode\""));
    buffer_clear(&out);
    schema_markdown(&out);
    ck_assert(says("| 30 | TestVolumeMeasure | volume, for this test | measure + UnitCode |"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset row");
    TCase *tests = tcase_create("one more row");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_checked_fixture(tests, NULL, suite_end);
    tcase_add_loop_test(tests, it_survives_every_encoding, 0, ENCODING_COUNT);
    tcase_add_test(tests, the_check_knows_it);
    tcase_add_test(tests, the_schemas_and_the_table_have_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
