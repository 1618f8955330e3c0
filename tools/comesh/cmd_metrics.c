/* comesh metrics: the counters of the running node. */
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

static enum result add_row(void *self, const struct wire_row *row, struct error *error)
{
    struct table *table = self;
    (void)error;
    table_text(table, wire_row_text(row, WIRE_METRIC_NAME));
    table_number(table, wire_row_uint(row, WIRE_METRIC_VALUE));
    table_text(table, wire_row_text(row, WIRE_METRIC_UNIT));
    table_text(table, wire_row_text(row, WIRE_METRIC_HELP));
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    static const char *const heads[] = {"COUNTER", ">VALUE", "UNIT", "WHAT", NULL};
    struct client *client = NULL;
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK && call->json) {
        result = rows_print_json(client, "metrics", error);
    } else if (result == RESULT_OK) {
        struct table table = table_begin(heads);
        result = client_ask(client, "metrics", add_row, &table, error);
        table_end(&table, stdout);
    }
    client_close(&client);
    return result;
}

const struct command command_metrics = {
    .name = "metrics",
    .operands = "",
    .summary = "the counters of the running node",
    .examples = "  comesh metrics\n  comesh metrics --json\n",
    .json = true,
    .run = run,
};
