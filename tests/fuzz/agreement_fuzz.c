/* Fuzzes agreements: a text that is taken is written back as the same bytes, a note of it is parsed
 * without a fault, and its signatures merge into what parses again. */
#include "keys/agreement_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(struct bytes bytes)
{
    struct error error;
    struct buffer again = {0};
    struct agreement *agreement = calloc(1, sizeof *agreement);
    if (agreement == NULL) {
        abort();
    }
    if (agreement_text_read(bytes_text(bytes), agreement, &error) == RESULT_OK) {
        agreement_text_append(agreement, &again);
        if (!bytes_equal(buffer_bytes(&again), bytes)) {
            abort();
        }
    }
    buffer_free(&again);
    agreement_destroy(&agreement);
}

static void try_note(struct bytes bytes)
{
    struct error error;
    struct buffer merged = {0};
    struct agreement_count count;
    size_t added = 0;
    struct agreement *agreement = NULL;
    struct agreement *again = NULL;
    if (agreement_parse(bytes, &agreement, &error) == RESULT_OK) {
        (void)!agreement_quorum(agreement, NULL, &count, &error);
        if (agreement_merge(agreement, agreement, &merged, &added, &error) != RESULT_OK ||
            added != 0 || agreement_parse(buffer_bytes(&merged), &again, &error) != RESULT_OK ||
            again->signers != agreement->signers) {
            abort();
        }
    }
    buffer_free(&merged);
    agreement_destroy(&agreement);
    agreement_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct error error;
    if (keys_init(&error) != RESULT_OK) {
        abort();
    }
    try_text(bytes);
    try_note(bytes);
    return 0;
}
