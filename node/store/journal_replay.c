/* Replaying the journal: walks batch by batch to the end, tells a batch that the power cut off from
 * damage, and cuts it. See journal.h. */
#include "node/core/log.h"
#include "node/store/journal_scan.h"

#include <inttypes.h>
#include <stdlib.h>

#define SECTOR_BYTES 512 /* a write that the power cut off leaves whole sectors as they were */

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

/* True when a sector's part between two positions was never written: it is still zeros, which no
 * record leaves at the start, within, or at the end of a batch. */
static enum result has_hole(struct scan *scan, uint64_t begin, uint64_t end, bool *hole,
                            struct error *error)
{
    *hole = false;
    while (begin < end && !*hole) {
        struct bytes bytes;
        size_t size = SECTOR_BYTES - (size_t)((begin - scan->segment->start) % SECTOR_BYTES);
        if (size > end - begin) {
            size = (size_t)(end - begin);
        }
        enum result result = scan_bytes(scan, begin, size, &bytes, error);
        if (result != RESULT_OK) {
            return result;
        }
        *hole = bytes.size < size || all_zero(bytes.data, size);
        begin += size;
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

/* Whether the batch at the end is one that was written and not synced when the power went. A batch
 * is synced before the next is written, so a commit behind the next one proves that the bytes here
 * were whole once. The next batch itself was cut off when a part of it is still zeros, or when its
 * commit is not there; otherwise it was whole, and something was changed in it. */
static enum result was_torn(struct scan *scan, struct journal_place end, const struct batch *batch,
                            const struct remains *remains, bool *torn, struct error *error)
{
    uint64_t commit_at = remains->commit_found ? remains->commit_at : batch->damage;
    bool written = remains->commit_found || batch->almost_commit;
    *torn = !written;
    if (!written || (remains->commit_found && remains->commit.sequence != end.sequence + 1)) {
        return RESULT_OK;
    }
    return has_hole(scan, end.position, commit_at + COMMIT_BYTES, torn, error);
}

/* The last segment ends here in whatever way: clean, torn and then cut, or damaged. */
static enum result end_segment(struct scan *scan, struct journal_place end,
                               const struct batch *batch, struct error *error)
{
    struct remains remains;
    bool torn = false;
    enum result result = scan_remains(scan, end, &remains, error);
    if (result == RESULT_OK) {
        result = was_torn(scan, end, batch, &remains, &torn, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    if (!torn) {
        return damaged(scan, batch, "what follows was written and synced, so it is no torn tail",
                       error);
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
    struct scan scan = {.journal = journal, .fd = -1, .window = malloc(SCAN_WINDOW_BYTES)};
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
