/* Fuzzing the JSON reader: what jansson does not take as JSON is refused, and what is taken comes
 * back the same, in JSON and in msgpack. The first byte picks the operation. */
#include "proto/check.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/pack.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Writes the record, reads that, writes it again: twice the same bytes. */
static void round_trip(const struct record *record, struct arena *arena)
{
    struct buffer first = {0};
    struct buffer second = {0};
    struct findings findings = {.arena = arena};
    struct error error;
    struct record *again = NULL;
    json_write(record, true, &first);
    must(json_read(buffer_bytes(&first), record->operation, arena, &findings, &again, &error) ==
             RESULT_OK ||
         first.size > DOCUMENT_MAX_BYTES);
    if (again != NULL) {
        must(record_diff(record, again, arena, NULL, 0) == 0);
        json_write(again, true, &second);
        must(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    }
    check_record(record, &findings);
    struct message message;
    if (findings.refusals == 0) {
        (void)message_from_record(record, &message, &findings, &error);
        buffer_clear(&second);
        must(pack_write(record, &second, &error) == RESULT_OK);
        must(pack_read(buffer_bytes(&second), record->operation, arena, &findings, &again,
                       &error) == RESULT_OK);
        must(record_diff(record, again, arena, NULL, 0) == 0);
    }
    buffer_free(&first);
    buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct findings findings = {.arena = &arena};
    struct error error;
    struct record *record = NULL;
    if (size == 0) {
        return 0;
    }
    struct bytes json = {data + 1, size - 1};
    enum operation operation = (enum operation)(1 + data[0] % OPERATION_FEEDBACK);
    if (json_read(json, operation, &arena, &findings, &record, &error) == RESULT_OK) {
        json_t *tree = json_loadb((const char *)json.data, json.size,
                                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        must(tree != NULL);
        json_decref(tree);
        round_trip(record, &arena);
    } else {
        must(record == NULL && error.message[0] != '\0');
    }
    arena_free(&arena);
    return 0;
}
