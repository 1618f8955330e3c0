/* Socket options. See sockopt.h. */
#include "node/link/sockopt.h"

#include "node/core/log.h"

#include <errno.h>
#include <sys/resource.h>
#include <zmq.h>

/* Named DRAFT in zmq.h and so left out of the stable header, but the stable library takes it.
 * Without it a ZAP domain alone lets everybody in as soon as no handler answers. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

#define CONTEXT_SOCKETS 4096 /* three for each partner */

#define BOTH (SOCKOPT_ROUTER | SOCKOPT_DEALER)

/* symbol, roles, value, whether zmq_getsockopt knows it */
#define SOCKOPT_MAP(X)                                                                             \
    X(LINGER, BOTH, 0, true)                                                                       \
    X(SNDTIMEO, BOTH, 0, true)                                                                     \
    X(ZAP_ENFORCE_DOMAIN, SOCKOPT_ROUTER, 1, true)                                                 \
    X(CURVE_SERVER, SOCKOPT_ROUTER, 1, true)                                                       \
    X(RCVHWM, SOCKOPT_ROUTER, 64, true)                                                            \
    X(SNDHWM, SOCKOPT_ROUTER, 256, true)                                                           \
    X(RCVHWM, SOCKOPT_DEALER, 256, true)                                                           \
    X(SNDHWM, SOCKOPT_DEALER, LANE_WINDOW_FRAMES + 16, true)                                       \
    X(RCVBUF, BOTH, 262144, true)                                                                  \
    X(SNDBUF, BOTH, 262144, true)                                                                  \
    X(ROUTER_MANDATORY, SOCKOPT_ROUTER, 1, false)                                                  \
    X(ROUTER_HANDOVER, SOCKOPT_ROUTER, 0, false)                                                   \
    X(IMMEDIATE, SOCKOPT_DEALER, 1, true)                                                          \
    X(HANDSHAKE_IVL, BOTH, 5000, true)                                                             \
    X(HEARTBEAT_IVL, BOTH, 5000, true)                                                             \
    X(HEARTBEAT_TIMEOUT, BOTH, 15000, true)                                                        \
    X(HEARTBEAT_TTL, BOTH, 20000, true)                                                            \
    X(CONNECT_TIMEOUT, SOCKOPT_DEALER, 5000, true)                                                 \
    X(TCP_MAXRT, BOTH, 20000, true)                                                                \
    X(TCP_KEEPALIVE, BOTH, 1, true)                                                                \
    X(TCP_KEEPALIVE_IDLE, BOTH, 60, true)                                                          \
    X(TCP_KEEPALIVE_INTVL, BOTH, 15, true)                                                         \
    X(TCP_KEEPALIVE_CNT, BOTH, 4, true)                                                            \
    X(RECONNECT_IVL, SOCKOPT_DEALER, 500, true)                                                    \
    X(RECONNECT_IVL_MAX, SOCKOPT_DEALER, 60000, true)

static const struct sockopt table[] = {
#define SOCKOPT_ROW(symbol, roles, value, readable)                                                \
    {"ZMQ_" #symbol, ZMQ_##symbol, roles, value, readable},
    SOCKOPT_MAP(SOCKOPT_ROW)
#undef SOCKOPT_ROW
};

const struct sockopt *sockopt_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

static enum result set(void *socket, int option, const char *name, const void *value, size_t size,
                       struct error *error)
{
    if (zmq_setsockopt(socket, option, value, size) != 0) {
        return error_system(error, zmq_errno(), "socket option %s is not taken by this libzmq",
                            name);
    }
    return RESULT_OK;
}

static enum result set_role(void *socket, enum sockopt_role role, struct error *error)
{
    int64_t wire_max = WIRE_MAX_BYTES;
    enum result result =
        set(socket, ZMQ_MAXMSGSIZE, "ZMQ_MAXMSGSIZE", &wire_max, sizeof wire_max, error);
    for (size_t i = 0; i < sizeof table / sizeof table[0] && result == RESULT_OK; i++) {
        if ((table[i].roles & role) != 0) {
            result = set(socket, table[i].option, table[i].name, &table[i].value,
                         sizeof table[i].value, error);
        }
    }
    return result;
}

static enum result set_own_key(void *socket, const struct keypair *own, struct error *error)
{
    enum result result = set(socket, ZMQ_CURVE_PUBLICKEY, "ZMQ_CURVE_PUBLICKEY",
                             keypair_public(own), KEY_PUBLIC_BYTES, error);
    if (result == RESULT_OK) {
        result = set(socket, ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY",
                     keypair_transport_secret(own), KEY_PUBLIC_BYTES, error);
    }
    return result;
}

/* A socket that is not wholly set up does not leave this file. */
static enum result finish(enum result result, void *made, void **socket)
{
    if (result != RESULT_OK) {
        (void)zmq_close(made);
        made = NULL;
    }
    *socket = made;
    return result;
}

enum result sockopt_router(void *context, void **router, struct error *error)
{
    *router = NULL;
    void *made = zmq_socket(context, ZMQ_ROUTER);
    if (made == NULL) {
        return error_system(error, zmq_errno(), "inbox: ROUTER socket");
    }
    enum result result = set(made, ZMQ_ZAP_DOMAIN, "ZMQ_ZAP_DOMAIN", LINK_ZAP_DOMAIN,
                             sizeof LINK_ZAP_DOMAIN - 1, error);
    if (result == RESULT_OK) {
        result = set_role(made, SOCKOPT_ROUTER, error);
    }
    return finish(result, made, router);
}

enum result sockopt_serve(void *router, const struct keypair *own, struct error *error)
{
    return set_own_key(router, own, error);
}

enum result sockopt_dealer(void *context, const struct keypair *own,
                           const uint8_t server_key[KEY_PUBLIC_BYTES], void **dealer,
                           struct error *error)
{
    *dealer = NULL;
    void *made = zmq_socket(context, ZMQ_DEALER);
    if (made == NULL) {
        return error_system(error, zmq_errno(), "peers: DEALER socket");
    }
    enum result result = set_role(made, SOCKOPT_DEALER, error);
    if (result == RESULT_OK) {
        result = set(made, ZMQ_CURVE_SERVERKEY, "ZMQ_CURVE_SERVERKEY", server_key, KEY_PUBLIC_BYTES,
                     error);
    }
    if (result == RESULT_OK) {
        result = set_own_key(made, own, error);
    }
    return finish(result, made, dealer);
}

enum result sockopt_family(void *socket, const char *endpoint, struct error *error)
{
    int ipv6 = strchr(endpoint, '[') != NULL;
    return set(socket, ZMQ_IPV6, "ZMQ_IPV6", &ipv6, sizeof ipv6, error);
}

/* At EMFILE libzmq's I/O thread spins, so there must be room for all lanes. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            log_event(LOG_LEVEL_WARNING, "link", "open files limit not raised", "wanted=%llu",
                      (unsigned long long)limit.rlim_max);
        }
    }
}

enum result sockopt_context(void **context, struct error *error)
{
    raise_file_limit();
    *context = zmq_ctx_new();
    if (*context == NULL) {
        return error_system(error, zmq_errno(), "link: ZeroMQ context");
    }
    if (zmq_ctx_set(*context, ZMQ_MAX_SOCKETS, CONTEXT_SOCKETS) != 0 ||
        zmq_ctx_set(*context, ZMQ_BLOCKY, 0) != 0) {
        enum result result = error_system(error, zmq_errno(), "link: ZeroMQ context options");
        (void)zmq_ctx_term(*context);
        *context = NULL;
        return result;
    }
    return RESULT_OK;
}
