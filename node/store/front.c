/* What the store shows before its views do. See front.h. */
#include "node/store/front.h"

#include <stdlib.h>

static void lock(struct front *front)
{
    (void)pthread_mutex_lock(&front->lock);
}

static void unlock(struct front *front)
{
    (void)pthread_mutex_unlock(&front->lock);
}

enum result front_init(struct front *front, struct error *error)
{
    (void)pthread_mutex_init(&front->lock, NULL);
    (void)pthread_cond_init(&front->settled, NULL);
    front->places = calloc(FRONT_PLACES, sizeof *front->places);
    return front->places == NULL ? error_set(error, RESULT_NO_MEMORY, "no memory to open the store")
                                 : RESULT_OK;
}

void front_free(struct front *front)
{
    free(front->channels);
    free(front->places);
    (void)pthread_cond_destroy(&front->settled);
    (void)pthread_mutex_destroy(&front->lock);
}

/* ---- the writer ---- */

enum result front_reserve(struct front *front, size_t channels, struct error *error)
{
    enum result result = RESULT_OK;
    lock(front);
    if (channels > front->capacity) {
        size_t capacity = 2 * channels;
        struct front_channel *grown = realloc(front->channels, capacity * sizeof *grown);
        if (grown == NULL) {
            result = error_set(error, RESULT_NO_MEMORY, "no memory for %zu channels", capacity);
        } else {
            front->channels = grown;
            front->capacity = capacity;
        }
    }
    unlock(front);
    return result;
}

void front_put_channel(struct front *front, const struct store_channel *channel)
{
    lock(front);
    front->channels[channel->number - 1] = (struct front_channel){*channel, channel->size};
    front->count = channel->number > front->count ? channel->number : front->count;
    unlock(front);
}

void front_put_place(struct front *front, uint32_t channel, const struct views_run *run)
{
    lock(front);
    front->places[front->placed % FRONT_PLACES] = (struct front_place){channel, *run};
    front->placed++;
    unlock(front);
}

void front_put_written(struct front *front, uint32_t channel, uint64_t size)
{
    lock(front);
    if (channel <= front->count) {
        front->channels[channel - 1].written = size;
    }
    unlock(front);
}

void front_written(struct front *front)
{
    lock(front);
    front->written_to = front->placed;
    unlock(front);
}

void front_committed(struct front *front)
{
    lock(front);
    front->written_to = front->placed;
    front->committed_to = front->placed;
    front->commits++;
    unlock(front);
}

/* The places that the batch took from older ones are lost; they count as not kept, for the ring
 * goes on where it is. */
void front_rollback(struct front *front)
{
    lock(front);
    for (uint64_t i = front->committed_to; i < front->placed; i++) {
        front->places[i % FRONT_PLACES].channel = 0;
    }
    front->written_to = front->placed;
    front->committed_to = front->placed;
    for (size_t i = 0; i < front->count; i++) {
        front->channels[i].written = front->channels[i].now.size;
    }
    unlock(front);
}

void front_settled(struct front *front, bool behind)
{
    lock(front);
    front->behind = behind;
    front->commits_viewed = front->commits;
    front->awaited = false;
    (void)pthread_cond_broadcast(&front->settled);
    unlock(front);
}

bool front_is_awaited(struct front *front)
{
    lock(front);
    bool awaited = front->awaited;
    unlock(front);
    return awaited;
}

void front_on_wait(struct front *front, void (*call)(void *self), void *self)
{
    lock(front);
    front->call = call;
    front->call_self = self;
    unlock(front);
}

/* ---- any thread ---- */

void front_await_views(struct front *front)
{
    lock(front);
    uint64_t wanted = front->commits;
    if (front->commits_viewed < wanted && !front->awaited) {
        front->awaited = true;
        if (front->call != NULL) {
            front->call(front->call_self);
        }
    }
    while (front->commits_viewed < wanted) {
        (void)pthread_cond_wait(&front->settled, &front->lock);
    }
    unlock(front);
}

/* Under the lock. */
static const struct front_channel *find(const struct front *front, uint32_t channel)
{
    static const struct front_channel unknown = {0};
    return channel == 0 || channel > front->count ? &unknown : &front->channels[channel - 1];
}

uint64_t front_size(struct front *front, uint32_t channel)
{
    lock(front);
    uint64_t size = find(front, channel)->now.size;
    unlock(front);
    return size;
}

uint64_t front_written_size(struct front *front, uint32_t channel)
{
    lock(front);
    uint64_t size = find(front, channel)->written;
    unlock(front);
    return size;
}

uint64_t front_receipted(struct front *front, uint32_t channel)
{
    lock(front);
    uint64_t size = find(front, channel)->now.receipt_size;
    unlock(front);
    return size;
}

bool front_is_behind(struct front *front)
{
    lock(front);
    bool behind = front->behind;
    unlock(front);
    return behind;
}

enum result front_channels(struct front *front, struct arena *arena,
                           struct store_channel **channels, size_t *count, struct error *error)
{
    lock(front);
    *channels = arena_alloc(arena, (front->count + 1) * sizeof **channels);
    *count = *channels == NULL ? 0 : front->count;
    for (size_t i = 0; i < *count; i++) {
        (*channels)[i] = front->channels[i].now;
    }
    unlock(front);
    return *channels == NULL ? error_set(error, RESULT_NO_MEMORY, "no memory for the channels")
                             : RESULT_OK;
}

/* The place of entry `first` and how many of its channel follow it, below `end`; false when it is
 * not kept. Entries of a channel stand in their order, and what is asked for is mostly the newest.
 */
static bool find_place(const struct front *front, uint32_t channel, uint64_t first, uint64_t end,
                       uint64_t *at, size_t *count)
{
    uint64_t oldest = front->placed > FRONT_PLACES ? front->placed - FRONT_PLACES : 0;
    *count = 0;
    for (*at = end; *at > oldest;) {
        const struct front_place *place = &front->places[--*at % FRONT_PLACES];
        if (place->channel == channel) {
            ++*count;
        }
        if (place->channel == channel && place->run.index <= first) {
            return place->run.index == first;
        }
    }
    return false;
}

static void copy_places(const struct front *front, uint32_t channel, uint64_t at, size_t count,
                        struct views_run *run)
{
    for (size_t copied = 0; copied < count; at++) {
        const struct front_place *place = &front->places[at % FRONT_PLACES];
        if (place->channel == channel) {
            run[copied++] = place->run;
        }
    }
}

enum result front_run(struct front *front, uint32_t channel, uint64_t first, size_t max, bool ahead,
                      struct arena *arena, struct views_run **run, size_t *count,
                      struct error *error)
{
    uint64_t at = 0;
    size_t found = 0;
    enum result result = RESULT_OK;
    *run = NULL;
    *count = 0;
    lock(front);
    uint64_t end = ahead ? front->written_to : front->committed_to;
    if (find_place(front, channel, first, end, &at, &found)) {
        found = found < max ? found : max;
        *run = arena_alloc(arena, (found + 1) * sizeof **run);
        if (*run == NULL) {
            result = error_set(error, RESULT_NO_MEMORY, "no memory for %zu places", found);
        } else {
            copy_places(front, channel, at, found, *run);
            *count = found;
        }
    }
    unlock(front);
    return result;
}
