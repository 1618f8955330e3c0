/* The key that signs webhooks: Ed25519, of its own, as Standard Webhooks has it (v1a). It proves to
 * the own systems who called them and nothing to partners, so it stands on no card and lies on disk
 * as a TLS key does: mode 0600, without a passphrase. Form: keys/README.md. Any thread. */
#ifndef COMESH_KEYS_WEBHOOK_KEY_H
#define COMESH_KEYS_WEBHOOK_KEY_H

#include "keys/keypair.h"

struct webhook_key; /* owns its secret in locked memory, wiped at the end */

/* Reads the key at `path`; makes it, from fresh randomness, when there is none. RESULT_DENIED for a
 * file that others can read. */
enum result webhook_key_open(const char *path, struct webhook_key **key,
                             struct error *error) RESULT_CHECKED;
void webhook_key_destroy(struct webhook_key **key);

/* "whpk_" and base64 of the public key, with a NUL: what the receiver is given. */
#define WEBHOOK_PUBLIC_BYTES 64
void webhook_key_public(const struct webhook_key *key, char out[WEBHOOK_PUBLIC_BYTES]);

/* Appends "v1a," and base64 of the signature over `content`. */
void webhook_key_sign(const struct webhook_key *key, struct bytes content, struct buffer *out);

#endif
