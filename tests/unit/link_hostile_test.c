/* A partner that says what no node says, claims to be another, connects twice or does not read. */
#include "tests/unit/link_scene.h"

#include <dirent.h>

START_TEST(a_message_of_many_frames_is_cut_and_its_sender_turned_away)
{
    struct raw raw = raw_partner();
    uint64_t rejections = node_metric(&id, METRIC_REJECTIONS);
    for (int i = 0; i < 8000; i++) {
        raw_send(&raw, bytes_of("x", 1), i < 7999 ? ZMQ_SNDMORE : 0);
    }
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_uint_eq(node_metric(&id, METRIC_FRAMES_CUT), 1);
    ck_assert_int_eq(node_status(&id, "KR").incoming, LANE_REFUSED);
    ck_assert_ptr_nonnull(strstr(node_status(&id, "KR").trouble, "8000 frames"));
    ck_assert(soon(node_metric(&id, METRIC_REJECTIONS) > rejections));
    raw_close(&raw);
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
}
END_TEST

START_TEST(an_empty_message_is_cut)
{
    struct raw raw = raw_partner();
    raw_send(&raw, bytes_of("", 0), 0);
    ck_assert(raw_is_cut_off(&raw));
    ck_assert_uint_eq(node_metric(&id, METRIC_FRAMES_CUT), 1);
    raw_close(&raw);
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
}
END_TEST

START_TEST(a_hello_in_the_name_of_another_party_is_refused)
{
    struct raw raw = raw_partner();
    uy_init(true);
    raw_hello(&raw, &uy, &id);
    struct frame frame = raw_frame(&raw, FRAME_REFUSE);
    ck_assert_int_eq(frame.refuse.refusal, REFUSAL_PARTY);
    ck_assert(soon(node_status(&id, "KR").incoming == LANE_REFUSED));
    raw_close(&raw);
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
}
END_TEST

START_TEST(a_partner_that_does_not_read_delays_no_other)
{
    uy_init(true);
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
    ck_assert(soon(node_status(&uy, "ID").receipted >= 1));
    raw_close(&raw);
}
END_TEST

START_TEST(a_newer_connection_of_a_party_replaces_the_older_one)
{
    struct raw first = raw_partner();
    flow_set_heard(&id.flow, TEXT("KR"));
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
}
END_TEST

/* While the inbox is busy a connection says more and goes, and the next one comes. */
START_TEST(what_is_left_of_a_connection_that_is_gone_does_not_stand_for_a_new_one)
{
    struct buffer out = {0};
    const struct frame_push push = {.first = 5, .checkpoint = bytes_of("note", 4)};
    id.world.wall_ms = stalling_wall_ms;
    struct raw gone = raw_partner();
    flow_set_heard(&id.flow, TEXT("KR"));
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
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_message_of_many_frames_is_cut_and_its_sender_turned_away,
        a_party_that_was_turned_away_may_come_back_after_five_minutes,
        an_empty_message_is_cut,
        random_bytes_are_answered_with_malformed_and_end_the_lane,
        a_frame_of_the_largest_size_is_read_and_one_byte_more_cuts_the_connection,
        a_claimed_routing_id_is_not_listened_to,
        a_hello_in_the_name_of_another_party_is_refused,
        a_push_without_hello_is_told_to_say_hello,
        a_partner_that_does_not_read_delays_no_other,
        a_newer_connection_of_a_party_replaces_the_older_one,
        a_connection_with_the_descriptor_of_one_that_is_gone_is_heard,
        what_is_left_of_a_connection_that_is_gone_does_not_stand_for_a_new_one,
    };
    return suite_run_with("link hostile", tests, SUITE_COUNT(tests), scene_start, scene_end);
}
