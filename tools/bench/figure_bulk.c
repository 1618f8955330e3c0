/* Many certificates from KR to ID: the rate, beside what plain libzmq and the disk do with the same
 * bytes in the same frames and batches; and what each step and each process takes of it. */
#include "tools/bench/figures.h"
#include "tools/bench/floors.h"

#include <time.h>

#define NODES 2 /* KR, ID */

/* What both nodes have counted up to a moment. */
struct counted {
    struct stream_metrics metrics[NODES];
    struct member_usage usage[NODES];
    double own_s; /* processor time of this process, which submits */
};

struct bulk {
    struct bench *bench;
    struct stream at_id; /* to read ID's counters; nothing is sent over it */
    _Atomic uint64_t no_serial;
    struct counted before;
    struct counted after;
    double step_ns[NODES][METRIC_COUNT]; /* over all runs */
};

static const char *const names[NODES] = {"KR", "ID"};

static double own_processor_s(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static enum result count_now(struct bulk *bulk, struct counted *counted, struct error *error)
{
    struct stream *const streams[NODES] = {&bulk->bench->to_id, &bulk->at_id};
    enum result result = RESULT_OK;
    for (size_t i = 0; i < NODES && result == RESULT_OK; i++) {
        result = stream_metrics(streams[i], &counted->metrics[i], error);
        if (result == RESULT_OK) {
            result = member_usage(streams[i]->member, &counted->usage[i], error);
        }
    }
    counted->own_s = own_processor_s();
    return result;
}

static uint64_t grown(const struct bulk *bulk, size_t node, enum metric metric)
{
    return bulk->after.metrics[node].value[metric] - bulk->before.metrics[node].value[metric];
}

static uint64_t shared_out(double whole, uint64_t parts)
{
    return (uint64_t)(parts == 0 ? whole : whole / (double)parts);
}

/* The figure "PREFIX.NODE NAME". */
static struct figure *node_figure(struct bench *bench, size_t node, const char *name,
                                  const char *unit)
{
    char text[40];
    (void)snprintf(text, sizeof text, "bulk.%s.%s", names[node], name);
    return report_figure(&bench->report, text, unit);
}

/* ---- one run ---- */

/* From the first submit until the last receipt is committed at the sender. */
static enum result run_bulk(struct bulk *bulk, struct error *error)
{
    struct bench *bench = bulk->bench;
    struct stream *stream = &bench->to_id;
    struct stream *const streams[NODES] = {stream, &bulk->at_id};
    struct stream_channel channel = {0};
    enum result result = stream_channel(stream, &channel, error);
    if (result == RESULT_OK) {
        result = count_now(bulk, &bulk->before, error);
    }
    double start = clock_s();
    if (result == RESULT_OK) {
        result = stream_send(stream, bench->bulk_count, "bulk", error);
    }
    if (result == RESULT_OK) {
        result = stream_await(stream, channel.size + bench->bulk_count, "receipts", error);
    }
    if (result == RESULT_OK) {
        report_value(&bench->report, "bulk", "CO/s",
                     (double)bench->bulk_count / (clock_s() - start));
        result = wait_idle(streams, NODES, error);
    }
    return result == RESULT_OK ? count_now(bulk, &bulk->after, error) : result;
}

/* The floors with the frames and the commits of the run that has just been. */
static enum result run_floors(struct bulk *bulk, struct error *error)
{
    struct bench *bench = bulk->bench;
    struct report *report = &bench->report;
    double count = (double)bench->bulk_count;
    double bytes = bench->entry_bytes * count;
    uint64_t frames = grown(bulk, 0, METRIC_FRAMES_SENT);
    struct floor_writer writers[NODES];
    double seconds = 0;
    for (size_t i = 0; i < NODES; i++) {
        writers[i].commits = grown(bulk, i, METRIC_COMMITS);
        writers[i].commit_bytes = shared_out(bytes, writers[i].commits);
    }
    progress("bulk: floor of the wire", 0, 0);
    enum result result = floor_wire(frames, shared_out(bytes, frames), &seconds, error);
    if (result == RESULT_OK) {
        report_value(report, "bulk.floor_wire", "CO/s", count / seconds);
        progress("bulk: floor of the disk", 0, 0);
        result = floor_disk(bench->folder, writers, &seconds, error);
    }
    if (result == RESULT_OK) {
        report_value(report, "bulk.floor_disk", "CO/s", count / seconds);
    }
    return result;
}

/* Adds what the run has taken to the sums, and to the figures that are told for each run. */
static void add_run(struct bulk *bulk)
{
    struct bench *bench = bulk->bench;
    double count = (double)bench->bulk_count;
    for (size_t node = 0; node < NODES; node++) {
        for (unsigned metric = 0; metric < METRIC_COUNT; metric++) {
            bulk->step_ns[node][metric] += (double)grown(bulk, node, (enum metric)metric);
        }
        double used = bulk->after.usage[node].processor_s - bulk->before.usage[node].processor_s;
        samples_add(&node_figure(bench, node, "processor", "us/CO")->runs, used * 1e6 / count);
        samples_add(&node_figure(bench, node, "per_commit", "CO")->runs,
                    count / (double)grown(bulk, node, METRIC_COMMITS));
        samples_add(&node_figure(bench, node, "memory_peak", "MiB")->runs,
                    bulk->after.usage[node].memory_peak_mib);
    }
    samples_add(&report_figure(&bench->report, "bulk.client.processor", "us/CO")->runs,
                (bulk->after.own_s - bulk->before.own_s) * 1e6 / count);
    samples_add(&report_figure(&bench->report, "bulk.per_frame", "CO")->runs,
                count / (double)grown(bulk, 0, METRIC_FRAMES_SENT));
}

/* ---- what is told ---- */

static bool is_step(enum metric metric)
{
    return metric <= METRIC_STEP_RECEIPT;
}

/* Each step in µs a certificate; its "floor" is all steps of the node, so the ratio is its share.
 */
static void tell_steps(struct bulk *bulk)
{
    double count = (double)(bulk->bench->bulk_count * bulk->bench->bulk_runs);
    for (size_t node = 0; node < NODES; node++) {
        double all = 0;
        for (unsigned metric = 0; is_step((enum metric)metric); metric++) {
            all += bulk->step_ns[node][metric] / 1e3 / count;
        }
        for (unsigned metric = 0; is_step((enum metric)metric); metric++) {
            double each = bulk->step_ns[node][metric] / 1e3 / count;
            const char *name = metric_name((enum metric)metric);
            if (each > 0) {
                struct figure *figure = node_figure(bulk->bench, node, name, "us/CO");
                figure->value = each;
                figure_floor(figure, all, "all steps of the node: the ratio is the share");
            }
        }
    }
}

static void tell(struct bulk *bulk)
{
    struct report *report = &bulk->bench->report;
    struct figure *rate = report_figure(report, "bulk", "CO/s");
    double wire = samples_at(&report_figure(report, "bulk.floor_wire", "CO/s")->runs, 0.5);
    double disk = samples_at(&report_figure(report, "bulk.floor_disk", "CO/s")->runs, 0.5);
    rate->asked = "value >= 25000";
    figure_floor(rate, wire < disk ? wire : disk,
                 wire < disk ? "the slower one: plain libzmq, CURVE, the same frames"
                             : "the slower one: append and fdatasync of the same batches");
    report_figure(report, "bulk.floor_wire", "CO/s")->floor_is =
        "plain libzmq, CURVE, DEALER to ROUTER, the same bytes and frames";
    report_figure(report, "bulk.floor_disk", "CO/s")->floor_is =
        "two files that grow by append and fdatasync, the same bytes and batches";
    tell_steps(bulk);
}

enum result figure_bulk(struct bench *bench, struct error *error)
{
    struct bulk *bulk = calloc(1, sizeof *bulk);
    if (bulk == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the bulk run");
    }
    bulk->bench = bench;
    enum result result = stream_open(&bulk->at_id, &bench->id, "KR", &bulk->no_serial, error);
    member_forget_peak(&bench->kr);
    member_forget_peak(&bench->id);
    for (uint64_t run = 0; run < bench->bulk_runs && result == RESULT_OK; run++) {
        result = run_bulk(bulk, error);
        if (result == RESULT_OK) {
            add_run(bulk);
            result = run_floors(bulk, error);
        }
    }
    if (result == RESULT_OK) {
        tell(bulk);
    }
    stream_close(&bulk->at_id);
    free(bulk);
    return result;
}
