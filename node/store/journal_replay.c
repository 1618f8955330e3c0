/* Replaying the journal: walks batch by batch to the end, tells a batch that the power cut off from
 * damage, and cuts it. See journal.h. */
#include "node/store/journal_private.h"

#include "node/core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#define WINDOW_BYTES (2 * (JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX_BYTES))
#define SECTOR_BYTES 512 /* a write that the power cut off leaves whole sectors as they were */

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
    uint64_t end;    /* position after its commit, when whole */
    uint64_t damage; /* position that is damaged */
    struct error problem;
};

static enum result scan_open(struct scan *scan, struct journal *journal,
                             const struct segment *segment, struct error *error)
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

static void scan_close(struct scan *scan)
{
    if (scan->fd >= 0) {
        (void)scan->journal->disk->close(scan->journal->disk->self, scan->fd);
    }
    scan->fd = -1;
}

/* The bytes at `position`: at least `size` of them, or fewer at the end of the file. */
static enum result scan_bytes(struct scan *scan, uint64_t position, size_t size,
                              struct bytes *bytes, struct error *error)
{
    uint64_t offset = position - scan->segment->start;
    bool inside = offset >= scan->window_at && offset - scan->window_at <= scan->filled &&
                  scan->filled - (offset - scan->window_at) >= size;
    if (!inside) {
        enum result result = disk_read(scan->journal->disk, scan->fd, scan->window, WINDOW_BYTES,
                                       offset, &scan->filled, scan->path, error);
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

static bool all_zero(const uint8_t *data, size_t size)
{
    return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

static enum result scan_record(struct scan *scan, uint64_t position, struct journal_record *record,
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

/* Looks whether a whole batch with the next sequence number begins at `from`. */
static enum result scan_batch(struct scan *scan, struct journal_place from, struct batch *batch,
                              struct error *error)
{
    uint64_t position = from.position;
    for (uint64_t count = 0;; count++) {
        struct journal_record record;
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
            return RESULT_OK;
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

static enum result visit_batch(struct scan *scan, uint64_t begin, uint64_t end,
                               journal_visit *visit, void *self, struct error *error)
{
    for (uint64_t position = begin; position < end;) {
        struct journal_record record;
        enum found found = FOUND_END;
        struct error problem;
        enum result result = scan_record(scan, position, &record, &found, &problem, error);
        if (result == RESULT_OK && found != FOUND_RECORD) {
            result = error_set(error, RESULT_CORRUPT, "%s changed while it was read", scan->path);
        }
        if (result == RESULT_OK) {
            result = visit(self, &record, error);
        }
        if (result != RESULT_OK) {
            return result;
        }
        position += record.size;
    }
    return RESULT_OK;
}

/* What the bytes from `position` to the end of the file hold. */
struct remains {
    bool any;          /* something that is not zero */
    bool commit_found; /* a whole commit with a sequence above the last one */
    uint64_t commit_at;
    struct commit commit; /* the last such */
};

/* Cheap look at eight bytes' alignment: only what may be a commit is checksummed. */
static bool commit_at(const uint8_t *data, size_t size, uint64_t position, uint64_t above,
                      struct commit *commit)
{
    struct journal_record record;
    struct error ignored;
    return size >= COMMIT_BYTES && get_u32(data + 8) == COMMIT_BODY_BYTES &&
           get_u32(data + 12) == JOURNAL_COMMIT &&
           journal_record_parse((struct bytes){data, size}, position, &record, &ignored) ==
               RESULT_OK &&
           commit_unpack(&record, commit) && commit->sequence > above;
}

static enum result scan_remains(struct scan *scan, struct journal_place from,
                                struct remains *remains, struct error *error)
{
    uint64_t position = from.position;
    *remains = (struct remains){0};
    for (;;) {
        struct bytes bytes;
        struct commit commit;
        enum result result = scan_bytes(scan, position, SECTOR_BYTES + COMMIT_BYTES, &bytes, error);
        if (result != RESULT_OK || bytes.size == 0) {
            return result;
        }
        size_t step = bytes.size < SECTOR_BYTES ? bytes.size : SECTOR_BYTES;
        if (!all_zero(bytes.data, step)) {
            remains->any = true;
            for (size_t at = 0; at < step; at += 8) {
                if (commit_at(bytes.data + at, bytes.size - at, position + at, from.sequence,
                              &commit)) {
                    remains->commit_found = true;
                    remains->commit_at = position + at;
                    remains->commit = commit;
                }
            }
        }
        position += step;
    }
}

/* True when a sector between two positions was never written. */
static enum result has_hole(struct scan *scan, uint64_t begin, uint64_t end, bool *hole,
                            struct error *error)
{
    uint64_t offset =
        (begin - scan->segment->start + SECTOR_BYTES - 1) & ~(uint64_t)(SECTOR_BYTES - 1);
    *hole = false;
    for (uint64_t at = scan->segment->start + offset; at + SECTOR_BYTES <= end && !*hole;
         at += SECTOR_BYTES) {
        struct bytes bytes;
        enum result result = scan_bytes(scan, at, SECTOR_BYTES, &bytes, error);
        if (result != RESULT_OK) {
            return result;
        }
        *hole = bytes.size < SECTOR_BYTES || all_zero(bytes.data, SECTOR_BYTES);
    }
    return RESULT_OK;
}

static enum result damaged(const struct scan *scan, const struct batch *batch, const char *why,
                           struct error *error)
{
    return error_set(error, RESULT_CORRUPT,
                     "journal segment %s is damaged at offset %" PRIu64
                     " (%s), and %s; restore the segment from a backup; nothing was changed",
                     scan->path, batch->damage - scan->segment->start,
                     batch->found == FOUND_END ? "nothing is there" : batch->problem.message, why);
}

/* The last segment ends here in whatever way: its tail is clean, torn and cut, or damaged. A batch
 * is synced before the next is written, so a commit after the next one proves that the bytes before
 * it were whole once. Of the next one alone, a write that the power cut off leaves a hole. */
static enum result end_segment(struct scan *scan, struct journal_place end,
                               const struct batch *batch, struct error *error)
{
    struct remains remains;
    bool hole = false;
    enum result result = scan_remains(scan, end, &remains, error);
    if (result == RESULT_OK && remains.commit_found &&
        remains.commit.sequence == end.sequence + 1) {
        result = has_hole(scan, end.position, remains.commit_at, &hole, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    if (remains.commit_found && !hole) {
        return damaged(scan, batch, "a commit behind it is whole, so this is no torn tail", error);
    }
    if (!remains.any || scan->journal->read_only) {
        return RESULT_OK;
    }
    log_event(LOG_LEVEL_WARNING, "store", "torn tail cut",
              "segment=%016" PRIx64 " offset=%" PRIu64 " commits=%" PRIu64, scan->segment->start,
              end.position - scan->segment->start, end.sequence);
    return journal_cut(scan->journal, scan->fd, end.position, error);
}

/* Walks one segment; `place` goes to its end. */
static enum result replay_segment(struct scan *scan, struct journal_place *place,
                                  const struct segment *next, journal_visit *visit, void *self,
                                  struct error *error)
{
    uint64_t until = scan->journal->read_until;
    struct batch batch;
    for (;;) {
        if (until != 0 && place->position >= until) {
            return RESULT_OK;
        }
        enum result result = scan_batch(scan, *place, &batch, error);
        if (result != RESULT_OK) {
            return result;
        }
        if (batch.found != FOUND_RECORD) {
            break;
        }
        result = visit_batch(scan, place->position, batch.end, visit, self, error);
        if (result != RESULT_OK) {
            return result;
        }
        *place = (struct journal_place){batch.end, place->sequence + 1};
    }
    if (next == NULL) {
        return end_segment(scan, *place, &batch, error);
    }
    if (batch.found != FOUND_END || place->position != next->start ||
        place->sequence != next->sequence) {
        return damaged(scan, &batch, "another segment follows it", error);
    }
    return RESULT_OK;
}

/* The segment in which the batch after `from` begins; checks that a commit ends there. */
static enum result find_start(struct scan *scan, struct journal_place *from, size_t *at,
                              struct error *error)
{
    struct journal *journal = scan->journal;
    *at = journal->segment_count - 1;
    while (*at > 0 && journal->segments[*at].start > from->position) {
        (*at)--;
    }
    const struct segment *segment = &journal->segments[*at];
    bool known = from->sequence == segment->sequence;
    if (from->position > segment->start + SEGMENT_HEAD_BYTES) {
        struct bytes bytes;
        struct commit commit = {0};
        enum result result = scan_open(scan, journal, segment, error);
        if (result == RESULT_OK) {
            result = scan_bytes(scan, from->position - COMMIT_BYTES, COMMIT_BYTES, &bytes, error);
        }
        if (result != RESULT_OK) {
            return result;
        }
        known = commit_at(bytes.data, bytes.size, from->position - COMMIT_BYTES, 0, &commit) &&
                commit.sequence == from->sequence;
        scan_close(scan);
    } else {
        from->position = segment->start + SEGMENT_HEAD_BYTES;
    }
    if (!known) {
        return error_set(error, RESULT_CORRUPT,
                         "journal segment %016" PRIx64 ".seg in %s is damaged at offset %" PRIu64
                         ": the views have applied commit %" PRIu64
                         ", and it does not end there; restore the journal from a backup, or, if "
                         "it was restored and the views were not, remove the views",
                         segment->start, journal->path, from->position - segment->start,
                         from->sequence);
    }
    return RESULT_OK;
}

/* The last segment stays open for appending. */
static void keep_last(struct journal *journal, struct scan *scan, struct journal_place end)
{
    if (journal->fd >= 0) {
        (void)journal->disk->close(journal->disk->self, journal->fd);
    }
    journal->fd = scan->fd;
    journal->end = end;
    scan->fd = -1;
}

enum result journal_replay(struct journal *journal, struct journal_place from, journal_visit *visit,
                           void *self, struct error *error)
{
    struct scan scan = {.journal = journal, .fd = -1, .window = malloc(WINDOW_BYTES)};
    if (scan.window == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to read the journal");
    }
    size_t at = 0;
    enum result result = find_start(&scan, &from, &at, error);
    for (; at < journal->segment_count && result == RESULT_OK; at++) {
        if (journal->read_until != 0 && from.position >= journal->read_until) {
            break;
        }
        bool last = at + 1 == journal->segment_count;
        const struct segment *segment = &journal->segments[at];
        if (from.position <= segment->start) {
            from.position = segment->start + SEGMENT_HEAD_BYTES;
        }
        scan_close(&scan);
        result = scan_open(&scan, journal, segment, error);
        if (result == RESULT_OK) {
            result = replay_segment(&scan, &from, last ? NULL : segment + 1, visit, self, error);
        }
    }
    if (result == RESULT_OK) {
        keep_last(journal, &scan, from);
    }
    scan_close(&scan);
    free(scan.window);
    return result;
}
