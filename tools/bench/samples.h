/* Measured numbers, and what is told about them. One thread. */
#ifndef COMESH_TOOLS_BENCH_SAMPLES_H
#define COMESH_TOOLS_BENCH_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

/* Start with {0}; end with samples_free. */
struct samples {
    double *values;
    size_t count;
    size_t capacity;
    bool failed; /* sticky: a value found no memory */
};

void samples_add(struct samples *samples, double value);
void samples_free(struct samples *samples);

/* The smallest value that at least `share` of all values do not pass: 0.5 is the median, 0.99 the
 * p99. NAN without values. */
double samples_at(const struct samples *samples, double share);

/* Steady time, only differences mean something. */
double clock_s(void);
double clock_us(void);

/* Sleeps so long, or shorter when a signal comes. */
void pause_us(long microseconds);

#endif
