/* Tests of what messages have in common, and of the look-up key of numbers. */
#include "proto/message.h"

#include "tests/unit/random_record.h"

#include <check.h>
#include <stdlib.h>

#define UUID_A "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
#define UUID_B "00112233-4455-4677-8899-aabbccddeeff"

static struct arena arena;
static struct findings findings;
static struct error error;
static struct message message;

static void setup(void)
{
    findings = (struct findings){.arena = &arena};
    error = (struct error){0};
}

static void teardown(void)
{
    arena_free(&arena);
}

static void add(struct record *record, struct node *group, const char *name, const char *value)
{
    const struct element *element = class_member(group->element->class, text_of(name), 0);
    record_add(record, group, element)->value = text_of(value);
}

static struct node *add_group(struct record *record, struct node *group, const char *name)
{
    return record_add(record, group, class_member(group->element->class, text_of(name), 0));
}

static struct record *certificate(enum operation operation, const char *id, const char *importer)
{
    struct record *record = record_new(operation, &arena);
    struct node *root = &record->root;
    add(record, root, "FunctionalReferenceID", id);
    add(record, root, "ID", "KR-020-26-0001742");
    add(record, root, "IssuingCountryCode", "KR");
    add(record, root, "AgreementID", "AKFTA");
    add(record, root, "MenuVersionID", "3");
    struct node *shipment = add_group(record, root, "GoodsShipment");
    add(record, add_group(record, shipment, "Destination"), "CountryCode", importer);
    return record;
}

static struct record *response(enum operation operation)
{
    struct record *record = record_new(operation, &arena);
    struct node *root = &record->root;
    add(record, root, "FunctionalReferenceID", UUID_A);
    add(record, root, "ReferencedMessageID", UUID_B);
    add(record, root, "RespondingCountryCode", "ID");
    struct node *lpco = add_group(record, root, "LPCO");
    add(record, lpco, "ID", "kr 020 26 0001742");
    add(record, lpco, "IssuingCountryCode", "KR");
    add(record, lpco, "AgreementID", "AKFTA");
    add(record, lpco, "MenuVersionID", "3");
    return record;
}

static enum result read_message(const struct record *record)
{
    return message_from_record(record, &message, &findings, &error);
}

START_TEST(a_certificate_goes_from_the_exporting_to_the_importing_party)
{
    char id[UUID_TEXT_BYTES];
    enum operation operation = _i == 0 ? OPERATION_CO : OPERATION_AMENDMENT;
    struct record *record = certificate(operation, UUID_A, "ID");
    ck_assert_msg(read_message(record) == RESULT_OK, "%s", error.message);
    ck_assert_int_eq(message.operation, operation);
    ck_assert(text_equal(message_sender(&message), TEXT("KR")));
    ck_assert(text_equal(message_receiver(&message), TEXT("ID")));
    ck_assert(text_equal(message.agreement, TEXT("AKFTA")));
    ck_assert(text_equal(message.number, TEXT("KR-020-26-0001742")));
    ck_assert_uint_eq(message.menu_version, 3);
    ck_assert(!message.has_reply_to);
    message_id_format(&message.id, id);
    ck_assert_str_eq(id, UUID_A);
    ck_assert_ptr_eq(message.record, record);
}
END_TEST

START_TEST(an_answer_goes_back_and_names_what_it_answers)
{
    char id[UUID_TEXT_BYTES];
    ck_assert_int_eq(
        read_message(response(_i == 0 ? OPERATION_CANCELATION_STATUS : OPERATION_FEEDBACK)),
        RESULT_OK);
    ck_assert(text_equal(message_sender(&message), TEXT("ID")));
    ck_assert(text_equal(message_receiver(&message), TEXT("KR")));
    ck_assert(text_equal(message.exporter, TEXT("KR")));
    ck_assert(message.has_reply_to);
    message_id_format(&message.reply_to, id);
    ck_assert_str_eq(id, UUID_B);
    struct text key = message.number_key;
    ck_assert_int_eq(read_message(certificate(OPERATION_CO, UUID_A, "ID")), RESULT_OK);
    ck_assert(text_equal(key, message.number_key));
}
END_TEST

START_TEST(an_id_that_is_no_uuid_is_refused)
{
    ck_assert_int_eq(read_message(certificate(OPERATION_CO, "4711", "ID")), RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "not-a-uuid");
    ck_assert(text_equal(findings.first->place, TEXT("/LPCO/FunctionalReferenceID")));
    ck_assert_ptr_nonnull(strstr(error.message, "FunctionalReferenceID (WCO D026)"));
}
END_TEST

START_TEST(a_message_to_the_own_party_is_refused)
{
    ck_assert_int_eq(read_message(certificate(OPERATION_CO, UUID_A, "KR")), RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "same-party");
}
END_TEST

START_TEST(everything_that_lacks_is_told_at_once)
{
    ck_assert_int_eq(read_message(record_new(OPERATION_FEEDBACK, &arena)), RESULT_INVALID);
    ck_assert_uint_eq(findings.refusals, 7);
}
END_TEST

static const struct {
    const char *number;
    const char *key;
} keys[] = {
    {"KR-020-26-0001742", "KR020260001742"},
    {"kr 020.26/0001742", "KR020260001742"},
    {"KR‐O20—26 0001742", "KR020260001742"},
    {"\uff2b\uff32\uff0d\uff10\uff12\uff10\u3000\uff12\uff16\uff0f0001742", "KR020260001742"},
    {"KR\u200b020\u00ad26\ufeff0001742", "KR020260001742"},
    {"JKT-IO-1", "JKT101"},
    {"№ 7", "№7"},
    {"한국-1", "한국1"},
    {"", ""},
    {"- / .", ""},
    {"\xff\xff", ""},
};

START_TEST(the_key_of_a_number_forgets_how_it_was_written)
{
    struct text key = number_key(text_of(keys[_i].number), &arena);
    ck_assert_msg(text_equal(key, text_of(keys[_i].key)), "'%s' has the key '%.*s'",
                  keys[_i].number, TEXT_ARGS(key));
}
END_TEST

START_TEST(a_number_without_a_key_is_refused)
{
    struct record *record = certificate(OPERATION_CO, UUID_A, "ID");
    record->root.first->next->value = TEXT("---");
    ck_assert_int_eq(read_message(record), RESULT_INVALID);
    ck_assert_str_eq(findings.first->code, "no-number");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *tests = tcase_create("common part");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_certificate_goes_from_the_exporting_to_the_importing_party, 0, 2);
    tcase_add_loop_test(tests, an_answer_goes_back_and_names_what_it_answers, 0, 2);
    tcase_add_test(tests, an_id_that_is_no_uuid_is_refused);
    tcase_add_test(tests, a_message_to_the_own_party_is_refused);
    tcase_add_test(tests, everything_that_lacks_is_told_at_once);
    tcase_add_loop_test(tests, the_key_of_a_number_forgets_how_it_was_written, 0,
                        sizeof keys / sizeof *keys);
    tcase_add_test(tests, a_number_without_a_key_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
