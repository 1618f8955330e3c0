/* `comesh-bench http-floor`: libmicrohttpd with the settings of node/bridge/http.c and nothing
 * behind it. A POST is parsed and answered at once, a GET gets a fixed body. What the bridge is
 * measured beside. */
#include "keys/file.h"
#include "tools/bench/bench.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <jansson.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define CONNECTIONS_MAX         1024
#define CONNECTION_MEMORY_BYTES ((size_t)32 << 10)
#define PEM_MAX_BYTES           ((size_t)64 << 10)
#define ANSWER_MAX_BYTES        ((uint64_t)1 << 20)

struct floor_options {
    uint64_t bytes; /* of the answer to a GET */
    struct buffer certificate;
    struct buffer key;
};

struct floor {
    struct buffer page;
    struct MHD_Daemon *daemon;
};

static int usage(void)
{
    (void)fputs("usage: comesh-bench http-floor [--bytes 4000] [--certificate PEM --key PEM]\n"
                "  serves on a free port of 127.0.0.1, which it prints, until its input ends\n",
                stderr);
    return EX_USAGE;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status,
                              const struct buffer *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body->size, body->data, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer_post(struct MHD_Connection *connection, const struct buffer *body)
{
    struct buffer nothing = {0};
    json_t *parsed = json_loadb((const char *)body->data, body->size, 0, NULL);
    unsigned status = parsed == NULL ? 400 : 201;
    json_decref(parsed);
    return answer(connection, status, &nothing);
}

static enum MHD_Result step(void *self, struct MHD_Connection *connection, const char *path,
                            const char *method, const char *version, const char *piece,
                            size_t *size, void **context)
{
    const struct floor *floor = self;
    struct buffer *body = *context;
    (void)path;
    (void)version;
    if (body == NULL) {
        *context = calloc(1, sizeof *body);
        return *context == NULL ? MHD_NO : MHD_YES;
    }
    if (*size > 0) {
        buffer_append(body, piece, *size);
        *size = 0;
        return MHD_YES;
    }
    return text_equal(text_of(method), TEXT("POST")) ? answer_post(connection, body)
                                                     : answer(connection, 200, &floor->page);
}

static void completed(void *self, struct MHD_Connection *connection, void **context,
                      enum MHD_RequestTerminationCode how)
{
    struct buffer *body = *context;
    (void)self;
    (void)connection;
    (void)how;
    if (body != NULL) {
        buffer_free(body);
        free(body);
    }
    *context = NULL;
}

static struct MHD_Daemon *start(struct floor *floor, const struct floor_options *options)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static char priorities[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    unsigned tls = options->certificate.size == 0 ? 0U : (unsigned)MHD_USE_TLS;
    struct MHD_OptionItem secured[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, options->certificate.data},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, options->key.data},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | tls, 0,
                            NULL, NULL, step, floor, MHD_OPTION_SOCK_ADDR, &at,
                            MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, completed,
                            NULL, MHD_OPTION_ARRAY, tls == 0 ? none : secured, MHD_OPTION_END);
}

/* Until the input ends; the same loop as the bridge's, but for what a node does in its own. */
static void serve(struct MHD_Daemon *daemon)
{
    struct pollfd polled[2] = {
        {.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN},
        {.fd = 0, .events = POLLIN}};
    while (polled[1].revents == 0) {
        MHD_UNSIGNED_LONG_LONG wanted = 0;
        int patience_ms = 1000;
        if (MHD_get_timeout(daemon, &wanted) == MHD_YES && wanted < 1000) {
            patience_ms = (int)wanted;
        }
        (void)poll(polled, 2, patience_ms);
        (void)MHD_run(daemon);
    }
}

static enum result read_pem(const char *path, enum file_access access, struct buffer *out,
                            struct error *error)
{
    enum result result = file_read(path, PEM_MAX_BYTES, access, out, error);
    buffer_append(out, "", 1);
    return result == RESULT_OK ? buffer_check(out, error) : result;
}

static enum result options_read(int count, char **arguments, struct floor_options *options,
                                struct error *error)
{
    static const struct option known[] = {{"bytes", required_argument, NULL, 'b'},
                                          {"certificate", required_argument, NULL, 'c'},
                                          {"key", required_argument, NULL, 'k'},
                                          {NULL, 0, NULL, 0}};
    enum result result = RESULT_OK;
    for (int option = 0; option >= 0 && result == RESULT_OK;) {
        option = getopt_long(count, arguments, "", known, NULL);
        if (option == 'c') {
            result = read_pem(optarg, FILE_PUBLIC, &options->certificate, error);
        } else if (option == 'k') {
            result = read_pem(optarg, FILE_SECRET, &options->key, error);
        } else if (option >= 0 &&
                   (option != 'b' ||
                    !decimal_parse(text_of(optarg), ANSWER_MAX_BYTES, &options->bytes))) {
            result = error_set(error, RESULT_INVALID, "an argument is not understood");
        }
    }
    return result;
}

int command_http_floor(int count, char **arguments)
{
    struct floor_options options = {.bytes = 4000};
    struct floor floor = {0};
    struct error error = {0};
    int status = EX_OK;
    if (options_read(count, arguments, &options, &error) != RESULT_OK) {
        (void)fprintf(stderr, "comesh-bench: %s\n", error.message);
        status = usage();
        goto cleanup;
    }
    for (uint64_t i = 0; i < options.bytes; i++) {
        buffer_text(&floor.page, "x");
    }
    floor.daemon = start(&floor, &options);
    if (floor.daemon == NULL) {
        status = EX_OSERR;
        goto cleanup;
    }
    (void)printf("%u\n", MHD_get_daemon_info(floor.daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);
    serve(floor.daemon);
    MHD_stop_daemon(floor.daemon);
cleanup:
    buffer_free(&floor.page);
    buffer_free(&options.certificate);
    buffer_free(&options.key);
    return status;
}
