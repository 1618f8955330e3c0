/* What the tests of node/store share: a folder that goes away, the bytes of a file, and a disk that
 * fails on demand or loses what was not synced. */
#ifndef COMESH_TESTS_STORE_FIXTURE_H
#define COMESH_TESTS_STORE_FIXTURE_H

#include "node/store/disk.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static inline int folder_remove_one(const char *path, const struct stat *status, int flag,
                                    struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

static inline void folder_make(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/comesh-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void folder_remove(void)
{
    (void)nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in the folder; the last eight stay valid. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][256];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* ---- files ---- */

static inline size_t file_size(const char *path)
{
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return (size_t)status.st_size;
}

/* The whole file, to be freed. */
static inline uint8_t *file_read(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    *size = file_size(path);
    uint8_t *data = malloc(*size + 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(read(fd, data, *size), (ssize_t)*size);
    (void)close(fd);
    return data;
}

static inline void file_write(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
    (void)close(fd);
}

static inline void file_flip(const char *path, size_t offset, uint8_t bits)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, &byte, 1, (off_t)offset), 1);
    byte ^= bits;
    ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)offset), 1);
    (void)close(fd);
}

/* ---- a disk that fails ---- */

#define SECTOR           512
#define UNSYNCED_MAX     4096
#define FLAKY_NEVER_FULL SIZE_MAX

/* A sector as it was before a write that is not synced yet. */
struct unsynced {
    int fd; /* a duplicate */
    off_t offset;
    uint8_t before[SECTOR];
};

struct flaky {
    struct disk disk;
    size_t room;  /* bytes that can be written before the disk is full */
    size_t chunk; /* bytes that one write takes at most; 0 is all */
    bool sync_fails;
    bool remembers; /* keeps what is not synced, for flaky_cut_power */
    size_t syncs;
    size_t unsynced_count;
    struct unsynced unsynced[UNSYNCED_MAX];
    struct statvfs room_told;
};

static inline int flaky_open(void *self, const char *path, int flags, mode_t mode)
{
    (void)self;
    return open(path, flags | O_CLOEXEC, mode);
}

static inline int flaky_close(void *self, int fd)
{
    (void)self;
    return close(fd);
}

static inline ssize_t flaky_pread(void *self, int fd, void *out, size_t size, off_t offset)
{
    const struct flaky *flaky = self;
    return pread(fd, out, flaky->chunk != 0 && size > flaky->chunk ? flaky->chunk : size, offset);
}

static inline void flaky_remember(struct flaky *flaky, int fd, size_t size, off_t offset)
{
    for (off_t at = offset / SECTOR * SECTOR; at < offset + (off_t)size; at += SECTOR) {
        ck_assert_uint_lt(flaky->unsynced_count, UNSYNCED_MAX);
        struct unsynced *sector = &flaky->unsynced[flaky->unsynced_count++];
        memset(sector->before, 0, SECTOR);
        ck_assert_int_ge(pread(fd, sector->before, SECTOR, at), 0);
        sector->fd = dup(fd);
        sector->offset = at;
    }
}

static inline ssize_t flaky_pwrite(void *self, int fd, const void *data, size_t size, off_t offset)
{
    struct flaky *flaky = self;
    if (size > 0 && flaky->room == 0) {
        errno = ENOSPC;
        return -1;
    }
    size = size > flaky->room ? flaky->room : size;
    size = flaky->chunk != 0 && size > flaky->chunk ? flaky->chunk : size;
    if (flaky->remembers) {
        flaky_remember(flaky, fd, size, offset);
    }
    ssize_t done = pwrite(fd, data, size, offset);
    if (done > 0 && flaky->room != FLAKY_NEVER_FULL) {
        flaky->room -= (size_t)done;
    }
    return done;
}

static inline void flaky_forget(struct flaky *flaky)
{
    for (size_t i = 0; i < flaky->unsynced_count; i++) {
        (void)close(flaky->unsynced[i].fd);
    }
    flaky->unsynced_count = 0;
}

static inline int flaky_sync(void *self, int fd)
{
    struct flaky *flaky = self;
    (void)fd;
    if (flaky->sync_fails) {
        errno = EIO;
        return -1;
    }
    flaky->syncs++;
    flaky_forget(flaky);
    return 0;
}

static inline int flaky_fallocate(void *self, int fd, off_t size)
{
    const struct flaky *flaky = self;
    if (flaky->room < (size_t)size) {
        errno = ENOSPC;
        return -1;
    }
    return fallocate(fd, 0, 0, size);
}

static inline int flaky_ftruncate(void *self, int fd, off_t size)
{
    (void)self;
    return ftruncate(fd, size);
}

static inline int flaky_statvfs(void *self, const char *path, struct statvfs *out)
{
    (void)path;
    *out = ((const struct flaky *)self)->room_told;
    return 0;
}

static inline int flaky_rename(void *self, const char *from, const char *to)
{
    (void)self;
    return rename(from, to);
}

static inline int flaky_unlink(void *self, const char *path)
{
    (void)self;
    return unlink(path);
}

/* A disk that works until it is told otherwise. */
static inline void flaky_init(struct flaky *flaky)
{
    memset(flaky, 0, sizeof *flaky);
    flaky->room = FLAKY_NEVER_FULL;
    flaky->disk = (struct disk){
        .open = flaky_open,
        .close = flaky_close,
        .pread = flaky_pread,
        .pwrite = flaky_pwrite,
        .fdatasync = flaky_sync,
        .fsync = flaky_sync,
        .fallocate = flaky_fallocate,
        .ftruncate = flaky_ftruncate,
        .statvfs = flaky_statvfs,
        .rename = flaky_rename,
        .unlink = flaky_unlink,
        .self = flaky,
    };
}

/* The power goes: of each unsynced sector a throw of `dice` says whether it reached the disk. */
static inline void flaky_cut_power(struct flaky *flaky, uint64_t *dice)
{
    for (size_t i = flaky->unsynced_count; i > 0; i--) {
        const struct unsynced *sector = &flaky->unsynced[i - 1];
        *dice = *dice * 6364136223846793005ULL + 1442695040888963407ULL;
        if (*dice >> 63 != 0) {
            ck_assert_int_eq(pwrite(sector->fd, sector->before, SECTOR, sector->offset), SECTOR);
        }
    }
    flaky_forget(flaky);
}

#endif
