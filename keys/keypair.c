/* Key pairs. See keypair.h. */
#include "keys/keypair.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

_Static_assert(KEY_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public keys");
_Static_assert(KEY_PUBLIC_BYTES == crypto_scalarmult_BYTES, "Curve25519 public keys");
_Static_assert(KEY_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signatures");
_Static_assert(KEY_SECRET_BYTES == crypto_sign_SEEDBYTES, "an Ed25519 secret is its seed");
_Static_assert(KEY_SECRET_BYTES == crypto_scalarmult_SCALARBYTES, "a Curve25519 secret");

/* `secret` is read-only memory of sodium_malloc: for Ed25519 the seed and then the public key, as
 * libsodium wants it; for Curve25519 the scalar. */
struct keypair {
    atomic_size_t holders;
    enum key_role role;
    uint8_t public_key[KEY_PUBLIC_BYTES];
    uint8_t *secret;
};

static const char *const role_texts[KEY_ROLE_COUNT] = {
#define KEY_ROLE_TEXT(symbol, word, purpose) [KEY_##symbol] = (word),
    KEY_ROLE_MAP(KEY_ROLE_TEXT)
#undef KEY_ROLE_TEXT
};

enum result keys_init(struct error *error)
{
    if (sodium_init() < 0) {
        return error_set(error, RESULT_INTERNAL, "libsodium does not start; reinstall it");
    }
    return RESULT_OK;
}

const char *key_role_text(enum key_role role)
{
    return (unsigned)role < KEY_ROLE_COUNT ? role_texts[role] : "unknown";
}

bool key_role_parse(struct text text, enum key_role *role)
{
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        if (text_equal(text_of(role_texts[i]), text)) {
            *role = (enum key_role)i;
            return true;
        }
    }
    return false;
}

/* Makes the key pair of a seed or scalar in `keypair`, which has room for the secret. */
static bool secret_expand(struct keypair *keypair, const uint8_t secret[KEY_SECRET_BYTES])
{
    if (keypair->role == KEY_TRANSPORT) {
        memcpy(keypair->secret, secret, KEY_SECRET_BYTES);
        return crypto_scalarmult_base(keypair->public_key, keypair->secret) == 0;
    }
    return crypto_sign_seed_keypair(keypair->public_key, keypair->secret, secret) == 0;
}

enum result keypair_from_secret(enum key_role role, const uint8_t secret[KEY_SECRET_BYTES],
                                struct keypair **keypair, struct error *error)
{
    struct keypair *made = calloc(1, sizeof *made);
    *keypair = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a %s key", key_role_text(role));
    }
    atomic_init(&made->holders, 1);
    made->role = role;
    made->secret = sodium_malloc(role == KEY_TRANSPORT ? (size_t)KEY_SECRET_BYTES
                                                       : (size_t)crypto_sign_SECRETKEYBYTES);
    if (made->secret == NULL || !secret_expand(made, secret) ||
        sodium_mprotect_readonly(made->secret) != 0) {
        keypair_destroy(&made);
        return error_set(error, RESULT_NO_MEMORY,
                         "no locked memory for a %s key; raise LimitMEMLOCK", key_role_text(role));
    }
    *keypair = made;
    return RESULT_OK;
}

enum result keypair_generate(enum key_role role, struct keypair **keypair, struct error *error)
{
    *keypair = NULL;
    uint8_t *secret = sodium_malloc(KEY_SECRET_BYTES);
    if (secret == NULL) {
        return error_set(error, RESULT_NO_MEMORY,
                         "no locked memory for a %s key; raise LimitMEMLOCK", key_role_text(role));
    }
    randombytes_buf(secret, KEY_SECRET_BYTES);
    enum result result = keypair_from_secret(role, secret, keypair, error);
    sodium_free(secret);
    return result;
}

struct keypair *keypair_share(struct keypair *keypair)
{
    (void)atomic_fetch_add_explicit(&keypair->holders, 1, memory_order_relaxed);
    return keypair;
}

void keypair_destroy(struct keypair **keypair)
{
    struct keypair *held = *keypair;
    *keypair = NULL;
    if (held != NULL && atomic_fetch_sub_explicit(&held->holders, 1, memory_order_acq_rel) == 1) {
        sodium_free(held->secret);
        free(held);
    }
}

enum key_role keypair_role(const struct keypair *keypair)
{
    return keypair->role;
}

const uint8_t *keypair_public(const struct keypair *keypair)
{
    return keypair->public_key;
}

const uint8_t *keypair_secret(const struct keypair *keypair)
{
    return keypair->secret;
}

const uint8_t *keypair_transport_secret(const struct keypair *keypair)
{
    return keypair->role == KEY_TRANSPORT ? keypair->secret : NULL;
}

enum result keypair_sign(const struct keypair *keypair, struct bytes message,
                         uint8_t signature[KEY_SIGNATURE_BYTES], struct error *error)
{
    if (keypair->role == KEY_TRANSPORT) {
        return error_set(error, RESULT_INVALID, "a transport key does not sign");
    }
    if (crypto_sign_detached(signature, NULL, message.data, message.size, keypair->secret) != 0) {
        return error_set(error, RESULT_INTERNAL, "the %s key does not sign",
                         key_role_text(keypair->role));
    }
    return RESULT_OK;
}

enum result key_verify(const uint8_t public_key[KEY_PUBLIC_BYTES], struct bytes message,
                       const uint8_t signature[KEY_SIGNATURE_BYTES], struct error *error)
{
    if (crypto_sign_verify_detached(signature, message.data, message.size, public_key) != 0) {
        return error_set(error, RESULT_UNTRUSTED, "the signature does not hold");
    }
    return RESULT_OK;
}

bool key_is_valid(enum key_role role, const uint8_t public_key[KEY_PUBLIC_BYTES])
{
    if (role != KEY_TRANSPORT) {
        return crypto_core_ed25519_is_valid_point(public_key) == 1;
    }
    return !sodium_is_zero(public_key, KEY_PUBLIC_BYTES);
}

bool key_is_same(enum key_role role, const uint8_t key[KEY_PUBLIC_BYTES], enum key_role other_role,
                 const uint8_t other_key[KEY_PUBLIC_BYTES])
{
    uint8_t converted[KEY_PUBLIC_BYTES];
    if (memcmp(key, other_key, KEY_PUBLIC_BYTES) == 0) {
        return true;
    }
    if ((role == KEY_TRANSPORT) == (other_role == KEY_TRANSPORT)) {
        return false;
    }
    const uint8_t *transport = role == KEY_TRANSPORT ? key : other_key;
    const uint8_t *signing = role == KEY_TRANSPORT ? other_key : key;
    return crypto_sign_ed25519_pk_to_curve25519(converted, signing) == 0 &&
           memcmp(converted, transport, KEY_PUBLIC_BYTES) == 0;
}

/* ZeroMQ RFC 32. */
static const char z85_digits[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

void key_z85(const uint8_t key[KEY_PUBLIC_BYTES], char out[KEY_Z85_BYTES])
{
    for (size_t group = 0; group < KEY_PUBLIC_BYTES / 4; group++) {
        const uint8_t *from = key + 4 * group;
        uint32_t value = (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 |
                         (uint32_t)from[2] << 8 | (uint32_t)from[3];
        for (size_t i = 5; i-- > 0;) {
            out[5 * group + i] = z85_digits[value % 85];
            value /= 85;
        }
    }
    out[KEY_Z85_BYTES - 1] = '\0';
}

bool key_z85_parse(struct text text, uint8_t key[KEY_PUBLIC_BYTES])
{
    if (text.size != KEY_Z85_BYTES - 1) {
        return false;
    }
    for (size_t group = 0; group < KEY_PUBLIC_BYTES / 4; group++) {
        uint64_t value = 0;
        for (size_t i = 0; i < 5; i++) {
            const char *digit = memchr(z85_digits, text.data[5 * group + i], sizeof z85_digits - 1);
            if (digit == NULL) {
                return false;
            }
            value = value * 85 + (uint64_t)(digit - z85_digits);
        }
        if (value > UINT32_MAX) {
            return false;
        }
        for (size_t i = 4; i-- > 0;) {
            key[4 * group + i] = (uint8_t)value;
            value >>= 8;
        }
    }
    return true;
}
