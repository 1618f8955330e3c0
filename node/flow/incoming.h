/* The inside of an incoming, shared by the parts of the page: accept_hello.c begins the channel of
 * a partner on a lane, accept.c takes its pushes. Used by these alone. */
#ifndef COMESH_NODE_FLOW_INCOMING_H
#define COMESH_NODE_FLOW_INCOMING_H

#include "node/flow/accept.h"

struct incoming {
    struct flow *flow;
    struct store_reader *reader;
    char partner[PARTY_MAX_BYTES];
    struct queue *home;
    incoming_reply *reply;
    void *self;
    char origin[ORIGIN_MAX_BYTES]; /* empty before the first hello */
    uint32_t channel;              /* store number; 0 when nothing is stored yet */
    struct merkle_tree tree;       /* of all that was verified, committed or not */
    size_t pending;                /* pushes in the writer */
    bool starved;                  /* the store had no room: credit is 0 until it has */
    bool waits;                    /* no credit yet: our own channel comes first */
    uint64_t question;             /* what it holds of that, under way; 0: none */
    uint64_t answer_by_ms;         /* steady: its answer is waited for until then */
    bool failed;                   /* a commit failed: what follows it fails too */
    bool held;
    char held_reason[STORE_REASON_BYTES];
    uint32_t version;      /* of the lane, chosen at the last hello; 0 before it */
    uint64_t their_serial; /* of the partner's own card, as its hello says */
};

/* Takes over the committed state of the channel; size 0 when there is none. */
enum result incoming_load(struct incoming *incoming, struct arena *arena,
                          struct error *error) RESULT_CHECKED;

/* Sends the frame, and frees it. */
void incoming_send(struct incoming *incoming, struct buffer *frame, bool ends_lane);

/* Sends a receipt, or without a note the credit alone. */
void incoming_tell(struct incoming *incoming, struct bytes note);

/* Our verdict on what comes goes into our own channel: that must be whole before. */
bool incoming_must_wait(const struct incoming *incoming);

/* Grants credit when nothing is waited for any more. */
void incoming_end_waiting(struct incoming *incoming);

#endif
