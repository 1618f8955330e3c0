/* The documents of a conformance run: certificates, amendments and responses made from the ones
 * that the caller gave, each with a number and a message id of its own, and some that are wrong in
 * one way. See conform.h. */
#include "tools/comesh/conform.h"

#include "proto/encoding.h"
#include "tools/comesh/compose.h"
#include "tools/comesh/response.h"

#include <stdio.h>
#include <stdlib.h>

#define NUMBER_KEPT  20 /* characters of the given number that stay in front */
#define LARGE_BYTES  ((size_t)DOCUMENT_MAX_BYTES + 1)
#define UNKNOWN_NAME "NOBODY-HAS-THIS-0001"

static enum result put(struct conform *conform, json_t *document, struct error *error)
{
    char *text = document == NULL ? NULL : json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (text == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a document");
    }
    buffer_text(&conform->document, text);
    free(text);
    return buffer_check(&conform->document, error);
}

/* A certificate like the given one, with its own number and message id. */
static json_t *new_co(struct conform *conform)
{
    char number[64];
    json_t *document = json_deep_copy(conform->given[NEED_CO]);
    json_t *lpco = json_object_get(document, "LPCO");
    const char *given = json_string_value(json_object_get(lpco, "ID"));
    (void)snprintf(number, sizeof number, "%.*s-%s%u", NUMBER_KEPT, given == NULL ? "CO" : given,
                   conform->run, ++conform->made);
    (void)json_object_set_new(lpco, "ID", json_string(number));
    compose_new_id(lpco);
    return document;
}

static json_t *items_of(const json_t *document)
{
    json_t *shipment = json_object_get(json_object_get(document, "LPCO"), "GoodsShipment");
    return json_object_get(shipment, "GovernmentAgencyGoodsItem");
}

/* ---- certificates ---- */

enum result make_first(struct conform *conform, struct error *error)
{
    json_t *document = new_co(conform);
    json_decref(conform->co);
    conform->co = json_incref(document);
    enum result result = put(conform, document, error);
    buffer_clear(&conform->first);
    buffer_append(&conform->first, conform->document.data, conform->document.size);
    return result == RESULT_OK ? buffer_check(&conform->first, error) : result;
}

enum result make_first_again(struct conform *conform, struct error *error)
{
    buffer_append(&conform->document, conform->first.data, conform->first.size);
    return buffer_check(&conform->document, error);
}

enum result make_next(struct conform *conform, struct error *error)
{
    return put(conform, new_co(conform), error);
}

/* The first one with another description of its first item. */
static json_t *changed_first(const struct conform *conform)
{
    json_t *document = json_deep_copy(conform->co);
    json_t *commodity = json_object_get(json_array_get(items_of(document), 0), "Commodity");
    (void)json_object_set_new(commodity, "Description", json_string("Something else altogether"));
    return document;
}

enum result make_same_number(struct conform *conform, struct error *error)
{
    json_t *document = changed_first(conform);
    compose_new_id(json_object_get(document, "LPCO"));
    return put(conform, document, error);
}

enum result make_same_id(struct conform *conform, struct error *error)
{
    return put(conform, changed_first(conform), error);
}

enum result make_without_exporter(struct conform *conform, struct error *error)
{
    json_t *document = new_co(conform);
    (void)json_object_del(json_object_get(document, "LPCO"), "Exporter");
    return put(conform, document, error);
}

enum result make_cut(struct conform *conform, struct error *error)
{
    enum result result = make_next(conform, error);
    conform->document.size /= 2;
    return result;
}

/* A name that stands twice in one object, which many readers do not see. */
enum result make_twice(struct conform *conform, struct error *error)
{
    struct buffer copy = {0};
    static const char twice[] = "{\"LPCO\":{\"TypeCode\":\"861\",";
    enum result result = make_next(conform, error);
    if (result == RESULT_OK) {
        size_t skipped = sizeof "{\"LPCO\":{" - 1;
        buffer_text(&copy, twice);
        buffer_append(&copy, conform->document.data + skipped, conform->document.size - skipped);
        result = buffer_check(&copy, error);
        buffer_free(&conform->document);
        conform->document = copy;
    }
    return result;
}

enum result make_fraction(struct conform *conform, struct error *error)
{
    json_t *document = new_co(conform);
    json_t *item = json_array_get(items_of(document), 0);
    (void)json_object_set_new(item, "SequenceNumeric", json_real(1.5));
    return put(conform, document, error);
}

/* A certificate that, by its own words, a third party issued. */
enum result make_foreign(struct conform *conform, struct error *error)
{
    json_t *document = new_co(conform);
    json_t *lpco = json_object_get(document, "LPCO");
    const char *issuer = json_string_value(json_object_get(lpco, "IssuingCountryCode"));
    bool is_other = issuer != NULL && strcmp(issuer, "AQ") == 0;
    (void)json_object_set_new(lpco, "IssuingCountryCode", json_string(is_other ? "BV" : "AQ"));
    return put(conform, document, error);
}

enum result make_large(struct conform *conform, struct error *error)
{
    enum result result = make_next(conform, error);
    while (result == RESULT_OK && conform->document.size < LARGE_BYTES) {
        buffer_text(&conform->document, " ");
        result = buffer_check(&conform->document, error);
    }
    return result;
}

enum result make_empty(struct conform *conform, struct error *error)
{
    return buffer_check(&conform->document, error);
}

/* ---- XML ---- */

/* What stands in conform->document becomes XML. */
static enum result to_xml(struct conform *conform, struct error *error)
{
    struct arena arena = {0};
    struct findings findings = {.arena = &arena};
    struct record *record = NULL;
    struct buffer xml = {0};
    enum result result = encoding_read(ENCODING_JSON, buffer_bytes(&conform->document),
                                       OPERATION_CO, &arena, &findings, &record, error);
    if (result == RESULT_OK) {
        result = encoding_write(ENCODING_XML, record, true, &xml, error);
    }
    if (result == RESULT_OK) {
        buffer_free(&conform->document);
        conform->document = xml;
    } else {
        buffer_free(&xml);
    }
    arena_free(&arena);
    return result;
}

enum result make_xml(struct conform *conform, struct error *error)
{
    enum result result = make_next(conform, error);
    return result == RESULT_OK ? to_xml(conform, error) : result;
}

/* An entity that would be read from the server's own disk. */
enum result make_doctype(struct conform *conform, struct error *error)
{
    struct buffer hostile = {0};
    enum result result = make_xml(conform, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct text rest = buffer_view(&conform->document);
    struct text declaration = text_until(&rest, '>'); /* <?xml … ?> */
    (void)text_skip(&rest, ">");
    buffer_printf(&hostile,
                  "%.*s>\n<!DOCTYPE LPCO [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>%.*s",
                  TEXT_ARGS(declaration), TEXT_ARGS(rest));
    buffer_free(&conform->document);
    conform->document = hostile;
    return buffer_check(&conform->document, error);
}

/* ---- amendments ---- */

static enum result make_correction(struct conform *conform, const char *number, bool with_reason,
                                   struct error *error)
{
    json_t *co = json_object_get(conform->co, "LPCO");
    json_t *lpco = json_object();
    compose_name(lpco, co);
    compose_new_id(lpco);
    (void)json_object_set_new(lpco, "FunctionCode", json_string("4")); /* change */
    (void)json_object_set_new(lpco, "VersionID", json_string("2"));
    if (number != NULL) {
        (void)json_object_set_new(lpco, "ID", json_string(number));
    }
    if (with_reason) {
        (void)json_object_set_new(lpco, "Amendment",
                                  json_pack("[{s:s, s:s, s:[{s:i, s:s, s:s}]}]", "ChangeReasonCode",
                                            "COR", "ChangeReasonDescription",
                                            "A test of conformance.", "Pointer", "SequenceNumeric",
                                            1, "DocumentSectionCode", "68A", "TagID", "128"));
    }
    (void)json_object_set(lpco, "Exporter", json_object_get(co, "Exporter"));
    json_t *destination = json_object_get(json_object_get(co, "GoodsShipment"), "Destination");
    (void)json_object_set_new(lpco, "GoodsShipment",
                              json_pack("{s:O}", "Destination", destination));
    return put(conform, json_pack("{s:o}", "LPCO", lpco), error);
}

enum result make_amendment(struct conform *conform, struct error *error)
{
    return make_correction(conform, NULL, true, error);
}

enum result make_amendment_unknown(struct conform *conform, struct error *error)
{
    return make_correction(conform, UNKNOWN_NAME, true, error);
}

enum result make_amendment_without_reason(struct conform *conform, struct error *error)
{
    return make_correction(conform, NULL, false, error);
}

/* ---- responses ---- */

/* The answer of the importing party to what the other side sent. */
static json_t *new_response(struct conform *conform, enum conform_need to, const char *status)
{
    struct subject subject = {.lpco = json_object_get(conform->given[to], "LPCO")};
    json_t *content = json_object();
    const char *id = json_string_value(json_object_get(subject.lpco, "FunctionalReferenceID"));
    (void)message_id_parse(text_of(id), &subject.id);
    compose_new_id(content);
    response_fill(content, &subject, status);
    return content;
}

static enum result put_response(struct conform *conform, json_t *content, struct error *error)
{
    return put(conform, json_pack("{s:o}", "Response", content), error);
}

enum result make_status(struct conform *conform, struct error *error)
{
    /* 43: received */
    return put_response(conform, new_response(conform, NEED_THEIR_AMENDMENT, "43"), error);
}

enum result make_status_wrong_code(struct conform *conform, struct error *error)
{
    return put_response(conform, new_response(conform, NEED_THEIR_AMENDMENT, "999"), error);
}

/* What became of the first item; `treatment` is a code. */
static enum result make_treatment(struct conform *conform, const char *treatment,
                                  struct error *error)
{
    json_t *content = new_response(conform, NEED_THEIR_CO, "46"); /* halted pending query */
    (void)json_object_set_new(content, "GoodsShipment",
                              json_pack("{s:[{s:i, s:{s:s, s:o}, s:[{s:s}]}]}",
                                        "GovernmentAgencyGoodsItem", "SequenceNumeric", 1, "Status",
                                        "NameCode", treatment, "EffectiveDateTime", compose_now(),
                                        "AdditionalInformation", "StatementCode", "VER"));
    return put_response(conform, content, error);
}

enum result make_feedback(struct conform *conform, struct error *error)
{
    return make_treatment(conform, "SUS", error); /* being verified: takes nothing from it */
}

enum result make_feedback_wrong_code(struct conform *conform, struct error *error)
{
    return make_treatment(conform, "XYZ", error);
}
