/* Ours, on their way to a partner without a node: the entries of our channel to it, one after the
 * other, as documents to be posted, and what its HTTP answer comes to. The journal is the queue. A
 * posting lives in the thread that posts; nothing here knows HTTP but its status codes. */
#ifndef COMESH_NODE_FLOW_POSTING_H
#define COMESH_NODE_FLOW_POSTING_H

#include "node/flow/rest.h"

struct posting;

enum result posting_new(struct flow *flow, struct store_reader *reader, struct text partner,
                        struct queue *home, struct posting **posting,
                        struct error *error) RESULT_CHECKED;

/* Works that are in the writer: destroy only when there are none. */
size_t posting_pending(const struct posting *posting);
void posting_destroy(struct posting **posting);

/* True when everything is answered, or nothing was ever said, as far as can be told without asking
 * the views; cheap. */
bool posting_is_done(const struct posting *posting);

/* A document to be posted. Lives until the next call with the posting. */
struct letter {
    uint64_t index;
    enum operation operation;
    char id[UUID_TEXT_BYTES]; /* of the message; the Idempotency-Key */
    struct text number;       /* of the certificate it is about */
    struct text exporter;
    struct bytes json;
};

/* The first document that has no answer yet. RESULT_NOT_FOUND without a sentence when there is none
 * to post now: nothing is queued, the channel is held, or works are in the writer; call it again
 * after the next commit. Verdicts of ours are passed over: the partner got them as answers. */
enum result posting_next(struct posting *posting, struct letter *letter,
                         struct error *error) RESULT_CHECKED;

/* The answer to the letter, as text that may be kept and shown. */
struct posting_answer {
    unsigned status;
    struct text text; /* of it a printable line is kept, at most POSTING_TEXT_BYTES */
};
#define POSTING_TEXT_BYTES ((size_t)1024)

/* The partner answered 2xx: its endpoint is its national system, so the message is stored, found
 * good and taken at once. Our signed checkpoint with the answer below it is the receipt. */
enum result posting_stored(struct posting *posting, const struct letter *letter,
                           const struct posting_answer *answer, struct error *error) RESULT_CHECKED;

/* A person must look: the channel is held with `reason`, the answer is kept as its proof. */
enum result posting_hold(struct posting *posting, const char *reason,
                         const struct posting_answer *answer, struct error *error) RESULT_CHECKED;

/* For the status, as of the last posting_next. */
struct posting_state {
    uint64_t size;
    uint64_t receipted;
    bool held;
    char held_reason[STORE_REASON_BYTES];
};
void posting_state(const struct posting *posting, struct posting_state *state);

/* ---- in the writer ---- */

/* A person gives up the message that holds our channel: what the partner answered becomes its
 * verdict, refused, and the next one is posted. RESULT_INVALID for a channel that is not held, or
 * not one to a REST-only partner. */
enum result posting_give_up(struct flow *flow, struct store *store, uint32_t channel,
                            struct error *error) RESULT_CHECKED;

#endif
