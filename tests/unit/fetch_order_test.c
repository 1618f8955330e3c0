/* Fetching back both channels: each party has said something about what the other said, and it is
 * stored in an order in which it can have been said. */
#include "tests/unit/fetch_scene.h"

#define COMPANY 64 /* so many entries are pushed though a push is on its way */

START_TEST(each_waits_for_what_it_speaks_of_and_all_is_judged_as_it_was)
{
    talk();
    const uint64_t judged_ms[] = {theirs_at(0).judged_ms, theirs_at(2).judged_ms};
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_held(0, 0);
    assert_taken(ALL, ALL);
    ck_assert(outgoing_is_fetched(outgoing));
    assert_held(3, 3);
    ck_assert_uint_ne(message_at(korea_reader, 1).judged_ms, 0);
    ck_assert_int_eq(message_at(korea_reader, 1).outcome, VERDICT_ACCEPTED);
    ck_assert_uint_eq(theirs_at(0).judged_ms, judged_ms[0]);
    ck_assert_uint_eq(theirs_at(2).judged_ms, judged_ms[1]);
    ck_assert_uint_eq(theirs_of(korea_reader)->receipt_size, 3);
}
END_TEST

/* A verdict of Indonesia on nine entries of Korea. */
static enum result apply_nonsense(struct work *work, struct store *store, struct error *failure)
{
    const struct verdict nonsense = {.count = 9};
    (void)work;
    return append_verdict(&indonesia.flow, store, TEXT("KR"), &nonsense, failure);
}

static void count_work(struct work *work)
{
    assert_ok(work->result);
    work->weight = 0;
}

static void indonesia_says_nonsense(void)
{
    struct work work = {.home = &home, .finish = count_work, .apply = apply_nonsense, .weight = 1};
    writer_submit(indonesia.flow.writer, &work);
    while (work.weight > 0) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
}

/* Korea takes the first push of Indonesia, whose receipt is lost; that of the next one covers both.
 * Ours: verdict, certificate | verdict; or the first two apart. Theirs: certificate, verdict,
 * certificates. */
static void talk_with_a_lost_receipt(bool apart, bool nonsense)
{
    struct buffer bytes = {0};
    struct store_receipt receipt;
    indonesia_has(1);
    turn_round();
    open_lane();
    struct frame push = next_push(&bytes);
    ck_assert_int_eq(take_push(&push.push).kind, FRAME_RECEIPT);
    turn_round();
    if (apart) {
        korea_says();
    }
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    korea_says();
    for (unsigned serial = 2; serial < 2 + COMPANY; serial++) {
        indonesia_has(serial);
    }
    if (nonsense) {
        indonesia_says_nonsense();
    }
    turn_round();
    carry_all();
    turn_round();
    assert_held(3, 2 + COMPANY + nonsense);
    assert_ok(store_read_receipt(indonesia_reader, theirs_of(indonesia_reader)->number, 0, &arena,
                                 &receipt, &error));
    ck_assert_uint_eq(receipt.size, 2 + COMPANY + nonsense);
    ck_assert_uint_ne(message_at(korea_reader, 1).judged_ms, 0);
    buffer_free(&bytes);
}

START_TEST(a_run_of_theirs_that_judges_what_we_said_within_it_waits_for_that)
{
    talk_with_a_lost_receipt(false, false);
    korea_says();
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_held(0, 0);
    assert_taken(ALL, ALL);
    assert_held(3, 2 + COMPANY);
    ck_assert_uint_ne(theirs_at(0).judged_ms, 0);
    ck_assert_uint_ne(theirs_at(1 + COMPANY).judged_ms, 0);
    ck_assert_uint_ne(message_at(korea_reader, 1).judged_ms, 0);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_UNAVAILABLE);
    korea_says();
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    korea_says();
    indonesia_says(2 + COMPANY);
    ck_assert_uint_ne(message_at(korea_reader, 3).judged_ms, 0);
}
END_TEST

START_TEST(a_run_of_theirs_waits_for_more_of_ours_than_has_come)
{
    talk_with_a_lost_receipt(true, false);
    korea_says();
    korea_loses_both();
    assert_taken(1, ALL); /* ours: the verdict, which waits for theirs */
    assert_taken(ALL, ALL);
    assert_held(0, 0);      /* theirs judge the certificate that has not come yet */
    assert_taken(ALL, ALL); /* ours: that, and the rest */
    assert_held(3, 2 + COMPANY);
    ck_assert_uint_ne(message_at(korea_reader, 1).judged_ms, 0);
    ck_assert_uint_ne(theirs_at(1 + COMPANY).judged_ms, 0);
}
END_TEST

START_TEST(a_run_of_theirs_that_is_begun_is_stored_to_its_end)
{
    talk_with_a_lost_receipt(false, false); /* our verdict on its end is lost */
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_taken(ALL, ALL);
    assert_held(2, 2 + COMPANY);
    ck_assert(outgoing_is_fetched(outgoing));
    ck_assert_uint_eq(theirs_of(korea_reader)->receipt_size, 2 + COMPANY);
}
END_TEST

START_TEST(a_verdict_of_theirs_on_more_than_we_said_waits_for_nothing)
{
    talk_with_a_lost_receipt(false, true);
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_taken(ALL, ALL);
    assert_held(2, 3 + COMPANY);
    ck_assert_uint_ne(theirs_at(0).judged_ms, 0);
}
END_TEST

START_TEST(what_the_partner_said_has_the_time_of_our_receipt)
{
    struct store_receipt receipt;
    talk();
    korea_loses_both();
    fetch_all();
    assert_ok(store_read_receipt(korea_reader, theirs_of(korea_reader)->number, 1, &arena, &receipt,
                                 &error));
    ck_assert_uint_eq(message_at(korea_reader, 1).judged_ms, receipt.time_s * 1000);
}
END_TEST

START_TEST(a_run_of_ours_is_stored_as_far_as_theirs_have_come)
{
    indonesia_says(1);
    indonesia_says(2);
    korea_says();
    assert_held(2, 2);
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_held(0, 0);
    assert_taken(1, ALL);
    assert_held(1, 1);
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 0);
    assert_taken(1, ALL);
    assert_held(2, 2);
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 2);
    ck_assert(outgoing_is_fetched(outgoing));
}
END_TEST

START_TEST(what_was_stored_half_way_goes_on_with_a_new_hello)
{
    indonesia_says(1);
    indonesia_says(2);
    korea_says();
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_taken(1, ALL);
    open_lane();
    ck_assert(outgoing_is_fetching(outgoing));
    fetch_all();
    assert_held(2, 2);
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 2);
    ck_assert_int_eq(theirs_at(1).outcome, VERDICT_ACCEPTED);
}
END_TEST

START_TEST(a_run_of_theirs_that_comes_in_parts_is_stored_with_its_receipt)
{
    talk();
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_taken(1, ALL);
    assert_held(2, 1);
    assert_taken(1, 1);
    assert_held(2, 1);
    assert_taken(1, ALL);
    assert_held(3, 3);
    ck_assert_int_eq(theirs_at(2).outcome, VERDICT_ACCEPTED);
}
END_TEST

START_TEST(theirs_that_end_within_a_run_hold_the_channel)
{
    struct refused refused = {0};
    talk();
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_taken(1, ALL);
    assert_taken(1, 1);
    ck_assert_int_eq(take_part(0, 0, &refused), RESULT_HELD);
    ck_assert_int_eq(refused.refusal, REFUSAL_BEHIND);
    assert_held(2, 1);
}
END_TEST

START_TEST(a_verdict_on_entries_that_the_partner_has_lost_waits_for_none)
{
    talk();
    korea_loses_both();
    assert_taken(ALL, ALL);
    assert_taken(1, ALL);
    assert_held(2, 1);
    assert_taken(0, 0);
    assert_held(3, 1);
    ck_assert(outgoing_is_fetched(outgoing));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_waits_for_what_it_speaks_of_and_all_is_judged_as_it_was,
        a_run_of_theirs_that_judges_what_we_said_within_it_waits_for_that,
        a_run_of_theirs_waits_for_more_of_ours_than_has_come,
        a_run_of_theirs_that_is_begun_is_stored_to_its_end,
        a_verdict_of_theirs_on_more_than_we_said_waits_for_nothing,
        what_the_partner_said_has_the_time_of_our_receipt,
        a_run_of_ours_is_stored_as_far_as_theirs_have_come,
        what_was_stored_half_way_goes_on_with_a_new_hello,
        a_run_of_theirs_that_comes_in_parts_is_stored_with_its_receipt,
        theirs_that_end_within_a_run_hold_the_channel,
        a_verdict_on_entries_that_the_partner_has_lost_waits_for_none,
    };
    return suite_run_with("fetch_order", tests, SUITE_COUNT(tests), both_start, both_end);
}
