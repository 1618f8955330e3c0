/* The key that signs webhooks. See webhook_key.h. */
#include "keys/webhook_key.h"

#include "keys/file.h"
#include "keys/text.h"

#include <sodium.h>
#include <stdio.h>

#define FIRST_LINE     "comesh webhook key v1\n"
#define SECRET_PREFIX  "whsk_"
#define FILE_MAX_BYTES ((size_t)256)

struct webhook_key {
    uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* seed and public key, as libsodium has it */
};

static enum result key_write(const char *path, const uint8_t seed[crypto_sign_SEEDBYTES],
                             struct error *error)
{
    struct buffer text = {0};
    buffer_text(&text, FIRST_LINE SECRET_PREFIX);
    text_base64_append(&text, (struct bytes){seed, crypto_sign_SEEDBYTES});
    buffer_text(&text, "\n");
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&text), FILE_SECRET, error);
    }
    sodium_memzero(text.data, text.size);
    buffer_free(&text);
    return result;
}

static enum result key_read(const char *path, uint8_t seed[crypto_sign_SEEDBYTES],
                            struct error *error)
{
    struct buffer text = {0};
    size_t size = 0;
    enum result result = file_read(path, FILE_MAX_BYTES, FILE_SECRET, &text, error);
    if (result == RESULT_OK) {
        struct text rest = buffer_view(&text);
        bool good = text_skip(&rest, FIRST_LINE) && text_skip(&rest, SECRET_PREFIX);
        struct text secret = text_until(&rest, '\n');
        if (!good || !text_base64_read(secret, seed, crypto_sign_SEEDBYTES, &size) ||
            size != crypto_sign_SEEDBYTES || !text_equal(rest, TEXT("\n"))) {
            result = error_set(error, RESULT_INVALID,
                               "'%s' is no webhook key; remove it, and a new "
                               "one is made",
                               path);
        }
    }
    if (text.data != NULL) {
        sodium_memzero(text.data, text.size);
    }
    buffer_free(&text);
    return result;
}

enum result webhook_key_open(const char *path, struct webhook_key **key, struct error *error)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    *key = NULL;
    enum result result = key_read(path, seed, error);
    if (result == RESULT_NOT_FOUND) {
        randombytes_buf(seed, sizeof seed);
        result = key_write(path, seed, error);
    }
    struct webhook_key *made = NULL;
    if (result == RESULT_OK) {
        made = sodium_malloc(sizeof *made);
        result = made != NULL ? RESULT_OK
                              : error_set(error, RESULT_NO_MEMORY, "no memory for a webhook key");
    }
    if (result == RESULT_OK) {
        (void)crypto_sign_seed_keypair(public_key, made->secret, seed);
        (void)sodium_mprotect_readonly(made);
        *key = made;
    }
    sodium_memzero(seed, sizeof seed);
    return result;
}

void webhook_key_destroy(struct webhook_key **key)
{
    sodium_free(*key);
    *key = NULL;
}

void webhook_key_public(const struct webhook_key *key, char out[WEBHOOK_PUBLIC_BYTES])
{
    struct buffer text = {0};
    text_base64_append(
        &text, (struct bytes){key->secret + crypto_sign_SEEDBYTES, crypto_sign_PUBLICKEYBYTES});
    (void)snprintf(out, WEBHOOK_PUBLIC_BYTES, "whpk_%.*s", TEXT_ARGS(buffer_view(&text)));
    buffer_free(&text);
}

void webhook_key_sign(const struct webhook_key *key, struct bytes content, struct buffer *out)
{
    uint8_t signature[crypto_sign_BYTES];
    (void)crypto_sign_detached(signature, NULL, content.data, content.size, key->secret);
    buffer_text(out, "v1a,");
    text_base64_append(out, (struct bytes){signature, sizeof signature});
}
