/* Checks of the HTTP side: listeners, their certificates, tokens, webhooks. See doctor.h. */
#include "keys/certificate.h"
#include "keys/file.h"
#include "keys/text.h"
#include "keys/token.h"
#include "node/core/hook_file.h"
#include "tools/comesh/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX     "unix:"
#define CONNECT_SECONDS 2 /* the kernel answers for a listener that has room */
#define SIGNING_BYTES   ((size_t)4096)

/* Of a certificate or token: FAILED in its last days. */
static enum checkup_level renewal_level(const struct doctor *doctor, uint64_t until_s)
{
    return doctor_end_within(doctor, until_s, DOCTOR_LAST_DAYS) != CHECKUP_OK
               ? CHECKUP_FAILED
               : doctor_end_within(doctor, until_s, DOCTOR_RENEW_DAYS);
}

/* ---- certificates with their keys ---- */

struct pair {
    const char *name;        /* of the check */
    const char *certificate; /* paths as configured */
    const char *key;
    const char *host; /* NULL: its name is of no concern */
};

static enum result read_pair(const struct doctor *doctor, const struct pair *pair,
                             struct rest_pin *pin, struct error *error)
{
    char from[TEXT_TIME_BYTES];
    char certificate[CONFIG_PATH_BYTES];
    char key[CONFIG_PATH_BYTES];
    struct buffer pem = {0};
    enum result result = config_place(doctor->config, pair->certificate, certificate, error);
    if (result == RESULT_OK) {
        result = config_place(doctor->config, pair->key, key, error);
    }
    if (result == RESULT_OK) {
        result = certificate_pair_read(certificate, key, &pem, pin, error);
    }
    if (result == RESULT_OK && doctor->now_s < pin->from_s) {
        text_time(pin->from_s, from);
        result = error_set(error, RESULT_INVALID, "'%s' is not valid before %s", pair->certificate,
                           from);
    }
    if (result == RESULT_OK && pair->host != NULL) {
        result = certificate_host_pem(buffer_bytes(&pem), pair->host, error);
    }
    buffer_free(&pem);
    return result;
}

static void pair_check(struct doctor *doctor, const struct pair *pair)
{
    struct rest_pin pin;
    struct error error;
    char end[DOCTOR_END_BYTES];
    enum result result = read_pair(doctor, pair, &pin, &error);
    if (result != RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, pair->name,
                    result == RESULT_DENIED ? "give the key its owner and mode 0600"
                                            : "mend the files, then comesh reload",
                    "%s", error.message);
        return;
    }
    checkup_add(&doctor->checkup, renewal_level(doctor, pin.until_s), pair->name,
                "renew it, put chain and key in their places, then comesh reload", "'%s' %s",
                pair->certificate, doctor_end(doctor, pin.until_s, end));
}

/* ---- listeners ---- */

/* 0 or an errno. A node that hangs does not hang the doctor. */
static int connect_socket(const struct sockaddr *address, socklen_t size)
{
    const struct timeval patience = {.tv_sec = CONNECT_SECONDS};
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    int problem = connect(fd, address, size) == 0 ? 0 : errno;
    (void)close(fd);
    return problem == EAGAIN || problem == EINPROGRESS ? ETIMEDOUT : problem;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path) + 1;
    if (size > sizeof address.sun_path) {
        return ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, size);
    return connect_socket((const struct sockaddr *)&address, sizeof address);
}

/* "127.0.0.1:8460" or "[::1]:8460": an address of this machine. */
static int connect_tcp(const char *listen)
{
    char host[CONFIG_PATH_BYTES];
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct text rest = text_of(listen);
    bool six = text_skip(&rest, "[");
    struct text name = text_until(&rest, six ? ']' : ':');
    (void)snprintf(host, sizeof host, "%.*s", TEXT_ARGS(name));
    const char *port = rest.data + (six ? 2 : 1);
    if (rest.size < 2 || getaddrinfo(host, port, &hints, &found) != 0) {
        return EADDRNOTAVAIL;
    }
    int problem = connect_socket(found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return problem;
}

/* 0 when somebody accepts connections there, or an errno. */
static int connect_to(const struct config *config, const char *listen)
{
    char path[CONFIG_PATH_BYTES];
    struct error error;
    struct text rest = text_of(listen);
    if (!text_skip(&rest, UNIX_PREFIX)) {
        return connect_tcp(listen);
    }
    if (rest.data[0] == '/') {
        return connect_unix(rest.data);
    }
    return config_place(config, rest.data, path, &error) == RESULT_OK ? connect_unix(path)
                                                                      : ENAMETOOLONG;
}

/* A listener is there from the start of the node on. */
static void listener_check(struct doctor *doctor, const char *name, const char *listen)
{
    if (listen[0] == '\0') {
        checkup_add(&doctor->checkup, CHECKUP_OK, name, NULL, "none is configured");
        return;
    }
    if (doctor->client == NULL) {
        checkup_add(&doctor->checkup, CHECKUP_OK, name, NULL, "%s, when the node runs", listen);
        return;
    }
    int problem = connect_to(doctor->config, listen);
    checkup_add(&doctor->checkup, problem == 0 ? CHECKUP_OK : CHECKUP_FAILED, name,
                "restart the node, which opens listeners when it starts, and look at its log",
                "%s%s%s", listen, problem == 0 ? "" : ": nobody answers: ",
                problem == 0 ? "" : strerrordesc_np(problem));
}

static bool has_rest_partners(const struct doctor *doctor)
{
    return doctor->directory != NULL && rest_cards_at(directory_rest(doctor->directory), 0) != NULL;
}

void doctor_public(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    char host[CARD_NAME_BYTES];
    (void)snprintf(host, sizeof host, "%s.coconnect.%s", config->environment, config->domain);
    const struct pair pair = {"public certificate", config->public_certificate, config->public_key,
                              host};
    listener_check(doctor, "public listener", config->public_listen);
    if (config->public_listen[0] != '\0') {
        pair_check(doctor, &pair);
    } else if (has_rest_partners(doctor)) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "public listener",
                    "set public/listen, when they are to post to us",
                    "there are partners without a node, and nowhere for them to post to");
    }
}

void doctor_outbound(struct doctor *doctor)
{
    const struct config_outbound *outbound = &doctor->config->outbound;
    const struct pair pair = {"outbound certificate", outbound->certificate, outbound->key, NULL};
    if (outbound->certificate[0] != '\0') {
        pair_check(doctor, &pair);
    } else if (has_rest_partners(doctor)) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "outbound certificate",
                    "set outbound/certificate and outbound/key",
                    "there are partners without a node, and no certificate to show them");
    }
}

/* ---- tokens ---- */

static void token_check(struct doctor *doctor, const struct token *token)
{
    char end[DOCTOR_END_BYTES];
    if (token->until_s != UINT64_MAX && renewal_level(doctor, token->until_s) != CHECKUP_OK) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "tokens",
                    "comesh token new, give it to the program, then comesh token revoke the old",
                    "'%s' %s", token->name, doctor_end(doctor, token->until_s, end));
    }
}

void doctor_private(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct tokens *tokens = calloc(1, sizeof *tokens);
    struct error error;
    listener_check(doctor, "private listener", config->private_listen);
    if (tokens == NULL || tokens_load(config->directory, tokens, &error) != RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "tokens",
                    "give the file its owner and mode 0600, or its place from a backup", "%s",
                    tokens == NULL ? "no memory" : error.message);
    } else if (tokens->count == 0 && config->private_listen[0] != '\0') {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "tokens", "comesh help token new",
                    "there is none: nobody can ask the private listener");
    } else if (tokens->count > 0) {
        checkup_add(&doctor->checkup, CHECKUP_OK, "tokens", NULL, "%zu", tokens->count);
        for (size_t i = 0; i < tokens->count; i++) {
            token_check(doctor, &tokens->rows[i]);
        }
    }
    free(tokens);
}

/* ---- webhooks ---- */

static void webhook_say(struct doctor *doctor, const struct hook_file *file)
{
    const char *between = file->trouble[0] == '\0' ? "" : ": ";
    bool open = text_equal(text_of(file->state), TEXT("open"));
    bool gone = text_equal(text_of(file->state), TEXT("gone"));
    checkup_add(&doctor->checkup,
                open   ? CHECKUP_OK
                : gone ? CHECKUP_FAILED
                       : CHECKUP_WARNING,
                "webhook",
                gone ? "it said that it is gone for ever: mend webhook/url, then comesh reload"
                     : "look at that system; events are kept for it, and tried again",
                "%s is %s, %" PRIu64 " events told%s%s", file->url, file->state, file->delivered,
                between, file->trouble);
    if (file->dead_count > 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "webhook",
                    "comesh webhook dead says which; when it is mended, comesh webhook replay",
                    "%zu dead letter%s of %s, the last: %s", file->dead_count,
                    file->dead_count == 1 ? "" : "s", file->url,
                    file->dead[file->dead_count - 1].reason);
    }
}

static void webhook_check(struct doctor *doctor, const char *url, struct hook_file *file)
{
    char path[CONFIG_PATH_BYTES];
    struct error error;
    enum result result = hook_file_path(doctor->config, url, HOOK_STATE, path, &error);
    if (result == RESULT_OK) {
        result = hook_file_read(path, file, &error);
    }
    if (result == RESULT_OK) {
        webhook_say(doctor, file);
    } else if (result == RESULT_NOT_FOUND) {
        checkup_add(&doctor->checkup, CHECKUP_OK, "webhook", NULL, "%s: nothing was told yet", url);
    } else {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "webhook", "see what the sentence says", "%s",
                    error.message);
    }
}

/* The key that signs them; the node makes it. */
static void signing_check(struct doctor *doctor)
{
    char path[CONFIG_PATH_BYTES];
    struct buffer key = {0};
    struct error error;
    enum result result = hook_key_path(doctor->config, path, &error);
    if (result == RESULT_OK) {
        result = file_read(path, SIGNING_BYTES, FILE_SECRET, &key, &error);
    }
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "webhook",
                    "give it its owner and mode 0600; when others have read it: remove it, "
                    "restart the node, and tell the receivers the new key",
                    "%s", error.message);
    }
    if (key.data != NULL) {
        explicit_bzero(key.data, key.size);
    }
    buffer_free(&key);
}

void doctor_webhooks(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    char folder[CONFIG_PATH_BYTES];
    struct stat status;
    struct error error;
    if (config->webhook_count == 0 ||
        config_place(config, HOOK_FOLDER, folder, &error) != RESULT_OK) {
        return;
    }
    if (stat(folder, &status) != 0) { /* looking into it would make it, which is the node's to do */
        checkup_add(&doctor->checkup, CHECKUP_OK, "webhook", NULL, "nothing was told yet");
        return;
    }
    struct hook_file *file = malloc(sizeof *file);
    if (file == NULL) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "webhook", "make room", "no memory");
        return;
    }
    signing_check(doctor);
    for (size_t i = 0; i < config->webhook_count; i++) {
        webhook_check(doctor, config->webhooks[i], file);
    }
    free(file);
}
