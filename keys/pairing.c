/* Pairing. See pairing.h. */
#include "keys/pairing.h"

#include "keys/pairing_check.h"
#include "proto/utf8.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* What is expected of the other side, message after message; a REFUSE may come at any time. */
enum step { STEP_COMMIT, STEP_REVEAL, STEP_CONFIRM, STEP_NOTHING };

struct pairing {
    struct pairing_self self;
    enum step step;
    enum pairing_state state;
    struct keypair *ephemeral;              /* a transport key of this run alone */
    struct buffer reveal;                   /* ours, made at the start */
    uint8_t commitment[PAIRING_HASH_BYTES]; /* theirs */
    uint8_t string[PAIRING_HASH_BYTES];
    uint8_t *key; /* of this run, in locked memory */
    struct card *card;
    struct minutes minutes;
    struct buffer signatures[MINUTES_ROLES];
};

static enum minutes_role other_side(const struct pairing *pairing)
{
    return pairing->self.side == MINUTES_LISTENER ? MINUTES_CALLER : MINUTES_LISTENER;
}

static enum result message_send(const struct pairing_message *message, struct buffer *out,
                                struct error *error)
{
    struct buffer bytes = {0};
    pairing_message_append(message, &bytes);
    enum result result = buffer_check(&bytes, error);
    if (result == RESULT_OK) {
        pairing_frame_append(buffer_bytes(&bytes), out);
        result = buffer_check(out, error);
    }
    buffer_free(&bytes);
    return result;
}

void pairing_refuse(struct pairing *pairing, const char *reason, struct buffer *out)
{
    struct error error;
    struct text text = text_of(reason);
    if (pairing->state == PAIRING_ENDED || pairing->state == PAIRING_PAIRED) {
        return;
    }
    pairing->state = PAIRING_ENDED;
    const struct pairing_message message = {.kind = PAIRING_REFUSE,
                                            .reason = utf8_cut(text, PAIRING_REASON_MAX)};
    (void)!message_send(&message, out, &error);
}

static enum result send_commitment(const struct pairing *pairing, struct buffer *out,
                                   struct error *error)
{
    struct pairing_message message = {.kind = PAIRING_COMMIT};
    pairing_commitment(pairing->self.side, buffer_bytes(&pairing->reveal), message.commitment);
    return message_send(&message, out, error);
}

/* Ours is made once, so that what was committed to is what is revealed. */
static enum result reveal_make(struct pairing *pairing, struct error *error)
{
    struct pairing_message message = {.kind = PAIRING_REVEAL,
                                      .card = buffer_bytes(&pairing->self.card->note),
                                      .person = pairing->self.person,
                                      .place = pairing->self.place,
                                      .time_s = pairing->self.now_s};
    enum result result = keypair_generate(KEY_TRANSPORT, &pairing->ephemeral, error);
    if (result != RESULT_OK) {
        return result;
    }
    memcpy(message.ephemeral, keypair_public(pairing->ephemeral), KEY_PUBLIC_BYTES);
    randombytes_buf(message.nonce, sizeof message.nonce);
    pairing_message_append(&message, &pairing->reveal);
    return buffer_check(&pairing->reveal, error);
}

static void name_copy(char out[MINUTES_NAME_BYTES], struct text name)
{
    (void)snprintf(out, MINUTES_NAME_BYTES, "%.*s", TEXT_ARGS(name));
}

/* What a side's reveal says, as the minutes will. */
static void side_note(struct pairing *pairing, enum minutes_role role, const struct card *card,
                      struct text person, struct text place, uint64_t time_s)
{
    struct minutes_side *side = &pairing->minutes.sides[role];
    memcpy(side->party, card->party, sizeof side->party);
    memcpy(side->domain, card->domain, sizeof side->domain);
    memcpy(side->identity, card->keys[KEY_IDENTITY][0].public_key, KEY_PUBLIC_BYTES);
    side->serial = card->serial;
    side->time_s = time_s;
    name_copy(side->person, person);
    name_copy(side->place, place);
}

enum result pairing_start(const struct pairing_self *self, struct pairing **pairing,
                          struct buffer *out, struct error *error)
{
    *pairing = NULL;
    enum result result = pairing_check_self(self, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct pairing *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a pairing");
    }
    made->self = *self;
    memcpy(made->minutes.environment, self->card->environment, sizeof made->minutes.environment);
    side_note(made, self->side, self->card, self->person, self->place, self->now_s);
    result = reveal_make(made, error);
    if (result == RESULT_OK && self->side == MINUTES_CALLER) {
        result = send_commitment(made, out, error);
    }
    if (result != RESULT_OK) {
        pairing_destroy(&made);
    }
    *pairing = made;
    return result;
}

void pairing_destroy(struct pairing **pairing)
{
    struct pairing *held = *pairing;
    *pairing = NULL;
    if (held != NULL) {
        keypair_destroy(&held->ephemeral);
        sodium_free(held->key);
        card_destroy(&held->card);
        buffer_free(&held->reveal);
        buffer_free(&held->signatures[MINUTES_LISTENER]);
        buffer_free(&held->signatures[MINUTES_CALLER]);
        free(held);
    }
}

/* ---- what the other side shows ---- */

/* The key of this run: SHA-256 of a label, what X25519 gives, and the string. */
static enum result key_make(struct pairing *pairing, const uint8_t ephemeral[KEY_PUBLIC_BYTES],
                            struct error *error)
{
    static const char label[] = PAIRING_VERSION " key\n";
    crypto_hash_sha256_state state;
    pairing->key = sodium_malloc(crypto_scalarmult_BYTES);
    if (pairing->key == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no locked memory for the key of a pairing");
    }
    if (crypto_scalarmult(pairing->key, keypair_transport_secret(pairing->ephemeral), ephemeral) !=
        0) {
        return error_set(error, RESULT_UNTRUSTED, "the other side's key of this run is none");
    }
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label - 1);
    crypto_hash_sha256_update(&state, pairing->key, crypto_scalarmult_BYTES);
    crypto_hash_sha256_update(&state, pairing->string, sizeof pairing->string);
    crypto_hash_sha256_final(&state, pairing->key);
    sodium_memzero(&state, sizeof state);
    return RESULT_OK;
}

/* Looks at a reveal that is what it was committed to; from it follow string, key and minutes. */
static enum result reveal_use(struct pairing *pairing, struct bytes bytes,
                              const struct pairing_message *message, struct error *error)
{
    struct bytes ours = buffer_bytes(&pairing->reveal);
    bool listening = pairing->self.side == MINUTES_LISTENER;
    enum result result = card_parse(message->card, &pairing->card, error);
    if (result == RESULT_OK) {
        result = pairing_check_other(&pairing->self, pairing->card, message->time_s, error);
    }
    if (result == RESULT_OK) {
        side_note(pairing, other_side(pairing), pairing->card, message->person, message->place,
                  message->time_s);
        pairing_string(listening ? ours : bytes, listening ? bytes : ours, pairing->string);
        words_text(pairing->string, pairing->minutes.words);
        result = key_make(pairing, message->ephemeral, error);
    }
    return result;
}

static enum result take_reveal(struct pairing *pairing, struct bytes bytes,
                               const struct pairing_message *message, struct buffer *out,
                               struct error *error)
{
    uint8_t commitment[PAIRING_HASH_BYTES];
    pairing_commitment(other_side(pairing), bytes, commitment);
    if (memcmp(commitment, pairing->commitment, sizeof commitment) != 0) {
        return error_set(error, RESULT_UNTRUSTED,
                         "the other side did not show what it had committed to: somebody may stand "
                         "between you; nothing was exchanged");
    }
    enum result result = reveal_use(pairing, bytes, message, error);
    if (result == RESULT_OK && pairing->self.side == MINUTES_LISTENER) {
        pairing_frame_append(buffer_bytes(&pairing->reveal), out);
        result = buffer_check(out, error);
    }
    if (result == RESULT_OK) {
        pairing->step = STEP_CONFIRM;
        pairing->state = PAIRING_COMPARING;
    }
    return result;
}

static enum result take_commitment(struct pairing *pairing, const struct pairing_message *message,
                                   struct buffer *out, struct error *error)
{
    memcpy(pairing->commitment, message->commitment, sizeof pairing->commitment);
    pairing->step = STEP_REVEAL;
    if (pairing->self.side == MINUTES_LISTENER) {
        return send_commitment(pairing, out, error);
    }
    pairing_frame_append(buffer_bytes(&pairing->reveal), out);
    return buffer_check(out, error);
}

/* ---- what the people say ---- */

/* HMAC-SHA-256 with the key of the run over the side's number and the signature that goes along. */
static void proof_make(const struct pairing *pairing, enum minutes_role side, struct text signature,
                       uint8_t proof[PAIRING_HASH_BYTES])
{
    const uint8_t number = (uint8_t)side;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, pairing->key, crypto_scalarmult_BYTES);
    crypto_auth_hmacsha256_update(&state, &number, 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)signature.data, signature.size);
    crypto_auth_hmacsha256_final(&state, proof);
    sodium_memzero(&state, sizeof state);
}

/* The minutes with the signatures that are here. */
enum result pairing_minutes(const struct pairing *pairing, struct buffer *note, unsigned *signers,
                            struct error *error)
{
    struct minutes again;
    size_t begin = note->size;
    minutes_text_append(&pairing->minutes, note);
    buffer_text(note, "\n");
    for (unsigned role = 0; role < MINUTES_ROLES; role++) {
        buffer_append(note, pairing->signatures[role].data, pairing->signatures[role].size);
    }
    enum result result = buffer_check(note, error);
    if (result == RESULT_OK) {
        result = minutes_parse((struct bytes){note->data + begin, note->size - begin}, &again,
                               signers, error);
    }
    return result;
}

static enum result take_confirmation(struct pairing *pairing, const struct pairing_message *message,
                                     struct error *error)
{
    uint8_t proof[PAIRING_HASH_BYTES];
    enum minutes_role other = other_side(pairing);
    struct buffer note = {0};
    unsigned signers = 0;
    proof_make(pairing, other, message->signature, proof);
    if (sodium_memcmp(proof, message->proof, sizeof proof) != 0) {
        return error_set(error, RESULT_UNTRUSTED,
                         "the confirmation was not made by the side whose words were compared: "
                         "somebody stands between you; nothing was exchanged");
    }
    buffer_append(&pairing->signatures[other], message->signature.data, message->signature.size);
    enum result result = pairing_minutes(pairing, &note, &signers, error);
    buffer_free(&note);
    if (result == RESULT_OK && message->signature.size > 0 && (signers & 1U << other) == 0) {
        result = error_set(error, RESULT_UNTRUSTED, "%s did not sign these minutes",
                           pairing->card->party);
    }
    if (result == RESULT_OK) {
        pairing->step = STEP_NOTHING;
        pairing->state = pairing->state == PAIRING_WAITING ? PAIRING_PAIRED : PAIRING_COMPARING;
    }
    return result;
}

enum result pairing_confirm(struct pairing *pairing, struct text said, struct buffer *out,
                            struct error *error)
{
    struct pairing_message message = {.kind = PAIRING_CONFIRM};
    enum minutes_role side = pairing->self.side;
    struct buffer *line = &pairing->signatures[side];
    if (pairing->state != PAIRING_COMPARING) {
        return error_set(error, RESULT_DENIED, "there is nothing to confirm in this pairing");
    }
    enum result result = words_compare(pairing->string, said, error);
    if (result == RESULT_INVALID) {
        return result;
    }
    if (result == RESULT_OK && pairing->self.identity != NULL) {
        result = minutes_sign(&pairing->minutes, side, pairing->self.identity, line, error);
    }
    if (result == RESULT_OK) {
        message.signature = buffer_view(line);
        proof_make(pairing, side, message.signature, message.proof);
        result = message_send(&message, out, error);
    }
    if (result == RESULT_OK) {
        pairing->state = pairing->step == STEP_NOTHING ? PAIRING_PAIRED : PAIRING_WAITING;
    } else {
        pairing_refuse(pairing,
                       result == RESULT_UNTRUSTED
                           ? "the words that were typed are not those of this run"
                           : error->message,
                       out);
    }
    return result;
}

/* ---- the order of things ---- */

static enum result take_refusal(struct pairing *pairing, struct text reason, struct error *error)
{
    pairing->state = PAIRING_ENDED;
    return error_set(error, RESULT_DENIED, "the other side ended the pairing: %.*s",
                     TEXT_ARGS(reason));
}

static enum result take_message(struct pairing *pairing, struct bytes bytes, struct buffer *out,
                                struct error *error)
{
    static const enum pairing_kind wanted[] = {[STEP_COMMIT] = PAIRING_COMMIT,
                                               [STEP_REVEAL] = PAIRING_REVEAL,
                                               [STEP_CONFIRM] = PAIRING_CONFIRM};
    struct pairing_message message;
    enum result result = pairing_message_read(bytes, &message, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (message.kind == PAIRING_REFUSE) {
        return take_refusal(pairing, message.reason, error);
    }
    if (pairing->step == STEP_NOTHING || message.kind != wanted[pairing->step]) {
        return error_set(error, RESULT_INVALID,
                         "the other side says things in another order than a pairing has");
    }
    switch (pairing->step) {
    case STEP_COMMIT:
        return take_commitment(pairing, &message, out, error);
    case STEP_REVEAL:
        return take_reveal(pairing, bytes, &message, out, error);
    default:
        return take_confirmation(pairing, &message, error);
    }
}

enum result pairing_take(struct pairing *pairing, struct bytes message, struct buffer *out,
                         struct error *error)
{
    if (pairing->state == PAIRING_ENDED) {
        return error_set(error, RESULT_DENIED, "this pairing has ended; begin a new one");
    }
    enum result result = take_message(pairing, message, out, error);
    if (result != RESULT_OK) {
        pairing_refuse(pairing, error->message, out);
        pairing->state = PAIRING_ENDED;
    }
    return result;
}

enum pairing_state pairing_state(const struct pairing *pairing)
{
    return pairing->state;
}

const struct card *pairing_card(const struct pairing *pairing)
{
    return pairing->card;
}

const char *pairing_person(const struct pairing *pairing)
{
    return pairing->minutes.sides[other_side(pairing)].person;
}

const uint8_t *pairing_hash(const struct pairing *pairing)
{
    return pairing->string;
}
