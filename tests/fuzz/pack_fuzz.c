/* Fuzzing the msgpack reader: what is taken packs to the same bytes. The first byte picks the
 * operation. */
#include "proto/check.h"
#include "proto/message.h"
#include "proto/pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct findings findings = {.arena = &arena};
    struct error error;
    struct record *record = NULL;
    struct message message;
    struct buffer again = {0};
    if (size == 0) {
        return 0;
    }
    struct bytes packed = {data + 1, size - 1};
    enum operation operation = (enum operation)(1 + data[0] % OPERATION_FEEDBACK);
    if (pack_read(packed, operation, &arena, &findings, &record, &error) == RESULT_OK) {
        if (pack_write(record, &again, &error) != RESULT_OK ||
            !bytes_equal(packed, buffer_bytes(&again))) {
            abort();
        }
        check_record(record, &findings);
        (void)message_from_record(record, &message, &findings, &error);
    }
    buffer_free(&again);
    arena_free(&arena);
    return 0;
}
