/* What the log tells of an exchange: one line, never a body, never a token. */
#include "node/bridge/http_parts.h"

#include "node/core/log.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define TOLD_NS ((uint64_t)1000000000) /* from one line about a refusal to the next */

bool http_log_tells(struct http_listener *listener, uint64_t now_ns)
{
    if (listener->told_ns != 0 && now_ns - listener->told_ns < TOLD_NS) {
        listener->unlogged += log_tells(LOG_LEVEL_DEBUG) ? 0 : 1;
        return false;
    }
    listener->told_ns = now_ns;
    return true;
}

unsigned long long http_log_unlogged(struct http_listener *listener)
{
    unsigned long long unlogged = listener->unlogged;
    listener->unlogged = 0;
    return unlogged;
}

/* Strangers may knock as often as they like, but not fill the log: of refusals of who asks, and how
 * often, there is a line a second, and it says how many were left out. */
static enum log_level level_of(struct http_listener *listener, unsigned status, uint64_t now_ns)
{
    if (status >= 500) {
        return LOG_LEVEL_WARNING;
    }
    if (status != 401 && status != 403 && status != 421 && status != 429) {
        return LOG_LEVEL_DEBUG;
    }
    return http_log_tells(listener, now_ns) ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
}

/* The client's address; "-" at a UNIX socket. */
static const char *address_of(const struct http_exchange *http, char out[INET6_ADDRSTRLEN])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(http->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    const char *text = NULL;
    if (address != NULL && address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        text = inet_ntop(AF_INET, &v4->sin_addr, out, INET6_ADDRSTRLEN);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)address;
        text = inet_ntop(AF_INET6, &v6->sin6_addr, out, INET6_ADDRSTRLEN);
    }
    return text == NULL ? "-" : text;
}

static const char *quote(struct text text, char *out, size_t size)
{
    return log_quote(text.data == NULL ? "-" : text.data, out, size);
}

void http_log(const struct http_exchange *http, bool completed)
{
    struct http_listener *listener = http->listener;
    const struct exchange *exchange = &http->exchange;
    uint64_t now_ns = http_now_ns(listener);
    enum log_level level = level_of(listener, exchange->response.status, now_ns);
    char address[INET6_ADDRSTRLEN];
    char method[32];
    char path[128];
    if (!log_tells(level)) {
        return;
    }
    unsigned long long unlogged = level == LOG_LEVEL_INFO ? http_log_unlogged(listener) : 0;
    log_event(level, listener->options.name, completed ? "request" : "request cut off",
              "request=%s caller=%s address=%s method=%s path=%s status=%u ms=%llu unlogged=%llu",
              exchange->id, exchange->caller[0] == '\0' ? "-" : exchange->caller,
              address_of(http, address), quote(exchange->method, method, sizeof method),
              quote(http->raw_target, path, sizeof path), exchange->response.status,
              (unsigned long long)((now_ns - exchange->began_ns) / 1000000), unlogged);
}
