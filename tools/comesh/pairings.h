/* What a node keeps of its pairings: the card, the minutes in pairing/, an act in the audit log. */
#ifndef COMESH_TOOLS_COMESH_PAIRINGS_H
#define COMESH_TOOLS_COMESH_PAIRINGS_H

#include "keys/pairing.h"
#include "node/core/config.h"
#include "tools/comesh/command.h"

#define PAIRINGS_FOLDER "pairing"
#define PAIRINGS_SUFFIX ".minutes"

/* Whether the card could be taken once it is confirmed, so that people are not asked in vain:
 * RESULT_CONFLICT when its party is held with another identity, or with a newer card. */
enum result pairings_check(const struct config *config, const struct card *card,
                           struct error *error) RESULT_CHECKED;

/* Keeps a pairing that both sides have confirmed, and tells the running node. */
enum result pairings_keep(const struct call *call, const struct config *config,
                          const struct pairing *pairing, struct error *error) RESULT_CHECKED;

/* "signed by ID and KR", "signed by KR; the signature of ID is missing". */
void pairings_signers(const struct minutes *minutes, unsigned signers, struct buffer *out);

/* The file of minutes: the party of the other side and its own time, in `folder`. */
enum result pairings_path(const struct config *config, const struct minutes *minutes,
                          char out[CONFIG_PATH_BYTES], struct error *error) RESULT_CHECKED;

#endif
