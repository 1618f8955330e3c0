/* Who we are now, and which of our keys serves towards whom. While keys change over a partner may
 * still hold an older card of ours: it is shown a key of the newest card that it is known to hold,
 * or else the one that has been on our cards for the longest. Any thread. */
#ifndef COMESH_NODE_FLOW_OWN_H
#define COMESH_NODE_FLOW_OWN_H

#include "node/flow/flow.h"

/* Filled by own_of; end with own_release. */
struct own {
    struct directory *directory;
    struct unlocked *unlocked;
    const struct card *card;
    uint64_t now_s;
};
struct own own_of(struct flow *flow);
void own_release(struct own *own);

/* Of our channel to a partner: the serial of our card that it is known to hold, because it
 * receipted the entry that carries it; 0 when no entry says so. `channel` may be NULL. */
uint64_t own_known(const struct store_channel *channel);

/* Our key of that role towards a partner that holds our card of serial `known`: of those that are
 * valid, unlocked and on that card, the one that began last. NULL says in `error` what is missing.
 * Borrowed until own_release. */
const struct keypair *own_key(const struct own *own, enum key_role role, uint64_t known,
                              struct error *error);

/* A role of the node has several keys on our card whose time is not over. */
bool own_is_changing(const struct own *own);

#endif
