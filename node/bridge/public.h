/* The public listener: what partners without a node post to, at https://{environment}.coconnect.
 * {domain}/{operation}. TLS with client certificates that a person admitted by their key
 * (`comesh rest add`). One task. */
#ifndef COMESH_NODE_BRIDGE_PUBLIC_H
#define COMESH_NODE_BRIDGE_PUBLIC_H

#include "node/bridge/http_certificate.h"
#include "node/flow/flow.h"

struct public;

/* Starts it as the configuration says; gives NULL when it is not configured. */
enum result public_start(struct flow *flow, struct public **public,
                         struct error *error) RESULT_CHECKED;

/* Reads the certificate and key that the configuration names; gives NULL when the listener is not
 * configured. RESULT_DENIED when others can read the key. Any thread. */
enum result public_certificate(const struct config *config, struct http_certificate **certificate,
                               struct error *error) RESULT_CHECKED;

/* Shows another certificate from now on, and takes it over. NULL of either is harmless. Any thread.
 */
void public_show(struct public *public, struct http_certificate **certificate);

void public_stop(struct public **public);

#endif
