/* What the pages of the flow share: who we are, with which keys, on which store. Made by comeshd
 * before the tasks and outliving them. Must not know a socket. */
#ifndef COMESH_NODE_FLOW_FLOW_H
#define COMESH_NODE_FLOW_FLOW_H

#include "keys/agreements.h"
#include "keys/directory.h"
#include "keys/unlocked.h"
#include "node/core/config.h"
#include "node/core/metrics.h"
#include "node/core/rules.h"
#include "node/core/world.h"
#include "node/store/writer.h"
#include "proto/message.h"

#include <pthread.h>

#define FLOW_EPOCH_FIRST 1
/* A partner's time that is more than this ahead of ours is refused. */
#define FLOW_CLOCK_AHEAD_MS ((uint64_t)300 * 1000)

struct trust;

struct flow {
    const struct config *_Atomic config; /* a reload puts a new one; old ones live on */
    const struct rules *_Atomic rules;   /* the same */
    const struct world *world;
    struct metrics *metrics;
    struct store *store;
    struct writer *writer;
    pthread_mutex_t directory_lock;
    struct directory *directory;   /* through flow_directory and own_of only */
    struct unlocked *unlocked;     /* through own_of only */
    struct agreements *agreements; /* through flow_agreements only */
    struct trust *trust;           /* passes signed texts on, see trust.h; NULL: nothing does */
    _Atomic uint32_t behind[26];   /* through flow_is_behind: a bit for each party code */
    _Atomic uint32_t heard[26];    /* through flow_is_heard: the same */
    /* Reads cards and agreements again, one at a time with all who do, and tells the lanes: for a
     * card that the flow itself took. NULL: the flow reads it alone. Any thread. */
    enum result (*refresh)(void *self, struct error *error);
    void *self;
};

/* The directory of now, shared: release it. Any thread. */
struct directory *flow_directory(struct flow *flow);

/* Puts a new snapshot in; the flow takes it over and lets the old one go. Any thread. */
void flow_set_directory(struct flow *flow, struct directory **directory);
void flow_set_unlocked(struct flow *flow, struct unlocked **unlocked);

/* The same for the signed agreements; NULL holds none. */
struct agreements *flow_agreements(struct flow *flow);
void flow_set_agreements(struct flow *flow, struct agreements **agreements);

/* Whether the partner holds more of our channel than this store, which was put back from a backup:
 * nothing may be appended to it before that has come back. Any thread. */
bool flow_is_behind(const struct flow *flow, struct text partner);
void flow_set_behind(struct flow *flow, struct text partner, bool behind);

/* Whether the partner has said since the start what it holds of our channel. Any thread. */
bool flow_is_heard(const struct flow *flow, struct text partner);
void flow_set_heard(struct flow *flow, struct text partner);

/* The origin line of the channel that we send to `partner`. */
enum result flow_origin(const struct flow *flow, struct text partner, char out[ORIGIN_MAX_BYTES],
                        struct error *error) RESULT_CHECKED;

/* The committed state of the channel of that origin, in `arena`. RESULT_NOT_FOUND without a
 * sentence when it does not exist yet. */
enum result flow_read_channel(struct store_reader *reader, struct text origin, struct arena *arena,
                              const struct store_channel **channel,
                              struct error *error) RESULT_CHECKED;

#endif
