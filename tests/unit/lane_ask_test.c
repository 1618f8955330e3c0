/* Questions over a lane, and what is given back. */
#include "tests/unit/lane_scene.h"

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

int main(void)
{
    const TTest *const tests[] = {
        a_question_is_carried_when_the_lane_is_open_and_answered_with_rows,
        a_partner_that_comes_before_it_was_heard_is_asked_what_it_holds_and_then_gets_credit,
        a_partner_of_version_one_is_pushed_to_and_not_asked,
        a_question_without_rows_brings_a_hello,
        questions_beyond_those_of_a_second_wait_for_the_next_and_the_last_is_kept,
        a_fetch_and_a_question_that_wait_are_both_answered,
        a_partner_that_gives_nothing_back_has_not_answered_and_is_asked_over_a_new_connection,
        a_partner_that_gives_back_none_of_it_is_held_and_answered_what_it_was_asked,
    };
    return suite_run("lane ask", tests, SUITE_COUNT(tests), fixture_start);
}
