/* What a node reminds its operator of in the log: agreements and keys that come to their end,
 * sections of the configuration that a signed agreement has taken the place of, code lists in
 * another edition than an agreement names. Any thread. */
#ifndef COMESH_NODE_REMIND_H
#define COMESH_NODE_REMIND_H

#include "node/flow/flow.h"

/* What the time alone has changed since `before_s` (0: ever). */
void remind_of_ends(struct flow *flow, uint64_t before_s);

/* What does not fit together, after agreements, configuration or code lists were read. */
void remind_of_differences(struct flow *flow);

#endif
