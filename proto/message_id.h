/* The identity of a message: 16 random bytes that a person reads as a UUID.
 * Knows nothing of what the message says. Any thread. */
#ifndef COMESH_PROTO_MESSAGE_ID_H
#define COMESH_PROTO_MESSAGE_ID_H

#include "proto/bytes.h"

#define MESSAGE_ID_BYTES 16
#define UUID_TEXT_BYTES  37 /* with the NUL */

struct message_id {
    uint8_t bytes[MESSAGE_ID_BYTES];
};

/* "f81d4fae-7dec-41d0-a765-00a0c91e6bf6" both ways (RFC 9562, lower case out, any case in). */
void message_id_format(const struct message_id *id, char out[UUID_TEXT_BYTES]);
bool message_id_parse(struct text text, struct message_id *id);

#endif
