/* Append and fdatasync of the same batches. See floors.h. */
#include "tools/bench/floors.h"
#include "tools/bench/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 512

enum result floor_file_open(struct floor_file *file, const char *path, size_t size,
                            struct error *error)
{
    file->size = size;
    file->record = malloc(size);
    file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file->record == NULL || file->fd < 0) {
        enum result result = error_system(error, errno, "'%s' cannot be made", path);
        floor_file_close(file);
        return result;
    }
    (void)unlink(path);
    memset(file->record, 0x5a, size);
    return RESULT_OK;
}

enum result floor_file_append(struct floor_file *file, struct error *error)
{
    size_t done = 0;
    while (done < file->size) {
        ssize_t size = write(file->fd, file->record + done, file->size - done);
        if (size < 0) {
            return error_system(error, errno, "the file of the disk's floor");
        }
        done += (size_t)size;
    }
    return fdatasync(file->fd) == 0 ? RESULT_OK
                                    : error_system(error, errno, "the file of the disk's floor");
}

void floor_file_close(struct floor_file *file)
{
    if (file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
    free(file->record);
    file->record = NULL;
}

struct writing {
    struct floor_file file;
    uint64_t commits;
    enum result result;
    struct error error;
};

static void *write_all(void *argument)
{
    struct writing *writing = argument;
    for (uint64_t i = 0; i < writing->commits && writing->result == RESULT_OK; i++) {
        writing->result = floor_file_append(&writing->file, &writing->error);
    }
    return NULL;
}

enum result floor_disk(const char *folder, const struct floor_writer writers[2], double *seconds,
                       struct error *error)
{
    struct writing writings[2] = {{.file = {.fd = -1}}, {.file = {.fd = -1}}};
    pthread_t second;
    enum result result = RESULT_OK;
    for (size_t i = 0; i < 2 && result == RESULT_OK; i++) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof path, "%s/floor-%zu", folder, i);
        writings[i].commits = writers[i].commits;
        result = floor_file_open(&writings[i].file, path, (size_t)writers[i].commit_bytes, error);
    }
    double start = clock_s();
    if (result == RESULT_OK) {
        int problem = pthread_create(&second, NULL, write_all, &writings[1]);
        if (problem == 0) {
            (void)write_all(&writings[0]);
            (void)pthread_join(second, NULL);
        } else {
            result = error_system(error, problem, "a thread for the disk's floor");
        }
    }
    *seconds = clock_s() - start;
    for (size_t i = 0; i < 2; i++) {
        if (result == RESULT_OK && writings[i].result != RESULT_OK) {
            result = writings[i].result;
            *error = writings[i].error;
        }
        floor_file_close(&writings[i].file);
    }
    return result;
}
