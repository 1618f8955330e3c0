/* Entity tags (RFC 9110, section 8.8.3): what is answered, in 128 bits. They are made for every
 * answer, so not by SHA-256, and yet nobody must find two answers of one tag: a partner who could
 * would keep a change of its certificate from whoever asks with If-None-Match. So they are made
 * with a secret of the process, as which they come anew with each start. Must not know HTTP. */
#ifndef COMESH_NODE_BRIDGE_TAG_H
#define COMESH_NODE_BRIDGE_TAG_H

#include "node/core/world.h"
#include "proto/bytes.h"

#define TAG_SECRET_BYTES 192
#define TAG_BYTES        35 /* 32 hexadecimal digits in quotes, with a NUL */

struct tag_secret {
    uint8_t bytes[TAG_SECRET_BYTES];
};

void tag_secret_make(const struct world *world, struct tag_secret *secret);

/* The tag of a content, as it stands in a header. */
void tag_write(const struct tag_secret *secret, struct bytes content, char out[TAG_BYTES]);

#endif
