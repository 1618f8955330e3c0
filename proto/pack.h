/* The dataset in canonical msgpack: what is hashed, stored and sent. A group is a map with tags as
 * keys, a value with an attribute [value, attribute], an array wherever several may stand, an
 * integer uint, an indicator bool, all else str. One record has one byte string.
 * Any thread. Form: proto/README.md. */
#ifndef COMESH_PROTO_PACK_H
#define COMESH_PROTO_PACK_H

#include "proto/finding.h"
#include "proto/record.h"

/* Appends a checked record. RESULT_TOO_LARGE above PAYLOAD_MAX_BYTES, and then, as on no memory,
 * nothing is appended. */
enum result pack_write(const struct record *record, struct buffer *out,
                       struct error *error) RESULT_CHECKED;

/* Reads packed bytes, strictly: only the canonical form passes. The record is in `arena`, its texts
 * borrow from `packed`. Findings and results as in json_read. */
enum result pack_read(struct bytes packed, enum operation operation, struct arena *arena,
                      struct findings *findings, struct record **record,
                      struct error *error) RESULT_CHECKED;

#endif
