/* A socket that takes nothing, and a partner that reads nothing. */
#include "tests/unit/lane_scene.h"

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

int main(void)
{
    const TTest *const tests[] = {
        frames_wait_for_the_socket_in_their_order,
        a_push_that_the_socket_does_not_take_is_kept_and_sent_once,
        a_partner_that_reads_nothing_costs_a_few_frames_and_then_its_lane,
        a_connection_that_is_gone_at_a_send_is_noticed,
        a_node_that_stops_takes_its_credit_back,
        no_more_than_the_credit_is_in_flight,
    };
    return suite_run("lane send", tests, SUITE_COUNT(tests), fixture_start);
}
