/* Fuzzes pairing: a listener and a caller take any bytes as the messages of the other side. Nothing
 * but a real other side brings them to a state in which something is trusted; a message that is
 * taken is written back as the same bytes. And minutes, which are written back the same way. */
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

/* A card of our own, and the identity that signed it. */
static const struct card *card_once(void)
{
    static struct card card = {.party = "KR",
                               .name = "KR",
                               .environment = "test",
                               .domain = "a",
                               .serial = 1,
                               .issued_s = 1};
    struct error error;
    if (card.note.size > 0) {
        return &card;
    }
    check(keys_init(&error));
    struct keypair *keys[KEY_ROLE_COUNT];
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        check(keypair_generate((enum key_role)role, &keys[role], &error));
        memcpy(card.keys[role][0].public_key, keypair_public(keys[role]), KEY_PUBLIC_BYTES);
        card.keys[role][0].until_s = TEXT_TIME_MAX_S;
        card.key_count[role] = 1;
    }
    check(card_sign(&card, keys[KEY_IDENTITY], &error));
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        keypair_destroy(&keys[role]);
    }
    return &card;
}

static void run(enum minutes_role side, struct bytes received)
{
    const struct pairing_self self = {
        .side = side, .card = card_once(), .person = TEXT("A"), .now_s = 1};
    struct pairing *pairing = NULL;
    struct buffer out = {0};
    struct bytes message;
    struct error error;
    check(pairing_start(&self, &pairing, &out, &error));
    while (pairing_frame_cut(&received, &message, &error) == RESULT_OK && message.data != NULL) {
        (void)!pairing_take(pairing, message, &out, &error);
    }
    if (pairing_state(pairing) == PAIRING_PAIRED) {
        abort();
    }
    pairing_destroy(&pairing);
    buffer_free(&out);
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
    run(MINUTES_LISTENER, received);
    run(MINUTES_CALLER, received);
    messages(received);
    texts(received);
    return 0;
}
