/* Idempotency keys. See idempotency.h. */
#include "node/bridge/idempotency.h"

bool idempotency_key_valid(struct text key)
{
    for (size_t i = 0; i < key.size; i++) {
        if (key.data[i] <= ' ' || key.data[i] > '~') {
            return false;
        }
    }
    return key.size > 0 && key.size <= IDEMPOTENCY_KEY_MAX_BYTES;
}

/* A caller's name has no line feed, so that no two pairs are one text. */
static struct merkle_hash hash_key(struct text caller, struct text key)
{
    struct merkle_hash hash;
    struct buffer text = {0};
    buffer_printf(&text, "%.*s\n%.*s", TEXT_ARGS(caller), TEXT_ARGS(key));
    merkle_sha256(buffer_bytes(&text), &hash);
    buffer_free(&text);
    return hash;
}

static size_t place_of(const struct merkle_hash *hash)
{
    return ((size_t)hash->bytes[0] << 8 | hash->bytes[1]) % IDEMPOTENCY_PLACES;
}

static bool same(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

enum result idempotency_note(struct idempotency *idempotency, struct text caller, struct text key,
                             const struct merkle_hash *content, struct error *error)
{
    struct merkle_hash hash = hash_key(caller, key);
    size_t place = place_of(&hash);
    for (size_t i = 0; i < IDEMPOTENCY_KEYS_A_PLACE; i++) {
        if (!same(&idempotency->places[place].keys[i].key, &hash)) {
            continue;
        }
        if (same(&idempotency->places[place].keys[i].content, content)) {
            return RESULT_OK;
        }
        return error_set(error, RESULT_CONFLICT,
                         "the Idempotency-Key was used for another request; use a new key for a "
                         "new request");
    }
    memmove(&idempotency->places[place].keys[1], &idempotency->places[place].keys[0],
            (IDEMPOTENCY_KEYS_A_PLACE - 1) * sizeof idempotency->places[place].keys[0]);
    idempotency->places[place].keys[0].key = hash;
    idempotency->places[place].keys[0].content = *content;
    return RESULT_OK;
}

void idempotency_forget(struct idempotency *idempotency, struct text caller, struct text key)
{
    struct merkle_hash hash = hash_key(caller, key);
    size_t place = place_of(&hash);
    for (size_t i = 0; i < IDEMPOTENCY_KEYS_A_PLACE; i++) {
        if (same(&idempotency->places[place].keys[i].key, &hash)) {
            memset(&idempotency->places[place].keys[i], 0,
                   sizeof idempotency->places[place].keys[i]);
        }
    }
}
