/* The real time and randomness. See world.h. */
#include "node/core/world.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

static uint64_t real_wall_ms(void *self)
{
    (void)self;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t real_steady_ns(void *self)
{
    (void)self;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void real_random(void *self, void *out, size_t size)
{
    (void)self;
    randombytes_buf(out, size);
}

const struct world *world_real(void)
{
    static const struct world real = {real_wall_ms, real_steady_ns, real_random, NULL};
    return &real;
}

void timestamp_format(uint64_t wall_ms, char out[TIMESTAMP_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc = {0};
    char date[TIMESTAMP_BYTES];
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) == 0) {
        (void)snprintf(out, TIMESTAMP_BYTES, "-");
        return;
    }
    (void)snprintf(out, TIMESTAMP_BYTES, "%.26s.%03uZ", date, (unsigned)(wall_ms % 1000));
}
