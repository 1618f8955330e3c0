/* What comes in over a lane: each kind of frame is taken in the states of its direction that the
 * table names, and refused or passed over in the others. See lane.h. */
#include "node/link/lane_parts.h"

#include "node/core/log.h"

#include <stdio.h>

void lane_refuse(struct lane *lane, const struct refused *refused)
{
    struct buffer frame = {0};
    const struct frame_refuse refuse = {.refusal = refused->refusal,
                                        .index = refused->index,
                                        .sentence = text_of(refused->sentence)};
    frame_refuse_pack(&refuse, &frame);
    lane_post(lane, buffer_bytes(&frame));
    buffer_free(&frame);
}

/* A direction ends by refusal. Where both logs or keys disagree a person must look. */
void lane_half_end(struct lane *lane, struct lane_half *half, enum refusal refusal)
{
    bool held = refusal == REFUSAL_HELD || refusal == REFUSAL_ROOT ||
                refusal == REFUSAL_SIGNATURE || refusal == REFUSAL_FORK ||
                refusal == REFUSAL_BEHIND;
    if (!half->wanted) {
        return;
    }
    half->welcome_by_ms = 0;
    if (half == &lane->outgoing_half) {
        half->hello_due_ms =
            lane_now_ms(lane->host) + (refusal == REFUSAL_KEY ? LANE_KEY_MS : LANE_RETRY_MS);
        buffer_clear(&lane->push);
        outgoing_reset(lane->outgoing);
    }
    lane_state_set(lane, half, held ? LANE_HELD : LANE_REFUSED);
}

void lane_half_refuse(struct lane *lane, struct lane_half *half, const struct refused *refused)
{
    lane_refuse(lane, refused);
    lane_trouble(lane, "refused %s: %s", lane->party, refused->sentence);
    if (refusal_ends_lane(refused->refusal)) {
        lane_half_end(lane, half, refused->refusal);
    }
}

bool lane_settle(struct lane *lane, struct lane_half *half, enum result result,
                 struct refused *refused, struct error *error)
{
    if (refused->refusal != 0) {
        lane_half_refuse(lane, half, refused);
        return false;
    }
    if (result != RESULT_OK) {
        log_error("link", "frame not taken", error);
        (void)refuse_with(refused, REFUSAL_INTERNAL, 0, result, "this node cannot take it now (%s)",
                          result_text(result));
        lane_half_refuse(lane, half, refused);
        return false;
    }
    return true;
}

/* A direction is open: what was in the way of it is history. */
static void opened(struct lane *lane, struct lane_half *half)
{
    const struct lane_half *other =
        half == &lane->outgoing_half ? &lane->incoming_half : &lane->outgoing_half;
    lane_state_set(lane, half, LANE_OPEN);
    if (other->state != LANE_REFUSED && other->state != LANE_HELD) {
        lane->trouble[0] = '\0';
    }
    lane_texts_opened(lane);
}

/* ---- their channel to us ---- */

void lane_take_hello(struct lane *lane, const struct frame_hello *hello, struct bytes frame)
{
    struct refused refused = {0};
    struct error error;
    struct buffer welcome = {0};
    lane_state_set(lane, &lane->incoming_half, LANE_HELLO);
    enum result result = incoming_hello(lane->incoming, hello, &welcome, &refused, &error);
    if (result == RESULT_BUSY) {
        buffer_clear(&lane->kept_hello);
        buffer_append(&lane->kept_hello, frame.data, frame.size);
    } else if (lane_settle(lane, &lane->incoming_half, result, &refused, &error)) {
        lane->incoming_half.version = incoming_version(lane->incoming);
        opened(lane, &lane->incoming_half);
        lane_post(lane, buffer_bytes(&welcome));
        buffer_clear(&welcome);
        if (incoming_ask(lane->incoming, &welcome, &error) != RESULT_OK) {
            log_error("link", "what the partner holds is not asked", &error);
        } else if (welcome.size > 0) {
            lane_post(lane, buffer_bytes(&welcome));
        }
    }
    buffer_free(&welcome);
}

static void take_hello(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    lane_take_hello(lane, &frame->hello, bytes);
}

static void take_push(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    struct refused refused = {0};
    struct error error;
    (void)bytes;
    enum result result = incoming_push(lane->incoming, &frame->push, &refused, &error);
    (void)lane_settle(lane, &lane->incoming_half, result, &refused, &error);
}

static void refuse_hello(struct lane *lane)
{
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_INTERNAL, 0, RESULT_UNSUPPORTED,
                      "this lane takes no channel of yours; dial the endpoint of our newest card");
    lane_half_refuse(lane, &lane->incoming_half, &refused);
}

static void refuse_push(struct lane *lane)
{
    struct refused refused;
    (void)refuse_with(&refused, REFUSAL_NO_HELLO, 0, RESULT_INVALID, "say hello first");
    lane_refuse(lane, &refused);
}

/* ---- our channel to them ---- */

static void take_welcome(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    struct refused refused = {0};
    struct error error;
    (void)bytes;
    enum result result = outgoing_welcome(lane->outgoing, &frame->welcome, &refused, &error);
    lane->outgoing_half.welcome_by_ms = 0;
    if (lane_settle(lane, &lane->outgoing_half, result, &refused, &error)) {
        lane->outgoing_half.version = frame->welcome.version;
        if (outgoing_is_fetching(lane->outgoing)) {
            lane_state_set(lane, &lane->outgoing_half, LANE_FETCHING);
        } else {
            opened(lane, &lane->outgoing_half);
        }
    } else if (lane->outgoing_half.state == LANE_HELLO) {
        lane->outgoing_half.hello_due_ms = lane_now_ms(lane->host) + LANE_PAUSE_MS;
    }
}

static void take_receipt(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    struct refused refused = {0};
    struct error error;
    (void)bytes;
    enum result result = outgoing_receipt(lane->outgoing, &frame->receipt, &refused, &error);
    (void)lane_settle(lane, &lane->outgoing_half, result, &refused, &error);
}

/* ---- refusals ---- */

/* A refuse frame does not say which direction it is about. A refusal of ours can only answer a
 * hello or a push that is not answered yet; without one it is about what we said of theirs. */
static struct lane_half *concerned(struct lane *lane)
{
    struct outgoing_state state;
    if (!lane->outgoing_half.wanted) {
        return &lane->incoming_half;
    }
    outgoing_state(lane->outgoing, &state);
    bool unanswered = lane->outgoing_half.state == LANE_HELLO || state.in_flight_bytes > 0;
    return unanswered || !lane->incoming_half.wanted ? &lane->outgoing_half : &lane->incoming_half;
}

/* Goes on after a refusal that does not end the lane, but not at once. */
static void resume_outgoing(struct lane *lane, const struct frame_refuse *refuse)
{
    struct lane_half *half = &lane->outgoing_half;
    struct outgoing_state state;
    uint64_t due_ms = lane_now_ms(lane->host) + LANE_PAUSE_MS;
    if (half->state != LANE_OPEN) {
        return;
    }
    if (refuse->refusal == REFUSAL_NO_HELLO) {
        outgoing_reset(lane->outgoing);
    }
    buffer_clear(&lane->push);
    lane->push_due_ms = due_ms;
    outgoing_state(lane->outgoing, &state);
    if (!state.open) {
        lane_state_set(lane, half, LANE_CONNECTING);
        half->hello_due_ms = due_ms;
    }
}

static void take_refuse(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    const struct frame_refuse *refused = &frame->refuse;
    struct lane_half *half = concerned(lane);
    (void)bytes;
    lane_trouble(lane, "%s refused (%s): %.*s", lane->party, refusal_text(refused->refusal),
                 TEXT_ARGS(refused->sentence));
    if (half == &lane->outgoing_half) {
        outgoing_refused(lane->outgoing, refused);
    }
    if (refusal_ends_lane(refused->refusal)) {
        lane_half_end(lane, half, refused->refusal);
    } else if (half == &lane->outgoing_half) {
        resume_outgoing(lane, refused);
    }
}

/* ---- the table ---- */

#define STATE(state) (1u << (state))
#define STATES_WANTED                                                                              \
    (STATE(LANE_CONNECTING) | STATE(LANE_HELLO) | STATE(LANE_FETCHING) | STATE(LANE_OPEN) |        \
     STATE(LANE_REFUSED) | STATE(LANE_HELD))
#define STATES_ALL (STATE(LANE_NONE) | STATES_WANTED)

struct rule {
    bool outgoing;    /* about our channel to them */
    unsigned taken;   /* states of that direction in which the frame is taken */
    unsigned refused; /* in which it is refused; else it is passed over */
    void (*take)(struct lane *lane, const struct frame *frame, struct bytes bytes);
    void (*refuse)(struct lane *lane);
};

/* What is passed over: a welcome or receipt that an earlier connection left behind, and pushes
 * behind one that ended the lane. */
static const struct rule rules[] = {
    [FRAME_HELLO] = {false, STATES_WANTED, STATE(LANE_NONE), take_hello, refuse_hello},
    [FRAME_WELCOME] = {true, STATE(LANE_HELLO), 0, take_welcome, NULL},
    [FRAME_PUSH] = {false, STATE(LANE_OPEN), STATE(LANE_CONNECTING), take_push, refuse_push},
    [FRAME_RECEIPT] = {true, STATE(LANE_OPEN), 0, take_receipt, NULL},
    [FRAME_REFUSE] = {true, STATES_ALL, 0, take_refuse, NULL},
    [FRAME_ASK] = {true, STATES_ALL, 0, lane_take_ask, NULL},
    [FRAME_HOLDS] = {true, STATES_ALL, 0, lane_take_holds, NULL},
    [FRAME_CARD] = {true, STATES_ALL, 0, lane_take_text, NULL},
    [FRAME_AGREEMENT] = {true, STATES_ALL, 0, lane_take_text, NULL},
    [FRAME_TEXTS] = {true, STATES_ALL, 0, lane_take_text, NULL},
    [FRAME_WANT] = {true, STATES_ALL, 0, lane_take_text, NULL},
    [FRAME_REVOCATION] = {true, STATES_ALL, 0, lane_take_text, NULL},
    [FRAME_FETCH] = {true, STATES_ALL, 0, lane_take_ask, NULL},
    [FRAME_ENTRIES] = {true, STATE(LANE_FETCHING), 0, lane_take_entries, NULL},
};

static void dispatch(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    static const struct rule passed_over = {0};
    const struct rule *rule =
        (size_t)frame->kind < sizeof rules / sizeof rules[0] ? &rules[frame->kind] : &passed_over;
    const struct lane_half *half = rule->outgoing ? &lane->outgoing_half : &lane->incoming_half;
    if ((rule->taken & STATE(half->state)) != 0) {
        rule->take(lane, frame, bytes);
    } else if ((rule->refused & STATE(half->state)) != 0) {
        rule->refuse(lane);
    } else {
        log_event(LOG_LEVEL_DEBUG, "link", "frame passed over", "partner=%s kind=%u state=%s",
                  lane->party, (unsigned)frame->kind, lane_state_text(half->state));
    }
}

void lane_cut(struct lane *lane, const char *sentence)
{
    struct refused refused;
    metrics_add(lane->host->flow->metrics, METRIC_FRAMES_CUT, 1);
    (void)refuse_with(&refused, REFUSAL_MALFORMED, 0, RESULT_INVALID, "%s", sentence);
    lane_refuse(lane, &refused);
    lane_trouble(lane, "%s sent what is no frame: %s", lane->party, sentence);
    lane_half_end(lane, &lane->outgoing_half, REFUSAL_MALFORMED);
    lane_half_end(lane, &lane->incoming_half, REFUSAL_MALFORMED);
}

void lane_receive(struct lane *lane, struct bytes bytes)
{
    struct flow *flow = lane->host->flow;
    struct frame frame;
    struct error error;
    uint64_t start = world_steady_ns(flow->world);
    arena_reset(&lane->host->arena);
    enum result result = frame_unpack(bytes, &lane->host->arena, &frame, &error);
    metrics_add(flow->metrics, METRIC_STEP_WIRE, world_steady_ns(flow->world) - start);
    metrics_add(flow->metrics, METRIC_FRAMES_RECEIVED, 1);
    lane->last_heard_ms = world_wall_ms(flow->world);
    lane->changed = true;
    if (result != RESULT_OK) {
        lane_cut(lane, error.message);
        return;
    }
    dispatch(lane, &frame, bytes);
}
