/* Under which agreement a message may go: a signed one that both parties are in with their roles,
 * in its time; in dev and test a section of the configuration where nothing is signed.
 * Any thread. */
#ifndef COMESH_NODE_FLOW_TERMS_H
#define COMESH_NODE_FLOW_TERMS_H

#include "node/flow/flow.h"

enum terms_way {
    TERMS_SENDING,   /* new certificates and amendments only while it is in force */
    TERMS_RECEIVING, /* also in its grace, and under a menu that a newer version replaced */
};

/* The menu that a message names, when its agreement has it, both parties in their roles, and now is
 * its time. NULL says what lacks. `agreements` is a snapshot of flow_agreements that the caller
 * holds: the menu lives as long. */
const struct menu *terms_menu(const struct flow *flow, const struct agreements *agreements,
                              const struct message *message, enum terms_way way,
                              struct error *error);

#endif
