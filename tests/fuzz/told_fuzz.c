/* Fuzzes what a server answered: whatever comes, the sentence is valid UTF-8, visible and short. */
#include "node/bridge/told.h"

#include "keys/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer out = {0};
    told_append((struct text){(const char *)data, size}, &out);
    if (out.size > 4096 || !text_is_visible(buffer_view(&out))) {
        abort();
    }
    buffer_free(&out);
    return 0;
}
