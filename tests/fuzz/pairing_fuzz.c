/* Fuzzes pairing: any bytes as frames, as a reveal that was committed to, and as a confirmation
 * after an honest meeting. Nothing but a real other side brings a machine to a state in which
 * something is trusted; a message that is taken is written back as the same bytes. And minutes,
 * which are written back the same way. */
#include "keys/pairing.h"
#include "keys/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum result result)
{
    if (result != RESULT_OK) {
        abort();
    }
}

/* A card of our own; the keys that made it are gone. */
static void card_make(struct card *card, const char *party, const char *domain)
{
    struct error error;
    struct keypair *keys[KEY_ROLE_COUNT];
    check(keys_init(&error));
    *card = (struct card){.name = "X", .environment = "test", .serial = 1, .issued_s = 1};
    memcpy(card->party, party, strlen(party) + 1);
    memcpy(card->domain, domain, strlen(domain) + 1);
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        check(keypair_generate((enum key_role)role, &keys[role], &error));
        memcpy(card->keys[role][0].public_key, keypair_public(keys[role]), KEY_PUBLIC_BYTES);
        card->keys[role][0].until_s = TEXT_TIME_MAX_S;
        card->key_count[role] = 1;
    }
    check(card_sign(card, keys[KEY_IDENTITY], &error));
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        keypair_destroy(&keys[role]);
    }
}

static struct pairing *begin(enum minutes_role side, struct buffer *out)
{
    static struct card cards[MINUTES_ROLES];
    struct pairing *pairing = NULL;
    struct error error;
    if (cards[0].note.size == 0) {
        card_make(&cards[MINUTES_LISTENER], "ID", "b");
        card_make(&cards[MINUTES_CALLER], "KR", "a");
    }
    const struct pairing_self self = {
        .side = side, .card = &cards[side], .person = TEXT("A"), .now_s = 1};
    check(pairing_start(&self, &pairing, out, &error));
    return pairing;
}

/* Gives `to` the next message of what was sent, and forgets it. */
static void deliver(struct buffer *sent, struct pairing *to, struct buffer *out)
{
    struct bytes received = buffer_bytes(sent);
    struct bytes message;
    struct error error;
    check(pairing_frame_cut(&received, &message, &error));
    check(pairing_take(to, message, out, &error));
    buffer_clear(sent);
}

static void end(struct pairing *pairing)
{
    if (pairing_state(pairing) == PAIRING_PAIRED || pairing_state(pairing) == PAIRING_WAITING) {
        abort();
    }
    pairing_destroy(&pairing);
}

static void frames(enum minutes_role side, struct bytes received)
{
    struct buffer out = {0};
    struct bytes message;
    struct error error;
    struct pairing *pairing = begin(side, &out);
    while (pairing_frame_cut(&received, &message, &error) == RESULT_OK && message.data != NULL) {
        (void)!pairing_take(pairing, message, &out, &error);
    }
    end(pairing);
    buffer_free(&out);
}

static void committed_reveal(struct bytes reveal)
{
    struct pairing_message commit = {.kind = PAIRING_COMMIT};
    struct buffer bytes = {0};
    struct buffer out = {0};
    struct error error;
    struct pairing *pairing = begin(MINUTES_LISTENER, &out);
    pairing_commitment(MINUTES_CALLER, reveal, commit.commitment);
    pairing_message_append(&commit, &bytes);
    check(pairing_take(pairing, buffer_bytes(&bytes), &out, &error));
    (void)!pairing_take(pairing, reveal, &out, &error);
    end(pairing);
    buffer_free(&bytes);
    buffer_free(&out);
}

static void confirmation(struct bytes message)
{
    struct buffer from_caller = {0};
    struct buffer from_listener = {0};
    struct error error;
    struct pairing *caller = begin(MINUTES_CALLER, &from_caller);
    struct pairing *listener = begin(MINUTES_LISTENER, &from_listener);
    deliver(&from_caller, listener, &from_listener);
    deliver(&from_listener, caller, &from_caller);
    deliver(&from_caller, listener, &from_listener);
    deliver(&from_listener, caller, &from_caller);
    if (pairing_take(caller, message, &from_caller, &error) == RESULT_OK) {
        abort(); /* the key of the run is unknown */
    }
    end(caller);
    end(listener);
    buffer_free(&from_caller);
    buffer_free(&from_listener);
}

static void messages(struct bytes received)
{
    struct pairing_message message;
    struct buffer again = {0};
    struct error error;
    if (pairing_message_read(received, &message, &error) == RESULT_OK) {
        pairing_message_append(&message, &again);
        if (!bytes_equal(buffer_bytes(&again), received)) {
            abort();
        }
    }
    buffer_free(&again);
}

static void texts(struct bytes received)
{
    struct minutes minutes;
    struct buffer again = {0};
    struct error error;
    unsigned signers = 0;
    if (minutes_text_read(bytes_text(received), &minutes, &error) == RESULT_OK) {
        minutes_text_append(&minutes, &again);
        if (!bytes_equal(buffer_bytes(&again), received)) {
            abort();
        }
    }
    (void)!minutes_parse(received, &minutes, &signers, &error);
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes received = {data, size};
    frames(MINUTES_LISTENER, received);
    frames(MINUTES_CALLER, received);
    committed_reveal(received);
    confirmation(received);
    messages(received);
    texts(received);
    return 0;
}
