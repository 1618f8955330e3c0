/* What a TLS listener shows: a certificate chain with its key. Made by any thread, then given to a
 * listener, which shows it to the connections that begin from then on; those that are open go on
 * with the one that they began with. */
#ifndef COMESH_NODE_BRIDGE_HTTP_CERTIFICATE_H
#define COMESH_NODE_BRIDGE_HTTP_CERTIFICATE_H

#include "proto/bytes.h"

struct http_certificate;

/* Of two PEM texts, which are copied. RESULT_INVALID when one of them is none, or they do not
 * belong together. */
enum result http_certificate_new(struct bytes chain, struct bytes key,
                                 struct http_certificate **certificate,
                                 struct error *error) RESULT_CHECKED;

/* Of one that no listener has. NULL is harmless. */
void http_certificate_destroy(struct http_certificate **certificate);

#endif
