/* A party's public face: code, name, environment, domain, endpoints, public keys with validity,
 * serial number; a signed note that a person can read. Parsing gives a card that is whole and whose
 * signature by the identity key it names holds; whether that identity is trusted is the
 * directory's business. Any thread; a card does not change after parsing. */
#ifndef COMESH_KEYS_CARD_H
#define COMESH_KEYS_CARD_H

#include "keys/keypair.h"
#include "keys/words.h"
#include "proto/name.h"

#define CARD_KEYS_MAX  8 /* per role; one identity key only */
#define CARD_MAX_BYTES ((size_t)16 << 10)
#define NAME_MAX_BYTES ((size_t)256) /* with the NUL */

struct card_key {
    uint8_t public_key[KEY_PUBLIC_BYTES];
    uint64_t from_s; /* valid [from, until), seconds UTC */
    uint64_t until_s;
    char endpoint[ENDPOINT_MAX_BYTES]; /* of a transport key that is not served at the card's own
                                          mesh endpoint; else empty */
};

struct card {
    char party[PARTY_MAX_BYTES];
    char name[NAME_MAX_BYTES];
    char environment[8];
    char domain[DOMAIN_MAX_BYTES];
    char mesh_endpoint[ENDPOINT_MAX_BYTES];  /* tcp://host:port; empty when it only dials out */
    char https_endpoint[ENDPOINT_MAX_BYTES]; /* empty when it has none */
    uint64_t serial;
    uint64_t issued_s;
    struct card_key keys[KEY_ROLE_COUNT][CARD_KEYS_MAX];
    size_t key_count[KEY_ROLE_COUNT];
    struct buffer note; /* the signed text, as it came */
};

/* Writes the text, signs it with the identity key, which must be the card's, and puts the note in
 * card->note in place of what is there. RESULT_INVALID names what the card lacks. */
enum result card_sign(struct card *card, const struct keypair *identity,
                      struct error *error) RESULT_CHECKED;

/* Parses and verifies; `card` is allocated. RESULT_INVALID names the line that is wrong,
 * RESULT_UNTRUSTED says that the signature does not hold. */
enum result card_parse(struct bytes note, struct card **card, struct error *error) RESULT_CHECKED;
void card_destroy(struct card **card);

/* Whether a card may be taken in at `now_s`: RESULT_UNTRUSTED for one whose identity key has ended,
 * and for one from more than a day ahead. */
enum result card_check_time(const struct card *card, uint64_t now_s,
                            struct error *error) RESULT_CHECKED;

/* Key number `place` of all keys of the card, role after role; NULL behind the last. */
const struct card_key *card_key_at(const struct card *card, size_t place, enum key_role *role);

/* True when the key may be used at `now_s`. */
static inline bool card_key_is_valid(const struct card_key *key, uint64_t now_s)
{
    return now_s >= key->from_s && now_s < key->until_s;
}

/* The key of a role that is used at `now_s`: of those that are valid, the one valid the latest.
 * NULL when none is valid. */
const struct card_key *card_key_in_use(const struct card *card, enum key_role role, uint64_t now_s);

/* The card's key of those 32 bytes, in that role; NULL when it is not on the card. */
const struct card_key *card_key_find(const struct card *card, enum key_role role,
                                     const uint8_t public_key[KEY_PUBLIC_BYTES]);

/* Where a transport key is served: its own endpoint or the card's; empty when the party only dials
 * out. */
static inline const char *card_key_endpoint(const struct card *card, const struct card_key *key)
{
    return key->endpoint[0] != '\0' ? key->endpoint : card->mesh_endpoint;
}

/* "test.coconnect.customs.go.kr" and "test.coconnect.customs.go.kr/receipt": the endpoint name and
 * the note name of a role's key. `out` holds DOMAIN_MAX_BYTES + 64. */
#define CARD_NAME_BYTES (DOMAIN_MAX_BYTES + 64)
void card_endpoint_name(const struct card *card, char out[CARD_NAME_BYTES]);
void card_key_name(const struct card *card, enum key_role role, char out[CARD_NAME_BYTES]);

/* The fingerprint of an identity key that two people compare (words.h): SHA-256 of "comesh
 * fingerprint v1", party and environment, a newline behind each, and the key. */
void fingerprint_hash(struct text party, struct text environment,
                      const uint8_t identity[KEY_PUBLIC_BYTES], uint8_t hash[WORDS_HASH_BYTES]);

/* That of the card's identity key, which must be there; and the same as digits. */
#define FINGERPRINT_DIGITS_BYTES WORDS_DIGITS_BYTES
void card_fingerprint_hash(const struct card *card, uint8_t hash[WORDS_HASH_BYTES]);
void card_fingerprint(const struct card *card, char digits[FINGERPRINT_DIGITS_BYTES]);

#endif
