/* What reading, checking and packing of one certificate cost in a process by themselves, beside
 * jansson's mere parse of the same bytes. */
#include "proto/check.h"
#include "proto/json.h"
#include "proto/merkle.h"
#include "proto/pack.h"
#include "tools/bench/figures.h"

#include <jansson.h>

#define ROUNDS    9
#define DOCUMENTS 1000 /* of one round */

struct codec {
    struct source source;
    struct arena arena;
    struct buffer packed[DOCUMENTS];
    uint64_t sink; /* so that nothing is left out as useless */
};

typedef enum result codec_step(struct codec *codec, size_t i, struct error *error);

static enum result checked(struct record *record, struct findings *findings, struct error *error)
{
    check_record(record, findings);
    return findings_error(findings, error);
}

static enum result step_in(struct codec *codec, size_t i, struct error *error)
{
    struct record *record = NULL;
    struct findings findings = {.arena = &codec->arena};
    arena_reset(&codec->arena);
    enum result result = json_read(source_document(&codec->source, i), OPERATION_CO, &codec->arena,
                                   &findings, &record, error);
    if (result == RESULT_OK) {
        result = checked(record, &findings, error);
    }
    if (result == RESULT_OK) {
        buffer_clear(&codec->packed[i]);
        result = pack_write(record, &codec->packed[i], error);
    }
    return result;
}

static enum result step_jansson(struct codec *codec, size_t i, struct error *error)
{
    json_error_t problem;
    struct bytes document = source_document(&codec->source, i);
    json_t *json = json_loadb((const char *)document.data, document.size, 0, &problem);
    if (json == NULL) {
        return error_set(error, RESULT_INVALID, "jansson: %s", problem.text);
    }
    json_decref(json);
    return RESULT_OK;
}

static enum result step_unpack(struct codec *codec, size_t i, struct error *error)
{
    struct record *record = NULL;
    struct findings findings = {.arena = &codec->arena};
    arena_reset(&codec->arena);
    enum result result = pack_read(buffer_bytes(&codec->packed[i]), OPERATION_CO, &codec->arena,
                                   &findings, &record, error);
    return result == RESULT_OK ? checked(record, &findings, error) : result;
}

static enum result step_hash(struct codec *codec, size_t i, struct error *error)
{
    struct merkle_hash hash;
    (void)error;
    merkle_sha256(buffer_bytes(&codec->packed[i]), &hash);
    codec->sink += hash.bytes[0];
    return RESULT_OK;
}

/* Microseconds a document, over one round. */
static enum result round_of(struct codec *codec, codec_step *step, struct samples *runs,
                            struct error *error)
{
    double start = clock_us();
    for (size_t i = 0; i < DOCUMENTS; i++) {
        enum result result = step(codec, i, error);
        if (result != RESULT_OK) {
            return result;
        }
    }
    samples_add(runs, (clock_us() - start) / DOCUMENTS);
    return RESULT_OK;
}

static const struct {
    const char *name;
    codec_step *step;
    const char *asked;
} steps[] = {
    {"codec.jansson_parse", step_jansson, NULL},
    {"codec.read_check_pack", step_in, "ratio <= 0.25"},
    {"codec.unpack_check", step_unpack, NULL},
    {"codec.sha256", step_hash, NULL},
};

enum result figure_codec(struct bench *bench, struct error *error)
{
    struct codec *codec = calloc(1, sizeof *codec);
    struct report *report = &bench->report;
    if (codec == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the sample certificates");
    }
    enum result result = source_init(&codec->source, "KR", "ID", error);
    for (size_t round = 0; round < ROUNDS; round++) {
        progress("codec", round + 1, ROUNDS);
        for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result == RESULT_OK; i++) {
            struct figure *figure = report_figure(report, steps[i].name, "us/CO");
            figure->asked = steps[i].asked;
            result = round_of(codec, steps[i].step, &figure->runs, error);
        }
    }
    if (result == RESULT_OK) {
        double parse = samples_at(&report_figure(report, steps[0].name, "us/CO")->runs, 0.5);
        for (size_t i = 1; i < sizeof steps / sizeof steps[0]; i++) {
            figure_floor(report_figure(report, steps[i].name, "us/CO"), parse,
                         "jansson's parse of the same JSON");
        }
    }
    for (size_t i = 0; i < DOCUMENTS; i++) {
        buffer_free(&codec->packed[i]);
    }
    arena_free(&codec->arena);
    source_free(&codec->source);
    free(codec);
    return result;
}
