/* One measuring: the mesh, the sizes, the figures. Each figure_… measures its part of the issue of
 * speed and adds to the report; an error means that something is broken, never that it is slow.
 * The main thread. */
#ifndef COMESH_TOOLS_BENCH_FIGURES_H
#define COMESH_TOOLS_BENCH_FIGURES_H

#include "tools/bench/report.h"
#include "tools/bench/stream.h"

#include <stdlib.h>

struct bench {
    const char *programs;
    char folder[MEMBER_PATH_BYTES / 4];
    uint64_t bulk_count; /* certificates in a bulk run */
    uint64_t bulk_runs;
    uint64_t singles; /* certificates measured one by one */
    uint64_t backlog; /* certificates that wait for a partner */
    uint64_t small;   /* certificates in the small store and in the large one */
    uint64_t large;
    struct report report;
    struct member kr; /* sends */
    struct member id; /* receives, and is down at times */
    struct member uy; /* receives, and is always up */
    struct stream to_id;
    struct stream to_uy;
    _Atomic uint64_t serial; /* the next of KR */
    double entry_bytes;      /* of an entry with its payload, mean */
};

/* JSON, check, pack and hash inside this process. */
enum result figure_codec(struct bench *bench, struct error *error) RESULT_CHECKED;

/* One certificate on an idle mesh, until its receipt is committed. */
enum result figure_one(struct bench *bench, struct error *error) RESULT_CHECKED;

/* Many certificates, the floors of wire and disk, and what each step and process takes. */
enum result figure_bulk(struct bench *bench, struct error *error) RESULT_CHECKED;

/* A partner that is down while another is up. */
enum result figure_backlog(struct bench *bench, struct error *error) RESULT_CHECKED;

/* Submit and look-up in a small store and in a large one. */
enum result figure_size(struct bench *bench, struct error *error) RESULT_CHECKED;

/* ---- shared by them ---- */

/* From submit until the receipt is committed, and until the own commit, in µs. `committed` may be
 * NULL. */
enum result measure_one(struct stream *stream, struct samples *receipted, struct samples *committed,
                        struct error *error) RESULT_CHECKED;

/* Waits until neither node of the streams commits anything: verdicts and notes have come home. */
enum result wait_idle(struct stream *const *streams, size_t count,
                      struct error *error) RESULT_CHECKED;

/* Adds figures NAME_p50 and NAME_p99 of the samples, which stay the caller's. */
void report_latency(struct report *report, const char *name, const struct samples *samples);

#endif
