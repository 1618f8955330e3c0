/* Fuzzes notes and checkpoints. The fuzzer cannot make a signature, so that whatever it makes out
 * of nothing must never be trusted. */
#include "keys/checkpoint.h"
#include "keys/note.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A card with real public keys whose secrets nobody has kept. */
static const struct card *card_once(void)
{
    static struct card card = {.party = "KR", .environment = "test", .domain = "a"};
    struct error error;
    if (card.key_count[KEY_CHECKPOINT] > 0) {
        return &card;
    }
    if (keys_init(&error) != RESULT_OK) {
        abort();
    }
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        struct keypair *key = NULL;
        if (keypair_generate((enum key_role)role, &key, &error) != RESULT_OK) {
            abort();
        }
        memcpy(card.keys[role][0].public_key, keypair_public(key), KEY_PUBLIC_BYTES);
        card.keys[role][0].until_s = UINT64_MAX;
        card.key_count[role] = 1;
        keypair_destroy(&key);
    }
    return &card;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct note note;
    const struct card *card = card_once();
    struct bytes bytes = {data, size};
    struct checkpoint checkpoint;
    struct error error;
    uint64_t time_s;
    if (note_parse(bytes, &note, &error) == RESULT_OK &&
        (note.signature_count == 0 || note.signature_count > NOTE_SIGNATURES_MAX ||
         note.body.size >= size)) {
        abort();
    }
    if (checkpoint_verify(bytes, card, 0, &checkpoint, &error) == RESULT_OK ||
        checkpoint_verify_receipt(bytes, card, &checkpoint, &time_s, &error) == RESULT_OK) {
        abort();
    }
    return 0;
}
