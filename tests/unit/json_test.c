/* Tests of the dataset in JSON: what is read, what is refused and where, and that every record
 * comes back the same. jansson is the oracle of what is JSON. */
#include "proto/json.h"

#include "proto/check.h"
#include "proto/message.h"
#include "tests/unit/random_record.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>

static struct arena arena;
static struct findings findings;
static struct error error;
static struct record *record;

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    error = (struct error){0};
    record = NULL;
}

static void teardown(void)
{
    arena_free(&arena);
}

static enum result read_co(const char *json)
{
    return json_read(text_bytes(text_of(json)), OPERATION_CO, &arena, &findings, &record, &error);
}

static void written(const struct record *from, bool pretty, struct buffer *out)
{
    buffer_clear(out);
    json_write(from, pretty, out);
    ck_assert(!out->failed);
}

static const enum operation operations[] = {OPERATION_CO, OPERATION_AMENDMENT,
                                            OPERATION_CANCELATION_STATUS, OPERATION_FEEDBACK};

START_TEST(every_record_comes_back_the_same)
{
    struct buffer first = {0};
    struct buffer second = {0};
    enum operation operation = operations[_i % 4];
    struct record *made = random_record(operation, (uint64_t)_i, &arena);
    for (int pretty = 0; pretty < 2; pretty++) {
        written(made, pretty == 1, &first);
        enum result result =
            json_read(buffer_bytes(&first), operation, &arena, &findings, &record, &error);
        ck_assert_msg(result == RESULT_OK, "%s", error.message);
        ck_assert_uint_eq(record_diff(made, record, &arena, NULL, 0), 0);
        written(record, pretty == 1, &second);
        ck_assert(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    }
    check_record(record, &findings);
    ck_assert_msg(findings_error(&findings, &error) == RESULT_OK, "%s", error.message);
    buffer_free(&first);
    buffer_free(&second);
}
END_TEST

START_TEST(what_is_written_is_json_to_jansson)
{
    struct buffer json = {0};
    json_error_t problem;
    written(random_record(operations[_i % 4], (uint64_t)_i, &arena), _i % 2 == 0, &json);
    json_t *tree = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &problem);
    ck_assert_msg(tree != NULL, "%s at %d", problem.text, problem.position);
    json_decref(tree);
    buffer_free(&json);
}
END_TEST

/* A broken document stays broken: one byte of a good one is changed, and what jansson does not take
 * as JSON must not be taken here. */
START_TEST(what_jansson_refuses_is_refused)
{
    static const char bytes[] = "{}[]:,\"\\0-.eE+ tn\n\x01\x7f\x80\xc3\xed\xff";
    struct dice dice = {(uint64_t)_i};
    struct buffer json = {0};
    json_error_t problem;
    written(random_record(OPERATION_CO, (uint64_t)_i, &arena), _i % 2 == 0, &json);
    for (int change = 0; change < 200; change++) {
        size_t at = dice_throw(&dice, (uint32_t)json.size);
        uint8_t before = json.data[at];
        json.data[at] = (uint8_t)bytes[dice_throw(&dice, sizeof bytes - 1)];
        setup();
        json_t *tree = json_loadb((const char *)json.data, json.size,
                                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
        enum result result =
            json_read(buffer_bytes(&json), OPERATION_CO, &arena, &findings, &record, &error);
        ck_assert_msg(tree != NULL || result != RESULT_OK, "taken, but jansson says: %s",
                      problem.text);
        ck_assert(result == RESULT_OK || error.message[0] != '\0');
        ck_assert_int_eq(result == RESULT_OK, record != NULL);
        json_decref(tree);
        json.data[at] = before;
    }
    buffer_free(&json);
}
END_TEST

static const struct {
    const char *json;
    const char *code;
    const char *place;
    const char *detail; /* a part of it */
} refused[] = {
    {"{\"LPCO\":{\"Colour\":1}}", "unknown-element", "/LPCO/Colour", "not in the dataset"},
    {"{\"LPCO\":{\"IssueDateTim\":1}}", "unknown-element", "/LPCO/IssueDateTim",
     "did you mean IssueDateTime?"},
    {"{\"LPCO\":{\"a/b~c\":1}}", "unknown-element", "/LPCO/a~1b~0c", "a/b~c"},
    {"{\"LPCO\":{\"ID\":\"1\",\"ID\":\"2\"}}", "duplicate-name", "/LPCO/ID", "twice"},
    {"{\"LPCO\":{\"Authentication\":[{}],\"Authentication\":[{}]}}", "duplicate-name",
     "/LPCO/Authentication", "array"},
    {"{\"LPCO\":{\"ID\":1}}", "wrong-type", "/LPCO/ID", "is a number; write a string"},
    {"{\"LPCO\":{\"ID\":null}}", "wrong-type", "/LPCO/ID", "leave it out"},
    {"{\"LPCO\":{\"ID\":[\"1\"]}}", "wrong-type", "/LPCO/ID", "is an array"},
    {"{\"LPCO\":{\"ID\":{\"Value\":\"1\"}}}", "wrong-type", "/LPCO/ID", "is an object"},
    {"{\"LPCO\":{\"ID\":true}}", "wrong-type", "/LPCO/ID", "is true or false"},
    {"{\"LPCO\":{\"MenuVersionID\":\"1\"}}", "wrong-type", "/LPCO/MenuVersionID", "whole number"},
    {"{\"LPCO\":{\"MenuVersionID\":1.0}}", "wrong-type", "/LPCO/MenuVersionID", "whole number"},
    {"{\"LPCO\":{\"MenuVersionID\":1e2}}", "wrong-type", "/LPCO/MenuVersionID", "exponent"},
    {"{\"LPCO\":{\"MenuVersionID\":-1}}", "wrong-type", "/LPCO/MenuVersionID", "sign"},
    {"{\"LPCO\":{\"MenuVersionID\":1234567890123456789}}", "wrong-type", "/LPCO/MenuVersionID",
     "number"},
    {"{\"LPCO\":{\"Exporter\":\"x\"}}", "wrong-type", "/LPCO/Exporter", "write an object"},
    {"{\"LPCO\":{\"Authentication\":{}}}", "wrong-type", "/LPCO/Authentication", "even of one"},
    {"{\"LPCO\":{\"Authentication\":[]}}", "empty", "/LPCO/Authentication", "leave it out"},
    {"{\"LPCO\":{\"Authentication\":[{},1]}}", "wrong-type", "/LPCO/Authentication/1", "object"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":\"12.5\"}}", "wrong-type", "/LPCO/TotalGrossMassMeasure",
     "UnitCode"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":12.5}}", "wrong-type", "/LPCO/TotalGrossMassMeasure",
     "is a number"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":{\"Value\":12.5,\"UnitCode\":\"KGM\"}}}", "wrong-type",
     "/LPCO/TotalGrossMassMeasure", "Value a number"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":{\"Value\":\"12.5\"}}}", "missing",
     "/LPCO/TotalGrossMassMeasure", "lacks UnitCode"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":{\"Value\":\"1\",\"Value\":\"2\",\"UnitCode\":\"KGM\"}}"
     "}",
     "duplicate-name", "/LPCO/TotalGrossMassMeasure", "Value more than once"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":{\"Value\":\"1\",\"unit\":[],\"UnitCode\":\"KGM\"}}}",
     "unknown-element", "/LPCO/TotalGrossMassMeasure", "'unit'"},
    {"{\"LPCO\":{\"Exporter\":{\"ID\":{\"Value\":\"1\"}}}}", "missing", "/LPCO/Exporter/ID",
     "value alone as a string"},
    {"{\"LPCO\":{\"ID\":\"a\\ud800b\"}}", "lone-surrogate", "/LPCO/ID", "surrogate"},
    {"{\"LPCO\":{\"ID\":\"a\\udc00\\ud800\"}}", "lone-surrogate", "/LPCO/ID", "surrogate"},
    {"{\"LPCO\":[]}", "wrong-type", "/LPCO", "write an object"},
    {"{\"LPCO\":{},\"LPCO\":{}}", "duplicate-name", "/LPCO", "stands twice"},
    {"{\"Response\":{}}", "unknown-element", "/Response", "a certificate is one object"},
    {"{}", "missing", "", "one object {\"LPCO\""},
};

START_TEST(a_wrong_document_gives_a_finding_with_its_place)
{
    const struct finding *found = NULL;
    ck_assert_int_eq(read_co(refused[_i].json), RESULT_INVALID);
    ck_assert_ptr_null(record);
    for (found = findings.first; found != NULL; found = found->next) {
        if (strcmp(found->code, refused[_i].code) == 0) {
            break;
        }
    }
    ck_assert_msg(found != NULL, "%s: no finding %s, but: %s", refused[_i].json, refused[_i].code,
                  error.message);
    ck_assert_msg(text_equal(found->place, text_of(refused[_i].place)), "%s: at %.*s",
                  refused[_i].json, TEXT_ARGS(found->place));
    ck_assert_msg(memmem(found->detail.data, found->detail.size, refused[_i].detail,
                         strlen(refused[_i].detail)) != NULL,
                  "%s: %.*s", refused[_i].json, TEXT_ARGS(found->detail));
}
END_TEST

static const struct {
    const char *json;
    const char *where;
} broken[] = {
    {"", "line 1, column 1 (byte 0)"},
    {"   ", "line 1, column 4"},
    {"null", "column 1"},
    {"[]", "column 1"},
    {"{\"LPCO\":{}", "column 11"},
    {"{\"LPCO\":{}}x", "behind the document"},
    {"{\"LPCO\":{}}{}", "behind the document"},
    {"{\"LPCO\":{\n  \"ID\" \"1\"}}", "line 2, column 8 (byte 17)"},
    {"{\"LPCO\":{\"ID\":\"1\",}}", "string in quotes"},
    {"{\"LPCO\":{\"ID\":\"1\"},}", "name is expected"},
    {"{\"LPCO\":{\"ID\":\"1}}", "no closing quote"},
    {"{\"LPCO\":{\"ID\":\"a\tb\"}}", "control character"},
    {"{\"LPCO\":{\"ID\":\"a\\x\"}}", "backslash"},
    {"{\"LPCO\":{\"ID\":\"a\\\"}}", "no closing quote"},
    {"{\"LPCO\":{\"ID\":\"\\u12g4\"}}", "four hexadecimal digits"},
    {"{\"LPCO\":{\"ID\":\"\\ud800\\u12\"}}", "four hexadecimal digits"},
    {"{\"LPCO\":{\"ID\":\"\xff\"}}", "not valid UTF-8"},
    {"{\"LPCO\":{\"ID\":\"\xc3\"}}", "not valid UTF-8"},
    {"{\"LPCO\":{\"ID\":\"\xed\xa0\x80\"}}", "not valid UTF-8"},
    {"{\"LPCO\":{\"ID\":\"\\n\xc0\x80\"}}", "not valid UTF-8"},
    {"{\"LPCO\":{\"MenuVersionID\":01}}", "begin with 0"},
    {"{\"LPCO\":{\"MenuVersionID\":1.}}", "digit is expected"},
    {"{\"LPCO\":{\"MenuVersionID\":1e}}", "digit is expected"},
    {"{\"LPCO\":{\"x\":-}}", "digit is expected"},
    {"{\"LPCO\":{\"x\":nul}}", "value is expected"},
    {"{\"LPCO\":{\"x\":True}}", "value is expected"},
    {"{\"LPCO\":{\"x\":[1,]}}", "value is expected"},
    {"{\"LPCO\":{\"x\":[1 2]}}", "comma or a closing bracket"},
    {"{\"LPCO\":{\"x\":{\"y\" 1}}}", "colon"},
    {"{\"LPCO\":{\"TotalGrossMassMeasure\":{\"Value\":\"1\",}}}", "name is expected"},
    {"{\"LPCO\":{'ID':\"1\"}}", "string in quotes"},
    {"\xef\xbb\xbf{\"LPCO\":{}}", "column 1"},
};

START_TEST(a_broken_document_is_told_with_line_and_column)
{
    ck_assert_int_eq(read_co(broken[_i].json), RESULT_INVALID);
    ck_assert_msg(findings.last != NULL && strcmp(findings.last->code, "syntax") == 0, "%s: %s",
                  broken[_i].json, error.message);
    ck_assert_msg(memmem(findings.last->detail.data, findings.last->detail.size, broken[_i].where,
                         strlen(broken[_i].where)) != NULL,
                  "%s: %.*s", broken[_i].json, TEXT_ARGS(findings.last->detail));
}
END_TEST

START_TEST(escapes_are_read_as_their_characters)
{
    ck_assert_int_eq(read_co("{\"LPCO\":{\"ID\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud55c"
                             "\\uD834\\uDD1Ez\"}}"),
                     RESULT_OK);
    ck_assert(text_equal(record_text(record, "ID"), TEXT("\"\\/\b\f\n\r\té한𝄞z")));
}
END_TEST

START_TEST(a_text_without_escapes_is_a_view_of_the_input)
{
    const char *json = "{\"LPCO\":{\"ID\":\"KR-1\"}}";
    ck_assert_int_eq(read_co(json), RESULT_OK);
    ck_assert_ptr_eq(record_text(record, "ID").data, strstr(json, "KR-1"));
}
END_TEST

START_TEST(blanks_and_another_order_change_nothing)
{
    struct buffer out = {0};
    ck_assert_int_eq(read_co(" {\r\n\t\"LPCO\" : { \"ID\" : \"1\" , \"MenuVersionID\" : 7,\n"
                             "\"FunctionCode\":\"9\",\"TotalGrossMassMeasure\":"
                             "{\"UnitCode\":\"KGM\" ,\"Value\" : \"1.50\" } } } \n"),
                     RESULT_OK);
    written(record, false, &out);
    ck_assert(text_equal(buffer_view(&out),
                         TEXT("{\"LPCO\":{\"FunctionCode\":\"9\",\"ID\":\"1\",\"MenuVersionID\":7,"
                              "\"TotalGrossMassMeasure\":{\"Value\":\"1.50\",\"UnitCode\":"
                              "\"KGM\"}}}")));
    buffer_free(&out);
}
END_TEST

START_TEST(control_characters_are_written_as_escapes)
{
    struct buffer out = {0};
    json_write_string(((struct text){"a\0\x1f\b\n\"\\\x7fé", 10}), &out);
    ck_assert(text_equal(buffer_view(&out), TEXT("\"a\\u0000\\u001f\\b\\n\\\"\\\\\x7fé\"")));
    buffer_free(&out);
}
END_TEST

/* Strings are looked at eight bytes at a time. */
START_TEST(what_must_be_escaped_is_seen_wherever_it_stands)
{
    enum { LONGEST = 19 };
    char text[LONGEST];
    for (size_t size = 1; size <= LONGEST; size++) {
        for (size_t at = 0; at < size * 256; at++) {
            uint8_t byte = (uint8_t)(at / size);
            struct buffer out = {0};
            memset(text, 'x', sizeof text);
            text[at % size] = (char)byte;
            json_write_string((struct text){text, size}, &out);
            bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
            ck_assert_msg((out.size == size + 2) == plain && out.size >= size + 2,
                          "byte %02x at %zu of %zu", byte, at % size, size);
            ck_assert_int_eq(memchr(out.data, '\\', out.size) == NULL, plain);
            buffer_free(&out);
        }
    }
}
END_TEST

START_TEST(an_empty_string_without_memory_is_written)
{
    struct buffer out = {0};
    json_write_string((struct text){NULL, 0}, &out);
    ck_assert(text_equal(buffer_view(&out), TEXT("\"\"")));
    buffer_free(&out);
}
END_TEST

START_TEST(a_document_above_the_limit_is_too_large)
{
    size_t size = DOCUMENT_MAX_BYTES + 1;
    char *big = calloc(1, size);
    struct bytes bytes = {(const uint8_t *)big, size};
    ck_assert_int_eq(json_read(bytes, OPERATION_CO, &arena, &findings, &record, &error),
                     RESULT_TOO_LARGE);
    bytes.size--;
    ck_assert_int_eq(json_read(bytes, OPERATION_CO, &arena, &findings, &record, &error),
                     RESULT_INVALID);
    ck_assert_int_eq(json_read(bytes, OPERATION_VERDICT, &arena, &findings, &record, &error),
                     RESULT_INVALID);
    free(big);
}
END_TEST

/* `count` times `piece` between two ends. */
static char *repeated(const char *start, const char *piece, size_t count, const char *end)
{
    size_t size = strlen(piece);
    char *out = malloc(strlen(start) + size * count + strlen(end) + 1);
    char *at = stpcpy(out, start);
    for (size_t i = 0; i < count; i++, at += size) {
        memcpy(at, piece, size);
    }
    strcpy(at, end);
    return out;
}

START_TEST(a_document_that_is_nested_too_deep_is_refused)
{
    char *deep = repeated("{\"LPCO\":{\"x\":", "[", 200000, "");
    ck_assert_int_eq(read_co(deep), RESULT_INVALID);
    ck_assert_ptr_nonnull(
        memmem(findings.last->detail.data, findings.last->detail.size, "too deep", 8));
    free(deep);
}
END_TEST

START_TEST(an_array_without_end_costs_no_memory_and_no_time)
{
    char *many = repeated("{\"LPCO\":{\"GoodsShipment\":{},\"CurrencyExchange\":[{}", ",{}", 80000,
                          "],\"Amendment\":[{}]}}");
    ck_assert_int_eq(read_co(many), RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "too-many");
    ck_assert_uint_eq(findings.count, 1);
    ck_assert_uint_lt(arena.total, 1 << 20);
    free(many);
}
END_TEST

START_TEST(findings_without_end_are_counted_and_not_kept)
{
    char *many = repeated("{\"LPCO\":{\"ID\":\"1\"", ",\"ID\":2", 20000, "}}");
    ck_assert_int_eq(read_co(many), RESULT_INVALID);
    ck_assert_uint_eq(findings.refusals, 20000);
    size_t kept = 0;
    for (const struct finding *found = findings.first; found != NULL; found = found->next) {
        kept++;
    }
    ck_assert_uint_eq(kept, FINDINGS_MAX);
    ck_assert_ptr_nonnull(strstr(error.message, "(and 19999 more)"));
    free(many);
}
END_TEST

START_TEST(no_memory_is_told_as_such)
{
    struct arena small = {.limit = 33 << 10};
    char *many = repeated("{\"LPCO\":{\"GoodsShipment\":{\"GovernmentAgencyGoodsItem\":[{}", ",{}",
                          9000, "]}}}");
    struct findings none = {.arena = &arena};
    ck_assert_int_eq(
        json_read(text_bytes(text_of(many)), OPERATION_CO, &small, &none, &record, &error),
        RESULT_NO_MEMORY);
    ck_assert_ptr_null(record);
    arena_free(&small);
    free(many);
}
END_TEST

static const struct {
    const char *file;
    enum operation operation;
} samples[] = {
    {"tests/samples/kr-id-co.json", OPERATION_CO},
    {"tests/samples/id-kr-co.json", OPERATION_CO},
    {"tests/samples/uy-kr-co.json", OPERATION_CO},
    {"tests/samples/kr-id-amendment.json", OPERATION_AMENDMENT},
    {"tests/samples/id-kr-cancelation-status.json", OPERATION_CANCELATION_STATUS},
    {"tests/samples/id-kr-feedback.json", OPERATION_FEEDBACK},
};

START_TEST(every_sample_holds_and_is_canonical)
{
    static char content[1 << 16];
    struct buffer out = {0};
    FILE *file = fopen(samples[_i].file, "rb");
    ck_assert_msg(file != NULL, "%s is not there; run from the top of the tree", samples[_i].file);
    struct bytes bytes = {(const uint8_t *)content, fread(content, 1, sizeof content, file)};
    (void)fclose(file);
    enum result result =
        json_read(bytes, samples[_i].operation, &arena, &findings, &record, &error);
    ck_assert_msg(result == RESULT_OK, "%s", error.message);
    check_record(record, &findings);
    ck_assert_msg(findings_error(&findings, &error) == RESULT_OK, "%s", error.message);
    written(record, true, &out);
    ck_assert(bytes_equal(bytes, buffer_bytes(&out)));
    buffer_free(&out);
}
END_TEST

#define LOOP(tests, test, cases)                                                                   \
    tcase_add_loop_test(tests, test, 0, sizeof(cases) / sizeof *(cases))

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("reading and writing");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_record_comes_back_the_same, 0, 200);
    tcase_add_loop_test(tests, what_is_written_is_json_to_jansson, 0, 40);
    tcase_add_loop_test(tests, what_jansson_refuses_is_refused, 0, 20);
    LOOP(tests, a_wrong_document_gives_a_finding_with_its_place, refused);
    LOOP(tests, a_broken_document_is_told_with_line_and_column, broken);
    LOOP(tests, every_sample_holds_and_is_canonical, samples);
    tcase_add_test(tests, escapes_are_read_as_their_characters);
    tcase_add_test(tests, a_text_without_escapes_is_a_view_of_the_input);
    tcase_add_test(tests, blanks_and_another_order_change_nothing);
    tcase_add_test(tests, control_characters_are_written_as_escapes);
    tcase_add_test(tests, what_must_be_escaped_is_seen_wherever_it_stands);
    tcase_add_test(tests, an_empty_string_without_memory_is_written);
    tcase_add_test(tests, a_document_above_the_limit_is_too_large);
    tcase_add_test(tests, a_document_that_is_nested_too_deep_is_refused);
    tcase_add_test(tests, an_array_without_end_costs_no_memory_and_no_time);
    tcase_add_test(tests, findings_without_end_are_counted_and_not_kept);
    tcase_add_test(tests, no_memory_is_told_as_such);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
