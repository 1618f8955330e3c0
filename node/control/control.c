/* The control socket's task: accepts clients, cuts their frames, answers in the order of the
 * requests. What waits is in pending.c; a client may have some of these under way, and any other
 * request waits behind them. A client that does not read its answers is not read from. See
 * control.h. */
#include "node/control/control.h"

#include "node/control/pending.h"
#include "node/control/submitting.h"
#include "node/control/verbs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNDER_WAY_MAX  16                  /* requests of one client that wait for a commit */
#define READ_BYTES     ((size_t)256 << 10) /* read at once */
#define BACKLOG_BYTES  ((size_t)4 << 20)   /* of answers not read yet; then requests wait */
#define LISTEN_BACKLOG 128                 /* of those that wait for a place */

/* ---- clients ---- */

static void client_add(struct control *control, int fd)
{
    struct error error;
    struct client *client = NULL;
    if (wire_check_peer(fd, &error) != RESULT_OK) {
        log_error("control", "client turned away", &error);
    } else {
        client = calloc(1, sizeof *client);
    }
    if (client == NULL) {
        (void)close(fd);
        return;
    }
    client->control = control;
    client->fd = fd;
    control->clients[control->client_count++] = client;
}

static void client_close(struct client *client)
{
    if (client->fd >= 0) {
        (void)close(client->fd);
        client->fd = -1;
    }
}

/* Frees those that are gone and have nothing under way. */
static void clients_sweep(struct control *control)
{
    size_t kept = 0;
    for (size_t i = 0; i < control->client_count; i++) {
        struct client *client = control->clients[i];
        if (client->fd < 0 && client->under_way == 0) {
            buffer_free(&client->received);
            buffer_free(&client->answers);
            free(client);
            continue;
        }
        control->clients[kept++] = client;
    }
    control->client_count = kept;
}

/* ---- requests ---- */

static bool is_submit(const struct wire_request *request)
{
    return text_equal(request->verb, TEXT("submit"));
}

static void answer(struct client *client, struct wire_request *request)
{
    struct control *control = client->control;
    struct error error = {0};
    enum result result = pending_begin(client, request, &error);
    if (result == RESULT_NOT_FOUND && error.message[0] == '\0') {
        struct verb_context context = {.node = &control->node,
                                       .reader = control->reader,
                                       .arena = &control->arena,
                                       .rows = &control->rows,
                                       .out = &client->answers,
                                       .started_ms = control->started_ms};
        result = verb_answer(&context, request, &error);
    }
    if (result != RESULT_OK) {
        wire_put_error(&client->answers, request->number, &error);
    }
}

/* True when the next request may begin: submits may follow each other, all else waits its turn. */
static bool may_begin(const struct client *client, const struct wire_request *request)
{
    return client->under_way == 0 || (is_submit(request) && client->under_way < UNDER_WAY_MAX);
}

/* What came is no request, and what follows cannot be told apart from it: the client gets to know
 * why, and nothing more is read from it. */
static void client_refuse(struct client *client, const struct error *error)
{
    log_error("control", "client sends what is no request", error);
    wire_put_error(&client->answers, 0, error);
    client->ended = true;
    client->consumed = client->received.size;
}

/* Begins one request, or goes on with a submit, so that every client has its turn; true when more
 * may be waiting. */
static bool client_request(struct client *client)
{
    struct error error = {0};
    struct wire_request request;
    struct bytes frame = {0};
    struct bytes left = {client->received.data + client->consumed,
                         client->received.size - client->consumed};
    if (client->submitting != NULL) {
        return submitting_step(client);
    }
    if (client->fd < 0 || client->answers.size - client->sent >= BACKLOG_BYTES) {
        return false;
    }
    enum result result = wire_frame_cut(&left, &frame, &error);
    if (result == RESULT_OK && frame.data == NULL) {
        client->consumed = client->ended ? client->received.size : client->consumed;
        return false;
    }
    if (result == RESULT_OK) {
        result = wire_request_read(frame, &request, &error);
    }
    if (result != RESULT_OK) {
        client_refuse(client, &error);
        return false;
    }
    if (!may_begin(client, &request)) {
        return false;
    }
    client->consumed = client->received.size - left.size;
    answer(client, &request);
    if (text_equal(request.verb, TEXT("unlock"))) {
        explicit_bzero(client->received.data + (frame.data - client->received.data), frame.size);
    }
    return true;
}

/* Moves what is left to the front, when it is little beside what was used up. */
static void client_compact(struct client *client)
{
    size_t left = client->received.size - client->consumed;
    if (client->consumed > 0 && left <= client->consumed) {
        if (left > 0) {
            memmove(client->received.data, client->received.data + client->consumed, left);
        }
        client->received.size = left;
        client->consumed = 0;
    }
}

/* ---- bytes ---- */

static bool wants_more(const struct client *client)
{
    return !client->ended &&
           client->received.size - client->consumed < WIRE_FRAME_MAX_BYTES + READ_BYTES &&
           client->under_way < UNDER_WAY_MAX && client->answers.size - client->sent < BACKLOG_BYTES;
}

static void client_read(struct client *client)
{
    if (buffer_reserve(&client->received, READ_BYTES) != RESULT_OK) {
        client_close(client);
        return;
    }
    ssize_t size =
        recv(client->fd, client->received.data + client->received.size, READ_BYTES, MSG_DONTWAIT);
    if (size > 0) {
        client->received.size += (size_t)size;
    } else if (size == 0) {
        client->ended = true;
    } else if (errno != EAGAIN && errno != EINTR) {
        client_close(client);
    }
}

static void client_write(struct client *client)
{
    while (client->fd >= 0 && client->sent < client->answers.size) {
        ssize_t size = send(client->fd, client->answers.data + client->sent,
                            client->answers.size - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                client_close(client);
            }
            return;
        }
        client->sent += (size_t)size;
    }
    buffer_clear(&client->answers);
    client->sent = 0;
    if (client->ended && client->under_way == 0 && client->received.size == client->consumed) {
        client_close(client);
    }
}

/* ---- the task ---- */

/* One turn: true when there is more to do at once. */
static bool serve(struct control *control, const struct pollfd *polled)
{
    size_t count = control->client_count;
    bool more = false;
    work_finish_all(&control->home);
    for (size_t i = 0; i < count; i++) {
        struct client *client = control->clients[i];
        if (client->fd >= 0 && (polled[2 + i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
            wants_more(client)) {
            client_read(client);
        }
        more |= client_request(client);
        client_compact(client);
        client_write(client);
    }
    if (polled[0].revents != 0) {
        int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            client_add(control, fd);
        }
    }
    clients_sweep(control);
    return more;
}

static void control_loop(struct control *control)
{
    struct pollfd polled[2 + CLIENTS_MAX];
    bool more = false;
    while (!task_stopping(control->task)) {
        int next_ms = pending_check(control, false);
        bool has_place = control->client_count < CLIENTS_MAX;
        polled[0] = (struct pollfd){.fd = has_place ? control->listen_fd : -1, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = control->home.wake_fd, .events = POLLIN};
        for (size_t i = 0; i < control->client_count; i++) {
            const struct client *client = control->clients[i];
            short events = wants_more(client) ? POLLIN : 0;
            if (client->sent < client->answers.size) {
                events |= POLLOUT;
            }
            polled[2 + i] = (struct pollfd){.fd = events == 0 ? -1 : client->fd, .events = events};
        }
        if (poll(polled, 2 + control->client_count, more ? 0 : next_ms) >= 0) {
            more = serve(control, polled);
        }
    }
}

/* What is under way comes home before the task ends; its clients get their answers. */
static void control_drain(struct control *control)
{
    for (;;) {
        size_t under_way = 0;
        (void)pending_check(control, true);
        work_finish_all(&control->home);
        for (size_t i = 0; i < control->client_count; i++) {
            under_way += control->clients[i]->under_way;
            (void)submitting_step(control->clients[i]);
            client_write(control->clients[i]);
        }
        if (under_way == 0) {
            break;
        }
        struct pollfd home = {.fd = control->home.wake_fd, .events = POLLIN};
        (void)poll(&home, 1, -1);
    }
    for (size_t i = 0; i < control->client_count; i++) {
        client_close(control->clients[i]);
    }
    clients_sweep(control);
}

static enum result open_socket(const char *path, int *listen_fd, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return error_set(error, RESULT_INVALID,
                         "control/socket: '%s' is longer than the %zu bytes a UNIX socket's name "
                         "has; give a shorter one",
                         path, sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return error_system(error, errno, "control socket");
    }
    /* The store's lock says that no other node of this directory runs, so a socket file that is
     * there is a dead one's. */
    (void)unlink(path);
    mode_t before = umask(0177);
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
    int problem = errno;
    (void)umask(before);
    if (bound != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        (void)close(fd);
        return error_system(error, problem, "control socket '%s'", path);
    }
    *listen_fd = fd;
    return RESULT_OK;
}

static enum result control_setup(struct control *control, struct error *error)
{
    struct flow *flow = control->node.flow;
    control->started_ms = world_wall_ms(flow->world);
    enum result result = queue_init(&control->home, error);
    if (result == RESULT_OK) {
        result = store_reader_open(flow->store, &control->reader, error);
    }
    if (result == RESULT_OK) {
        result = open_socket(flow->config->control_socket, &control->listen_fd, error);
    }
    return result;
}

static void control_body(struct task *task, void *state)
{
    struct control *control = state;
    struct error error = {0};
    control->task = task;
    enum result result = control_setup(control, &error);
    task_started(task, result, &error);
    if (result == RESULT_OK) {
        control_loop(control);
        (void)unlink(control->node.flow->config->control_socket);
        control_drain(control);
    }
    if (control->listen_fd >= 0) {
        (void)close(control->listen_fd);
    }
    store_reader_close(&control->reader);
    queue_close(&control->home);
    arena_free(&control->arena);
    buffer_free(&control->rows);
}

enum result control_start(const struct control_node *node, struct control **control,
                          struct error *error)
{
    struct control *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the control socket");
    }
    made->node = *node;
    made->listen_fd = -1;
    made->home.wake_fd = -1;
    enum result result = task_start("control", control_body, made, &made->task, error);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    *control = made;
    return RESULT_OK;
}

void control_stop(struct control **control)
{
    if (*control != NULL) {
        task_ask_stop((*control)->task, (*control)->home.wake_fd);
        task_join(&(*control)->task);
        free(*control);
        *control = NULL;
    }
}

void control_committed(struct control *control)
{
    if (atomic_load(&control->has_waits)) {
        queue_wake(&control->home);
    }
}
