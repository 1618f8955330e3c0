/* Secret key files. See keyfile.h; the form is described in keys/README.md. */
#include "keys/keyfile.h"

#include "keys/file.h"
#include "keys/text.h"
#include "proto/operation.h"

#include <sodium.h>

#define FIRST_LINE      "comesh key v1"
#define FILE_MAX_BYTES  ((size_t)2048)
#define SALT_BYTES      crypto_pwhash_argon2id_SALTBYTES
#define NONCE_BYTES     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEALED_BYTES    (KEY_SECRET_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)
#define SEALED_KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES

/* Argon2id (RFC 9106) version 1.3, one lane. The figures belong to the form of the file: they stay
 * when libsodium's own constants change. */
static const struct {
    const char *word;
    unsigned long long passes;
    size_t memory_bytes;
} costs[] = {
    [KEYFILE_INTERACTIVE] = {"interactive", 2, (size_t)64 << 20},
    [KEYFILE_MODERATE] = {"moderate", 3, (size_t)256 << 20},
    [KEYFILE_SENSITIVE] = {"sensitive", 4, (size_t)1024 << 20},
};
#define COSTS (sizeof costs / sizeof costs[0])

/* A key file, taken apart. */
struct sealed {
    struct text role;
    struct text party;
    struct text environment;
    uint8_t public_key[KEY_PUBLIC_BYTES];
    enum keyfile_cost cost;
    uint8_t salt[SALT_BYTES];
    uint8_t nonce[NONCE_BYTES];
    struct bytes clear; /* all lines before the secret: authenticated with it */
    uint8_t secret[SEALED_BYTES];
};

static void line_append(struct buffer *out, const char *word, struct bytes value)
{
    buffer_printf(out, "%s ", word);
    text_base64_append(out, value);
    buffer_text(out, "\n");
}

static void clear_append(const struct sealed *file, struct buffer *out)
{
    buffer_printf(out, FIRST_LINE "\nrole %.*s\nparty %.*s\nenvironment %.*s\n",
                  TEXT_ARGS(file->role), TEXT_ARGS(file->party), TEXT_ARGS(file->environment));
    line_append(out, "public", (struct bytes){file->public_key, sizeof file->public_key});
    buffer_printf(out, "argon2id %s\n", costs[file->cost].word);
    line_append(out, "salt", (struct bytes){file->salt, sizeof file->salt});
    line_append(out, "nonce", (struct bytes){file->nonce, sizeof file->nonce});
}

/* Takes the next line, "word value". */
static bool line_take(struct text_lines *lines, const char *word, struct text *value)
{
    if (!text_lines_next(lines)) {
        return false;
    }
    *value = lines->line;
    return text_skip(value, word) && text_skip(value, " ") && value->size > 0;
}

static bool line_take_bytes(struct text_lines *lines, const char *word, uint8_t *out, size_t size)
{
    struct text value;
    size_t got = 0;
    return line_take(lines, word, &value) && text_base64_read(value, out, size, &got) &&
           got == size;
}

bool keyfile_cost_parse(struct text word, enum keyfile_cost *cost)
{
    for (unsigned i = 0; i < COSTS; i++) {
        if (text_equal(word, text_of(costs[i].word))) {
            *cost = (enum keyfile_cost)i;
            return true;
        }
    }
    return false;
}

static bool line_take_cost(struct text_lines *lines, enum keyfile_cost *cost)
{
    struct text value;
    return line_take(lines, "argon2id", &value) && keyfile_cost_parse(value, cost);
}

static enum result sealed_read(struct text text, struct sealed *file, struct error *error)
{
    struct text_lines lines = {.rest = text};
    bool whole = text_lines_next(&lines) && text_equal(lines.line, TEXT(FIRST_LINE)) &&
                 line_take(&lines, "role", &file->role) &&
                 line_take(&lines, "party", &file->party) &&
                 line_take(&lines, "environment", &file->environment) &&
                 line_take_bytes(&lines, "public", file->public_key, sizeof file->public_key) &&
                 line_take_cost(&lines, &file->cost) &&
                 line_take_bytes(&lines, "salt", file->salt, sizeof file->salt) &&
                 line_take_bytes(&lines, "nonce", file->nonce, sizeof file->nonce);
    file->clear = text_bytes((struct text){text.data, text.size - lines.rest.size});
    whole = whole && line_take_bytes(&lines, "secret", file->secret, sizeof file->secret);
    if (!whole || lines.rest.size > 0) {
        return error_set(error, RESULT_INVALID,
                         "line %zu is not of a whole key file ('" FIRST_LINE
                         "'); take it from a backup",
                         lines.number + (whole ? 1 : 0));
    }
    return RESULT_OK;
}

static enum result file_load(const char *path, struct buffer *text, struct sealed *file,
                             struct error *error)
{
    enum result result = file_read(path, FILE_MAX_BYTES, FILE_SECRET, text, error);
    return result == RESULT_OK ? sealed_read(buffer_view(text), file, error) : result;
}

/* Role, party and environment are looked at before the passphrase is tried. */
static enum result owner_check(const struct sealed *file, enum key_role role,
                               const struct keyfile_owner *owner, struct error *error)
{
    if (text_equal(file->role, text_of(key_role_text(role))) &&
        text_equal(file->party, owner->party) &&
        text_equal(file->environment, owner->environment)) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_DENIED,
                     "holds the %.*s key of %.*s for %.*s, where the %s key of %.*s for %.*s is "
                     "needed",
                     TEXT_ARGS(file->role), TEXT_ARGS(file->party), TEXT_ARGS(file->environment),
                     key_role_text(role), TEXT_ARGS(owner->party), TEXT_ARGS(owner->environment));
}

/* The key that seals the secret, in locked memory; the caller frees it with sodium_free. */
static enum result sealing_key(const struct sealed *file, struct bytes passphrase, uint8_t **key,
                               struct error *error)
{
    *key = sodium_malloc(SEALED_KEY_SIZE);
    if (*key == NULL ||
        crypto_pwhash(*key, SEALED_KEY_SIZE, (const char *)passphrase.data, passphrase.size,
                      file->salt, costs[file->cost].passes, costs[file->cost].memory_bytes,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return error_set(error, RESULT_NO_MEMORY,
                         "no memory to try the passphrase: %zu MiB are needed",
                         costs[file->cost].memory_bytes >> 20);
    }
    return RESULT_OK;
}

static enum result secret_seal(struct sealed *file, const struct keypair *keypair,
                               struct bytes passphrase, struct buffer *out, struct error *error)
{
    uint8_t *key = NULL;
    memcpy(file->public_key, keypair_public(keypair), sizeof file->public_key);
    randombytes_buf(file->salt, sizeof file->salt);
    randombytes_buf(file->nonce, sizeof file->nonce);
    clear_append(file, out);
    enum result result = buffer_check(out, error);
    if (result == RESULT_OK) {
        result = sealing_key(file, passphrase, &key, error);
    }
    if (result == RESULT_OK) {
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
            file->secret, NULL, keypair_secret(keypair), KEY_SECRET_BYTES, out->data, out->size,
            NULL, file->nonce, key);
        line_append(out, "secret", (struct bytes){file->secret, sizeof file->secret});
        result = buffer_check(out, error);
    }
    sodium_free(key);
    return result;
}

static enum result secret_open(const struct sealed *file, enum key_role role,
                               struct bytes passphrase, struct keypair **keypair,
                               struct error *error)
{
    uint8_t *key = NULL;
    uint8_t *secret = sodium_malloc(KEY_SECRET_BYTES);
    enum result result = sealing_key(file, passphrase, &key, error);
    if (result == RESULT_OK && secret == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "no locked memory for a key");
    }
    if (result == RESULT_OK && crypto_aead_xchacha20poly1305_ietf_decrypt(
                                   secret, NULL, NULL, file->secret, sizeof file->secret,
                                   file->clear.data, file->clear.size, file->nonce, key) != 0) {
        result = error_set(error, RESULT_DENIED,
                           "the passphrase does not open it, or the file was changed");
    }
    if (result == RESULT_OK) {
        result = keypair_from_secret(role, secret, keypair, error);
    }
    if (result == RESULT_OK &&
        memcmp(keypair_public(*keypair), file->public_key, sizeof file->public_key) != 0) {
        keypair_destroy(keypair);
        result = error_set(error, RESULT_CORRUPT, "its public key is not that of its secret");
    }
    sodium_free(secret);
    sodium_free(key);
    return result;
}

enum result keyfile_write(const char *path, const struct keyfile_owner *owner,
                          const struct keypair *keypair, struct bytes passphrase,
                          enum keyfile_cost cost, struct error *error)
{
    struct buffer text = {0};
    struct sealed file = {.role = text_of(key_role_text(keypair_role(keypair))),
                          .party = owner->party,
                          .environment = owner->environment,
                          .cost = cost};
    enum result result = secret_seal(&file, keypair, passphrase, &text, error);
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&text), FILE_SECRET, error);
    }
    if (result != RESULT_OK) {
        (void)error_wrap(error, "key file '%s'", path);
    }
    buffer_free(&text);
    return result;
}

enum result keyfile_read(const char *path, enum key_role role, const struct keyfile_owner *owner,
                         struct bytes passphrase, struct keypair **keypair, struct error *error)
{
    struct buffer text = {0};
    struct sealed file = {0};
    *keypair = NULL;
    enum result result = file_load(path, &text, &file, error);
    if (result == RESULT_OK) {
        result = owner_check(&file, role, owner, error);
    }
    if (result == RESULT_OK) {
        result = secret_open(&file, role, passphrase, keypair, error);
    }
    if (result != RESULT_OK) {
        (void)error_wrap(error, "key file '%s'", path);
    }
    buffer_free(&text);
    return result;
}

enum result keyfile_peek(const char *path, const struct keyfile_owner *owner,
                         struct keyfile_clear *clear, struct error *error)
{
    struct buffer text = {0};
    struct sealed file = {0};
    *clear = (struct keyfile_clear){0};
    enum result result = file_load(path, &text, &file, error);
    if (result == RESULT_OK && !key_role_parse(file.role, &clear->role)) {
        result = error_set(error, RESULT_INVALID, "'%.*s' is no role of a key",
                           (int)(file.role.size < 40 ? file.role.size : 40), file.role.data);
    }
    if (result == RESULT_OK && owner != NULL) {
        result = owner_check(&file, clear->role, owner, error);
    }
    if (result == RESULT_OK &&
        (!name_is_party(file.party) || !environment_valid(file.environment))) {
        result = error_set(error, RESULT_INVALID, "names no party or no environment");
    }
    if (result == RESULT_OK) {
        memcpy(clear->public_key, file.public_key, sizeof clear->public_key);
        memcpy(clear->party, file.party.data, file.party.size);
        memcpy(clear->environment, file.environment.data, file.environment.size);
        clear->cost = file.cost;
    } else {
        (void)error_wrap(error, "key file '%s'", path);
    }
    buffer_free(&text);
    return result;
}
