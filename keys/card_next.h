/* The next version of a party's own card: serial n + 1, which retires what is past its time and
 * takes a key in or out, so that old and new overlap. Makes no key and signs nothing. Any thread.
 */
#ifndef COMESH_KEYS_CARD_NEXT_H
#define COMESH_KEYS_CARD_NEXT_H

#include "keys/card.h"

#define CARD_KEY_EARLY_S 300 /* a partner's clock may be so much behind ours */

/* How long a new key is valid: 10 years for identity, 5 for the others. */
uint64_t card_key_life_s(enum key_role role);

/* A copy of `own` without signature: the next serial, issued at `now_s`, without the keys whose
 * time is over. Allocated; for card_destroy. */
enum result card_next(const struct card *own, uint64_t now_s, struct card **next,
                      struct error *error) RESULT_CHECKED;

/* A key that is taken in, and how long the others of its role stay beside it. */
struct card_change {
    enum key_role role;
    const uint8_t *public_key;
    uint64_t from_s;
    uint64_t overlap_s;   /* the others end so long after `from_s`, or when they would anyway */
    const char *endpoint; /* of a transport key; NULL: the card's own */
};

/* An identity key takes the place of the old one at once: two never sign. RESULT_FULL when the role
 * has no room left on the card. */
enum result card_next_add(struct card *next, const struct card_change *change,
                          struct error *error) RESULT_CHECKED;

/* RESULT_NOT_FOUND when the key is not on the card. */
enum result card_next_drop(struct card *next, enum key_role role,
                           const uint8_t public_key[KEY_PUBLIC_BYTES],
                           struct error *error) RESULT_CHECKED;

/* The text that is signed, without signature. */
enum result card_next_text(const struct card *next, struct buffer *out,
                           struct error *error) RESULT_CHECKED;

#endif
