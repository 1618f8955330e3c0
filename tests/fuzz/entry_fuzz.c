/* Fuzzes entry_unpack: what is taken is written back as the same bytes. */
#include "proto/entry.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct entry entry;
    struct error error;
    struct buffer again = {0};
    if (entry_unpack((struct bytes){data, size}, &entry, &error) == RESULT_OK) {
        entry_pack(&entry, &again);
        if (!bytes_equal(buffer_bytes(&again), (struct bytes){data, size})) {
            abort();
        }
    }
    buffer_free(&again);
    return 0;
}
