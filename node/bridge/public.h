/* The public listener: what partners without a node post to, at https://{environment}.coconnect.
 * {domain}/{operation}. TLS with client certificates that a person admitted by their key
 * (`comesh rest add`). One task. */
#ifndef COMESH_NODE_BRIDGE_PUBLIC_H
#define COMESH_NODE_BRIDGE_PUBLIC_H

#include "node/flow/flow.h"

struct public;

/* Starts it as the configuration says; gives NULL when it is not configured. RESULT_DENIED when
 * others can read its key. */
enum result public_start(struct flow *flow, struct public **public,
                         struct error *error) RESULT_CHECKED;
void public_stop(struct public **public);

#endif
