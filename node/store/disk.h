/* The only door to the disk for the journal: a table of system calls, so that tests can write
 * short, run out of room, fail a sync or lose what was not synced. Each function is as the call of
 * its name, with errno. Any thread. */
#ifndef COMESH_NODE_STORE_DISK_H
#define COMESH_NODE_STORE_DISK_H

#include "proto/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <sys/types.h>

struct disk {
    int (*open)(void *self, const char *path, int flags, mode_t mode);
    int (*close)(void *self, int fd);
    ssize_t (*pread)(void *self, int fd, void *out, size_t size, off_t offset);
    ssize_t (*pwrite)(void *self, int fd, const void *data, size_t size, off_t offset);
    int (*fdatasync)(void *self, int fd);
    int (*fsync)(void *self, int fd);
    int (*fallocate)(void *self, int fd, off_t size);
    int (*ftruncate)(void *self, int fd, off_t size);
    int (*statvfs)(void *self, const char *path, struct statvfs *out);
    int (*rename)(void *self, const char *from, const char *to);
    int (*unlink)(void *self, const char *path);
    void *self;
};

/* The real one. Static. */
const struct disk *disk_real(void);

/* Writes all, however often the system writes less. `path` is for the sentence. */
enum result disk_write(const struct disk *disk, int fd, const void *data, size_t size,
                       uint64_t offset, const char *path, struct error *error) RESULT_CHECKED;

/* Reads up to `size` bytes; `*got` is less only at the end of the file. */
enum result disk_read(const struct disk *disk, int fd, void *out, size_t size, uint64_t offset,
                      size_t *got, const char *path, struct error *error) RESULT_CHECKED;

/* Makes the names in a folder durable. */
enum result disk_sync_folder(const struct disk *disk, const char *path,
                             struct error *error) RESULT_CHECKED;

#endif
