/* The files of the audit log. See audit_file.h. */
#include "keys/audit_file.h"

#include "keys/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_NAME         "log"
#define CHECKPOINTS_NAME "checkpoints"

static enum result read_whole(int fd, const char *name, struct buffer *out, struct error *error)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return error_system(error, errno, AUDIT_FOLDER "/%s", name);
    }
    if (!S_ISREG(status.st_mode)) {
        return error_set(error, RESULT_CORRUPT, AUDIT_FOLDER "/%s is no regular file", name);
    }
    if ((uintmax_t)status.st_size > AUDIT_MAX_BYTES) {
        return error_set(error, RESULT_FULL,
                         AUDIT_FOLDER "/%s has %jd bytes, above the limit of %zu; keep the folder "
                                      "elsewhere and begin a new one",
                         name, (intmax_t)status.st_size, AUDIT_MAX_BYTES);
    }
    size_t size = (size_t)status.st_size;
    if (buffer_reserve(out, size + 1) != RESULT_OK) {
        return buffer_check(out, error);
    }
    while (out->size < size) {
        ssize_t got = pread(fd, out->data + out->size, size - out->size, (off_t)out->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? RESULT_OK : error_system(error, errno, AUDIT_FOLDER "/%s", name);
        }
        out->size += (size_t)got;
    }
    return RESULT_OK;
}

/* The end of the whole lines: what is behind the last newline was never finished, and a last line
 * with a NUL in it was not written whole before the power went. */
static size_t whole_lines(struct text text)
{
    size_t end = text.size;
    while (end > 0 && text.data[end - 1] != '\n') {
        end--;
    }
    size_t start = end == 0 ? 0 : end - 1;
    while (start > 0 && text.data[start - 1] != '\n') {
        start--;
    }
    return end > 0 && memchr(text.data + start, '\0', end - start) != NULL ? start : end;
}

/* The end of the last whole note; notes have AUDIT_NOTE_LINES lines each. */
static size_t whole_notes(struct text text)
{
    struct text_lines lines = {.rest = {text.data, whole_lines(text)}};
    size_t end = 0;
    while (text_lines_next(&lines)) {
        if (lines.number % AUDIT_NOTE_LINES == 0) {
            end = (size_t)(lines.rest.data - text.data);
        }
    }
    return end;
}

/* Opens a file of the folder; one that is made is there after a power cut too. */
static enum result file_open(int folder, const char *name, int *fd, struct error *error)
{
    *fd = openat(folder, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0 && errno == ENOENT) {
        *fd = openat(folder, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (*fd >= 0 && fsync(folder) != 0) {
            return error_system(error, errno, "folder " AUDIT_FOLDER);
        }
    }
    return *fd >= 0 ? RESULT_OK : error_system(error, errno, AUDIT_FOLDER "/%s", name);
}

static enum result folder_open(const char *directory, int *folder, struct error *error)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/" AUDIT_FOLDER, directory);
    if (size < 0 || (size_t)size >= sizeof path) {
        return error_set(error, RESULT_INVALID, "'%s/" AUDIT_FOLDER "' is too long a path",
                         directory);
    }
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST) {
        return error_system(error, errno, "folder '%s'", path);
    }
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int parent = made ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool synced = !made || (parent >= 0 && fsync(parent) == 0);
    enum result result =
        *folder >= 0 && synced ? RESULT_OK : error_system(error, errno, "folder '%s'", path);
    if (parent >= 0) {
        (void)close(parent);
    }
    return result;
}

void audit_close(struct audit_files *files)
{
    const int fds[] = {files->checkpoints, files->log, files->folder};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    buffer_free(&files->lines);
    buffer_free(&files->notes);
}

enum result audit_open(const char *directory, int lock, struct audit_files *files,
                       struct error *error)
{
    *files = (struct audit_files){-1, -1, -1, {0}, {0}};
    enum result result = folder_open(directory, &files->folder, error);
    if (result == RESULT_OK) {
        result = file_open(files->folder, LOG_NAME, &files->log, error);
    }
    if (result == RESULT_OK && flock(files->log, lock) != 0) {
        result = error_system(error, errno, AUDIT_FOLDER "/" LOG_NAME);
    }
    if (result == RESULT_OK) {
        result = file_open(files->folder, CHECKPOINTS_NAME, &files->checkpoints, error);
    }
    if (result == RESULT_OK) {
        result = read_whole(files->log, LOG_NAME, &files->lines, error);
    }
    if (result == RESULT_OK) {
        result = read_whole(files->checkpoints, CHECKPOINTS_NAME, &files->notes, error);
    }
    if (result == RESULT_OK) {
        files->lines.size = whole_lines(buffer_view(&files->lines));
        files->notes.size = whole_notes(buffer_view(&files->notes));
    }
    return result;
}

static enum result append_synced(int fd, const char *name, size_t whole, const struct buffer *added,
                                 struct error *error)
{
    if (buffer_check(added, error) != RESULT_OK) {
        return RESULT_NO_MEMORY;
    }
    if (ftruncate(fd, (off_t)whole) != 0) {
        return error_system(error, errno, AUDIT_FOLDER "/%s", name);
    }
    ssize_t wrote = write(fd, added->data, added->size);
    if (wrote == (ssize_t)added->size && fsync(fd) == 0) {
        return RESULT_OK;
    }
    int problem = wrote >= 0 && wrote < (ssize_t)added->size ? ENOSPC : errno;
    if (ftruncate(fd, (off_t)whole) != 0) {
        problem = errno; /* the next one who writes cuts it */
    }
    return error_system(error, problem, AUDIT_FOLDER "/%s", name);
}

enum result audit_add_line(struct audit_files *files, const struct buffer *added,
                           struct error *error)
{
    return append_synced(files->log, LOG_NAME, files->lines.size, added, error);
}

enum result audit_add_note(struct audit_files *files, const struct buffer *added,
                           struct error *error)
{
    return append_synced(files->checkpoints, CHECKPOINTS_NAME, files->notes.size, added, error);
}

void audit_tree_add(struct merkle_tree *tree, struct text line)
{
    struct merkle_hash leaf;
    merkle_leaf(text_bytes(line), &leaf);
    merkle_append(tree, &leaf, NULL);
}
