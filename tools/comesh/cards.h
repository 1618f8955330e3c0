/* The cards in a node's directory, as the card and partner commands use them. */
#ifndef COMESH_TOOLS_COMESH_CARDS_H
#define COMESH_TOOLS_COMESH_CARDS_H

#include "keys/card.h"
#include "keys/passphrase.h"
#include "node/core/config.h"
#include "tools/comesh/command.h"

#include <jansson.h>
#include <stdio.h>

/* The path of the own card (`party` NULL), or of a partner's, in the node's directory. */
enum result card_path(const struct config *config, const char *party, char out[CONFIG_PATH_BYTES],
                      struct error *error) RESULT_CHECKED;

/* Reads that card. RESULT_NOT_FOUND when there is none. */
enum result card_load(struct call *call, const char *party, struct card **card,
                      struct error *error) RESULT_CHECKED;

/* Reads a version that was ever held, by its serial; the newest when two identities had it. */
enum result card_load_version(struct call *call, const char *party, uint64_t serial,
                              struct card **card, struct error *error) RESULT_CHECKED;

/* The card for people, `fingerprint` in its last line, or NULL where a person shall ask for it; and
 * as an object. */
void card_print(const struct card *card, const char *fingerprint, FILE *file);
json_t *card_json(const struct card *card);

/* Tells a running node to read its directory again; says on stderr what became of it. */
enum result node_reload(const struct config *config, struct error *error) RESULT_CHECKED;

/* The same, and it unlocks the new keys of its card; without a passphrase those stay locked, which
 * is told. */
enum result node_unlock(const struct config *config, const struct passphrase *passphrase,
                        struct error *error) RESULT_CHECKED;

#endif
