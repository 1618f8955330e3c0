/* The ZeroMQ side as a whole: entries cross between nodes, come back receipted, and outlive a stop.
 */
#include "tests/unit/link_scene.h"

START_TEST(entries_cross_and_come_back_receipted)
{
    link_both();
    ck_assert(soon(is_open(&kr, "ID") && is_open(&id, "KR")));
    node_append(&kr, "ID", 3, 2000);
    ck_assert(soon(node_status(&kr, "ID").receipted >= 3));
    ck_assert_uint_eq(node_metric(&id, METRIC_ACCEPTED), 3);
}
END_TEST

START_TEST(a_backlog_of_many_frames_crosses_whole)
{
    link_both();
    node_append(&kr, "ID", 2000, 3000);
    ck_assert(soon(node_status(&kr, "ID").receipted == 2000));
    ck_assert_uint_eq(node_metric(&id, METRIC_ACCEPTED), 2000);
    ck_assert_uint_eq(node_status(&kr, "ID").in_flight_bytes, 0);
}
END_TEST

START_TEST(a_party_that_only_dials_gets_its_entries_over_the_same_lane)
{
    uy_init(false);
    nodes_pair(&kr, &uy);
    node_link(&kr);
    node_link(&uy);
    ck_assert(soon(is_open(&kr, "UY") && is_open(&uy, "KR")));
    node_append(&kr, "UY", 5, 1000);
    node_append(&uy, "KR", 7, 1000);
    ck_assert(soon(node_status(&kr, "UY").receipted >= 5 && node_status(&uy, "KR").receipted >= 7));
}
END_TEST

START_TEST(a_partner_that_was_away_gets_what_was_said_meanwhile)
{
    link_both();
    node_append(&kr, "ID", 2, 100);
    ck_assert(soon(node_status(&kr, "ID").receipted >= 2));
    node_close(&id);
    ck_assert(soon(node_status(&kr, "ID").outgoing == LANE_CONNECTING));
    ck_assert_ptr_nonnull(strstr(node_status(&kr, "ID").trouble, "lost"));
    node_append(&kr, "ID", 3, 100);
    node_open(&id);
    node_link(&id);
    ck_assert(soon(node_status(&kr, "ID").receipted >= 5));
    ck_assert(soon(node_status(&kr, "ID").trouble[0] == '\0'));
}
END_TEST

START_TEST(the_status_of_incoming_falls_when_the_partner_goes)
{
    link_both();
    ck_assert(soon(node_status(&kr, "ID").incoming == LANE_OPEN));
    node_close(&id);
    ck_assert(soon(node_status(&kr, "ID").incoming == LANE_CONNECTING));
}
END_TEST

START_TEST(a_stop_in_the_middle_of_a_backlog_loses_and_doubles_nothing)
{
    link_both();
    node_append(&kr, "ID", 3000, 2000);
    ck_assert(soon(node_status(&kr, "ID").receipted > 0));
    node_close(&id);
    node_close(&kr);
    node_open(&id);
    node_open(&kr);
    node_link(&id);
    node_link(&kr);
    ck_assert(soon(node_status(&kr, "ID").receipted == 3000));
    ck_assert_uint_eq(node_metric(&id, METRIC_ACCEPTED), 3000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        entries_cross_and_come_back_receipted,
        a_backlog_of_many_frames_crosses_whole,
        a_party_that_only_dials_gets_its_entries_over_the_same_lane,
        a_partner_that_was_away_gets_what_was_said_meanwhile,
        the_status_of_incoming_falls_when_the_partner_goes,
        a_stop_in_the_middle_of_a_backlog_loses_and_doubles_nothing,
    };
    return suite_run_with("link", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
