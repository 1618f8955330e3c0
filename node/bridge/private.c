/* The private listener: its start and stop. See private.h. */
#include "node/bridge/private.h"

#include "node/bridge/listen.h"
#include "node/bridge/private_parts.h"
#include "node/bridge/read.h"
#include "node/core/log.h"

#include <stdlib.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define UNIX_PREFIX     "unix:"

static enum result begin(void *self, struct queue *home, struct error *error)
{
    struct private *private = self;
    private->home = home;
    return store_reader_open(private->flow->store, &private->reader, error);
}

static void end(void *self)
{
    struct private *private = self;
    store_reader_close(&private->reader);
}

static const struct http_service service = {
    .routes = &private_routes,
    .begin = begin,
    .end = end,
    .admit = private_admit,
    .abandon = batch_abandon,
    .turn = events_turn,
    .is_busy = batch_is_busy,
};

/* The path of a UNIX socket in the node's directory, or where it says. */
static enum result open_unix(const struct config *config, const char *name, int *fd,
                             struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = RESULT_OK;
    if (name[0] == '/') {
        return listen_unix("private/listen", name, config->private_mode, fd, error);
    }
    result = config_place(config, name, path, error);
    return result == RESULT_OK
               ? listen_unix("private/listen", path, config->private_mode, fd, error)
               : result;
}

static enum result open_listener(const struct config *config, int *fd, struct error *error)
{
    const char *listen = config->private_listen;
    if (strncmp(listen, UNIX_PREFIX, sizeof UNIX_PREFIX - 1) == 0) {
        return open_unix(config, listen + sizeof UNIX_PREFIX - 1, fd, error);
    }
    if (!config->private_beyond_loopback && listen_is_address(listen) &&
        !listen_is_loopback(listen)) {
        return error_set(error, RESULT_INVALID,
                         "private/listen: '%s' is not on the loopback interface, and the private "
                         "listener has no TLS; give 127.0.0.1, [::1] or unix:PATH, or say "
                         "beyond_loopback = yes",
                         listen);
    }
    return listen_address("private/listen", listen, fd, error);
}

enum result private_start(const struct bridge_node *node, struct private **private,
                          struct error *error)
{
    const struct config *config = node->flow->config;
    *private = NULL;
    if (config->private_listen[0] == '\0') {
        return RESULT_OK;
    }
    struct private *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the private listener");
    }
    struct http_options options = {.name = "private",
                                   .connections_max = CONNECTIONS_MAX,
                                   .service = &service,
                                   .self = made,
                                   .world = node->flow->world};
    made->node = *node;
    made->flow = node->flow;
    made->checks_host = !config->private_beyond_loopback;
    enum result result = config_place(config, "tokens", made->tokens_path, error);
    if (result == RESULT_OK) {
        result = open_listener(config, &options.listen_fd, error);
    }
    if (result == RESULT_OK) {
        result = http_start(&options, &made->listener, error);
    }
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    log_event(LOG_LEVEL_INFO, "private", "listens", "at=%s", config->private_listen);
    *private = made;
    return RESULT_OK;
}

void private_committed(struct private *private)
{
    if (private != NULL && atomic_load(&private->has_waits)) {
        atomic_store(&private->committed, true);
        http_wake(private->listener);
    }
}

void private_stop(struct private **private)
{
    if (*private != NULL) {
        http_stop(&(*private)->listener);
        free(*private);
        *private = NULL;
    }
}
