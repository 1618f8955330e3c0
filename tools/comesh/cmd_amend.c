/* comesh amend: an amendment notification of the exporting party. */
#include "proto/message.h"
#include "tools/comesh/compose.h"
#include "tools/comesh/document.h"

#include <stdlib.h>

/* UN/EDIFACT 1225: what the notification does to the certificate. */
static const char *function_of(const char *reason, bool replaced)
{
    if (replaced) {
        return "5"; /* replace */
    }
    bool change = strcmp(reason, "COR") == 0 || strcmp(reason, "OTH") == 0;
    return change ? "4" : "1"; /* change, cancelation */
}

/* SECTION, SECTION:TAG, or SECTION:TAG:NUMBER. */
static enum result add_pointer(struct call *call, const char *given, json_t *pointers,
                               struct error *error)
{
    struct text rest = text_of(given);
    struct text section = text_until(&rest, ':');
    struct text tag = {NULL, 0};
    uint64_t number = 0;
    bool good = section.size > 0;
    json_t *pointer = json_object();
    if (text_skip(&rest, ":")) {
        tag = text_until(&rest, ':');
        good = good && tag.size > 0;
    }
    if (text_skip(&rest, ":")) {
        good = good && decimal_parse(rest, 99999, &number) && number > 0;
        (void)json_object_set_new(pointer, "SequenceNumeric", json_integer((json_int_t)number));
    }
    (void)json_object_set_new(pointer, "DocumentSectionCode",
                              json_stringn(section.data, section.size));
    if (tag.size > 0) {
        (void)json_object_set_new(pointer, "TagID", json_stringn(tag.data, tag.size));
    }
    (void)json_array_append_new(pointers, pointer);
    return good ? RESULT_OK
                : call_usage(call, error,
                             "--pointer '%s'; accepted: CLASS[:ELEMENT[:NUMBER]] by WCO ids, as "
                             "68A:128:2 for the element 128 of the goods item 2",
                             given);
}

/* Sends the certificate that takes the place of this one; gives its number, to be freed. */
static enum result send_replacement(struct call *call, const struct subject *subject,
                                    const char *path, char **number, struct error *error)
{
    struct buffer text = {0};
    enum result result = document_read(path, DOCUMENT_MAX_BYTES, &text, error);
    json_t *document = json_loadb((const char *)text.data, text.size, 0, NULL);
    const char *id = json_string_value(json_object_get(json_object_get(document, "LPCO"), "ID"));
    *number = id == NULL ? NULL : strdup(id);
    if (result == RESULT_OK && *number == NULL) {
        result =
            error_set(error, RESULT_INVALID, "%s: is no certificate: it has no /LPCO/ID", path);
    }
    if (result == RESULT_OK && call_value(call, "dry-run") == NULL) {
        result = compose_send(subject->client, OPERATION_CO, buffer_bytes(&text), path, error);
    }
    json_decref(document);
    buffer_free(&text);
    return result;
}

static json_t *amendment_of(struct call *call, const char *reason, const char *replaced)
{
    json_t *amendment = json_pack("{s:s}", "ChangeReasonCode", reason);
    const char *remark = call_value(call, "remark");
    if (remark != NULL) {
        (void)json_object_set_new(amendment, "ChangeReasonDescription", json_string(remark));
    }
    if (replaced != NULL) {
        (void)json_object_set_new(amendment, "ReplacementID", json_string(replaced));
    }
    return amendment;
}

static enum result build(struct call *call, const struct subject *subject, json_t *content,
                         struct error *error)
{
    const char *reason = NULL;
    const char *replacement = call_value(call, "replacement");
    char *replaced = NULL;
    json_t *pointers = json_array();
    size_t cursor = 0;
    enum result result = call_required(call, "reason", &reason, error);
    for (const char *given = call_next(call, "pointer", &cursor);
         given != NULL && result == RESULT_OK; given = call_next(call, "pointer", &cursor)) {
        result = add_pointer(call, given, pointers, error);
    }
    if (result == RESULT_OK && replacement != NULL) {
        result = send_replacement(call, subject, replacement, &replaced, error);
    }
    if (result == RESULT_OK) {
        json_t *amendment = amendment_of(call, reason, replaced);
        json_t *shipment = json_object_get(subject->lpco, "GoodsShipment");
        if (json_array_size(pointers) > 0) {
            (void)json_object_set(amendment, "Pointer", pointers);
        }
        (void)json_object_set_new(content, "FunctionCode",
                                  json_string(function_of(reason, replaced != NULL)));
        compose_name(content, subject->lpco);
        (void)json_object_set_new(content, "Amendment", json_pack("[o]", amendment));
        (void)json_object_set_new(
            content, "GoodsShipment",
            json_pack("{s:O}", "Destination", json_object_get(shipment, "Destination")));
    }
    json_decref(pointers);
    free(replaced);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    static const struct composing composing = {OPERATION_AMENDMENT, OPERATION_CO, "outgoing",
                                               build};
    return compose_run(call, &composing, error);
}

const struct command command_amend = {
    .name = "amend",
    .operands = "--number NUMBER --reason CODE | FILE",
    .summary = "tell the importing party that a certificate changes, or is cancelled",
    .examples = "  comesh amend --number KR-020-26-0001742 --reason COR --pointer 68A:128:2 \\\n"
                "         --remark \"Net weight of item 2 was given without the inner packing\"\n"
                "  comesh amend --number KR-020-26-0001742 --reason CNL\n"
                "  comesh amend --number KR-020-26-0001742 --reason RPL --replacement new.json\n"
                "  comesh amend amendment.json\n",
    .details = "Reasons: COR correction, RPL replaced by a new certificate, CNL cancelled without\n"
               "replacement, LST lost, REV withdrawn by the authority, REJ replaced after a\n"
               "rejection, OTH other. The importing party answers with a cancelation status.\n",
    .options =
        {
            COMPOSE_OPTIONS,
            {"reason", "CODE", "why: COR, RPL, CNL, LST, REV, REJ or OTH", false},
            {"remark", "TEXT", "why, in words", false},
            {"pointer", "CLASS:ELEMENT:NUMBER", "what changes, by WCO ids", true},
            {"replacement", "FILE", "the certificate that takes its place; it is sent first",
             false},
        },
    .most_operands = 1,
    .run = run,
};
