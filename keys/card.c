/* Cards. See card.h. */
#include "keys/card.h"

#include "keys/card_text.h"
#include "keys/note.h"
#include "keys/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define CLOCK_AHEAD_MAX_S 86400 /* of the clock that issued a card */

const struct card_key *card_key_at(const struct card *card, size_t place, enum key_role *role)
{
    for (unsigned i = 0; i < KEY_ROLE_COUNT; i++) {
        if (place < card->key_count[i]) {
            *role = (enum key_role)i;
            return &card->keys[i][place];
        }
        place -= card->key_count[i];
    }
    return NULL;
}

const struct card_key *card_key_in_use(const struct card *card, enum key_role role, uint64_t now_s)
{
    const struct card_key *found = NULL;
    for (size_t i = 0; i < card->key_count[role]; i++) {
        const struct card_key *key = &card->keys[role][i];
        if (card_key_is_valid(key, now_s) && (found == NULL || key->from_s >= found->from_s)) {
            found = key;
        }
    }
    return found;
}

const struct card_key *card_key_find(const struct card *card, enum key_role role,
                                     const uint8_t public_key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < card->key_count[role]; i++) {
        if (memcmp(card->keys[role][i].public_key, public_key, KEY_PUBLIC_BYTES) == 0) {
            return &card->keys[role][i];
        }
    }
    return NULL;
}

void card_endpoint_name(const struct card *card, char out[CARD_NAME_BYTES])
{
    (void)snprintf(out, CARD_NAME_BYTES, "%s.coconnect.%s", card->environment, card->domain);
}

void card_key_name(const struct card *card, enum key_role role, char out[CARD_NAME_BYTES])
{
    (void)snprintf(out, CARD_NAME_BYTES, "%s.coconnect.%s/%s", card->environment, card->domain,
                   key_role_text(role));
}

void fingerprint_hash(struct text party, struct text environment,
                      const uint8_t identity[KEY_PUBLIC_BYTES], uint8_t hash[WORDS_HASH_BYTES])
{
    const struct text pieces[] = {TEXT("comesh fingerprint v1\n"), party, TEXT("\n"), environment,
                                  TEXT("\n")};
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        crypto_hash_sha256_update(&state, (const uint8_t *)pieces[i].data, pieces[i].size);
    }
    crypto_hash_sha256_update(&state, identity, KEY_PUBLIC_BYTES);
    crypto_hash_sha256_final(&state, hash);
}

void card_fingerprint_hash(const struct card *card, uint8_t hash[WORDS_HASH_BYTES])
{
    fingerprint_hash(text_of(card->party), text_of(card->environment),
                     card->keys[KEY_IDENTITY][0].public_key, hash);
}

void card_fingerprint(const struct card *card, char digits[FINGERPRINT_DIGITS_BYTES])
{
    uint8_t hash[WORDS_HASH_BYTES];
    card_fingerprint_hash(card, hash);
    words_digits(hash, digits);
}

/* What a card says of itself must hold at the time it says it was issued. */
static enum result issue_check(const struct card *card, struct error *error)
{
    const struct card_key *identity = &card->keys[KEY_IDENTITY][0];
    char issued[TEXT_TIME_BYTES];
    if (card_key_is_valid(identity, card->issued_s)) {
        return RESULT_OK;
    }
    text_time(card->issued_s, issued);
    return error_set(error, RESULT_INVALID,
                     "card of %s: issued at %s, outside the validity of its identity key",
                     card->party, issued);
}

/* Writes the text that will be signed, and reads it as others will. */
static enum result text_make(const struct card *card, const struct keypair *identity,
                             struct buffer *text, struct error *error)
{
    struct card check = {0};
    card_text_append(card, text);
    enum result result = buffer_check(text, error);
    if (result == RESULT_OK) {
        result = card_text_read(buffer_view(text), &check, error);
    }
    if (result == RESULT_OK) {
        result = issue_check(&check, error);
    }
    if (result == RESULT_OK &&
        memcmp(keypair_public(identity), check.keys[KEY_IDENTITY][0].public_key,
               KEY_PUBLIC_BYTES) != 0) {
        result = error_set(error, RESULT_INVALID,
                           "card of %s: the key that signs is not its identity key", card->party);
    }
    return result;
}

enum result card_sign(struct card *card, const struct keypair *identity, struct error *error)
{
    struct buffer note = {0};
    char name[CARD_NAME_BYTES];
    enum result result = text_make(card, identity, &note, error);
    if (result == RESULT_OK) {
        card_key_name(card, KEY_IDENTITY, name);
        result = note_sign(&note, text_of(name), identity, error);
    }
    if (result == RESULT_OK && note.size > CARD_MAX_BYTES) {
        result =
            error_set(error, RESULT_TOO_LARGE, "card of %s: %zu bytes are above the limit of %zu",
                      card->party, note.size, CARD_MAX_BYTES);
    }
    if (result != RESULT_OK) {
        buffer_free(&note);
        return result;
    }
    buffer_free(&card->note);
    card->note = note;
    return RESULT_OK;
}

/* A card has one signature, and its text holds no other signed text. */
static enum result signature_check(const struct note *note, const struct card *card,
                                   struct error *error)
{
    char name[CARD_NAME_BYTES];
    card_key_name(card, KEY_IDENTITY, name);
    enum result result =
        note_verify_alone(note, text_of(name), card->keys[KEY_IDENTITY][0].public_key, error);
    return result == RESULT_OK ? result : error_wrap(error, "card of %s", card->party);
}

enum result card_check_time(const struct card *card, uint64_t now_s, struct error *error)
{
    char time[TEXT_TIME_BYTES];
    if (now_s >= card->keys[KEY_IDENTITY][0].until_s) {
        text_time(card->keys[KEY_IDENTITY][0].until_s, time);
        return error_set(error, RESULT_UNTRUSTED,
                         "card of %s: its identity key ended at %s; ask %s for a new card",
                         card->party, time, card->party);
    }
    if (card->issued_s > now_s + CLOCK_AHEAD_MAX_S) {
        text_time(card->issued_s, time);
        return error_set(error, RESULT_UNTRUSTED,
                         "card of %s: issued at %s, which has not come; look at the clocks of %s "
                         "and of this machine",
                         card->party, time, card->party);
    }
    return RESULT_OK;
}

static enum result note_read(struct bytes bytes, struct card *card, struct error *error)
{
    struct note note;
    if (bytes.size > CARD_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE, "card: %zu bytes are above the limit of %zu",
                         bytes.size, CARD_MAX_BYTES);
    }
    enum result result = note_parse(bytes, &note, error);
    if (result != RESULT_OK) {
        (void)error_wrap(error, "card");
        return result;
    }
    result = card_text_read(note.body, card, error);
    if (result == RESULT_OK) {
        result = issue_check(card, error);
    }
    if (result == RESULT_OK) {
        result = signature_check(&note, card, error);
    }
    return result;
}

enum result card_parse(struct bytes note, struct card **card, struct error *error)
{
    *card = NULL;
    struct card *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a card");
    }
    enum result result = note_read(note, made, error);
    if (result == RESULT_OK) {
        buffer_append(&made->note, note.data, note.size);
        result = buffer_check(&made->note, error);
    }
    if (result != RESULT_OK) {
        card_destroy(&made);
        return result;
    }
    *card = made;
    return RESULT_OK;
}

void card_destroy(struct card **card)
{
    if (*card != NULL) {
        buffer_free(&(*card)->note);
        free(*card);
        *card = NULL;
    }
}
