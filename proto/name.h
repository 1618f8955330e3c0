/* The syntax of the names that travel: parties, domains, endpoints. Whether such a party exists is
 * the directory's business. Any thread. */
#ifndef COMESH_PROTO_NAME_H
#define COMESH_PROTO_NAME_H

#include "proto/bytes.h"

#define PARTY_MAX_BYTES    ((size_t)3)  /* with the NUL: ISO 3166-1 alpha-2 */
#define DOMAIN_MAX_BYTES   ((size_t)96) /* with the NUL */
#define ENDPOINT_MAX_BYTES ((size_t)256)

/* Two capital letters. */
bool name_is_party(struct text text);

/* A lower-case DNS name (RFC 1123, section 2.1) below DOMAIN_MAX_BYTES. */
bool name_is_domain(struct text text);

/* SCHEME://HOST:PORT with a lower-case DNS name, an IPv4 address, or an IPv6 address in brackets;
 * `scheme` is "tcp" or "https", and an https endpoint may leave the port out. */
bool name_is_endpoint(struct text text, const char *scheme);

#endif
