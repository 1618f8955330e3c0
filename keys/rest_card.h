/* The card of a REST-only partner: a party without a node, reached at an HTTPS endpoint of the
 * framework's pattern, known by the certificates of its TLS client and server. It has no identity
 * key and so no signature: a person confirms the fingerprint of the whole text, of every serial.
 * Form: keys/README.md. Any thread; a card does not change after reading. */
#ifndef COMESH_KEYS_REST_CARD_H
#define COMESH_KEYS_REST_CARD_H

#include "keys/card.h"
#include "keys/words.h"

#define REST_PINS_MAX       8 /* of each kind, so that old and new overlap */
#define REST_PIN_BYTES      32
#define REST_CARD_MAX_BYTES ((size_t)8 << 10)

/* A public key by SHA-256 of its SubjectPublicKeyInfo (RFC 7469), valid [from, until). */
struct rest_pin {
    uint8_t hash[REST_PIN_BYTES];
    uint64_t from_s;
    uint64_t until_s;
};

enum rest_pin_kind { REST_CLIENT, REST_SERVER, REST_PIN_KINDS };

struct rest_card {
    char party[PARTY_MAX_BYTES];
    char name[NAME_MAX_BYTES];
    char environment[8];
    char domain[DOMAIN_MAX_BYTES];
    uint64_t port; /* of its endpoint; 443 unless the text names another */
    uint64_t serial;
    uint64_t issued_s;
    struct rest_pin pins[REST_PIN_KINDS]
                        [REST_PINS_MAX]; /* without server pins: public authorities */
    size_t pin_count[REST_PIN_KINDS];
};

/* Appends the text, the one spelling of the card. */
void rest_card_append(const struct rest_card *card, struct buffer *out);

/* Reads a text strictly: what is read is written back as the same bytes. RESULT_INVALID names line,
 * value and what is accepted. */
enum result rest_card_read(struct bytes text, struct rest_card *card,
                           struct error *error) RESULT_CHECKED;

/* True when a text is meant as such a card, and not as that of a node. */
bool rest_card_is(struct bytes text);

/* SHA-256 of "comesh rest fingerprint v1", a newline and the text; and its digits. */
void rest_card_hash(const struct rest_card *card, uint8_t hash[WORDS_HASH_BYTES]);
void rest_card_fingerprint(const struct rest_card *card, char digits[WORDS_DIGITS_BYTES]);

/* "test.coconnect.customs.go.jp". */
void rest_card_host(const struct rest_card *card, char out[CARD_NAME_BYTES]);

/* The pin of that hash, valid or not; NULL when the card has none. */
const struct rest_pin *rest_card_pin(const struct rest_card *card, enum rest_pin_kind kind,
                                     const uint8_t hash[REST_PIN_BYTES]);

static inline bool rest_pin_is_valid(const struct rest_pin *pin, uint64_t now_s)
{
    return now_s >= pin->from_s && now_s < pin->until_s;
}

#endif
