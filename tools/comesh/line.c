/* A TCP connection for pairing. See line.h. */
#include "tools/comesh/line.h"

#include "keys/pairing_message.h"
#include "node/core/world.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_BYTES   256
#define PORT_BYTES   16
#define CONNECT_MS   10000
#define SEND_MS      10000
#define READ_BYTES   4096
#define PENDING_MAX  8
#define REMAINING_MS 60000 /* poll is asked again at the latest after so long */

uint64_t line_now_ms(void)
{
    return world_steady_ns(world_real()) / 1000000;
}

/* How long poll may wait; 0 when the deadline has passed. */
static int wait_ms(uint64_t deadline_ms)
{
    uint64_t now = line_now_ms();
    uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
    return (int)(left < REMAINING_MS ? left : REMAINING_MS);
}

/* "host:port", "[::1]:port", "host", ":port" */
static bool address_split(const char *address, char host[HOST_BYTES], char port[PORT_BYTES])
{
    struct text rest = text_of(address);
    struct text name;
    if (text_skip(&rest, "[")) {
        name = text_until(&rest, ']');
        if (!text_skip(&rest, "]")) {
            return false;
        }
    } else {
        name = text_until(&rest, ':');
    }
    struct text number = rest.size == 0 ? TEXT(LINE_PORT) : rest;
    uint64_t value = 0;
    if ((rest.size > 0 && !text_skip(&number, ":")) || !decimal_parse(number, 65535, &value) ||
        name.size >= HOST_BYTES || number.size >= PORT_BYTES) {
        return false;
    }
    (void)snprintf(host, HOST_BYTES, "%.*s", TEXT_ARGS(name));
    (void)snprintf(port, PORT_BYTES, "%.*s", TEXT_ARGS(number));
    return true;
}

static enum result resolve(const char *address, int flags, struct addrinfo **found,
                           struct error *error)
{
    char host[HOST_BYTES];
    char port[PORT_BYTES];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    if (!address_split(address, host, port)) {
        return error_set(error, RESULT_INVALID,
                         "'%.200s' is no address; accepted: HOST:PORT, as kr.example:" LINE_PORT
                         " or [2001:db8::1]:" LINE_PORT,
                         address);
    }
    int problem = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, found);
    if (problem != 0) {
        return error_set(error, RESULT_UNAVAILABLE, "'%.200s': %s", address, gai_strerror(problem));
    }
    return RESULT_OK;
}

static void address_show(const struct sockaddr *address, socklen_t size,
                         char out[LINE_ADDRESS_BYTES])
{
    char host[64];
    char port[PORT_BYTES];
    if (getnameinfo(address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        (void)snprintf(out, LINE_ADDRESS_BYTES, "?");
    } else if (address->sa_family == AF_INET6) {
        (void)snprintf(out, LINE_ADDRESS_BYTES, "[%s]:%s", host, port);
    } else {
        (void)snprintf(out, LINE_ADDRESS_BYTES, "%s:%s", host, port);
    }
}

/* Tries each address in turn with `open_one`; the last problem is told. */
static enum result try_each(const char *address, int flags,
                            bool (*open_one)(int fd, const struct addrinfo *one), int *opened,
                            struct error *error)
{
    struct addrinfo *found = NULL;
    int problem = 0;
    *opened = -1;
    enum result result = resolve(address, flags, &found, error);
    if (result != RESULT_OK) {
        return result;
    }
    for (const struct addrinfo *one = found; one != NULL && *opened < 0; one = one->ai_next) {
        int fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        one->ai_protocol);
        if (fd >= 0 && open_one(fd, one)) {
            *opened = fd;
        } else {
            problem = errno;
            if (fd >= 0) {
                (void)close(fd);
            }
        }
    }
    freeaddrinfo(found);
    return *opened >= 0 ? RESULT_OK
                        : error_set(error, RESULT_UNAVAILABLE, "'%.200s': %s", address,
                                    strerrordesc_np(problem));
}

static bool listen_at(int fd, const struct addrinfo *one)
{
    const int on = 1;
    const int off = 0;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           (one->ai_family != AF_INET6 ||
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
           bind(fd, one->ai_addr, one->ai_addrlen) == 0 && listen(fd, PENDING_MAX) == 0;
}

enum result line_listen(const char *address, int *listening, char shown[LINE_ADDRESS_BYTES],
                        struct error *error)
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;
    char both[LINE_ADDRESS_BYTES];
    enum result result = RESULT_UNAVAILABLE;
    if (address[0] == ':') { /* IPv6 and IPv4 alike, where the system has IPv6 */
        (void)snprintf(both, sizeof both, "[::]%.32s", address);
        result = try_each(both, AI_PASSIVE, listen_at, listening, error);
    }
    if (result == RESULT_UNAVAILABLE) {
        result = try_each(address, AI_PASSIVE, listen_at, listening, error);
    }
    if (result == RESULT_OK && getsockname(*listening, (struct sockaddr *)&bound, &size) == 0) {
        address_show((const struct sockaddr *)&bound, size, shown);
    }
    return result;
}

enum result line_accept(int listening, uint64_t deadline_ms, struct line *line, struct error *error)
{
    struct sockaddr_storage peer = {0};
    *line = (struct line){.fd = -1};
    while (line->fd < 0) {
        struct pollfd polled = {.fd = listening, .events = POLLIN};
        socklen_t size = sizeof peer;
        int left = wait_ms(deadline_ms);
        if (left == 0) {
            return error_set(error, RESULT_UNAVAILABLE, "nobody paired in time; begin again");
        }
        if (poll(&polled, 1, left) > 0) {
            line->fd =
                accept4(listening, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
            address_show((const struct sockaddr *)&peer, size, line->peer);
        }
    }
    return RESULT_OK;
}

static bool connect_to(int fd, const struct addrinfo *one)
{
    int problem = 0;
    socklen_t size = sizeof problem;
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    if (connect(fd, one->ai_addr, one->ai_addrlen) == 0) {
        return true;
    }
    if (errno != EINPROGRESS) {
        return false;
    }
    if (poll(&polled, 1, CONNECT_MS) <= 0) {
        errno = ETIMEDOUT;
        return false;
    }
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    errno = problem;
    return problem == 0;
}

enum result line_dial(const char *address, struct line *line, struct error *error)
{
    *line = (struct line){.fd = -1};
    (void)snprintf(line->peer, sizeof line->peer, "%.100s", address);
    return try_each(address, 0, connect_to, &line->fd, error);
}

void line_close(struct line *line)
{
    if (line->fd >= 0) {
        (void)close(line->fd);
        line->fd = -1;
    }
    buffer_free(&line->in);
}

enum result line_send(struct line *line, struct buffer *out, struct error *error)
{
    uint64_t deadline_ms = line_now_ms() + SEND_MS;
    size_t sent = 0;
    while (sent < out->size) {
        struct pollfd polled = {.fd = line->fd, .events = POLLOUT};
        ssize_t put = send(line->fd, out->data + sent, out->size - sent, MSG_NOSIGNAL);
        if (put >= 0) {
            sent += (size_t)put;
        } else if (errno != EAGAIN && errno != EINTR) {
            return error_set(error, RESULT_UNAVAILABLE, "%s went away: %s", line->peer,
                             strerrordesc_np(errno));
        } else if (poll(&polled, 1, wait_ms(deadline_ms)) == 0 && wait_ms(deadline_ms) == 0) {
            return error_set(error, RESULT_UNAVAILABLE, "%s does not read", line->peer);
        }
    }
    buffer_clear(out);
    return RESULT_OK;
}

/* Cuts the next whole message off what has come. */
static enum result message_cut(struct line *line, struct bytes *message, struct error *error)
{
    struct bytes rest = {line->in.data + line->used, line->in.size - line->used};
    enum result result = pairing_frame_cut(&rest, message, error);
    if (result == RESULT_OK && message->data != NULL) {
        line->used = line->in.size - rest.size;
    }
    return result;
}

static enum result read_some(struct line *line, struct error *error)
{
    uint8_t bytes[READ_BYTES];
    ssize_t got = recv(line->fd, bytes, sizeof bytes, 0);
    if (got == 0) {
        return error_set(error, RESULT_UNAVAILABLE, "%s went away", line->peer);
    }
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR
                   ? RESULT_OK
                   : error_set(error, RESULT_UNAVAILABLE, "%s went away: %s", line->peer,
                               strerrordesc_np(errno));
    }
    buffer_append(&line->in, bytes, (size_t)got);
    return buffer_check(&line->in, error);
}

enum result line_receive(struct line *line, int keyboard, uint64_t deadline_ms,
                         struct bytes *message, struct error *error)
{
    struct pollfd polled[2] = {{.fd = line->fd, .events = POLLIN},
                               {.fd = keyboard, .events = POLLIN}};
    if (line->used == line->in.size) {
        buffer_clear(&line->in);
        line->used = 0;
    }
    enum result result = message_cut(line, message, error);
    while (result == RESULT_OK && message->data == NULL) {
        int left = wait_ms(deadline_ms);
        if (left == 0) {
            return error_set(error, RESULT_UNAVAILABLE, "%s said nothing more in time", line->peer);
        }
        if (poll(polled, 2, left) <= 0) {
            continue;
        }
        if (polled[0].revents != 0) {
            result = read_some(line, error);
            if (result == RESULT_OK) {
                result = message_cut(line, message, error);
            }
        } else if (polled[1].revents != 0) {
            return RESULT_OK;
        }
    }
    return result;
}
