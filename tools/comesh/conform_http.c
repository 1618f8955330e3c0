/* The requests of a conformance run: libcurl, and a certificate that nobody knows. See conform.h.
 */
#include "tools/comesh/conform.h"

#include "node/core/world.h"

#include <curl/curl.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

#define DAY_SECONDS      ((time_t)24 * 60 * 60)
#define CONNECT_SECONDS  10
#define ANSWER_SECONDS   60
#define ANSWER_MAX_BYTES ((size_t)1 << 20)

/* ---- the stranger ---- */

static int sign_stranger(gnutls_x509_privkey_t key, gnutls_x509_crt_t certificate)
{
    const time_t now = (time_t)(world_wall_ms(world_real()) / 1000);
    const char serial = 1;
    int failed = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    failed = failed != 0 ? failed : gnutls_x509_crt_set_version(certificate, 3);
    failed = failed != 0 ? failed : gnutls_x509_crt_set_serial(certificate, &serial, 1);
    failed =
        failed != 0 ? failed : gnutls_x509_crt_set_activation_time(certificate, now - DAY_SECONDS);
    failed =
        failed != 0 ? failed : gnutls_x509_crt_set_expiration_time(certificate, now + DAY_SECONDS);
    failed = failed != 0 ? failed : gnutls_x509_crt_set_dn(certificate, "CN=a stranger", NULL);
    failed = failed != 0 ? failed : gnutls_x509_crt_set_key(certificate, key);
    return failed != 0 ? failed
                       : gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
}

static enum result make_stranger(struct buffer *pem, struct error *error)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t certificate = NULL;
    gnutls_datum_t text = {0};
    gnutls_datum_t key_text = {0};
    int failed = gnutls_x509_privkey_init(&key);
    failed = failed != 0 ? failed : gnutls_x509_crt_init(&certificate);
    failed = failed != 0 ? failed : sign_stranger(key, certificate);
    failed =
        failed != 0 ? failed : gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text);
    failed =
        failed != 0 ? failed : gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_text);
    if (failed == 0) {
        buffer_append(pem, text.data, text.size);
        buffer_append(pem, key_text.data, key_text.size);
    }
    gnutls_free(text.data);
    gnutls_free(key_text.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
    return failed == 0 ? RESULT_OK
                       : error_set(error, RESULT_INTERNAL, "a certificate for the test: %s",
                                   gnutls_strerror(failed));
}

enum result conform_open(struct conform *conform, struct error *error)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return error_set(error, RESULT_INTERNAL, "libcurl cannot be used");
    }
    conform->curl = curl_easy_init();
    if (conform->curl == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the connection");
    }
    return make_stranger(&conform->stranger, error);
}

void conform_close(struct conform *conform)
{
    curl_easy_cleanup(conform->curl);
    curl_global_cleanup();
    buffer_free(&conform->stranger);
    buffer_free(&conform->document);
    buffer_free(&conform->first);
    conform_answer_free(&conform->taken);
    json_decref(conform->co);
    for (size_t i = 0; i < NEED_COUNT; i++) {
        json_decref(conform->given[i]);
    }
}

void conform_answer_free(struct conform_answer *answer)
{
    buffer_free(&answer->head);
    buffer_free(&answer->body);
    memset(answer, 0, sizeof *answer);
}

/* ---- the answer ---- */

static size_t take_bytes(struct buffer *buffer, const char *data, size_t size)
{
    if (buffer->size + size > ANSWER_MAX_BYTES) {
        return 0; /* the transfer ends */
    }
    buffer_append(buffer, data, size);
    return size;
}

static size_t take_body(char *data, size_t one, size_t count, void *self)
{
    return take_bytes(&((struct conform_answer *)self)->body, data, one * count);
}

static size_t take_head(char *data, size_t one, size_t count, void *self)
{
    return take_bytes(&((struct conform_answer *)self)->head, data, one * count);
}

static void take_header(CURL *curl, const char *name, char *out, size_t size)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
        (void)snprintf(out, size, "%s", header->value);
    }
}

/* The other side ended it: as it may when it will not speak with us. */
static bool is_shut(CURLcode code)
{
    return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_RECV_ERROR ||
           code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING;
}

/* ---- the request ---- */

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    char line[CONFORM_HOST_BYTES + 64];
    (void)snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(list, line);
    if (longer == NULL) {
        curl_slist_free_all(list);
    }
    return longer;
}

/* "ENV" in a host stands for an environment that is not the endpoint's. */
static void name_host(const struct conform *conform, const char *pattern,
                      char out[CONFORM_HOST_BYTES])
{
    const char *rest = strchr(conform->host, '.');
    if (strcmp(pattern, "ENV") != 0 || rest == NULL) {
        (void)snprintf(out, CONFORM_HOST_BYTES, "%s", pattern);
    } else {
        bool is_test = text_equal(text_of(conform->environment), text_of("test"));
        (void)snprintf(out, CONFORM_HOST_BYTES, "%s%s", is_test ? "dev" : "test", rest);
    }
}

static struct curl_slist *make_headers(const struct conform *conform,
                                       const struct assertion *assertion)
{
    char host[CONFORM_HOST_BYTES];
    const char *type = assertion->type == NULL ? "application/json" : assertion->type;
    const char *accept = assertion->accept == NULL ? "application/json" : assertion->accept;
    struct curl_slist *list = add_header(NULL, "Accept", accept);
    list = add_header(list, "Expect", ""); /* no 100-continue */
    list = add_header(list, "Content-Type", assertion->make == NULL ? "" : type);
    if (assertion->host != NULL) {
        name_host(conform, assertion->host, host);
        list = add_header(list, "Host", host);
    }
    if (assertion->idempotency_key) {
        list = add_header(list, "Idempotency-Key", conform->key_used);
    }
    if (assertion->header != NULL) {
        list = curl_slist_append(list, assertion->header);
    }
    return list;
}

static void set_client(const struct conform *conform, enum conform_client client)
{
    CURL *curl = conform->curl;
    struct curl_blob blob = {conform->stranger.data, conform->stranger.size, CURL_BLOB_COPY};
    if (client == CLIENT_OWN) {
        (void)curl_easy_setopt(curl, CURLOPT_SSLCERT, conform->certificate);
        (void)curl_easy_setopt(curl, CURLOPT_SSLKEY, conform->key);
    } else if (client == CLIENT_STRANGER) {
        (void)curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &blob);
        (void)curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &blob);
    }
}

static void set_tls(const struct conform *conform, const struct assertion *assertion)
{
    CURL *curl = conform->curl;
    long versions = assertion->old_tls ? CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1
                                       : CURL_SSLVERSION_TLSv1_2;
    (void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, versions);
    if (assertion->old_tls) { /* else this side would not even ask */
        (void)curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
    }
    if (conform->authorities != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, conform->authorities);
    }
    set_client(conform, assertion->client);
    if (assertion->old_tls || assertion->client != CLIENT_OWN) {
        (void)curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    }
}

static void set_body(const struct conform *conform, const struct assertion *assertion)
{
    CURL *curl = conform->curl;
    if (assertion->make != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)conform->document.size);
        (void)curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS,
                               conform->document.size == 0 ? "" : (char *)conform->document.data);
    }
    if (assertion->method != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, assertion->method);
    }
}

static void set_answer(CURL *curl, struct conform_answer *answer, char *sentence)
{
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, sentence);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
}

/* The endpoint's name is asked for whatever address the connection goes to. */
static struct curl_slist *set_way(const struct conform *conform, const struct assertion *assertion)
{
    char url[2 * CONFORM_HOST_BYTES];
    char way[2 * CONFORM_HOST_BYTES];
    struct curl_slist *list = NULL;
    (void)snprintf(url, sizeof url, "%s%s", conform->url, assertion->path);
    (void)curl_easy_setopt(conform->curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(conform->curl, CURLOPT_PATH_AS_IS, 1L);
    if (conform->connect != NULL) {
        (void)snprintf(way, sizeof way, "::%s", conform->connect);
        list = curl_slist_append(NULL, way);
        (void)curl_easy_setopt(conform->curl, CURLOPT_CONNECT_TO, list);
    }
    return list;
}

enum result conform_ask(struct conform *conform, const struct assertion *assertion,
                        struct conform_answer *answer, struct error *error)
{
    CURL *curl = conform->curl;
    char sentence[CURL_ERROR_SIZE] = "";
    long status = 0;
    curl_easy_reset(curl);
    struct curl_slist *way = set_way(conform, assertion);
    struct curl_slist *headers = make_headers(conform, assertion);
    set_tls(conform, assertion);
    set_body(conform, assertion);
    set_answer(curl, answer, sentence);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer->status = code != CURLE_OK && is_shut(code) ? CONFORM_SHUT : (unsigned)status;
    take_header(curl, "Location", answer->location, sizeof answer->location);
    take_header(curl, "Content-Type", answer->type, sizeof answer->type);
    take_header(curl, "Allow", answer->allow, sizeof answer->allow);
    curl_slist_free_all(headers);
    curl_slist_free_all(way);
    return code == CURLE_OK || answer->status == CONFORM_SHUT
               ? RESULT_OK
               : error_set(error, RESULT_UNAVAILABLE, "%s",
                           sentence[0] == '\0' ? curl_easy_strerror(code) : sentence);
}
