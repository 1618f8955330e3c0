/* Pins of certificates. See certificate.h. */
#include "keys/certificate.h"

#include "keys/file.h"
#include "keys/text.h"
#include "proto/merkle.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define CERTIFICATE_NAMES_BYTES 160 /* of a sentence */

static enum result refuse(int code, struct error *error)
{
    return error_set(error, RESULT_INVALID, "certificate: %s", gnutls_strerror(code));
}

/* SHA-256 of the SubjectPublicKeyInfo in DER (RFC 7469, section 2.4). */
static int public_hash(gnutls_pubkey_t key, uint8_t hash[REST_PIN_BYTES])
{
    gnutls_datum_t der = {NULL, 0};
    struct merkle_hash digest;
    int code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
    if (code >= 0) {
        merkle_sha256((struct bytes){der.data, der.size}, &digest);
        memcpy(hash, digest.bytes, REST_PIN_BYTES);
    }
    gnutls_free(der.data);
    return code;
}

static int key_hash(gnutls_x509_crt_t certificate, uint8_t hash[REST_PIN_BYTES])
{
    gnutls_pubkey_t key = NULL;
    int code = gnutls_pubkey_init(&key);
    if (code >= 0) {
        code = gnutls_pubkey_import_x509(key, certificate, 0);
    }
    if (code >= 0) {
        code = public_hash(key, hash);
    }
    if (key != NULL) {
        gnutls_pubkey_deinit(key);
    }
    return code;
}

/* A copy of what lies in a file: GnuTLS takes what it does not change as changeable. */
static enum result copy(struct bytes bytes, struct buffer *out, struct error *error)
{
    if (bytes.size > CERTIFICATE_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "certificate: %zu bytes are above the limit of %zu", bytes.size,
                         CERTIFICATE_MAX_BYTES);
    }
    buffer_append(out, bytes.data, bytes.size);
    return buffer_check(out, error);
}

/* NULL when it fails. */
static enum result import(struct bytes bytes, gnutls_x509_crt_fmt_t form,
                          gnutls_x509_crt_t *certificate, struct error *error)
{
    struct buffer text = {0};
    *certificate = NULL;
    enum result result = copy(bytes, &text, error);
    if (result == RESULT_OK) {
        const gnutls_datum_t datum = {text.data, (unsigned)text.size};
        int code = gnutls_x509_crt_init(certificate);
        if (code >= 0) {
            code = gnutls_x509_crt_import(*certificate, &datum, form);
        }
        result = code >= 0 ? RESULT_OK : refuse(code, error);
    }
    if (result != RESULT_OK && *certificate != NULL) {
        gnutls_x509_crt_deinit(*certificate);
        *certificate = NULL;
    }
    buffer_free(&text);
    return result;
}

static uint64_t seconds(time_t time)
{
    return time < 0 ? 0 : (uint64_t)time < TEXT_TIME_MAX_S ? (uint64_t)time : TEXT_TIME_MAX_S;
}

static enum result pin_read(struct bytes bytes, gnutls_x509_crt_fmt_t form, struct rest_pin *pin,
                            struct error *error)
{
    gnutls_x509_crt_t certificate = NULL;
    enum result result = import(bytes, form, &certificate, error);
    if (result != RESULT_OK) {
        return result;
    }
    int code = key_hash(certificate, pin->hash);
    pin->from_s = seconds(gnutls_x509_crt_get_activation_time(certificate));
    pin->until_s = seconds(gnutls_x509_crt_get_expiration_time(certificate));
    if (code < 0) {
        result = refuse(code, error);
    } else if (pin->from_s >= pin->until_s) {
        result = error_set(error, RESULT_INVALID, "certificate: it is never valid");
    }
    gnutls_x509_crt_deinit(certificate);
    return result;
}

enum result certificate_pin_pem(struct bytes pem, struct rest_pin *pin, struct error *error)
{
    return pin_read(pem, GNUTLS_X509_FMT_PEM, pin, error);
}

enum result certificate_pin_der(struct bytes der, struct rest_pin *pin, struct error *error)
{
    return pin_read(der, GNUTLS_X509_FMT_DER, pin, error);
}

/* The hash of the public key that belongs to a secret one. */
static int secret_hash(const struct buffer *pem, uint8_t hash[REST_PIN_BYTES])
{
    const gnutls_datum_t datum = {pem->data, (unsigned)pem->size};
    gnutls_privkey_t secret = NULL;
    gnutls_pubkey_t public = NULL;
    int code = gnutls_privkey_init(&secret);
    code = code < 0 ? code : gnutls_pubkey_init(&public);
    code = code < 0 ? code
                    : gnutls_privkey_import_x509_raw(secret, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
    code = code < 0 ? code : gnutls_pubkey_import_privkey(public, secret, 0, 0);
    code = code < 0 ? code : public_hash(public, hash);
    if (public != NULL) {
        gnutls_pubkey_deinit(public);
    }
    if (secret != NULL) {
        gnutls_privkey_deinit(secret);
    }
    return code;
}

static enum result read_secret_hash(const char *path, uint8_t hash[REST_PIN_BYTES],
                                    struct error *error)
{
    struct buffer text = {0};
    enum result result = file_read(path, CERTIFICATE_MAX_BYTES, FILE_SECRET, &text, error);
    if (result == RESULT_OK) {
        int code = secret_hash(&text, hash);
        result = code >= 0 ? RESULT_OK
                           : error_set(error, RESULT_INVALID, "'%s': secret key: %s", path,
                                       gnutls_strerror(code));
    }
    if (text.data != NULL) {
        explicit_bzero(text.data, text.size);
    }
    buffer_free(&text);
    return result;
}

enum result certificate_pair_read(const char *certificate, const char *key, struct buffer *pem,
                                  struct rest_pin *pin, struct error *error)
{
    uint8_t hash[REST_PIN_BYTES];
    enum result result = file_read(certificate, CERTIFICATE_MAX_BYTES, FILE_PUBLIC, pem, error);
    if (result == RESULT_OK) {
        result = certificate_pin_pem(buffer_bytes(pem), pin, error);
        result = result == RESULT_OK ? RESULT_OK : error_wrap(error, "'%s'", certificate);
    }
    if (result == RESULT_OK) {
        result = read_secret_hash(key, hash, error);
    }
    if (result == RESULT_OK && memcmp(hash, pin->hash, sizeof hash) != 0) {
        result = error_set(error, RESULT_CONFLICT, "'%s' is not the key of '%s'", key, certificate);
    }
    return result;
}

/* "a.example, *.b.example", as far as there is room. */
static void append_names(gnutls_x509_crt_t certificate, struct buffer *out)
{
    int kind = 0;
    for (unsigned i = 0;
         out->size < CERTIFICATE_NAMES_BYTES && (kind >= 0 || kind == GNUTLS_E_SHORT_MEMORY_BUFFER);
         i++) {
        char name[CARD_NAME_BYTES];
        size_t size = sizeof name;
        kind = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, NULL);
        if (kind == GNUTLS_SAN_DNSNAME) {
            buffer_text(out, out->size == 0 ? "" : ", ");
            text_line_append(out, (struct text){name, size}, sizeof name);
        }
    }
}

static enum result check_host(struct bytes bytes, gnutls_x509_crt_fmt_t form, const char *host,
                              struct error *error)
{
    gnutls_x509_crt_t certificate = NULL;
    struct buffer names = {0};
    enum result result = import(bytes, form, &certificate, error);
    if (result == RESULT_OK && gnutls_x509_crt_check_hostname(certificate, host) == 0) {
        append_names(certificate, &names);
        result =
            error_set(error, RESULT_UNTRUSTED, "the certificate is for %.*s, and not for %s",
                      TEXT_ARGS(names.size == 0 ? TEXT("no name") : buffer_view(&names)), host);
    }
    if (certificate != NULL) {
        gnutls_x509_crt_deinit(certificate);
    }
    buffer_free(&names);
    return result;
}

enum result certificate_host_pem(struct bytes pem, const char *host, struct error *error)
{
    return check_host(pem, GNUTLS_X509_FMT_PEM, host, error);
}

enum result certificate_host_der(struct bytes der, const char *host, struct error *error)
{
    return check_host(der, GNUTLS_X509_FMT_DER, host, error);
}
