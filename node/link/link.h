/* The ZeroMQ side of the node as comeshd sees it: the gate that admits partners by their transport
 * key, the inbox that they dial, and the peers that we dial. */
#ifndef COMESH_NODE_LINK_LINK_H
#define COMESH_NODE_LINK_LINK_H

#include "node/flow/reconcile.h"
#include "node/flow/trial.h"

struct link;
struct trying;

/* Starts the gate, proves that it refuses a stranger, then the inbox and the peers. When it fails
 * nothing is left running. */
enum result link_start(struct flow *flow, struct link **link, struct error *error) RESULT_CHECKED;

/* Waits until each partner that we dial has said what it holds of our channel, or cannot be
 * reached; a few seconds at most. Whatever is given to the node from then on stands behind what it
 * said before. Once, behind link_start. */
void link_hear(struct link *link);

/* Wakes those who may have something to send: a batch is written, and their pushes can be made
 * while it is synced. The writer; cheap. */
void link_written(struct link *link);

/* Wakes those who hold a push that waits for this commit. The writer; cheap. */
void link_committed(struct link *link);

/* The directory has changed, or a person released a channel: lanes with a key that is no longer
 * trusted close at once, new partners are dialled, what was refused is tried again. Any thread. */
void link_reload(struct link *link);

/* Orderly: stops taking, lets what is in the writer come home, closes sockets, the gate last. */
void link_stop(struct link **link);

/* How each partner stands, for `status`. */
enum lane_state {
    LANE_NONE,
    LANE_CONNECTING,
    LANE_HELLO,
    LANE_FETCHING, /* our channel: the partner gives back what this store has lost */
    LANE_OPEN,
    LANE_REFUSED,
    LANE_HELD
};
struct link_partner {
    char party[PARTY_MAX_BYTES];
    enum lane_state outgoing; /* our channel to them */
    enum lane_state incoming; /* their channel to us */
    uint32_t version;         /* of the lane that is open, the higher where two are; 0 none */
    uint64_t sent;
    uint64_t receipted;
    uint64_t in_flight_bytes;
    uint64_t credit;
    int64_t clock_ahead_ms;
    uint64_t last_heard_ms; /* wall clock of the last frame from them; 0 never */
    char trouble[256];      /* the last sentence that ended a lane, or empty */
};
const char *lane_state_text(enum lane_state state);

/* Fills at most `max` rows, ascending by party; returns the count. Any thread. */
size_t link_status(struct link *link, struct link_partner *partners, size_t max);

/* Asks a partner over a lane that is open; `asker` is woken when the answer is there. Any thread.
 * RESULT_UNAVAILABLE, with what to do, when no lane is open; RESULT_UNSUPPORTED for a partner that
 * speaks an older version; RESULT_BUSY while it is asked already. */
enum result link_ask(struct link *link, const struct question *question, struct queue *asker,
                     uint64_t *number, struct error *error) RESULT_CHECKED;

/* Takes the answer, a `holds` frame. RESULT_BUSY without a sentence until it is there. */
enum result link_answer(struct link *link, uint64_t number, struct buffer *answer,
                        struct error *error) RESULT_CHECKED;
void link_forget(struct link *link, uint64_t number);

/* Tries out the way to a partner (probe.h); `asker` is woken when it is over. Ended before the link
 * is stopped. */
enum result link_probe(struct link *link, struct text party, struct queue *asker,
                       struct trying **trying, struct error *error) RESULT_CHECKED;

#endif
