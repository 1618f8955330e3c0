/* Questions over a lane: ours to the partner about what it holds, and the partner's to us. A
 * question costs the asker one frame and us a run of the views, so that few are answered in a
 * second. See lane.h; what is held and how it is compared is node/flow/reconcile.h's. */
#include "node/link/lane_parts.h"

#include "node/core/log.h"
#include "node/flow/fetch.h"

static bool half_speaks(const struct lane_half *half)
{
    return half->state == LANE_OPEN && half->version >= LANE_VERSION_ASK;
}

static bool speaks(const struct lane *lane)
{
    return lane->connected &&
           (half_speaks(&lane->outgoing_half) || half_speaks(&lane->incoming_half));
}

/* ---- theirs ---- */

/* The partner lacks entries of ours that it had or should have: our hello finds out which. */
static void hello_again(struct lane *lane)
{
    struct lane_half *half = &lane->outgoing_half;
    log_event(LOG_LEVEL_INFO, "link", "resend asked by the partner", "partner=%s state=%s",
              lane->party, lane_state_text(half->state));
    if (half->wanted && half->state == LANE_OPEN) {
        half->hello_due_ms = lane_now_ms(lane->host) + LANE_PAUSE_MS;
    }
}

static enum result answer_ask(struct lane *lane, const struct frame_ask *ask, struct buffer *out,
                              struct error *error)
{
    const struct lane_host *host = lane->host;
    if (ask->max == 0) {
        hello_again(lane);
    } else {
        log_event(LOG_LEVEL_INFO, "link", "reconcile asked by the partner",
                  "partner=%s channel=%.*s first=%llu", lane->party, TEXT_ARGS(ask->origin),
                  (unsigned long long)ask->first);
    }
    return reconcile_answer(host->reader, text_of(lane->party), ask, &lane->host->arena, out,
                            error);
}

static enum result answer_fetch(struct lane *lane, const struct frame_fetch *asked,
                                struct buffer *out, struct error *error)
{
    struct lane_host *host = lane->host;
    log_event(LOG_LEVEL_DEBUG, "link", "fetched back by the partner",
              "partner=%s channel=%.*s first=%llu", lane->party, TEXT_ARGS(asked->origin),
              (unsigned long long)asked->first);
    return fetch_answer(host->reader, text_of(lane->party), asked, &host->arena, out, error);
}

static void answer(struct lane *lane, const struct frame *frame)
{
    struct buffer out = {0};
    struct error error;
    lane->answers++;
    enum result result = frame->kind == FRAME_ASK ? answer_ask(lane, &frame->ask, &out, &error)
                                                  : answer_fetch(lane, &frame->fetch, &out, &error);
    if (result == RESULT_OK) {
        lane_post(lane, buffer_bytes(&out));
    } else {
        log_error("link", "question of a partner not answered", &error);
    }
    buffer_free(&out);
}

void lane_take_ask(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    if (!speaks(lane)) {
        return;
    }
    if (lane->answers < LANE_ANSWERS) {
        answer(lane, frame);
    } else {
        struct buffer *kept = frame->kind == FRAME_ASK ? &lane->kept_ask : &lane->kept_fetch;
        buffer_clear(kept);
        buffer_append(kept, bytes.data, bytes.size);
    }
}

static void answer_kept(struct lane *lane, struct buffer *kept)
{
    struct frame frame;
    struct error error;
    if (kept->size > 0 && speaks(lane)) {
        arena_reset(&lane->host->arena);
        if (frame_unpack(buffer_bytes(kept), &lane->host->arena, &frame, &error) == RESULT_OK) {
            answer(lane, &frame);
        }
    }
    buffer_clear(kept);
}

void lane_ask_tick(struct lane *lane)
{
    lane->answers = 0;
    answer_kept(lane, &lane->kept_fetch);
    answer_kept(lane, &lane->kept_ask);
}

/* ---- ours ---- */

void lane_ask_turn(struct lane *lane)
{
    struct buffer ask = {0};
    if (speaks(lane) &&
        desk_next(lane->host->desk, lane->party, half_speaks(&lane->incoming_half), &ask)) {
        lane_post(lane, buffer_bytes(&ask));
    }
    buffer_free(&ask);
}

void lane_take_holds(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    if (lane->incoming != NULL && incoming_holds(lane->incoming, &frame->holds)) {
        incoming_tick(lane->incoming);
    } else if (!desk_put(lane->host->desk, lane->party, frame->holds.number, bytes)) {
        log_event(LOG_LEVEL_DEBUG, "link", "answer passed over", "partner=%s question=%llu",
                  lane->party, (unsigned long long)frame->holds.number);
    }
}
