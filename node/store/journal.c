/* Appending to the journal, and its segments. See journal.h; replay is in journal_replay.c, reading
 * in journal_read.c. */
#include "node/store/journal_private.h"

#include "proto/failpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SEGMENT_MODE  0640
#define PREPARE_BYTES ((size_t)1 << 20)

/* A batch's buffer that grew beyond this is given back after the commit. */
#define BATCH_KEEP_BYTES ((size_t)8 << 20)

const struct journal_id *journal_id(const struct journal *journal)
{
    return &journal->id;
}

struct journal_place journal_end(const struct journal *journal)
{
    return journal->end;
}

enum result journal_add_segment(struct journal *journal, const struct segment *segment,
                                struct error *error)
{
    enum result result = RESULT_OK;
    (void)pthread_mutex_lock(&journal->lock);
    if (journal->segment_count == journal->segment_capacity) {
        size_t capacity = journal->segment_capacity == 0 ? 16 : 2 * journal->segment_capacity;
        struct segment *grown = realloc(journal->segments, capacity * sizeof *grown);
        if (grown == NULL) {
            result =
                error_set(error, RESULT_NO_MEMORY, "no memory for %zu journal segments", capacity);
        } else {
            journal->segments = grown;
            journal->segment_capacity = capacity;
        }
    }
    if (result == RESULT_OK) {
        journal->segments[journal->segment_count++] = *segment;
    }
    (void)pthread_mutex_unlock(&journal->lock);
    return result;
}

/* Reserves the segment's room. A file system without that way of reserving goes on without. */
static enum result reserve(struct journal *journal, int fd, const char *path, struct error *error)
{
    if (journal->disk->fallocate(journal->disk->self, fd, (off_t)journal->segment_bytes) == 0 ||
        errno == EOPNOTSUPP) {
        return RESULT_OK;
    }
    return error_system(error, errno, "cannot reserve %" PRIu64 " bytes for the journal segment %s",
                        journal->segment_bytes, path);
}

/* Writes a whole new segment under a temporary name: a file with the right name has a head. */
static enum result write_segment(struct journal *journal, const struct segment *segment,
                                 const char *path, int *fd, struct error *error)
{
    const struct disk *disk = journal->disk;
    char temporary[SEGMENT_PATH_BYTES];
    uint8_t head[SEGMENT_HEAD_BYTES];
    (void)snprintf(temporary, sizeof temporary, "%s/new", journal->path);
    segment_pack(segment, head);
    *fd = disk->open(disk->self, temporary, O_RDWR | O_CREAT | O_TRUNC, SEGMENT_MODE);
    if (*fd < 0) {
        return error_system(error, errno, "cannot make the journal segment %s", temporary);
    }
    enum result result = reserve(journal, *fd, path, error);
    if (result == RESULT_OK) {
        result = disk_write(disk, *fd, head, sizeof head, 0, path, error);
    }
    if (result == RESULT_OK && disk->fsync(disk->self, *fd) != 0) {
        result = error_system(error, errno, "cannot sync the new journal segment %s", path);
    }
    FAILPOINT("journal.new-segment");
    if (result == RESULT_OK && disk->rename(disk->self, temporary, path) != 0) {
        result = error_system(error, errno, "cannot rename %s to %s", temporary, path);
    }
    if (result == RESULT_OK) {
        result = disk_sync_folder(disk, journal->path, error);
    }
    FAILPOINT("journal.new-segment");
    if (result != RESULT_OK) {
        (void)disk->close(disk->self, *fd);
        (void)disk->unlink(disk->self, temporary);
        (void)disk->unlink(disk->self, path);
    }
    return result;
}

static enum result new_segment(struct journal *journal, struct error *error)
{
    char path[SEGMENT_PATH_BYTES];
    int fd = -1;
    struct segment segment = {
        .id = journal->id,
        .start = journal->end.position,
        .previous = journal->segment_count == 0 ? SEGMENT_NO_START : journal_last(journal)->start,
        .sequence = journal->end.sequence,
    };
    segment_path(journal->path, segment.start, path);
    enum result result = write_segment(journal, &segment, path, &fd, error);
    if (result != RESULT_OK) {
        return result;
    }
    result = journal_add_segment(journal, &segment, error);
    if (result != RESULT_OK) {
        (void)journal->disk->close(journal->disk->self, fd);
        (void)journal->disk->unlink(journal->disk->self, path);
        return result;
    }
    if (journal->fd >= 0) {
        (void)journal->disk->close(journal->disk->self, journal->fd);
    }
    journal->fd = fd;
    journal->end.position = segment.start + SEGMENT_HEAD_BYTES;
    return RESULT_OK;
}

enum result journal_cut(struct journal *journal, int fd, uint64_t position, struct error *error)
{
    const struct disk *disk = journal->disk;
    char path[SEGMENT_PATH_BYTES];
    uint64_t offset = position - journal_last(journal)->start;
    segment_path(journal->path, journal_last(journal)->start, path);
    if (disk->ftruncate(disk->self, fd, (off_t)offset) != 0) {
        return error_system(error, errno, "cannot cut the journal segment %s at %" PRIu64, path,
                            offset);
    }
    journal->prepared = position;
    /* The room is taken again when there is any; without it the file grows as it is written. */
    struct error ignored;
    (void)!reserve(journal, fd, path, &ignored);
    if (disk->fsync(disk->self, fd) != 0) {
        return error_system(error, errno, "cannot sync the journal segment %s", path);
    }
    return RESULT_OK;
}

/* ---- appending ---- */

static enum result sync_failed(struct error *error)
{
    return error_set(
        error, RESULT_IO,
        "the journal takes nothing more since a sync of it failed: the system may have "
        "dropped what it could not write; look at the disk, then start the node again");
}

enum result journal_begin(struct journal *journal, struct error *error)
{
    journal_rollback(journal);
    if (journal->sync_failed) {
        return sync_failed(error);
    }
    if (journal->segment_count == 0 ||
        journal->end.position - journal_last(journal)->start >= journal->segment_bytes) {
        return new_segment(journal, error);
    }
    return RESULT_OK;
}

struct buffer *journal_record_begin(struct journal *journal)
{
    static const uint8_t head[JOURNAL_RECORD_BYTES] = {0};
    journal->record_at = journal->batch.size;
    buffer_append(&journal->batch, head, sizeof head);
    return &journal->batch;
}

enum result journal_record_end(struct journal *journal, enum journal_kind kind,
                               struct journal_record *record, struct error *error)
{
    static const uint8_t zeros[8] = {0};
    struct buffer *batch = &journal->batch;
    size_t size = batch->size - journal->record_at;
    if (size > JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX_BYTES) {
        return error_set(error, RESULT_TOO_LARGE,
                         "a record of %zu bytes is above the journal's limit of %zu", size,
                         JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX_BYTES);
    }
    size_t whole = record_size(size - JOURNAL_RECORD_BYTES);
    buffer_append(batch, zeros, whole - size);
    if (buffer_check(batch, error) != RESULT_OK) {
        return RESULT_NO_MEMORY;
    }
    uint8_t *start = batch->data + journal->record_at;
    *record = (struct journal_record){
        .position = journal->end.position + journal->record_at,
        .size = (uint32_t)whole,
        .kind = kind,
        .body = {start + JOURNAL_RECORD_BYTES, size - JOURNAL_RECORD_BYTES},
    };
    record_seal(start, record->body.size, kind, record->position);
    journal->record_count++;
    return RESULT_OK;
}

bool journal_pending(const struct journal *journal, uint64_t position, struct bytes *bytes)
{
    if (position < journal->end.position ||
        position - journal->end.position >= journal->batch.size) {
        return false;
    }
    size_t at = (size_t)(position - journal->end.position);
    *bytes = (struct bytes){journal->batch.data + at, journal->batch.size - at};
    return true;
}

void journal_rollback(struct journal *journal)
{
    journal->record_count = 0;
    journal->written = false;
    if (journal->batch.failed || journal->batch.capacity > BATCH_KEEP_BYTES) {
        buffer_free(&journal->batch);
    }
    buffer_clear(&journal->batch);
}

void journal_prepare(struct journal *journal)
{
    static const uint8_t zeros[PREPARE_BYTES];
    const struct disk *disk = journal->disk;
    uint64_t from =
        journal->prepared > journal->end.position ? journal->prepared : journal->end.position;
    uint64_t offset = from - journal_last(journal)->start;
    if (journal->sync_failed || from - journal->end.position >= PREPARE_BYTES / 2 ||
        offset + PREPARE_BYTES > journal->segment_bytes) {
        return;
    }
    struct error ignored;
    if (disk_write(disk, journal->fd, zeros, sizeof zeros, offset, "journal", &ignored) !=
        RESULT_OK) {
        return; /* the next commit will meet it, and tell */
    }
    if (disk->fdatasync(disk->self, journal->fd) != 0) {
        journal->sync_failed = true;
    }
    journal->prepared = from + PREPARE_BYTES;
}

static enum result append_commit(struct journal *journal, struct error *error)
{
    struct commit commit = {.sequence = journal->end.sequence + 1,
                            .begin = journal->end.position,
                            .count = journal->record_count};
    uint8_t body[COMMIT_BODY_BYTES];
    struct journal_record record;
    commit_pack(&commit, body);
    buffer_append(journal_record_begin(journal), body, sizeof body);
    return journal_record_end(journal, JOURNAL_COMMIT, &record, error);
}

/* What a failed write leaves is cut off. */
static enum result write_batch(struct journal *journal, struct error *error)
{
    char path[SEGMENT_PATH_BYTES];
    struct error cut_error;
    segment_path(journal->path, journal_last(journal)->start, path);
    FAILPOINT("journal.before-write");
    enum result result =
        disk_write(journal->disk, journal->fd, journal->batch.data, journal->batch.size,
                   journal->end.position - journal_last(journal)->start, path, error);
    FAILPOINT("journal.after-write");
    if (result != RESULT_OK) {
        journal->sync_failed =
            journal_cut(journal, journal->fd, journal->end.position, &cut_error) != RESULT_OK;
    }
    return result;
}

static enum result sync_batch(struct journal *journal, struct error *error)
{
    char path[SEGMENT_PATH_BYTES];
    if (journal->disk->fdatasync(journal->disk->self, journal->fd) != 0) {
        journal->sync_failed = true;
        segment_path(journal->path, journal_last(journal)->start, path);
        return error_system(error, errno, "cannot sync the journal segment %s", path);
    }
    FAILPOINT("journal.after-sync");
    return RESULT_OK;
}

enum result journal_write(struct journal *journal, struct error *error)
{
    if (journal->sync_failed) {
        return sync_failed(error);
    }
    if (journal->record_count == 0 || journal->written) {
        return RESULT_OK;
    }
    enum result result = append_commit(journal, error);
    if (result == RESULT_OK) {
        result = write_batch(journal, error);
    }
    journal->written = result == RESULT_OK;
    return result;
}

enum result journal_commit(struct journal *journal, struct error *error)
{
    enum result result = journal_write(journal, error);
    if (result == RESULT_OK && journal->written) {
        result = sync_batch(journal, error);
    }
    if (result == RESULT_OK && journal->written) {
        journal->end.position += journal->batch.size;
        journal->end.sequence++;
    }
    journal_rollback(journal);
    return result;
}
