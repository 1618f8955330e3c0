/* What a TLS listener shows. libmicrohttpd keeps one certificate for its whole life, so each
 * connection is given its own before the handshake. See http_certificate.h. */
#include "node/bridge/http_parts.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

struct http_certificate {
    gnutls_certificate_credentials_t credentials;
    size_t holders; /* the listener and its connections; counted in its task alone */
};

/* GnuTLS does not change what it reads. */
static gnutls_datum_t datum_of(struct bytes bytes)
{
    const union {
        const uint8_t *bytes;
        unsigned char *datum;
    } same = {.bytes = bytes.data};
    return (gnutls_datum_t){same.datum, (unsigned)bytes.size};
}

/* A chain and a key out of their PEM, both to be freed by the caller. GnuTLS' function for both at
 * once does not free what it read of a chain that breaks off. */
struct pair {
    gnutls_x509_crt_t *chain;
    unsigned chain_size;
    gnutls_x509_privkey_t key;
};

static enum result refuse_code(const char *what, int code, struct error *error)
{
    return error_set(error, RESULT_INVALID, "%s: %s", what, gnutls_strerror(code));
}

static enum result pair_read(struct pair *pair, struct bytes chain, struct bytes key,
                             struct error *error)
{
    const gnutls_datum_t chain_datum = datum_of(chain);
    const gnutls_datum_t key_datum = datum_of(key);
    int code = gnutls_x509_crt_list_import2(&pair->chain, &pair->chain_size, &chain_datum,
                                            GNUTLS_X509_FMT_PEM, 0);
    if (code < 0) {
        return refuse_code("certificate", code, error);
    }
    code = gnutls_x509_privkey_init(&pair->key);
    if (code >= 0) {
        code = gnutls_x509_privkey_import2(pair->key, &key_datum, GNUTLS_X509_FMT_PEM, NULL, 0);
    }
    return code < 0 ? refuse_code("key", code, error) : RESULT_OK;
}

static void pair_free(struct pair *pair)
{
    for (unsigned i = 0; i < pair->chain_size; i++) {
        gnutls_x509_crt_deinit(pair->chain[i]);
    }
    gnutls_free(pair->chain);
    gnutls_x509_privkey_deinit(pair->key);
}

enum result http_certificate_new(struct bytes chain, struct bytes key,
                                 struct http_certificate **certificate, struct error *error)
{
    struct pair pair = {0};
    *certificate = NULL;
    struct http_certificate *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a certificate");
    }
    enum result result = pair_read(&pair, chain, key, error);
    if (result == RESULT_OK) {
        int code = gnutls_certificate_allocate_credentials(&made->credentials);
        if (code >= 0) {
            code = gnutls_certificate_set_x509_key(made->credentials, pair.chain,
                                                   (int)pair.chain_size, pair.key);
        }
        result = code < 0 ? refuse_code("certificate with its key", code, error) : RESULT_OK;
    }
    pair_free(&pair);
    if (result == RESULT_OK) {
        *certificate = made;
    } else {
        http_certificate_destroy(&made);
    }
    return result;
}

void http_certificate_destroy(struct http_certificate **certificate)
{
    if (*certificate != NULL) {
        if ((*certificate)->credentials != NULL) {
            gnutls_certificate_free_credentials((*certificate)->credentials);
        }
        free(*certificate);
        *certificate = NULL;
    }
}

static struct http_certificate *hold(struct http_certificate *certificate)
{
    certificate->holders++;
    return certificate;
}

void http_certificate_release(struct http_certificate **certificate)
{
    if (*certificate != NULL && --(*certificate)->holders == 0) {
        http_certificate_destroy(certificate);
    }
    *certificate = NULL;
}

void http_show(struct http_listener *listener, struct http_certificate **certificate)
{
    struct http_certificate *passed_over = atomic_exchange(&listener->given, *certificate);
    http_certificate_destroy(&passed_over);
    *certificate = NULL;
}

static void take_given(struct http_listener *listener)
{
    struct http_certificate *given = atomic_exchange(&listener->given, NULL);
    if (given != NULL) {
        http_certificate_release(&listener->shown);
        listener->shown = hold(given);
    }
}

void http_secure(struct connection *connection, struct MHD_Connection *mhd)
{
    struct http_listener *listener = connection->listener;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == NULL || info->tls_session == NULL) {
        return;
    }
    gnutls_session_t session = (gnutls_session_t)info->tls_session;
    take_given(listener);
    connection->shown = hold(listener->shown);
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, connection->shown->credentials);
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
}

/* Asked by GnuTLS for a connection without a certificate of its own: it gets none. */
static int refuse(gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
                  const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                  gnutls_pcert_st **chain, unsigned *chain_size, gnutls_privkey_t *key)
{
    (void)session;
    (void)authorities;
    (void)authority_count;
    (void)algorithms;
    (void)algorithm_count;
    (void)chain;
    (void)chain_size;
    (void)key;
    return -1;
}

/* libmicrohttpd takes functions as it takes all options. */
void *http_certificate_option(void)
{
    const union {
        gnutls_certificate_retrieve_function2 *function;
        void *option;
    } same = {.function = refuse};
    return same.option;
}
