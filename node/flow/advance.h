/* Ours, on their way: what the channel to one partner holds and the partner does not have yet is
 * pushed in batches with a signed checkpoint, and its receipts are verified and stored. An outgoing
 * lives in the thread of the socket that hosts it. Nothing here knows a socket. */
#ifndef COMESH_NODE_FLOW_ADVANCE_H
#define COMESH_NODE_FLOW_ADVANCE_H

#include "node/flow/accept.h"

struct outgoing;

enum result outgoing_new(struct flow *flow, struct store_reader *reader, struct text partner,
                         struct queue *home, struct outgoing **outgoing,
                         struct error *error) RESULT_CHECKED;

/* As with an incoming: destroy only when nothing is pending. */
size_t outgoing_pending(const struct outgoing *outgoing);
void outgoing_destroy(struct outgoing **outgoing);

/* Starts a lane: appends the hello frame. Forgets what was in flight. */
enum result outgoing_hello(struct outgoing *outgoing, struct buffer *out,
                           struct error *error) RESULT_CHECKED;

/* The welcome: proves that the partner's log is ours up to its size, takes over a receipt that we
 * missed, and sets where to go on. A refusal that ends the lane is in `refused`, to be sent. When
 * the partner holds more than we do nothing is open yet: see outgoing_is_fetching. */
enum result outgoing_welcome(struct outgoing *outgoing, const struct frame_welcome *welcome,
                             struct refused *refused, struct error *error) RESULT_CHECKED;

/* This store is behind what it said, and the partner gives it back: outgoing_fetch appends the next
 * question when there is one, outgoing_entries takes an answer, and once outgoing_is_fetched a new
 * hello begins the channel anew. What is not what both signed holds the channel. */
bool outgoing_is_fetching(const struct outgoing *outgoing);
bool outgoing_is_fetched(const struct outgoing *outgoing);
enum result outgoing_fetch(struct outgoing *outgoing, struct buffer *out,
                           struct error *error) RESULT_CHECKED;
enum result outgoing_entries(struct outgoing *outgoing, const struct frame_entries *entries,
                             struct refused *refused, struct error *error) RESULT_CHECKED;

/* The next push frame, appended to `out`; nothing is appended when there is nothing to send, no
 * credit, or no welcome yet. Call it again until it gives nothing. Verdicts alone wait a moment for
 * company, so that a receipt is never behind one and a push carries several: see outgoing_due_ms.
 */
enum result outgoing_next(struct outgoing *outgoing, struct buffer *out,
                          struct error *error) RESULT_CHECKED;

/* Whether it knows the channel: before it, there is nothing to send until a commit makes it. */
bool outgoing_is_begun(const struct outgoing *outgoing);

/* Whether the push that outgoing_next gave last may leave: it is made while the disk still syncs
 * what it signs, and waits for the commit. What never is committed never leaves. */
bool outgoing_may_leave(const struct outgoing *outgoing);

/* Called by the host about once a second: while keys of ours change over, and this partner's node
 * understands it, our card goes into the channel. */
void outgoing_tick(struct outgoing *outgoing);

/* When outgoing_next wants to be called again though nothing is committed meanwhile: steady
 * milliseconds, UINT64_MAX when it does not. */
uint64_t outgoing_due_ms(const struct outgoing *outgoing);

/* A receipt: verified here, stored by the writer; its credit counts at once. */
enum result outgoing_receipt(struct outgoing *outgoing, const struct frame_receipt *receipt,
                             struct refused *refused, struct error *error) RESULT_CHECKED;

/* The partner refused: logged, held where a person is needed. */
void outgoing_refused(struct outgoing *outgoing, const struct frame_refuse *refuse);

/* The lane broke: what is in flight will be sent again after the next welcome. */
void outgoing_reset(struct outgoing *outgoing);

/* For `status`. */
struct outgoing_state {
    bool open;        /* welcomed */
    uint32_t version; /* of the lane, as of the last welcome */
    uint64_t sent;
    uint64_t receipted;
    uint64_t in_flight_bytes;
    uint64_t credit;
    int64_t clock_ahead_ms; /* of the partner, as of its last welcome */
};
void outgoing_state(const struct outgoing *outgoing, struct outgoing_state *state);

#endif
