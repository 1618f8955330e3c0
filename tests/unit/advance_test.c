/* Tests of node/flow/advance and order: what is pushed, which receipts count, and when nothing more
 * is signed. */
#include "tests/unit/flow_fixture.h"

#include "keys/checkpoint.h"

struct ordered {
    enum result result;
    char sentence[ERROR_MESSAGE_BYTES];
    bool done;
};

static void order_done(void *self, enum result result, const struct error *problem)
{
    struct ordered *ordered = self;
    ordered->result = result;
    (void)snprintf(ordered->sentence, sizeof ordered->sentence, "%s", problem->message);
    ordered->done = true;
}

static struct ordered give_order(struct mesh_node *node, enum order_kind kind, uint32_t channel,
                                 uint64_t upto)
{
    struct ordered ordered = {0};
    assert_ok(order_give(&node->flow, kind, channel, upto, &home, order_done, &ordered, &error));
    while (!ordered.done) {
        struct pollfd wake = {.fd = home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&home);
    }
    return ordered;
}

START_TEST(nothing_is_pushed_before_the_welcome)
{
    struct buffer bytes = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_receipt_covers_what_was_pushed_and_is_kept)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    ck_assert_int_eq(submit_certificate(2).result, RESULT_OK);
    open_lane();
    carry_all();
    const struct store_channel *channel = channel_of(korea_reader);
    struct store_receipt receipt;
    ck_assert_uint_eq(channel->receipt_size, 2);
    assert_ok(store_read_receipt(korea_reader, channel->number, 0, &arena, &receipt, &error));
    ck_assert_uint_eq(receipt.size, 2);
    ck_assert_uint_gt(message_at(korea_reader, 0).stored_s, 0);
}
END_TEST

START_TEST(a_receipt_of_a_stranger_or_for_another_root_does_not_count)
{
    struct buffer bytes = {0};
    struct buffer note = {0};
    struct refused refused = {0};
    char name[CARD_NAME_BYTES];
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    struct frame push = next_push(&bytes);
    card_key_name(&indonesia.card, KEY_RECEIPT, name);
    assert_ok(checkpoint_cosign(push.push.checkpoint, world_wall_ms(world_real()) / 1000,
                                text_of(name), korea.keys[KEY_RECEIPT], &note, &error));
    struct frame_receipt receipt = {buffer_bytes(&note), 1000};
    ck_assert_int_ne(outgoing_receipt(outgoing, &receipt, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, REFUSAL_SIGNATURE);

    struct merkle_hash root = {{9}};
    struct checkpoint checkpoint = {TEXT("test.coconnect.customs.go.kr/ID/1"), 1, root};
    struct buffer other = {0};
    char sender[CARD_NAME_BYTES];
    card_key_name(&korea.card, KEY_CHECKPOINT, sender);
    assert_ok(
        checkpoint_sign(&checkpoint, text_of(sender), korea.keys[KEY_CHECKPOINT], &other, &error));
    buffer_clear(&note);
    assert_ok(checkpoint_cosign(buffer_bytes(&other), world_wall_ms(world_real()) / 1000,
                                text_of(name), indonesia.keys[KEY_RECEIPT], &note, &error));
    receipt.checkpoint = buffer_bytes(&note);
    ck_assert_int_ne(outgoing_receipt(outgoing, &receipt, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, REFUSAL_ROOT);
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 0);
    buffer_free(&bytes);
    buffer_free(&note);
    buffer_free(&other);
}
END_TEST

START_TEST(a_receipt_that_was_missed_is_taken_over_from_the_welcome)
{
    struct buffer bytes = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    struct frame push = next_push(&bytes);
    ck_assert_int_eq(take_push(&push.push).kind, FRAME_RECEIPT); /* and it never arrives */
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 0);
    open_lane();
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 1);
    buffer_clear(&bytes);
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);
    buffer_free(&bytes);
}
END_TEST

START_TEST(what_was_on_its_way_is_pushed_again_with_the_same_bytes)
{
    struct buffer first = {0};
    struct buffer again = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    (void)next_push(&first);
    open_lane();
    (void)next_push(&again);
    ck_assert_uint_eq(first.size, again.size);
    ck_assert_mem_eq(first.data, again.data, first.size);
    buffer_free(&first);
    buffer_free(&again);
}
END_TEST

START_TEST(a_partner_without_room_is_waited_for_and_then_gets_everything)
{
    struct buffer bytes = {0};
    struct refused refused = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    (void)next_push(&bytes);
    struct frame_refuse full = {.refusal = REFUSAL_CREDIT, .sentence = TEXT("store full")};
    outgoing_refused(outgoing, &full);
    buffer_clear(&bytes);
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);
    struct frame_receipt room = {.credit = 1 << 20};
    assert_ok(outgoing_receipt(outgoing, &room, &refused, &error));
    carry_all();
    ck_assert_uint_eq(channel_of(indonesia_reader)->size, 1);
    buffer_free(&bytes);
}
END_TEST

START_TEST(credit_bounds_what_is_in_flight)
{
    struct buffer bytes = {0};
    struct outgoing_state state;
    for (unsigned serial = 1; serial <= 8; serial++) {
        ck_assert_int_eq(submit_certificate(serial).result, RESULT_OK);
    }
    indonesia.config.credit_bytes = 4096;
    open_lane();
    struct frame push = next_push(&bytes);
    ck_assert_uint_lt(push.push.count, 8);
    buffer_clear(&bytes);
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);
    outgoing_state(outgoing, &state);
    ck_assert_uint_le(state.in_flight_bytes, 4096);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_partner_that_holds_more_than_we_do_and_cannot_give_it_back_stops_all_signing)
{
    struct refused refused = {0};
    struct buffer bytes = {0};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    assert_ok(outgoing_hello(outgoing, &bytes, &error));
    struct frame_welcome welcome = {
        .version = LANE_VERSION_FETCH - 1, .size = 5, .credit = 1 << 20};
    ck_assert_int_eq(outgoing_welcome(outgoing, &welcome, &refused, &error), RESULT_HELD);
    settle();
    ck_assert_int_eq(refused.refusal, REFUSAL_BEHIND);
    const struct store_channel *channel = channel_of(korea_reader);
    ck_assert(channel->held);
    ck_assert_ptr_nonnull(strstr(channel->held_reason, "older"));
    buffer_clear(&bytes);
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);

    struct ordered released = give_order(&korea, ORDER_RELEASE, channel->number, 0);
    ck_assert_int_eq(released.result, RESULT_OK);
    ck_assert(!channel_of(korea_reader)->held);
    buffer_free(&bytes);
}
END_TEST

START_TEST(a_partner_whose_clock_is_far_ahead_is_refused_with_both_times)
{
    struct buffer bytes = {0};
    struct buffer note = {0};
    struct refused refused = {0};
    char name[CARD_NAME_BYTES];
    uint64_t ahead_ms = world_wall_ms(world_real()) + FLOW_CLOCK_AHEAD_MS + 60000;
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    assert_ok(outgoing_hello(outgoing, &bytes, &error));
    struct frame_welcome welcome = {.version = LANE_VERSION, .credit = 1 << 20};
    welcome.time_ms = ahead_ms;
    ck_assert_int_ne(outgoing_welcome(outgoing, &welcome, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, REFUSAL_CLOCK);
    ck_assert_ptr_nonnull(strstr(refused.sentence, "set the clock"));

    refused = (struct refused){0};
    open_lane();
    buffer_clear(&bytes);
    struct frame push = next_push(&bytes);
    card_key_name(&indonesia.card, KEY_RECEIPT, name);
    assert_ok(checkpoint_cosign(push.push.checkpoint, ahead_ms / 1000, text_of(name),
                                indonesia.keys[KEY_RECEIPT], &note, &error));
    const struct frame_receipt receipt = {buffer_bytes(&note), 1 << 20};
    ck_assert_int_ne(outgoing_receipt(outgoing, &receipt, &refused, &error), RESULT_OK);
    ck_assert_int_eq(refused.refusal, REFUSAL_CLOCK);
    ck_assert_uint_eq(channel_of(korea_reader)->receipt_size, 0);
    buffer_free(&bytes);
    buffer_free(&note);
}
END_TEST

/* What the log says while `sentence` comes in a refusal that holds the channel. */
static void log_of_refusal(const char *sentence, char *out, size_t size)
{
    char path[] = "/tmp/comesh-unit-log-XXXXXX";
    int file = mkstemp(path);
    int kept = dup(STDERR_FILENO);
    ck_assert_int_ge(file, 0);
    ck_assert_int_ge(dup2(file, STDERR_FILENO), 0);
    const struct frame_refuse refuse = {.refusal = REFUSAL_FORK, .sentence = text_of(sentence)};
    outgoing_refused(outgoing, &refuse);
    ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
    ssize_t got = pread(file, out, size - 1, 0);
    ck_assert_int_ge(got, 0);
    out[got] = '\0';
    (void)close(kept);
    (void)close(file);
    (void)unlink(path);
    settle();
}

START_TEST(a_partners_sentence_cannot_write_lines_of_its_own_into_the_log)
{
    char log[4096];
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    log_of_refusal("no\"\nlevel=info part=gate event=\"admitted\" partner=XX", log, sizeof log);
    ck_assert_ptr_nonnull(strstr(log, "channel held"));
    ck_assert_msg(strstr(log, "\nlevel=info part=gate") == NULL, "%s", log);
    ck_assert_msg(strstr(log, "no\" ") == NULL, "a value ends where the partner wants: %s", log);
    ck_assert(channel_of(korea_reader)->held);
}
END_TEST

START_TEST(what_the_national_system_took_is_told_to_the_sender_by_verdict)
{
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    const struct store_channel *channel = channel_of(indonesia_reader);
    ck_assert_int_eq(give_order(&indonesia, ORDER_TAKE, channel->number, 1).result, RESULT_OK);
    ck_assert_uint_eq(channel_of(indonesia_reader)->taken, 1);
    ck_assert_uint_gt(message_at(indonesia_reader, 0).delivered_ms, 0);

    struct ordered beyond = give_order(&indonesia, ORDER_TAKE, channel->number, 9);
    ck_assert_int_eq(beyond.result, RESULT_INVALID);
    struct ordered ours = give_order(&korea, ORDER_TAKE, channel_of(korea_reader)->number, 1);
    ck_assert_int_eq(ours.result, RESULT_INVALID);
    struct ordered nobody = give_order(&korea, ORDER_TAKE, 77, 1);
    ck_assert_int_eq(nobody.result, RESULT_NOT_FOUND);
}
END_TEST

/* Korea's writer stopped, so that the test takes the steps of a commit. */
START_TEST(a_push_is_made_while_the_disk_syncs_and_leaves_after_the_commit)
{
    struct buffer bytes = {0};
    struct store *store = korea.flow.store;
    struct fixture_append append = {
        .flow = &korea.flow, .partner = TEXT("ID"), .count = 1, .payload_bytes = 100};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    writer_stop(&korea.flow.writer);
    assert_ok(store_begin(store, &error));
    assert_ok(fixture_apply(&append.work, store, &error));
    assert_ok(outgoing_next(outgoing, &bytes, &error));
    ck_assert_uint_eq(bytes.size, 0);
    assert_ok(store_write(store, &error));
    struct frame frame = next_push(&bytes);
    ck_assert_uint_eq(frame.push.first, 1);
    ck_assert_uint_eq(frame.push.count, 1);
    ck_assert(!outgoing_may_leave(outgoing));
    assert_ok(store_commit(store, &error));
    ck_assert(outgoing_may_leave(outgoing));
    store_settle(store);
    ck_assert_int_eq(take_push(&frame.push).kind, FRAME_RECEIPT);
    store_reader_close(&korea_reader);
    store_close(&korea.flow.store);
    buffer_free(&bytes);
}
END_TEST

/* The views of Korea lack what counts, and cannot be made again: a folder lies in their place. */
static void break_views(void)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/views.sqlite%s", korea.store, endings[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/views.sqlite", korea.store);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

START_TEST(a_partner_that_holds_more_than_the_views_have_is_not_said_to_hold_more_than_we_do)
{
    struct buffer bytes = {0};
    struct buffer welcome = {0};
    struct refused refused = {0};
    struct store *store = korea.flow.store;
    struct fixture_append append = {
        .flow = &korea.flow, .partner = TEXT("ID"), .count = 1, .payload_bytes = 100};
    ck_assert_int_eq(submit_certificate(1).result, RESULT_OK);
    open_lane();
    carry_all();
    writer_stop(&korea.flow.writer);
    assert_ok(store_begin(store, &error));
    assert_ok(fixture_apply(&append.work, store, &error));
    assert_ok(store_commit(store, &error));
    struct frame frame = next_push(&bytes);
    ck_assert_int_eq(take_push(&frame.push).kind, FRAME_RECEIPT);
    assert_ok(store_begin(store, &error));
    break_views();
    store_rollback(store);
    ck_assert_uint_eq(channel_of(korea_reader)->size, 1);
    buffer_clear(&bytes);
    assert_ok(outgoing_hello(outgoing, &bytes, &error));
    frame = unpack(&bytes);
    assert_ok(incoming_hello(incoming, &frame.hello, &welcome, &refused, &error));
    frame = unpack(&welcome);
    ck_assert_uint_eq(frame.welcome.size, 2);
    enum result result = outgoing_welcome(outgoing, &frame.welcome, &refused, &error);
    ck_assert_msg(result != RESULT_OK && result != RESULT_HELD, "%s", refused.sentence);
    ck_assert_int_eq(refused.refusal, 0);
    ck_assert_uint_eq(outgoing_pending(outgoing), 0);
    store_reader_close(&korea_reader);
    store_close(&korea.flow.store);
    buffer_free(&welcome);
    buffer_free(&bytes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_is_pushed_before_the_welcome,
        a_receipt_covers_what_was_pushed_and_is_kept,
        a_receipt_of_a_stranger_or_for_another_root_does_not_count,
        a_receipt_that_was_missed_is_taken_over_from_the_welcome,
        what_was_on_its_way_is_pushed_again_with_the_same_bytes,
        a_partner_without_room_is_waited_for_and_then_gets_everything,
        credit_bounds_what_is_in_flight,
        a_partner_that_holds_more_than_we_do_and_cannot_give_it_back_stops_all_signing,
        a_partner_whose_clock_is_far_ahead_is_refused_with_both_times,
        a_partners_sentence_cannot_write_lines_of_its_own_into_the_log,
        what_the_national_system_took_is_told_to_the_sender_by_verdict,
        a_push_is_made_while_the_disk_syncs_and_leaves_after_the_commit,
        a_partner_that_holds_more_than_the_views_have_is_not_said_to_hold_more_than_we_do,
    };
    return suite_run_with("advance", tests, SUITE_COUNT(tests), flows_start, flows_end);
}
