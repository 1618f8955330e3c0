/* Fetching back: Korea's store is gone, and Indonesia gives back what it receipted. The test
 * carries the frames, and changes them on the way. */
#include "tests/unit/fetch_fixture.h"

START_TEST(what_was_lost_comes_back_under_the_same_receipts)
{
    start();
    fetch_all();
    const struct store_channel *ours = channel_of(korea_reader);
    const struct store_channel *theirs = channel_of(indonesia_reader);
    struct merkle_hash roots[2];
    merkle_root(&ours->tree, &roots[0]);
    merkle_root(&theirs->tree, &roots[1]);
    ck_assert_mem_eq(&roots[0], &roots[1], sizeof roots[0]);
    ck_assert_uint_eq(ours->receipt_size, CERTIFICATES);
    struct store_receipt receipts[2];
    for (uint64_t index = 0; index < CERTIFICATES; index++) {
        assert_ok(
            store_read_receipt(korea_reader, ours->number, index, &arena, &receipts[0], &error));
        assert_ok(store_read_receipt(indonesia_reader, theirs->number, index, &arena, &receipts[1],
                                     &error));
        ck_assert_uint_eq(receipts[0].size,
                          index < CERTIFICATES - 1 ? CERTIFICATES - 1 : CERTIFICATES);
        ck_assert(bytes_equal(receipts[0].note, receipts[1].note));
        ck_assert_uint_eq(message_at(korea_reader, index).queued_ms,
                          message_at(indonesia_reader, index).queued_ms);
    }
}
END_TEST

START_TEST(after_it_the_channel_goes_on_behind_the_last_entry)
{
    start();
    fetch_all();
    ck_assert_int_eq(submit_certificate(2).result, RESULT_DUPLICATE);
    struct submitted next = submit_certificate(CERTIFICATES + 1);
    ck_assert_int_eq(next.result, RESULT_OK);
    ck_assert_uint_eq(next.index, CERTIFICATES);
    carry_all();
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, CERTIFICATES + 1);
}
END_TEST

START_TEST(a_number_that_was_refused_and_used_again_is_taken_also_when_the_refusal_comes_last)
{
    struct buffer corrected = {0};
    indonesia.config.agreement_count = 0;
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    indonesia.config.agreement_count = 1;
    carry_verdicts();
    certificate(1, &corrected);
    document_set(&corrected, "5b0a6f0e-2c2a", "99999999-2c2a");
    ck_assert_int_eq(submit_one(&korea, OPERATION_CO, &corrected).result, RESULT_OK);
    carry_all();
    korea_loses_its_store();
    open_lane();
    fetch_all();
    carry_verdicts();
    ck_assert_int_eq(message_at(korea_reader, 0).outcome, VERDICT_REFUSED);
    ck_assert_int_eq(message_at(korea_reader, 1).outcome, VERDICT_ACCEPTED);
    document_set(&corrected, "99999999-2c2a", "88888888-2c2a");
    assert_answer(submit_one(&korea, OPERATION_CO, &corrected), RESULT_CONFLICT, "99999999-2c2a");
    buffer_free(&corrected);
}
END_TEST

START_TEST(nothing_is_appended_before_all_is_back)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    assert_answer(submit_certificate(9), RESULT_UNAVAILABLE, "fetches back");
    struct frame frame = answer(&asked, &given);
    struct offer offer = offer_of(&frame);
    assert_ok(take_offer(&offer, &refused));
    settle();
    ck_assert_uint_eq(channel_of(korea_reader)->size, CERTIFICATES - 1);
    ck_assert(!outgoing_is_fetched(outgoing));
    assert_answer(submit_certificate(9), RESULT_UNAVAILABLE, "try again");
    fetch_all();
    ck_assert_int_eq(submit_certificate(9).result, RESULT_OK);
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

START_TEST(a_run_may_come_in_several_frames_and_counts_with_its_receipt)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    for (size_t i = 0; i + 1 < CERTIFICATES; i++) {
        ck_assert_ptr_null(channel_of(korea_reader));
        struct frame frame = answer(&asked, &given);
        ck_assert_uint_eq(frame.entries.first, i);
        ck_assert_uint_eq(frame.entries.runs[0].count, CERTIFICATES - 1 - i);
        const bool last = i + 2 == CERTIFICATES;
        struct frame_run run = frame.entries.runs[0];
        const struct frame_entries one = {i, &run, 1};
        run.count = 1;
        run.checkpoint.size = last ? run.checkpoint.size : 0;
        assert_ok(outgoing_entries(outgoing, &one, &refused, &error));
        settle();
    }
    ck_assert_uint_eq(channel_of(korea_reader)->size, CERTIFICATES - 1);
    fetch_all();
    ck_assert_uint_eq(channel_of(korea_reader)->size, CERTIFICATES);
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

START_TEST(one_question_is_under_way_at_a_time)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct buffer more = {0};
    struct refused refused = {0};
    start();
    struct frame frame = answer(&asked, &given);
    assert_ok(outgoing_fetch(outgoing, &more, &error));
    ck_assert_uint_eq(more.size, 0);
    assert_ok(outgoing_entries(outgoing, &frame.entries, &refused, &error));
    assert_ok(outgoing_fetch(outgoing, &more, &error));
    ck_assert_uint_eq(more.size, 0); /* its entries are in the writer */
    settle();
    ck_assert(outgoing_is_fetched(outgoing));
    assert_ok(outgoing_fetch(outgoing, &more, &error));
    ck_assert_uint_eq(more.size, 0);
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

START_TEST(what_cannot_be_stored_is_told_and_a_hello_begins_anew)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    struct frame frame = answer(&asked, &given);
    flow_set_behind(&korea.flow, TEXT("ID"), false);
    ck_assert_int_eq(submit_certificate(9).result, RESULT_OK);
    assert_ok(outgoing_entries(outgoing, &frame.entries, &refused, &error));
    settle();
    ck_assert(!outgoing_is_fetched(outgoing));
    buffer_clear(&asked);
    assert_fails(outgoing_fetch(outgoing, &asked, &error), RESULT_BUSY, "has 1 entries by now");
    ck_assert_uint_eq(asked.size, 0);
    open_lane();
    assert_ok(outgoing_fetch(outgoing, &asked, &error));
    ck_assert_uint_gt(asked.size, 0);
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

/* The answer of Indonesia, changed, once one run is stored: the channel is held in the store. */
static void hold_half_way(void)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    struct frame frame = answer(&asked, &given);
    struct offer offer = offer_of(&frame);
    assert_ok(take_offer(&offer, &refused));
    settle();
    open_lane();
    frame = answer(&asked, &given);
    const struct frame_entries none = {frame.entries.first, NULL, 0};
    ck_assert_int_eq(outgoing_entries(outgoing, &none, &refused, &error), RESULT_HELD);
    settle();
    ck_assert(channel_of(korea_reader)->held);
    buffer_free(&asked);
    buffer_free(&given);
}

START_TEST(a_channel_that_is_held_gets_nothing_either_also_after_a_restart)
{
    struct refused refused = {0};
    hold_half_way();
    flow_set_behind(&korea.flow, TEXT("ID"), false); /* as a start has it */
    struct frame_welcome welcome = welcome_of_indonesia();
    ck_assert_int_eq(outgoing_welcome(outgoing, &welcome, &refused, &error), RESULT_HELD);
    ck_assert_int_eq(refused.refusal, REFUSAL_HELD);
    assert_answer(submit_certificate(9), RESULT_UNAVAILABLE, "put back from a backup");
}
END_TEST

START_TEST(what_was_not_asked_for_is_passed_over)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct refused refused = {0};
    start();
    struct frame frame = answer(&asked, &given);
    struct offer offer = offer_of(&frame);
    assert_ok(take_offer(&offer, &refused));
    settle();
    assert_ok(take_offer(&offer, &refused));
    settle();
    ck_assert_uint_eq(channel_of(korea_reader)->size, CERTIFICATES - 1);
    fetch_all();
    buffer_free(&asked);
    buffer_free(&given);
}
END_TEST

START_TEST(a_partner_is_given_the_channels_with_it_alone)
{
    struct buffer given = {0};
    start();
    const struct frame_fetch asked = {text_of(channel_of(indonesia_reader)->origin), 0};
    assert_ok(fetch_answer(indonesia_reader, TEXT("UY"), &asked, &arena, &given, &error));
    struct frame frame = unpack(&given);
    ck_assert_uint_eq(frame.entries.count, 0);
    buffer_free(&given);
}
END_TEST

START_TEST(a_partner_gets_no_credit_before_our_channel_to_it_is_whole)
{
    struct buffer bytes = {0};
    struct refused refused = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    flow_set_behind(&indonesia.flow, TEXT("KR"), true);
    open_lane();
    ck_assert(incoming_waits(incoming));
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);
    incoming_tick(incoming);
    ck_assert_uint_eq(replies, 0);
    flow_set_behind(&indonesia.flow, TEXT("KR"), false);
    incoming_tick(incoming);
    ck_assert(!incoming_waits(incoming));
    struct frame credit = unpack(&replied);
    ck_assert_int_eq(credit.kind, FRAME_RECEIPT);
    assert_ok(outgoing_receipt(outgoing, &credit.receipt, &refused, &error));
    carry_all();
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, 1);
    buffer_free(&bytes);
}
END_TEST

/* Indonesia has not heard Korea since its start: it asks, behind the welcome, and this is answered
 * with so many entries. */
static void answer_question(uint64_t size, bool right_number)
{
    struct buffer question = {0};
    assert_ok(incoming_ask(incoming, &question, &error));
    struct frame frame = unpack(&question);
    ck_assert_int_eq(frame.kind, FRAME_ASK);
    ck_assert_uint_eq(frame.ask.max, 1);
    const struct frame_holds holds = {.number = frame.ask.number + !right_number, .size = size};
    ck_assert_int_eq(incoming_holds(incoming, &holds), right_number);
    incoming_tick(incoming);
    buffer_free(&question);
}

static void not_heard(void)
{
    memset(indonesia.flow.heard, 0, sizeof indonesia.flow.heard);
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    ck_assert(incoming_waits(incoming));
}

START_TEST(a_partner_that_holds_no_more_than_we_do_gets_credit_when_it_has_said_so)
{
    not_heard();
    answer_question(5, false);
    ck_assert(incoming_waits(incoming));
    answer_question(0, true);
    ck_assert(!incoming_waits(incoming) && !flow_is_behind(&indonesia.flow, TEXT("KR")));
    ck_assert_uint_gt(unpack(&replied).receipt.credit, 0);
}
END_TEST

START_TEST(a_partner_that_holds_more_than_we_do_waits_until_that_is_back)
{
    not_heard();
    answer_question(1, true);
    ck_assert(incoming_waits(incoming) && flow_is_behind(&indonesia.flow, TEXT("KR")));
    ck_assert_uint_eq(replies, 0);
}
END_TEST

START_TEST(a_partner_that_does_not_say_what_it_holds_is_waited_for_a_moment_and_no_more)
{
    not_heard();
    atomic_store(&indonesia.ahead_ms, 2900);
    incoming_tick(incoming);
    ck_assert(incoming_waits(incoming));
    atomic_store(&indonesia.ahead_ms, 3100);
    incoming_tick(incoming);
    ck_assert(!incoming_waits(incoming));
}
END_TEST

START_TEST(a_partner_that_was_heard_is_not_asked)
{
    struct buffer question = {0};
    open_lane();
    ck_assert(!incoming_waits(incoming));
    assert_ok(incoming_ask(incoming, &question, &error));
    ck_assert_uint_eq(question.size, 0);
}
END_TEST

START_TEST(a_push_without_credit_is_refused_and_nothing_of_it_stored)
{
    struct buffer bytes = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    struct frame push = next_push(&bytes);
    flow_set_behind(&indonesia.flow, TEXT("KR"), true);
    open_lane();
    assert_push_refused(&push.push, REFUSAL_CREDIT);
    ck_assert_ptr_null(channel_of(indonesia_reader));
    flow_set_behind(&indonesia.flow, TEXT("KR"), false);
    incoming_tick(incoming);
    ck_assert_int_eq(take_push(&push.push).kind, FRAME_RECEIPT);
    buffer_free(&bytes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_lost_comes_back_under_the_same_receipts,
        after_it_the_channel_goes_on_behind_the_last_entry,
        a_number_that_was_refused_and_used_again_is_taken_also_when_the_refusal_comes_last,
        nothing_is_appended_before_all_is_back,
        a_run_may_come_in_several_frames_and_counts_with_its_receipt,
        one_question_is_under_way_at_a_time,
        what_cannot_be_stored_is_told_and_a_hello_begins_anew,
        a_channel_that_is_held_gets_nothing_either_also_after_a_restart,
        what_was_not_asked_for_is_passed_over,
        a_partner_is_given_the_channels_with_it_alone,
        a_partner_gets_no_credit_before_our_channel_to_it_is_whole,
        a_partner_that_holds_no_more_than_we_do_gets_credit_when_it_has_said_so,
        a_partner_that_holds_more_than_we_do_waits_until_that_is_back,
        a_partner_that_does_not_say_what_it_holds_is_waited_for_a_moment_and_no_more,
        a_partner_that_was_heard_is_not_asked,
        a_push_without_credit_is_refused_and_nothing_of_it_stored,
    };
    return suite_run_with("fetch", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
