/* The outbox. See outbox.h. */
#include "node/link/outbox.h"

bool outbox_put(struct outbox *outbox, struct bytes frame)
{
    if (outbox->count == OUTBOX_FRAMES_MAX) {
        return false;
    }
    struct buffer *place = &outbox->frames[(outbox->first + outbox->count) % OUTBOX_FRAMES_MAX];
    buffer_clear(place);
    buffer_append(place, frame.data, frame.size);
    if (place->failed) {
        buffer_free(place);
        return false;
    }
    outbox->count++;
    return true;
}

struct bytes outbox_first(const struct outbox *outbox)
{
    return outbox->count == 0 ? (struct bytes){NULL, 0}
                              : buffer_bytes(&outbox->frames[outbox->first]);
}

void outbox_drop(struct outbox *outbox)
{
    if (outbox->count > 0) {
        outbox->first = (outbox->first + 1) % OUTBOX_FRAMES_MAX;
        outbox->count--;
    }
}

void outbox_free(struct outbox *outbox)
{
    for (size_t i = 0; i < OUTBOX_FRAMES_MAX; i++) {
        buffer_free(&outbox->frames[i]);
    }
    *outbox = (struct outbox){0};
}
