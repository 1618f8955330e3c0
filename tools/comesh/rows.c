/* Gathered rows. See rows.h. */
#include "tools/comesh/rows.h"

#include "proto/operation.h"
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"

enum result rows_to_json(void *self, const struct wire_row *row, struct error *error)
{
    return json_array_append_new(self, output_row(row)) == 0
               ? RESULT_OK
               : error_set(error, RESULT_NO_MEMORY, "no memory for the JSON");
}

enum result rows_to_json_documents(void *self, const struct wire_row *row, struct error *error)
{
    json_t *object = output_row(row);
    json_t *document = document_of_row(row);
    (void)json_object_set_new(object, "document", document == NULL ? json_null() : document);
    return json_array_append_new(self, object) == 0
               ? RESULT_OK
               : error_set(error, RESULT_NO_MEMORY, "no memory for the JSON");
}

enum result rows_print_json(struct client *client, const char *verb, struct error *error)
{
    json_t *array = json_array();
    enum result result = client_ask(client, verb, rows_to_json, array, error);
    if (result != RESULT_OK) {
        json_decref(array);
        return result;
    }
    return output_json(array, error);
}

const char *row_state(const struct wire_row *row)
{
    if (wire_row_bool(row, WIRE_MESSAGE_HELD)) {
        return "held";
    }
    if (text_equal(wire_row_text(row, WIRE_MESSAGE_OUTCOME), TEXT("refused"))) {
        return "refused";
    }
    if (wire_row_uint(row, WIRE_MESSAGE_ANSWERED) != 0) {
        return "answered";
    }
    if (wire_row_uint(row, WIRE_MESSAGE_DELIVERED) != 0) {
        return "delivered";
    }
    return wire_row_uint(row, WIRE_MESSAGE_STORED) != 0 ? "stored" : "queued";
}

const char *row_operation(const struct wire_row *row)
{
    return operation_word(operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION)));
}

const char *row_id(const struct wire_row *row, unsigned key, char out[UUID_TEXT_BYTES])
{
    struct message_id id;
    if (wire_row_id(row, key, &id)) {
        message_id_format(&id, out);
    } else {
        (void)snprintf(out, UUID_TEXT_BYTES, "-");
    }
    return out;
}
