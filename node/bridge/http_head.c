/* The header of a request: what HTTP forbids, what the routes have, who asks. libmicrohttpd 0.9.75
 * takes two Content-Length headers, and Content-Length beside Transfer-Encoding; a proxy before it
 * may read the other one, so both are refused here (RFC 9112, section 6.3). */
#include "node/bridge/http_parts.h"

#include <stdio.h>
#include <strings.h>

#define HEADERS_MAX 64
#define NAME_MARKS  "-!#$%&'*+.^_`|~" /* that a header's name may have beside letters and digits */

/* Headers that may stand once: whoever reads the other one of two would read another request. */
static const char *const single[] = {
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Type",
    "Content-Encoding",
    "Authorization",
    "Idempotency-Key",
    "Expect",
};
#define SINGLE_COUNT (sizeof single / sizeof single[0])

struct head {
    unsigned seen[SINGLE_COUNT];
    unsigned count;
    bool has_nul;
    bool has_odd_name; /* a blank before the colon hides a header from us, and not from others */
};

static bool is_name(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              memchr(NAME_MARKS, c, sizeof NAME_MARKS - 1) != NULL)) {
            return false;
        }
    }
    return true;
}

static enum MHD_Result count_header(void *self, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t value_size)
{
    struct head *head = self;
    (void)kind;
    head->count++;
    head->has_nul = head->has_nul || strlen(name) != name_size ||
                    (value != NULL && strlen(value) != value_size);
    head->has_odd_name = head->has_odd_name || !is_name(name, name_size);
    for (size_t i = 0; i < SINGLE_COUNT; i++) {
        head->seen[i] += strcasecmp(name, single[i]) == 0;
    }
    return MHD_YES;
}

/* What may be another request to somebody else; the connection closes behind the refusal. */
static void refuse_and_close(struct http_exchange *http, unsigned status, const char *code,
                             const char *detail)
{
    http->must_close = true;
    exchange_refuse(&http->exchange, status, code, "%s", detail);
}

/* A value as libmicrohttpd reads it: what it does not know to be the length or the coding is not
 * taken for it here either. */
static struct text framing_header(const struct http_exchange *http, const char *name)
{
    return text_of(MHD_lookup_connection_value(http->mhd, MHD_HEADER_KIND, name));
}

/* The framing of the body, and that nothing stands twice. */
static void check_framing(struct http_exchange *http, const char *version)
{
    struct head head = {0};
    struct text coding = framing_header(http, "Transfer-Encoding");
    struct text length = framing_header(http, "Content-Length");
    uint64_t ignored = 0;
    (void)MHD_get_connection_values_n(http->mhd, MHD_HEADER_KIND, count_header, &head);
    for (size_t i = 0; i < SINGLE_COUNT; i++) {
        if (head.seen[i] > 1) {
            http->must_close = true;
            exchange_refuse(&http->exchange, 400, "doubled-header",
                            "the header %s stands twice; send it once", single[i]);
            return;
        }
    }
    if (head.has_odd_name) {
        refuse_and_close(http, 400, "header",
                         "the name of a header has a character that none has; send no blank "
                         "before the colon");
    } else if (coding.data != NULL && length.data != NULL) {
        refuse_and_close(http, 400, "framing",
                         "Content-Length beside Transfer-Encoding; send one of them");
    } else if (coding.data != NULL &&
               (strcasecmp(coding.data, "chunked") != 0 || strcmp(version, "HTTP/1.1") != 0)) {
        refuse_and_close(http, 400, "framing",
                         "the Transfer-Encoding is not 'chunked' of HTTP/1.1");
    } else if (length.data != NULL && !decimal_parse(length, UINT64_MAX, &ignored)) {
        refuse_and_close(http, 400, "framing", "the Content-Length is no whole number");
    } else if (head.has_nul || head.count > HEADERS_MAX) {
        refuse_and_close(http, 400, "header", "a NUL in a header, or over 64 headers");
    } else if (head.seen[0] == 0) {
        refuse_and_close(http, 400, "host", "the header Host is missing");
    }
}

/* A query has what the route knows, so that a misspelt parameter is not lost in silence. */
static void check_query(struct exchange *exchange)
{
    const struct target *target = &exchange->target;
    for (size_t i = 0; i < target->query_count; i++) {
        struct text rest = text_of(exchange->route->query);
        bool known = false;
        while (rest.size > 0 && !known) {
            struct text word = text_until(&rest, ' ');
            (void)text_skip(&rest, " ");
            known = text_equal(word, target->query[i].name);
        }
        if (!known) {
            exchange_refuse(exchange, 400, "unknown-parameter",
                            "the query parameter '%.*s' is not known here; accepted: %s",
                            TEXT_ARGS(target->query[i].name),
                            exchange->route->query == NULL ? "none" : exchange->route->query);
            return;
        }
    }
}

static void find_route(struct http_exchange *http)
{
    struct exchange *exchange = &http->exchange;
    struct route_match match;
    struct error error;
    if (target_read(http->raw_target, &exchange->arena, &exchange->target, &error) != RESULT_OK) {
        exchange_refuse(exchange, 400, "target", "%s", error.message);
        return;
    }
    route_find(http->listener->options.service->routes, exchange->method, &exchange->target,
               &match);
    exchange->route = match.route;
    memcpy(exchange->values, match.values, sizeof match.values);
    if (match.route != NULL) {
        check_query(exchange);
    } else if (match.allow[0] == '\0') {
        exchange_refuse(exchange, 404, "no-such-path",
                        "nothing is here under this path; see /openapi.json");
    } else if (text_equal(exchange->method, TEXT("OPTIONS"))) {
        struct buffer nothing = {0};
        exchange_add_header(exchange, "Allow", "%s", match.allow);
        exchange_give(exchange, 204, MEDIA_NONE, &nothing);
    } else {
        exchange_add_header(exchange, "Allow", "%s", match.allow);
        exchange_refuse(exchange, 405, "method", "this path has %s", match.allow);
    }
}

/* "application/json, application/xml" */
static void append_names(unsigned medias, struct buffer *names)
{
    for (unsigned media = MEDIA_NONE + 1; media < MEDIA_COUNT; media++) {
        if ((medias & MEDIA_BIT(media)) != 0) {
            buffer_printf(names, "%s%s", names->size == 0 ? "" : ", ",
                          media_name((enum media)media));
        }
    }
}

/* 415 with what was given and what the route takes. */
static void refuse_type(struct exchange *exchange, struct text given)
{
    struct buffer names = {0};
    append_names(exchange->route->takes, &names);
    exchange_refuse(exchange, 415, "content-type", "Content-Type '%.*s'; this path takes %.*s",
                    TEXT_ARGS(given), TEXT_ARGS(buffer_view(&names)));
    buffer_free(&names);
}

/* That the body is of a kind and size that the route takes. */
static void check_body(struct http_exchange *http)
{
    struct exchange *exchange = &http->exchange;
    struct text length = exchange_header(exchange, "Content-Length");
    struct text coding = exchange_header(exchange, "Content-Encoding");
    struct text type = exchange_header(exchange, "Content-Type");
    uint64_t size = 0;
    struct error error;
    bool has_body = (decimal_parse(length, UINT64_MAX, &size) && size > 0) ||
                    exchange_header(exchange, "Transfer-Encoding").data != NULL;
    if (exchange->route->takes == 0) {
        if (has_body) {
            exchange_refuse(exchange, 400, "body", "this request has no body");
        }
        return;
    }
    if (coding.data != NULL && !text_equal(coding, TEXT("identity"))) {
        exchange_refuse(exchange, 415, "content-encoding",
                        "Content-Encoding '%.*s'; send the body as it is", TEXT_ARGS(coding));
    } else if (media_read(type, &exchange->media, &error) != RESULT_OK &&
               exchange->media != MEDIA_NONE) {
        exchange_refuse(exchange, 415, "content-type", "%s", error.message);
    } else if ((exchange->route->takes & MEDIA_BIT(exchange->media)) == 0) {
        refuse_type(exchange, type);
    } else if (size > EXCHANGE_BODY_MAX_BYTES && exchange->route->streams != exchange->media) {
        exchange_refuse(exchange, 413, "too-large", "the body has %llu bytes, at most %zu",
                        (unsigned long long)size, EXCHANGE_BODY_MAX_BYTES);
    }
}

/* What the route gives to this body: lines are answered by lines, and a document by one. */
static unsigned given_to(const struct exchange *exchange)
{
    const struct route *route = exchange->route;
    unsigned lines = route->streams == MEDIA_NONE ? 0 : MEDIA_BIT(route->streams);
    return lines != 0 && exchange->media == route->streams ? lines : route->gives & ~lines;
}

static void check_accept(struct http_exchange *http)
{
    struct exchange *exchange = &http->exchange;
    unsigned gives = given_to(exchange);
    if (gives == 0) {
        return;
    }
    enum media best = media_accepted(exchange_header_list(exchange, "Accept"), gives);
    if (best != MEDIA_NONE) {
        exchange->accepted = best;
        return;
    }
    struct buffer names = {0};
    append_names(gives, &names);
    exchange_refuse(exchange, 406, "accept", "Accept names none of what is given here: %.*s",
                    TEXT_ARGS(buffer_view(&names)));
    buffer_free(&names);
}

void http_head(struct http_exchange *http, const char *method, const char *version)
{
    http->exchange.method = arena_text(&http->exchange.arena, text_of(method));
    /* Until the route is known, what a refusal may be. */
    http->exchange.accepted = media_accepted(exchange_header_list(&http->exchange, "Accept"),
                                             MEDIA_BIT(MEDIA_JSON) | MEDIA_BIT(MEDIA_XML));
    check_framing(http, version);
    if (!http->answered) {
        find_route(http);
    }
    if (!http->answered) {
        http->listener->options.service->admit(&http->exchange);
    }
    if (!http->answered) {
        check_body(http);
    }
    if (!http->answered) {
        check_accept(http);
    }
    http_stranger_judge(http);
}
