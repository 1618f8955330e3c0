/* Fuzzes verdict_unpack: what is taken is written back as the same bytes. */
#include "proto/verdict.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena = {.limit = (size_t)1 << 20};
    struct verdict verdict;
    struct error error;
    struct buffer again = {0};
    arena_reset(&arena);
    if (verdict_unpack((struct bytes){data, size}, &arena, &verdict, &error) == RESULT_OK) {
        verdict_pack(&verdict, &again);
        if (!bytes_equal(buffer_bytes(&again), (struct bytes){data, size})) {
            abort();
        }
    }
    buffer_free(&again);
    return 0;
}
