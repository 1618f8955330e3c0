/* What a lane refuses, which refusal ends it, and when it is tried again. */
#include "tests/unit/lane_scene.h"

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

int main(void)
{
    const TTest *const tests[] = {
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
    };
    return suite_run("lane refuse", tests, SUITE_COUNT(tests), fixture_start);
}
