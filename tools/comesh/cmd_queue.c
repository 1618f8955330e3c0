/* comesh queue: what waits for the receipt of a partner, and why. */
#include "node/core/world.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

static enum result add_row(void *self, const struct wire_row *row, struct error *error)
{
    struct table *table = self;
    char text[OUTPUT_TIME_BYTES];
    char span[OUTPUT_SPAN_BYTES];
    uint64_t oldest = wire_row_uint(row, WIRE_QUEUE_OLDEST);
    uint64_t now = world_wall_ms(world_real());
    (void)error;
    table_text(table, wire_row_text(row, WIRE_QUEUE_PARTNER));
    table_number(table, wire_row_uint(row, WIRE_QUEUE_COUNT));
    table_string(table, output_time_ms(oldest, text));
    table_string(table, output_span(now > oldest ? (now - oldest) / 1000 : 0, span));
    table_string(table, wire_row_bool(row, WIRE_QUEUE_ALARM) ? "ALARM" : "");
    table_text(table, wire_row_text(row, WIRE_QUEUE_WHY));
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    static const char *const heads[] = {"PARTNER", ">MESSAGES", "OLDEST", ">AGE", "", "WHY", NULL};
    struct client *client = NULL;
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK && call->json) {
        result = rows_print_json(client, "queue", error);
    } else if (result == RESULT_OK) {
        struct table table = table_begin(heads);
        result = client_ask(client, "queue", add_row, &table, error);
        if (result == RESULT_OK && table.count == 0) {
            (void)fprintf(stderr, "comesh: nothing waits; every partner has stored everything\n");
        }
        table_end(&table, stdout);
    }
    client_close(&client);
    return result;
}

const struct command command_queue = {
    .name = "queue",
    .operands = "",
    .summary = "what waits for a partner's receipt, since when, and why",
    .examples = "  comesh queue\n  comesh queue --json\n",
    .details = "ALARM stands beside what waits longer than `receipt_alarm` of the configuration.\n",
    .json = true,
    .run = run,
};
