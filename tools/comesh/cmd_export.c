/* comesh export: the document itself, or an entry of a channel with what proves it. */
#include "keys/file.h"
#include "proto/entry.h"
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

#include <stdlib.h>

/* The first document of an answer: the certificate itself, when a number was named. */
struct exporting {
    bool pretty;
    bool done;
    struct buffer text;
};

static enum result take_document(void *self, const struct wire_row *row, struct error *error)
{
    struct exporting *exporting = self;
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    if (exporting->done) {
        return RESULT_OK;
    }
    if (dataset_root(operation) == NULL) {
        return error_set(error, RESULT_UNSUPPORTED,
                         "a verdict is no document; see `comesh trace`, or --entry");
    }
    exporting->done = true;
    enum result result = document_json(wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD), operation,
                                       exporting->pretty, &exporting->text, error);
    if (!exporting->pretty) {
        buffer_text(&exporting->text, "\n");
    }
    return result;
}

/* The entry's fields for people, the packed bytes and what is signed over them for programs. */
static enum result take_entry(void *self, const struct wire_row *row, struct error *error)
{
    struct exporting *exporting = self;
    struct entry entry;
    enum result result = entry_unpack(wire_row_bytes(row, WIRE_ENTRY_BYTES), &entry, error);
    if (result != RESULT_OK) {
        return result;
    }
    char id[UUID_TEXT_BYTES];
    char time[OUTPUT_TIME_BYTES];
    json_t *object = output_row(row);
    struct bytes payload = wire_row_bytes(row, WIRE_ENTRY_PAYLOAD);
    message_id_format(&entry.id, id);
    (void)json_object_set_new(object, "origin", json_stringn(entry.origin.data, entry.origin.size));
    (void)json_object_set_new(object, "operation", json_string(operation_name(entry.operation)));
    (void)json_object_set_new(object, "id", json_string(id));
    (void)json_object_set_new(object, "time", json_string(output_time_ms(entry.time_ms, time)));
    struct buffer text = {0};
    char *hex = malloc(2 * payload.size + 1);
    if (hex != NULL) {
        hex_encode(payload, hex);
        (void)json_object_set_new(object, "payload", json_string(hex));
    }
    if (dataset_root(entry.operation) != NULL &&
        document_json(payload, entry.operation, false, &text, error) == RESULT_OK) {
        (void)json_object_set_new(object, "document",
                                  json_loadb((const char *)text.data, text.size, 0, NULL));
    }
    char *dumped = json_dumps(object, exporting->pretty ? JSON_INDENT(2) : JSON_COMPACT);
    buffer_printf(&exporting->text, "%s\n", dumped == NULL ? "null" : dumped);
    free(dumped);
    free(hex);
    buffer_free(&text);
    json_decref(object);
    exporting->done = true;
    return RESULT_OK;
}

static enum result ask_entry(struct call *call, struct client *client, const char *place,
                             struct exporting *exporting, struct error *error)
{
    struct text rest = text_of(place);
    struct text channel = text_until(&rest, ':');
    uint64_t number = 0;
    uint64_t index = 0;
    if (!decimal_parse(channel, UINT32_MAX, &number) || !text_skip(&rest, ":") ||
        !decimal_parse(rest, UINT64_MAX, &index)) {
        return call_usage(call, error, "--entry '%s'; accepted: CHANNEL:INDEX, as 1:0", place);
    }
    struct buffer *out = client_begin(client, "entries", 3);
    mp_put_uint(out, number);
    mp_put_uint(out, index);
    mp_put_uint(out, 1);
    enum result result = client_send(client, error);
    if (result == RESULT_OK) {
        result = client_receive(client, take_entry, exporting, error);
    }
    if (result == RESULT_OK && !exporting->done) {
        result = error_set(error, RESULT_NOT_FOUND, "channel %llu has no entry %llu",
                           (unsigned long long)number, (unsigned long long)index);
    }
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct exporting exporting = {.pretty = call_value(call, "compact") == NULL};
    struct client *client = NULL;
    const char *entry = call_value(call, "entry");
    const char *path = call_value(call, "output");
    if ((entry == NULL) == (call->operand_count == 0)) {
        return call_usage(call, error, "name either a number, a message id, or --entry");
    }
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK && entry != NULL) {
        result = ask_entry(call, client, entry, &exporting, error);
    } else if (result == RESULT_OK) {
        result = ask_named(client, "show", call->operands[0], call_value(call, "exporter"),
                           take_document, &exporting, error);
    }
    if (result == RESULT_OK && path != NULL) {
        result = file_replace(path, buffer_bytes(&exporting.text), FILE_SECRET, error);
    } else if (result == RESULT_OK) {
        (void)fwrite(exporting.text.data, 1, exporting.text.size, stdout);
    }
    buffer_free(&exporting.text);
    client_close(&client);
    return result;
}

const struct command command_export = {
    .name = "export",
    .operands = "NUMBER | MESSAGE-ID | --entry CHANNEL:INDEX",
    .summary = "a document as JSON, or an entry of a channel with its receipt",
    .examples = "  comesh export KR-020-26-0001742 > certificate.json\n"
                "  comesh export 5b0a6f0e-2c2a-4a51-9d4b-7d3f1a9c0e01 --compact\n"
                "  comesh export --entry 1:0 --output entry.json\n",
    .options =
        {
            {"exporter", "CODE", "of which party, when two have the same number", false},
            {"entry", "CHANNEL:INDEX", "an entry: its bytes, leaf hash, document and receipt",
             false},
            {"compact", NULL, "one line, without blanks", false},
            {"output", "FILE", "write to FILE, mode 0600, instead of stdout", false},
        },
    .most_operands = 1,
    .run = run,
};
