/* What the control socket answers at once: reading the store and the partners. Verbs that wait for
 * a commit are in control.c. The control task. */
#ifndef COMESH_NODE_CONTROL_VERBS_H
#define COMESH_NODE_CONTROL_VERBS_H

#include "node/control/control.h"
#include "node/control/wire.h"

/* What a verb works with; the arena is reset before each. */
struct verb_context {
    const struct control_node *node;
    struct store_reader *reader;
    struct arena *arena;
    struct buffer *rows; /* of the part that is being made */
    struct buffer *out;  /* where frames go */
    uint64_t started_ms;
};

/* Reads the arguments and appends the whole reply, part after part and the end. An error, also of
 * the arguments, is the caller's to send. RESULT_NOT_FOUND when the verb is none of these. */
enum result verb_answer(struct verb_context *context, struct wire_request *request,
                        struct error *error) RESULT_CHECKED;

#endif
