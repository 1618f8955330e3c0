/* What the counters are called. See metrics.h. */
#include "node/core/metrics.h"

static const struct {
    const char *name;
    const char *unit;
    const char *help;
} metrics[METRIC_COUNT] = {
#define METRIC_ROW(symbol, name, unit, help) [METRIC_##symbol] = {name, unit, help},
    METRIC_MAP(METRIC_ROW)
#undef METRIC_ROW
};

const char *metric_name(enum metric metric)
{
    return metrics[metric].name;
}

const char *metric_unit(enum metric metric)
{
    return metrics[metric].unit;
}

const char *metric_help(enum metric metric)
{
    return metrics[metric].help;
}
