/* Key pairs, one role each, in locked memory. Wraps libsodium.
 * Must not know where keys are kept or what they sign. Any thread may use a key for reading. */
#ifndef COMESH_KEYS_KEYPAIR_H
#define COMESH_KEYS_KEYPAIR_H

#include "proto/bytes.h"

#define KEY_PUBLIC_BYTES    32
#define KEY_SECRET_BYTES    32
#define KEY_SIGNATURE_BYTES 64

/* role, word, what it does */
#define KEY_ROLE_MAP(X)                                                                            \
    X(IDENTITY, "identity", "signs cards, agreements and revocations")                             \
    X(CHECKPOINT, "checkpoint", "signs the channels the party sends")                              \
    X(RECEIPT, "receipt", "cosigns the channels the party receives")                               \
    X(TRANSPORT, "transport", "CURVE, Curve25519")

enum key_role {
#define KEY_ROLE_ENUM(symbol, word, purpose) KEY_##symbol,
    KEY_ROLE_MAP(KEY_ROLE_ENUM)
#undef KEY_ROLE_ENUM
        KEY_ROLE_COUNT
};

/* Must be called once before anything else in keys/; RESULT_INTERNAL when libsodium fails. */
enum result keys_init(struct error *error) RESULT_CHECKED;

const char *key_role_text(enum key_role role);
bool key_role_parse(struct text text, enum key_role *role);

struct keypair; /* owns its secret in sodium_malloc memory, wiped at the end */

enum result keypair_generate(enum key_role role, struct keypair **keypair,
                             struct error *error) RESULT_CHECKED;

/* The pair of a secret that is known: the seed of Ed25519 (RFC 8032), the scalar of Curve25519.
 * `secret` is copied; wiping it is the caller's duty. */
enum result keypair_from_secret(enum key_role role, const uint8_t secret[KEY_SECRET_BYTES],
                                struct keypair **keypair, struct error *error) RESULT_CHECKED;

/* One more holder of the same pair; each ends with keypair_destroy, and the last one's wipes it. */
struct keypair *keypair_share(struct keypair *keypair);
void keypair_destroy(struct keypair **keypair);

enum key_role keypair_role(const struct keypair *keypair);
const uint8_t *keypair_public(const struct keypair *keypair); /* KEY_PUBLIC_BYTES */

/* The secret that keypair_from_secret takes, borrowed; for key files. */
const uint8_t *keypair_secret(const struct keypair *keypair);

/* The secret for CURVE: 32 bytes, borrowed; only for a transport key, otherwise NULL. */
const uint8_t *keypair_transport_secret(const struct keypair *keypair);

/* Ed25519 over `message`; RESULT_INVALID for a transport key. */
enum result keypair_sign(const struct keypair *keypair, struct bytes message,
                         uint8_t signature[KEY_SIGNATURE_BYTES],
                         struct error *error) RESULT_CHECKED;

/* RESULT_UNTRUSTED when it does not hold. */
enum result key_verify(const uint8_t public_key[KEY_PUBLIC_BYTES], struct bytes message,
                       const uint8_t signature[KEY_SIGNATURE_BYTES],
                       struct error *error) RESULT_CHECKED;

/* True for bytes that can be a public key of that role: for Ed25519 a point of the prime-order
 * group in its one encoding. */
bool key_is_valid(enum key_role role, const uint8_t public_key[KEY_PUBLIC_BYTES]);

/* True when both are one key: the same bytes, or an Ed25519 key and its Curve25519 form. */
bool key_is_same(enum key_role role, const uint8_t key[KEY_PUBLIC_BYTES], enum key_role other_role,
                 const uint8_t other_key[KEY_PUBLIC_BYTES]);

/* Z85 (ZeroMQ RFC 32) of 32 bytes, with a NUL: how transport keys are printed. */
#define KEY_Z85_BYTES 41
void key_z85(const uint8_t key[KEY_PUBLIC_BYTES], char out[KEY_Z85_BYTES]);
bool key_z85_parse(struct text text, uint8_t key[KEY_PUBLIC_BYTES]);

#endif
