/* One submit and one look-up by number in a small store and in a large one, turn by turn, so that
 * both feel the same machine. The partners are down: only the own node works. */
#include "tools/bench/figures.h"

#define SMALL_FOLDER "small"

struct sized {
    struct bench *bench;
    struct member kr;
    struct member id; /* is never started */
    struct stream stream;
    _Atomic uint64_t serial;
    struct samples submit[2]; /* small, large */
    struct samples show[2];
};

/* Another KR with its own folder and few certificates. */
static enum result make_small(struct sized *sized, struct error *error)
{
    struct bench *bench = sized->bench;
    char folder[MEMBER_PATH_BYTES / 2];
    (void)snprintf(folder, sizeof folder, "%s/%s", bench->folder, SMALL_FOLDER);
    enum result result = folder_make(folder, error);
    if (result == RESULT_OK) {
        result = member_make(&sized->kr, bench->programs, folder, "KR", error);
    }
    if (result == RESULT_OK) {
        result = member_make(&sized->id, bench->programs, folder, "ID", error);
    }
    if (result == RESULT_OK) {
        result = member_trust(&sized->kr, &sized->id, error);
    }
    if (result == RESULT_OK) {
        result = member_start(&sized->kr, error);
    }
    if (result == RESULT_OK) {
        result = stream_open(&sized->stream, &sized->kr, "ID", &sized->serial, error);
    }
    return result == RESULT_OK ? stream_send(&sized->stream, bench->small, "small store", error)
                               : result;
}

static enum result make_large(struct sized *sized, struct error *error)
{
    struct bench *bench = sized->bench;
    uint64_t held = atomic_load(&bench->serial) - 1;
    enum result result = member_stop(&bench->id, error);
    if (result == RESULT_OK && held < bench->large) {
        result = stream_send(&bench->to_id, bench->large - held, "large store", error);
    }
    return result;
}

static enum result measure(struct sized *sized, size_t which, uint64_t turn, struct error *error)
{
    struct stream *stream = which == 0 ? &sized->stream : &sized->bench->to_id;
    uint64_t held = atomic_load(stream->serial) - 1;
    /* A number far from the one before: multiplied by a prime, all places come up. */
    uint64_t serial = 1 + turn * UINT64_C(2654435761) % held;
    uint64_t index = 0;
    double start = clock_us();
    enum result result = stream_send_one(stream, &index, error);
    samples_add(&sized->submit[which], clock_us() - start);
    if (result == RESULT_OK) {
        start = clock_us();
        result = stream_show(stream, serial, error);
        samples_add(&sized->show[which], clock_us() - start);
    }
    return result;
}

static void tell(struct sized *sized, const char *name, const struct samples *samples)
{
    struct report *report = &sized->bench->report;
    char text[40];
    (void)snprintf(text, sizeof text, "%s_small", name);
    report_latency(report, text, &samples[0]);
    (void)snprintf(text, sizeof text, "%s_large", name);
    report_latency(report, text, &samples[1]);
    (void)snprintf(text, sizeof text, "%s_large_p50", name);
    struct figure *figure = report_figure(report, text, "us");
    figure->asked = "ratio < 2";
    figure_floor(figure, samples_at(&samples[0], 0.5), "the same in the small store");
}

enum result figure_size(struct bench *bench, struct error *error)
{
    struct sized *sized = calloc(1, sizeof *sized);
    if (sized == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the small store");
    }
    sized->bench = bench;
    atomic_store(&sized->serial, 1);
    enum result result = make_small(sized, error);
    if (result == RESULT_OK) {
        result = make_large(sized, error);
    }
    struct stream *const streams[] = {&sized->stream, &bench->to_id};
    if (result == RESULT_OK) {
        result = wait_idle(streams, 2, error);
    }
    for (uint64_t turn = 0; turn < 2 * bench->singles && result == RESULT_OK; turn++) {
        progress("size", turn + 1, 2 * bench->singles);
        result = measure(sized, turn % 2, turn + 1, error);
    }
    if (result == RESULT_OK) {
        report_value(&bench->report, "size.certificates_small", "CO", (double)bench->small);
        report_value(&bench->report, "size.certificates_large", "CO",
                     (double)atomic_load(&bench->serial) - 1);
        tell(sized, "size.submit", sized->submit);
        tell(sized, "size.show", sized->show);
    }
    result = member_end(&sized->kr, result, error);
    for (size_t i = 0; i < 2; i++) {
        samples_free(&sized->submit[i]);
        samples_free(&sized->show[i]);
    }
    stream_close(&sized->stream);
    free(sized);
    return result;
}
