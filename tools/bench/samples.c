/* Measured numbers. See samples.h. */
#include "tools/bench/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity == 0 ? 64 : samples->capacity * 2;
        double *grown = realloc(samples->values, capacity * sizeof *grown);
        if (grown == NULL) {
            samples->failed = true;
            return;
        }
        samples->values = grown;
        samples->capacity = capacity;
    }
    samples->values[samples->count++] = value;
}

void samples_free(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){0};
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double samples_at(const struct samples *samples, double share)
{
    if (samples->count == 0 || samples->failed) {
        return NAN;
    }
    double *sorted = malloc(samples->count * sizeof *sorted);
    if (sorted == NULL) {
        return NAN;
    }
    memcpy(sorted, samples->values, samples->count * sizeof *sorted);
    qsort(sorted, samples->count, sizeof *sorted, by_value);
    double rank = ceil(share * (double)samples->count);
    double value = sorted[rank < 1 ? 0 : (size_t)rank - 1];
    free(sorted);
    return value;
}

double clock_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double clock_us(void)
{
    return clock_s() * 1e6;
}

void pause_us(long microseconds)
{
    struct timespec pause = {.tv_sec = microseconds / 1000000,
                             .tv_nsec = microseconds % 1000000 * 1000};
    (void)nanosleep(&pause, NULL);
}
