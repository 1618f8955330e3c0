/* What the commands write to the node's audit log: every act of trust, after it was done. */
#ifndef COMESH_TOOLS_COMESH_ACTS_H
#define COMESH_TOOLS_COMESH_ACTS_H

#include "keys/card.h"
#include "tools/comesh/command.h"

/* Who did it is the user of the process, and behind `--by` the person, where the command has that
 * option. `subject` and `detail` may be NULL. Never a secret. */
enum result act_record(const struct call *call, const char *directory, const char *verb,
                       const char *subject, const char *detail, struct error *error) RESULT_CHECKED;

/* As act_record for what was done with a card: its serial and its fingerprint are the detail. */
enum result act_record_card(const struct call *call, const char *directory, const char *verb,
                            const struct card *card, struct error *error) RESULT_CHECKED;

#endif
