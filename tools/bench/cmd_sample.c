/* `comesh-bench sample`: sample certificates as JSON lines, for tests in bulk and the demo. */
#include "tools/bench/bench.h"
#include "tools/bench/sample.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#define PARTY_CODE_SIZE 2

struct order {
    const char *exporter;
    const char *importer;
    uint64_t count;
    uint64_t items;
    uint64_t first;
};

static int usage(void)
{
    (void)fputs("usage: comesh-bench sample --exporter KR --importer ID --count 1000\n"
                "                           [--items 5] [--first 1]\n"
                "  writes certificates of the exporter for the importer, a JSON line each, with\n"
                "  the given number of goods items and serials from --first\n",
                stderr);
    return EX_USAGE;
}

static bool order_read(int count, char **arguments, struct order *order)
{
    static const struct option options[] = {
        {"exporter", required_argument, NULL, 'e'}, {"importer", required_argument, NULL, 'i'},
        {"count", required_argument, NULL, 'c'},    {"items", required_argument, NULL, 'n'},
        {"first", required_argument, NULL, 'f'},    {NULL, 0, NULL, 0}};
    bool good = true;
    for (int option = 0; option >= 0 && good;) {
        option = getopt_long(count, arguments, "", options, NULL);
        struct text value = text_of(option >= 0 ? optarg : NULL);
        switch (option) {
        case -1:
            break;
        case 'e':
            order->exporter = value.data;
            break;
        case 'i':
            order->importer = value.data;
            break;
        case 'c':
            good = decimal_parse(value, UINT64_MAX, &order->count);
            break;
        case 'n':
            good = decimal_parse(value, SAMPLE_ITEMS_MAX, &order->items) && order->items > 0;
            break;
        case 'f':
            good = decimal_parse(value, UINT64_MAX, &order->first);
            break;
        default:
            good = false;
        }
    }
    return good && optind == count && text_of(order->exporter).size == PARTY_CODE_SIZE &&
           text_of(order->importer).size == PARTY_CODE_SIZE && order->count > 0;
}

int command_sample(int count, char **arguments)
{
    struct order order = {.items = 5, .first = 1};
    struct buffer line = {0};
    int status = EX_OK;
    if (!order_read(count, arguments, &order)) {
        return usage();
    }
    for (uint64_t i = 0; i < order.count && status == EX_OK; i++) {
        buffer_clear(&line);
        sample_co(&line, order.exporter, order.importer, order.first + i, (unsigned)order.items);
        buffer_text(&line, "\n");
        if (line.failed || fwrite(line.data, 1, line.size, stdout) != line.size) {
            status = EX_IOERR;
        }
    }
    buffer_free(&line);
    return fflush(stdout) == 0 ? status : EX_IOERR;
}
