/* The OpenAPI document. See openapi.h. */
#include "node/bridge/openapi.h"

#include "node/bridge/jot.h"
#include "node/bridge/private_parts.h"
#include "node/bridge/texts.h"
#include "proto/schema.h"

#include <ctype.h>
#include <stdio.h>

#define SCHEMAS "#/components/schemas/"

/* What a value of a path or query is. */
static const struct {
    const char *name;
    const char *schema;
    const char *description;
} parameters[] = {
    {"exporter", "{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}$\"}", "the exporting party"},
    {"number", "{\"type\":\"string\"}", "of the certificate, in any spelling"},
    {"id", "{\"type\":\"string\",\"format\":\"uuid\"}", "of the message"},
    {"file", "{\"type\":\"string\"}", "send-co.json, …, comesh.xsd"},
    {"partner", "{\"type\":\"string\"}", "only of this party"},
    {"direction", "{\"enum\":[\"outgoing\",\"incoming\"]}", "only of this direction"},
    {"after", "{\"type\":\"string\"}", "the cursor of the answer before"},
    {"limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000}", "at most so many"},
    {"wait", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":60}",
     "seconds to wait for something to come"},
    {"menus", "{\"type\":\"string\"}", "2 to 8 menus, as AKFTA:1,RCEP"},
};

/* The operation of a path that is one, as "/send-co". */
static enum operation operation_of(const struct route *route)
{
    return operation_from_name(text_of(route->path + 1));
}

static const char *text_named(const char *name)
{
    for (size_t i = 0; i < bridge_text_count; i++) {
        if (text_equal(text_of(bridge_texts[i].name), text_of(name))) {
            return bridge_texts[i].text;
        }
    }
    return "{}";
}

static void raw(struct jot *jot, const char *name, const char *json)
{
    jot_name(jot, name);
    buffer_text(jot->out, json);
}

static void reference(struct jot *jot, const char *name, const char *place, const char *what)
{
    jot_open(jot, name, '{');
    jot_name(jot, "$ref");
    buffer_printf(jot->out, "\"%s%s\"", place, what);
    jot_close(jot, '}');
}

/* ---- one operation ---- */

static void write_parameter(struct text name, const char *in, struct jot *jot)
{
    jot_open(jot, NULL, '{');
    jot_text(jot, "name", name);
    jot_string(jot, "in", in);
    jot_bool(jot, "required", text_equal(text_of(in), TEXT("path")));
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if (text_equal(text_of(parameters[i].name), name)) {
            jot_string(jot, "description", parameters[i].description);
            raw(jot, "schema", parameters[i].schema);
        }
    }
    jot_close(jot, '}');
}

static void write_parameters(const struct route *route, struct jot *jot)
{
    struct text path = text_of(route->path);
    struct text query = text_of(route->query);
    jot_open(jot, "parameters", '[');
    while (path.size > 0) {
        (void)text_until(&path, '{');
        if (text_skip(&path, "{")) {
            write_parameter(text_until(&path, '}'), "path", jot);
        }
    }
    while (query.size > 0) {
        write_parameter(text_until(&query, ' '), "query", jot);
        (void)text_skip(&query, " ");
    }
    if (operation_of(route) != OPERATION_NONE) {
        reference(jot, NULL, "#/components/parameters/", "IdempotencyKey");
    }
    jot_close(jot, ']');
}

static const char *sample_of(enum operation operation)
{
    switch (operation) {
    case OPERATION_CO:
        return text_named("kr-id-co.json");
    case OPERATION_AMENDMENT:
        return text_named("kr-id-amendment.json");
    case OPERATION_CANCELATION_STATUS:
        return text_named("id-kr-cancelation-status.json");
    default:
        return text_named("id-kr-feedback.json");
    }
}

static void write_body(const struct route *route, struct jot *jot)
{
    enum operation operation = operation_of(route);
    bool document = operation != OPERATION_NONE;
    jot_open(jot, "requestBody", '{');
    jot_bool(jot, "required", true);
    jot_open(jot, "content", '{');
    for (unsigned media = MEDIA_NONE + 1; media < MEDIA_COUNT; media++) {
        if ((route->takes & MEDIA_BIT(media)) == 0) {
            continue;
        }
        jot_open(jot, media_name((enum media)media), '{');
        if (media == MEDIA_JSON) {
            reference(jot, "schema", SCHEMAS, document ? operation_name(operation) : "Taken");
            raw(jot, "example",
                document ? sample_of(operation)
                         : "{\"cursor\":\"1f0e9c3a5b7d2468-40.9ac3d81e02b75f64-7\"}");
        } else {
            raw(jot, "schema", "{\"type\":\"string\"}");
        }
        jot_close(jot, '}');
    }
    jot_close(jot, '}');
    jot_close(jot, '}');
}

/* What the own node answers, and what that of a partner does. */
static const char receipts[] =
    "{\"oneOf\":[{\"$ref\":\"" SCHEMAS "Receipt\"},{\"$ref\":\"" SCHEMAS "PartnerReceipt\"}]}";

static void write_answer(const struct route *route, unsigned gives, const char *status,
                         const char *description, struct jot *jot)
{
    jot_open(jot, status, '{');
    jot_string(jot, "description", description);
    jot_open(jot, "content", '{');
    for (unsigned media = MEDIA_NONE + 1; media < MEDIA_COUNT; media++) {
        if ((gives & MEDIA_BIT(media)) == 0) {
            continue;
        }
        jot_open(jot, media_name((enum media)media), '{');
        if (media == MEDIA_JSON && operation_of(route) != OPERATION_NONE) {
            raw(jot, "schema", receipts);
        } else if (media == MEDIA_JSON && route->schema != NULL) {
            reference(jot, "schema", SCHEMAS, route->schema);
        } else {
            raw(jot, "schema",
                media == MEDIA_JSON ? "{\"type\":\"object\"}" : "{\"type\":\"string\"}");
        }
        jot_close(jot, '}');
    }
    jot_close(jot, '}');
    jot_close(jot, '}');
}

static void write_responses(const struct route *route, struct jot *jot)
{
    unsigned tells = route->tells == 0 ? MEDIA_BIT(MEDIA_TEXT) : route->tells;
    unsigned gives = route->gives == 0 ? tells : route->gives;
    jot_open(jot, "responses", '{');
    if (operation_of(route) != OPERATION_NONE) {
        write_answer(route, gives & ~MEDIA_BIT(MEDIA_NDJSON), "201",
                     "Committed, with the receipt of it", jot);
        write_answer(route, gives, "200",
                     "Held before: the first receipt. To lines: an answer for each, of their media "
                     "type and no other",
                     jot);
    } else if (route->takes != 0) {
        raw(jot, "204", "{\"description\":\"Done\"}");
    } else {
        write_answer(route, gives, "200", "The answer", jot);
        raw(jot, "304", "{\"description\":\"If-None-Match names what it is still\"}");
    }
    if (route->roles != 0) {
        reference(jot, "429", "#/components/responses/", "TooManyRequests");
    }
    reference(jot, "4XX", "#/components/responses/", "Problem");
    reference(jot, "5XX", "#/components/responses/", "Problem");
    jot_close(jot, '}');
}

/* "get-v1-messages-id" */
static void write_operation_id(const struct route *route, struct jot *jot)
{
    char id[128];
    size_t size = (size_t)snprintf(id, sizeof id, "%s%s", route->method, route->path);
    struct buffer name = {0};
    for (size_t i = 0; i < size && i < sizeof id - 1; i++) {
        int c = tolower((unsigned char)id[i]);
        if (isalnum(c)) {
            buffer_printf(&name, "%c", c);
        } else if (name.size > 0 && name.data[name.size - 1] != '-' && c != '}') {
            buffer_text(&name, "-");
        }
    }
    jot_text(jot, "operationId", buffer_view(&name));
    buffer_free(&name);
}

static void write_security(const struct route *route, const char *(*role_text)(unsigned bit),
                           struct jot *jot)
{
    jot_open(jot, "security", '[');
    for (unsigned bit = 1; bit != 0 && bit <= route->roles; bit <<= 1) {
        if ((route->roles & bit) != 0) {
            jot_open(jot, NULL, '{');
            jot_open(jot, "token", '[');
            jot_string(jot, NULL, role_text(bit));
            jot_close(jot, ']');
            jot_close(jot, '}');
        }
    }
    if (operation_of(route) != OPERATION_NONE) {
        raw(jot, NULL, "{\"certificate\":[]}");
    }
    jot_close(jot, ']');
}

static void write_route(const struct route *route, const char *(*role_text)(unsigned bit),
                        struct jot *jot)
{
    jot_open(jot, text_equal(text_of(route->method), TEXT("GET")) ? "get" : "post", '{');
    write_operation_id(route, jot);
    jot_string(jot, "summary", route->summary);
    write_security(route, role_text, jot);
    write_parameters(route, jot);
    if (route->takes != 0) {
        write_body(route, jot);
    }
    write_responses(route, jot);
    jot_close(jot, '}');
}

/* ---- the whole ---- */

static const char head[] =
    "\"openapi\":\"3.1.0\",\"info\":{\"title\":\"comesh\",\"version\":\"" COMESH_VERSION "\","
    "\"description\":\"Electronic certificates of origin between customs administrations: the four "
    "operations of the WCO Interconnectivity Framework, and reading from the own node.\","
    "\"license\":{\"name\":\"MPL-2.0\",\"identifier\":\"MPL-2.0\"}},"
    "\"servers\":[{\"url\":\"/\",\"description\":\"the private listener of the own node\"},"
    "{\"url\":\"https://{environment}.coconnect.{domain}\",\"description\":\"the endpoint of a "
    "party; it has the four operations alone\",\"variables\":{\"environment\":{\"default\":"
    "\"test\",\"enum\":[\"dev\",\"test\",\"prod\"]},\"domain\":{\"default\":\"customs.go.kr\","
    "\"description\":\"of the party\"}}}]";

static const char parts[] =
    "\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
    "\"made by `comesh token new`; the roles it needs stand at each operation\"},"
    "\"certificate\":{\"type\":\"mutualTLS\",\"description\":\"at the endpoint of a party: the "
    "client certificate that its operator was told of\"}},"
    "\"parameters\":{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
    "\"required\":false,\"description\":\"the same key with other content is refused; without one "
    "the message id does the same\",\"schema\":{\"type\":\"string\",\"maxLength\":255}}},"
    "\"responses\":{\"Problem\":{\"description\":\"A refusal, with the reason\",\"content\":{"
    "\"application/problem+json\":{\"schema\":{\"$ref\":\"" SCHEMAS "Problem\"}},"
    "\"application/problem+xml\":{\"schema\":{\"type\":\"string\"}}}},"
    "\"TooManyRequests\":{\"description\":\"The caller asks more often than the node is "
    "configured for (requests_per_second); nothing was done\",\"headers\":{\"Retry-After\":{"
    "\"required\":true,\"description\":\"in how many seconds to come again\",\"schema\":{\"type\":"
    "\"integer\",\"minimum\":1}}},\"content\":{"
    "\"application/problem+json\":{\"schema\":{\"$ref\":\"" SCHEMAS "Problem\"}},"
    "\"application/problem+xml\":{\"schema\":{\"type\":\"string\"}}}}}";

static void write_schemas(struct jot *jot)
{
    jot_open(jot, "schemas", '{');
    buffer_text(jot->out, text_named("openapi_schemas.json"));
    for (unsigned number = OPERATION_CO; number <= OPERATION_FEEDBACK; number++) {
        enum operation operation = (enum operation)number;
        char prefix[64];
        (void)snprintf(prefix, sizeof prefix, "%s.", operation_name(operation));
        buffer_printf(jot->out, ",\"%s\":{", operation_name(operation));
        schema_json_document(operation, SCHEMAS, prefix, 0, jot->out);
        buffer_text(jot->out, "},");
        schema_json_definitions(operation, SCHEMAS, prefix, 0, jot->out);
    }
    jot_close(jot, '}');
}

/* Rows with one path follow each other in the table, so that their methods are in one object. */
void openapi_write(const struct routes *routes, const char *(*role_text)(unsigned bit),
                   struct buffer *out)
{
    struct jot jot = {.out = out};
    const char *path = NULL;
    jot_open(&jot, NULL, '{');
    buffer_text(out, head);
    jot.inside = true;
    jot_open(&jot, "paths", '{');
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *route = &routes->rows[i];
        bool same = path != NULL && text_equal(text_of(path), text_of(route->path));
        if (path != NULL && !same) {
            jot_close(&jot, '}');
        }
        if (!same) {
            jot_open(&jot, route->path, '{');
        }
        write_route(route, role_text, &jot);
        path = route->path;
    }
    jot_close(&jot, '}');
    jot_close(&jot, '}');
    jot_open(&jot, "components", '{');
    buffer_text(out, parts);
    jot.inside = true;
    write_schemas(&jot);
    jot_close(&jot, '}');
    jot_close(&jot, '}');
    buffer_text(out, "\n");
}

/* ---- routes ---- */

static const char *token_role_text(unsigned bit)
{
    switch (bit) {
    case TOKEN_SUBMIT:
        return "submit";
    case TOKEN_READ:
        return "read";
    case TOKEN_TAKE:
        return "take";
    default:
        return "metrics";
    }
}

void openapi_document(struct exchange *exchange)
{
    struct buffer body = {0};
    openapi_write(&private_routes, token_role_text, &body);
    exchange_give_tagged(exchange, MEDIA_JSON, &body);
}

void openapi_schema(struct exchange *exchange)
{
    struct text rest = exchange->values[0];
    struct text name = text_until(&rest, '.');
    struct buffer body = {0};
    enum operation operation = operation_from_name(name);
    if (text_equal(exchange->values[0], TEXT("comesh.xsd"))) {
        schema_xsd(&body);
        exchange_give_tagged(exchange, MEDIA_XML, &body);
    } else if (text_equal(rest, TEXT(".json")) && operation != OPERATION_NONE &&
               operation != OPERATION_VERDICT) {
        schema_json(operation, &body);
        exchange_give_tagged(exchange, MEDIA_SCHEMA, &body);
    } else {
        exchange_refuse(exchange, 404, "not-found",
                        "there is no schema '%.*s'; there are send-co.json, "
                        "send-amendment-notification.json, send-cancelation-status.json, "
                        "send-feedback.json and comesh.xsd",
                        TEXT_ARGS(exchange->values[0]));
    }
}
