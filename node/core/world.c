/* The real time and randomness. See world.h. */
#include "node/core/world.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

#define YEAR_OF_TM 1900
#define LAST_YEAR  9999 /* that RFC 3339 can tell */

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

/* A number of so many digits, and what stands behind it; gives the place behind that. */
static char *put_digits(char *at, int number, size_t digits, char behind)
{
    for (size_t i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    at[digits] = behind;
    return at + digits + 1;
}

void timestamp_format(uint64_t wall_ms, char out[TIMESTAMP_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc = {0};
    if (gmtime_r(&seconds, &utc) == NULL || utc.tm_year + YEAR_OF_TM > LAST_YEAR) {
        (void)snprintf(out, TIMESTAMP_BYTES, "-");
        return;
    }
    out = put_digits(out, utc.tm_year + YEAR_OF_TM, 4, '-');
    out = put_digits(out, utc.tm_mon + 1, 2, '-');
    out = put_digits(out, utc.tm_mday, 2, 'T');
    out = put_digits(out, utc.tm_hour, 2, ':');
    out = put_digits(out, utc.tm_min, 2, ':');
    out = put_digits(out, utc.tm_sec, 2, '.');
    out = put_digits(out, (int)(wall_ms % 1000), 3, 'Z');
    *out = '\0';
}
