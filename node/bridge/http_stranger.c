/* What those cost whom nobody knows. A handshake is the dearest thing that a stranger gets, so each
 * connection is taken out of its address's bucket before TLS begins, and put back once a client on
 * it is known; and who is refused unknown has to come by another one. Known clients are held to
 * their own pace (pace.h), and pay nothing here. */
#include "node/bridge/http_parts.h"

#include "node/core/log.h"

#include <netinet/in.h>

/* An IPv4 address, or the network of 64 bits that an IPv6 address lies in, for a host has all of
 * it; "" for another kind of socket. */
static void name_of(const struct sockaddr *address, char name[INET6_ADDRSTRLEN])
{
    name[0] = '\0';
    if (address != NULL && address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        (void)inet_ntop(AF_INET, &v4->sin_addr, name, INET6_ADDRSTRLEN);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        struct in6_addr v6 = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&v6)) {
            (void)inet_ntop(AF_INET, &v6.s6_addr[12], name, INET6_ADDRSTRLEN);
            return;
        }
        memset(&v6.s6_addr[8], 0, 8);
        (void)inet_ntop(AF_INET6, &v6, name, INET6_ADDRSTRLEN);
    }
}

enum MHD_Result http_stranger_accept(void *self, const struct sockaddr *address, socklen_t size)
{
    struct http_listener *listener = self;
    const struct http_options *options = &listener->options;
    uint64_t now_ns = http_now_ns(listener);
    char name[INET6_ADDRSTRLEN];
    (void)size;
    if (options->strangers_per_second == 0) {
        return MHD_YES;
    }
    name_of(address, name);
    if (pace_take(&listener->strangers, name, options->strangers_per_second, now_ns) == 0) {
        return MHD_YES;
    }
    metrics_add(options->metrics, METRIC_TURNED_AWAY, 1);
    if (http_log_tells(listener, now_ns)) {
        log_event(LOG_LEVEL_INFO, options->name, "stranger turned away",
                  "address=%s per_second=%llu unlogged=%llu", name,
                  (unsigned long long)options->strangers_per_second, http_log_unlogged(listener));
    }
    return MHD_NO;
}

void http_stranger_begin(struct connection *connection, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    name_of(info == NULL ? NULL : info->client_addr, connection->address);
}

void http_stranger_judge(struct http_exchange *http)
{
    struct connection *connection = http->connection;
    uint64_t per_second = http->listener->options.strangers_per_second;
    if (per_second == 0) {
        return;
    }
    bool is_known = http->exchange.caller[0] != '\0';
    http->is_stranger = http->answered && !is_known;
    if (is_known && !connection->is_known) {
        connection->is_known = true;
        pace_give_back(&http->listener->strangers, connection->address, per_second);
    }
}
