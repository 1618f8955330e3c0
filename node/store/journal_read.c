/* Reading the journal by position, with a few files kept open. See journal.h. */
#include "node/store/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#define READER_FILES 32

struct journal_reader {
    struct journal *journal;
    struct {
        int fd; /* -1: free */
        uint64_t start;
        uint64_t used; /* turn of the last use */
    } files[READER_FILES];
    uint64_t turn;
};

enum result journal_reader_open(struct journal *journal, struct journal_reader **reader,
                                struct error *error)
{
    *reader = calloc(1, sizeof **reader);
    if (*reader == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a reader of the journal");
    }
    (*reader)->journal = journal;
    for (size_t i = 0; i < READER_FILES; i++) {
        (*reader)->files[i].fd = -1;
    }
    return RESULT_OK;
}

void journal_reader_close(struct journal_reader **reader)
{
    struct journal_reader *old = *reader;
    *reader = NULL;
    if (old == NULL) {
        return;
    }
    for (size_t i = 0; i < READER_FILES; i++) {
        if (old->files[i].fd >= 0) {
            (void)old->journal->disk->close(old->journal->disk->self, old->files[i].fd);
        }
    }
    free(old);
}

/* Start of the segment that holds `position`. */
static uint64_t segment_start(struct journal *journal, uint64_t position)
{
    (void)pthread_mutex_lock(&journal->lock);
    size_t low = 0;
    size_t high = journal->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (journal->segments[middle].start <= position) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint64_t start = journal->segments[low].start;
    (void)pthread_mutex_unlock(&journal->lock);
    return start;
}

bool journal_same_segment(struct journal_reader *reader, uint64_t position, uint64_t other)
{
    return segment_start(reader->journal, position) == segment_start(reader->journal, other);
}

/* An open file of the segment; the one that was not used for longest makes room. */
static enum result reader_file(struct journal_reader *reader, uint64_t start, const char *path,
                               int *fd, struct error *error)
{
    const struct disk *disk = reader->journal->disk;
    size_t slot = 0;
    for (size_t i = 0; i < READER_FILES; i++) {
        if (reader->files[i].fd >= 0 && reader->files[i].start == start) {
            reader->files[i].used = ++reader->turn;
            *fd = reader->files[i].fd;
            return RESULT_OK;
        }
        if (reader->files[i].used < reader->files[slot].used) {
            slot = i;
        }
    }
    *fd = disk->open(disk->self, path, O_RDONLY, 0);
    if (*fd < 0) {
        return error_system(error, errno, "cannot open the journal segment %s", path);
    }
    if (reader->files[slot].fd >= 0) {
        (void)disk->close(disk->self, reader->files[slot].fd);
    }
    reader->files[slot].fd = *fd;
    reader->files[slot].start = start;
    reader->files[slot].used = ++reader->turn;
    return RESULT_OK;
}

enum result journal_read(struct journal_reader *reader, uint64_t position, size_t size,
                         uint8_t *out, struct error *error)
{
    char path[SEGMENT_PATH_BYTES];
    uint64_t start = segment_start(reader->journal, position);
    int fd = -1;
    size_t got = 0;
    segment_path(reader->journal->path, start, path);
    enum result result = reader_file(reader, start, path, &fd, error);
    if (result == RESULT_OK) {
        result =
            disk_read(reader->journal->disk, fd, out, size, position - start, &got, path, error);
    }
    if (result == RESULT_OK && got < size) {
        result = error_set(error, RESULT_CORRUPT,
                           "journal segment %s ends at offset %" PRIu64
                           " within a record; restore it from a backup",
                           path, position - start + got);
    }
    return result;
}
