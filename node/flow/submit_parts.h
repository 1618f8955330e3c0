/* The inside of a submit, shared by the two halves of the page: submit.c prepares in the client's
 * thread, submit_decide.c decides in the writer. Used by these two alone. */
#ifndef COMESH_NODE_FLOW_SUBMIT_PARTS_H
#define COMESH_NODE_FLOW_SUBMIT_PARTS_H

#include "node/flow/submit.h"

struct prepared {
    struct message message;
    size_t payload_at; /* in the submit's payloads */
    size_t payload_size;
    struct merkle_hash payload_hash;
};

struct submit {
    struct work work;
    struct flow *flow;
    char from[PARTY_MAX_BYTES];    /* the partner who posted it; empty: the own side says it */
    struct agreements *agreements; /* of the moment it came */
    enum operation operation;
    size_t count;
    struct prepared *prepared;
    struct submit_answer *answers;
    struct arena arena; /* everything that lasts until the answers are read */
    struct buffer payloads;
    struct submitter submitter;
};

/* The answer is a refusal with the error's sentence. */
void submit_refuse(struct submit *submit, struct submit_answer *answer, const struct error *error);

/* The work's apply, in the writer. A document's refusal is its answer; only what the store itself
 * cannot do fails the batch. */
enum result submit_apply(struct work *work, struct store *store,
                         struct error *error) RESULT_CHECKED;

#endif
