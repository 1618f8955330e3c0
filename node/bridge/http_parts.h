/* What the files of a listener share. For http*.c alone: they are the ones that know
 * libmicrohttpd. */
#ifndef COMESH_NODE_BRIDGE_HTTP_PARTS_H
#define COMESH_NODE_BRIDGE_HTTP_PARTS_H

#include "node/bridge/http.h"
#include "node/bridge/pace.h"
#include "node/core/task.h"

#include <arpa/inet.h>
#include <microhttpd.h>

#define HTTP_HEAD_SECONDS   30 /* from one answer, or the connection, to the next whole header */
#define HTTP_BODY_SECONDS   30 /* for a body; of a streamed one for each HTTP_STREAM_BYTES */
#define HTTP_ANSWER_SECONDS 30 /* for an answer, and a second more for each HTTP_ANSWER_BYTES */
#define HTTP_STREAM_BYTES   ((size_t)16 << 10)
#define HTTP_ANSWER_BYTES   ((size_t)32 << 10)
#define HTTP_RANDOM_BYTES   ((size_t)512)     /* that are fetched together */
#define HTTP_DRAIN_BYTES    ((size_t)1 << 20) /* of a refused body, so that the answer is read */

/* One connection of a client, with the moment at which it is cut. */
struct connection {
    struct connection *next;
    struct connection *before;
    struct http_listener *listener;
    struct http_certificate *shown; /* NULL: plain */
    int fd;
    char address[INET6_ADDRSTRLEN]; /* which strangers are counted by */
    bool is_known;                  /* a client on it was */
    uint64_t deadline_ns;           /* steady; UINT64_MAX while the node owes the next step, */
    bool left;                      /* and its client has said its last word meanwhile */
};

struct http_listener {
    struct http_options options;
    struct task *task;
    struct queue home;
    struct MHD_Daemon *daemon;
    struct connection *connections;
    struct tag_secret tag_secret;
    uint8_t random[HTTP_RANDOM_BYTES];        /* for the ids of the next exchanges */
    size_t random_left;                       /* of these, from the front */
    struct http_certificate *shown;           /* to connections that begin */
    _Atomic(struct http_certificate *) given; /* to be shown from the next one on */
    size_t exchanges;                         /* alive */
    uint64_t told_ns;                         /* when the log told of a refusal */
    uint64_t unlogged;                        /* refusals since then that it did not tell */
    struct pace strangers;                    /* by address */
    bool stopping;
    bool resumed; /* a connection was, and MHD_get_timeout does not say so */
};

/* An exchange with its connection. */
struct http_exchange {
    struct exchange exchange; /* first */
    struct http_listener *listener;
    struct MHD_Connection *mhd;
    struct connection *connection;
    struct text raw_target;
    struct buffer body;
    size_t received; /* bytes of a streamed or refused body since the deadline was set */
    bool began;
    bool called;      /* the route's answer was */
    bool answered;    /* the response is whole */
    bool suspended;   /* MHD does not look at the connection */
    bool must_close;  /* and at once */
    bool is_stranger; /* refused before anybody knew who asks: closed behind the answer */
};

uint64_t http_now_ns(const struct http_listener *listener);

/* From now on the client has so many seconds. */
void http_give_seconds(struct http_exchange *http, uint64_t seconds);

/* ---- http_head.c: the header ---- */

/* Looks at a whole header: finds the route and who asks; refuses by answering. */
void http_head(struct http_exchange *http, const char *method, const char *version);

/* ---- http_exchange.c: libmicrohttpd's calls for one exchange ---- */

void *http_exchange_begin(void *listener, const char *target, struct MHD_Connection *mhd);
enum MHD_Result http_exchange_step(void *listener, struct MHD_Connection *mhd, const char *path,
                                   const char *method, const char *version, const char *piece,
                                   size_t *size, void **http);
void http_exchange_end(void *listener, struct MHD_Connection *mhd, void **http,
                       enum MHD_RequestTerminationCode how);

/* ---- http_certificate.c ---- */

/* Gives a new TLS connection the certificate that is shown now, until connection_end releases it,
 * and asks its client for one, of any authority: who it is decides the service by the key.
 * libmicrohttpd would ask only with a list of authorities, and clients leave out what is not on it.
 */
void http_secure(struct connection *connection, struct MHD_Connection *mhd);
void http_certificate_release(struct http_certificate **certificate);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK: the daemon itself has no certificate. */
void *http_certificate_option(void);

/* ---- http_stranger.c: what those cost whom nobody knows ---- */

/* Whether an address may begin one more connection; a call of libmicrohttpd's. */
enum MHD_Result http_stranger_accept(void *listener, const struct sockaddr *address,
                                     socklen_t size);
/* A connection begins that may be a stranger's. */
void http_stranger_begin(struct connection *connection, struct MHD_Connection *mhd);
/* The header was looked at: whether the client is known now, or is refused as a stranger. */
void http_stranger_judge(struct http_exchange *http);

/* ---- http_log.c ---- */

/* Whether the log may have a line about a refusal now; counts it as left out when not. */
bool http_log_tells(struct http_listener *listener, uint64_t now_ns);
/* How many refusals the log left out since it was asked. */
unsigned long long http_log_unlogged(struct http_listener *listener);

/* The exchange is over, in order or not. */
void http_log(const struct http_exchange *http, bool completed);

/* ---- http_respond.c ---- */

/* Queues the response. */
enum MHD_Result http_respond(struct http_exchange *http);

#endif
