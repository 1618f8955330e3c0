/* Opening a journal: which segments there are, and whether they hang together. See journal.h. */
#include "node/store/journal_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FOLDER_MODE 0750

static int compare_starts(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* The starts of all segment files, ascending; the caller frees them. */
static enum result list_starts(const char *path, uint64_t **starts, size_t *count,
                               struct error *error)
{
    DIR *folder = opendir(path);
    size_t capacity = 0;
    *starts = NULL;
    *count = 0;
    if (folder == NULL) {
        return error_system(error, errno, "cannot list the journal %s", path);
    }
    enum result result = RESULT_OK;
    for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
        uint64_t start;
        if (!segment_name_parse(file->d_name, &start)) {
            continue;
        }
        if (*count == capacity) {
            capacity = capacity == 0 ? 64 : 2 * capacity;
            uint64_t *grown = realloc(*starts, capacity * sizeof *grown);
            if (grown == NULL) {
                result = error_set(error, RESULT_NO_MEMORY, "no memory to list the journal");
                break;
            }
            *starts = grown;
        }
        (*starts)[(*count)++] = start;
    }
    (void)closedir(folder);
    if (result == RESULT_OK && *count > 0) {
        qsort(*starts, *count, sizeof **starts, compare_starts);
    }
    return result;
}

static enum result read_head(struct journal *journal, uint64_t start, struct segment *segment,
                             struct error *error)
{
    const struct disk *disk = journal->disk;
    char path[SEGMENT_PATH_BYTES];
    uint8_t head[SEGMENT_HEAD_BYTES];
    size_t got = 0;
    segment_path(journal->path, start, path);
    int fd = disk->open(disk->self, path, O_RDONLY, 0);
    if (fd < 0) {
        return error_system(error, errno, "cannot open the journal segment %s", path);
    }
    enum result result = disk_read(disk, fd, head, sizeof head, 0, &got, path, error);
    (void)disk->close(disk->self, fd);
    if (result != RESULT_OK) {
        return result;
    }
    memset(head + got, 0, sizeof head - got);
    result = segment_unpack(head, segment, error);
    if (result == RESULT_OK && segment->start != start) {
        result = error_set(error, RESULT_CORRUPT,
                           "its head says that it starts at %016" PRIx64 ": it was renamed",
                           segment->start);
    }
    if (result != RESULT_OK) {
        return error_wrap(
            error, "journal segment %s is damaged at offset 0, restore it from a backup", path);
    }
    return RESULT_OK;
}

/* That `segment` is the one that follows those already listed. */
static enum result check_chain(const struct journal *journal, const struct segment *segment,
                               struct error *error)
{
    char path[SEGMENT_PATH_BYTES];
    bool first = journal->segment_count == 0;
    uint64_t previous = first ? SEGMENT_NO_START : journal_last(journal)->start;
    if (segment->previous != previous) {
        uint64_t missing = segment->previous == SEGMENT_NO_START ? 0 : segment->previous;
        segment_path(journal->path, missing, path);
        return error_set(error, RESULT_CORRUPT,
                         "journal segment %s is missing: %016" PRIx64
                         ".seg follows it; restore it from a backup",
                         path, segment->start);
    }
    if (!first && memcmp(&segment->id, &journal->id, sizeof segment->id) != 0) {
        segment_path(journal->path, segment->start, path);
        return error_set(error, RESULT_CORRUPT,
                         "journal segment %s belongs to another journal; put the right one there",
                         path);
    }
    return RESULT_OK;
}

static enum result load_segments(struct journal *journal, struct error *error)
{
    uint64_t *starts = NULL;
    size_t count = 0;
    enum result result = list_starts(journal->path, &starts, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        struct segment segment = {.start = starts[i]};
        result = read_head(journal, starts[i], &segment, error);
        if (result == RESULT_OK) {
            result = check_chain(journal, &segment, error);
        }
        if (result == RESULT_OK && i == 0) {
            journal->id = segment.id;
        }
        if (result == RESULT_OK) {
            result = journal_add_segment(journal, &segment, error);
        }
    }
    free(starts);
    return result;
}

static enum result prepare(struct journal *journal, bool must_exist, struct error *error)
{
    if (!journal->read_only && mkdir(journal->path, FOLDER_MODE) != 0 && errno != EEXIST) {
        return error_system(error, errno, "cannot make the folder %s", journal->path);
    }
    enum result result = load_segments(journal, error);
    if (result != RESULT_OK || journal->segment_count > 0) {
        return result;
    }
    if (journal->read_only) {
        return error_set(error, RESULT_NOT_FOUND, "there is no journal in %s", journal->path);
    }
    if (must_exist) {
        return error_set(error, RESULT_CORRUPT,
                         "all segments of the journal %s are missing, and the views beside it are "
                         "of a journal; restore the journal from a backup, or begin with an empty "
                         "store by removing the views as well",
                         journal->path);
    }
    world_random(journal->world, journal->id.bytes, sizeof journal->id.bytes);
    return journal_begin(journal, error);
}

enum result journal_open(const struct journal_options *options, struct journal **journal,
                         struct error *error)
{
    *journal = NULL;
    struct journal *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to open the journal");
    }
    made->disk = options->disk;
    made->world = options->world;
    made->read_only = options->read_only;
    made->read_until = options->read_until;
    made->fd = -1;
    made->segment_bytes = options->segment_bytes < JOURNAL_SEGMENT_MIN_BYTES
                              ? JOURNAL_SEGMENT_MIN_BYTES
                              : options->segment_bytes;
    (void)pthread_mutex_init(&made->lock, NULL);
    enum result result = RESULT_OK;
    if ((size_t)snprintf(made->path, sizeof made->path, "%s", options->path) >= sizeof made->path) {
        result = error_set(error, RESULT_TOO_LARGE, "the path '%s' is too long", options->path);
    } else {
        result = prepare(made, options->must_exist, error);
    }
    if (result != RESULT_OK) {
        journal_close(&made);
    }
    *journal = made;
    return result;
}

void journal_close(struct journal **journal)
{
    struct journal *old = *journal;
    *journal = NULL;
    if (old == NULL) {
        return;
    }
    if (old->fd >= 0) {
        (void)old->disk->close(old->disk->self, old->fd);
    }
    buffer_free(&old->batch);
    free(old->segments);
    (void)pthread_mutex_destroy(&old->lock);
    free(old);
}
