/* Where documents come from. See source.h. */
#include "tools/comesh/source.h"

#include "proto/message.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)256 << 10)

struct source {
    char **paths;
    size_t path_count;
    size_t path_next;
    int fd;             /* of the open file, or -1 */
    const char *name;   /* of the open file */
    bool decided;       /* whether it has JSON lines */
    bool lines;         /* it has */
    bool ended;         /* nothing more comes from the open file */
    size_t line;        /* lines that were given out or passed over */
    struct buffer data; /* read and not yet given out, from `at` */
    size_t at;
    bool sized; /* the size of all files is known */
    uint64_t total;
    uint64_t done;
};

static enum result add_path(struct source *source, const char *folder, const char *name,
                            struct error *error)
{
    char **paths = realloc(source->paths, (source->path_count + 1) * sizeof *paths);
    char *path = NULL;
    if (paths != NULL) {
        source->paths = paths;
    }
    int length =
        folder == NULL ? asprintf(&path, "%s", name) : asprintf(&path, "%s/%s", folder, name);
    if (paths == NULL || length < 0) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the list of files");
    }
    source->paths[source->path_count++] = path;
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
        source->total += (uint64_t)status.st_size;
    } else {
        source->sized = false;
    }
    return RESULT_OK;
}

static int is_document(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end != NULL && entry->d_name[0] != '.' &&
           (strcmp(end, ".json") == 0 || strcmp(end, ".jsonl") == 0 || strcmp(end, ".xml") == 0);
}

static enum result add_folder(struct source *source, const char *folder, struct error *error)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_document, alphasort);
    if (count < 0) {
        return error_system(error, errno, "%s", folder);
    }
    enum result result = RESULT_OK;
    for (int i = 0; i < count; i++) {
        if (result == RESULT_OK) {
            result = add_path(source, folder, entries[i]->d_name, error);
        }
        free(entries[i]);
    }
    free(entries);
    if (count == 0) {
        return error_set(error, RESULT_NOT_FOUND, "%s: has no .json, .jsonl or .xml files", folder);
    }
    return result;
}

static enum result add_name(struct source *source, const char *name, struct error *error)
{
    struct stat status = {0};
    if (strcmp(name, "-") != 0 && stat(name, &status) != 0) {
        return error_system(error, errno, "%s", name);
    }
    if (strcmp(name, "-") != 0 && S_ISDIR(status.st_mode)) {
        return add_folder(source, name, error);
    }
    return add_path(source, NULL, name, error);
}

enum result source_open(char *const *names, size_t count, struct source **source,
                        struct error *error)
{
    struct source *made = calloc(1, sizeof *made);
    *source = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to read documents");
    }
    made->fd = -1;
    made->sized = true;
    for (size_t i = 0; i < count; i++) {
        enum result result = add_name(made, names[i], error);
        if (result != RESULT_OK) {
            source_close(&made);
            return result;
        }
    }
    *source = made;
    return RESULT_OK;
}

static void close_file(struct source *source)
{
    if (source->fd > STDIN_FILENO) {
        (void)close(source->fd);
    }
    source->fd = -1;
}

void source_close(struct source **source)
{
    if (*source != NULL) {
        close_file(*source);
        for (size_t i = 0; i < (*source)->path_count; i++) {
            free((*source)->paths[i]);
        }
        free((*source)->paths);
        buffer_free(&(*source)->data);
        free(*source);
        *source = NULL;
    }
}

static enum result open_next(struct source *source, struct error *error)
{
    const char *path = source->paths[source->path_next++];
    bool standard = strcmp(path, "-") == 0;
    source->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    source->name = standard ? "stdin" : path;
    source->decided = false;
    source->ended = false;
    source->line = 0;
    source->at = 0;
    buffer_clear(&source->data);
    return source->fd >= 0 ? RESULT_OK : error_system(error, errno, "%s", path);
}

/* Reads a piece behind what is there. */
static enum result read_more(struct source *source, struct error *error)
{
    struct buffer *data = &source->data;
    if (source->at > 0) {
        memmove(data->data, data->data + source->at, data->size - source->at);
        data->size -= source->at;
        source->at = 0;
    }
    if (buffer_reserve(data, CHUNK_BYTES) != RESULT_OK) {
        return error_set(error, RESULT_NO_MEMORY, "%s: no memory to read it", source->name);
    }
    ssize_t got = 0;
    do {
        got = read(source->fd, data->data + data->size, CHUNK_BYTES);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return error_system(error, errno, "%s", source->name);
    }
    source->ended = got == 0;
    data->size += (size_t)got;
    source->done += (uint64_t)got;
    return RESULT_OK;
}

static struct bytes unread(const struct source *source)
{
    return (struct bytes){source->data.data + source->at, source->data.size - source->at};
}

/* The bytes up to the next line feed, or all when there is none. */
static size_t line_size(struct bytes bytes, bool *whole)
{
    const uint8_t *feed = bytes.size == 0 ? NULL : memchr(bytes.data, '\n', bytes.size);
    *whole = feed != NULL;
    return feed == NULL ? bytes.size : (size_t)(feed - bytes.data);
}

static struct bytes trimmed(struct bytes bytes)
{
    while (bytes.size > 0 && strchr(" \t\r\n", bytes.data[0]) != NULL && bytes.data[0] != '\0') {
        bytes.data++;
        bytes.size--;
    }
    while (bytes.size > 0 && bytes.data[bytes.size - 1] != '\0' &&
           strchr(" \t\r\n", bytes.data[bytes.size - 1]) != NULL) {
        bytes.size--;
    }
    return bytes;
}

/* Reads on until a line, or the file, is there as a whole or is too large. */
static enum result fill(struct source *source, bool lines, struct error *error)
{
    enum result result = RESULT_OK;
    while (result == RESULT_OK && !source->ended) {
        bool whole = false;
        struct bytes bytes = unread(source);
        size_t size = line_size(bytes, &whole);
        if ((lines && whole) || (lines ? size : bytes.size) > DOCUMENT_MAX_BYTES) {
            break;
        }
        result = read_more(source, error);
    }
    return result;
}

/* Passes over the rest of a line that is too large. */
static enum result pass_line(struct source *source, struct error *error)
{
    for (;;) {
        bool whole = false;
        source->at += line_size(unread(source), &whole);
        if (whole || source->ended) {
            return RESULT_OK;
        }
        enum result result = read_more(source, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
}

/* Whether the file holds JSON lines is told by its first line. */
static enum result decide(struct source *source, struct error *error)
{
    enum result result = fill(source, true, error);
    bool whole = false;
    struct bytes bytes = unread(source);
    bytes.size = line_size(bytes, &whole);
    bytes = trimmed(bytes);
    source->lines = bytes.size > 0 && bytes.data[0] == '{' && bytes.data[bytes.size - 1] == '}';
    source->decided = true;
    return result;
}

/* The next document of the open file; size 0 when there is none. */
static enum result next_of_file(struct source *source, struct bytes *document, struct error *error)
{
    enum result result = source->decided ? RESULT_OK : decide(source, error);
    *document = (struct bytes){NULL, 0};
    while (result == RESULT_OK && document->size == 0) {
        bool whole = false;
        result = fill(source, source->lines, error);
        if (result != RESULT_OK || (source->ended && unread(source).size == 0)) {
            break;
        }
        struct bytes bytes = unread(source);
        size_t size = source->lines ? line_size(bytes, &whole) : bytes.size;
        source->line++;
        if (size > DOCUMENT_MAX_BYTES) {
            *document = (struct bytes){NULL, size};
            result = source->lines ? pass_line(source, error) : RESULT_OK;
            source->ended = source->ended || !source->lines;
        } else {
            *document = trimmed((struct bytes){bytes.data, size});
            source->at += size;
        }
        if (!source->lines) {
            source->at = source->data.size;
        } else if (source->at < source->data.size) {
            source->at++; /* the line feed */
        }
    }
    return result;
}

enum result source_next(struct source *source, struct sourced *document, struct error *error)
{
    *document = (struct sourced){.file = NULL};
    for (;;) {
        if (source->fd < 0) {
            if (source->path_next == source->path_count) {
                return RESULT_OK;
            }
            enum result result = open_next(source, error);
            if (result != RESULT_OK) {
                return result;
            }
        }
        enum result result = next_of_file(source, &document->bytes, error);
        if (result != RESULT_OK) {
            return result;
        }
        if (document->bytes.size > 0) {
            document->file = source->name;
            document->line = source->line;
            return RESULT_OK;
        }
        close_file(source);
    }
}

bool source_is_ready(struct source *source)
{
    bool whole = false;
    (void)line_size(unread(source), &whole);
    if (source->fd < 0 || source->ended || whole) {
        return true;
    }
    struct pollfd poller = {.fd = source->fd, .events = POLLIN};
    return poll(&poller, 1, 0) != 0;
}

double source_progress(const struct source *source)
{
    return source->sized && source->total > 0 ? (double)source->done / (double)source->total : -1;
}
