/* The figures of one run: a table for people, JSON for programs. One thread. */
#ifndef COMESH_TOOLS_BENCH_REPORT_H
#define COMESH_TOOLS_BENCH_REPORT_H

#include "proto/err.h"
#include "tools/bench/samples.h"

#include <stdio.h>

#define REPORT_FIGURES_MAX 96

struct figure {
    char name[40];
    const char *unit;
    double value; /* unless it is set: the median of the runs */
    double floor; /* NAN: there is none */
    double ratio; /* value / floor, NAN without a floor */
    const char *floor_is;
    const char *asked; /* what the ratio or the value is to be; NULL: only told */
    struct samples runs;
};

struct report {
    struct figure figures[REPORT_FIGURES_MAX];
    size_t count;
    struct figure spare; /* takes what is too much */
};

/* A new figure, or the one of that name. Strings are borrowed, but for the name. */
struct figure *report_figure(struct report *report, const char *name, const char *unit);

/* A figure of one value. */
void report_value(struct report *report, const char *name, const char *unit, double value);

/* Sets floor and ratio of a figure; the value is the median of its runs when it is not set. */
void figure_floor(struct figure *figure, double floor, const char *floor_is);

void report_print(struct report *report, FILE *file);

/* Writes the figures as JSON: name, value, unit, floor, ratio, runs; and in words what the floor is
 * and what is asked. */
enum result report_write(struct report *report, const char *path,
                         struct error *error) RESULT_CHECKED;
void report_free(struct report *report);

/* A line on stderr that overwrites itself, on a terminal only. `total` 0: nothing to count. The
 * empty text wipes it. Any thread. */
void progress(const char *what, unsigned long long done, unsigned long long total);

#endif
