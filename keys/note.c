/* Signed notes. See note.h. The text that is implemented is pinned in proto/README.md. */
#include "keys/note.h"

#include "keys/text.h"
#include "proto/utf8.h"

#include <inttypes.h>
#include <sodium.h>

#define SIGNATURE_PREFIX "\xe2\x80\x94 " /* em dash, blank */
#define DECODED_MAX      (NOTE_KEY_ID_BYTES + NOTE_SIGNATURE_MAX_BYTES)

static bool name_is_valid(struct text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (c <= ' ' || c > '~' || c == '+') {
            return false;
        }
    }
    return name.size > 0;
}

/* What is wrong with a body, or NULL. */
static const char *body_problem(struct text body)
{
    if (body.size == 0 || body.data[body.size - 1] != '\n') {
        return "does not end in a newline";
    }
    if (!utf8_valid(body)) {
        return "is not valid UTF-8";
    }
    for (size_t i = 0; i < body.size; i++) {
        unsigned char c = (unsigned char)body.data[i];
        if ((c < ' ' && c != '\n') || c == 0x7f) {
            return c == '\r' ? "has a carriage return; lines end in a newline alone"
                             : "has a control character";
        }
    }
    return NULL;
}

static bool signature_read(struct text line, struct note_signature *signature)
{
    uint8_t decoded[DECODED_MAX];
    size_t size = 0;
    if (!text_skip(&line, SIGNATURE_PREFIX)) {
        return false;
    }
    signature->name = text_until(&line, ' ');
    if (!name_is_valid(signature->name) || !text_skip(&line, " ") ||
        !text_base64_read(line, decoded, sizeof decoded, &size) || size <= NOTE_KEY_ID_BYTES) {
        return false;
    }
    memcpy(signature->key_id, decoded, NOTE_KEY_ID_BYTES);
    signature->size = size - NOTE_KEY_ID_BYTES;
    memcpy(signature->bytes, decoded + NOTE_KEY_ID_BYTES, signature->size);
    return true;
}

static bool signature_is_of(const struct note_signature *signature, struct text name,
                            const uint8_t key_id[NOTE_KEY_ID_BYTES])
{
    return text_equal(signature->name, name) &&
           memcmp(signature->key_id, key_id, NOTE_KEY_ID_BYTES) == 0;
}

static enum result signatures_read(struct text lines, size_t line_number, struct note *note,
                                   struct error *error)
{
    struct text_lines cursor = {.rest = lines, .number = line_number};
    note->signature_count = 0;
    while (text_lines_next(&cursor)) {
        if (note->signature_count == NOTE_SIGNATURES_MAX) {
            return error_set(error, RESULT_TOO_LARGE, "note: more than %d signatures",
                             NOTE_SIGNATURES_MAX);
        }
        struct note_signature *signature = &note->signatures[note->signature_count];
        if (!signature_read(cursor.line, signature)) {
            return error_set(error, RESULT_INVALID,
                             "note, line %zu: not a signature line \"\xe2\x80\x94 name base64\"",
                             cursor.number);
        }
        for (size_t i = 0; i < note->signature_count; i++) {
            if (signature_is_of(&note->signatures[i], signature->name, signature->key_id)) {
                return error_set(error, RESULT_INVALID,
                                 "note, line %zu: a second signature of the key %.*s",
                                 cursor.number, TEXT_ARGS(signature->name));
            }
        }
        note->signature_count++;
    }
    return RESULT_OK;
}

/* The text is parted from the signatures by the last empty line. */
static bool body_split(struct text text, struct text *body, struct text *signatures)
{
    for (size_t i = text.size; i-- > 1;) {
        if (text.data[i] == '\n' && text.data[i - 1] == '\n') {
            *body = (struct text){text.data, i};
            *signatures = (struct text){text.data + i + 1, text.size - i - 1};
            return true;
        }
    }
    return false;
}

enum result note_parse_draft(struct bytes bytes, struct note *note, struct error *error)
{
    struct text text = bytes_text(bytes);
    struct text signatures;
    if (bytes.size > NOTE_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "note: %zu bytes are above the limit of %zu",
                         bytes.size, NOTE_MAX_BYTES);
    }
    const char *problem = body_problem(text);
    if (problem != NULL) {
        return error_set(error, RESULT_INVALID, "note: the text %s", problem);
    }
    if (!body_split(text, &note->body, &signatures)) {
        return error_set(error, RESULT_INVALID, "note: no empty line before the signatures");
    }
    size_t line_number = 1;
    for (size_t i = 0; i < note->body.size; i++) {
        line_number += note->body.data[i] == '\n' ? 1 : 0;
    }
    return signatures_read(signatures, line_number, note, error);
}

enum result note_parse(struct bytes bytes, struct note *note, struct error *error)
{
    enum result result = note_parse_draft(bytes, note, error);
    if (result == RESULT_OK && note->signature_count == 0) {
        result = error_set(error, RESULT_INVALID, "note: nobody has signed it");
    }
    return result;
}

void note_key_id(struct text name, enum note_algorithm algorithm,
                 const uint8_t public_key[KEY_PUBLIC_BYTES], uint8_t key_id[NOTE_KEY_ID_BYTES])
{
    crypto_hash_sha256_state state;
    uint8_t hash[crypto_hash_sha256_BYTES];
    const uint8_t middle[] = {'\n', (uint8_t)algorithm};
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)name.data, name.size);
    crypto_hash_sha256_update(&state, middle, sizeof middle);
    crypto_hash_sha256_update(&state, public_key, KEY_PUBLIC_BYTES);
    crypto_hash_sha256_final(&state, hash);
    memcpy(key_id, hash, NOTE_KEY_ID_BYTES);
}

/* The bytes that are signed: the body itself, or for a cosignature two lines and the body. */
static void message_append(struct text body, enum note_algorithm algorithm, uint64_t time_s,
                           struct buffer *out)
{
    if (algorithm == NOTE_COSIGNATURE_V1) {
        buffer_printf(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    }
    buffer_append(out, body.data, body.size);
}

static enum result signer_check(struct text body, struct text name, enum note_algorithm algorithm,
                                uint64_t time_s, const struct keypair *key, struct error *error)
{
    enum key_role role = keypair_role(key);
    bool fits = algorithm == NOTE_COSIGNATURE_V1 ? role == KEY_RECEIPT
                                                 : role == KEY_IDENTITY || role == KEY_CHECKPOINT;
    if (!fits) {
        return error_set(error, RESULT_DENIED, "note: a %s key does not make %s",
                         key_role_text(role),
                         algorithm == NOTE_COSIGNATURE_V1 ? "cosignatures" : "plain signatures");
    }
    const char *problem = body_problem(body);
    if (problem != NULL) {
        return error_set(error, RESULT_INVALID, "note: the text to sign %s", problem);
    }
    if (!name_is_valid(name)) {
        return error_set(error, RESULT_INVALID,
                         "note: the key name '%.*s' is not of visible ASCII without '+'",
                         TEXT_ARGS(name));
    }
    if (time_s > NOTE_TIME_MAX_S) {
        return error_set(error, RESULT_INVALID, "note: the time %" PRIu64 " is above 2^63 - 1",
                         time_s);
    }
    return RESULT_OK;
}

enum result note_add_signature(struct text body, struct text name, enum note_algorithm algorithm,
                               uint64_t time_s, const struct keypair *key, struct buffer *out,
                               struct error *error)
{
    uint8_t line[DECODED_MAX];
    size_t size = NOTE_KEY_ID_BYTES;
    struct buffer message = {0};
    enum result result = signer_check(body, name, algorithm, time_s, key, error);
    if (result != RESULT_OK) {
        return result;
    }
    note_key_id(name, algorithm, keypair_public(key), line);
    if (algorithm == NOTE_COSIGNATURE_V1) {
        for (unsigned i = 0; i < NOTE_TIME_BYTES; i++) {
            line[size++] = (uint8_t)(time_s >> (56 - 8 * i));
        }
    }
    message_append(body, algorithm, time_s, &message);
    result = buffer_check(&message, error);
    if (result == RESULT_OK) {
        result = keypair_sign(key, buffer_bytes(&message), line + size, error);
    }
    if (result == RESULT_OK) {
        buffer_text(out, SIGNATURE_PREFIX);
        buffer_append(out, name.data, name.size);
        buffer_text(out, " ");
        text_base64_append(out, (struct bytes){line, size + KEY_SIGNATURE_BYTES});
        buffer_text(out, "\n");
        result = buffer_check(out, error);
    }
    buffer_free(&message);
    return result;
}

enum result note_sign(struct buffer *note, struct text name, const struct keypair *key,
                      struct error *error)
{
    struct buffer line = {0};
    enum result result =
        note_add_signature(buffer_view(note), name, NOTE_ED25519, 0, key, &line, error);
    if (result == RESULT_OK) {
        buffer_text(note, "\n");
        buffer_append(note, line.data, line.size);
        result = buffer_check(note, error);
    }
    buffer_free(&line);
    return result;
}

/* Verifies one line of a known name and key id. */
static enum result signature_verify(struct text body, const struct note_signature *signature,
                                    enum note_algorithm algorithm,
                                    const uint8_t public_key[KEY_PUBLIC_BYTES], uint64_t *time_s,
                                    struct error *error)
{
    size_t start = algorithm == NOTE_COSIGNATURE_V1 ? NOTE_TIME_BYTES : 0;
    struct buffer message = {0};
    *time_s = 0;
    if (signature->size != start + KEY_SIGNATURE_BYTES) {
        return error_set(error, RESULT_UNTRUSTED, "the signature has another length");
    }
    for (size_t i = 0; i < start; i++) {
        *time_s = *time_s << 8 | signature->bytes[i];
    }
    if (*time_s > NOTE_TIME_MAX_S) {
        return error_set(error, RESULT_UNTRUSTED, "the time of the signature is above 2^63 - 1");
    }
    message_append(body, algorithm, *time_s, &message);
    enum result result = buffer_check(&message, error);
    if (result == RESULT_OK) {
        result = key_verify(public_key, buffer_bytes(&message), signature->bytes + start, error);
    }
    buffer_free(&message);
    return result;
}

enum result note_verify(const struct note *note, struct text name, enum note_algorithm algorithm,
                        const uint8_t public_key[KEY_PUBLIC_BYTES], uint64_t *time_s,
                        struct error *error)
{
    uint8_t key_id[NOTE_KEY_ID_BYTES];
    uint64_t time = 0;
    note_key_id(name, algorithm, public_key, key_id);
    for (size_t i = 0; i < note->signature_count; i++) {
        if (!signature_is_of(&note->signatures[i], name, key_id)) {
            continue;
        }
        enum result result =
            signature_verify(note->body, &note->signatures[i], algorithm, public_key, &time, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "note: key %.*s", TEXT_ARGS(name));
        } else if (time_s != NULL) {
            *time_s = time;
        }
        return result;
    }
    return error_set(error, RESULT_NOT_FOUND, "note: no signature of the key %.*s",
                     TEXT_ARGS(name));
}

bool note_names(const struct note *note, struct text name, enum note_algorithm algorithm,
                const uint8_t public_key[KEY_PUBLIC_BYTES])
{
    uint8_t key_id[NOTE_KEY_ID_BYTES];
    note_key_id(name, algorithm, public_key, key_id);
    for (size_t i = 0; i < note->signature_count; i++) {
        if (signature_is_of(&note->signatures[i], name, key_id)) {
            return true;
        }
    }
    return false;
}

enum result note_verify_alone(const struct note *note, struct text name,
                              const uint8_t public_key[KEY_PUBLIC_BYTES], struct error *error)
{
    if (note->signature_count != 1) {
        return error_set(error, RESULT_INVALID,
                         "%zu signatures, where the identity key signs alone",
                         note->signature_count);
    }
    enum result result = note_verify(note, name, NOTE_ED25519, public_key, NULL, error);
    if (result == RESULT_NOT_FOUND) {
        return error_set(error, RESULT_UNTRUSTED,
                         "signed by %.*s, not by the identity key it names (%.*s)",
                         TEXT_ARGS(note->signatures[0].name), TEXT_ARGS(name));
    }
    return result;
}
