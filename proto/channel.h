/* What a channel is called. Its origin line is the sender's endpoint name, the receiver and the
 * epoch: "prod.coconnect.customs.go.kr/ID/1". Any thread. */
#ifndef COMESH_PROTO_CHANNEL_H
#define COMESH_PROTO_CHANNEL_H

#include "proto/name.h"

#define ORIGIN_MAX_BYTES ((size_t)160) /* with the NUL */

struct channel_name {
    struct text environment;
    struct text domain;   /* of the sender */
    struct text receiver; /* party code */
    uint32_t epoch;       /* from 1 */
};

/* Writes the origin line and a NUL; RESULT_INVALID names the part that is not well formed. */
enum result channel_origin(const struct channel_name *name, char out[ORIGIN_MAX_BYTES],
                           struct error *error) RESULT_CHECKED;

/* Reads an origin line, strictly; the texts borrow from it. */
enum result channel_parse(struct text origin, struct channel_name *name,
                          struct error *error) RESULT_CHECKED;

/* A short name of the channel that stays when a store is lost and made anew, whose numbers may not:
 * the first 8 bytes of SHA-256 of the origin line as hexadecimal digits, with the NUL. */
#define CHANNEL_TAG_BYTES ((size_t)17)
void channel_tag(struct text origin, char out[CHANNEL_TAG_BYTES]);

#endif
