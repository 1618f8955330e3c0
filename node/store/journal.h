/* The journal: everything that happens to a node, in the order in which it was committed. Files of
 * records with checksums, written a batch at a time, each batch ended by a commit record and one
 * fdatasync. Knows nothing of what the records mean, nor of the views.
 *
 * A position is a byte offset in the whole journal: segment files lie end to end, and each is named
 * by the position where it starts. Layout: node/README.md.
 * The writer task appends; readers, one per thread, read what is committed. */
#ifndef COMESH_NODE_STORE_JOURNAL_H
#define COMESH_NODE_STORE_JOURNAL_H

#include "node/core/world.h"
#include "node/store/disk.h"
#include "proto/bytes.h"

#define JOURNAL_ID_BYTES          16
#define JOURNAL_RECORD_BYTES      24 /* head of a record; its body follows */
#define JOURNAL_BODY_MAX_BYTES    ((size_t)1 << 20)
#define JOURNAL_SEGMENT_MIN_BYTES ((uint64_t)64 << 10)

/* Kinds of records. The meaning and bodies of all but the commit: node/store/body.h. */
enum journal_kind {
    JOURNAL_CHANNEL = 1,
    JOURNAL_ENTRY = 2,
    JOURNAL_RECEIPT = 3,
    JOURNAL_TAKEN = 4,
    JOURNAL_HOLD = 5,
    JOURNAL_RELEASE = 6,
    JOURNAL_COMMIT = 7,
};

struct journal;
struct journal_reader;

struct journal_id {
    uint8_t bytes[JOURNAL_ID_BYTES]; /* random, made with the first segment */
};

/* The end of a committed batch; {0, 0} is the beginning of the journal. */
struct journal_place {
    uint64_t position;
    uint64_t sequence; /* commits up to here */
};

struct journal_record {
    uint64_t position;
    uint32_t size; /* whole, in the file: head, body and what aligns it */
    enum journal_kind kind;
    struct bytes body;
};

struct journal_options {
    const char *path; /* the folder, made when missing */
    uint64_t segment_bytes;
    bool read_only;      /* look only: no segment is made, no tail cut */
    bool must_exist;     /* an empty folder is RESULT_CORRUPT: the views know of a journal */
    uint64_t read_until; /* read_only: a replay ends at this commit, 0 at the end of the journal */
    const struct disk *disk;
    const struct world *world;
};

/* Reads the heads of all segments. RESULT_CORRUPT when one is missing or damaged. Then
 * journal_replay must come. An empty folder gets its first segment, unless it is read_only
 * (RESULT_NOT_FOUND) or must exist. */
enum result journal_open(const struct journal_options *options, struct journal **journal,
                         struct error *error) RESULT_CHECKED;
void journal_close(struct journal **journal);

/* Called for each record of a whole batch in order, its commit last. */
typedef enum result journal_visit(void *self, const struct journal_record *record,
                                  struct error *error);

/* Visits all records after `from`, which must be the end of a commit, and makes the journal ready
 * to append. A batch that was being written when the power went is cut off; any other damage is
 * RESULT_CORRUPT and names segment and offset. */
enum result journal_replay(struct journal *journal, struct journal_place from, journal_visit *visit,
                           void *self, struct error *error) RESULT_CHECKED;

const struct journal_id *journal_id(const struct journal *journal);

/* The end of the last commit. */
struct journal_place journal_end(const struct journal *journal);

/* ---- appending: one thread ---- */

/* Begins a batch, in a new segment when the last one is full. */
enum result journal_begin(struct journal *journal, struct error *error) RESULT_CHECKED;

/* Begins a record. Its body is what the caller appends to the buffer it gets, up to journal_end_…;
 * nothing is written yet. */
struct buffer *journal_record_begin(struct journal *journal);
enum result journal_record_end(struct journal *journal, enum journal_kind kind,
                               struct journal_record *record, struct error *error) RESULT_CHECKED;

/* Writes the batch with its commit record; journal_commit must follow. On failure nothing of the
 * batch counts and the next one may succeed. Readers can read it from here on. */
enum result journal_write(struct journal *journal, struct error *error) RESULT_CHECKED;

/* Syncs the batch, which is written first when it was not. After a failed sync no more commits are
 * taken, for the system may have dropped what it could not write: RESULT_IO until the next start.
 */
enum result journal_commit(struct journal *journal, struct error *error) RESULT_CHECKED;
void journal_rollback(struct journal *journal);

/* Writes zeros over the next stretch of the segment, between batches: what was written before syncs
 * in two thirds of the time. Nothing when it was done already. */
void journal_prepare(struct journal *journal);

/* A record of the open batch, borrowed until the next record; false for one on disk. */
bool journal_pending(const struct journal *journal, uint64_t position, struct bytes *bytes);

/* ---- reading: a reader per thread ---- */

enum result journal_reader_open(struct journal *journal, struct journal_reader **reader,
                                struct error *error) RESULT_CHECKED;
void journal_reader_close(struct journal_reader **reader);

/* Reads exactly `size` bytes at a position; they must lie in one segment: see
 * journal_same_segment. */
enum result journal_read(struct journal_reader *reader, uint64_t position, size_t size,
                         uint8_t *out, struct error *error) RESULT_CHECKED;
bool journal_same_segment(struct journal_reader *reader, uint64_t position, uint64_t other);

/* Reads a record's head and body out of bytes that begin at it, and verifies its checksum.
 * RESULT_CORRUPT names the position. */
enum result journal_record_parse(struct bytes bytes, uint64_t position,
                                 struct journal_record *record, struct error *error) RESULT_CHECKED;

#endif
