/* What the status shows of lanes. */
#include "tests/unit/lane_scene.h"

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
        the_board_shows_both_directions_and_forgets_a_partner_that_is_not_wanted,
        the_board_keeps_partners_in_order_and_shows_the_newest_trouble,
    };
    return suite_run("board", tests, SUITE_COUNT(tests), fixture_start);
}
