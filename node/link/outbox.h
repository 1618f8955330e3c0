/* Frames that the socket did not take at once, in their order. Small: what fills it is a partner
 * that does not read. One thread. */
#ifndef COMESH_NODE_LINK_OUTBOX_H
#define COMESH_NODE_LINK_OUTBOX_H

#include "proto/bytes.h"

#define OUTBOX_FRAMES_MAX 16

/* Start with {0}. */
struct outbox {
    struct buffer frames[OUTBOX_FRAMES_MAX]; /* a ring */
    size_t first;
    size_t count;
};

/* Keeps a copy behind the others; false when it is full or without memory. */
bool outbox_put(struct outbox *outbox, struct bytes frame);

/* The oldest frame; empty when there is none. */
struct bytes outbox_first(const struct outbox *outbox);

/* Drops the oldest frame, keeps its memory for the next. */
void outbox_drop(struct outbox *outbox);

/* Drops all of them and frees the memory. */
void outbox_free(struct outbox *outbox);

#endif
