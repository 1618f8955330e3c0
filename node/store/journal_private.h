/* What the files of the journal share: opening, appending, replaying, reading. */
#ifndef COMESH_NODE_STORE_JOURNAL_PRIVATE_H
#define COMESH_NODE_STORE_JOURNAL_PRIVATE_H

#include "node/store/segment.h"

#include <pthread.h>

struct journal {
    const struct disk *disk;
    const struct world *world;
    char path[SEGMENT_PATH_BYTES - SEGMENT_NAME_BYTES - 8];
    uint64_t segment_bytes;
    bool read_only;
    uint64_t read_until;
    struct journal_id id;

    pthread_mutex_t lock; /* over the segments: readers look them up */
    struct segment *segments;
    size_t segment_count;
    size_t segment_capacity;

    /* Of the appending thread only. */
    int fd; /* of the last segment, -1 before the replay */
    struct journal_place end;
    struct buffer batch;
    size_t record_at; /* of the open record, in the batch */
    uint64_t record_count;
    bool written;      /* the batch is in the file, with its commit record */
    uint64_t prepared; /* zeros are written up to this position */
    bool sync_failed;
};

/* Adds a segment to the list. */
enum result journal_add_segment(struct journal *journal, const struct segment *segment,
                                struct error *error) RESULT_CHECKED;

/* Drops everything in the last segment, open as `fd`, from `position` on, and makes that durable.
 */
enum result journal_cut(struct journal *journal, int fd, uint64_t position,
                        struct error *error) RESULT_CHECKED;

static inline const struct segment *journal_last(const struct journal *journal)
{
    return &journal->segments[journal->segment_count - 1];
}

#endif
