/* What a server told about itself in an answer, as one sentence for a person: the title and detail
 * of an RFC 9457 problem with its first findings, or the beginning of whatever else came. Hostile
 * bytes are made harmless. Any thread. */
#ifndef COMESH_NODE_BRIDGE_TOLD_H
#define COMESH_NODE_BRIDGE_TOLD_H

#include "proto/bytes.h"

/* Appends the sentence, printable UTF-8 on one line; nothing for an empty answer. */
void told_append(struct text body, struct buffer *out);

#endif
