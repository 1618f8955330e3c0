/* The control socket's task: accepts clients, cuts their frames, answers in the order of the
 * requests. What waits for a commit (submit, take, release) is handed on and answered when it comes
 * home; a client may have some of these under way, and any other request waits behind them. A
 * client that does not read its answers is not read from. See control.h. */
#include "node/control/control.h"

#include "node/control/asking.h"
#include "node/control/rows.h"
#include "node/control/verbs.h"
#include "node/core/task.h"
#include "node/flow/order.h"
#include "node/flow/submit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX    32
#define UNDER_WAY_MAX  16                  /* requests of one client that wait for a commit */
#define READ_BYTES     ((size_t)256 << 10) /* read at once */
#define BACKLOG_BYTES  ((size_t)4 << 20)   /* of answers not read yet; then requests wait */
#define LISTEN_BACKLOG 128                 /* of those that wait for a place */

struct client {
    struct control *control;
    int fd; /* -1: gone, and freed when nothing is under way */
    struct buffer received;
    size_t consumed; /* of received */
    struct buffer answers;
    size_t sent; /* of answers */
    size_t under_way;
    bool ended; /* sends no more; closed when all is answered */
};

/* A request that waits: for its commit, for the receipts of a channel, or for a partner. */
struct pending {
    struct client *client;
    uint64_t number;
    uint32_t channel;     /* of an order or a wait */
    uint64_t size;        /* of a wait: receipts must cover so many entries */
    uint64_t until_ns;    /* of a wait, steady */
    struct asking asking; /* of a wait for a partner */
    struct pending *next; /* of the waits */
};

struct control {
    struct control_node node;
    struct task *task;
    struct queue home;
    struct store_reader *reader;
    struct arena arena;
    struct buffer rows;
    int listen_fd;
    uint64_t started_ms;
    struct client *clients[CLIENTS_MAX];
    size_t client_count;
    struct pending *waits;
    atomic_bool has_waits; /* commits wake the task */
};

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

/* ---- requests that wait for a commit ---- */

static struct pending *pending_new(struct client *client, uint64_t number)
{
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending != NULL) {
        pending->client = client;
        pending->number = number;
        client->under_way++;
    }
    return pending;
}

static void pending_done(struct pending *pending)
{
    pending->client->under_way--;
    free(pending);
}

static void submit_finished(struct submit *submit, void *self)
{
    struct pending *pending = self;
    struct client *client = pending->client;
    struct control *control = client->control;
    size_t count = 0;
    const struct submit_answer *answers = submit_answers(submit, &count);
    size_t in_part = 0;
    buffer_clear(&control->rows);
    for (size_t i = 0; i < count; i++) {
        row_answer(&answers[i], &control->rows);
        in_part++;
        if (control->rows.size >= WIRE_PART_BYTES || i + 1 == count) {
            wire_put_part(&client->answers, pending->number, buffer_bytes(&control->rows), in_part);
            buffer_clear(&control->rows);
            in_part = 0;
        }
    }
    wire_put_end(&client->answers, pending->number);
    pending_done(pending);
    submit_destroy(&submit);
}

static enum result begin_submit(struct client *client, struct wire_request *request,
                                struct error *error)
{
    struct control *control = client->control;
    struct text name = mp_get_str(&request->arguments, 64);
    size_t count = mp_get_array(&request->arguments, WIRE_SUBMIT_MAX);
    enum operation operation = operation_from_name(name);
    arena_reset(&control->arena);
    struct bytes *documents = arena_alloc(&control->arena, (count + 1) * sizeof *documents);
    if (documents == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu documents", count);
    }
    for (size_t i = 0; i < count; i++) {
        documents[i] = mp_get_bin(&request->arguments, WIRE_FRAME_MAX_BYTES);
    }
    enum result result = mp_finish(&request->arguments, "submit", error);
    if (result == RESULT_OK &&
        (operation == OPERATION_NONE || operation == OPERATION_VERDICT || count == 0)) {
        result =
            error_set(error, RESULT_INVALID,
                      "submit: operation '%.*s' with %zu documents; it takes at least one, and "
                      "send-co, send-amendment-notification, send-cancelation-status or "
                      "send-feedback",
                      TEXT_ARGS(name), count);
    }
    if (result != RESULT_OK) {
        return result;
    }
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    result = submit_documents(control->node.flow, operation, documents, count, &control->home,
                              submit_finished, pending, error);
    if (result != RESULT_OK) {
        pending_done(pending);
    }
    return result;
}

/* The channel as it is after the order, which is committed by now. */
static enum result put_channel(struct control *control, const struct pending *pending,
                               struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    arena_reset(&control->arena);
    buffer_clear(&control->rows);
    enum result result =
        store_read_channels(control->reader, &control->arena, &channels, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].number == pending->channel) {
            row_channel(&channels[i], &control->rows);
            wire_put_part(&pending->client->answers, pending->number, buffer_bytes(&control->rows),
                          1);
        }
    }
    return result;
}

static void order_came_home(void *self, enum result result, const struct error *error)
{
    struct pending *pending = self;
    struct client *client = pending->client;
    struct error problem = *error;
    if (result == RESULT_OK) {
        result = put_channel(client->control, pending, &problem);
    }
    if (result == RESULT_OK) {
        wire_put_end(&client->answers, pending->number);
    } else {
        wire_put_error(&client->answers, pending->number, &problem);
    }
    pending_done(pending);
}

static enum result begin_order(struct client *client, struct wire_request *request,
                               enum order_kind kind, struct error *error)
{
    struct control *control = client->control;
    uint32_t channel = (uint32_t)mp_get_uint(&request->arguments, UINT32_MAX);
    uint64_t upto = kind == ORDER_TAKE ? mp_get_uint(&request->arguments, UINT64_MAX) : 0;
    enum result result = mp_finish(&request->arguments, "order", error);
    if (result != RESULT_OK) {
        return result;
    }
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    pending->channel = channel;
    result = order_give(control->node.flow, kind, channel, upto, &control->home, order_came_home,
                        pending, error);
    if (result != RESULT_OK) {
        pending_done(pending);
    }
    return result;
}

/* ---- waits for receipts ---- */

/* Waits from now on, for `ms` at most. */
static void wait_add(struct control *control, struct pending *pending, uint64_t ms)
{
    pending->until_ns = world_steady_ns(control->node.flow->world) + ms * 1000000;
    pending->next = control->waits;
    control->waits = pending;
    atomic_store(&control->has_waits, true);
}

static enum result begin_wait(struct client *client, struct wire_request *request,
                              struct error *error)
{
    struct control *control = client->control;
    uint32_t channel = (uint32_t)mp_get_uint(&request->arguments, UINT32_MAX);
    uint64_t size = mp_get_uint(&request->arguments, UINT64_MAX);
    uint64_t ms = mp_get_uint(&request->arguments, WIRE_WAIT_MAX_MS);
    enum result result = mp_finish(&request->arguments, "wait", error);
    if (result != RESULT_OK) {
        return result;
    }
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    pending->channel = channel;
    pending->size = size;
    wait_add(control, pending, ms);
    return RESULT_OK;
}

static enum result begin_asking(struct client *client, struct wire_request *request,
                                struct error *error)
{
    struct control *control = client->control;
    struct pending *pending = pending_new(client, request->number);
    if (pending == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a request");
    }
    enum result result = asking_begin(&control->node, control->reader, request, &control->home,
                                      &pending->asking, error);
    if (result == RESULT_OK) {
        wait_add(control, pending, ASKING_MS);
    } else {
        pending_done(pending);
    }
    return result;
}

/* Looks whether the partner answered; false while it did not and may. */
static bool asking_end_wait(struct control *control, struct pending *wait, bool at_once)
{
    struct client *client = wait->client;
    struct error error = {0};
    size_t count = 0;
    arena_reset(&control->arena);
    buffer_clear(&control->rows);
    enum result result = asking_end(&control->node, control->reader, &wait->asking, &control->arena,
                                    &control->rows, &count, &error);
    if (result == RESULT_BUSY && !at_once) {
        return false;
    }
    if (result == RESULT_BUSY) {
        asking_give_up(&control->node, &wait->asking, &error);
    }
    if (result != RESULT_OK) {
        wire_put_error(&client->answers, wait->number, &error);
        return true;
    }
    if (count > 0) {
        wire_put_part(&client->answers, wait->number, buffer_bytes(&control->rows), count);
    }
    wire_put_end(&client->answers, wait->number);
    return true;
}

/* Answers and ends a wait that is over; false while it is not. */
static bool wait_end(struct control *control, struct pending *wait, bool at_once)
{
    const struct store *store = control->node.flow->store;
    const struct error none = {0};
    if (wait->asking.number != 0) {
        if (!asking_end_wait(control, wait, at_once)) {
            return false;
        }
        pending_done(wait);
        return true;
    }
    if (!at_once && store_receipted(store, wait->channel) < wait->size) {
        return false;
    }
    order_came_home(wait, RESULT_OK, &none);
    return true;
}

/* Answers the waits that are over, all of them when `at_once`. Gives the milliseconds until the
 * next one ends, -1 when there is none. */
static int check_waits(struct control *control, bool at_once)
{
    uint64_t now_ns = world_steady_ns(control->node.flow->world);
    uint64_t next_ns = UINT64_MAX;
    struct pending **at = &control->waits;
    while (*at != NULL) {
        struct pending *wait = *at;
        struct pending *next = wait->next;
        bool no_more = at_once || wait->client->fd < 0 || now_ns >= wait->until_ns;
        if (wait_end(control, wait, no_more)) {
            *at = next;
        } else {
            next_ns = wait->until_ns < next_ns ? wait->until_ns : next_ns;
            at = &wait->next;
        }
    }
    atomic_store(&control->has_waits, control->waits != NULL);
    return next_ns == UINT64_MAX ? -1 : (int)((next_ns - now_ns) / 1000000 + 1);
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
    enum result result = RESULT_OK;
    if (is_submit(request)) {
        result = begin_submit(client, request, &error);
    } else if (text_equal(request->verb, TEXT("take"))) {
        result = begin_order(client, request, ORDER_TAKE, &error);
    } else if (text_equal(request->verb, TEXT("wait"))) {
        result = begin_wait(client, request, &error);
    } else if (asking_is(request->verb)) {
        result = begin_asking(client, request, &error);
    } else if (text_equal(request->verb, TEXT("release"))) {
        result = begin_order(client, request, ORDER_RELEASE, &error);
    } else {
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

/* Begins one request, so that every client has its turn; true when another may be waiting. */
static bool client_request(struct client *client)
{
    struct error error = {0};
    struct wire_request request;
    struct bytes frame = {0};
    struct bytes left = {client->received.data + client->consumed,
                         client->received.size - client->consumed};
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
        int next_ms = check_waits(control, false);
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
        (void)check_waits(control, true);
        work_finish_all(&control->home);
        for (size_t i = 0; i < control->client_count; i++) {
            under_way += control->clients[i]->under_way;
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
