/* What waits until a store is whole again: the partner's hello and pushes, and orders of our own.
 */
#include "tests/unit/fetch_scene.h"

#include <sys/eventfd.h>

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
        a_partner_that_waited_begins_behind_what_came_back,
        a_push_that_was_on_its_way_when_the_loss_was_found_waits_too,
        a_push_that_is_in_the_writer_when_the_loss_is_found_is_not_stored,
        what_is_taken_is_not_told_before_our_channel_is_whole,
    };
    return suite_run_with("fetch_wait", tests, SUITE_COUNT(tests), both_start, both_end);
}
