/* The figures of one run. See report.h. */
#include "tools/bench/report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct figure *report_figure(struct report *report, const char *name, const char *unit)
{
    for (size_t i = 0; i < report->count; i++) {
        if (strcmp(report->figures[i].name, name) == 0) {
            return &report->figures[i];
        }
    }
    struct figure *figure = &report->spare;
    if (report->count < REPORT_FIGURES_MAX) {
        figure = &report->figures[report->count++];
    }
    samples_free(&figure->runs);
    *figure = (struct figure){.unit = unit, .value = NAN, .floor = NAN, .ratio = NAN};
    (void)snprintf(figure->name, sizeof figure->name, "%s", name);
    return figure;
}

void report_value(struct report *report, const char *name, const char *unit, double value)
{
    samples_add(&report_figure(report, name, unit)->runs, value);
}

static void settle(struct figure *figure)
{
    if (isnan(figure->value)) {
        figure->value = samples_at(&figure->runs, 0.5);
    }
}

void figure_floor(struct figure *figure, double floor, const char *floor_is)
{
    settle(figure);
    figure->floor = floor;
    figure->floor_is = floor_is;
    figure->ratio = figure->value / floor;
}

/* ---- the table ---- */

/* A number with about three digits that mean something; "-" when there is none. */
static const char *number(double value, char *out, size_t size)
{
    int decimals = fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : 2;
    if (isnan(value)) {
        (void)snprintf(out, size, "-");
    } else {
        (void)snprintf(out, size, "%.*f", decimals, value);
    }
    return out;
}

static void print_runs(const struct figure *figure, FILE *file)
{
    char text[32];
    char least[32];
    char most[32];
    const struct samples *runs = &figure->runs;
    if (runs->count > 5) {
        (void)fprintf(file, "%zu: %s to %s", runs->count,
                      number(samples_at(runs, 0), least, sizeof least),
                      number(samples_at(runs, 1), most, sizeof most));
        return;
    }
    for (size_t i = 0; i < runs->count && runs->count > 1; i++) {
        (void)fprintf(file, "%s%s", i == 0 ? "" : ", ", number(runs->values[i], text, sizeof text));
    }
}

void report_print(struct report *report, FILE *file)
{
    char value[32];
    char floor[32];
    char ratio[32];
    (void)fprintf(file, "%-28s %10s %-6s %10s %7s  %-15s %s\n", "figure", "value", "unit", "floor",
                  "ratio", "asked", "runs; what the floor is");
    for (size_t i = 0; i < report->count; i++) {
        struct figure *figure = &report->figures[i];
        settle(figure);
        (void)fprintf(file, "%-28s %10s %-6s %10s %7s  %-15s ", figure->name,
                      number(figure->value, value, sizeof value), figure->unit,
                      number(figure->floor, floor, sizeof floor),
                      number(figure->ratio, ratio, sizeof ratio),
                      figure->asked == NULL ? "" : figure->asked);
        print_runs(figure, file);
        if (figure->floor_is != NULL) {
            (void)fprintf(file, "%s%s", figure->runs.count > 1 ? "; " : "", figure->floor_is);
        }
        (void)fputc('\n', file);
    }
}

/* ---- JSON ---- */

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *figure_json(struct figure *figure)
{
    json_t *runs = json_array();
    settle(figure);
    for (size_t i = 0; i < figure->runs.count; i++) {
        (void)json_array_append_new(runs, real_or_null(figure->runs.values[i]));
    }
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name", figure->name, "value",
                     real_or_null(figure->value), "unit", figure->unit, "floor",
                     real_or_null(figure->floor), "ratio", real_or_null(figure->ratio), "runs",
                     runs, "floor_is", text_or_null(figure->floor_is), "asked",
                     text_or_null(figure->asked));
}

enum result report_write(struct report *report, const char *path, struct error *error)
{
    json_t *figures = json_array();
    enum result result = figures == NULL ? RESULT_NO_MEMORY : RESULT_OK;
    for (size_t i = 0; i < report->count && result == RESULT_OK; i++) {
        if (json_array_append_new(figures, figure_json(&report->figures[i])) != 0) {
            result = RESULT_NO_MEMORY;
        }
    }
    if (result != RESULT_OK) {
        (void)error_set(error, result, "no memory for the report");
    } else if (json_dump_file(figures, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0) {
        result = error_system(error, errno, "the report cannot be written to '%s'", path);
    }
    json_decref(figures);
    return result;
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        samples_free(&report->figures[i].runs);
    }
    samples_free(&report->spare.runs);
    report->count = 0;
}

void progress(const char *what, unsigned long long done, unsigned long long total)
{
    if (isatty(STDERR_FILENO) == 0) {
        return;
    }
    if (total > 0) {
        (void)fprintf(stderr, "\r\033[K%s: %llu of %llu", what, done, total);
    } else {
        (void)fprintf(stderr, "\r\033[K%s", what);
    }
}
