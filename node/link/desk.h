/* The desk: questions to partners about what they hold. Whoever asks puts one here; the lane with
 * the partner that is open carries it, and lays the answer down. One question a partner at a time;
 * an answer that nobody waits for is passed over. Any thread. */
#ifndef COMESH_NODE_LINK_DESK_H
#define COMESH_NODE_LINK_DESK_H

#include "node/core/queue.h"
#include "node/flow/reconcile.h"

#define DESK_QUESTIONS_MAX 32 /* under way at a time */

struct desk;

enum result desk_new(struct desk **desk, struct error *error) RESULT_CHECKED;
void desk_destroy(struct desk **desk);

/* Puts a question; `asker` is woken when its answer is there. RESULT_BUSY while another to this
 * partner is under way. */
enum result desk_ask(struct desk *desk, const struct question *question, struct queue *asker,
                     uint64_t *number, struct error *error) RESULT_CHECKED;

/* Takes the answer, a `holds` frame, and ends the question. RESULT_BUSY without a sentence until it
 * is there. */
enum result desk_answer(struct desk *desk, uint64_t number, struct buffer *answer,
                        struct error *error) RESULT_CHECKED;

/* Nobody waits for it any more. */
void desk_forget(struct desk *desk, uint64_t number);

/* ---- the lanes' side ---- */

/* Appends the frame of a question to this partner that no lane has carried yet. Those that ask for
 * a hello go only over the lane where the partner's channel is open: `hello_too`. */
bool desk_next(struct desk *desk, const char *party, bool hello_too, struct buffer *frame);

/* A partner's answer came. False when it is to no question of ours. */
bool desk_put(struct desk *desk, const char *party, uint64_t number, struct bytes answer);

#endif
