/* Fuzzes revocations: a text that is taken is written back as the same bytes, and a note of it is
 * parsed without a fault. */
#include "keys/revocation.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct revocation text_revocation = {0};
    struct revocation *revocation = NULL;
    struct buffer again = {0};
    struct error error;
    if (keys_init(&error) != RESULT_OK) {
        abort();
    }
    if (revocation_text_read(bytes_text(bytes), &text_revocation, &error) == RESULT_OK) {
        revocation_text_append(&text_revocation, &again);
        if (!bytes_equal(buffer_bytes(&again), bytes)) {
            abort();
        }
    }
    if (revocation_parse(bytes, &revocation, &error) == RESULT_OK &&
        !bytes_equal(buffer_bytes(&revocation->note), bytes)) {
        abort();
    }
    revocation_destroy(&revocation);
    buffer_free(&again);
    return 0;
}
