/* What the two listeners share of the four operations: which one is meant, whether its body is what
 * it is called, and the status of what became of the document. */
#ifndef COMESH_NODE_BRIDGE_SEND_H
#define COMESH_NODE_BRIDGE_SEND_H

#include "node/bridge/exchange.h"
#include "node/bridge/idempotency.h"
#include "node/flow/submit.h"

/* The operation that the path names. */
enum operation send_operation(const struct exchange *exchange);

/* The status of an answer to a document. */
unsigned send_status(const struct submit_answer *answer);

/* Whether the body is of its Content-Type and its Idempotency-Key is used for it alone; otherwise
 * it is answered by a refusal. */
bool send_check(struct exchange *exchange, struct idempotency *keys);

/* The document was decided on: answers by `give`, or refuses and frees its key. Takes the
 * submit. */
void send_finish(struct submit *submit, struct exchange *exchange, struct idempotency *keys,
                 void (*give)(struct exchange *, const struct submit_answer *));

/* The document came to nothing: its key is free again. */
void send_forget_key(const struct exchange *exchange, struct idempotency *keys);

#endif
