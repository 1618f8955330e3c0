/* HTTP requests that this node makes, on libcurl's multi interface: one task with one poll loop
 * owns the calls, nothing waits. A redirect is an answer like another; what comes back is bounded;
 * TLS is 1.2 or newer and the server's name is always checked. libcurl is known in call.c and
 * call_end.c alone. */
#ifndef COMESH_NODE_BRIDGE_CALL_H
#define COMESH_NODE_BRIDGE_CALL_H

#include "keys/rest_card.h"

#include <sys/types.h>

#define CALL_ANSWER_BYTES  ((size_t)16 << 10) /* of an answer that are kept */
#define CALL_TROUBLE_BYTES 320
#define CALL_HEADERS_MAX   8
#define CALL_ADDRESS_BYTES 64

struct calls;
struct call;

/* How a request travels. Texts live as long as the call is under way. */
struct call_way {
    const char *certificate; /* client certificate, PEM; empty: none */
    const char *key;
    const char *authorities;     /* PEM; empty: the system's */
    const char *proxy;           /* empty: none */
    const char *connect;         /* "HOST:PORT" in place of the URL's own; empty: its own */
    const struct rest_pin *pins; /* any of these keys, and no authority is asked; NULL: none */
    size_t pin_count;
    uint64_t now_s;   /* pins that are not valid now do not count */
    bool public_only; /* never to a loopback, link-local or private address */
    bool plain;       /* http:// is taken as well */
    uint64_t connect_timeout_s;
    uint64_t timeout_s;
};

struct call_request {
    const char *url;
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    struct bytes body; /* lives as long as the call is under way */
};

/* How far a request got. */
enum call_reach { CALL_NOWHERE, CALL_NAMED, CALL_CONNECTED };

/* What came back. `status` 0: no whole answer, and `trouble` says why. */
struct call_answer {
    enum call_reach reach;
    char address[CALL_ADDRESS_BYTES]; /* "10.1.2.3:8443" that was tried last; empty: none */
    uint64_t connect_us;              /* from the name to the connection */
    unsigned status;
    struct text body; /* at most CALL_ANSWER_BYTES of it */
    uint64_t retry_after_s;
    const char *location; /* of a redirect; empty */
    bool at_proxy; /* it ended before the proxy led any further, and nobody behind it is to blame */
    char trouble[CALL_TROUBLE_BYTES];
};

/* Called by calls_turn when a call has ended; another may be begun with it at once. */
typedef void call_ended(void *self, const struct call_answer *answer);

enum result calls_new(struct calls **calls, struct error *error) RESULT_CHECKED;
void calls_destroy(struct calls **calls);

/* Waits until something happens to a call, `fd` can be read, or `patience_ms` have passed; then
 * ends the calls that have ended. */
void calls_turn(struct calls *calls, int fd, int patience_ms);

/* A place for one call at a time; its connection is kept for the next one. */
enum result call_new(struct calls *calls, call_ended *ended, void *self, struct call **call,
                     struct error *error) RESULT_CHECKED;

/* Breaks off what is under way, without `ended`. */
void call_destroy(struct call **call);

bool call_is_under_way(const struct call *call);

enum result call_post(struct call *call, const struct call_way *way,
                      const struct call_request *request, struct error *error) RESULT_CHECKED;

/* The same without a body, which changes nothing there. */
enum result call_get(struct call *call, const struct call_way *way,
                     const struct call_request *request, struct error *error) RESULT_CHECKED;

/* Only connects, through the proxy when there is one, to where a request to `url` would go; nothing
 * is said there, and `url` begins with http, for TLS is the caller's. `trouble` is empty then. */
enum result call_connect(struct call *call, const struct call_way *way, const char *url,
                         struct error *error) RESULT_CHECKED;

/* The socket of a call_connect that came through, to wait for; it lives until the next call or the
 * end of this one. A proxy may speak TLS of its own there, so bytes go by the two below. */
int call_socket(const struct call *call);

/* Some of the bytes, as recv and send do it on a socket that does not block. */
ssize_t call_receive(struct call *call, void *bytes, size_t size);
ssize_t call_send(struct call *call, const void *bytes, size_t size);

#endif
