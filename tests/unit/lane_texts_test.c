/* Signed texts over a lane, and to whom nothing of them is said. */
#include "node/flow/trust.h"
#include "tests/unit/lane_scene.h"

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

int main(void)
{
    const TTest *const tests[] = {
        what_is_held_is_told_when_a_lane_is_opened,
        a_partner_of_version_two_is_told_nothing_and_not_listened_to,
        signed_texts_without_somebody_who_looks_at_them_are_passed_over,
    };
    return suite_run("lane texts", tests, SUITE_COUNT(tests), fixture_start);
}
