/* What handlers answer with. See exchange.h; what touches the connection is in http_exchange.c. */
#include "node/bridge/exchange.h"

#include "node/bridge/problem.h"

#include <stdarg.h>
#include <stdio.h>

#define HEADER_MAX_BYTES 1024
#define DETAIL_MAX_BYTES 1024
#define RETRY_AFTER_S    "5"

void exchange_add_header(struct exchange *exchange, const char *name, const char *format, ...)
{
    struct response *response = &exchange->response;
    char value[HEADER_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    if (response->header_count < EXCHANGE_HEADERS_MAX) {
        response->headers[response->header_count++] =
            (struct exchange_header){name, arena_text(&exchange->arena, text_of(value))};
    }
}

void exchange_give(struct exchange *exchange, unsigned status, enum media media,
                   struct buffer *body)
{
    struct error error;
    if (buffer_check(body, &error) != RESULT_OK) {
        buffer_free(body);
        exchange_fail(exchange, &error);
        return;
    }
    if (exchange->response.status == 0) {
        exchange->response.status = status;
        exchange->response.media = media;
        exchange->response.body = *body;
        *body = (struct buffer){0};
    }
    buffer_free(body);
    exchange_answer(exchange);
}

/* Whether If-None-Match names the tag (RFC 9110, section 13.1.2: weak comparison). */
static bool is_held(struct exchange *exchange, const char *tag)
{
    struct text rest = exchange_header_list(exchange, "If-None-Match");
    while (rest.size > 0) {
        struct text one = text_until(&rest, ',');
        (void)text_skip(&rest, ",");
        while (text_skip(&one, " ") || text_skip(&one, "\t")) {
        }
        (void)text_skip(&one, "W/");
        while (one.size > 0 && (one.data[one.size - 1] == ' ' || one.data[one.size - 1] == '\t')) {
            one.size--;
        }
        if (text_equal(one, TEXT("*")) || text_equal(one, text_of(tag))) {
            return true;
        }
    }
    return false;
}

void exchange_give_tagged(struct exchange *exchange, enum media media, struct buffer *body)
{
    char tag[TAG_BYTES];
    tag_write(exchange->tag_secret, buffer_bytes(body), tag);
    exchange_add_header(exchange, "ETag", "%s", tag);
    exchange_give(exchange, is_held(exchange, tag) ? 304 : 200, media, body);
}

void exchange_refuse_findings(struct exchange *exchange, unsigned status, const char *code,
                              struct text detail, const struct findings *findings)
{
    struct buffer body = {0};
    const struct problem problem = {.status = status,
                                    .code = code,
                                    .detail = detail,
                                    .findings = findings,
                                    .request = exchange->id};
    bool xml = exchange->accepted == MEDIA_XML;
    problem_write(&problem, xml, &body);
    if (body.failed) {
        buffer_free(&body);
    }
    if (status == 503) {
        exchange_add_header(exchange, "Retry-After", RETRY_AFTER_S);
    }
    exchange_give(exchange, status, xml ? MEDIA_PROBLEM_XML : MEDIA_PROBLEM, &body);
}

void exchange_refuse(struct exchange *exchange, unsigned status, const char *code,
                     const char *format, ...)
{
    char detail[DETAIL_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    exchange_refuse_findings(exchange, status, code, text_of(detail), NULL);
}

void exchange_fail(struct exchange *exchange, const struct error *error)
{
    exchange_refuse_findings(exchange, problem_status(error->code), result_text(error->code),
                             text_of(error->message), NULL);
}
