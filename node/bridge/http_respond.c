/* An answer becomes a response of libmicrohttpd, with the headers that every answer has. */
#include "node/bridge/http_parts.h"

static const struct {
    const char *name;
    const char *value;
} always[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"},
    {"Cache-Control", "private, no-cache"},
};

static struct MHD_Response *make_response(struct response *from)
{
    if (from->file >= 0) {
        struct MHD_Response *made = MHD_create_response_from_fd64(from->file_size, from->file);
        from->file = made == NULL ? from->file : -1;
        return made;
    }
    struct MHD_Response *made = MHD_create_response_from_buffer(
        from->body.size, from->body.data,
        from->body.data == NULL ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (made != NULL) {
        from->body = (struct buffer){0};
    }
    return made;
}

static void add_headers(const struct http_exchange *http, struct MHD_Response *made)
{
    const struct response *from = &http->exchange.response;
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        (void)MHD_add_response_header(made, always[i].name, always[i].value);
    }
    (void)MHD_add_response_header(made, "X-Request-Id", http->exchange.id);
    if (from->media != MEDIA_NONE) {
        (void)MHD_add_response_header(made, "Content-Type", media_content_type(from->media));
    }
    for (size_t i = 0; i < from->header_count; i++) {
        if (from->headers[i].value.data != NULL) {
            (void)MHD_add_response_header(made, from->headers[i].name, from->headers[i].value.data);
        }
    }
    if (http->must_close || http->is_stranger || http->listener->stopping) {
        (void)MHD_add_response_header(made, "Connection", "close");
    }
}

enum MHD_Result http_respond(struct http_exchange *http)
{
    struct response *from = &http->exchange.response;
    uint64_t size = from->file >= 0 ? from->file_size : from->body.size;
    struct MHD_Response *made = make_response(from);
    if (made == NULL || from->status == 0) {
        return MHD_NO;
    }
    add_headers(http, made);
    http_give_seconds(http, HTTP_ANSWER_SECONDS + size / HTTP_ANSWER_BYTES);
    enum MHD_Result queued = MHD_queue_response(http->mhd, from->status, made);
    MHD_destroy_response(made);
    return queued;
}
