/* Tests of the dataset in msgpack: one record has one byte string, and nothing else is taken. */
#include "proto/pack.h"

#include "proto/check.h"
#include "proto/entry.h"
#include "proto/json.h"
#include "proto/mp.h"
#include "tests/unit/random_record.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct findings findings;
static struct error error;
static struct record *record;
static struct buffer packed;

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    error = (struct error){0};
    record = NULL;
}

static void teardown(void)
{
    buffer_free(&packed);
    arena_free(&arena);
}

static const enum operation operations[] = {OPERATION_CO, OPERATION_AMENDMENT,
                                            OPERATION_CANCELATION_STATUS, OPERATION_FEEDBACK};

static enum result unpacked(struct bytes bytes, enum operation operation)
{
    return pack_read(bytes, operation, &arena, &findings, &record, &error);
}

START_TEST(every_record_comes_back_byte_for_byte)
{
    struct buffer again = {0};
    enum operation operation = operations[_i % 4];
    struct record *made = random_record(operation, (uint64_t)_i, &arena);
    ck_assert_int_eq(pack_write(made, &packed, &error), RESULT_OK);
    ck_assert_msg(unpacked(buffer_bytes(&packed), operation) == RESULT_OK, "%s", error.message);
    ck_assert_uint_eq(record_diff(made, record, &arena, NULL, 0), 0);
    ck_assert_int_eq(pack_write(record, &again, &error), RESULT_OK);
    ck_assert(bytes_equal(buffer_bytes(&packed), buffer_bytes(&again)));
    check_record(record, &findings);
    ck_assert_msg(findings_error(&findings, &error) == RESULT_OK, "%s", error.message);
    buffer_free(&again);
}
END_TEST

/* The vector of proto/README.md. */
START_TEST(the_golden_document_packs_to_its_golden_bytes)
{
    static const char json[] = "{\"LPCO\":{\"FunctionCode\":\"4\",\"MenuVersionID\":1,"
                               "\"TotalGrossMassMeasure\":{\"Value\":\"12.500\",\"UnitCode\":"
                               "\"KGM\"},\"CurrencyExchange\":[{\"CurrencyTypeCode\":\"USD\"}]}}";
    char hex[128] = "";
    ck_assert_int_eq(json_read(text_bytes(text_of(json)), OPERATION_AMENDMENT, &arena, &findings,
                               &record, &error),
                     RESULT_OK);
    ck_assert_int_eq(pack_write(record, &packed, &error), RESULT_OK);
    hex_encode(buffer_bytes(&packed), hex);
    ck_assert_str_eq(hex, "8401a1340a011092a631322e353030a34b474d1c918101a3555344");
}
END_TEST

START_TEST(json_and_msgpack_say_the_same)
{
    struct buffer before = {0};
    struct buffer after = {0};
    enum operation operation = operations[_i % 4];
    struct record *made = random_record(operation, (uint64_t)_i + 1000, &arena);
    json_write(made, false, &before);
    ck_assert_int_eq(
        json_read(buffer_bytes(&before), operation, &arena, &findings, &record, &error), RESULT_OK);
    ck_assert_int_eq(pack_write(record, &packed, &error), RESULT_OK);
    ck_assert_int_eq(unpacked(buffer_bytes(&packed), operation), RESULT_OK);
    json_write(record, false, &after);
    ck_assert(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
    ck_assert_uint_lt(packed.size, before.size);
    buffer_free(&before);
    buffer_free(&after);
}
END_TEST

/* What is taken after a change is canonical all the same: it packs to the changed bytes. */
START_TEST(bytes_that_are_taken_pack_to_themselves)
{
    struct dice dice = {(uint64_t)_i};
    struct buffer again = {0};
    ck_assert_int_eq(pack_write(random_record(OPERATION_CO, (uint64_t)_i, &arena), &packed, &error),
                     RESULT_OK);
    for (int change = 0; change < 300; change++) {
        uint8_t *at = &packed.data[dice_throw(&dice, (uint32_t)packed.size)];
        uint8_t before = *at;
        *at = (uint8_t)dice_throw(&dice, 256);
        setup();
        if (unpacked(buffer_bytes(&packed), OPERATION_CO) == RESULT_OK) {
            buffer_clear(&again);
            ck_assert_int_eq(pack_write(record, &again, &error), RESULT_OK);
            ck_assert(bytes_equal(buffer_bytes(&packed), buffer_bytes(&again)));
        } else {
            ck_assert_ptr_null(record);
            ck_assert_int_ne(error.message[0], '\0');
        }
        *at = before;
    }
    buffer_free(&again);
}
END_TEST

START_TEST(every_cut_of_a_record_is_refused)
{
    ck_assert_int_eq(pack_write(random_record(OPERATION_FEEDBACK, 7, &arena), &packed, &error),
                     RESULT_OK);
    for (size_t size = 0; size < packed.size; size++) {
        setup();
        ck_assert_int_eq(unpacked((struct bytes){packed.data, size}, OPERATION_FEEDBACK),
                         RESULT_INVALID);
    }
    setup();
    buffer_append(&packed, "\xc0", 1);
    ck_assert_int_eq(unpacked(buffer_bytes(&packed), OPERATION_FEEDBACK), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "left over"));
}
END_TEST

/* FunctionCode is tag 1, FunctionalReferenceID 2, MenuVersionID 10, the weight 16, Authentication
 * 19, GoodsShipment 29. */
static const struct {
    struct bytes bytes;
    const char *code;
    const char *detail;
} refused[] = {
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
    {BYTES("\x81\x3e\xa1x"), "unknown-element", "tag 62"},
    {BYTES("\x81\x00\xa1x"), "encoding", "not below"},
    {BYTES("\x82\x02\xa1x\x01\xa1x"), "encoding", "not below"},
    {BYTES("\x82\x01\xa1x\x01\xa1x"), "encoding", "not below"},
    {BYTES("\x81\x01\x09"), "encoding", "another type"},
    {BYTES("\x81\x01\xd9\x01x"), "encoding", "shortest form"},
    {BYTES("\x81\xcc\x01\xa1x"), "encoding", "shortest form"},
    {BYTES("\x81\x01\xa1\xff"), "encoding", "UTF-8"},
    {BYTES("\x81\x01\xc0"), "encoding", "another type"},
    {BYTES("\x81\x0a\xa1"
           "1"),
     "encoding", "another type"},
    {BYTES("\x81\x0a\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "encoding", "larger than its limit"},
    {BYTES("\x81\x10\xa1"
           "1"),
     "encoding", "another type"},
    {BYTES("\x81\x10\x91\xa1"
           "1"),
     "encoding", "value and its attribute"},
    {BYTES("\x81\x10\x93\xa1"
           "1\xa1"
           "1\xa1"
           "1"),
     "encoding", "more elements"},
    {BYTES("\x81\x13\x80"), "encoding", "another type"},
    {BYTES("\x81\x13\x90"), "encoding", "empty array"},
    {BYTES("\x81\x1d\x90"), "encoding", "another type"},
    {BYTES("\xdf\xff\xff\xff\xff\x01"), "encoding", "more elements"},
    {BYTES("\x81\x13\xdd\xff\xff\xff\xff"), "encoding", "more elements"},
    {BYTES("\x81\x01\xdb\xff\xff\xff\xff"), "encoding", "longer than its limit"},
    {BYTES("\x81\x3e\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"
           "\x91\x91\x91\x91\x91\x91\x91\x91\xc0"),
     "encoding", "nested too deep"},
    {BYTES("\x91\xc0"), "encoding", "another type"},
    {BYTES("\x81\x01\xc1"), "encoding", "another type"},
};

START_TEST(bytes_that_are_not_canonical_are_refused)
{
    ck_assert_int_eq(unpacked(refused[_i].bytes, OPERATION_CO), RESULT_INVALID);
    ck_assert_ptr_null(record);
    ck_assert_ptr_nonnull(findings.last);
    ck_assert_str_eq(findings.last == findings.first ? findings.first->code : findings.last->code,
                     refused[_i].code);
    ck_assert_msg(memmem(findings.last->detail.data, findings.last->detail.size, refused[_i].detail,
                         strlen(refused[_i].detail)) != NULL,
                  "%.*s", TEXT_ARGS(findings.last->detail));
}
END_TEST

START_TEST(a_record_above_the_limit_is_not_packed)
{
    size_t size = PAYLOAD_MAX_BYTES;
    char *big = malloc(size);
    memset(big, 'x', size);
    struct record *made = record_new(OPERATION_CO, &arena);
    record_add(made, &made->root, dataset_find(OPERATION_CO, "ID"))->value =
        (struct text){big, size};
    buffer_append(&packed, "kept", 4);
    ck_assert_int_eq(pack_write(made, &packed, &error), RESULT_TOO_LARGE);
    ck_assert_uint_eq(packed.size, 4);
    struct bytes bytes = {(const uint8_t *)big, size + 1};
    ck_assert_int_eq(unpacked(bytes, OPERATION_CO), RESULT_TOO_LARGE);
    ck_assert_int_eq(unpacked((struct bytes){NULL, 0}, OPERATION_VERDICT), RESULT_INVALID);
    free(big);
}
END_TEST

START_TEST(no_memory_for_the_record_is_told_as_such)
{
    struct arena small = {.limit = 33 << 10};
    mp_put_map(&packed, 1);
    mp_put_uint(&packed, 29);
    mp_put_map(&packed, 1);
    mp_put_uint(&packed, 13);
    mp_put_array(&packed, 9000);
    for (int i = 0; i < 9000; i++) {
        mp_put_map(&packed, 0);
    }
    ck_assert_int_eq(
        pack_read(buffer_bytes(&packed), OPERATION_CO, &small, &findings, &record, &error),
        RESULT_NO_MEMORY);
    ck_assert_int_eq(unpacked(buffer_bytes(&packed), OPERATION_CO), RESULT_OK);
    arena_free(&small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pack");
    TCase *tests = tcase_create("msgpack");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_record_comes_back_byte_for_byte, 0, 200);
    tcase_add_test(tests, the_golden_document_packs_to_its_golden_bytes);
    tcase_add_loop_test(tests, json_and_msgpack_say_the_same, 0, 100);
    tcase_add_loop_test(tests, bytes_that_are_taken_pack_to_themselves, 0, 20);
    tcase_add_test(tests, every_cut_of_a_record_is_refused);
    tcase_add_loop_test(tests, bytes_that_are_not_canonical_are_refused, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_test(tests, a_record_above_the_limit_is_not_packed);
    tcase_add_test(tests, no_memory_for_the_record_is_told_as_such);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
