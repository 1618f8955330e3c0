/* libmicrohttpd's calls for one exchange: header, body piece by piece, end; and what handlers call
 * that touches the connection. See exchange.h. */
#include "node/bridge/http_parts.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define ID_BYTES ((EXCHANGE_ID_BYTES - 1) / 2)

_Static_assert(HTTP_RANDOM_BYTES % ID_BYTES == 0, "the last id is whole");

/* ---- what handlers call ---- */

/* libmicrohttpd leaves the blanks behind a value, which are none of it (RFC 9112, section 5.1). */
static struct text trimmed(struct text value)
{
    while (value.size > 0 &&
           (value.data[value.size - 1] == ' ' || value.data[value.size - 1] == '\t')) {
        value.size--;
    }
    return value;
}

struct text exchange_header(const struct exchange *exchange, const char *name)
{
    const struct http_exchange *http = (const struct http_exchange *)exchange;
    return trimmed(text_of(MHD_lookup_connection_value(http->mhd, MHD_HEADER_KIND, name)));
}

struct gathering {
    const char *name;
    struct buffer list;
};

static enum MHD_Result gather(void *self, enum MHD_ValueKind kind, const char *name,
                              const char *value)
{
    struct gathering *gathering = self;
    (void)kind;
    if (strcasecmp(name, gathering->name) == 0 && value != NULL) {
        buffer_text(&gathering->list, gathering->list.size == 0 ? "" : ", ");
        buffer_text(&gathering->list, value);
    }
    return MHD_YES;
}

struct text exchange_header_list(struct exchange *exchange, const char *name)
{
    const struct http_exchange *http = (const struct http_exchange *)exchange;
    struct gathering gathering = {.name = name};
    (void)MHD_get_connection_values(http->mhd, MHD_HEADER_KIND, gather, &gathering);
    struct text list = arena_text(&exchange->arena, buffer_view(&gathering.list));
    buffer_free(&gathering.list);
    return list;
}

struct bytes exchange_client_certificate(struct exchange *exchange)
{
    const struct http_exchange *http = (const struct http_exchange *)exchange;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(http->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned count = 0;
    if (info == NULL || info->tls_session == NULL) {
        return (struct bytes){NULL, 0};
    }
    const gnutls_datum_t *shown =
        gnutls_certificate_get_peers((gnutls_session_t)info->tls_session, &count);
    return shown == NULL || count == 0 ? (struct bytes){NULL, 0}
                                       : (struct bytes){shown->data, shown->size};
}

bool exchange_is_left(const struct exchange *exchange)
{
    return ((const struct http_exchange *)exchange)->connection->left;
}

static void suspend(struct http_exchange *http)
{
    http->suspended = true;
    http->connection->deadline_ns = UINT64_MAX;
    MHD_suspend_connection(http->mhd);
}

static void resume(struct http_exchange *http)
{
    if (http->suspended) {
        http->suspended = false;
        http_give_seconds(http, HTTP_BODY_SECONDS);
        http->listener->resumed = true;
        MHD_resume_connection(http->mhd);
    }
}

void exchange_answer(struct exchange *exchange)
{
    struct http_exchange *http = (struct http_exchange *)exchange;
    http->answered = true;
    resume(http);
}

void exchange_go_on(struct exchange *exchange)
{
    resume((struct http_exchange *)exchange);
}

/* ---- what libmicrohttpd calls ---- */

/* Eight random bytes, of those that the system was asked for at once. */
static void take_id(struct http_listener *listener, char id[EXCHANGE_ID_BYTES])
{
    if (listener->random_left == 0) {
        world_random(listener->options.world, listener->random, sizeof listener->random);
        listener->random_left = sizeof listener->random;
    }
    listener->random_left -= ID_BYTES;
    hex_encode((struct bytes){listener->random + listener->random_left, ID_BYTES}, id);
}

void *http_exchange_begin(void *listener, const char *target, struct MHD_Connection *mhd)
{
    struct http_listener *home = listener;
    struct http_exchange *http = calloc(1, sizeof *http);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (http == NULL || info == NULL || info->socket_context == NULL) {
        free(http);
        return NULL;
    }
    take_id(home, http->exchange.id);
    http->listener = home;
    http->mhd = mhd;
    http->connection = info->socket_context;
    http->raw_target = arena_text(&http->exchange.arena, text_of(target));
    http->exchange.self = home->options.self;
    http->exchange.tag_secret = &home->tag_secret;
    http->exchange.response.file = -1;
    http->exchange.began_ns = http_now_ns(home);
    home->exchanges++;
    return http;
}

static bool is_streamed(const struct exchange *exchange)
{
    return exchange->route != NULL && exchange->route->take != NULL &&
           exchange->route->streams == exchange->media;
}

static void refuse_while_stopping(struct http_exchange *http)
{
    if (http->listener->stopping && !http->answered) {
        exchange_refuse(&http->exchange, 503, "stopping", "the node stops; try again soon");
    }
}

/* Whether the client reads before it has sent its body, or has more to send than is read past. */
static bool wants_answer(const struct http_exchange *http)
{
    uint64_t size = 0;
    return exchange_header(&http->exchange, "Expect").data != NULL ||
           (decimal_parse(exchange_header(&http->exchange, "Content-Length"), UINT64_MAX, &size) &&
            size > HTTP_DRAIN_BYTES);
}

/* The header is there. An answer that is known goes out at once when the client waits for leave to
 * send its body, when that is too long, or when the framing cannot be trusted; else the body is
 * read past first, so that the client gets to read the answer. */
static enum MHD_Result begin(struct http_exchange *http, const char *method, const char *version)
{
    http->began = true;
    http_give_seconds(http, HTTP_BODY_SECONDS);
    http_head(http, method, version);
    refuse_while_stopping(http);
    return http->answered && (http->must_close || wants_answer(http)) ? http_respond(http)
                                                                      : MHD_YES;
}

/* More of a streamed body; a client that trickles loses its connection. */
static enum MHD_Result take_stream(struct http_exchange *http, const char *piece, size_t *size)
{
    struct exchange *exchange = &http->exchange;
    const struct bytes bytes = {(const uint8_t *)piece, *size};
    size_t taken = exchange->route->take(exchange, bytes);
    *size -= taken;
    http->received += taken;
    if (http->received >= HTTP_STREAM_BYTES) {
        http->received = 0;
        http_give_seconds(http, HTTP_BODY_SECONDS);
    }
    if (*size > 0 && !http->answered) {
        suspend(http);
    }
    return MHD_YES;
}

static enum MHD_Result take_piece(struct http_exchange *http, const char *piece, size_t *size)
{
    struct exchange *exchange = &http->exchange;
    if (!http->answered && is_streamed(exchange)) {
        return take_stream(http, piece, size);
    }
    if (!http->answered && http->body.size + *size > EXCHANGE_BODY_MAX_BYTES) {
        exchange_refuse(exchange, 413, "too-large", "the body has over %zu bytes",
                        EXCHANGE_BODY_MAX_BYTES);
    }
    if (http->answered) {
        http->received += *size;
        *size = 0;
        return http->received > HTTP_DRAIN_BYTES ? MHD_NO : MHD_YES;
    }
    buffer_append(&http->body, piece, *size);
    *size = 0;
    return MHD_YES;
}

static enum MHD_Result end(struct http_exchange *http)
{
    struct exchange *exchange = &http->exchange;
    struct error error;
    refuse_while_stopping(http);
    if (!http->answered && buffer_check(&http->body, &error) != RESULT_OK) {
        exchange_fail(exchange, &error);
    }
    if (!http->answered && !http->called) {
        http->called = true;
        exchange->body = buffer_bytes(&http->body);
        exchange->route->answer(exchange);
    }
    if (!http->answered) {
        suspend(http);
        return MHD_YES;
    }
    return http_respond(http);
}

enum MHD_Result http_exchange_step(void *listener, struct MHD_Connection *mhd, const char *path,
                                   const char *method, const char *version, const char *piece,
                                   size_t *size, void **context)
{
    struct http_exchange *http = *context;
    (void)listener;
    (void)mhd;
    (void)path;
    if (http == NULL) {
        return MHD_NO;
    }
    if (!http->began) {
        return begin(http, method, version);
    }
    return *size > 0 ? take_piece(http, piece, size) : end(http);
}

void http_exchange_end(void *listener, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode how)
{
    struct http_exchange *http = *context;
    struct http_listener *home = listener;
    (void)mhd;
    if (http == NULL) {
        return;
    }
    if (http->exchange.state != NULL && home->options.service->abandon != NULL) {
        home->options.service->abandon(&http->exchange);
    }
    http_log(http, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    http_give_seconds(http, HTTP_HEAD_SECONDS);
    if (http->exchange.response.file >= 0) {
        (void)close(http->exchange.response.file);
    }
    buffer_free(&http->exchange.response.body);
    buffer_free(&http->body);
    arena_free(&http->exchange.arena);
    free(http);
    *context = NULL;
    home->exchanges--;
}
