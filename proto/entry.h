/* One entry of a channel's log: who, what, when, and the digest of the payload that travels beside
 * it. Its packed bytes are what the leaf hash is over. Field order and limits: proto/README.md.
 * Any thread. */
#ifndef COMESH_PROTO_ENTRY_H
#define COMESH_PROTO_ENTRY_H

#include "proto/merkle.h"
#include "proto/message.h"

#define ENTRY_VERSION       1
#define ENTRY_MAX_BYTES     ((size_t)640)
#define ENTRY_SALT_BYTES    32
#define ORIGIN_MAX_BYTES    ((size_t)160)
#define AGREEMENT_MAX_BYTES ((size_t)35)

/* Texts borrow: from the caller when packing, from the packed bytes when unpacking. */
struct entry {
    struct text origin; /* of the channel: prod.coconnect.customs.go.kr/ID/1 */
    uint64_t index;
    enum operation operation;
    struct message_id id;
    bool has_reply_to;
    struct message_id reply_to;
    struct text agreement;
    uint32_t menu_version;
    uint64_t time_ms; /* of signing, UTC, milliseconds since 1970-01-01 */
    uint32_t payload_size;
    struct merkle_hash payload_hash;
    uint8_t salt[ENTRY_SALT_BYTES];
};

void entry_pack(const struct entry *entry, struct buffer *out);

/* RESULT_INVALID with the field that is wrong; RESULT_UNSUPPORTED for another version. */
enum result entry_unpack(struct bytes packed, struct entry *entry,
                         struct error *error) RESULT_CHECKED;

/* A channel: (environment, sender's domain, receiver, epoch). */
struct channel_name {
    struct text environment;
    struct text domain;   /* of the sender */
    struct text receiver; /* party code */
    uint32_t epoch;
};

/* Writes the origin line and a NUL; RESULT_TOO_LARGE when it would not fit. */
enum result channel_origin(const struct channel_name *name, char out[ORIGIN_MAX_BYTES],
                           struct error *error) RESULT_CHECKED;

/* Reads an origin line, strictly; the texts borrow from it. */
enum result channel_parse(struct text origin, struct channel_name *name,
                          struct error *error) RESULT_CHECKED;

#endif
