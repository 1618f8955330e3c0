/* One certificate on an idle mesh, beside the disk's own fdatasync in the same moments. */
#include "tools/bench/figures.h"
#include "tools/bench/floors.h"

#define IDLE_PAUSE_US 50000
#define IDLE_TIMES    3
#define BETWEEN_US    2000 /* so that the verdict of one is home before the next */

enum result measure_one(struct stream *stream, struct samples *receipted, struct samples *committed,
                        struct error *error)
{
    uint64_t index = 0;
    double start = clock_us();
    enum result result = stream_send_one(stream, &index, error);
    if (committed != NULL) {
        samples_add(committed, clock_us() - start);
    }
    if (result == RESULT_OK) {
        result = stream_await(stream, index + 1, NULL, error);
    }
    samples_add(receipted, clock_us() - start);
    return result;
}

enum result wait_idle(struct stream *const *streams, size_t count, struct error *error)
{
    uint64_t before = 0;
    for (unsigned same = 0; same < IDLE_TIMES; same++) {
        uint64_t commits = 0;
        for (size_t i = 0; i < count; i++) {
            struct stream_metrics metrics;
            enum result result = stream_metrics(streams[i], &metrics, error);
            if (result != RESULT_OK) {
                return result;
            }
            commits += metrics.value[METRIC_COMMITS];
        }
        if (commits != before) {
            before = commits;
            same = 0;
        }
        pause_us(IDLE_PAUSE_US);
    }
    return RESULT_OK;
}

void report_latency(struct report *report, const char *name, const struct samples *samples)
{
    static const struct {
        const char *suffix;
        double share;
    } points[] = {{"p50", 0.5}, {"p99", 0.99}};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        char text[40];
        (void)snprintf(text, sizeof text, "%s_%s", name, points[i].suffix);
        struct figure *figure = report_figure(report, text, "us");
        figure->value = samples_at(samples, points[i].share);
        for (size_t j = 0; j < samples->count; j++) {
            samples_add(&figure->runs, samples->values[j]);
        }
    }
}

static void told(struct bench *bench, const struct samples *syncs, const struct samples *committed,
                 const struct samples *receipted)
{
    struct report *report = &bench->report;
    double sync = samples_at(syncs, 0.5);
    report_latency(report, "one.fdatasync", syncs);
    report_latency(report, "one.committed", committed);
    report_latency(report, "one.receipt", receipted);
    figure_floor(report_figure(report, "one.committed_p50", "us"), sync, "fdatasync p50");
    figure_floor(report_figure(report, "one.receipt_p50", "us"), sync, "fdatasync p50");
    figure_floor(report_figure(report, "one.receipt_p99", "us"), sync, "fdatasync p50");
    report_figure(report, "one.receipt_p50", "us")->asked = "ratio <= 8";
}

enum result figure_one(struct bench *bench, struct error *error)
{
    struct samples syncs = {0};
    struct samples committed = {0};
    struct samples receipted = {0};
    struct floor_file file = {.fd = -1};
    char path[MEMBER_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/floor-one", bench->folder);
    enum result result = floor_file_open(&file, path, (size_t)bench->entry_bytes, error);
    for (uint64_t i = 0; i < bench->singles && result == RESULT_OK; i++) {
        progress("one", i + 1, bench->singles);
        double start = clock_us();
        result = floor_file_append(&file, error);
        samples_add(&syncs, clock_us() - start);
        if (result == RESULT_OK) {
            result = measure_one(&bench->to_id, &receipted, &committed, error);
        }
        pause_us(BETWEEN_US);
    }
    if (result == RESULT_OK) {
        told(bench, &syncs, &committed, &receipted);
    }
    floor_file_close(&file);
    samples_free(&syncs);
    samples_free(&committed);
    samples_free(&receipted);
    return result;
}
