/* X.509 certificates as far as REST-only partners need them: the hash of a certificate's public key
 * and how long it is valid, its names, and whether a secret key is its own. Nothing here trusts
 * anybody: a pin is trusted because a person confirmed the card that names it. GnuTLS is known here
 * and in node/bridge. Any thread. */
#ifndef COMESH_KEYS_CERTIFICATE_H
#define COMESH_KEYS_CERTIFICATE_H

#include "keys/rest_card.h"

#define CERTIFICATE_MAX_BYTES ((size_t)64 << 10)

/* The pin of the first certificate in PEM, or of one in DER: SHA-256 of its SubjectPublicKeyInfo,
 * and its validity. RESULT_INVALID for anything else. */
enum result certificate_pin_pem(struct bytes pem, struct rest_pin *pin,
                                struct error *error) RESULT_CHECKED;
enum result certificate_pin_der(struct bytes der, struct rest_pin *pin,
                                struct error *error) RESULT_CHECKED;

/* Reads a certificate and its secret key out of two PEM files; `pem` gets the certificate's text.
 * RESULT_CONFLICT when the key is not its own, RESULT_DENIED when others can reach the key. */
enum result certificate_pair_read(const char *certificate, const char *key, struct buffer *pem,
                                  struct rest_pin *pin, struct error *error) RESULT_CHECKED;

/* RESULT_UNTRUSTED, with the names it has, unless the certificate is for `host` (RFC 6125). */
enum result certificate_host_pem(struct bytes pem, const char *host,
                                 struct error *error) RESULT_CHECKED;
enum result certificate_host_der(struct bytes der, const char *host,
                                 struct error *error) RESULT_CHECKED;

#endif
