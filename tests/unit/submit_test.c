/* Tests of node/flow/submit: what goes out, once, and what is refused with which sentence. */
#include "proto/encoding.h"
#include "tests/unit/flow_fixture.h"

START_TEST(a_certificate_is_queued_in_the_channel_to_its_importer)
{
    struct submitted submitted = submit_certificate(1);
    assert_answer(submitted, RESULT_OK, "");
    const struct store_channel *channel = channel_of(korea_reader);
    ck_assert_str_eq(channel->origin, "test.coconnect.customs.go.kr/ID/1");
    ck_assert_uint_eq(channel->size, 1);
    struct store_message message = message_at(korea_reader, 0);
    ck_assert(text_equal(message.number, TEXT("KR-020-26-0000001")));
    ck_assert(text_equal(message.agreement, TEXT("AKFTA")));
    ck_assert_uint_eq(message.stored_s, 0);
}
END_TEST

START_TEST(the_same_message_again_has_the_effect_of_one_and_gets_the_first_place)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    struct submitted again = submit_certificate(1);
    assert_answer(again, RESULT_DUPLICATE, "held already");
    ck_assert_uint_eq(again.index, 0);
    ck_assert_uint_eq(channel_of(korea_reader)->size, 2);
}
END_TEST

START_TEST(the_same_number_with_other_content_is_refused_and_the_difference_named)
{
    struct buffer document = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    certificate(1, &document);
    document_set(&document, "5b0a6f0e-2c2a", "99999999-2c2a");
    document_set(&document, "IMO9811000", "IMO9811099");
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_CONFLICT,
                  "BorderTransportMeans/ID was 'IMO9811000' and is now 'IMO9811099'");
    ck_assert_uint_eq(channel_of(korea_reader)->size, 1);
    buffer_free(&document);
}
END_TEST

START_TEST(a_document_in_xml_is_the_same_document)
{
    struct buffer document = {0};
    struct buffer xml = {0};
    struct findings findings = {.arena = &arena};
    struct record *record = NULL;
    certificate(1, &document);
    ck_assert_int_eq(encoding_read(ENCODING_JSON, buffer_bytes(&document), OPERATION_CO, &arena,
                                   &findings, &record, &error),
                     RESULT_OK);
    ck_assert_int_eq(encoding_write(ENCODING_XML, record, true, &xml, &error), RESULT_OK);
    assert_answer(submit_one(&korea, OPERATION_CO, &xml), RESULT_OK, "");
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_DUPLICATE, "held already");
    document_set(&xml, "KGM", "kgm");
    assert_answer(submit_one(&korea, OPERATION_CO, &xml), RESULT_INVALID, " at /MetaData/LPCO/");
    buffer_free(&document);
    buffer_free(&xml);
}
END_TEST

START_TEST(a_number_that_looks_the_same_is_the_same)
{
    struct buffer document = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    certificate(1, &document);
    document_set(&document, "5b0a6f0e-2c2a", "99999999-2c2a");
    document_set(&document, "KR-020-26-0000001", "KR.O20.26.oooooO1");
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_CONFLICT, "held already");
    buffer_free(&document);
}
END_TEST

START_TEST(the_same_id_with_other_content_is_refused)
{
    struct buffer document = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    certificate(1, &document);
    document_set(&document, "KR-020-26-0000001", "KR-020-26-0000002");
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_CONFLICT,
                  "'KR-020-26-0000001' and is now 'KR-020-26-0000002'");
    buffer_free(&document);
}
END_TEST

START_TEST(what_another_party_says_is_not_ours_to_say)
{
    struct buffer document = {0};
    certificate(1, &document);
    assert_answer(submit_one(&indonesia, OPERATION_CO, &document), RESULT_DENIED,
                  "this node is 'ID'");
    buffer_free(&document);
}
END_TEST

START_TEST(an_unknown_agreement_menu_or_partner_is_refused_loudly)
{
    struct buffer document = {0};
    certificate(1, &document);
    korea.config.agreements[0].menu_versions[0] = 7;
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_NOT_FOUND,
                  "menu version 1 of agreement 'AKFTA' is not known to KR; it has version 7");
    korea.config.agreement_count = 0;
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_NOT_FOUND,
                  "agreement 'AKFTA' is not known to KR");
    korea.config.agreement_count = 1;
    korea.config.agreements[0].menu_versions[0] = 1;
    node_distrust(&korea, &indonesia);
    node_read_cards(&korea);
    assert_answer(submit_one(&korea, OPERATION_CO, &document), RESULT_NOT_FOUND,
                  "no card of party 'ID' is held");
    ck_assert_ptr_null(channel_of(korea_reader));
    buffer_free(&document);
}
END_TEST

START_TEST(what_is_said_about_a_certificate_needs_one_that_is_held)
{
    struct buffer feedback = {0};
    document_read("tests/samples/id-kr-feedback.json", &feedback);
    assert_answer(submit_one(&indonesia, OPERATION_FEEDBACK, &feedback), RESULT_NOT_FOUND,
                  "no certificate 'KR-020-26-0001742' of KR is held here");
    buffer_free(&feedback);
}
END_TEST

START_TEST(a_document_with_findings_is_refused_with_all_of_them_and_stores_nothing)
{
    struct buffer document = {0};
    certificate(1, &document);
    document_set(&document, "\"FunctionCode\"", "\"FunctionKode\"");
    struct submitted submitted = submit_one(&korea, OPERATION_CO, &document);
    assert_answer(submitted, RESULT_INVALID, "FunctionKode");
    ck_assert_uint_ge(submitted.refusals, 1);
    ck_assert_ptr_null(channel_of(korea_reader));
    buffer_free(&document);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_certificate_is_queued_in_the_channel_to_its_importer,
        the_same_message_again_has_the_effect_of_one_and_gets_the_first_place,
        the_same_number_with_other_content_is_refused_and_the_difference_named,
        a_document_in_xml_is_the_same_document,
        a_number_that_looks_the_same_is_the_same,
        the_same_id_with_other_content_is_refused,
        what_another_party_says_is_not_ours_to_say,
        an_unknown_agreement_menu_or_partner_is_refused_loudly,
        what_is_said_about_a_certificate_needs_one_that_is_held,
        a_document_with_findings_is_refused_with_all_of_them_and_stores_nothing,
    };
    return suite_run_with("submit", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
