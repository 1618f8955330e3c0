/* The ZeroMQ side as a whole: nodes with real sockets, CURVE and gate on loopback. */
#include "tests/unit/node_fixture.h"

#include <dirent.h>

static struct mesh_node kr;
static struct mesh_node id;

static void pair_start(void)
{
    fixture_start();
    node_init(&kr, "KR", "customs.go.kr", true);
    node_init(&id, "ID", "beacukai.go.id", true);
}

static void pair_end(void)
{
    node_end(&kr);
    node_end(&id);
}

static void link_both(void)
{
    nodes_pair(&kr, &id);
    node_link(&kr);
    node_link(&id);
}

#define is_open(node, partner)                                                                     \
    (node_status(node, partner).outgoing == LANE_OPEN &&                                           \
     node_status(node, partner).incoming == LANE_OPEN)

/* ---- lanes ---- */

START_TEST(entries_cross_and_come_back_receipted)
{
    link_both();
    ck_assert(soon(is_open(&kr, "ID") && is_open(&id, "KR")));
    node_append(&kr, "ID", 3, 2000);
    ck_assert(soon(node_status(&kr, "ID").receipted >= 3));
    ck_assert_uint_eq(node_metric(&id, METRIC_ACCEPTED), 3);
    pair_end();
}
END_TEST

START_TEST(a_backlog_of_many_frames_crosses_whole)
{
    link_both();
    node_append(&kr, "ID", 2000, 3000);
    ck_assert(soon(node_status(&kr, "ID").receipted == 2000));
    ck_assert_uint_eq(node_metric(&id, METRIC_ACCEPTED), 2000);
    ck_assert_uint_eq(node_status(&kr, "ID").in_flight_bytes, 0);
    pair_end();
}
END_TEST

START_TEST(a_party_that_only_dials_gets_its_entries_over_the_same_lane)
{
    struct mesh_node uy;
    node_init(&uy, "UY", "aduana.gub.uy", false);
    nodes_pair(&kr, &uy);
    node_link(&kr);
    node_link(&uy);
    ck_assert(soon(is_open(&kr, "UY") && is_open(&uy, "KR")));
    node_append(&kr, "UY", 5, 1000);
    node_append(&uy, "KR", 7, 1000);
    ck_assert(soon(node_status(&kr, "UY").receipted >= 5 && node_status(&uy, "KR").receipted >= 7));
    node_end(&uy);
    pair_end();
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
    pair_end();
}
END_TEST

START_TEST(the_status_of_incoming_falls_when_the_partner_goes)
{
    link_both();
    ck_assert(soon(node_status(&kr, "ID").incoming == LANE_OPEN));
    node_close(&id);
    ck_assert(soon(node_status(&kr, "ID").incoming == LANE_CONNECTING));
    pair_end();
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
    pair_end();
}
END_TEST

/* ---- admission ---- */

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
    pair_end();
}
END_TEST

START_TEST(a_removed_card_ends_the_live_lane_within_a_second_and_nothing_comes_after)
{
    nodes_pair(&kr, &id);
    node_link(&id);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&raw));
    raw_hello(&raw, &kr, &id);
    (void)raw_frame(&raw, FRAME_WELCOME);
    ck_assert(soon(node_status(&id, "KR").incoming == LANE_OPEN));
    node_distrust(&id, &kr);
    uint64_t start = fixture_now_ms();
    node_read_cards(&id);
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_uint_lt(fixture_now_ms() - start, 1000);
    ck_assert_int_eq(raw_refused(&raw), 400);
    ck_assert_str_eq(node_status(&id, "KR").party, "");
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(others_come_back_by_themselves_when_a_card_is_removed)
{
    struct mesh_node uy;
    node_init(&uy, "UY", "aduana.gub.uy", true);
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
    node_end(&uy);
    pair_end();
}
END_TEST

START_TEST(a_key_that_expires_ends_its_lane)
{
    uint64_t now_s = world_wall_ms(world_real()) / 1000;
    kr.card.keys[KEY_TRANSPORT][0].until_s = now_s + 3600;
    node_sign_card(&kr);
    nodes_pair(&kr, &id);
    node_link(&id);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&raw));
    raw_hello(&raw, &kr, &id);
    (void)raw_frame(&raw, FRAME_WELCOME);
    atomic_store(&id.ahead_ms, 3601000);
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_int_eq(raw_refused(&raw), 400);
    raw_close(&raw);
    pair_end();
}
END_TEST

/* UY dials out only, and ID does not have its card. */
static void link_unknown(struct mesh_node *uy)
{
    node_init(uy, "UY", "aduana.gub.uy", false);
    node_trust(uy, &id);
    node_open(uy);
    node_open(&id);
    node_link(&id);
    node_link(uy);
    ck_assert(soon(node_status(uy, "ID").outgoing == LANE_REFUSED));
    ck_assert_ptr_nonnull(strstr(node_status(uy, "ID").trouble, "give it our newest card"));
    node_trust(&id, uy);
    node_read_cards(&id);
}

START_TEST(a_node_that_was_not_admitted_does_not_knock_until_its_cards_change)
{
    struct mesh_node uy;
    link_unknown(&uy);
    uint64_t knocks = node_metric(&id, METRIC_REJECTIONS);
    (void)poll(NULL, 0, 1500);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), knocks);
    ck_assert_int_eq(node_status(&uy, "ID").outgoing, LANE_REFUSED);
    node_read_cards(&uy);
    ck_assert(soon(is_open(&uy, "ID")));
    node_end(&uy);
    pair_end();
}
END_TEST

START_TEST(a_node_that_was_not_admitted_knocks_again_after_five_minutes)
{
    struct mesh_node uy;
    link_unknown(&uy);
    atomic_store(&uy.ahead_ms, 295000);
    (void)poll(NULL, 0, 1500);
    ck_assert_int_eq(node_status(&uy, "ID").outgoing, LANE_REFUSED);
    atomic_store(&id.ahead_ms, 301000);
    atomic_store(&uy.ahead_ms, 301000);
    ck_assert(soon(is_open(&uy, "ID")));
    node_end(&uy);
    pair_end();
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
    struct mesh_node uy;
    struct keypair *next = NULL;
    node_init(&uy, "UY", "aduana.gub.uy", false);
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
    node_end(&uy);
    keypair_destroy(&next);
    pair_end();
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
    pair_end();
}
END_TEST

/* ---- hostile messages ---- */

/* A connection to ID with the key of KR. */
static struct raw raw_partner(void)
{
    nodes_pair(&kr, &id);
    node_link(&id);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&raw));
    return raw;
}

START_TEST(a_message_of_many_frames_is_cut_and_its_sender_turned_away)
{
    struct raw raw = raw_partner();
    for (int i = 0; i < 8000; i++) {
        raw_send(&raw, bytes_of("x", 1), i < 7999 ? ZMQ_SNDMORE : 0);
    }
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_uint_eq(node_metric(&id, METRIC_FRAMES_CUT), 1);
    ck_assert_int_eq(node_status(&id, "KR").incoming, LANE_REFUSED);
    ck_assert_ptr_nonnull(strstr(node_status(&id, "KR").trouble, "8000 frames"));
    ck_assert_int_eq(raw_event(&raw, ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 1500), -1);
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(a_party_that_was_turned_away_may_come_back_after_five_minutes)
{
    struct raw raw = raw_partner();
    raw_send(&raw, bytes_of("", 0), 0);
    ck_assert(raw_is_cut_off(&raw));
    atomic_store(&id.ahead_ms, 301000);
    ck_assert(raw_is_admitted(&raw));
    raw_hello(&raw, &kr, &id);
    (void)raw_frame(&raw, FRAME_WELCOME);
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(an_empty_message_is_cut)
{
    struct raw raw = raw_partner();
    raw_send(&raw, bytes_of("", 0), 0);
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_uint_eq(node_metric(&id, METRIC_FRAMES_CUT), 1);
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(random_bytes_are_answered_with_malformed_and_end_the_lane)
{
    struct raw raw = raw_partner();
    uint8_t bytes[300];
    world_random(world_real(), bytes, sizeof bytes);
    bytes[0] = 0xc1; /* never valid in msgpack */
    raw_send(&raw, bytes_of(bytes, sizeof bytes), 0);
    ck_assert_int_eq(raw_frame(&raw, FRAME_REFUSE).refuse.refusal, REFUSAL_MALFORMED);
    ck_assert(soon(node_status(&id, "KR").incoming == LANE_REFUSED));
    ck_assert_uint_eq(node_metric(&id, METRIC_FRAMES_CUT), 1);
    raw_hello(&raw, &kr, &id);
    (void)raw_frame(&raw, FRAME_WELCOME);
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(a_frame_of_the_largest_size_is_read_and_one_byte_more_cuts_the_connection)
{
    struct raw raw = raw_partner();
    uint8_t *bytes = arena_zero(&arena, FRAME_MAX_BYTES + 1);
    raw_send(&raw, bytes_of(bytes, FRAME_MAX_BYTES), 0);
    ck_assert_int_eq(raw_frame(&raw, FRAME_REFUSE).refuse.refusal, REFUSAL_MALFORMED);
    raw_send(&raw, bytes_of(bytes, FRAME_MAX_BYTES + 1), 0);
    ck_assert(raw_is_cut_off(&raw));
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(a_claimed_routing_id_is_not_listened_to)
{
    nodes_pair(&kr, &id);
    node_link(&id);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], "ID");
    ck_assert(raw_is_admitted(&raw));
    raw_hello(&raw, &kr, &id);
    ck_assert(soon(strstr(node_status(&id, "KR").trouble, "claims a routing id") != NULL));
    ck_assert_uint_eq(raw_receive(&raw, 100).size, 0);
    raw_close(&raw);
    pair_end();
}
END_TEST

START_TEST(a_hello_in_the_name_of_another_party_is_refused)
{
    struct mesh_node uy;
    struct raw raw = raw_partner();
    node_init(&uy, "UY", "aduana.gub.uy", true);
    raw_hello(&raw, &uy, &id);
    struct frame frame = raw_frame(&raw, FRAME_REFUSE);
    ck_assert_int_eq(frame.refuse.refusal, REFUSAL_PARTY);
    ck_assert(soon(node_status(&id, "KR").incoming == LANE_REFUSED));
    raw_close(&raw);
    node_end(&uy);
    pair_end();
}
END_TEST

START_TEST(a_push_without_hello_is_told_to_say_hello)
{
    struct raw raw = raw_partner();
    struct buffer out = {0};
    const struct frame_item item = {bytes_of("entry", 5), bytes_of("payload", 7)};
    const struct frame_push push = {
        .first = 0, .items = &item, .count = 1, .checkpoint = bytes_of("note", 4)};
    frame_push_pack(&push, &out);
    raw_send(&raw, buffer_bytes(&out), 0);
    ck_assert_int_eq(raw_frame(&raw, FRAME_REFUSE).refuse.refusal, REFUSAL_NO_HELLO);
    raw_close(&raw);
    buffer_free(&out);
    pair_end();
}
END_TEST

START_TEST(a_newer_connection_of_a_party_replaces_the_older_one)
{
    struct raw first = raw_partner();
    raw_hello(&first, &kr, &id);
    (void)raw_frame(&first, FRAME_WELCOME);
    struct raw second = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    raw_hello(&second, &kr, &id);
    (void)raw_frame(&second, FRAME_WELCOME);
    raw_hello(&first, &kr, &id);
    ck_assert_uint_eq(raw_receive(&first, 100).size, 0);
    raw_close(&second);
    ck_assert(soon(node_status(&id, "KR").incoming == LANE_CONNECTING));
    raw_hello(&first, &kr, &id);
    (void)raw_frame(&first, FRAME_WELCOME);
    raw_close(&first);
    pair_end();
}
END_TEST

/* What ID's inbox does waits while this is set, and says so. */
static _Atomic bool stalls;
static _Atomic bool is_stalled;

static uint64_t stalling_wall_ms(void *self)
{
    char task[16] = "";
    (void)pthread_getname_np(pthread_self(), task, sizeof task);
    while (atomic_load(&stalls) && strcmp(task, "inbox") == 0) {
        atomic_store(&is_stalled, true);
        (void)poll(NULL, 0, 1);
    }
    return fixture_wall_ms(self);
}

static size_t open_files(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    (void)closedir(folder);
    return count;
}

/* The descriptor of a connection that said nothing is that of the next one. That the first is gone
 * is heard of after the second has spoken. */
START_TEST(a_connection_with_the_descriptor_of_one_that_is_gone_is_heard)
{
    id.world.wall_ms = stalling_wall_ms;
    struct raw first = raw_partner();
    raw_hello(&first, &kr, &id);
    (void)raw_frame(&first, FRAME_WELCOME);
    size_t files = open_files();
    struct raw silent = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&silent));
    atomic_store(&stalls, true);
    raw_hello(&first, &kr, &id);
    ck_assert(soon(atomic_load(&is_stalled)));
    raw_close(&silent);
    ck_assert(soon(open_files() == files));
    struct raw second = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&second));
    raw_hello(&second, &kr, &id);
    ck_assert_uint_eq(raw_receive(&second, 100).size, 0);
    atomic_store(&stalls, false);
    for (int turn = 0; turn < 3; turn++) {
        (void)raw_frame(&second, FRAME_WELCOME);
        raw_hello(&second, &kr, &id);
    }
    raw_close(&second);
    raw_close(&first);
    pair_end();
}
END_TEST

/* While the inbox is busy a connection says more and goes, and the next one comes. */
START_TEST(what_is_left_of_a_connection_that_is_gone_does_not_stand_for_a_new_one)
{
    struct buffer out = {0};
    const struct frame_push push = {.first = 5, .checkpoint = bytes_of("note", 4)};
    id.world.wall_ms = stalling_wall_ms;
    struct raw gone = raw_partner();
    raw_hello(&gone, &kr, &id);
    (void)raw_frame(&gone, FRAME_WELCOME);
    atomic_store(&stalls, true);
    raw_hello(&gone, &kr, &id);
    ck_assert(soon(atomic_load(&is_stalled)));
    raw_hello(&gone, &kr, &id);
    raw_hello(&gone, &kr, &id); /* connections take turns: read after the next one's */
    ck_assert_uint_eq(raw_receive(&gone, 100).size, 0);
    size_t files = open_files();
    raw_close(&gone);
    ck_assert(soon(open_files() < files));
    struct raw next = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&next));
    raw_hello(&next, &kr, &id);
    ck_assert_uint_eq(raw_receive(&next, 100).size, 0);
    atomic_store(&stalls, false);
    (void)raw_frame(&next, FRAME_WELCOME);
    frame_push_pack(&push, &out);
    raw_send(&next, buffer_bytes(&out), 0);
    ck_assert_int_eq(raw_frame(&next, FRAME_REFUSE).refuse.refusal, REFUSAL_ORDER);
    raw_close(&next);
    buffer_free(&out);
    pair_end();
}
END_TEST

START_TEST(a_partner_that_does_not_read_delays_no_other)
{
    struct mesh_node uy;
    node_init(&uy, "UY", "aduana.gub.uy", true);
    node_trust(&id, &uy);
    node_trust(&uy, &id);
    node_open(&uy);
    struct raw raw = raw_partner();
    node_link(&uy);
    ck_assert(soon(is_open(&id, "UY")));
    for (int i = 0; i < 3000; i++) {
        raw_hello(&raw, &kr, &id);
    }
    node_append(&uy, "ID", 1, 100);
    uint64_t start = fixture_now_ms();
    ck_assert(soon(node_status(&uy, "ID").receipted >= 1));
    ck_assert_uint_lt(fixture_now_ms() - start, 1000);
    raw_close(&raw);
    node_end(&uy);
    pair_end();
}
END_TEST

/* ---- start and stop ---- */

START_TEST(a_port_that_is_taken_is_told_and_nothing_is_left_running)
{
    struct link *link = NULL;
    nodes_pair(&kr, &id);
    node_link(&id);
    memcpy(kr.config.binds[0], id.config.binds[0], sizeof kr.config.binds[0]);
    assert_fails(link_start(&kr.flow, &link, &error), RESULT_IO, "is another program there?");
    ck_assert_ptr_null(link);
    memcpy(kr.config.binds[0], kr.card.mesh_endpoint, sizeof kr.config.binds[0]);
    node_link(&kr);
    ck_assert(soon(is_open(&kr, "ID")));
    pair_end();
}
END_TEST

START_TEST(all_endpoints_of_the_configuration_are_bound)
{
    (void)snprintf(id.config.binds[1], ENDPOINT_MAX_BYTES, "tcp://127.0.0.1:%u", fixture_port());
    (void)snprintf(id.config.binds[2], ENDPOINT_MAX_BYTES, "tcp://[::1]:%u", fixture_port());
    id.config.bind_count = 3;
    nodes_pair(&kr, &id);
    node_link(&id);
    memcpy(id.card.mesh_endpoint, id.config.binds[1], sizeof id.card.mesh_endpoint);
    struct raw raw = raw_dial(&id, kr.keys[KEY_TRANSPORT], NULL);
    ck_assert(raw_is_admitted(&raw));
    raw_close(&raw);
    memcpy(id.card.mesh_endpoint, id.config.binds[0], sizeof id.card.mesh_endpoint);
    pair_end();
}
END_TEST

START_TEST(a_wildcard_endpoint_is_proven_over_loopback)
{
    (void)snprintf(id.config.binds[0], ENDPOINT_MAX_BYTES, "tcp://0.0.0.0:%u", fixture_port());
    node_open(&id);
    node_link(&id);
    ck_assert_uint_eq(node_metric(&id, METRIC_REJECTIONS), 1);
    pair_end();
}
END_TEST

START_TEST(a_node_without_endpoint_proves_its_gate_too)
{
    struct mesh_node uy;
    node_init(&uy, "UY", "aduana.gub.uy", false);
    node_open(&uy);
    node_link(&uy);
    ck_assert_uint_eq(node_metric(&uy, METRIC_REJECTIONS), 1);
    node_end(&uy);
    pair_end();
}
END_TEST

START_TEST(two_parties_without_endpoint_are_told_that_nobody_can_dial)
{
    struct mesh_node uy;
    struct mesh_node py;
    node_init(&uy, "UY", "aduana.gub.uy", false);
    node_init(&py, "PY", "aduana.gov.py", false);
    nodes_pair(&uy, &py);
    node_link(&uy);
    ck_assert(soon(strstr(node_status(&uy, "PY").trouble, "nobody can dial") != NULL));
    node_end(&uy);
    node_end(&py);
    pair_end();
}
END_TEST

START_TEST(a_new_partner_is_dialled_after_a_reload_and_the_first_to_knock_is_let_in_then)
{
    node_open(&kr);
    node_open(&id);
    node_link(&kr);
    node_link(&id);
    ck_assert_str_eq(node_status(&kr, "ID").party, "");
    node_trust(&id, &kr);
    node_read_cards(&id);
    ck_assert(soon(node_status(&id, "KR").outgoing == LANE_REFUSED));
    node_trust(&kr, &id);
    node_read_cards(&kr);
    ck_assert(soon(is_open(&kr, "ID") && is_open(&id, "KR")));
    pair_end();
}
END_TEST

START_TEST(a_partner_that_moves_is_dialled_at_its_new_endpoint)
{
    link_both();
    ck_assert(soon(is_open(&kr, "ID")));
    node_close(&id);
    (void)snprintf(id.card.mesh_endpoint, sizeof id.card.mesh_endpoint, "tcp://127.0.0.1:%u",
                   fixture_port());
    memcpy(id.config.binds[0], id.card.mesh_endpoint, sizeof id.card.mesh_endpoint);
    node_sign_card(&id);
    node_trust(&kr, &id);
    node_open(&id);
    node_link(&id);
    node_read_cards(&kr);
    ck_assert(soon(is_open(&kr, "ID")));
    pair_end();
}
END_TEST

START_TEST(a_partner_is_dialled_by_its_name)
{
    const char *port = strrchr(id.config.binds[0], ':');
    (void)snprintf(id.card.mesh_endpoint, sizeof id.card.mesh_endpoint, "tcp://localhost%s", port);
    node_sign_card(&id);
    link_both();
    ck_assert(soon(is_open(&kr, "ID")));
    pair_end();
}
END_TEST

START_TEST(a_name_that_is_not_found_is_told_and_delays_no_other)
{
    struct mesh_node uy;
    node_init(&uy, "UY", "aduana.gub.uy", true);
    (void)snprintf(uy.card.mesh_endpoint, sizeof uy.card.mesh_endpoint,
                   "tcp://no-such-host.invalid:7443");
    node_sign_card(&uy);
    node_trust(&kr, &uy);
    link_both();
    ck_assert(soon(is_open(&kr, "ID")));
    ck_assert(soon(strstr(node_status(&kr, "UY").trouble, "is not found") != NULL));
    node_end(&uy);
    pair_end();
}
END_TEST

START_TEST(a_partner_that_begins_to_listen_is_dialled_and_one_that_ceases_dials)
{
    struct mesh_node uy;
    node_init(&uy, "UY", "aduana.gub.uy", false);
    nodes_pair(&kr, &uy);
    node_link(&kr);
    node_link(&uy);
    ck_assert(soon(is_open(&kr, "UY")));
    node_close(&uy);
    (void)snprintf(uy.card.mesh_endpoint, sizeof uy.card.mesh_endpoint, "tcp://127.0.0.1:%u",
                   fixture_port());
    memcpy(uy.config.binds[0], uy.card.mesh_endpoint, sizeof uy.card.mesh_endpoint);
    uy.config.bind_count = 1;
    node_sign_card(&uy);
    node_trust(&kr, &uy);
    node_read_cards(&kr);
    node_open(&uy);
    node_link(&uy);
    node_append(&kr, "UY", 4, 100);
    node_append(&uy, "KR", 4, 100);
    ck_assert(soon(node_status(&kr, "UY").receipted >= 4 && node_status(&uy, "KR").receipted >= 4));
    node_end(&uy);
    pair_end();
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
        a_stranger_is_refused_for_good,
        a_removed_card_ends_the_live_lane_within_a_second_and_nothing_comes_after,
        others_come_back_by_themselves_when_a_card_is_removed,
        a_key_that_expires_ends_its_lane,
        a_node_that_was_not_admitted_does_not_knock_until_its_cards_change,
        a_node_that_was_not_admitted_knocks_again_after_five_minutes,
        a_node_whose_key_is_admitted_no_more_shows_its_other_one_at_once_each_time,
        the_second_key_of_a_card_is_tried_when_the_first_has_no_server,
        a_message_of_many_frames_is_cut_and_its_sender_turned_away,
        a_party_that_was_turned_away_may_come_back_after_five_minutes,
        an_empty_message_is_cut,
        random_bytes_are_answered_with_malformed_and_end_the_lane,
        a_frame_of_the_largest_size_is_read_and_one_byte_more_cuts_the_connection,
        a_claimed_routing_id_is_not_listened_to,
        a_hello_in_the_name_of_another_party_is_refused,
        a_push_without_hello_is_told_to_say_hello,
        a_newer_connection_of_a_party_replaces_the_older_one,
        a_connection_with_the_descriptor_of_one_that_is_gone_is_heard,
        what_is_left_of_a_connection_that_is_gone_does_not_stand_for_a_new_one,
        a_partner_that_does_not_read_delays_no_other,
        a_port_that_is_taken_is_told_and_nothing_is_left_running,
        all_endpoints_of_the_configuration_are_bound,
        a_wildcard_endpoint_is_proven_over_loopback,
        a_node_without_endpoint_proves_its_gate_too,
        two_parties_without_endpoint_are_told_that_nobody_can_dial,
        a_new_partner_is_dialled_after_a_reload_and_the_first_to_knock_is_let_in_then,
        a_partner_that_moves_is_dialled_at_its_new_endpoint,
        a_partner_is_dialled_by_its_name,
        a_name_that_is_not_found_is_told_and_delays_no_other,
        a_partner_that_begins_to_listen_is_dialled_and_one_that_ceases_dials,
    };
    return suite_run("link", tests, SUITE_COUNT(tests), pair_start);
}
