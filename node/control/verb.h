/* What the files of reading verbs share: the parts of an answer, and one function a verb. Used by
 * verbs*.c alone. */
#ifndef COMESH_NODE_CONTROL_VERB_H
#define COMESH_NODE_CONTROL_VERB_H

#include "node/control/verbs.h"

/* The part of the answer that is being made. */
struct part {
    struct verb_context *context;
    uint64_t number;
    size_t count; /* rows in it */
};

/* Sends it, when it has rows. */
void part_send(struct part *part);

/* After every row: a part that is large enough goes. */
void part_row(struct part *part);

/* Reads the arguments and makes the rows. */
typedef enum result verb_function(struct verb_context *context, struct wire_request *request,
                                  struct part *part, struct error *error);

/* ---- verbs_messages.c ---- */

verb_function verb_messages;
verb_function verb_entries;
verb_function verb_show;
verb_function verb_trace;
verb_function verb_certificate;
verb_function verb_inbox;
verb_function verb_again;

#endif
