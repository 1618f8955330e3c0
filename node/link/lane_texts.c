/* Signed texts over a lane: handed to the task that looks at them, and what it has to say carried.
 * See lane.h; what is exchanged is node/flow/trust.h's. */
#include "node/link/lane_parts.h"

#include "node/flow/trust.h"

#define FRAMES_PER_TURN 16

static bool half_speaks(const struct lane_half *half)
{
    return half->state == LANE_OPEN && half->version >= LANE_VERSION_TEXTS;
}

static bool speaks(const struct lane *lane)
{
    return lane->connected &&
           (half_speaks(&lane->outgoing_half) || half_speaks(&lane->incoming_half));
}

void lane_texts_opened(struct lane *lane)
{
    if (speaks(lane)) {
        trust_opened(lane->host->flow->trust, lane->party);
    }
}

void lane_take_text(struct lane *lane, const struct frame *frame, struct bytes bytes)
{
    if (speaks(lane)) {
        trust_put(lane->host->flow->trust, lane->party, frame->kind, bytes);
    }
}

/* One after the other as the socket takes them, so that entries are not kept waiting. */
void lane_texts_turn(struct lane *lane)
{
    struct buffer frame = {0};
    for (unsigned i = 0; i < FRAMES_PER_TURN && lane->outbox.count == 0 && speaks(lane) &&
                         trust_next(lane->host->flow->trust, lane->party, &frame);
         i++) {
        lane_post(lane, buffer_bytes(&frame));
        buffer_clear(&frame);
    }
    buffer_free(&frame);
}
