/* The listener's task: one loop around libmicrohttpd in its external epoll mode. See http.h. */
#include "node/bridge/http.h"

#include "node/bridge/http_parts.h"
#include "node/core/log.h"
#include "node/store/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_MEMORY_BYTES ((size_t)32 << 10) /* header and what was read of the body */
#define SWEEP_MS                1000
#define STOP_SECONDS_MAX        5 /* for answers that a client does not read */
#define SECOND_NS               ((uint64_t)1000000000)

uint64_t http_now_ns(const struct http_listener *listener)
{
    return world_steady_ns(listener->options.world);
}

void http_give_seconds(struct http_exchange *http, uint64_t seconds)
{
    http->connection->deadline_ns = http_now_ns(http->listener) + seconds * SECOND_NS;
}

/* ---- connections ---- */

static void connection_begin(struct http_listener *listener, struct MHD_Connection *mhd,
                             void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *made = calloc(1, sizeof *made);
    if (made == NULL || info == NULL) {
        free(made);
        return;
    }
    made->listener = listener;
    http_secure(made, mhd);
    http_stranger_begin(made, mhd);
    made->fd = info->connect_fd;
    made->deadline_ns = http_now_ns(listener) + HTTP_HEAD_SECONDS * SECOND_NS;
    made->next = listener->connections;
    if (made->next != NULL) {
        made->next->before = made;
    }
    listener->connections = made;
    *context = made;
}

static void connection_end(struct http_listener *listener, void **context)
{
    struct connection *connection = *context;
    if (connection == NULL) {
        return;
    }
    if (connection->next != NULL) {
        connection->next->before = connection->before;
    }
    if (connection->before != NULL) {
        connection->before->next = connection->next;
    } else {
        listener->connections = connection->next;
    }
    http_certificate_release(&connection->shown);
    free(connection);
    *context = NULL;
}

static void on_connection(void *self, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_begin(self, mhd, context);
    } else {
        connection_end(self, context);
    }
}

/* libmicrohttpd does not look at a connection whose answer waits. */
static bool has_ended(int fd)
{
    char byte;
    ssize_t size = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

/* Cuts whoever is over its time; libmicrohttpd then sees the end of the connection. */
static void connections_sweep(const struct http_listener *listener)
{
    uint64_t now_ns = http_now_ns(listener);
    for (struct connection *at = listener->connections; at != NULL; at = at->next) {
        if (at->deadline_ns == UINT64_MAX) {
            at->left = has_ended(at->fd);
        } else if (now_ns >= at->deadline_ns) {
            (void)shutdown(at->fd, SHUT_RDWR);
        }
    }
}

/* ---- libmicrohttpd ---- */

/* Targets are decoded by target.c, which must see them as they came. */
static size_t leave_encoded(void *self, struct MHD_Connection *mhd, char *text)
{
    (void)self;
    (void)mhd;
    return strlen(text);
}

static void on_complaint(void *self, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void on_complaint(void *self, const char *format, va_list arguments)
{
    const struct http_listener *listener = self;
    char line[256];
    char quoted[300];
    (void)vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    log_event(LOG_LEVEL_DEBUG, listener->options.name, "http", "detail=%s",
              log_quote(line, quoted, sizeof quoted));
}

/* libmicrohttpd's options are not const, and it changes none of these. */
static void *option_text(const char *text)
{
    const union {
        const char *text;
        void *option;
    } same = {.text = text};
    return same.option;
}

static enum result daemon_open(struct http_listener *listener, struct error *error)
{
    const struct http_options *options = &listener->options;
    bool plain = options->priorities == NULL;
    struct MHD_OptionItem secured[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, http_certificate_option()},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, option_text(options->priorities)},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (plain ? 0U : (unsigned)MHD_USE_TLS);
    listener->daemon = MHD_start_daemon(
        flags, 0, http_stranger_accept, listener, http_exchange_step, listener,
        MHD_OPTION_EXTERNAL_LOGGER, on_complaint, listener, MHD_OPTION_LISTEN_SOCKET,
        options->listen_fd, MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, listener, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_encoded, NULL, MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, listener,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_ARRAY, plain ? none : secured, MHD_OPTION_END);
    return listener->daemon != NULL
               ? RESULT_OK
               : error_set(error, RESULT_IO, "%s: the listener does not start; see the log",
                           options->name);
}

static int epoll_fd_of(struct http_listener *listener)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info == NULL ? -1 : info->epoll_fd;
}

/* ---- the loop ---- */

static int sooner(int a_ms, int b_ms)
{
    return b_ms >= 0 && b_ms < a_ms ? b_ms : a_ms;
}

/* How long the loop may sleep. */
static int patience(struct http_listener *listener, int service_ms)
{
    if (listener->resumed) {
        listener->resumed = false;
        return 0;
    }
    MHD_UNSIGNED_LONG_LONG wanted = 0;
    int ms = sooner(SWEEP_MS, service_ms);
    if (MHD_get_timeout(listener->daemon, &wanted) == MHD_YES && wanted < (unsigned)ms) {
        ms = (int)wanted;
    }
    return ms;
}

static void turn(struct http_listener *listener, bool stopping)
{
    const struct http_service *service = listener->options.service;
    struct pollfd polled[2] = {{.fd = epoll_fd_of(listener), .events = POLLIN},
                               {.fd = listener->home.wake_fd, .events = POLLIN}};
    int service_ms = service->turn == NULL ? -1 : service->turn(listener->options.self, stopping);
    (void)poll(polled, 2, patience(listener, service_ms));
    work_finish_all(&listener->home);
    (void)MHD_run(listener->daemon);
}

static void loop(struct http_listener *listener)
{
    uint64_t swept_ns = 0;
    while (!task_stopping(listener->task)) {
        turn(listener, false);
        uint64_t now_ns = http_now_ns(listener);
        if (now_ns - swept_ns >= SWEEP_MS * SECOND_NS / 1000) {
            connections_sweep(listener);
            swept_ns = now_ns;
        }
    }
}

static bool is_waiting(const struct http_listener *listener)
{
    for (const struct connection *at = listener->connections; at != NULL; at = at->next) {
        if (at->deadline_ns == UINT64_MAX) {
            return true;
        }
    }
    return false;
}

static bool is_busy(const struct http_listener *listener)
{
    const struct http_service *service = listener->options.service;
    return service->is_busy != NULL && service->is_busy(listener->options.self);
}

/* What is under way is answered; nobody else is. A client that does not read its answer is left. */
static void drain(struct http_listener *listener)
{
    uint64_t until_ns = http_now_ns(listener) + STOP_SECONDS_MAX * SECOND_NS;
    listener->stopping = true;
    int fd = MHD_quiesce_daemon(listener->daemon);
    if (fd >= 0) {
        (void)close(fd);
    }
    while (is_waiting(listener) || (listener->exchanges > 0 && http_now_ns(listener) < until_ns)) {
        turn(listener, true);
    }
    MHD_stop_daemon(listener->daemon);
    while (is_busy(listener)) {
        struct pollfd home = {.fd = listener->home.wake_fd, .events = POLLIN};
        (void)poll(&home, 1, SWEEP_MS);
        work_finish_all(&listener->home);
    }
}

static enum result setup(struct http_listener *listener, struct error *error)
{
    const struct http_service *service = listener->options.service;
    enum result result = queue_init(&listener->home, error);
    if (result == RESULT_OK && service->begin != NULL) {
        result = service->begin(listener->options.self, &listener->home, error);
    }
    if (result == RESULT_OK) {
        result = daemon_open(listener, error);
    }
    return result;
}

static void listener_body(struct task *task, void *state)
{
    struct http_listener *listener = state;
    struct error error = {0};
    listener->task = task;
    enum result result = setup(listener, &error);
    task_started(task, result, &error);
    if (result == RESULT_OK) {
        loop(listener);
        drain(listener);
    } else {
        (void)close(listener->options.listen_fd);
    }
    if (listener->options.service->end != NULL) {
        listener->options.service->end(listener->options.self);
    }
    queue_close(&listener->home);
}

static void listener_free(struct http_listener *listener)
{
    struct http_certificate *given = atomic_exchange(&listener->given, NULL);
    http_certificate_destroy(&given);
    http_certificate_release(&listener->shown);
    free(listener);
}

enum result http_start(const struct http_options *options, struct http_listener **listener,
                       struct error *error)
{
    struct http_listener *made = calloc(1, sizeof *made);
    if (made == NULL) {
        struct http_certificate *unshown = options->shown;
        http_certificate_destroy(&unshown);
        (void)close(options->listen_fd);
        return error_set(error, RESULT_NO_MEMORY, "no memory for the listener %s", options->name);
    }
    made->options = *options;
    tag_secret_make(options->world, &made->tag_secret);
    made->options.shown = NULL;
    atomic_init(&made->given, options->shown);
    made->home.wake_fd = -1;
    enum result result = task_start(options->name, listener_body, made, &made->task, error);
    if (result != RESULT_OK) {
        listener_free(made);
        return result;
    }
    *listener = made;
    return RESULT_OK;
}

void http_wake(struct http_listener *listener)
{
    queue_wake(&listener->home);
}

void http_stop(struct http_listener **listener)
{
    if (*listener != NULL) {
        task_ask_stop((*listener)->task, (*listener)->home.wake_fd);
        task_join(&(*listener)->task);
        listener_free(*listener);
        *listener = NULL;
    }
}
