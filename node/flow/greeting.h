/* How a lane begins: what a hello must say, which version is chosen, and the receipt that the
 * welcome shows. Any thread. */
#ifndef COMESH_NODE_FLOW_GREETING_H
#define COMESH_NODE_FLOW_GREETING_H

#include "node/flow/accept.h"

/* That the hello is of this partner, environment and channel, and its clock near ours. */
enum result greeting_check(struct flow *flow, const char *partner, const struct frame_hello *hello,
                           struct refused *refused);

/* The highest version that both speak; 0 when there is none. */
uint32_t greeting_version(const struct frame_hello *hello);

/* Our cosignature anew, over the same checkpoint, when the key that made it is not on our card any
 * more: the partner could not verify it. `renewed` is memory for the note then. */
enum result greeting_renew(struct flow *flow, struct bytes *note, struct buffer *renewed,
                           struct error *error) RESULT_CHECKED;

#endif
