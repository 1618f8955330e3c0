/* Requests of a client that a partner must answer first: `reconcile` compares what both hold,
 * `resend` has the partner send again what we lack. The control task. */
#ifndef COMESH_NODE_CONTROL_ASKING_H
#define COMESH_NODE_CONTROL_ASKING_H

#include "node/control/control.h"
#include "node/control/wire.h"

#define ASKING_MS 15000 /* for the partner's answer */

struct asking {
    uint64_t number; /* of the question; 0: none */
    struct question question;
};

/* True for the verbs of this file. */
bool asking_is(struct text verb);

/* Reads the arguments, logs, and puts the question; `home` is woken by the answer. */
enum result asking_begin(const struct control_node *node, struct store_reader *reader,
                         struct wire_request *request, struct queue *home, struct asking *asking,
                         struct error *error) RESULT_CHECKED;

/* Takes the answer and appends its rows. RESULT_BUSY without a sentence until it is there. */
enum result asking_end(const struct control_node *node, struct store_reader *reader,
                       const struct asking *asking, struct arena *arena, struct buffer *rows,
                       size_t *count, struct error *error) RESULT_CHECKED;

/* It did not come: the question is forgotten, and `error` says so. */
void asking_give_up(const struct control_node *node, const struct asking *asking,
                    struct error *error);

#endif
