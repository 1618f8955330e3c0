/* Fuzzing the XML reader: what is taken comes back the same, in XML and in JSON. The first byte
 * picks the operation. */
#include "proto/check.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/xml.h"

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
    xml_write(record, true, &first);
    must(xml_read(buffer_bytes(&first), record->operation, arena, &findings, &again, &error) ==
             RESULT_OK ||
         first.size > DOCUMENT_MAX_BYTES);
    if (again != NULL) {
        must(record_diff(record, again, arena, NULL, 0) == 0);
        xml_write(again, true, &second);
        must(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
    }
    buffer_clear(&first);
    check_record(record, &findings);
    xml_places(&findings);
    if (findings.refusals == 0) {
        json_write(record, false, &first);
        must(json_read(buffer_bytes(&first), record->operation, arena, &findings, &again, &error) ==
             RESULT_OK);
        must(record_diff(record, again, arena, NULL, 0) == 0);
    }
    buffer_free(&first);
    buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct findings findings = {.arena = &arena};
    struct error error = {0};
    struct record *record = NULL;
    if (size == 0) {
        return 0;
    }
    struct bytes xml = {data + 1, size - 1};
    enum operation operation = (enum operation)(1 + data[0] % OPERATION_FEEDBACK);
    if (xml_read(xml, operation, &arena, &findings, &record, &error) == RESULT_OK) {
        round_trip(record, &arena);
    } else {
        must(record == NULL && error.message[0] != '\0');
    }
    arena_free(&arena);
    return 0;
}
