/* `comesh-bench http-load`: posts sample certificates over TLS keep-alive connections with a client
 * certificate, which wrk cannot show; each connection has one request under way. Prints what it
 * measured as JSON. */
#include "proto/bytes.h"
#include "tools/bench/bench.h"
#include "tools/bench/sample.h"
#include "tools/bench/samples.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#define ANSWER_BYTES    ((size_t)16 << 10)
#define CONNECTIONS_MAX 1024
#define ITEMS           5 /* of a certificate: 4 KB of JSON */

struct load_options {
    uint64_t port;
    const char *host;
    const char *exporter;
    const char *importer;
    const char *certificate;
    const char *key;
    uint64_t first;
    uint64_t count;
    uint64_t connections;
    uint64_t seconds;
};

struct client {
    int fd;
    gnutls_session_t session;
    double sent_us;
    size_t size; /* of the answer so far */
    char answer[ANSWER_BYTES + 1];
};

struct load {
    struct load_options options;
    struct buffer requests; /* one behind the other */
    size_t *ends;           /* of each in it */
    size_t next;
    size_t under_way;
    gnutls_certificate_credentials_t credentials;
    struct client *clients;
    int epoll_fd;
    double until_us;
    uint64_t refused;
    struct samples latencies_ms; /* of those that were taken */
};

static int usage(void)
{
    (void)fputs(
        "usage: comesh-bench http-load --port 8443 --host test.coconnect.customs.go.kr\n"
        "           --certificate PEM --key PEM --exporter ID --importer KR [--first 1]\n"
        "           [--count 100000] [--connections 64] [--seconds 5]\n"
        "  posts certificates to /send-co on 127.0.0.1 until the time or the count is over\n",
        stderr);
    return EX_USAGE;
}

/* ---- requests ---- */

static void make_requests(struct load *load)
{
    const struct load_options *options = &load->options;
    struct buffer document = {0};
    load->ends = calloc(options->count, sizeof *load->ends);
    for (uint64_t i = 0; i < options->count && load->ends != NULL; i++) {
        buffer_clear(&document);
        sample_co(&document, options->exporter, options->importer, options->first + i, ITEMS);
        buffer_printf(&load->requests,
                      "POST /send-co HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      options->host, document.size);
        buffer_append(&load->requests, document.data, document.size);
        load->ends[i] = load->requests.size;
    }
    load->requests.failed = load->requests.failed || load->ends == NULL || document.failed;
    buffer_free(&document);
}

/* ---- connections ---- */

/* Blocking, as all of the client's steps: it reads when there is something, and what has begun to
 * come is whole soon. The server's certificate is not looked at. */
static bool client_open(struct load *load, struct client *client)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((uint16_t)load->options.port)};
    const int yes = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || connect(client->fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) != 0 ||
        gnutls_init(&client->session, GNUTLS_CLIENT) != 0 ||
        gnutls_set_default_priority(client->session) != 0 ||
        gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, load->credentials) != 0) {
        return false;
    }
    gnutls_transport_set_int(client->session, client->fd);
    int shaken = GNUTLS_E_AGAIN;
    while (shaken < 0 && gnutls_error_is_fatal(shaken) == 0) {
        shaken = gnutls_handshake(client->session);
    }
    return shaken == 0;
}

static void client_close(struct client *client)
{
    if (client->session != NULL) {
        gnutls_deinit(client->session);
    }
    if (client->fd >= 0) {
        (void)close(client->fd);
    }
}

/* Sends the next request; true too when there are no more to send. */
static bool client_ask(struct load *load, struct client *client)
{
    if (load->next == load->options.count || clock_us() >= load->until_us) {
        return true;
    }
    size_t start = load->next == 0 ? 0 : load->ends[load->next - 1];
    size_t size = load->ends[load->next++] - start;
    client->size = 0;
    client->sent_us = clock_us();
    load->under_way++;
    return gnutls_record_send(client->session, load->requests.data + start, size) == (ssize_t)size;
}

/* Whether the answer is whole; its head has a Content-Length. */
static bool is_whole(const struct client *client)
{
    const char *head = strstr(client->answer, "\r\n\r\n");
    const char *length = strcasestr(client->answer, "\r\nContent-Length: ");
    return head != NULL && length != NULL &&
           client->size >= (size_t)(head + 4 - client->answer) + strtoul(length + 18, NULL, 10);
}

static bool client_read(struct load *load, struct client *client)
{
    do {
        ssize_t size = gnutls_record_recv(client->session, client->answer + client->size,
                                          ANSWER_BYTES - client->size);
        if (size <= 0) {
            return size < 0 && gnutls_error_is_fatal((int)size) == 0;
        }
        client->size += (size_t)size;
        client->answer[client->size] = '\0';
    } while (gnutls_record_check_pending(client->session) > 0);
    if (!is_whole(client)) {
        return true;
    }
    load->under_way--;
    if (strncmp(client->answer, "HTTP/1.1 2", 10) == 0) {
        samples_add(&load->latencies_ms, (clock_us() - client->sent_us) / 1000);
    } else {
        load->refused++;
    }
    return client_ask(load, client);
}

/* ---- the run ---- */

static bool open_all(struct load *load)
{
    const struct load_options *options = &load->options;
    load->clients = calloc(options->connections, sizeof *load->clients);
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (load->clients == NULL || load->epoll_fd < 0 ||
        gnutls_certificate_allocate_credentials(&load->credentials) != 0 ||
        gnutls_certificate_set_x509_key_file(load->credentials, options->certificate, options->key,
                                             GNUTLS_X509_FMT_PEM) != 0) {
        return false;
    }
    for (uint64_t i = 0; i < options->connections; i++) {
        load->clients[i].fd = -1;
    }
    bool good = true;
    for (uint64_t i = 0; i < options->connections && good; i++) {
        good = client_open(load, &load->clients[i]);
    }
    return good;
}

static bool run(struct load *load, double *seconds)
{
    struct epoll_event events[64];
    double start_us = clock_us();
    bool good = true;
    load->until_us = start_us + (double)load->options.seconds * 1e6;
    for (uint64_t i = 0; i < load->options.connections && good; i++) {
        good = client_ask(load, &load->clients[i]);
    }
    while (load->under_way > 0 && good) {
        int count = epoll_wait(load->epoll_fd, events, 64, 10000);
        good = count > 0;
        for (int i = 0; i < count && good; i++) {
            good = client_read(load, events[i].data.ptr);
        }
    }
    *seconds = (clock_us() - start_us) / 1e6;
    return good && !load->latencies_ms.failed;
}

static void close_all(struct load *load)
{
    for (uint64_t i = 0; load->clients != NULL && i < load->options.connections; i++) {
        client_close(&load->clients[i]);
    }
    if (load->epoll_fd >= 0) {
        (void)close(load->epoll_fd);
    }
    if (load->credentials != NULL) {
        gnutls_certificate_free_credentials(load->credentials);
    }
    free(load->clients);
    free(load->ends);
    buffer_free(&load->requests);
    samples_free(&load->latencies_ms);
}

/* ---- arguments ---- */

static bool option_number(struct load_options *options, int option, struct text value)
{
    switch (option) {
    case 'p':
        return decimal_parse(value, UINT16_MAX, &options->port);
    case 'f':
        return decimal_parse(value, UINT32_MAX, &options->first);
    case 'n':
        return decimal_parse(value, UINT32_MAX, &options->count) && options->count > 0;
    case 's':
        return decimal_parse(value, UINT16_MAX, &options->seconds);
    default:
        return option == 'x' && decimal_parse(value, CONNECTIONS_MAX, &options->connections) &&
               options->connections > 0;
    }
}

static bool options_read(int count, char **arguments, struct load_options *options)
{
    static const struct option known[] = {{"port", required_argument, NULL, 'p'},
                                          {"host", required_argument, NULL, 'h'},
                                          {"certificate", required_argument, NULL, 'c'},
                                          {"key", required_argument, NULL, 'k'},
                                          {"exporter", required_argument, NULL, 'e'},
                                          {"importer", required_argument, NULL, 'i'},
                                          {"first", required_argument, NULL, 'f'},
                                          {"count", required_argument, NULL, 'n'},
                                          {"connections", required_argument, NULL, 'x'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {NULL, 0, NULL, 0}};
    bool good = true;
    for (int option = 0; option >= 0 && good;) {
        option = getopt_long(count, arguments, "", known, NULL);
        switch (option) {
        case -1:
            break;
        case 'h':
            options->host = optarg;
            break;
        case 'c':
            options->certificate = optarg;
            break;
        case 'k':
            options->key = optarg;
            break;
        case 'e':
            options->exporter = optarg;
            break;
        case 'i':
            options->importer = optarg;
            break;
        default:
            good = option_number(options, option, text_of(optarg));
        }
    }
    return good && options->port > 0 && options->host != NULL && options->certificate != NULL &&
           options->key != NULL && options->exporter != NULL && options->importer != NULL;
}

int command_http_load(int count, char **arguments)
{
    struct load load = {.options = {.first = 1, .count = 100000, .connections = 64, .seconds = 5},
                        .epoll_fd = -1};
    double seconds = 0;
    if (!options_read(count, arguments, &load.options)) {
        return usage();
    }
    make_requests(&load);
    bool good = !load.requests.failed && open_all(&load) && run(&load, &seconds);
    if (good) {
        (void)printf("{\"rate\": %.1f, \"p99_ms\": %.3f, \"taken\": %zu, \"refused\": %llu}\n",
                     (double)load.latencies_ms.count / seconds,
                     load.latencies_ms.count == 0 ? 0 : samples_at(&load.latencies_ms, 0.99),
                     load.latencies_ms.count, (unsigned long long)load.refused);
    } else {
        (void)fputs("comesh-bench: a connection failed, or there was no memory\n", stderr);
    }
    close_all(&load);
    return good ? EX_OK : EX_IOERR;
}
