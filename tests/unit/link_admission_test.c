/* Who is let in: strangers, cards that are removed and keys that expire, and how a node that was
 * not admitted knocks again. */
#include "tests/unit/link_scene.h"

START_TEST(a_stranger_is_refused_for_good)
{
    struct keypair *stranger = NULL;
    link_both();
    assert_ok(keypair_generate(KEY_TRANSPORT, &stranger, &error));
    uint64_t before = node_metric(&id, METRIC_REJECTIONS);
    struct raw raw = raw_dial(&id, stranger, NULL);
    ck_assert_int_eq(raw_refused(&raw), 400);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), before + 1);
    raw_close(&raw);
    keypair_destroy(&stranger);
}
END_TEST

/* The time at which the clock of ID stands still; 0 while it goes. */
static _Atomic uint64_t stopped_ns;

static uint64_t stopping_steady_ns(void *self)
{
    uint64_t stopped = atomic_load(&stopped_ns);
    return stopped != 0 ? stopped : fixture_steady_ns(self);
}

START_TEST(a_removed_card_ends_the_live_lane_before_any_time_passes_and_nothing_comes_after)
{
    id.world.steady_ns = stopping_steady_ns;
    struct raw raw = raw_partner();
    raw_hello(&raw, &kr, &id);
    (void)raw_frame(&raw, FRAME_WELCOME);
    ck_assert(soon(node_status(&id, "KR").incoming == LANE_OPEN));
    node_distrust(&id, &kr);
    atomic_store(&stopped_ns, world_steady_ns(&id.world));
    node_read_cards(&id);
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_int_eq(raw_refused(&raw), 400);
    ck_assert_str_eq(node_status(&id, "KR").party, "");
    raw_close(&raw);
}
END_TEST

START_TEST(others_come_back_by_themselves_when_a_card_is_removed)
{
    uy_init(true);
    node_trust(&id, &uy);
    node_trust(&uy, &id);
    node_open(&uy);
    link_both();
    node_link(&uy);
    ck_assert(soon(is_open(&id, "KR") && is_open(&id, "UY")));
    node_distrust(&id, &uy);
    node_read_cards(&id);
    node_append(&kr, "ID", 1, 100);
    ck_assert(soon(node_status(&kr, "ID").receipted >= 1));
    ck_assert(soon(is_open(&id, "KR")));
}
END_TEST

START_TEST(a_key_that_expires_ends_its_lane)
{
    uint64_t now_s = world_wall_ms(world_real()) / 1000;
    kr.card.keys[KEY_TRANSPORT][0].until_s = now_s + 3600;
    node_sign_card(&kr);
    struct raw raw = raw_partner();
    raw_hello(&raw, &kr, &id);
    (void)raw_frame(&raw, FRAME_WELCOME);
    atomic_store(&id.ahead_ms, 3601000);
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_int_eq(raw_refused(&raw), 400);
    raw_close(&raw);
}
END_TEST

/* UY dials out only; KR has its card, and ID gets it after it has turned UY away. */
static void link_unknown(void)
{
    uy_init(false);
    node_trust(&uy, &id);
    nodes_pair(&uy, &kr);
    node_open(&id);
    node_link(&kr);
    node_link(&id);
    node_link(&uy);
    ck_assert(soon(node_status(&uy, "ID").outgoing == LANE_REFUSED));
    ck_assert_ptr_nonnull(strstr(node_status(&uy, "ID").trouble, "give it our newest card"));
    ck_assert(soon(is_open(&uy, "KR")));
    node_trust(&id, &uy);
    node_read_cards(&id);
}

/* All clocks are set forward by `ahead_ms`, and UY has looked at what it may do since: the task
 * that sends to KR dials ID as well. */
static void uy_turns(uint64_t ahead_ms)
{
    uint64_t sent = node_status(&uy, "KR").receipted;
    atomic_store(&kr.ahead_ms, ahead_ms);
    atomic_store(&id.ahead_ms, ahead_ms);
    atomic_store(&uy.ahead_ms, ahead_ms);
    node_append(&uy, "KR", 1, 100);
    ck_assert(soon(node_status(&uy, "KR").receipted == sent + 1));
}

START_TEST(a_node_that_was_not_admitted_does_not_knock_until_its_cards_change)
{
    link_unknown();
    uint64_t knocks = node_metric(&id, METRIC_REJECTIONS);
    uy_turns(60000);
    ck_assert_int_eq(node_status(&uy, "ID").outgoing, LANE_REFUSED);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), knocks);
    node_read_cards(&uy);
    ck_assert(soon(is_open(&uy, "ID")));
}
END_TEST

START_TEST(a_node_that_was_not_admitted_knocks_again_after_five_minutes)
{
    link_unknown();
    uy_turns(295000);
    ck_assert_int_eq(node_status(&uy, "ID").outgoing, LANE_REFUSED);
    uy_turns(301000);
    ck_assert(soon(is_open(&uy, "ID")));
}
END_TEST

/* The card of `node` has these transport keys from now on. */
static void show_keys(struct mesh_node *node, const struct keypair *one, const struct keypair *two)
{
    struct card_key *keys = node->card.keys[KEY_TRANSPORT];
    memcpy(keys[0].public_key, keypair_public(one), KEY_PUBLIC_BYTES);
    node->card.key_count[KEY_TRANSPORT] = two == NULL ? 1 : 2;
    if (two != NULL) {
        keys[1] = keys[0];
        keys[1].from_s += 60;
        memcpy(keys[1].public_key, keypair_public(two), KEY_PUBLIC_BYTES);
    }
    node_sign_card(node);
}

START_TEST(a_node_whose_key_is_admitted_no_more_shows_its_other_one_at_once_each_time)
{
    struct keypair *next = NULL;
    uy_init(false);
    const struct keypair *old = uy.keys[KEY_TRANSPORT];
    assert_ok(keypair_generate(KEY_TRANSPORT, &next, &error));
    node_unlock(&uy, next);
    for (int turn = 0; turn < 4; turn++) {
        uint64_t rejections = node_metric(&id, METRIC_REJECTIONS);
        show_keys(&uy, turn % 2 == 0 ? next : old, NULL);
        node_trust(&id, &uy);
        if (turn == 0) {
            show_keys(&uy, old, next);
            node_trust(&uy, &id);
            node_open(&id);
            node_open(&uy);
            node_link(&id);
            node_link(&uy);
        } else {
            node_read_cards(&id);
        }
        ck_assert(soon(node_metric(&id, METRIC_REJECTIONS) > rejections));
        ck_assert(soon(is_open(&uy, "ID")));
    }
    keypair_destroy(&next);
}
END_TEST

START_TEST(the_second_key_of_a_card_is_tried_when_the_first_has_no_server)
{
    struct keypair *next = NULL;
    uint64_t now_s = world_wall_ms(world_real()) / 1000;
    assert_ok(keypair_generate(KEY_TRANSPORT, &next, &error));
    struct card_key *second = &id.card.keys[KEY_TRANSPORT][1];
    memcpy(second->public_key, keypair_public(next), KEY_PUBLIC_BYTES);
    second->from_s = now_s - 60;
    second->until_s = now_s + 86400;
    id.card.key_count[KEY_TRANSPORT] = 2;
    node_sign_card(&id);
    link_both();
    ck_assert(soon(node_status(&kr, "ID").outgoing == LANE_OPEN));
    keypair_destroy(&next);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_stranger_is_refused_for_good,
        a_removed_card_ends_the_live_lane_before_any_time_passes_and_nothing_comes_after,
        others_come_back_by_themselves_when_a_card_is_removed,
        a_key_that_expires_ends_its_lane,
        a_node_that_was_not_admitted_does_not_knock_until_its_cards_change,
        a_node_that_was_not_admitted_knocks_again_after_five_minutes,
        a_node_whose_key_is_admitted_no_more_shows_its_other_one_at_once_each_time,
        the_second_key_of_a_card_is_tried_when_the_first_has_no_server,
    };
    return suite_run_with("link admission", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
