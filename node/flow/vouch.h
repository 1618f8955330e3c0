/* Whether a card that no person confirmed may be taken, by the agreements of now: the same rules
 * for one that came as a text over a lane and for one that a channel carried. Any thread. */
#ifndef COMESH_NODE_FLOW_VOUCH_H
#define COMESH_NODE_FLOW_VOUCH_H

#include "node/flow/flow.h"

/* What refuses a card before the directory looks at it: an identity key past its end or a clock far
 * off, and an identity that a quorum has replaced by another (RESULT_UNTRUSTED): that one signs
 * nothing new, whoever holds it. */
enum result vouch_check(struct flow *flow, const struct card *card,
                        struct error *error) RESULT_CHECKED;

/* Takes a card into the directory with the vouch of an agreement in force, if there is one, which
 * `*named` says. See directory_take. */
enum result vouch_take(struct flow *flow, const struct card *card, bool *named, bool *news,
                       struct error *error) RESULT_CHECKED;

#endif
