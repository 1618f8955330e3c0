/* Who is trusted: the own card and the partners' cards that a person confirmed, read from the
 * node's directory of cards into an immutable snapshot that all threads share. A change makes a
 * new snapshot; the old one lives until its last reader lets go. */
#ifndef COMESH_KEYS_DIRECTORY_H
#define COMESH_KEYS_DIRECTORY_H

#include "keys/card.h"

struct directory; /* reference counted */

/* Reads `path`/own.card and `path`/partners/XX.card. A file that is not a valid card of the
 * environment is an error that names it: nothing is skipped silently. */
enum result directory_load(const char *path, struct text environment, struct directory **directory,
                           struct error *error) RESULT_CHECKED;

struct directory *directory_share(struct directory *directory); /* one more holder */
void directory_release(struct directory **directory);

const struct card *directory_own(const struct directory *directory);
const struct card *directory_party(const struct directory *directory, struct text party);

/* The partner whose card has this transport key, valid at `now_s`; NULL when there is none. */
const struct card *directory_transport(const struct directory *directory,
                                       const uint8_t key[KEY_PUBLIC_BYTES], uint64_t now_s);

/* The partners, ascending by party code, without the own card. */
size_t directory_count(const struct directory *directory);
const struct card *directory_at(const struct directory *directory, size_t index);

/* Puts a partner's card in `path`/partners, for one that a person confirmed: temporary name,
 * fsync, rename, fsync of the folder, other processes kept out meanwhile. RESULT_CONFLICT for a
 * lower serial than the one that is there, for the same with another text, and for another identity
 * key, environment or domain. */
enum result directory_store(const char *path, const struct card *card,
                            struct error *error) RESULT_CHECKED;

#endif
