/* Ours, going out: a document from the national system or an operator becomes an entry of the
 * channel to its receiver. Reading, checking and packing run in the caller's thread; the decision
 * and the commit in the writer. */
#ifndef COMESH_NODE_FLOW_SUBMIT_H
#define COMESH_NODE_FLOW_SUBMIT_H

#include "node/flow/append.h"

#define SUBMIT_DOCUMENTS_MAX 1024

/* What became of one document. Lives as long as its submit. */
struct submit_answer {
    enum result result;   /* OK, DUPLICATE: held before, the first place is given; else refused */
    struct text sentence; /* why, for a refusal */
    bool has_id;
    struct message_id id;
    struct text partner; /* the receiver; empty when it could not be told */
    struct text number;
    uint32_t channel;
    uint64_t index;
    struct appended appended; /* of OK alone: a duplicate's is in the store */
    struct findings findings; /* refusals and warnings */
};

/* A request of one client: some documents of one operation, answered together after one commit. */
struct submit;

/* Who submits, copied. */
struct submitter {
    struct queue *home;                                  /* where the submit comes home, */
    void (*finished)(struct submit *submit, void *self); /* and is told, in that thread */
    void *self;
    const void *owner; /* in whose turn the writer takes it: see struct work; NULL is the home */
};

/* A submit of at most `max` documents, which are put in by submit_read, some at a time, each read
 * and checked; then submit_go. RESULT_TOO_LARGE above SUBMIT_DOCUMENTS_MAX, RESULT_NO_MEMORY. */
enum result submit_new(struct flow *flow, enum operation operation, size_t max,
                       const struct submitter *submitter, struct submit **submit,
                       struct error *error) RESULT_CHECKED;
void submit_read(struct submit *submit, const struct bytes *documents, size_t count);

/* Hands it to the writer. */
void submit_go(struct submit *submit);

/* All in one. Reads and checks `count` documents in JSON or XML, which are copied where they must
 * last. The submit goes to the writer and comes home, where `finished` is called with it; then
 * submit_answers and submit_destroy. RESULT_TOO_LARGE above SUBMIT_DOCUMENTS_MAX, RESULT_NO_MEMORY;
 * nothing was taken then. */
enum result submit_documents(struct flow *flow, enum operation operation,
                             const struct bytes *documents, size_t count,
                             const struct submitter *submitter, struct error *error) RESULT_CHECKED;

/* The same for one document that a REST-only partner posted: it must be `partner` who says it, and
 * to us; it becomes an entry of the partner's channel, accepted, with a receipt that we sign
 * (rest_read_receipt). What is refused is not stored: the answer says why. */
enum result submit_posted(struct flow *flow, struct text partner, enum operation operation,
                          struct bytes document, const struct submitter *submitter,
                          struct error *error) RESULT_CHECKED;

/* The answers, in the order of the documents. */
const struct submit_answer *submit_answers(const struct submit *submit, size_t *count);
void submit_destroy(struct submit **submit);

#endif
