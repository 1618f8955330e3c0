/* Documents from options. See compose.h. */
#include "tools/comesh/compose.h"

#include "node/core/world.h"
#include "proto/message.h"
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/sending.h"

#include <stdlib.h>
#include <time.h>

/* The last message of the wanted kind. */
struct search {
    const struct composing *composing;
    struct subject *subject;
};

static enum result take_subject(void *self, const struct wire_row *row, struct error *error)
{
    struct search *search = self;
    (void)error;
    struct text operation = wire_row_text(row, WIRE_MESSAGE_OPERATION);
    struct text direction = wire_row_text(row, WIRE_MESSAGE_DIRECTION);
    if (operation_from_name(operation) != search->composing->about ||
        !text_equal(direction, text_of(search->composing->direction)) ||
        !wire_row_id(row, WIRE_MESSAGE_ID, &search->subject->id)) {
        return RESULT_OK;
    }
    json_t *document = document_of_row(row);
    json_decref(search->subject->lpco);
    search->subject->lpco = json_incref(json_object_get(document, "LPCO"));
    json_decref(document);
    return RESULT_OK;
}

static enum result find_subject(struct call *call, struct client *client,
                                const struct composing *composing, struct subject *subject,
                                struct error *error)
{
    struct search search = {composing, subject};
    const char *name = call_value(call, "reply-to");
    if (name == NULL) {
        name = call_value(call, "number");
    }
    enum result result =
        ask_named(client, "show", name, call_value(call, "exporter"), take_subject, &search, error);
    if (result == RESULT_OK && subject->lpco == NULL) {
        result = error_set(error, RESULT_NOT_FOUND,
                           "'%s' has no %s %s here that this could be "
                           "about; see `comesh trace %s`",
                           name, composing->direction, operation_word(composing->about), name);
    }
    return result;
}

json_t *compose_now(void)
{
    char value[32];
    time_t now = (time_t)(world_wall_ms(world_real()) / 1000);
    struct tm utc = {0};
    (void)gmtime_r(&now, &utc);
    (void)strftime(value, sizeof value, "%Y%m%d%H%M%SZ", &utc);
    return json_pack("{s:s, s:s}", "Value", value, "FormatCode", "304");
}

void compose_new_id(json_t *content)
{
    struct message_id id;
    char uuid[UUID_TEXT_BYTES];
    world_random(world_real(), id.bytes, sizeof id.bytes);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x40); /* RFC 9562, 5.4: version 4 */
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    message_id_format(&id, uuid);
    (void)json_object_set_new(content, "FunctionalReferenceID", json_string(uuid));
}

void compose_name(json_t *to, const json_t *lpco)
{
    static const char *const names[] = {
        "TypeCode",           "ID",          "VersionID",    "IssueDateTime",
        "IssuingCountryCode", "AgreementID", "MenuVersionID"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_t *value = json_object_get(lpco, names[i]);
        if (value != NULL) {
            (void)json_object_set(to, names[i], value);
        }
    }
}

enum result compose_send(struct client *client, enum operation operation, struct bytes document,
                         const char *label, struct error *error)
{
    struct sending *sending = malloc(sizeof *sending);
    if (sending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to send it");
    }
    sending_begin(sending, client, operation, false);
    enum result result = sending_add(sending, document, label, 1, error);
    if (result == RESULT_OK) {
        result = sending_end(sending, NULL, error);
    }
    sending_free(sending);
    free(sending);
    return result;
}

static enum result send_document(struct call *call, struct client *client, enum operation operation,
                                 json_t *document, struct error *error)
{
    if (call_value(call, "dry-run") != NULL) {
        return output_json(json_incref(document), error);
    }
    char *text = json_dumps(document, JSON_COMPACT);
    if (text == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the document");
    }
    enum result result = compose_send(client, operation, text_bytes(text_of(text)),
                                      "the document of the options", error);
    free(text);
    return result;
}

static enum result send_made(struct call *call, struct client *client,
                             const struct composing *composing, struct error *error)
{
    struct subject subject = {.client = client};
    json_t *content = json_object();
    compose_new_id(content);
    enum result result = find_subject(call, client, composing, &subject, error);
    if (result == RESULT_OK) {
        result = composing->build(call, &subject, content, error);
    }
    if (result == RESULT_OK) {
        const char *root = dataset_root(composing->operation)->name;
        json_t *document = json_pack("{s:O}", root, content);
        result = send_document(call, client, composing->operation, document, error);
        json_decref(document);
    }
    json_decref(content);
    json_decref(subject.lpco);
    return result;
}

static enum result send_file(struct client *client, const struct composing *composing,
                             const char *path, struct error *error)
{
    struct buffer text = {0};
    enum result result = document_read(path, DOCUMENT_MAX_BYTES, &text, error);
    if (result == RESULT_OK) {
        result = compose_send(client, composing->operation, buffer_bytes(&text), path, error);
    }
    buffer_free(&text);
    return result;
}

enum result compose_run(struct call *call, const struct composing *composing, struct error *error)
{
    struct client *client = NULL;
    bool named = call_value(call, "number") != NULL || call_value(call, "reply-to") != NULL;
    if (named == (call->operand_count > 0)) {
        return call_usage(call, error,
                          "give either a FILE, or --number and options; see `comesh "
                          "help %s`",
                          call->command->name);
    }
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK) {
        result = named ? send_made(call, client, composing, error)
                       : send_file(client, composing, call->operands[0], error);
    }
    client_close(&client);
    return result;
}
