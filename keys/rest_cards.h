/* The REST-only partners of a node: the folder cards/rest/, a file XX.card for each, read whole or
 * not at all. A part of the directory's snapshot: it does not change, and any thread may read it.
 */
#ifndef COMESH_KEYS_REST_CARDS_H
#define COMESH_KEYS_REST_CARDS_H

#include "keys/rest_card.h"

struct rest_cards;

/* Reads `path`/rest. No folder is none; a file that is no valid card of the environment, or that
 * shares party, domain or a client key with another, is an error that names it. */
enum result rest_cards_load(const char *path, struct text environment, struct rest_cards **cards,
                            struct error *error) RESULT_CHECKED;
void rest_cards_destroy(struct rest_cards **cards);

/* Ascending by party; NULL behind the last. */
const struct rest_card *rest_cards_at(const struct rest_cards *cards, size_t index);
const struct rest_card *rest_cards_party(const struct rest_cards *cards, struct text party);

/* The partner whose card has this client key, and the pin, which may have expired; NULL when there
 * is none. */
const struct rest_card *rest_cards_client(const struct rest_cards *cards,
                                          const uint8_t hash[REST_PIN_BYTES],
                                          const struct rest_pin **pin);

/* ---- changes, under the lock of `path`: see directory_rest_store and directory_rest_remove ----
 */

/* Puts a card in its place, and into `path`/rest-history, where every version stays. */
enum result rest_cards_put(const char *path, const struct rest_card *card,
                           struct error *error) RESULT_CHECKED;

enum result rest_cards_drop(const char *path, struct text party,
                            struct error *error) RESULT_CHECKED;

#endif
