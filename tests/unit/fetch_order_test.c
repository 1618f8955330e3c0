/* Fetching back both channels: each party has said something about what the other said, and it is
 * stored in an order in which it can have been said. */
#include "tests/unit/fetch_fixture.h"

#include <sys/eventfd.h>

static struct outgoing *outgoing_back; /* of Indonesia to Korea */
static struct incoming *incoming_back; /* of Korea from Indonesia */

/* From here on outgoing and incoming, with what carries between them, are of the other channel. */
static void turn_round(void)
{
    struct outgoing *to = outgoing;
    struct incoming *from = incoming;
    outgoing = outgoing_back;
    incoming = incoming_back;
    outgoing_back = to;
    incoming_back = from;
}

static void both_start(void)
{
    flows_start();
    flow_set_heard(&korea.flow, TEXT("ID"));
    assert_ok(
        outgoing_new(&indonesia.flow, indonesia_reader, TEXT("KR"), &home, &outgoing_back, &error));
    assert_ok(incoming_new(&korea.flow, korea_reader, TEXT("ID"), &home, keep_reply, NULL,
                           &incoming_back, &error));
}

static void both_end(void)
{
    outgoing_destroy(&outgoing_back);
    incoming_destroy(&incoming_back);
    flows_end();
}

/* The channel that Indonesia sends; NULL when the store has none. */
static const struct store_channel *theirs_of(struct store_reader *reader)
{
    const struct store_channel *channel = NULL;
    char origin[ORIGIN_MAX_BYTES];
    assert_ok(flow_origin(&indonesia.flow, TEXT("KR"), origin, &error));
    enum result result = flow_read_channel(reader, text_of(origin), &arena, &channel, &error);
    return result == RESULT_OK ? channel : NULL;
}

static struct store_message theirs_at(uint64_t index)
{
    struct store_message *messages = NULL;
    size_t count = 0;
    assert_ok(store_read_messages(korea_reader, theirs_of(korea_reader)->number, index, 1, &arena,
                                  &messages, &count, &error));
    ck_assert_uint_eq(count, 1);
    return messages[0];
}

#define COMPANY 64 /* so many entries are pushed though a push is on its way */

/* A certificate of Indonesia, kept there. */
static void indonesia_has(unsigned serial)
{
    struct buffer document = {0};
    char number[32];
    char id[40];
    document_read("tests/samples/id-kr-co.json", &document);
    (void)snprintf(number, sizeof number, "JKT-AK-2026-%06u", serial);
    (void)snprintf(id, sizeof id, "0f7c3a52-94be-4c7d-8e21-%012u", serial);
    document_set(&document, "JKT-AK-2026-000381", number);
    document_set(&document, "0f7c3a52-94be-4c7d-8e21-c2b1d5a7f402", id);
    ck_assert_int_eq(submit_one(&indonesia, OPERATION_CO, &document).result, RESULT_OK);
    buffer_free(&document);
}

/* A certificate of Indonesia goes to Korea, with all that is said before it. */
static void indonesia_says(unsigned serial)
{
    indonesia_has(serial);
    turn_round();
    open_lane();
    carry_all();
    turn_round();
}

static void korea_says(void)
{
    open_lane();
    carry_all();
}

static void korea_loses_both(void)
{
    settle();
    incoming_destroy(&incoming_back);
    korea_loses_its_store();
    assert_ok(incoming_new(&korea.flow, korea_reader, TEXT("ID"), &home, keep_reply, NULL,
                           &incoming_back, &error));
    open_lane();
    ck_assert(outgoing_is_fetching(outgoing));
}

static uint64_t size_of(const struct store_channel *channel)
{
    return channel == NULL ? 0 : channel->size;
}

static void assert_held(uint64_t ours, uint64_t theirs)
{
    ck_assert_uint_eq(size_of(channel_of(korea_reader)), ours);
    ck_assert_uint_eq(size_of(theirs_of(korea_reader)), theirs);
}

/* Asks for what is lacked, and takes of the answer so many runs, each of so many entries; one that
 * is cut goes without its receipt. */
static enum result take_part(size_t runs, size_t entries, struct refused *refused)
{
    struct buffer asked = {0};
    struct buffer given = {0};
    struct frame frame = answer(&asked, &given);
    struct frame_entries part = frame.entries;
    struct frame_run *cut = arena_alloc(&arena, (part.count + 1) * sizeof *cut);
    memcpy(cut, part.runs, part.count * sizeof *cut);
    part.runs = cut;
    part.count = part.count < runs ? part.count : runs;
    for (size_t i = 0; i < part.count; i++) {
        if (cut[i].count > entries) {
            cut[i].count = entries;
            cut[i].checkpoint.size = 0;
        }
    }
    enum result result = outgoing_entries(outgoing, &part, refused, &error);
    settle();
    buffer_free(&asked);
    buffer_free(&given);
    return result;
}

#define ALL SIZE_MAX

#define assert_taken(runs, entries)                                                                \
    do {                                                                                           \
        struct refused told = {0};                                                                 \
        assert_ok(take_part((runs), (entries), &told));                                            \
    } while (0)

/* Ours: verdict, certificate | verdict. Theirs: certificate | verdict, certificate. */
static void talk(void)
{
    indonesia_says(1);
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    korea_says();
    indonesia_says(2);
    korea_says();
    assert_held(3, 3);
    ck_assert_int_eq(message_at(korea_reader, 1).outcome, VERDICT_ACCEPTED);
}

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

START_TEST(a_partner_that_waited_begins_behind_what_came_back)
{
    struct buffer hello = {0};
    struct buffer welcome = {0};
    struct refused refused = {0};
    talk();
    korea_loses_both();
    assert_ok(outgoing_hello(outgoing_back, &hello, &error));
    struct frame frame = unpack(&hello);
    assert_ok(incoming_hello(incoming_back, &frame.hello, &welcome, &refused, &error));
    ck_assert_uint_eq(unpack(&welcome).welcome.credit, 0);
    fetch_all();
    replies = 0;
    incoming_tick(incoming_back);
    ck_assert_uint_eq(replies, 1);
    struct frame ask = unpack(&replied);
    ck_assert_int_eq(ask.kind, FRAME_ASK);
    ck_assert_uint_eq(ask.ask.max, 0);
    const struct frame_push stray = {0};
    ck_assert_int_ne(incoming_push(incoming_back, &stray, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, REFUSAL_NO_HELLO);
    indonesia_says(3);
    assert_held(4, 4);
    ck_assert_int_eq(theirs_at(3).outcome, VERDICT_ACCEPTED);
    buffer_free(&hello);
    buffer_free(&welcome);
}
END_TEST

START_TEST(a_push_that_was_on_its_way_when_the_loss_was_found_waits_too)
{
    struct buffer bytes = {0};
    talk();
    ck_assert_int_eq(submit_certificate(9).result, RESULT_OK);
    open_lane();
    struct frame push = next_push(&bytes);
    flow_set_behind(&indonesia.flow, TEXT("KR"), true);
    assert_push_refused(&push.push, REFUSAL_CREDIT);
    ck_assert(incoming_waits(incoming));
    flow_set_behind(&indonesia.flow, TEXT("KR"), false);
    replies = 0;
    incoming_tick(incoming);
    ck_assert_uint_eq(replies, 1);
    ck_assert_int_eq(take_push(&push.push).kind, FRAME_RECEIPT);
    buffer_free(&bytes);
}
END_TEST

/* A work that keeps the writer until the test lets it go. */
struct stopper {
    struct work work;
    int go_fd; /* eventfd */
    bool is_home;
};

static enum result stopper_apply(struct work *work, struct store *store, struct error *problem)
{
    uint64_t value;
    (void)store;
    (void)problem;
    return eventfd_read(((struct stopper *)work)->go_fd, &value) == 0 ? RESULT_OK : RESULT_IO;
}

static void stopper_finish(struct work *work)
{
    ((struct stopper *)work)->is_home = true;
}

START_TEST(a_push_that_is_in_the_writer_when_the_loss_is_found_is_not_stored)
{
    struct buffer bytes = {0};
    struct refused refused = {0};
    struct stopper stopper = {
        .work = {.home = &home, .apply = stopper_apply, .finish = stopper_finish},
        .go_fd = eventfd(0, 0)};
    talk();
    ck_assert_int_eq(submit_certificate(9).result, RESULT_OK);
    open_lane();
    struct frame push = next_push(&bytes);
    const uint64_t size = size_of(theirs_of(indonesia_reader));
    writer_submit(indonesia.flow.writer, &stopper.work);
    assert_ok(incoming_push(incoming, &push.push, &refused, &error));
    flow_set_behind(&indonesia.flow, TEXT("KR"), true);
    ck_assert_int_eq(eventfd_write(stopper.go_fd, 1), 0);
    settle();
    ck_assert(stopper.is_home);
    ck_assert_int_eq(unpack(&replied).kind, FRAME_REFUSE);
    ck_assert_uint_eq(size_of(channel_of(indonesia_reader)), 3);
    ck_assert_uint_eq(size_of(theirs_of(indonesia_reader)), size);
    (void)close(stopper.go_fd);
    buffer_free(&bytes);
}
END_TEST

static void order_done(void *self, enum result result, const struct error *problem)
{
    *(enum result *)self = result;
    ck_assert_ptr_nonnull(strstr(problem->message, "put back from a backup"));
}

START_TEST(what_is_taken_is_not_told_before_our_channel_is_whole)
{
    enum result result = RESULT_OK;
    talk();
    flow_set_behind(&korea.flow, TEXT("ID"), true);
    assert_ok(order_give(&korea.flow, ORDER_TAKE, theirs_of(korea_reader)->number, 1, &home,
                         order_done, &result, &error));
    while (result == RESULT_OK) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    ck_assert_int_eq(result, RESULT_UNAVAILABLE);
    ck_assert_uint_eq(theirs_at(0).delivered_ms, 0);
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
        a_partner_that_waited_begins_behind_what_came_back,
        a_push_that_was_on_its_way_when_the_loss_was_found_waits_too,
        a_push_that_is_in_the_writer_when_the_loss_is_found_is_not_stored,
        what_is_taken_is_not_told_before_our_channel_is_whole,
    };
    return suite_run_with("fetch_order", tests, SUITE_COUNT(tests), both_start, both_end);
}
