/* A partner that is down: the sender's memory while much waits for it, what another partner feels
 * of that, and how fast all goes when the first is back. */
#include "tools/bench/figures.h"

#include <pthread.h>

#define MEMORY_ASKED    "value < 64"
#define BETWEEN_US      20000 /* beside other work: a light traffic that does not compete with it */
#define IDLE_BETWEEN_US 2000

/* Traffic to UY, one by one, in a thread and over a connection of its own, while other work runs.
 */
struct traffic {
    struct stream stream;
    struct samples receipted;
    _Atomic bool stop;
    pthread_t thread;
    bool running;
    enum result result;
    struct error error;
};

static void *traffic_body(void *argument)
{
    struct traffic *traffic = argument;
    while (!atomic_load(&traffic->stop) && traffic->result == RESULT_OK) {
        traffic->result = measure_one(&traffic->stream, &traffic->receipted, NULL, &traffic->error);
        pause_us(BETWEEN_US);
    }
    return NULL;
}

static enum result traffic_start(struct traffic *traffic, struct error *error)
{
    atomic_store(&traffic->stop, false);
    samples_free(&traffic->receipted);
    int problem = pthread_create(&traffic->thread, NULL, traffic_body, traffic);
    traffic->running = problem == 0;
    return problem == 0 ? RESULT_OK : error_system(error, problem, "a thread for the traffic");
}

/* Ends it; `result` is what the work beside it gave. */
static enum result traffic_stop(struct traffic *traffic, enum result result, struct error *error)
{
    if (traffic->running) {
        atomic_store(&traffic->stop, true);
        (void)pthread_join(traffic->thread, NULL);
        traffic->running = false;
    }
    if (result == RESULT_OK && traffic->result != RESULT_OK) {
        *error = traffic->error;
        return traffic->result;
    }
    return result;
}

/* ---- the parts, in their order ---- */

/* Traffic to UY while nothing else happens: idle, or beside a backlog that only stands there. */
static enum result quiet(struct bench *bench, const char *name, double *p99, struct error *error)
{
    struct samples receipted = {0};
    enum result result = RESULT_OK;
    for (uint64_t i = 0; i < bench->singles && result == RESULT_OK; i++) {
        progress(name, i + 1, bench->singles);
        result = measure_one(&bench->to_uy, &receipted, NULL, error);
        pause_us(IDLE_BETWEEN_US);
    }
    if (result == RESULT_OK) {
        report_latency(&bench->report, name, &receipted);
    }
    *p99 = samples_at(&receipted, 0.99);
    samples_free(&receipted);
    return result;
}

static enum result tell_memory(struct bench *bench, const char *name, struct error *error)
{
    struct member_usage usage;
    enum result result = member_usage(&bench->kr, &usage, error);
    if (result == RESULT_OK) {
        report_value(&bench->report, name, "MiB", usage.memory_peak_mib);
        report_figure(&bench->report, name, "MiB")->asked = MEMORY_ASKED;
    }
    return result;
}

static enum result fill(struct bench *bench, struct traffic *traffic, struct error *error)
{
    member_forget_peak(&bench->kr);
    enum result result = traffic_start(traffic, error);
    double start = clock_s();
    if (result == RESULT_OK) {
        result = stream_send(&bench->to_id, bench->backlog, "backlog", error);
    }
    double rate = (double)bench->backlog / (clock_s() - start);
    result = traffic_stop(traffic, result, error);
    if (result == RESULT_OK) {
        report_value(&bench->report, "backlog.submit", "CO/s", rate);
        report_latency(&bench->report, "backlog.uy_filling", &traffic->receipted);
        result = tell_memory(bench, "backlog.memory_peak", error);
    }
    return result;
}

/* Until the first receipt since `before` is here: the partner has been found again. */
static enum result first_receipt(struct stream *stream, uint64_t before,
                                 struct stream_channel *channel, struct error *error)
{
    enum result result = stream_await(stream, before + 1, "reconnecting", error);
    return result == RESULT_OK ? stream_channel(stream, channel, error) : result;
}

static enum result drain(struct bench *bench, struct traffic *traffic, struct error *error)
{
    struct stream *stream = &bench->to_id;
    struct report *report = &bench->report;
    struct stream_channel before = {0};
    struct stream_channel first = {0};
    enum result result = stream_channel(stream, &before, error);
    double start = clock_s();
    if (result == RESULT_OK) {
        result = member_start(&bench->id, error);
    }
    if (result == RESULT_OK) {
        result = first_receipt(stream, before.receipted, &first, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    double began = clock_s();
    result = traffic_start(traffic, error);
    if (result == RESULT_OK) {
        result = stream_await(stream, before.size, "draining", error);
    }
    double ended = clock_s();
    result = traffic_stop(traffic, result, error);
    if (result == RESULT_OK) {
        report_value(report, "backlog.first_receipt", "s", began - start);
        report_value(report, "backlog.drain", "CO/s",
                     (double)(before.size - first.receipted) / (ended - began));
        report_latency(report, "backlog.uy_draining", &traffic->receipted);
        result = tell_memory(bench, "backlog.memory_peak_drained", error);
    }
    return result;
}

static void tell(struct bench *bench, double idle, const char *name, const char *asked)
{
    struct figure *figure = report_figure(&bench->report, name, "us");
    figure->asked = asked;
    figure_floor(figure, idle, "p99 to UY on the idle mesh");
}

/* The bar is for the backlog that stands. Beside it, what the bulk itself costs another partner
 * while it comes and goes at full speed: here three nodes and their client share the processors
 * then. */
static void tell_all(struct bench *bench, double idle)
{
    struct report *report = &bench->report;
    const struct samples *bulk = &report_figure(report, "bulk", "CO/s")->runs;
    if (bulk->count > 0) {
        figure_floor(report_figure(report, "backlog.drain", "CO/s"), samples_at(bulk, 0.5),
                     "the rate of `bulk`");
    }
    tell(bench, idle, "backlog.uy_standing_p99", "ratio < 2");
    tell(bench, idle, "backlog.uy_filling_p99", NULL);
    tell(bench, idle, "backlog.uy_draining_p99", NULL);
}

enum result figure_backlog(struct bench *bench, struct error *error)
{
    struct stream *const streams[] = {&bench->to_id};
    struct traffic *traffic = calloc(1, sizeof *traffic);
    double idle = 0;
    double standing = 0;
    if (traffic == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the backlog");
    }
    enum result result = stream_open(&traffic->stream, &bench->kr, "UY", &bench->serial, error);
    if (result == RESULT_OK) {
        result = wait_idle(streams, 1, error);
    }
    if (result == RESULT_OK) {
        result = quiet(bench, "backlog.uy_idle", &idle, error);
    }
    if (result == RESULT_OK) {
        result = member_stop(&bench->id, error);
    }
    if (result == RESULT_OK) {
        result = fill(bench, traffic, error);
    }
    if (result == RESULT_OK) {
        result = wait_idle(streams, 1, error);
    }
    if (result == RESULT_OK) {
        result = quiet(bench, "backlog.uy_standing", &standing, error);
    }
    if (result == RESULT_OK) {
        result = drain(bench, traffic, error);
    }
    if (result == RESULT_OK) {
        tell_all(bench, idle);
    }
    samples_free(&traffic->receipted);
    stream_close(&traffic->stream);
    free(traffic);
    return result;
}
