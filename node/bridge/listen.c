/* Listening sockets. See listen.h. */
#include "node/bridge/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG    512
#define HOST_BYTES 64

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1:8460" and "[::1]:8460"; false for anything else. */
static bool read_address(const char *text, union address *address, socklen_t *size)
{
    char host[HOST_BYTES];
    uint64_t port = 0;
    struct text rest = text_of(text);
    bool six = text_skip(&rest, "[");
    struct text name = text_until(&rest, six ? ']' : ':');
    if ((six && !text_skip(&rest, "]")) || !text_skip(&rest, ":") || name.size >= sizeof host ||
        !decimal_parse(rest, UINT16_MAX, &port) || port == 0) {
        return false;
    }
    (void)snprintf(host, sizeof host, "%.*s", TEXT_ARGS(name));
    *address = (union address){0};
    if (six) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        *size = sizeof address->v6;
        return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1;
    }
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)port);
    *size = sizeof address->v4;
    return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1;
}

bool listen_is_address(const char *address)
{
    union address read;
    socklen_t size = 0;
    return read_address(address, &read, &size);
}

bool listen_is_loopback(const char *address)
{
    union address read;
    socklen_t size = 0;
    if (!read_address(address, &read, &size)) {
        return false;
    }
    return read.any.sa_family == AF_INET ? ntohl(read.v4.sin_addr.s_addr) >> 24 == 127
                                         : IN6_IS_ADDR_LOOPBACK(&read.v6.sin6_addr) != 0;
}

static enum result listen_at(const char *name, const char *place, const struct sockaddr *address,
                             socklen_t size, int *fd, struct error *error)
{
    const int one = 1;
    int made = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) {
        return error_system(error, errno, "%s: socket", name);
    }
    if (address->sa_family != AF_UNIX) {
        (void)setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    }
    if (bind(made, address, size) != 0 || listen(made, BACKLOG) != 0) {
        int problem = errno;
        (void)close(made);
        return error_system(error, problem, "%s: '%s'", name, place);
    }
    *fd = made;
    return RESULT_OK;
}

enum result listen_address(const char *name, const char *address, int *fd, struct error *error)
{
    union address read;
    socklen_t size = 0;
    if (!read_address(address, &read, &size)) {
        return error_set(error, RESULT_INVALID,
                         "%s: '%s' is no address; accepted: 127.0.0.1:8460 or [::1]:8460", name,
                         address);
    }
    return listen_at(name, address, &read.any, size, fd, error);
}

enum result listen_unix(const char *name, const char *path, mode_t mode, int *fd,
                        struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return error_set(error, RESULT_INVALID,
                         "%s: '%s' is longer than the %zu bytes a UNIX socket's name has; give a "
                         "shorter one",
                         name, path, sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    /* The store's lock says that no other node of this directory runs, so a socket file that is
     * there is a dead one's. */
    (void)unlink(path);
    mode_t before = umask(0777 & ~mode);
    enum result result =
        listen_at(name, path, (const struct sockaddr *)&address, sizeof address, fd, error);
    (void)umask(before);
    return result;
}
