/* What this machine can do without comesh: the same bytes through plain libzmq, and onto the disk.
 * Both give seconds. The main thread. */
#ifndef COMESH_TOOLS_BENCH_FLOORS_H
#define COMESH_TOOLS_BENCH_FLOORS_H

#include "proto/err.h"

#include <stddef.h>
#include <stdint.h>

/* `frames` frames of `frame_bytes` from a DEALER to a ROUTER over loopback with CURVE, each with a
 * context of its own. */
enum result floor_wire(uint64_t frames, uint64_t frame_bytes, double *seconds,
                       struct error *error) RESULT_CHECKED;

/* One of two nodes that write at the same time. */
struct floor_writer {
    uint64_t commits;
    uint64_t commit_bytes;
};

/* Two writers at once, each with a file of its own in `folder` that grows by append and fdatasync.
 */
enum result floor_disk(const char *folder, const struct floor_writer writers[2], double *seconds,
                       struct error *error) RESULT_CHECKED;

/* A file that grows by append and fdatasync, one record at a time. */
struct floor_file {
    int fd;
    uint8_t *record;
    size_t size;
};
enum result floor_file_open(struct floor_file *file, const char *path, size_t size,
                            struct error *error) RESULT_CHECKED;
enum result floor_file_append(struct floor_file *file, struct error *error) RESULT_CHECKED;
void floor_file_close(struct floor_file *file);

#endif
