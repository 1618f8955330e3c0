/* Fuzzes cards of REST-only partners: a text that is taken is written back as the same bytes. */
#include "keys/rest_card.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rest_card card;
    struct buffer again = {0};
    struct error error;
    if (rest_card_read((struct bytes){data, size}, &card, &error) == RESULT_OK) {
        rest_card_append(&card, &again);
        if (!bytes_equal(buffer_bytes(&again), (struct bytes){data, size})) {
            abort();
        }
    }
    buffer_free(&again);
    return 0;
}
