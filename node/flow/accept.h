/* Theirs, coming in: a partner's pushes are verified, checked and stored, and answered with a
 * receipt. An incoming is one partner's channel to us; it lives in the thread of the socket that
 * hosts it, across lanes. Nothing here knows a socket: frames go out through the caller. */
#ifndef COMESH_NODE_FLOW_ACCEPT_H
#define COMESH_NODE_FLOW_ACCEPT_H

#include "node/flow/flow.h"
#include "proto/frame.h"

struct incoming;

/* Why a frame is refused: what goes back in a refuse frame. */
struct refused {
    enum refusal refusal; /* 0: not refused */
    uint64_t index;
    char sentence[FRAME_SENTENCE_BYTES];
};

/* Fills a refusal and returns `code`. */
enum result refuse_with(struct refused *refused, enum refusal refusal, uint64_t index,
                        enum result code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The refusal of a partner's clock that is too far ahead of ours, with both times. */
enum result refuse_clock(uint64_t theirs_ms, uint64_t ours_ms, struct refused *refused);

/* What the host gets back, in its own thread, after a push was committed or failed: a receipt or
 * refuse frame to send, already packed. Also after a commit that frees credit. */
typedef void incoming_reply(void *self, struct incoming *incoming, const struct buffer *frame,
                            bool ends_lane);

/* `partner` is the party that the transport key belongs to, proven by CURVE. `home` is the host's
 * queue, its `reader` the host thread's own. */
enum result incoming_new(struct flow *flow, struct store_reader *reader, struct text partner,
                         struct queue *home, incoming_reply *reply, void *self,
                         struct incoming **incoming, struct error *error) RESULT_CHECKED;

/* Frees it once its last push is home; the host must go on taking its queue until
 * incoming_pending is 0, then destroy. */
size_t incoming_pending(const struct incoming *incoming);
void incoming_destroy(struct incoming **incoming);

/* A hello: appends the welcome frame to `out`, or fills `refused`. RESULT_BUSY while pushes of an
 * earlier lane are being committed: keep the hello and ask again after the next reply. */
enum result incoming_hello(struct incoming *incoming, const struct frame_hello *hello,
                           struct buffer *out, struct refused *refused,
                           struct error *error) RESULT_CHECKED;

/* A push: verified here, committed by the writer, answered through `reply`. A refusal that comes at
 * once is in `refused`; a held channel stays held until a person releases it. */
enum result incoming_push(struct incoming *incoming, const struct frame_push *push,
                          struct refused *refused, struct error *error) RESULT_CHECKED;

/* The version of the lane that the last welcome chose; 0 before it. */
uint32_t incoming_version(const struct incoming *incoming);

/* Behind a welcome: appends the question what the partner holds of our channel, when that is not
 * known since the start; nothing else. Without it a verdict of ours could take the place of an
 * entry that this store has lost. */
enum result incoming_ask(const struct incoming *incoming, struct buffer *out,
                         struct error *error) RESULT_CHECKED;

/* The answer; false when it is to another question. */
bool incoming_holds(struct incoming *incoming, const struct frame_holds *holds);

/* It has granted no credit yet: our own channel to the partner is not known to be whole.
 * incoming_tick wants to be called soon. */
bool incoming_waits(const struct incoming *incoming);

/* Called by the host about once a second, and more often while it waits: grants credit when it does
 * not wait any more and when the store has room again, by a receipt frame without checkpoint
 * through `reply`. */
void incoming_tick(struct incoming *incoming);

#endif
