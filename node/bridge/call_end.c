/* How a request ended: what came back, or why nothing did. See call.h. */
#include "node/bridge/call_parts.h"

#include "keys/text.h"

#include <stdio.h>

#define RETRY_AFTER_MAX ((uint64_t)3600)

/* The proxy answers CONNECT when it leads on; before it did, nobody else has been spoken to, unless
 * over a connection of an earlier call. */
static bool ended_at_proxy(const struct call *call, CURLcode code)
{
    curl_off_t asked_us = 0;
    long answered = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &asked_us);
    (void)curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &answered);
    return call->proxied && code != CURLE_OK && asked_us == 0 && answered / 100 != 2;
}

/* libcurl's words may hold names of the server's own choice. */
static void describe_code(const struct call *call, CURLcode code, struct call_answer *answer)
{
    const char *said = call->reason[0] != '\0' ? call->reason : curl_easy_strerror(code);
    struct buffer line = {0};
    buffer_text(&line, answer->at_proxy ? "the proxy: " : "");
    text_line_append(&line, text_of(said), sizeof answer->trouble - 1);
    (void)snprintf(answer->trouble, sizeof answer->trouble, "%.*s", TEXT_ARGS(buffer_view(&line)));
    buffer_free(&line);
}

static void describe(const struct call *call, CURLcode code, struct call_answer *answer)
{
    if (call->turned_away) {
        (void)snprintf(answer->trouble, sizeof answer->trouble,
                       "its address is not public; see webhook.private_addresses");
    } else if (call->answer_bytes > ANSWER_MAX_BYTES) {
        (void)snprintf(answer->trouble, sizeof answer->trouble, "the answer is above %zu bytes",
                       ANSWER_MAX_BYTES);
    } else if (call->head_bytes > HEAD_MAX_BYTES) {
        (void)snprintf(answer->trouble, sizeof answer->trouble,
                       "the head of the answer is above %zu bytes", HEAD_MAX_BYTES);
    } else if (code == CURLE_OK) {
        (void)snprintf(answer->trouble, sizeof answer->trouble, "the answer broke off in its head");
    } else {
        describe_code(call, code, answer);
    }
}

static void describe_reach(const struct call *call, CURLcode code, struct call_answer *answer)
{
    const char *address = NULL;
    long port = 0;
    curl_off_t named_us = 0;
    curl_off_t connected_us = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_PRIMARY_IP, &address);
    (void)curl_easy_getinfo(call->easy, CURLINFO_PRIMARY_PORT, &port);
    (void)curl_easy_getinfo(call->easy, CURLINFO_NAMELOOKUP_TIME_T, &named_us);
    (void)curl_easy_getinfo(call->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    if (address != NULL && address[0] != '\0') {
        (void)snprintf(answer->address, sizeof answer->address,
                       strchr(address, ':') == NULL ? "%s:%ld" : "[%s]:%ld", address, port);
    }
    if (connected_us > 0) {
        answer->reach = CALL_CONNECTED;
        answer->connect_us = (uint64_t)(connected_us - named_us);
    } else if (named_us > 0 && code != CURLE_COULDNT_RESOLVE_HOST &&
               code != CURLE_COULDNT_RESOLVE_PROXY) {
        answer->reach = CALL_NAMED;
    }
}

/* A connection that is to live stays with libcurl until the next call. */
static bool keep_socket(struct call *call)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    (void)curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &socket);
    call->socket = socket == CURL_SOCKET_BAD ? -1 : socket;
    return call->socket >= 0;
}

static void describe_answer(const struct call *call, long status, struct call_answer *answer)
{
    curl_off_t after = 0;
    char *location = NULL;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &after);
    (void)curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &location);
    answer->status = (unsigned)status;
    answer->retry_after_s = after < 0 ? 0 : (uint64_t)after;
    answer->retry_after_s =
        answer->retry_after_s < RETRY_AFTER_MAX ? answer->retry_after_s : RETRY_AFTER_MAX;
    answer->location = location == NULL ? "" : location;
}

void call_end(struct call *call, CURLcode code)
{
    struct call_answer answer = {.body = buffer_view(&call->answer), .location = ""};
    long status = 0;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    describe_reach(call, code, &answer);
    answer.at_proxy = ended_at_proxy(call, code);
    bool connected = code == CURLE_OK && call->connects_only && keep_socket(call);
    if (code == CURLE_OK && status >= 200 && call->head_is_whole) {
        describe_answer(call, status, &answer);
    } else if (!connected) {
        describe(call, code, &answer);
    }
    if (!connected) {
        (void)curl_multi_remove_handle(call->calls->multi, call->easy);
    }
    call->under_way = false;
    call->ended(call->self, &answer);
}
