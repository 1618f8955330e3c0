/* Fuzzes cards: a text that is taken is written back as the same bytes, and a note of it is parsed
 * without a fault. */
#include "keys/card_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct card text_card = {0};
    struct card *card = NULL;
    struct buffer again = {0};
    struct error error;
    if (keys_init(&error) != RESULT_OK) {
        abort();
    }
    if (card_text_read(bytes_text(bytes), &text_card, &error) == RESULT_OK) {
        card_text_append(&text_card, &again);
        if (!bytes_equal(buffer_bytes(&again), bytes)) {
            abort();
        }
    }
    if (card_parse(bytes, &card, &error) == RESULT_OK &&
        !bytes_equal(buffer_bytes(&card->note), bytes)) {
        abort();
    }
    card_destroy(&card);
    buffer_free(&again);
    return 0;
}
