/* Pins of certificates. See certificate.h. */
#include "keys/certificate.h"

#include "keys/text.h"
#include "proto/merkle.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static enum result refuse(int code, struct error *error)
{
    return error_set(error, RESULT_INVALID, "certificate: %s", gnutls_strerror(code));
}

/* SHA-256 of the SubjectPublicKeyInfo in DER (RFC 7469, section 2.4). */
static int key_hash(gnutls_x509_crt_t certificate, uint8_t hash[REST_PIN_BYTES])
{
    gnutls_pubkey_t key = NULL;
    gnutls_datum_t der = {NULL, 0};
    struct merkle_hash digest;
    int code = gnutls_pubkey_init(&key);
    if (code >= 0) {
        code = gnutls_pubkey_import_x509(key, certificate, 0);
    }
    if (code >= 0) {
        code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
    }
    if (code >= 0) {
        merkle_sha256((struct bytes){der.data, der.size}, &digest);
        memcpy(hash, digest.bytes, REST_PIN_BYTES);
    }
    gnutls_free(der.data);
    if (key != NULL) {
        gnutls_pubkey_deinit(key);
    }
    return code;
}

static uint64_t seconds(time_t time)
{
    return time < 0 ? 0 : (uint64_t)time < TEXT_TIME_MAX_S ? (uint64_t)time : TEXT_TIME_MAX_S;
}

static enum result pin_read(struct bytes bytes, gnutls_x509_crt_fmt_t form, struct rest_pin *pin,
                            struct error *error)
{
    gnutls_x509_crt_t certificate = NULL;
    struct buffer copy = {0}; /* GnuTLS takes what it does not change as changeable */
    if (bytes.size > CERTIFICATE_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "certificate: %zu bytes are above the limit of %zu", bytes.size,
                         CERTIFICATE_MAX_BYTES);
    }
    buffer_append(&copy, bytes.data, bytes.size);
    enum result result = buffer_check(&copy, error);
    if (result == RESULT_OK) {
        const gnutls_datum_t datum = {copy.data, (unsigned)copy.size};
        int code = gnutls_x509_crt_init(&certificate);
        if (code >= 0) {
            code = gnutls_x509_crt_import(certificate, &datum, form);
        }
        if (code >= 0) {
            code = key_hash(certificate, pin->hash);
        }
        result = code >= 0 ? RESULT_OK : refuse(code, error);
    }
    if (result == RESULT_OK) {
        pin->from_s = seconds(gnutls_x509_crt_get_activation_time(certificate));
        pin->until_s = seconds(gnutls_x509_crt_get_expiration_time(certificate));
        if (pin->from_s >= pin->until_s) {
            result = error_set(error, RESULT_INVALID, "certificate: it is never valid");
        }
    }
    if (certificate != NULL) {
        gnutls_x509_crt_deinit(certificate);
    }
    buffer_free(&copy);
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
