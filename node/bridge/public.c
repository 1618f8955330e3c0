/* The public listener: its routes, its start and stop. See public.h. */
#include "node/bridge/public.h"

#include "keys/certificate.h"
#include "keys/file.h"
#include "node/bridge/listen.h"
#include "node/bridge/public_parts.h"
#include "node/core/log.h"

#include <stdlib.h>

#define CONNECTIONS_MAX         1024
#define CONNECTIONS_PER_ADDRESS 128
#define PRIORITIES              "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define DOCUMENTS               (MEDIA_BIT(MEDIA_JSON) | MEDIA_BIT(MEDIA_XML))

static const struct route rows[] = {
    {.method = "POST",
     .path = "/send-co",
     .takes = DOCUMENTS,
     .gives = DOCUMENTS,
     .answer = public_post,
     .summary = "A certificate of origin of the partner"},
    {.method = "POST",
     .path = "/send-amendment-notification",
     .takes = DOCUMENTS,
     .gives = DOCUMENTS,
     .answer = public_post,
     .summary = "A change or cancelation of one"},
    {.method = "POST",
     .path = "/send-cancelation-status",
     .takes = DOCUMENTS,
     .gives = DOCUMENTS,
     .answer = public_post,
     .summary = "What became of a cancelation of ours"},
    {.method = "POST",
     .path = "/send-feedback",
     .takes = DOCUMENTS,
     .gives = DOCUMENTS,
     .answer = public_post,
     .summary = "Questions and utilization of one of ours"},
};

static const struct routes routes = {rows, sizeof rows / sizeof rows[0]};

static enum result begin(void *self, struct queue *home, struct error *error)
{
    struct public *public = self;
    public->home = home;
    return store_reader_open(public->flow->store, &public->reader, error);
}

static void end(void *self)
{
    struct public *public = self;
    store_reader_close(&public->reader);
}

static const struct http_service service = {
    .routes = &routes,
    .begin = begin,
    .end = end,
    .admit = public_admit,
};

/* A PEM file of the node's directory, as a string. */
static enum result read_pem(const struct config *config, const char *option, const char *name,
                            enum file_access access, struct buffer *out, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, name, path, error);
    if (result == RESULT_OK) {
        result = file_read(path, CERTIFICATE_MAX_BYTES, access, out, error);
    }
    buffer_append(out, "", 1);
    if (result == RESULT_OK) {
        result = buffer_check(out, error);
    }
    if (result != RESULT_OK) {
        (void)error_wrap(error, "%s", option);
    }
    return result;
}

static enum result open_listener(struct public *public, int *fd, struct error *error)
{
    const struct config *config = public->flow->config;
    enum result result = read_pem(config, "public.certificate", config->public_certificate,
                                  FILE_PUBLIC, &public->certificate, error);
    if (result == RESULT_OK) {
        result =
            read_pem(config, "public.key", config->public_key, FILE_SECRET, &public->key, error);
    }
    return result == RESULT_OK ? listen_address("public.listen", config->public_listen, fd, error)
                               : result;
}

static void public_free(struct public *public)
{
    if (public->key.data != NULL) {
        explicit_bzero(public->key.data, public->key.size);
    }
    buffer_free(&public->key);
    buffer_free(&public->certificate);
    free(public);
}

enum result public_start(struct flow *flow, struct public **public, struct error *error)
{
    *public = NULL;
    if (flow->config->public_listen[0] == '\0') {
        return RESULT_OK;
    }
    struct public *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the public listener");
    }
    struct http_options options = {.name = "public",
                                   .connections_max = CONNECTIONS_MAX,
                                   .connections_per_address = CONNECTIONS_PER_ADDRESS,
                                   .service = &service,
                                   .self = made,
                                   .world = flow->world};
    made->flow = flow;
    enum result result = open_listener(made, &options.listen_fd, error);
    if (result == RESULT_OK) {
        made->tls = (struct http_tls){.certificate = (const char *)made->certificate.data,
                                      .key = (const char *)made->key.data,
                                      .priorities = PRIORITIES};
        options.tls = &made->tls;
        result = http_start(&options, &made->listener, error);
    }
    if (result != RESULT_OK) {
        public_free(made);
        return result;
    }
    log_event(LOG_LEVEL_INFO, "public", "listens", "at=%s", flow->config->public_listen);
    *public = made;
    return RESULT_OK;
}

void public_stop(struct public **public)
{
    if (*public != NULL) {
        http_stop(&(*public)->listener);
        public_free(*public);
        *public = NULL;
    }
}
