/* Comparing with a partner what each holds of the two channels between us: lists of numbers, leaf
 * hashes and states, never documents. One question is about one run of one channel; the answer is a
 * `holds` frame. Nothing here knows a socket; any thread with a reader of its own. */
#ifndef COMESH_NODE_FLOW_RECONCILE_H
#define COMESH_NODE_FLOW_RECONCILE_H

#include "node/flow/flow.h"
#include "proto/frame.h"

/* A question to a partner, with what we held of the channel when it was asked. */
struct question {
    char party[PARTY_MAX_BYTES];
    bool outgoing; /* our channel to them */
    char origin[ORIGIN_MAX_BYTES];
    uint64_t first;
    size_t max;         /* 0: they say hello for it again */
    uint32_t channel;   /* store number; 0 when nothing is held of it */
    uint64_t size;      /* entries held */
    uint64_t receipted; /* of them under a receipt */
    bool held;
};

/* What is different about an entry: symbol, text. */
#define MISMATCH_MAP(X)                                                                            \
    X(NONE, "none")                                                                                \
    X(WAITING, "waiting")     /* the receiver does not have it yet */                              \
    X(LOST, "lost")           /* the partner had it, and has it no more */                         \
    X(MISSING, "missing")     /* the partner shows an entry of ours that we do not have */         \
    X(FORK, "fork")           /* both have one, and not the same */                                \
    X(REFUSED, "refused")     /* the receiver's verdict refuses it */                              \
    X(VERDICT, "verdict")     /* the sender does not know yet what the receiver says of it */      \
    X(NOT_TAKEN, "not-taken") /* the receiver's national system has not taken it */

enum mismatch {
#define MISMATCH_ENUM(symbol, text) MISMATCH_##symbol,
    MISMATCH_MAP(MISMATCH_ENUM)
#undef MISMATCH_ENUM
};

const char *mismatch_text(enum mismatch mismatch);

/* One index, as we and as they hold it; NULL where it is not held. */
struct comparison {
    uint64_t index;
    const struct frame_row *ours;
    const struct frame_row *theirs;
    enum mismatch mismatch;
};

/* "stored", "accepted", "accepted, taken", …; "-" for NULL. Static. */
const char *holding_text(const struct frame_row *row);

/* Fills a question. RESULT_NOT_FOUND when no card of that party is held. */
enum result reconcile_question(struct flow *flow, struct store_reader *reader, struct text party,
                               bool outgoing, uint64_t first, size_t max, struct question *question,
                               struct error *error) RESULT_CHECKED;

/* The answer to a partner's question, appended to `out` as a frame. What is not a channel between
 * it and us is answered like one of which nothing is held. */
enum result reconcile_answer(struct store_reader *reader, struct text partner,
                             const struct frame_ask *ask, struct arena *arena, struct buffer *out,
                             struct error *error) RESULT_CHECKED;

/* Compares index by index, in `arena`; no rows behind the end of both. RESULT_INVALID for an answer
 * that is none to this question. */
enum result reconcile_compare(struct store_reader *reader, const struct question *question,
                              const struct frame_holds *holds, struct arena *arena,
                              struct comparison **rows, size_t *count,
                              struct error *error) RESULT_CHECKED;

#endif
