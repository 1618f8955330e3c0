/* Whether the node lives, whether it can take something, and its counters. */
#include "node/bridge/private_parts.h"

static void give_text(struct exchange *exchange, const char *text)
{
    struct buffer body = {0};
    buffer_text(&body, text);
    exchange_give(exchange, 200, MEDIA_TEXT, &body);
}

void health_live(struct exchange *exchange)
{
    give_text(exchange, "live\n");
}

/* A partner that is down never makes a node unready: what is said to it waits in the store. */
void health_ready(struct exchange *exchange)
{
    struct error error;
    if (store_room(private_of(exchange)->flow->store, &error) != RESULT_OK) {
        exchange_fail(exchange, &error);
        return;
    }
    give_text(exchange, "ready\n");
}

/* Prometheus' text format, version 0.0.4. */
void health_metrics(struct exchange *exchange)
{
    const struct metrics *metrics = private_of(exchange)->flow->metrics;
    struct buffer body = {0};
    for (unsigned i = 0; i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        const char *name = metric_name(metric);
        const char *unit = metric_unit(metric);
        bool is_time = strcmp(unit, "ns") == 0;
        const char *what = is_time ? "_nanoseconds_total" : "_total";
        uint64_t value = atomic_load_explicit(&metrics->value[metric], memory_order_relaxed);
        buffer_printf(&body,
                      "# HELP comesh_%s%s %s\n# TYPE comesh_%s%s counter\ncomesh_%s%s %llu\n", name,
                      what, metric_help(metric), name, what, name, what, (unsigned long long)value);
    }
    exchange_give(exchange, 200, MEDIA_TEXT, &body);
}
