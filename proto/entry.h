/* One entry of a channel's log: who, what, when, and the digest of the payload that travels beside
 * it. Its packed bytes are what the leaf hash is over. Field order and limits: proto/README.md.
 * Any thread. */
#ifndef COMESH_PROTO_ENTRY_H
#define COMESH_PROTO_ENTRY_H

#include "proto/channel.h"
#include "proto/merkle.h"
#include "proto/message_id.h"
#include "proto/operation.h"

#define ENTRY_VERSION       1
#define ENTRY_MAX_BYTES     ((size_t)640)
#define ENTRY_SALT_BYTES    32
#define AGREEMENT_MAX_BYTES ((size_t)35)

/* A document in its packed form is at most this long, so that it fits one frame with its entry. */
#define PAYLOAD_MAX_BYTES ((size_t)224 << 10)

/* The last time that is told: the end of the year 9999, milliseconds since 1970-01-01. */
#define TIME_MAX_MS ((uint64_t)253402300799999)

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

#endif
