/* Problems as RFC 9457 has them: what every refusal of the bridge says, in one form, with the
 * findings of a document beside the sentence. Any thread. */
#ifndef COMESH_NODE_BRIDGE_PROBLEM_H
#define COMESH_NODE_BRIDGE_PROBLEM_H

#include "node/bridge/jot.h"
#include "proto/finding.h"

struct problem {
    unsigned status;
    const char *code; /* short and static, for programs */
    struct text detail;
    const struct findings *findings; /* or NULL */
    const char *request;             /* the exchange's id, or NULL */
};

/* The members of a problem, into an object that is open. */
void problem_members(const struct problem *problem, struct jot *jot);

/* A problem as a whole, in JSON or XML. */
void problem_write(const struct problem *problem, bool xml, struct buffer *out);

/* The status and code that a refusal's result has, and whether it may be tried again as it is. */
unsigned problem_status(enum result result);

/* "Conflict"; the phrase of a status (RFC 9110). Static. */
const char *problem_title(unsigned status);

#endif
