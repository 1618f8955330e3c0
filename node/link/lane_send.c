/* What goes out over a lane: answers in their order, then pushes. What the socket does not take now
 * waits here, and little of it. See lane.h. */
#include "node/link/lane_parts.h"

static enum lane_sent transmit(struct lane *lane, struct bytes frame)
{
    struct flow *flow = lane->host->flow;
    uint64_t start = world_steady_ns(flow->world);
    enum lane_sent sent = lane->host->send(lane, frame);
    uint64_t now = world_steady_ns(flow->world);
    metrics_add(flow->metrics, METRIC_STEP_WIRE, now - start);
    if (sent == LANE_SENT) {
        metrics_add(flow->metrics, METRIC_FRAMES_SENT, 1);
        lane->blocked_since_ms = 0;
        lane->changed = true;
    } else if (sent == LANE_BLOCKED && lane->blocked_since_ms == 0) {
        lane->blocked_since_ms = now / 1000000;
    }
    return sent;
}

void lane_flush(struct lane *lane)
{
    while (lane->connected && lane->outbox.count > 0) {
        enum lane_sent sent = transmit(lane, outbox_first(&lane->outbox));
        if (sent == LANE_GONE) {
            lane_disconnected(lane, "the connection was lost");
        } else if (sent == LANE_BLOCKED) {
            return;
        } else {
            outbox_drop(&lane->outbox);
        }
    }
}

void lane_post(struct lane *lane, struct bytes frame)
{
    if (!lane->connected) {
        return;
    }
    if (!outbox_put(&lane->outbox, frame)) {
        lane_disconnected(lane, "the partner does not read what we send; it must say hello again");
        return;
    }
    lane_flush(lane);
}

/* Has the host woken by the next commit. Said before what it may change is looked at, so that a
 * commit in between wakes. */
static void wait_for_commit(const struct lane *lane, bool waits)
{
    if (waits) {
        atomic_store(&lane->host->holds, true);
    }
}

bool lane_push(struct lane *lane, uint64_t now_ms)
{
    struct error error;
    if (!lane->connected || lane->outgoing_half.state != LANE_OPEN || lane->outbox.count > 0 ||
        now_ms < lane->push_due_ms) {
        return false;
    }
    if (lane->push.size == 0) {
        wait_for_commit(lane, !outgoing_is_begun(lane->outgoing));
        enum result result = outgoing_next(lane->outgoing, &lane->push, &error);
        if (result != RESULT_OK) {
            buffer_clear(&lane->push);
            lane_trouble(lane, "no push to %s: %s", lane->party, error.message);
            lane->push_due_ms = now_ms + LANE_PAUSE_MS;
        }
    }
    if (lane->push.size == 0 || !outgoing_may_leave(lane->outgoing)) {
        return false;
    }
    enum lane_sent sent = transmit(lane, buffer_bytes(&lane->push));
    if (sent == LANE_SENT) {
        buffer_clear(&lane->push);
    } else if (sent == LANE_GONE) {
        lane_disconnected(lane, "the connection was lost");
    }
    return sent == LANE_SENT;
}

uint64_t lane_due_ms(const struct lane *lane)
{
    if (lane->outgoing == NULL || lane->outgoing_half.state != LANE_OPEN) {
        return UINT64_MAX;
    }
    if (lane->push.size == 0 || lane->blocked_since_ms != 0) {
        return outgoing_due_ms(lane->outgoing);
    }
    wait_for_commit(lane, true);
    return outgoing_may_leave(lane->outgoing) ? 0 : UINT64_MAX;
}

bool lane_is_blocked(const struct lane *lane)
{
    return lane->connected &&
           (lane->outbox.count > 0 || (lane->push.size > 0 && lane->blocked_since_ms != 0));
}

void lane_close_credit(struct lane *lane)
{
    if (lane->incoming_half.state == LANE_OPEN) {
        struct buffer frame = {0};
        const struct frame_receipt stop = {.credit = 0};
        frame_receipt_pack(&stop, &frame);
        lane_post(lane, buffer_bytes(&frame));
        buffer_free(&frame);
    }
}
