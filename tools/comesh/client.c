/* The connection to a node. See client.h. */
#include "tools/comesh/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#define READ_BYTES         ((size_t)64 << 10)
#define RECEIVED_MAX       ((size_t)8 << 20) /* answers kept while requests are still written */
#define CLIENT_WAITING_MAX 64                /* requests not answered yet */

struct client {
    int fd;
    char path[CONFIG_PATH_BYTES];
    struct buffer out;
    size_t begin;   /* of the request that is being made */
    size_t written; /* of out */
    struct buffer in;
    size_t used; /* of in: answers that were given out */
    uint64_t number;
    struct { /* requests not answered yet, oldest at `answered` */
        uint64_t number;
        const struct wire_shape *shape;
    } waiting[CLIENT_WAITING_MAX];
    uint64_t answered;
};

enum result node_config(struct call *call, struct config **config, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct buffer report = {0};
    *config = malloc(sizeof **config);
    if (*config == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the configuration");
    }
    (void)snprintf(path, sizeof path, "%s/comesh.zpl", call->directory);
    enum result result = config_load(path, *config, &report, error);
    if (result == RESULT_NOT_FOUND) {
        (void)error_set(error, result,
                        "there is no node in '%s' (no comesh.zpl); name its directory with -C or "
                        "$COMESH_DIRECTORY, or make one with `comesh init`",
                        call->directory);
    } else if (result == RESULT_INVALID) {
        (void)fprintf(stderr, "%.*s", TEXT_ARGS(buffer_view(&report)));
        call->exit_code = EX_CONFIG;
    }
    buffer_free(&report);
    if (result != RESULT_OK) {
        free(*config);
        *config = NULL;
    }
    return result;
}

static enum result connect_error(const struct config *config, int number, struct error *error)
{
    if (number == ENOENT || number == ECONNREFUSED) {
        return error_set(error, RESULT_UNAVAILABLE,
                         "the node does not run (nobody at %s); start it with `comeshd --config "
                         "%s`",
                         config->control_socket, config->path);
    }
    return error_system(error, number, "control socket %s", config->control_socket);
}

enum result client_open(const struct config *config, struct client **client, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct client *made = calloc(1, sizeof *made);
    *client = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the control socket");
    }
    (void)snprintf(made->path, sizeof made->path, "%s", config->control_socket);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.*s",
                   (int)sizeof address.sun_path - 1, config->control_socket);
    made->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made->fd < 0 || connect(made->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        enum result result = connect_error(config, errno, error);
        client_close(&made);
        return result;
    }
    *client = made;
    return RESULT_OK;
}

void client_close(struct client **client)
{
    if (*client != NULL) {
        if ((*client)->fd >= 0) {
            (void)close((*client)->fd);
        }
        buffer_free(&(*client)->out);
        buffer_free(&(*client)->in);
        free(*client);
        *client = NULL;
    }
}

enum result node_connect(struct call *call, struct client **client, struct error *error)
{
    struct config *config = NULL;
    *client = NULL;
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = client_open(config, client, error);
    }
    free(config);
    return result;
}

/* Waits until the socket is ready for one of `events`, and moves bytes. */
static enum result move_bytes(struct client *client, short events, struct error *error)
{
    struct pollfd poller = {.fd = client->fd, .events = events};
    if (poll(&poller, 1, -1) < 0) {
        return errno == EINTR ? RESULT_OK
                              : error_system(error, errno, "control socket %s", client->path);
    }
    if ((poller.revents & POLLOUT) != 0 && (events & POLLOUT) != 0) {
        ssize_t sent = send(client->fd, client->out.data + client->written,
                            client->out.size - client->written, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            client->written += (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR && errno != EPIPE) {
            return error_system(error, errno, "control socket %s", client->path);
        }
    }
    if ((poller.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        enum result result = buffer_reserve(&client->in, READ_BYTES);
        if (result != RESULT_OK) {
            return error_set(error, result, "no memory for the node's answer");
        }
        ssize_t got = recv(client->fd, client->in.data + client->in.size, READ_BYTES, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            return error_set(error, RESULT_UNAVAILABLE,
                             "the node closed the connection before it had answered; see its log");
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            return error_system(error, errno, "control socket %s", client->path);
        }
        client->in.size += got > 0 ? (size_t)got : 0;
    }
    return RESULT_OK;
}

struct buffer *client_begin(struct client *client, const char *verb, size_t argument_count)
{
    size_t slot = client->number % CLIENT_WAITING_MAX;
    client->waiting[slot].number = client->number;
    client->waiting[slot].shape = wire_verb_shape(text_of(verb));
    client->begin = wire_request_begin(&client->out, client->number, verb, argument_count);
    client->number++;
    return &client->out;
}

enum result client_send(struct client *client, struct error *error)
{
    wire_frame_end(&client->out, client->begin);
    enum result result = buffer_check(&client->out, error);
    if (result == RESULT_OK && client->number - client->answered > CLIENT_WAITING_MAX) {
        result = error_set(error, RESULT_INTERNAL, "more than %d requests are not answered",
                           CLIENT_WAITING_MAX);
    }
    while (result == RESULT_OK && client->written < client->out.size) {
        bool room = client->in.size - client->used < RECEIVED_MAX;
        result = move_bytes(client, (short)(POLLOUT | (room ? POLLIN : 0)), error);
    }
    buffer_clear(&client->out);
    client->written = 0;
    return result;
}

/* The next whole frame; what was given out before is dropped first. */
static enum result next_frame(struct client *client, struct bytes *frame, struct error *error)
{
    if (client->used > 0) {
        memmove(client->in.data, client->in.data + client->used, client->in.size - client->used);
        client->in.size -= client->used;
        client->used = 0;
    }
    for (;;) {
        struct bytes received = buffer_bytes(&client->in);
        enum result result = wire_frame_cut(&received, frame, error);
        if (result != RESULT_OK || frame->data != NULL) {
            client->used = client->in.size - received.size;
            return result;
        }
        result = move_bytes(client, POLLIN, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
}

static enum result give_rows(struct wire_reply *reply, const struct wire_shape *shape,
                             client_row *each, void *self, struct error *error)
{
    for (size_t i = 0; i < reply->row_count; i++) {
        struct wire_row row;
        wire_row_read(&reply->rows, shape, &row);
        if (reply->rows.failed != RESULT_OK) {
            break;
        }
        enum result result = each == NULL ? RESULT_OK : each(self, &row, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    return mp_finish(&reply->rows, "the node's answer", error);
}

enum result client_receive(struct client *client, client_row *each, void *self, struct error *error)
{
    size_t slot = client->answered % CLIENT_WAITING_MAX;
    for (;;) {
        struct bytes frame;
        struct wire_reply reply;
        enum result result = next_frame(client, &frame, error);
        if (result == RESULT_OK) {
            result = wire_reply_read(frame, &reply, error);
        }
        if (result == RESULT_OK && reply.number != client->waiting[slot].number) {
            result = error_set(error, RESULT_INTERNAL, "the node answered out of order");
        }
        if (result != RESULT_OK) {
            return result;
        }
        if (reply.kind == WIRE_PART) {
            result = give_rows(&reply, client->waiting[slot].shape, each, self, error);
            if (result != RESULT_OK) {
                return result;
            }
            continue;
        }
        client->answered++;
        return reply.kind == WIRE_END
                   ? RESULT_OK
                   : error_set(error, reply.error.code, "%s", reply.error.message);
    }
}

enum result client_ask(struct client *client, const char *verb, client_row *each, void *self,
                       struct error *error)
{
    (void)client_begin(client, verb, 0);
    enum result result = client_send(client, error);
    return result == RESULT_OK ? client_receive(client, each, self, error) : result;
}

static enum result take_locked(void *self, const struct wire_row *row, struct error *error)
{
    (void)error;
    *(uint64_t *)self = wire_row_uint(row, WIRE_RELOADED_LOCKED);
    return RESULT_OK;
}

enum result client_reload(struct client *client, uint64_t *locked, struct error *error)
{
    return client_ask(client, "reload", take_locked, locked, error);
}

enum result client_unlock(struct client *client, const struct passphrase *passphrase,
                          uint64_t *locked, struct error *error)
{
    struct bytes secret = passphrase_bytes(passphrase);
    struct buffer *out = client_begin(client, "unlock", 1);
    mp_put_bin(out, secret);
    enum result result = client_send(client, error);
    if (out->data != NULL) {
        explicit_bzero(out->data, out->capacity);
    }
    return result == RESULT_OK ? client_receive(client, take_locked, locked, error) : result;
}

void client_tell_locked(uint64_t locked)
{
    if (locked > 0) {
        (void)fprintf(stderr,
                      "comesh: %llu new key%s of its card %s locked; unlock with: comesh reload "
                      "--unlock\n",
                      (unsigned long long)locked, locked == 1 ? "" : "s",
                      locked == 1 ? "is" : "are");
    }
}
