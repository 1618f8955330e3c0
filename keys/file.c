/* Small files that must be whole. See file.h. */
#include "keys/file.h"

#include "proto/failpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Looks at the file that is open, not at what its name may mean a moment later. */
static enum result status_check(int fd, const char *path, size_t max, enum file_access access,
                                struct error *error)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return error_system(error, errno, "'%s'", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return error_set(error, RESULT_INVALID, "'%s' is not a regular file", path);
    }
    if (access == FILE_SECRET && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return error_set(error, RESULT_DENIED,
                         "'%s' can be reached by others (mode %04o); chmod 600 it, and replace the "
                         "key if somebody may have read it",
                         path, (unsigned)(status.st_mode & 07777));
    }
    if (access == FILE_SECRET && geteuid() != 0 && status.st_uid != geteuid() &&
        status.st_uid != 0) {
        return error_set(error, RESULT_DENIED, "'%s' belongs to user %u, not to user %u", path,
                         (unsigned)status.st_uid, (unsigned)geteuid());
    }
    if ((uintmax_t)status.st_size > max) {
        return error_set(error, RESULT_TOO_LARGE, "'%s' has %jd bytes, above the limit of %zu",
                         path, (intmax_t)status.st_size, max);
    }
    return RESULT_OK;
}

/* Reads to the end; a file that grows past `max` meanwhile is refused too. */
static enum result content_read(int fd, const char *path, size_t max, struct buffer *out,
                                struct error *error)
{
    size_t start = out->size;
    if (buffer_reserve(out, max + 1) != RESULT_OK) {
        return buffer_check(out, error);
    }
    for (;;) {
        ssize_t got = read(fd, out->data + out->size, start + max + 1 - out->size);
        if (got == 0) {
            return RESULT_OK;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_system(error, errno, "'%s'", path);
        }
        out->size += (size_t)got;
        if (out->size - start > max) {
            return error_set(error, RESULT_TOO_LARGE, "'%s' is above the limit of %zu bytes", path,
                             max);
        }
    }
}

enum result file_read(const char *path, size_t max, enum file_access access, struct buffer *out,
                      struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ELOOP) {
        return error_set(error, RESULT_INVALID, "'%s' is a symbolic link; name the file itself",
                         path);
    }
    if (fd < 0) {
        return error_system(error, errno, "'%s'", path);
    }
    enum result result = status_check(fd, path, max, access, error);
    if (result == RESULT_OK) {
        result = content_read(fd, path, max, out, error);
    }
    (void)close(fd);
    return result;
}

static enum result content_write(int fd, const char *path, struct bytes content,
                                 enum file_access access, struct error *error)
{
    if (fchmod(fd, access == FILE_SECRET ? 0600 : 0644) != 0) {
        return error_system(error, errno, "'%s'", path);
    }
    size_t written = 0;
    while (written < content.size) {
        ssize_t put = write(fd, content.data + written, content.size - written);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return error_system(error, errno, "'%s'", path);
        }
        written += (size_t)put;
    }
    FAILPOINT("file.written");
    if (fsync(fd) != 0) {
        return error_system(error, errno, "'%s'", path);
    }
    FAILPOINT("file.synced");
    return RESULT_OK;
}

static enum result folder_sync(const char *folder, struct error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return error_system(error, errno, "folder '%s'", folder);
    }
    enum result result = RESULT_OK;
    if (fsync(fd) != 0) {
        result = error_system(error, errno, "folder '%s'", folder);
    }
    (void)close(fd);
    return result;
}

/* The folder of `path`, with its slash; gives the name in it. */
static enum result folder_of(const char *path, char folder[PATH_MAX], const char **name,
                             struct error *error)
{
    const char *slash = strrchr(path, '/');
    *name = slash == NULL ? path : slash + 1;
    int size = slash == NULL ? snprintf(folder, PATH_MAX, "./")
                             : snprintf(folder, PATH_MAX, "%.*s", (int)(*name - path), path);
    if (size < 0 || size >= PATH_MAX) {
        return error_set(error, RESULT_INVALID, "'%s' is too long a name for a file", path);
    }
    return RESULT_OK;
}

enum result file_replace(const char *path, struct bytes content, enum file_access access,
                         struct error *error)
{
    char folder[PATH_MAX];
    char temporary[PATH_MAX];
    const char *name = NULL;
    enum result result = folder_of(path, folder, &name, error);
    if (result != RESULT_OK) {
        return result;
    }
    int size = snprintf(temporary, sizeof temporary, "%s.%s.XXXXXX", folder, name);
    if (size < 0 || (size_t)size >= sizeof temporary) {
        return error_set(error, RESULT_INVALID, "'%s' is too long a name for a file", path);
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return error_system(error, errno, "'%s'", temporary);
    }
    result = content_write(fd, temporary, content, access, error);
    (void)close(fd);
    if (result == RESULT_OK && rename(temporary, path) != 0) {
        result = error_system(error, errno, "'%s'", path);
    }
    if (result != RESULT_OK) {
        (void)unlink(temporary);
        return result;
    }
    FAILPOINT("file.renamed");
    return folder_sync(folder, error);
}

enum result file_remove(const char *path, struct error *error)
{
    char folder[PATH_MAX];
    const char *name = NULL;
    enum result result = folder_of(path, folder, &name, error);
    if (result == RESULT_OK && unlink(path) != 0) {
        result = error_system(error, errno, "'%s'", path);
    }
    return result == RESULT_OK ? folder_sync(folder, error) : result;
}

enum result file_place(char out[PATH_MAX], const char *folder, const char *name,
                       struct error *error)
{
    int size = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (size < 0 || size >= PATH_MAX) {
        return error_set(error, RESULT_INVALID, "'%s/%s' is too long a path", folder, name);
    }
    return RESULT_OK;
}

static int name_is_wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int names_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum result file_walk(const char *folder, file_each *each, void *self, struct error *error)
{
    struct dirent **names = NULL;
    char path[PATH_MAX];
    enum result result = RESULT_OK;
    int count = scandir(folder, &names, name_is_wanted, names_compare);
    if (count < 0) {
        return errno == ENOENT ? RESULT_OK : error_system(error, errno, "folder '%s'", folder);
    }
    for (int i = 0; i < count; i++) {
        if (result == RESULT_OK) {
            result = file_place(path, folder, names[i]->d_name, error);
        }
        if (result == RESULT_OK) {
            result = each(self, path, names[i]->d_name, error);
        }
        free(names[i]);
    }
    free(names);
    return result;
}

enum result file_folder(const char *path, struct error *error)
{
    char parent[PATH_MAX];
    const char *name = NULL;
    enum result result = folder_of(path, parent, &name, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (mkdir(path, 0700) == 0) {
        return folder_sync(parent, error);
    }
    return errno == EEXIST ? RESULT_OK : error_system(error, errno, "folder '%s'", path);
}

enum result file_lock(const char *folder, int *lock, struct error *error)
{
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (*lock >= 0) {
        while (flock(*lock, LOCK_EX) != 0) {
            if (errno != EINTR) {
                enum result result = error_system(error, errno, "lock of folder '%s'", folder);
                file_unlock(lock);
                return result;
            }
        }
        return RESULT_OK;
    }
    return error_system(error, errno, "folder '%s'", folder);
}

void file_unlock(int *lock)
{
    if (*lock >= 0) {
        (void)close(*lock);
        *lock = -1;
    }
}
