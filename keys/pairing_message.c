/* Messages of a pairing. See pairing_message.h. */
#include "keys/pairing_message.h"

#include "keys/text.h"
#include "proto/mp.h"

#include <sodium.h>

static const size_t part_counts[] = {
    [PAIRING_COMMIT] = 3, [PAIRING_REVEAL] = 7, [PAIRING_CONFIRM] = 3, [PAIRING_REFUSE] = 2};

static struct bytes fixed(const uint8_t *data, size_t size)
{
    return (struct bytes){data, size};
}

void pairing_message_append(const struct pairing_message *message, struct buffer *out)
{
    mp_put_array(out, part_counts[message->kind]);
    mp_put_uint(out, message->kind);
    switch (message->kind) {
    case PAIRING_COMMIT:
        mp_put_str(out, TEXT(PAIRING_VERSION));
        mp_put_bin(out, fixed(message->commitment, PAIRING_HASH_BYTES));
        break;
    case PAIRING_REVEAL:
        mp_put_bin(out, fixed(message->nonce, PAIRING_NONCE_BYTES));
        mp_put_bin(out, fixed(message->ephemeral, KEY_PUBLIC_BYTES));
        mp_put_bin(out, message->card);
        mp_put_str(out, message->person);
        mp_put_str(out, message->place);
        mp_put_uint(out, message->time_s);
        break;
    case PAIRING_CONFIRM:
        mp_put_bin(out, fixed(message->proof, PAIRING_HASH_BYTES));
        mp_put_str(out, message->signature);
        break;
    case PAIRING_REFUSE:
        mp_put_str(out, message->reason);
        break;
    }
}

static void reveal_read(struct mp_reader *reader, struct pairing_message *message)
{
    mp_field(reader, "nonce");
    mp_get_fixed(reader, message->nonce, PAIRING_NONCE_BYTES);
    mp_field(reader, "ephemeral key");
    mp_get_fixed(reader, message->ephemeral, KEY_PUBLIC_BYTES);
    mp_field(reader, "card");
    message->card = mp_get_bin(reader, CARD_MAX_BYTES);
    mp_field(reader, "person");
    message->person = mp_get_str(reader, MINUTES_NAME_BYTES - 1);
    if (reader->failed == RESULT_OK && !minutes_name_is_valid(message->person)) {
        mp_fail(reader, "is not a printable name");
    }
    mp_field(reader, "place");
    message->place = mp_get_str(reader, MINUTES_NAME_BYTES - 1);
    if (message->place.size > 0 && !minutes_name_is_valid(message->place)) {
        mp_fail(reader, "is not a printable name");
    }
    mp_field(reader, "time");
    message->time_s = mp_get_uint(reader, TEXT_TIME_MAX_S);
}

enum result pairing_message_read(struct bytes bytes, struct pairing_message *message,
                                 struct error *error)
{
    struct mp_reader reader;
    struct text version = TEXT(PAIRING_VERSION);
    *message = (struct pairing_message){0};
    mp_reader_init(&reader, bytes);
    size_t count = mp_get_array(&reader, 16);
    message->kind = (enum pairing_kind)mp_get_within(&reader, PAIRING_COMMIT, PAIRING_REFUSE);
    if (reader.failed == RESULT_OK && count != part_counts[message->kind]) {
        mp_fail(&reader, "has another number of parts");
    }
    switch (message->kind) {
    case PAIRING_COMMIT:
        version = mp_get_str(&reader, 64);
        mp_get_fixed(&reader, message->commitment, PAIRING_HASH_BYTES);
        break;
    case PAIRING_REVEAL:
        reveal_read(&reader, message);
        break;
    case PAIRING_CONFIRM:
        mp_get_fixed(&reader, message->proof, PAIRING_HASH_BYTES);
        message->signature = mp_get_str(&reader, PAIRING_SIGNATURE_MAX);
        break;
    case PAIRING_REFUSE:
        message->reason = mp_get_str(&reader, PAIRING_REASON_MAX);
        break;
    }
    enum result result = mp_finish(&reader, "pairing message", error);
    if (result == RESULT_OK && !text_equal(version, TEXT(PAIRING_VERSION))) {
        result = error_set(error, RESULT_UNSUPPORTED,
                           "the other side speaks '%.*s', this one '" PAIRING_VERSION
                           "'; use the same release",
                           TEXT_ARGS(version));
    }
    return result;
}

void pairing_frame_append(struct bytes message, struct buffer *out)
{
    const uint8_t head[PAIRING_HEAD_BYTES] = {(uint8_t)(message.size >> 24),
                                              (uint8_t)(message.size >> 16),
                                              (uint8_t)(message.size >> 8), (uint8_t)message.size};
    buffer_append(out, head, sizeof head);
    buffer_append(out, message.data, message.size);
}

enum result pairing_frame_cut(struct bytes *received, struct bytes *message, struct error *error)
{
    *message = (struct bytes){0};
    if (received->size < PAIRING_HEAD_BYTES) {
        return RESULT_OK;
    }
    const uint8_t *head = received->data;
    size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (size > PAIRING_MESSAGE_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "a message of %zu bytes, above the limit of %zu: this is no pairing", size,
                         PAIRING_MESSAGE_MAX_BYTES);
    }
    if (received->size - PAIRING_HEAD_BYTES >= size) {
        *message = (struct bytes){head + PAIRING_HEAD_BYTES, size};
        *received = (struct bytes){head + PAIRING_HEAD_BYTES + size,
                                   received->size - PAIRING_HEAD_BYTES - size};
    }
    return RESULT_OK;
}

void pairing_commitment(enum minutes_role side, struct bytes reveal,
                        uint8_t out[PAIRING_HASH_BYTES])
{
    static const char label[] = PAIRING_VERSION " commitment\n";
    const uint8_t number = (uint8_t)side;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label - 1);
    crypto_hash_sha256_update(&state, &number, 1);
    crypto_hash_sha256_update(&state, reveal.data, reveal.size);
    crypto_hash_sha256_final(&state, out);
}

static void hash_with_size(crypto_hash_sha256_state *state, struct bytes bytes)
{
    uint8_t size[8];
    for (unsigned i = 0; i < sizeof size; i++) {
        size[i] = (uint8_t)((uint64_t)bytes.size >> (56 - 8 * i));
    }
    crypto_hash_sha256_update(state, size, sizeof size);
    crypto_hash_sha256_update(state, bytes.data, bytes.size);
}

void pairing_string(struct bytes listener_reveal, struct bytes caller_reveal,
                    uint8_t out[PAIRING_HASH_BYTES])
{
    static const char label[] = PAIRING_VERSION " string\n";
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label - 1);
    hash_with_size(&state, listener_reveal);
    hash_with_size(&state, caller_reveal);
    crypto_hash_sha256_final(&state, out);
}
