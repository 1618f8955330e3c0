/* One request with its answer, as the handlers of routes see it. An exchange belongs to its
 * listener's task and lives from the last byte of the header until the answer is sent. It must not
 * know libmicrohttpd: http.c is the one that does. */
#ifndef COMESH_NODE_BRIDGE_EXCHANGE_H
#define COMESH_NODE_BRIDGE_EXCHANGE_H

#include "node/bridge/route.h"
#include "node/bridge/tag.h"
#include "proto/finding.h"

#define EXCHANGE_BODY_MAX_BYTES ((size_t)256 << 10)
#define EXCHANGE_HEADERS_MAX    8
#define EXCHANGE_ID_BYTES       17 /* 16 hexadecimal digits and a NUL */
#define EXCHANGE_CALLER_BYTES   64

struct exchange_header {
    const char *name;
    struct text value;
};

struct response {
    unsigned status; /* 0: there is no answer yet */
    enum media media;
    struct buffer body;
    int file; /* or a descriptor whose content is the body, owned; -1 */
    uint64_t file_size;
    struct exchange_header headers[EXCHANGE_HEADERS_MAX];
    size_t header_count;
};

struct exchange {
    /* ---- the request ---- */
    char id[EXCHANGE_ID_BYTES]; /* random; in the log and the answer */
    uint64_t began_ns;          /* steady: when its first line was there */
    struct text method;
    struct target target;
    const struct route *route;            /* NULL while it is looked for */
    struct text values[ROUTE_VALUES_MAX]; /* of the route's path */
    enum media media;                     /* of the body */
    enum media accepted;                  /* of what the route gives */
    struct bytes body;                    /* whole; empty for a body that was streamed */
    struct arena arena;                   /* for whatever lasts as long as the exchange */
    /* ---- who asks: set by the service's admit ---- */
    char caller[EXCHANGE_CALLER_BYTES]; /* for the log, of the service's choice */
    /* ---- the answer ---- */
    struct response response;
    void *state;                         /* of the route's handler, while it works */
    void *self;                          /* of the service */
    const struct tag_secret *tag_secret; /* of the listener */
};

/* The one value of a request's header, by its name in any case, without blanks around it; data NULL
 * when there is none. Headers that must not be doubled are not: the listener refuses such a
 * request. */
struct text exchange_header(const struct exchange *exchange, const char *name);

/* All values of a header that is a list, which may stand in several lines (RFC 9110, section 5.3).
 */
struct text exchange_header_list(struct exchange *exchange, const char *name);

/* The certificate of a TLS client, DER, as it was shown; empty without one. Nobody has checked it.
 */
struct bytes exchange_client_certificate(struct exchange *exchange);

/* Whether the client of an exchange that waits has said its last word, as one does that went away:
 * what could come still is not worth the connection. Known after a second or two. */
bool exchange_is_left(const struct exchange *exchange);

/* ---- answering ---- */

/* The answer is whole and goes out. Calls after the first do nothing. */
void exchange_answer(struct exchange *exchange);

/* The body of a streamed request is read again. */
void exchange_go_on(struct exchange *exchange);

/* Adds a header to the answer; the value is copied. */
void exchange_add_header(struct exchange *exchange, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers with `body`, whose memory the exchange takes over; an empty one is no body. */
void exchange_give(struct exchange *exchange, unsigned status, enum media media,
                   struct buffer *body);

/* As exchange_give for what may be asked for again: with an ETag of the content, and 304 when
 * If-None-Match names it. Then the body is not sent, and its size is told (RFC 9110, section 8.6).
 */
void exchange_give_tagged(struct exchange *exchange, enum media media, struct buffer *body);

/* Answers with an RFC 9457 problem: `code` is a short static word for programs, the sentence is for
 * people. */
void exchange_refuse(struct exchange *exchange, unsigned status, const char *code,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same from a result: RESULT_FULL is 503 with Retry-After, RESULT_CONFLICT 409, … */
void exchange_fail(struct exchange *exchange, const struct error *error);

/* The same with findings as `errors`; `findings` may be NULL. */
void exchange_refuse_findings(struct exchange *exchange, unsigned status, const char *code,
                              struct text detail, const struct findings *findings);

#endif
