/* Requests that this node makes. See call.h; how they end is in call_end.c. */
#include "node/bridge/call_parts.h"

#include "keys/text.h"
#include "node/bridge/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOW_BYTES   1L /* a second, and less for so long is a dead line */
#define SLOW_SECONDS 30L

enum result calls_new(struct calls **calls, struct error *error)
{
    *calls = NULL;
    struct calls *made = calloc(1, sizeof *made);
    if (made != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        made->multi = curl_multi_init();
    }
    if (made == NULL || made->multi == NULL) {
        free(made);
        return error_set(error, RESULT_NO_MEMORY, "no memory for HTTP requests");
    }
    *calls = made;
    return RESULT_OK;
}

void calls_destroy(struct calls **calls)
{
    if (*calls != NULL) {
        (void)curl_multi_cleanup((*calls)->multi);
        curl_global_cleanup();
        free(*calls);
        *calls = NULL;
    }
}

/* ---- what libcurl calls ---- */

static size_t take_answer(char *data, size_t size, size_t count, void *self)
{
    struct call *call = self;
    size_t bytes = size * count;
    size_t room = CALL_ANSWER_BYTES - call->answer.size;
    call->answer_bytes += bytes;
    if (call->answer_bytes > ANSWER_MAX_BYTES) {
        return 0;
    }
    buffer_append(&call->answer, data, bytes < room ? bytes : room);
    return bytes;
}

/* A line of the head; the last one is empty, also that of an interim answer. */
static size_t take_head(char *line, size_t size, size_t count, void *self)
{
    struct call *call = self;
    struct text text = {line, size * count};
    struct text rest = text;
    call->head_bytes += text.size;
    if (call->head_bytes > HEAD_MAX_BYTES) {
        return 0; /* libcurl would keep them all */
    }
    if (text_equal(text, TEXT("\r\n")) || text_equal(text, TEXT("\n"))) {
        call->head_is_whole = true;
    } else if (text_skip(&rest, "HTTP/")) {
        call->head_is_whole = false;
    }
    return text.size;
}

/* The address that will be connected to, whatever the name was resolved to. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct call *call = self;
    (void)purpose;
    if (call->public_only && !address_is_public(&address->addr)) {
        call->turned_away = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- one call ---- */

enum result call_new(struct calls *calls, call_ended *ended, void *self, struct call **call,
                     struct error *error)
{
    *call = NULL;
    struct call *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->easy = curl_easy_init();
    }
    if (made == NULL || made->easy == NULL) {
        free(made);
        return error_set(error, RESULT_NO_MEMORY, "no memory for an HTTP request");
    }
    made->calls = calls;
    made->socket = -1;
    made->ended = ended;
    made->self = self;
    *call = made;
    return RESULT_OK;
}

/* Frees what one request needed. */
static void clear(struct call *call)
{
    if (call->under_way || call->socket >= 0) {
        (void)curl_multi_remove_handle(call->calls->multi, call->easy);
    }
    curl_slist_free_all(call->headers);
    curl_slist_free_all(call->connect);
    call->headers = NULL;
    call->connect = NULL;
    call->under_way = false;
    call->connects_only = false;
    call->socket = -1;
    call->turned_away = false;
    call->head_is_whole = false;
    call->answer_bytes = 0;
    call->head_bytes = 0;
    buffer_clear(&call->answer);
}

void call_destroy(struct call **call)
{
    if (*call != NULL) {
        clear(*call);
        curl_easy_cleanup((*call)->easy);
        buffer_free(&(*call)->answer);
        free(*call);
        *call = NULL;
    }
}

bool call_is_under_way(const struct call *call)
{
    return call->under_way;
}

/* "sha256//BASE64;sha256//BASE64" of the pins that are valid now. */
static void pins_append(const struct call_way *way, struct buffer *out)
{
    for (size_t i = 0; i < way->pin_count; i++) {
        if (rest_pin_is_valid(&way->pins[i], way->now_s)) {
            buffer_text(out, out->size == 0 ? "sha256//" : ";sha256//");
            text_base64_append(out, (struct bytes){way->pins[i].hash, REST_PIN_BYTES});
        }
    }
    buffer_append(out, "", 1);
}

/* A server is known by its pin, or by an authority; by its name always. */
static CURLcode set_trust(CURL *easy, const struct call_way *way)
{
    struct buffer pins = {0};
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, way->pin_count == 0 ? 1L : 0L);
    if (way->pin_count > 0) {
        pins_append(way, &pins);
        /* With every pin expired nothing is trusted: an empty list would trust anything. */
        const char *list = pins.failed || pins.size <= 1 ? "sha256//" : (const char *)pins.data;
        code = curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, list);
    }
    if (way->authorities[0] != '\0') {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, way->authorities);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (way->certificate[0] != '\0') {
        (void)curl_easy_setopt(easy, CURLOPT_SSLCERT, way->certificate);
        (void)curl_easy_setopt(easy, CURLOPT_SSLKEY, way->key);
    }
    buffer_free(&pins);
    return code;
}

static void set_way(struct call *call, const struct call_way *way)
{
    CURL *easy = call->easy;
    call->public_only = way->public_only;
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, way->plain ? "http,https" : "https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, way->proxy); /* empty: none, whatever is set */
    (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    call->proxied = way->proxy[0] != '\0';
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Without it a call that ends would wait for the thread that looks its name up, and with it the
     * task and all its other calls; that thread ends by itself. */
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)way->connect_timeout_s);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)way->timeout_s);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
    if (way->connect[0] != '\0') {
        char to[ENDPOINT_MAX_BYTES + 8];
        (void)snprintf(to, sizeof to, "::%s", way->connect);
        call->connect = curl_slist_append(NULL, to);
        (void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, call->connect);
    }
}

static bool set_headers(struct call *call, const struct call_request *request)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < request->header_count && headers != NULL; i++) {
        call->headers = headers;
        headers = curl_slist_append(headers, request->headers[i]);
    }
    if (headers == NULL) {
        return false;
    }
    call->headers = headers;
    return curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
}

/* A call that has its way, and says nothing yet. */
static CURLcode prepare(struct call *call, const struct call_way *way, const char *url)
{
    CURL *easy = call->easy;
    clear(call);
    curl_easy_reset(easy);
    set_way(call, way);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "comesh/" COMESH_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->reason);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    call->reason[0] = '\0';
    return set_trust(easy, way);
}

static enum result begin(struct call *call, const char *url, CURLcode code, struct error *error)
{
    if (code != CURLE_OK || curl_multi_add_handle(call->calls->multi, call->easy) != CURLM_OK) {
        return error_set(error, RESULT_INTERNAL, "%s: the request cannot be made: %s", url,
                         curl_easy_strerror(code));
    }
    call->under_way = true;
    return RESULT_OK;
}

enum result call_get(struct call *call, const struct call_way *way,
                     const struct call_request *request, struct error *error)
{
    CURLcode code = prepare(call, way, request->url);
    if (code == CURLE_OK && !set_headers(call, request)) {
        code = CURLE_OUT_OF_MEMORY;
    }
    return begin(call, request->url, code, error);
}

enum result call_post(struct call *call, const struct call_way *way,
                      const struct call_request *request, struct error *error)
{
    CURL *easy = call->easy;
    CURLcode code = prepare(call, way, request->url);
    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (const char *)request->body.data);
    if (code == CURLE_OK && !set_headers(call, request)) {
        code = CURLE_OUT_OF_MEMORY;
    }
    return begin(call, request->url, code, error);
}

enum result call_connect(struct call *call, const struct call_way *way, const char *url,
                         struct error *error)
{
    CURLcode code = prepare(call, way, url);
    (void)curl_easy_setopt(call->easy, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(call->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    (void)curl_easy_setopt(call->easy, CURLOPT_CONNECT_ONLY, 1L);
    call->connects_only = true;
    return begin(call, url, code, error);
}

int call_socket(const struct call *call)
{
    return call->socket;
}

static ssize_t moved(CURLcode code, size_t size)
{
    if (code == CURLE_OK) {
        return (ssize_t)size;
    }
    errno = code == CURLE_AGAIN ? EAGAIN : ECONNRESET;
    return -1;
}

ssize_t call_receive(struct call *call, void *bytes, size_t size)
{
    size_t received = 0;
    CURLcode code = curl_easy_recv(call->easy, bytes, size, &received);
    return moved(code, received);
}

ssize_t call_send(struct call *call, const void *bytes, size_t size)
{
    size_t sent = 0;
    CURLcode code = curl_easy_send(call->easy, bytes, size, &sent);
    return moved(code, sent);
}

/* ---- the loop ---- */

void calls_turn(struct calls *calls, int fd, int patience_ms)
{
    struct curl_waitfd wake = {.fd = fd, .events = CURL_WAIT_POLLIN};
    int running = 0;
    int left = 0;
    CURLMsg *message;
    (void)curl_multi_poll(calls->multi, &wake, 1, patience_ms, NULL);
    (void)curl_multi_perform(calls->multi, &running);
    while ((message = curl_multi_info_read(calls->multi, &left)) != NULL) {
        char *private = NULL;
        if (message->msg == CURLMSG_DONE) {
            CURLcode code = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
            call_end((struct call *)(void *)private, code);
        }
    }
}
