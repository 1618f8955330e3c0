/* Walking one segment of the journal. See journal_scan.h. */
#include "node/store/journal_scan.h"

#include <errno.h>
#include <fcntl.h>

/* A commit that differs from the one that must stand there in no more than these was written. */
#define FLIPPED_BITS_MAX 8

enum result scan_open(struct scan *scan, struct journal *journal, const struct segment *segment,
                      struct error *error)
{
    scan->journal = journal;
    scan->segment = segment;
    scan->filled = 0;
    segment_path(journal->path, segment->start, scan->path);
    scan->fd = journal->disk->open(journal->disk->self, scan->path,
                                   journal->read_only ? O_RDONLY : O_RDWR, 0);
    if (scan->fd < 0) {
        return error_system(error, errno, "cannot open the journal segment %s", scan->path);
    }
    return RESULT_OK;
}

void scan_close(struct scan *scan)
{
    if (scan->fd >= 0) {
        (void)scan->journal->disk->close(scan->journal->disk->self, scan->fd);
    }
    scan->fd = -1;
}

enum result scan_bytes(struct scan *scan, uint64_t position, size_t size, struct bytes *bytes,
                       struct error *error)
{
    uint64_t offset = position - scan->segment->start;
    bool inside = offset >= scan->window_at && offset - scan->window_at <= scan->filled &&
                  scan->filled - (offset - scan->window_at) >= size;
    if (!inside) {
        enum result result = disk_read(scan->journal->disk, scan->fd, scan->window,
                                       SCAN_WINDOW_BYTES, offset, &scan->filled, scan->path, error);
        if (result != RESULT_OK) {
            scan->filled = 0;
            return result;
        }
        scan->window_at = offset;
    }
    size_t at = (size_t)(offset - scan->window_at);
    *bytes = (struct bytes){scan->window + at, scan->filled - at};
    return RESULT_OK;
}

enum result scan_record(struct scan *scan, uint64_t position, struct journal_record *record,
                        enum found *found, struct error *problem, struct error *error)
{
    struct bytes bytes;
    enum result result = scan_bytes(scan, position, JOURNAL_RECORD_BYTES, &bytes, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (all_zero(bytes.data,
                 bytes.size < JOURNAL_RECORD_BYTES ? bytes.size : JOURNAL_RECORD_BYTES)) {
        *found = FOUND_END;
        return RESULT_OK;
    }
    size_t length = bytes.size < JOURNAL_RECORD_BYTES ? 0 : get_u32(bytes.data + 8);
    if (length <= JOURNAL_BODY_MAX_BYTES) {
        result = scan_bytes(scan, position, record_size(length), &bytes, error);
    }
    if (result == RESULT_OK) {
        *found = journal_record_parse(bytes, position, record, problem) == RESULT_OK ? FOUND_RECORD
                                                                                     : FOUND_DAMAGE;
    }
    return result;
}

/* Whether the commit that must end a batch lies at `position` with a few bits changed. When all
 * that differs is zeros at its end, it was cut off there instead. */
static enum result is_almost_commit(struct scan *scan, uint64_t position,
                                    const struct commit *commit, bool *almost, struct error *error)
{
    uint8_t wanted[COMMIT_BYTES] = {0};
    struct bytes bytes;
    commit_pack(commit, wanted + JOURNAL_RECORD_BYTES);
    record_seal(wanted, COMMIT_BODY_BYTES, JOURNAL_COMMIT, position);
    enum result result = scan_bytes(scan, position, sizeof wanted, &bytes, error);
    if (result != RESULT_OK) {
        return result;
    }
    int bits = 0;
    uint8_t differing = 0; /* what is there from the first difference on */
    for (size_t i = 0; i < sizeof wanted; i++) {
        uint8_t there = i < bytes.size ? bytes.data[i] : 0;
        bits += __builtin_popcount((unsigned)(wanted[i] ^ there));
        differing |= bits > 0 ? there : 0;
    }
    *almost = bits <= FLIPPED_BITS_MAX && differing != 0;
    return RESULT_OK;
}

enum result scan_batch(struct scan *scan, struct journal_place from, struct batch *batch,
                       struct error *error)
{
    uint64_t position = from.position;
    batch->almost_commit = false;
    for (uint64_t count = 0;; count++) {
        struct journal_record record = {0};
        struct commit commit;
        enum result result =
            scan_record(scan, position, &record, &batch->found, &batch->problem, error);
        if (result != RESULT_OK) {
            return result;
        }
        batch->damage = position;
        if (batch->found == FOUND_END && count > 0) {
            batch->found = FOUND_DAMAGE;
            (void)error_set(&batch->problem, RESULT_CORRUPT, "the batch ends without its commit");
        }
        if (batch->found != FOUND_RECORD) {
            commit = (struct commit){from.sequence + 1, from.position, count};
            return is_almost_commit(scan, position, &commit, &batch->almost_commit, error);
        }
        position += record.size;
        if (record.kind != JOURNAL_COMMIT) {
            continue;
        }
        batch->end = position;
        if (!commit_unpack(&record, &commit) || commit.sequence != from.sequence + 1 ||
            commit.begin != from.position || commit.count != count) {
            batch->found = FOUND_DAMAGE;
            (void)error_set(&batch->problem, RESULT_CORRUPT, "its commit is not of this batch");
        }
        return RESULT_OK;
    }
}
