/* The way of a frame over a lane: hello, welcome, push and receipt, and what an earlier connection
 * leaves behind. */
#include "tests/unit/lane_scene.h"

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

int main(void)
{
    const TTest *const tests[] = {
        hello_is_answered_by_welcome_and_push_by_receipt,
        both_channels_go_over_one_lane,
        what_was_lost_with_a_connection_is_sent_again_after_the_next,
        a_receipt_that_was_lost_comes_with_the_next_welcome,
        a_hello_during_a_commit_is_answered_after_it,
        a_welcome_and_a_receipt_of_an_earlier_connection_are_passed_over,
    };
    return suite_run("lane", tests, SUITE_COUNT(tests), fixture_start);
}
