/* Walking one segment of the journal: what lies at a position, and whether a whole batch does.
 * Private to journal_replay.c. */
#ifndef COMESH_NODE_STORE_JOURNAL_SCAN_H
#define COMESH_NODE_STORE_JOURNAL_SCAN_H

#include "node/store/journal_private.h"

#define SCAN_WINDOW_BYTES (2 * (JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX_BYTES))

/* One segment file, read through a window that slides. */
struct scan {
    struct journal *journal;
    const struct segment *segment;
    char path[SEGMENT_PATH_BYTES];
    int fd;
    uint8_t *window;
    uint64_t window_at; /* offset in the file */
    size_t filled;
};

/* What lies at a position. */
enum found { FOUND_RECORD, FOUND_END, FOUND_DAMAGE };

/* A batch as the scan found it: FOUND_RECORD is a whole one. */
struct batch {
    enum found found;
    uint64_t end;       /* position after its commit, when whole */
    uint64_t damage;    /* position that is damaged */
    bool almost_commit; /* there lies its commit but for a few bits */
    struct error problem;
};

/* Opens the file of a segment; `window` is the caller's, SCAN_WINDOW_BYTES long. */
enum result scan_open(struct scan *scan, struct journal *journal, const struct segment *segment,
                      struct error *error) RESULT_CHECKED;
void scan_close(struct scan *scan);

/* The bytes at `position`: at least `size` of them, or fewer at the end of the file. Borrowed until
 * the next call. */
enum result scan_bytes(struct scan *scan, uint64_t position, size_t size, struct bytes *bytes,
                       struct error *error) RESULT_CHECKED;

/* The record at `position`; of FOUND_DAMAGE `problem` says what it is. */
enum result scan_record(struct scan *scan, uint64_t position, struct journal_record *record,
                        enum found *found, struct error *problem,
                        struct error *error) RESULT_CHECKED;

/* Looks whether a whole batch with the next sequence number begins at `from`. */
enum result scan_batch(struct scan *scan, struct journal_place from, struct batch *batch,
                       struct error *error) RESULT_CHECKED;

static inline bool all_zero(const uint8_t *data, size_t size)
{
    return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

#endif
