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
#define STRANGERS_PER_SECOND    20 /* of an address; ten seconds of them are more than the above */
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

/* A PEM file of the node's directory. */
static enum result read_pem(const struct config *config, const char *name, enum file_access access,
                            struct buffer *out, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, name, path, error);
    return result == RESULT_OK ? file_read(path, CERTIFICATE_MAX_BYTES, access, out, error)
                               : result;
}

static enum result read_chain(const struct config *config, struct buffer *chain,
                              struct error *error)
{
    struct rest_pin pin;
    enum result result = read_pem(config, config->public_certificate, FILE_PUBLIC, chain, error);
    if (result == RESULT_OK) {
        result = certificate_pin_pem(buffer_bytes(chain), &pin, error);
    }
    return result == RESULT_OK
               ? result
               : error_wrap(error, "public.certificate '%s'", config->public_certificate);
}

static enum result read_key(const struct config *config, struct buffer *key, struct error *error)
{
    enum result result = read_pem(config, config->public_key, FILE_SECRET, key, error);
    return result == RESULT_OK ? result : error_wrap(error, "public.key '%s'", config->public_key);
}

enum result public_certificate(const struct config *config, struct http_certificate **certificate,
                               struct error *error)
{
    struct buffer chain = {0};
    struct buffer key = {0};
    *certificate = NULL;
    if (config->public_listen[0] == '\0') {
        return RESULT_OK;
    }
    enum result result = read_chain(config, &chain, error);
    if (result == RESULT_OK) {
        result = read_key(config, &key, error);
    }
    if (result == RESULT_OK) {
        result = http_certificate_new(buffer_bytes(&chain), buffer_bytes(&key), certificate, error);
        if (result != RESULT_OK) {
            (void)error_wrap(error, "public.certificate '%s', public.key '%s'",
                             config->public_certificate, config->public_key);
        }
    }
    if (key.data != NULL) {
        explicit_bzero(key.data, key.size);
    }
    buffer_free(&key);
    buffer_free(&chain);
    return result;
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
                                   .strangers_per_second = STRANGERS_PER_SECOND,
                                   .priorities = PRIORITIES,
                                   .service = &service,
                                   .self = made,
                                   .world = flow->world,
                                   .metrics = flow->metrics};
    made->flow = flow;
    enum result result = public_certificate(flow->config, &options.shown, error);
    if (result == RESULT_OK) {
        result =
            listen_address("public.listen", flow->config->public_listen, &options.listen_fd, error);
    }
    if (result == RESULT_OK) {
        result = http_start(&options, &made->listener, error);
    } else {
        http_certificate_destroy(&options.shown);
    }
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    log_event(LOG_LEVEL_INFO, "public", "listens", "at=%s", flow->config->public_listen);
    *public = made;
    return RESULT_OK;
}

void public_show(struct public *public, struct http_certificate **certificate)
{
    if (public != NULL && *certificate != NULL) {
        http_show(public->listener, certificate);
    }
}

void public_stop(struct public **public)
{
    if (*public != NULL) {
        http_stop(&(*public)->listener);
        free(*public);
        *public = NULL;
    }
}
