/* Who is trusted: the own card, the partners' cards that a person confirmed or an agreement vouched
 * for, every version of them that was ever held, and what was revoked; read from the node's
 * directory of cards into an immutable snapshot that all threads share. A change makes a new
 * snapshot; the old one lives until its last reader lets go. */
#ifndef COMESH_KEYS_DIRECTORY_H
#define COMESH_KEYS_DIRECTORY_H

#include "keys/card.h"
#include "keys/rest_cards.h"
#include "keys/revocation.h"

struct directory; /* reference counted */

/* Reads `path`/own.card, partners/, history/ and revocations/. A file that is not what its place
 * asks for is an error that names it: nothing is skipped silently. */
enum result directory_load(const char *path, struct text environment, struct directory **directory,
                           struct error *error) RESULT_CHECKED;

struct directory *directory_share(struct directory *directory); /* one more holder */
void directory_release(struct directory **directory);

/* Cards in force. They hold no key that is revoked; that of a suspended partner holds none but its
 * identity, so that nothing new of it is taken. `note` is the signed text, as it came. */
const struct card *directory_own(const struct directory *directory);
const struct card *directory_party(const struct directory *directory, struct text party);

/* The partner whose card has this transport key, valid at `now_s`; NULL when there is none. */
const struct card *directory_transport(const struct directory *directory,
                                       const uint8_t key[KEY_PUBLIC_BYTES], uint64_t now_s);

/* The partners, ascending by party code, without the own card. */
size_t directory_count(const struct directory *directory);
const struct card *directory_at(const struct directory *directory, size_t index);

/* Every version of a party's card that was ever held, the own party's too, whole with the keys that
 * were revoked since; newest first. NULL behind the last. Also of parties whose card was removed.
 * An empty `party` is all of them, by code. */
const struct card *directory_version(const struct directory *directory, struct text party,
                                     size_t index);

/* All revocations, and the one of a key of a party; NULL behind the last, and for a key that is not
 * revoked. */
const struct revocation *directory_revocation(const struct directory *directory, size_t index);
const struct revocation *directory_revoked(const struct directory *directory, struct text party,
                                           const uint8_t key[KEY_PUBLIC_BYTES]);

/* The party's identity key is revoked, and no new card has taken the place of the one it signed. */
bool directory_is_suspended(const struct directory *directory, struct text party);

/* The REST-only partners, in the same snapshot. A party has a card or a REST card, never both. */
const struct rest_cards *directory_rest(const struct directory *directory);

/* ---- changes: each under the lock of the folder, whole or not at all, and then loadable. They are
 * refused when the directory would not load with them. A snapshot must be loaded again. ---- */

/* Takes a partner's card that a person confirmed. RESULT_CONFLICT for a lower serial than one that
 * was ever held of this identity, for the same with another text, for a key, domain or name of
 * another party, and for another identity, environment or domain than is held, unless that identity
 * is revoked. RESULT_UNTRUSTED for an identity that is revoked. */
enum result directory_store(const char *path, const struct card *card,
                            struct error *error) RESULT_CHECKED;

/* That an agreement in force names the identity of a card for its party. An identity that a person
 * confirmed, or another agreement named, gives way to it only where that agreement had it before:
 * parties that agree on something among themselves do not say who somebody else is. */
struct directory_vouch {
    const uint8_t *replaced; /* the identity that a version before named; NULL: none */
};

/* Takes a card that came from the mesh: of a party that is held, with the same identity and a
 * higher serial; or of another identity, or a party that is not held, with a `vouch` for it (NULL:
 * nobody vouches). Otherwise refused as above, RESULT_UNTRUSTED for an identity that nobody vouches
 * for. `news` is false for a version that was held before, with RESULT_OK. */
enum result directory_take(const char *path, const struct card *card,
                           const struct directory_vouch *vouch, bool *news,
                           struct error *error) RESULT_CHECKED;

/* Puts a new card of the own party in the place of own.card: a higher serial, same party, domain
 * and environment. */
enum result directory_own_store(const char *path, const struct card *card,
                                struct error *error) RESULT_CHECKED;

/* The partner's card goes, its versions stay. RESULT_NOT_FOUND when there is none. */
enum result directory_remove(const char *path, struct text party,
                             struct error *error) RESULT_CHECKED;

/* Takes the card of a partner without a node, whose fingerprint a person confirmed. RESULT_CONFLICT
 * for a lower serial than is held, for one that was ever held with another text, for another domain
 * than is held, and for a domain or a client key of another party; RESULT_DENIED for another
 * environment and for the own party. */
enum result directory_rest_store(const char *path, const struct rest_card *card,
                                 struct error *error) RESULT_CHECKED;

/* It goes, its versions stay. RESULT_NOT_FOUND when there is none. */
enum result directory_rest_remove(const char *path, struct text party,
                                  struct error *error) RESULT_CHECKED;

/* Takes a revocation: signed by the identity key of the party's card in force, or by the revoked
 * identity key itself. RESULT_UNTRUSTED for another signer. `news` is false, with RESULT_OK, when
 * the key is revoked already, at least as early. */
enum result directory_revoke(const char *path, const struct revocation *revocation, bool *news,
                             struct error *error) RESULT_CHECKED;

#endif
