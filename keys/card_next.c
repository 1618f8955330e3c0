/* The next version of the own card. See card_next.h. */
#include "keys/card_next.h"

#include "keys/card_text.h"

#include <stdio.h>
#include <stdlib.h>

#define YEAR_S ((uint64_t)366 * 86400)

uint64_t card_key_life_s(enum key_role role)
{
    return (role == KEY_IDENTITY ? 10 : 5) * YEAR_S;
}

/* Keeps those keys of a role whose time is not over. */
static void keys_retire(struct card *card, enum key_role role, uint64_t now_s)
{
    size_t kept = 0;
    for (size_t i = 0; i < card->key_count[role]; i++) {
        if (card->keys[role][i].until_s > now_s) {
            card->keys[role][kept++] = card->keys[role][i];
        }
    }
    memset(&card->keys[role][kept], 0, (card->key_count[role] - kept) * sizeof(struct card_key));
    card->key_count[role] = kept;
}

enum result card_next(const struct card *own, uint64_t now_s, struct card **next,
                      struct error *error)
{
    struct card *made = malloc(sizeof *made);
    *next = made;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a card");
    }
    *made = *own;
    made->note = (struct buffer){0};
    made->serial++;
    made->issued_s = now_s;
    for (unsigned role = KEY_IDENTITY + 1; role < KEY_ROLE_COUNT; role++) {
        keys_retire(made, (enum key_role)role, now_s);
    }
    return RESULT_OK;
}

enum result card_next_add(struct card *next, const struct card_change *change, struct error *error)
{
    enum key_role role = change->role;
    struct card_key *keys = next->keys[role];
    uint64_t end_s = change->from_s + change->overlap_s;
    if (role == KEY_IDENTITY) {
        next->key_count[role] = 0;
    }
    if (next->key_count[role] == CARD_KEYS_MAX) {
        return error_set(error, RESULT_FULL,
                         "the card has %d %s keys already, the most there can be; wait until one "
                         "has ended, or revoke one",
                         CARD_KEYS_MAX, key_role_text(role));
    }
    for (size_t i = 0; i < next->key_count[role]; i++) {
        if (keys[i].until_s > end_s) {
            keys[i].until_s = end_s;
        }
    }
    struct card_key *key = &keys[next->key_count[role]++];
    *key = (struct card_key){.from_s = change->from_s,
                             .until_s = change->from_s + card_key_life_s(role)};
    memcpy(key->public_key, change->public_key, KEY_PUBLIC_BYTES);
    if (change->endpoint != NULL) {
        int size = snprintf(key->endpoint, sizeof key->endpoint, "%s", change->endpoint);
        if (size < 0 || (size_t)size >= sizeof key->endpoint) {
            return error_set(error, RESULT_INVALID, "'%s' is too long an endpoint",
                             change->endpoint);
        }
    }
    return RESULT_OK;
}

enum result card_next_drop(struct card *next, enum key_role role,
                           const uint8_t public_key[KEY_PUBLIC_BYTES], struct error *error)
{
    struct card_key *keys = next->keys[role];
    for (size_t i = 0; i < next->key_count[role]; i++) {
        if (memcmp(keys[i].public_key, public_key, KEY_PUBLIC_BYTES) == 0) {
            next->key_count[role]--;
            memmove(&keys[i], &keys[i + 1], (next->key_count[role] - i) * sizeof *keys);
            memset(&keys[next->key_count[role]], 0, sizeof *keys);
            return RESULT_OK;
        }
    }
    return error_set(error, RESULT_NOT_FOUND, "the %s key is not on card %llu of %s",
                     key_role_text(role), (unsigned long long)next->serial, next->party);
}

enum result card_next_text(const struct card *next, struct buffer *out, struct error *error)
{
    struct card check = {0};
    struct buffer text = {0};
    card_text_append(next, &text);
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = card_text_read(buffer_view(&text), &check, error);
    }
    if (result == RESULT_OK) {
        buffer_append(out, text.data, text.size);
        result = buffer_check(out, error);
    }
    buffer_free(&text);
    return result;
}
