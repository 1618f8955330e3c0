/* The only door to time and randomness, so that tests replace them. (Disk: node/store/disk.h.)
 * Any thread. */
#ifndef COMESH_NODE_CORE_WORLD_H
#define COMESH_NODE_CORE_WORLD_H

#include <stddef.h>
#include <stdint.h>

struct world {
    uint64_t (*wall_ms)(void *self);   /* UTC, milliseconds since 1970-01-01 */
    uint64_t (*steady_ns)(void *self); /* never goes back; only differences mean something */
    void (*random)(void *self, void *out, size_t size); /* cryptographic */
    void *self;
};

/* The real one: clock_gettime and libsodium's generator. Static. */
const struct world *world_real(void);

static inline uint64_t world_wall_ms(const struct world *world)
{
    return world->wall_ms(world->self);
}

static inline uint64_t world_steady_ns(const struct world *world)
{
    return world->steady_ns(world->self);
}

static inline void world_random(const struct world *world, void *out, size_t size)
{
    world->random(world->self, out, size);
}

/* RFC 3339 in UTC with milliseconds, "2026-01-05T09:30:00.123Z", with a NUL. */
#define TIMESTAMP_BYTES 32
void timestamp_format(uint64_t wall_ms, char out[TIMESTAMP_BYTES]);

#endif
