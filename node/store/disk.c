/* The real disk, and loops over its calls. See disk.h. */
#include "node/store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int real_open(void *self, const char *path, int flags, mode_t mode)
{
    (void)self;
    return open(path, flags | O_CLOEXEC, mode);
}

static int real_close(void *self, int fd)
{
    (void)self;
    return close(fd);
}

static ssize_t real_pread(void *self, int fd, void *out, size_t size, off_t offset)
{
    (void)self;
    return pread(fd, out, size, offset);
}

static ssize_t real_pwrite(void *self, int fd, const void *data, size_t size, off_t offset)
{
    (void)self;
    return pwrite(fd, data, size, offset);
}

static int real_fdatasync(void *self, int fd)
{
    (void)self;
    return fdatasync(fd);
}

static int real_fsync(void *self, int fd)
{
    (void)self;
    return fsync(fd);
}

static int real_fallocate(void *self, int fd, off_t size)
{
    (void)self;
    return fallocate(fd, 0, 0, size);
}

static int real_ftruncate(void *self, int fd, off_t size)
{
    (void)self;
    return ftruncate(fd, size);
}

static int real_statvfs(void *self, const char *path, struct statvfs *out)
{
    (void)self;
    return statvfs(path, out);
}

static int real_rename(void *self, const char *from, const char *to)
{
    (void)self;
    return rename(from, to);
}

static int real_unlink(void *self, const char *path)
{
    (void)self;
    return unlink(path);
}

const struct disk *disk_real(void)
{
    static const struct disk real = {
        .open = real_open,
        .close = real_close,
        .pread = real_pread,
        .pwrite = real_pwrite,
        .fdatasync = real_fdatasync,
        .fsync = real_fsync,
        .fallocate = real_fallocate,
        .ftruncate = real_ftruncate,
        .statvfs = real_statvfs,
        .rename = real_rename,
        .unlink = real_unlink,
    };
    return &real;
}

enum result disk_write(const struct disk *disk, int fd, const void *data, size_t size,
                       uint64_t offset, const char *path, struct error *error)
{
    const uint8_t *at = data;
    while (size > 0) {
        ssize_t done = disk->pwrite(disk->self, fd, at, size, (off_t)offset);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return error_system(error, done < 0 ? errno : ENOSPC,
                                "cannot write %zu bytes at %llu of %s", size,
                                (unsigned long long)offset, path);
        }
        at += done;
        size -= (size_t)done;
        offset += (uint64_t)done;
    }
    return RESULT_OK;
}

enum result disk_read(const struct disk *disk, int fd, void *out, size_t size, uint64_t offset,
                      size_t *got, const char *path, struct error *error)
{
    uint8_t *at = out;
    *got = 0;
    while (*got < size) {
        ssize_t done = disk->pread(disk->self, fd, at + *got, size - *got, (off_t)(offset + *got));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return error_system(error, errno, "cannot read %zu bytes at %llu of %s", size,
                                (unsigned long long)offset, path);
        }
        if (done == 0) {
            break;
        }
        *got += (size_t)done;
    }
    return RESULT_OK;
}

enum result disk_sync_folder(const struct disk *disk, const char *path, struct error *error)
{
    int fd = disk->open(disk->self, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        return error_system(error, errno, "cannot open the folder %s", path);
    }
    int failed = disk->fsync(disk->self, fd) == 0 ? 0 : errno;
    (void)disk->close(disk->self, fd);
    return failed == 0 ? RESULT_OK : error_system(error, failed, "cannot sync the folder %s", path);
}
