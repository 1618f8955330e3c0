/* The bytes of the journal: the head of a segment, the head of a record, the body of a commit, all
 * little-endian, with XXH3-64 checksums. Private to the journal. Layout: node/README.md. */
#ifndef COMESH_NODE_STORE_SEGMENT_H
#define COMESH_NODE_STORE_SEGMENT_H

#include "node/store/journal.h"

#include <endian.h>
#include <stdio.h>

#define SEGMENT_VERSION    1
#define SEGMENT_HEAD_BYTES 64
#define SEGMENT_NAME_BYTES 21 /* sixteen digits, ".seg", NUL */
#define SEGMENT_PATH_BYTES 1280
#define SEGMENT_NO_START   UINT64_MAX
#define COMMIT_BODY_BYTES  24
#define COMMIT_BYTES       (JOURNAL_RECORD_BYTES + COMMIT_BODY_BYTES)

struct segment {
    struct journal_id id;
    uint64_t start;    /* position of its first byte */
    uint64_t previous; /* start of the segment before it; SEGMENT_NO_START for the first */
    uint64_t sequence; /* commits before it */
};

/* A batch as its commit record tells it. */
struct commit {
    uint64_t sequence;
    uint64_t begin; /* position of its first record */
    uint64_t count; /* records without the commit itself */
};

static inline void put_u32(uint8_t *out, uint32_t value)
{
    value = htole32(value);
    memcpy(out, &value, sizeof value);
}

static inline void put_u64(uint8_t *out, uint64_t value)
{
    value = htole64(value);
    memcpy(out, &value, sizeof value);
}

static inline uint32_t get_u32(const uint8_t *in)
{
    uint32_t value;
    memcpy(&value, in, sizeof value);
    return le32toh(value);
}

static inline uint64_t get_u64(const uint8_t *in)
{
    uint64_t value;
    memcpy(&value, in, sizeof value);
    return le64toh(value);
}

void segment_pack(const struct segment *segment, uint8_t out[SEGMENT_HEAD_BYTES]);

/* RESULT_CORRUPT with a clause that says what is wrong. */
enum result segment_unpack(const uint8_t head[SEGMENT_HEAD_BYTES], struct segment *segment,
                           struct error *error) RESULT_CHECKED;

/* "FOLDER/NNNNNNNNNNNNNNNN.seg", the start in hexadecimal. */
void segment_path(const char *folder, uint64_t start, char out[SEGMENT_PATH_BYTES]);

/* The start that a file's name tells; false for a name of another form. */
bool segment_name_parse(const char *name, uint64_t *start);

/* Size in the file of a record with such a body. */
size_t record_size(size_t body_size);

/* Fills in the head of a record: `record` is the whole of it, head, body and what aligns it. The
 * checksum is over everything behind itself. */
void record_seal(uint8_t *record, size_t body_size, enum journal_kind kind, uint64_t position);

void commit_pack(const struct commit *commit, uint8_t out[COMMIT_BODY_BYTES]);
bool commit_unpack(const struct journal_record *record, struct commit *commit);

#endif
