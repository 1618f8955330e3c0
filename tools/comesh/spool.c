/* The folders of a spool. See spool.h. */
#include "tools/comesh/spool.h"

#include "keys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define TWINS_MAX 1000 /* documents of one name in sent/ or error/ */

static const char *const folders[] = {"out", "sent", "error", "in"};

static enum result make_path(const struct spool *spool, const char *folder,
                             enum operation operation, const char *name, char out[PATH_MAX],
                             struct error *error)
{
    int length = snprintf(out, PATH_MAX, "%s/%s/%s%s%s", spool->path, folder,
                          operation_name(operation), name[0] == '\0' ? "" : "/", name);
    return length > 0 && length < PATH_MAX
               ? RESULT_OK
               : error_set(error, RESULT_TOO_LARGE, "the path of '%s' in '%s' is too long", name,
                           spool->path);
}

/* ---- opening ---- */

static enum result make_folder(const char *path, struct error *error)
{
    return mkdir(path, 0770) == 0 || errno == EEXIST ? RESULT_OK
                                                     : error_system(error, errno, "'%s'", path);
}

static enum result make_folders(const struct spool *spool, const char *folder, struct error *error)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", spool->path, folder);
    enum result result = make_folder(path, error);
    for (unsigned operation = OPERATION_CO; operation <= OPERATION_FEEDBACK && result == RESULT_OK;
         operation++) {
        result = make_path(spool, folder, (enum operation)operation, "", path, error);
        if (result == RESULT_OK) {
            result = make_folder(path, error);
        }
    }
    return result;
}

/* A second process would find documents moved away under its hands. */
static enum result lock_spool(struct spool *spool, struct error *error)
{
    spool->lock = open(spool->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->lock < 0) {
        return error_system(error, errno, "'%s'", spool->path);
    }
    if (flock(spool->lock, LOCK_EX | LOCK_NB) != 0) {
        return error_set(error, RESULT_BUSY, "'%s' is served by another process", spool->path);
    }
    return RESULT_OK;
}

static int is_half(const struct dirent *entry)
{
    return entry->d_name[0] == '.' && strcmp(entry->d_name, ".") != 0 &&
           strcmp(entry->d_name, "..") != 0;
}

/* in/ and error/ are written here alone. */
static enum result clean_folder(const struct spool *spool, const char *folder,
                                enum operation operation, struct error *error)
{
    char path[PATH_MAX];
    struct dirent **entries = NULL;
    enum result result = make_path(spool, folder, operation, "", path, error);
    int found = result == RESULT_OK ? scandir(path, &entries, is_half, NULL) : 0;
    for (int i = 0; i < found; i++) {
        if (result == RESULT_OK) {
            result = make_path(spool, folder, operation, entries[i]->d_name, path, error);
        }
        if (result == RESULT_OK && unlink(path) != 0) {
            result = error_system(error, errno, "'%s'", path);
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

static enum result clean(const struct spool *spool, struct error *error)
{
    enum result result = RESULT_OK;
    for (unsigned operation = OPERATION_CO; operation <= OPERATION_FEEDBACK && result == RESULT_OK;
         operation++) {
        result = clean_folder(spool, "in", (enum operation)operation, error);
        if (result == RESULT_OK) {
            result = clean_folder(spool, "error", (enum operation)operation, error);
        }
    }
    return result;
}

static enum result watch_folders(struct spool *spool, struct error *error)
{
    char path[PATH_MAX];
    spool->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    enum result result =
        spool->watch < 0 ? error_system(error, errno, "watching '%s'", spool->path) : RESULT_OK;
    for (unsigned operation = OPERATION_CO; operation <= OPERATION_FEEDBACK && result == RESULT_OK;
         operation++) {
        result = make_path(spool, "out", (enum operation)operation, "", path, error);
        if (result == RESULT_OK &&
            inotify_add_watch(spool->watch, path, IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
            result = error_system(error, errno, "watching '%s'", path);
        }
    }
    return result;
}

enum result spool_open(const char *path, struct spool *spool, struct error *error)
{
    *spool = (struct spool){.path = path, .watch = -1, .lock = -1};
    enum result result = make_folder(path, error);
    if (result == RESULT_OK) {
        result = lock_spool(spool, error);
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && result == RESULT_OK; i++) {
        result = make_folders(spool, folders[i], error);
    }
    if (result == RESULT_OK) {
        result = clean(spool, error);
    }
    if (result == RESULT_OK) {
        result = watch_folders(spool, error);
    }
    return result;
}

void spool_close(struct spool *spool)
{
    if (spool->watch >= 0) {
        (void)close(spool->watch);
        spool->watch = -1;
    }
    if (spool->lock >= 0) {
        (void)close(spool->lock);
        spool->lock = -1;
    }
}

void spool_woken(struct spool *spool)
{
    char events[4096];
    while (read(spool->watch, events, sizeof events) > 0) {
    }
}

/* ---- what waits ---- */

static int is_whole(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

enum result spool_list(const struct spool *spool, enum operation operation, size_t max,
                       char ***names, size_t *count, struct error *error)
{
    char path[PATH_MAX];
    struct dirent **entries = NULL;
    *names = NULL;
    *count = 0;
    enum result result = make_path(spool, "out", operation, "", path, error);
    if (result != RESULT_OK) {
        return result;
    }
    int found = scandir(path, &entries, is_whole, alphasort);
    if (found < 0) {
        return error_system(error, errno, "'%s'", path);
    }
    *names = calloc((size_t)found + 1, sizeof(char *));
    for (int i = 0; i < found; i++) {
        char *name = *names == NULL || *count >= max ? NULL : strdup(entries[i]->d_name);
        if (name != NULL) {
            (*names)[(*count)++] = name;
        }
        free(entries[i]);
    }
    free(entries);
    return *names != NULL ? RESULT_OK
                          : error_set(error, RESULT_NO_MEMORY, "no memory for %d names", found);
}

enum result spool_read(const struct spool *spool, enum operation operation, const char *name,
                       size_t max, struct buffer *out, struct error *error)
{
    char path[PATH_MAX];
    enum result result = make_path(spool, "out", operation, name, path, error);
    return result == RESULT_OK ? file_read(path, max, FILE_PUBLIC, out, error) : result;
}

/* ---- what becomes of it ---- */

/* Moves without overwriting: a name that is taken gets ".2" and so on. */
static enum result move(const struct spool *spool, enum operation operation, const char *name,
                        const char *folder, struct error *error)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    char twin[NAME_MAX + 16];
    enum result result = make_path(spool, "out", operation, name, from, error);
    for (unsigned number = 1; number <= TWINS_MAX && result == RESULT_OK; number++) {
        (void)snprintf(twin, sizeof twin, number == 1 ? "%s" : "%.200s.%u", name, number);
        result = make_path(spool, folder, operation, twin, to, error);
        if (result == RESULT_OK && renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
            return RESULT_OK;
        }
        if (result == RESULT_OK && errno != EEXIST) {
            result = error_system(error, errno, "'%s' to '%s'", from, to);
        }
    }
    return result != RESULT_OK ? result
                               : error_set(error, RESULT_CONFLICT,
                                           "'%s': the name is in %s/ %d times; take "
                                           "them away",
                                           from, folder, TWINS_MAX);
}

enum result spool_sent(const struct spool *spool, enum operation operation, const char *name,
                       struct error *error)
{
    return move(spool, operation, name, "sent", error);
}

static enum result put(const struct spool *spool, const char *folder, enum operation operation,
                       const char *name, struct bytes content, struct error *error)
{
    char path[PATH_MAX];
    enum result result = make_path(spool, folder, operation, name, path, error);
    return result == RESULT_OK ? file_replace(path, content, FILE_PUBLIC, error) : result;
}

enum result spool_refused(const struct spool *spool, enum operation operation, const char *name,
                          struct bytes problem, struct error *error)
{
    char beside[NAME_MAX + sizeof SPOOL_PROBLEM];
    (void)snprintf(beside, sizeof beside, "%.200s" SPOOL_PROBLEM, name); /* names have an end */
    enum result result = put(spool, "error", operation, beside, problem, error);
    return result == RESULT_OK ? move(spool, operation, name, "error", error) : result;
}

enum result spool_put(const struct spool *spool, enum operation operation, const char *name,
                      struct bytes document, struct error *error)
{
    return put(spool, "in", operation, name, document, error);
}

/* ---- from outside ---- */

static bool ends_with(const char *name, const char *ending)
{
    size_t size = strlen(name);
    return size >= strlen(ending) &&
           text_equal(text_of(name + size - strlen(ending)), text_of(ending));
}

enum result spool_count(const struct spool *spool, const char *folder, const char *ending,
                        size_t *count, struct error *error)
{
    enum result result = RESULT_OK;
    *count = 0;
    for (unsigned operation = OPERATION_CO; operation <= OPERATION_FEEDBACK && result == RESULT_OK;
         operation++) {
        char path[PATH_MAX];
        struct dirent **entries = NULL;
        result = make_path(spool, folder, (enum operation)operation, "", path, error);
        int found = result == RESULT_OK ? scandir(path, &entries, is_whole, NULL) : 0;
        if (found < 0) {
            result = error_system(error, errno, "'%s'", path);
        }
        for (int i = 0; i < found; i++) {
            *count += ends_with(entries[i]->d_name, ending);
            free(entries[i]);
        }
        free(entries);
    }
    return result;
}

bool spool_is_served(const struct spool *spool)
{
    int folder = open(spool->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool served = folder >= 0 && flock(folder, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (folder >= 0) {
        (void)close(folder);
    }
    return served;
}
