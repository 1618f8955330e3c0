/* What the store shows before its views do: the channels as of the last commit, where the last
 * entries lie in the journal, and how far the views are. The writer puts, any thread asks; nobody
 * waits here for a disk. Private to embedded*.c. */
#ifndef COMESH_NODE_STORE_FRONT_H
#define COMESH_NODE_STORE_FRONT_H

#include "node/store/views.h"

#include <pthread.h>

#define FRONT_PLACES 4096 /* entries whose place is kept: more than lie in a few batches */

struct front_place {
    uint32_t channel;
    struct views_run run;
};

struct front_channel {
    struct store_channel now; /* as of the last commit */
    uint64_t written;         /* its size with the batch that is in the journal, synced or not */
};

struct front {
    pthread_mutex_t lock;
    pthread_cond_t settled;
    struct front_channel *channels; /* that of number n is channels[n - 1] */
    size_t count;
    size_t capacity;
    struct front_place *places; /* a ring; place n is places[n % FRONT_PLACES] */
    uint64_t placed;            /* places put so far, */
    uint64_t written_to;        /* those in the journal, */
    uint64_t committed_to;      /* and those that count */
    uint64_t commits;
    uint64_t commits_viewed;
    bool awaited;             /* somebody waits for the views, */
    void (*call)(void *self); /* and calls the writer; NULL: nobody comes */
    void *call_self;
    bool behind; /* the views could not take what was committed */
};

enum result front_init(struct front *front, struct error *error) RESULT_CHECKED;
void front_free(struct front *front);

/* ---- the writer ---- */

/* Room for so many channels. */
enum result front_reserve(struct front *front, size_t channels, struct error *error) RESULT_CHECKED;

/* A channel as it is after the last commit; there must be room for it. */
void front_put_channel(struct front *front, const struct store_channel *channel);

/* The place of an entry of the open batch. */
void front_put_place(struct front *front, uint32_t channel, const struct views_run *run);

/* The size of a channel once the open batch is committed. */
void front_put_written(struct front *front, uint32_t channel, uint64_t size);

/* The open batch is in the journal; it counts; it will never. */
void front_written(struct front *front);
void front_committed(struct front *front);
void front_rollback(struct front *front);

/* The views have all that was committed, or could not take it: nobody waits for them any more. */
void front_settled(struct front *front, bool behind);

/* Whether somebody waits for the views. */
bool front_is_awaited(struct front *front);

/* Whom to call when somebody does; NULL for nobody. */
void front_on_wait(struct front *front, void (*call)(void *self), void *self);

/* ---- any thread ---- */

/* Waits until the views have what is committed now. */
void front_await_views(struct front *front);

/* Sizes of a channel, 0 for an unknown one: committed, with the batch that is written, and covered
 * by the last receipt. */
uint64_t front_size(struct front *front, uint32_t channel);
uint64_t front_written_size(struct front *front, uint32_t channel);
uint64_t front_receipted(struct front *front, uint32_t channel);

/* Whether the views lack what was committed: then what is told with them is asked of them alone. */
bool front_is_behind(struct front *front);

/* All channels, in `arena`. */
enum result front_channels(struct front *front, struct arena *arena,
                           struct store_channel **channels, size_t *count,
                           struct error *error) RESULT_CHECKED;

/* As views_run, from memory; with what is written and not committed when `ahead`. None when entry
 * `first` is not among the places that are kept. */
enum result front_run(struct front *front, uint32_t channel, uint64_t first, size_t max, bool ahead,
                      struct arena *arena, struct views_run **run, size_t *count,
                      struct error *error) RESULT_CHECKED;

#endif
