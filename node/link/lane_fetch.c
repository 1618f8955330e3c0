/* What this store has lost, given back over the lane on which our hello found it out. See lane.h;
 * what is asked and what counts is node/flow/fetch.h's. */
#include "node/link/lane_parts.h"

void lane_fetch_turn(struct lane *lane, uint64_t now_ms)
{
    struct lane_half *half = &lane->outgoing_half;
    struct buffer frame = {0};
    struct error error;
    if (!lane->connected || half->state != LANE_FETCHING || half->hello_due_ms != 0) {
        return;
    }
    if (outgoing_is_fetched(lane->outgoing)) {
        half->hello_due_ms = now_ms;
    } else if (outgoing_fetch(lane->outgoing, &frame, &error) != RESULT_OK) {
        lane_trouble(lane, "nothing is fetched back from %s: %s", lane->party, error.message);
        half->hello_due_ms = now_ms + LANE_PAUSE_MS;
    } else if (frame.size > 0) {
        half->welcome_by_ms = now_ms + LANE_WELCOME_MS;
        lane_post(lane, buffer_bytes(&frame));
    }
    buffer_free(&frame);
}

void lane_take_entries(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    struct refused refused = {0};
    struct error error;
    (void)bytes;
    lane->outgoing_half.welcome_by_ms = 0;
    enum result result = outgoing_entries(lane->outgoing, &frame->entries, &refused, &error);
    if (!lane_settle(lane, &lane->outgoing_half, result, &refused, &error) &&
        lane->outgoing_half.state == LANE_FETCHING) {
        lane->outgoing_half.hello_due_ms = lane_now_ms(lane->host) + LANE_PAUSE_MS;
    }
}
