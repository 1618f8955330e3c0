/* Lanes without sockets: KR's lane to ID, ID's lane to KR, and between them a wire of the test's
 * own, on which frames can wait, be lost, be changed or come in another order. */
#include "node/flow/trust.h"
#include "node/link/lane_parts.h"
#include "tests/unit/node_fixture.h"

#define WIRE_FRAMES_MAX 128

/* One end: a node with its lane, and what the lane has sent. */
struct end {
    struct lane_host host; /* first, so that a lane finds its end */
    struct mesh_node node;
    struct lane *lane;
    struct buffer sent[WIRE_FRAMES_MAX];
    size_t count;
    enum lane_sent takes; /* what the wire answers to a send */
};

static struct end kr;
static struct end id;

static enum lane_sent wire_send(struct lane *lane, struct bytes frame)
{
    struct end *end = (struct end *)lane->host;
    if (end->takes == LANE_SENT) {
        ck_assert_uint_lt(end->count, WIRE_FRAMES_MAX);
        buffer_append(&end->sent[end->count++], frame.data, frame.size);
    }
    return end->takes;
}

static void end_open(struct end *end, const char *partner, bool outgoing, bool incoming)
{
    end->host = (struct lane_host){.flow = &end->node.flow, .send = wire_send};
    end->takes = LANE_SENT;
    node_open(&end->node);
    assert_ok(queue_init(&end->host.home, &error));
    assert_ok(board_new(&end->host.board, &error));
    assert_ok(desk_new(&end->host.desk, &error));
    assert_ok(store_reader_open(end->node.flow.store, &end->host.reader, &error));
    assert_ok(lane_new(&end->host, text_of(partner), &end->lane, &error));
    assert_ok(lane_want(end->lane, outgoing, incoming, &error));
}

/* Waits until the writer has nothing of the lane. */
static void end_settle(struct end *end)
{
    while (lane_pending(end->lane) > 0) {
        struct pollfd wake = {.fd = end->host.home.wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, -1);
        work_finish_all(&end->host.home);
    }
}

static void end_close(struct end *end)
{
    end_settle(end);
    lane_destroy(&end->lane);
    store_reader_close(&end->host.reader);
    board_destroy(&end->host.board);
    desk_destroy(&end->host.desk);
    queue_close(&end->host.home);
    arena_free(&end->host.arena);
    for (size_t i = 0; i < WIRE_FRAMES_MAX; i++) {
        buffer_free(&end->sent[i]);
    }
    node_end(&end->node);
}

static void lanes_end(void)
{
    end_close(&kr);
    end_close(&id);
}

/* Two nodes that have not heard each other yet: see lanes_start. */
static void lanes_start_unheard(bool both)
{
    node_init(&kr.node, "KR", "customs.go.kr", true);
    node_init(&id.node, "ID", "beacukai.go.id", true);
    node_trust(&kr.node, &id.node);
    node_trust(&id.node, &kr.node);
    end_open(&kr, "ID", true, both);
    end_open(&id, "KR", both, true);
    lane_connected(kr.lane);
    lane_connected(id.lane);
}

/* KR sends to ID; with `both` ID sends to KR over the same lane. */
static void lanes_start(bool both)
{
    lanes_start_unheard(both);
    flow_set_heard(&kr.node.flow, TEXT("ID"));
    flow_set_heard(&id.node.flow, TEXT("KR"));
}

static uint64_t now_of(const struct end *end)
{
    return lane_now_ms(&end->host);
}

static void turn(struct end *end)
{
    lane_turn(end->lane, now_of(end));
    while (lane_push(end->lane, now_of(end))) {
    }
}

/* Gives all that one end has sent to the other. */
static void deliver(struct end *from, struct end *to)
{
    size_t count = from->count;
    from->count = 0;
    for (size_t i = 0; i < count; i++) {
        lane_receive(to->lane, buffer_bytes(&from->sent[i]));
        buffer_clear(&from->sent[i]);
    }
}

/* Until nothing moves any more. */
static void run_wire(void)
{
    do {
        turn(&kr);
        turn(&id);
        deliver(&kr, &id);
        deliver(&id, &kr);
        end_settle(&kr);
        end_settle(&id);
        turn(&kr);
        turn(&id);
    } while (kr.count + id.count > 0);
}

static void drop_sent(struct end *end)
{
    for (size_t i = 0; i < end->count; i++) {
        buffer_clear(&end->sent[i]);
    }
    end->count = 0;
}

static struct frame sent_frame(const struct end *end, size_t place)
{
    struct frame frame = {0};
    ck_assert_uint_lt(place, end->count);
    assert_ok(frame_unpack(buffer_bytes(&end->sent[place]), &arena, &frame, &error));
    return frame;
}

static enum frame_kind sent_kind(const struct end *end, size_t place)
{
    return sent_frame(end, place).kind;
}

static void check_states(enum lane_state outgoing, enum lane_state incoming)
{
    ck_assert_int_eq(kr.lane->outgoing_half.state, outgoing);
    ck_assert_int_eq(id.lane->incoming_half.state, incoming);
}

static uint64_t receipted(const struct end *end)
{
    struct outgoing_state state;
    outgoing_state(end->lane->outgoing, &state);
    return state.receipted;
}

/* ---- the way of a frame ---- */

START_TEST(hello_is_answered_by_welcome_and_push_by_receipt)
{
    lanes_start(false);
    node_append(&kr.node, "ID", 2, 100);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 1);
    ck_assert_int_eq(sent_kind(&kr, 0), FRAME_HELLO);
    check_states(LANE_HELLO, LANE_CONNECTING);
    deliver(&kr, &id);
    ck_assert_int_eq(sent_kind(&id, 0), FRAME_WELCOME);
    deliver(&id, &kr);
    check_states(LANE_OPEN, LANE_OPEN);
    turn(&kr);
    ck_assert_int_eq(sent_kind(&kr, 0), FRAME_PUSH);
    deliver(&kr, &id);
    ck_assert_uint_eq(id.count, 0); /* not before the commit */
    end_settle(&id);
    ck_assert_int_eq(sent_kind(&id, 0), FRAME_RECEIPT);
    deliver(&id, &kr);
    ck_assert_uint_eq(receipted(&kr), 2);
    lanes_end();
}
END_TEST

START_TEST(both_channels_go_over_one_lane)
{
    lanes_start(true);
    node_append(&kr.node, "ID", 3, 100);
    node_append(&id.node, "KR", 4, 100);
    run_wire();
    ck_assert_uint_ge(receipted(&kr), 3);
    ck_assert_uint_ge(receipted(&id), 4);
    lanes_end();
}
END_TEST

START_TEST(what_was_lost_with_a_connection_is_sent_again_after_the_next)
{
    lanes_start(false);
    run_wire();
    node_append(&kr.node, "ID", 5, 100);
    turn(&kr);
    ck_assert_int_eq(sent_kind(&kr, 0), FRAME_PUSH);
    drop_sent(&kr);
    lane_disconnected(kr.lane, "lost");
    lane_disconnected(id.lane, NULL);
    check_states(LANE_CONNECTING, LANE_CONNECTING);
    lane_connected(kr.lane);
    lane_connected(id.lane);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 5);
    ck_assert_uint_eq(node_metric(&id.node, METRIC_ACCEPTED), 5);
    lanes_end();
}
END_TEST

START_TEST(a_receipt_that_was_lost_comes_with_the_next_welcome)
{
    lanes_start(false);
    node_append(&kr.node, "ID", 5, 100);
    turn(&kr);
    deliver(&kr, &id);
    deliver(&id, &kr);
    turn(&kr);
    deliver(&kr, &id);
    end_settle(&id);
    drop_sent(&id);
    lane_connected(kr.lane);
    lane_connected(id.lane);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 5);
    ck_assert_uint_eq(node_metric(&id.node, METRIC_ACCEPTED), 5);
    lanes_end();
}
END_TEST

START_TEST(a_hello_during_a_commit_is_answered_after_it)
{
    lanes_start(false);
    run_wire();
    node_append(&kr.node, "ID", 5, 100);
    turn(&kr);
    deliver(&kr, &id);
    lane_connected(kr.lane);
    lane_connected(id.lane);
    turn(&kr);
    ck_assert_uint_gt(lane_pending(id.lane), 0);
    deliver(&kr, &id);
    ck_assert_uint_eq(id.count, 0);
    ck_assert_int_eq(id.lane->incoming_half.state, LANE_HELLO);
    end_settle(&id);
    turn(&id);
    ck_assert_uint_eq(id.count, 1); /* the receipt of the old connection is not sent on the new */
    ck_assert_int_eq(sent_kind(&id, 0), FRAME_WELCOME);
    ck_assert_uint_eq(sent_frame(&id, 0).welcome.size, 5);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 5);
    lanes_end();
}
END_TEST

START_TEST(a_welcome_and_a_receipt_of_an_earlier_connection_are_passed_over)
{
    lanes_start(false);
    run_wire();
    struct buffer out = {0};
    const struct frame_welcome welcome = {.version = 99};
    frame_welcome_pack(&welcome, &out);
    lane_receive(kr.lane, buffer_bytes(&out));
    check_states(LANE_OPEN, LANE_OPEN);
    lane_connected(kr.lane);
    buffer_clear(&out);
    const struct frame_receipt receipt = {.checkpoint = bytes_of("note", 4), .credit = 7};
    frame_receipt_pack(&receipt, &out);
    lane_receive(kr.lane, buffer_bytes(&out));
    ck_assert_uint_eq(kr.count, 0);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_CONNECTING);
    buffer_free(&out);
    lanes_end();
}
END_TEST

/* The lane works with or without the task that looks at signed texts. */
static enum result no_refresh(void *self, struct error *failure)
{
    (void)self;
    (void)failure;
    return RESULT_OK;
}

static void wake_lane(void *self)
{
    queue_wake(&((struct end *)self)->host.home);
}

static void trust_run(struct end *end)
{
    const struct trust_node node = {
        .flow = &end->node.flow, .refresh = no_refresh, .wake = wake_lane, .self = end};
    assert_ok(trust_start(&node, &end->node.flow.trust, &error));
}

/* How many frames of that kind an end has sent and nobody has taken. */
static size_t sent_of(const struct end *end, enum frame_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < end->count; i++) {
        count += sent_frame(end, i).kind == kind;
    }
    return count;
}

START_TEST(what_is_held_is_told_when_a_lane_is_opened)
{
    lanes_start(false);
    trust_run(&kr);
    trust_run(&id);
    run_wire();
    ck_assert(soon((run_wire(), trust_known_serial(kr.node.flow.trust, "ID") == 1)));
    ck_assert(soon((run_wire(), trust_known_serial(id.node.flow.trust, "KR") == 1)));
    check_states(LANE_OPEN, LANE_OPEN);
    trust_stop(&kr.node.flow.trust);
    trust_stop(&id.node.flow.trust);
    lanes_end();
}
END_TEST

START_TEST(a_partner_of_version_two_is_told_nothing_and_not_listened_to)
{
    struct buffer older = {0};
    struct buffer texts = {0};
    lanes_start(false);
    trust_run(&kr);
    trust_run(&id);
    turn(&kr);
    struct frame hello = sent_frame(&kr, 0);
    hello.hello.versions[0] = LANE_VERSION_TEXTS - 1;
    hello.hello.version_count = 1;
    frame_hello_pack(&hello.hello, &older);
    drop_sent(&kr);
    lane_receive(id.lane, buffer_bytes(&older));
    ck_assert_uint_eq(sent_frame(&id, 0).welcome.version, LANE_VERSION_TEXTS - 1);
    run_wire();
    check_states(LANE_OPEN, LANE_OPEN);
    frame_texts_pack(FRAME_TEXTS, &(struct frame_texts){NULL, 0}, &texts);
    lane_receive(id.lane, buffer_bytes(&texts));
    turn(&id);
    turn(&kr);
    ck_assert_uint_eq(sent_of(&kr, FRAME_TEXTS) + sent_of(&id, FRAME_TEXTS), 0);
    ck_assert_uint_eq(trust_known_serial(id.node.flow.trust, "KR"), 0);
    trust_stop(&kr.node.flow.trust);
    trust_stop(&id.node.flow.trust);
    buffer_free(&older);
    buffer_free(&texts);
    lanes_end();
}
END_TEST

START_TEST(signed_texts_without_somebody_who_looks_at_them_are_passed_over)
{
    static const enum frame_kind kinds[] = {FRAME_CARD, FRAME_AGREEMENT};
    lanes_start(false);
    run_wire();
    for (size_t i = 0; i < 2; i++) {
        struct buffer out = {0};
        frame_note_pack(kinds[i], bytes_of("note\n", 5), &out);
        lane_receive(id.lane, buffer_bytes(&out));
        buffer_free(&out);
    }
    ck_assert_uint_eq(id.count, 0);
    check_states(LANE_OPEN, LANE_OPEN);
    lanes_end();
}
END_TEST

/* ---- refusals ---- */

START_TEST(a_push_before_hello_is_refused_and_the_sender_says_hello)
{
    lanes_start(false);
    run_wire();
    lane_connected(id.lane); /* ID forgot the lane, KR did not notice */
    node_append(&kr.node, "ID", 2, 100);
    turn(&kr);
    deliver(&kr, &id);
    ck_assert_int_eq(sent_frame(&id, 0).refuse.refusal, REFUSAL_NO_HELLO);
    deliver(&id, &kr);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_CONNECTING);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 0); /* not at once, or two that disagree would spin */
    atomic_store(&kr.node.ahead_ms, LANE_PAUSE_MS);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 2);
    lanes_end();
}
END_TEST

START_TEST(bytes_that_are_no_frame_end_the_lane_with_a_sentence)
{
    lanes_start(true);
    run_wire();
    lane_receive(id.lane, bytes_of("\xc1", 1));
    ck_assert_int_eq(sent_frame(&id, 0).refuse.refusal, REFUSAL_MALFORMED);
    ck_assert_uint_gt(sent_frame(&id, 0).refuse.sentence.size, 0);
    ck_assert(lane_is_over(id.lane));
    ck_assert_uint_eq(node_metric(&id.node, METRIC_FRAMES_CUT), 1);
    ck_assert_ptr_nonnull(strstr(id.lane->trouble, "no frame"));
    lanes_end();
}
END_TEST

START_TEST(a_refusal_that_ends_the_lane_is_tried_again_after_five_minutes)
{
    lanes_start(false);
    run_wire();
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_CLOCK, 0, RESULT_DENIED, "your clock is off");
    lane_refuse(id.lane, &refused);
    deliver(&id, &kr);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_REFUSED);
    ck_assert_ptr_nonnull(strstr(kr.lane->trouble, "your clock is off"));
    ck_assert(lane_is_over(kr.lane));
    atomic_store(&kr.node.ahead_ms, LANE_RETRY_MS - 1000);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 0);
    atomic_store(&kr.node.ahead_ms, LANE_RETRY_MS);
    atomic_store(&id.node.ahead_ms, LANE_RETRY_MS);
    run_wire();
    check_states(LANE_OPEN, LANE_OPEN);
    ck_assert_str_eq(kr.lane->trouble, "");
    lanes_end();
}
END_TEST

/* The card that heals it may come right behind the refusal. */
START_TEST(a_refusal_that_is_about_a_key_is_tried_again_after_seconds)
{
    lanes_start(false);
    run_wire();
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_KEY, 0, RESULT_UNTRUSTED, "that key is revoked");
    lane_refuse(id.lane, &refused);
    deliver(&id, &kr);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_REFUSED);
    atomic_store(&kr.node.ahead_ms, LANE_KEY_MS);
    atomic_store(&id.node.ahead_ms, LANE_KEY_MS);
    run_wire();
    check_states(LANE_OPEN, LANE_OPEN);
    lanes_end();
}
END_TEST

START_TEST(a_change_of_the_directory_tries_a_refused_lane_again_at_once)
{
    lanes_start(false);
    run_wire();
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_KEY, 0, RESULT_DENIED, "your card is not held");
    lane_refuse(id.lane, &refused);
    deliver(&id, &kr);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_REFUSED);
    lane_retry(kr.lane);
    run_wire();
    check_states(LANE_OPEN, LANE_OPEN);
    lanes_end();
}
END_TEST

START_TEST(a_refusal_that_does_not_end_the_lane_pauses_the_pushes)
{
    lanes_start(false);
    run_wire();
    node_append(&kr.node, "ID", 2, 100);
    turn(&kr);
    drop_sent(&kr);
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_ORDER, 0, RESULT_INVALID, "entry 0 is awaited");
    lane_refuse(id.lane, &refused);
    deliver(&id, &kr);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 0);
    atomic_store(&kr.node.ahead_ms, LANE_PAUSE_MS);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 2);
    lanes_end();
}
END_TEST

START_TEST(a_refusal_on_a_shared_lane_ends_the_direction_it_answers)
{
    lanes_start(true);
    run_wire();
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_FORK, 0, RESULT_HELD, "not my log");
    lane_refuse(id.lane, &refused); /* nothing of KR's is unanswered, so it is about ID's channel */
    deliver(&id, &kr);
    ck_assert_int_eq(kr.lane->incoming_half.state, LANE_HELD);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_OPEN);
    node_append(&kr.node, "ID", 1, 100);
    turn(&kr);
    drop_sent(&kr);
    (void)refuse_with(&refused, REFUSAL_CHANNEL, 0, RESULT_DENIED, "not my channel");
    lane_refuse(id.lane, &refused);
    deliver(&id, &kr);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_REFUSED);
    lanes_end();
}
END_TEST

START_TEST(a_hello_where_no_channel_is_taken_is_told_where_to_dial)
{
    lanes_start(false);
    run_wire();
    struct buffer out = {0};
    const struct frame_hello hello = {.versions = {1},
                                      .version_count = 1,
                                      .party = TEXT("ID"),
                                      .environment = TEXT("test"),
                                      .origin = TEXT("test.coconnect.beacukai.go.id/KR/1")};
    frame_hello_pack(&hello, &out);
    lane_receive(kr.lane, buffer_bytes(&out));
    struct frame frame = sent_frame(&kr, 0);
    ck_assert_int_eq(frame.refuse.refusal, REFUSAL_INTERNAL);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_OPEN);
    buffer_free(&out);
    lanes_end();
}
END_TEST

START_TEST(a_hello_without_answer_is_overdue_after_ten_seconds)
{
    lanes_start(false);
    turn(&kr);
    drop_sent(&kr);
    ck_assert(!lane_is_unanswered(kr.lane, now_of(&kr) + LANE_WELCOME_MS - 1000));
    ck_assert(lane_is_unanswered(kr.lane, now_of(&kr) + LANE_WELCOME_MS));
    lanes_end();
}
END_TEST

START_TEST(a_wrong_push_holds_the_channel_and_the_sender_learns_it)
{
    lanes_start(false);
    node_append(&kr.node, "ID", 2, 100);
    turn(&kr);
    deliver(&kr, &id);
    deliver(&id, &kr);
    turn(&kr);
    struct frame frame = sent_frame(&kr, 0);
    struct buffer wrong = {0};
    struct frame_push push = frame.push;
    struct frame_item items[2] = {push.items[1], push.items[0]};
    push.items = items;
    frame_push_pack(&push, &wrong);
    drop_sent(&kr);
    lane_receive(id.lane, buffer_bytes(&wrong));
    end_settle(&id);
    deliver(&id, &kr);
    check_states(LANE_REFUSED, LANE_HELD);
    atomic_store(&kr.node.ahead_ms, LANE_RETRY_MS);
    atomic_store(&id.node.ahead_ms, LANE_RETRY_MS);
    run_wire();
    check_states(LANE_HELD, LANE_HELD);
    ck_assert_ptr_nonnull(strstr(kr.lane->trouble, "held"));
    ck_assert_uint_eq(node_metric(&id.node, METRIC_ACCEPTED), 0);
    buffer_free(&wrong);
    lanes_end();
}
END_TEST

/* ---- a socket that takes nothing ---- */

START_TEST(frames_wait_for_the_socket_in_their_order)
{
    lanes_start(true);
    run_wire();
    kr.takes = LANE_BLOCKED;
    for (int i = 1; i <= 3; i++) {
        struct buffer out = {0};
        const struct frame_receipt receipt = {.credit = (uint64_t)i};
        frame_receipt_pack(&receipt, &out);
        lane_post(kr.lane, buffer_bytes(&out));
        buffer_free(&out);
    }
    ck_assert(lane_is_blocked(kr.lane));
    ck_assert_uint_eq(kr.count, 0);
    kr.takes = LANE_SENT;
    turn(&kr);
    ck_assert(!lane_is_blocked(kr.lane));
    ck_assert_uint_eq(kr.count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(sent_frame(&kr, i).receipt.credit, i + 1);
    }
    lanes_end();
}
END_TEST

START_TEST(a_push_that_the_socket_does_not_take_is_kept_and_sent_once)
{
    lanes_start(false);
    run_wire();
    node_append(&kr.node, "ID", 2, 100);
    kr.takes = LANE_BLOCKED;
    turn(&kr);
    turn(&kr);
    ck_assert(lane_is_blocked(kr.lane));
    kr.takes = LANE_SENT;
    turn(&kr);
    ck_assert_uint_eq(kr.count, 1);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 2);
    lanes_end();
}
END_TEST

START_TEST(a_partner_that_reads_nothing_costs_a_few_frames_and_then_its_lane)
{
    lanes_start(false);
    run_wire();
    id.takes = LANE_BLOCKED;
    for (int i = 0; i < OUTBOX_FRAMES_MAX; i++) {
        struct refused refused;
        (void)refuse_with(&refused, REFUSAL_NO_HELLO, 0, RESULT_INVALID, "say hello first");
        lane_refuse(id.lane, &refused);
        ck_assert(id.lane->connected);
    }
    atomic_store(&id.node.ahead_ms, LANE_STUCK_MS);
    turn(&id);
    ck_assert_ptr_nonnull(strstr(id.lane->trouble, "does not read"));
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_NO_HELLO, 0, RESULT_INVALID, "say hello first");
    lane_refuse(id.lane, &refused);
    ck_assert(!id.lane->connected);
    ck_assert_uint_eq(id.lane->outbox.count, 0);
    ck_assert_int_eq(id.lane->incoming_half.state, LANE_CONNECTING);
    id.takes = LANE_SENT;
    lanes_end();
}
END_TEST

START_TEST(a_connection_that_is_gone_at_a_send_is_noticed)
{
    lanes_start(false);
    run_wire();
    node_append(&kr.node, "ID", 1, 100);
    kr.takes = LANE_GONE;
    turn(&kr);
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_CONNECTING);
    kr.takes = LANE_SENT;
    lane_connected(kr.lane);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 1);
    lanes_end();
}
END_TEST

START_TEST(a_node_that_stops_takes_its_credit_back)
{
    lanes_start(false);
    run_wire();
    lane_close_credit(id.lane);
    deliver(&id, &kr);
    node_append(&kr.node, "ID", 1, 100);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 0);
    lanes_end();
}
END_TEST

START_TEST(no_more_than_the_credit_is_in_flight)
{
    lanes_start(false);
    id.node.config.credit_bytes = 500000;
    run_wire();
    node_append(&kr.node, "ID", 1000, 2000);
    turn(&kr);
    struct outgoing_state state;
    outgoing_state(kr.lane->outgoing, &state);
    ck_assert_uint_gt(state.in_flight_bytes, 0);
    ck_assert_uint_le(state.in_flight_bytes, 500000);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 1000);
    lanes_end();
}
END_TEST

/* ---- questions ---- */

/* KR asks ID what it holds of KR's channel, or with `max` 0 for a hello. */
static enum result put_question(bool outgoing, size_t max, uint64_t *number)
{
    struct question question;
    assert_ok(reconcile_question(&kr.node.flow, kr.host.reader, TEXT("ID"), outgoing, 0, max,
                                 &question, &error));
    return desk_ask(kr.host.desk, &question, &kr.host.home, number, &error);
}

START_TEST(a_question_is_carried_when_the_lane_is_open_and_answered_with_rows)
{
    uint64_t number = 0;
    struct buffer answer = {0};
    struct frame frame;
    lanes_start(false);
    node_append(&kr.node, "ID", 3, 100);
    assert_ok(put_question(true, FRAME_ROWS_MAX, &number));
    ck_assert_int_eq(put_question(true, FRAME_ROWS_MAX, &number), RESULT_BUSY);
    turn(&kr);
    ck_assert_int_eq(sent_kind(&kr, 0), FRAME_HELLO);
    ck_assert_uint_eq(kr.count, 1);
    run_wire();
    assert_ok(desk_answer(kr.host.desk, number, &answer, &error));
    assert_ok(frame_unpack(buffer_bytes(&answer), &arena, &frame, &error));
    ck_assert_uint_le(frame.holds.size, 3);
    ck_assert_uint_eq(frame.holds.count, frame.holds.size);
    assert_fails(desk_answer(kr.host.desk, number, &answer, &error), RESULT_NOT_FOUND,
                 "is under way");
    buffer_free(&answer);
    lanes_end();
}
END_TEST

START_TEST(a_partner_that_comes_before_it_was_heard_is_asked_what_it_holds_and_then_gets_credit)
{
    lanes_start_unheard(false);
    node_append(&kr.node, "ID", 3, 100);
    turn(&kr);
    deliver(&kr, &id);
    ck_assert_uint_eq(sent_frame(&id, 0).welcome.credit, 0);
    ck_assert_int_eq(sent_kind(&id, 1), FRAME_ASK);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 3);
    lanes_end();
}
END_TEST

START_TEST(a_partner_of_version_one_is_pushed_to_and_not_asked)
{
    uint64_t number = 0;
    struct buffer answer = {0};
    lanes_start(false);
    node_append(&kr.node, "ID", 3, 100);
    turn(&kr);
    struct frame hello = sent_frame(&kr, 0);
    ck_assert_uint_eq(hello.hello.version_count, LANE_VERSION);
    hello.hello.versions[0] = LANE_VERSION_OLDEST;
    hello.hello.version_count = 1;
    struct buffer older = {0};
    frame_hello_pack(&hello.hello, &older);
    drop_sent(&kr);
    lane_receive(id.lane, buffer_bytes(&older));
    ck_assert_uint_eq(sent_frame(&id, 0).welcome.version, LANE_VERSION_OLDEST);
    run_wire();
    ck_assert_uint_eq(receipted(&kr), 3);
    assert_ok(put_question(true, FRAME_ROWS_MAX, &number));
    run_wire();
    ck_assert_int_eq(desk_answer(kr.host.desk, number, &answer, &error), RESULT_BUSY);
    desk_forget(kr.host.desk, number);
    buffer_free(&older);
    lanes_end();
}
END_TEST

START_TEST(a_question_without_rows_brings_a_hello)
{
    uint64_t number = 0;
    lanes_start(true);
    run_wire();
    assert_ok(put_question(false, 0, &number));
    turn(&kr);
    ck_assert_int_eq(sent_kind(&kr, 0), FRAME_ASK);
    deliver(&kr, &id);
    ck_assert_int_eq(sent_kind(&id, 0), FRAME_HOLDS);
    deliver(&id, &kr);
    lane_turn(id.lane, now_of(&id) + LANE_PAUSE_MS);
    ck_assert_int_eq(sent_kind(&id, 0), FRAME_HELLO);
    run_wire();
    ck_assert_int_eq(id.lane->outgoing_half.state, LANE_OPEN);
    lanes_end();
}
END_TEST

START_TEST(questions_beyond_those_of_a_second_wait_for_the_next_and_the_last_is_kept)
{
    lanes_start(false);
    run_wire();
    for (uint64_t number = 1; number <= LANE_ANSWERS + 5; number++) {
        struct buffer out = {0};
        frame_ask_pack(&(struct frame_ask){number, TEXT("test.coconnect.customs.go.kr/ID/1"), 0, 1},
                       &out);
        lane_receive(id.lane, buffer_bytes(&out));
        buffer_free(&out);
    }
    ck_assert_uint_eq(id.count, LANE_ANSWERS);
    drop_sent(&id);
    lane_tick(id.lane);
    ck_assert_uint_eq(id.count, 1);
    ck_assert_uint_eq(sent_frame(&id, 0).holds.number, LANE_ANSWERS + 5);
    lanes_end();
}
END_TEST

START_TEST(a_fetch_and_a_question_that_wait_are_both_answered)
{
    lanes_start(false);
    run_wire();
    for (uint64_t number = 1; number <= LANE_ANSWERS + 1; number++) {
        struct buffer out = {0};
        frame_ask_pack(&(struct frame_ask){number, TEXT("test.coconnect.customs.go.kr/ID/1"), 0, 1},
                       &out);
        lane_receive(id.lane, buffer_bytes(&out));
        buffer_clear(&out);
        frame_fetch_pack(&(struct frame_fetch){TEXT("test.coconnect.customs.go.kr/ID/1"), number},
                         &out);
        lane_receive(id.lane, buffer_bytes(&out));
        buffer_free(&out);
    }
    ck_assert_uint_eq(id.count, LANE_ANSWERS);
    drop_sent(&id);
    lane_tick(id.lane);
    ck_assert_uint_eq(id.count, 2);
    ck_assert_uint_eq(sent_frame(&id, 0).entries.first, LANE_ANSWERS + 1);
    ck_assert_uint_eq(sent_frame(&id, 1).holds.number, LANE_ANSWERS + 1);
    lanes_end();
}
END_TEST

/* ---- fetching back ---- */

/* ID's welcome says that it holds more of KR's channel than KR. */
static void welcome_more(void)
{
    struct buffer out = {0};
    turn(&kr);
    ck_assert_int_eq(sent_kind(&kr, kr.count - 1), FRAME_HELLO);
    drop_sent(&kr);
    const struct frame_welcome welcome = {
        .version = LANE_VERSION, .size = 5, .time_ms = world_wall_ms(&kr.node.world)};
    frame_welcome_pack(&welcome, &out);
    lane_receive(kr.lane, buffer_bytes(&out));
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_FETCHING);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 1);
    ck_assert_int_eq(sent_kind(&kr, 0), FRAME_FETCH);
    buffer_free(&out);
}

START_TEST(a_partner_that_gives_nothing_back_has_not_answered_and_is_asked_over_a_new_connection)
{
    lanes_start(false);
    welcome_more();
    turn(&kr);
    ck_assert_uint_eq(kr.count, 1);
    ck_assert(!lane_is_unanswered(kr.lane, now_of(&kr)));
    ck_assert(lane_is_unanswered(kr.lane, now_of(&kr) + LANE_WELCOME_MS));
    drop_sent(&kr);
    lane_disconnected(kr.lane, NULL);
    check_states(LANE_CONNECTING, LANE_CONNECTING);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 0);
    lane_connected(kr.lane);
    welcome_more();
    lanes_end();
}
END_TEST

START_TEST(a_partner_that_gives_back_none_of_it_is_held_and_answered_what_it_was_asked)
{
    struct buffer out = {0};
    lanes_start(false);
    welcome_more();
    drop_sent(&kr);
    frame_entries_pack(&(struct frame_entries){0, NULL, 0}, &out);
    lane_receive(kr.lane, buffer_bytes(&out));
    ck_assert_int_eq(kr.lane->outgoing_half.state, LANE_HELD);
    ck_assert_int_eq(sent_frame(&kr, 0).refuse.refusal, REFUSAL_BEHIND);
    drop_sent(&kr);
    turn(&kr);
    ck_assert_uint_eq(kr.count, 0);
    lane_retry(kr.lane);
    welcome_more();
    buffer_free(&out);
    lanes_end();
}
END_TEST

/* ---- what the status shows ---- */

START_TEST(the_board_shows_both_directions_and_forgets_a_partner_that_is_not_wanted)
{
    struct link_partner row;
    lanes_start(true);
    node_append(&kr.node, "ID", 2, 100);
    run_wire();
    ck_assert_uint_eq(board_read(kr.host.board, &row, 1), 1);
    ck_assert_str_eq(row.party, "ID");
    ck_assert_int_eq(row.outgoing, LANE_OPEN);
    ck_assert_int_eq(row.incoming, LANE_OPEN);
    ck_assert_uint_ge(row.receipted, 2);
    ck_assert_uint_ge(row.sent, 2);
    ck_assert_uint_gt(row.credit, 0);
    ck_assert_uint_gt(row.last_heard_ms, 0);
    assert_ok(lane_want(kr.lane, false, true, &error));
    turn(&kr);
    ck_assert_uint_eq(board_read(kr.host.board, &row, 1), 1);
    ck_assert_int_eq(row.outgoing, LANE_NONE);
    assert_ok(lane_want(kr.lane, false, false, &error));
    turn(&kr);
    ck_assert_uint_eq(board_read(kr.host.board, &row, 1), 0);
    lanes_end();
}
END_TEST

START_TEST(the_board_keeps_partners_in_order_and_shows_the_newest_trouble)
{
    struct board *board = NULL;
    struct link_partner rows[4];
    static const char *const parties[] = {"UY", "ID", "KR"};
    fixture_start();
    assert_ok(board_new(&board, &error));
    for (size_t i = 0; i < 3; i++) {
        struct link_partner row = {.outgoing = LANE_OPEN, .incoming = LANE_HELD};
        (void)snprintf(row.party, sizeof row.party, "%s", parties[i]);
        (void)snprintf(row.trouble, sizeof row.trouble, "first");
        board_put(board, BOARD_OUTGOING, &row);
        (void)snprintf(row.trouble, sizeof row.trouble, "second");
        board_put(board, BOARD_INCOMING, &row);
    }
    ck_assert_uint_eq(board_read(board, rows, 2), 2);
    ck_assert_uint_eq(board_read(board, rows, 4), 3);
    ck_assert_str_eq(rows[0].party, "ID");
    ck_assert_str_eq(rows[1].party, "KR");
    ck_assert_str_eq(rows[2].party, "UY");
    ck_assert_str_eq(rows[0].trouble, "second");
    ck_assert_str_eq(lane_state_text(rows[0].incoming), "held");
    board_destroy(&board);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        hello_is_answered_by_welcome_and_push_by_receipt,
        both_channels_go_over_one_lane,
        what_was_lost_with_a_connection_is_sent_again_after_the_next,
        a_receipt_that_was_lost_comes_with_the_next_welcome,
        a_hello_during_a_commit_is_answered_after_it,
        a_welcome_and_a_receipt_of_an_earlier_connection_are_passed_over,
        what_is_held_is_told_when_a_lane_is_opened,
        a_partner_of_version_two_is_told_nothing_and_not_listened_to,
        signed_texts_without_somebody_who_looks_at_them_are_passed_over,
        a_push_before_hello_is_refused_and_the_sender_says_hello,
        bytes_that_are_no_frame_end_the_lane_with_a_sentence,
        a_refusal_that_ends_the_lane_is_tried_again_after_five_minutes,
        a_refusal_that_is_about_a_key_is_tried_again_after_seconds,
        a_change_of_the_directory_tries_a_refused_lane_again_at_once,
        a_refusal_that_does_not_end_the_lane_pauses_the_pushes,
        a_refusal_on_a_shared_lane_ends_the_direction_it_answers,
        a_hello_where_no_channel_is_taken_is_told_where_to_dial,
        a_hello_without_answer_is_overdue_after_ten_seconds,
        a_wrong_push_holds_the_channel_and_the_sender_learns_it,
        frames_wait_for_the_socket_in_their_order,
        a_push_that_the_socket_does_not_take_is_kept_and_sent_once,
        a_partner_that_reads_nothing_costs_a_few_frames_and_then_its_lane,
        a_connection_that_is_gone_at_a_send_is_noticed,
        a_node_that_stops_takes_its_credit_back,
        no_more_than_the_credit_is_in_flight,
        a_question_is_carried_when_the_lane_is_open_and_answered_with_rows,
        a_partner_that_comes_before_it_was_heard_is_asked_what_it_holds_and_then_gets_credit,
        a_partner_of_version_one_is_pushed_to_and_not_asked,
        a_question_without_rows_brings_a_hello,
        questions_beyond_those_of_a_second_wait_for_the_next_and_the_last_is_kept,
        a_fetch_and_a_question_that_wait_are_both_answered,
        a_partner_that_gives_nothing_back_has_not_answered_and_is_asked_over_a_new_connection,
        a_partner_that_gives_back_none_of_it_is_held_and_answered_what_it_was_asked,
        the_board_shows_both_directions_and_forgets_a_partner_that_is_not_wanted,
        the_board_keeps_partners_in_order_and_shows_the_newest_trouble,
    };
    return suite_run("lane", tests, SUITE_COUNT(tests), fixture_start);
}
