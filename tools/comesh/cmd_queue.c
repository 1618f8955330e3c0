/* comesh queue, queue retry and queue release: what waits for the receipt of a partner, and why;
 * and what a person decides about a message that a partner without a node refused. */
#include "node/core/world.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

#include <stdlib.h>

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

/* ---- what a person decides ---- */

struct search {
    const char *partner;
    uint64_t channel; /* our channel to it; 0 when there is none */
    bool held;
};

static enum result note_channel(void *self, const struct wire_row *row, struct error *error)
{
    struct search *search = self;
    (void)error;
    if (text_equal(wire_row_text(row, WIRE_CHANNEL_PARTNER), text_of(search->partner)) &&
        text_equal(wire_row_text(row, WIRE_CHANNEL_DIRECTION), TEXT("outgoing"))) {
        search->channel = wire_row_uint(row, WIRE_CHANNEL_NUMBER);
        search->held = wire_row_bool(row, WIRE_CHANNEL_HELD);
    }
    return RESULT_OK;
}

/* Gives an order about our channel to the partner that is named, when it is held. */
static enum result decide(struct call *call, const char *verb, struct search *search,
                          struct error *error)
{
    struct client *client = NULL;
    *search = (struct search){.partner = call->operands[0]};
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK) {
        result = client_ask(client, "channels", note_channel, search, error);
    }
    if (result == RESULT_OK && search->channel == 0) {
        result =
            error_set(error, RESULT_NOT_FOUND, "nothing was ever said to '%.40s'", search->partner);
    }
    if (result == RESULT_OK && search->held) {
        mp_put_uint(client_begin(client, verb, 1), search->channel);
        result = client_send(client, error);
        if (result == RESULT_OK) {
            result = client_receive(client, NULL, NULL, error);
        }
    }
    client_close(&client);
    return result;
}

static enum result retry(struct call *call, struct error *error)
{
    struct search search;
    struct config *config = NULL;
    enum result result = decide(call, "release", &search, error);
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: what waits for %s is tried again now\n", search.partner);
        result = node_config(call, &config, error);
    }
    if (result == RESULT_OK) {
        result = node_reload(config, error);
    }
    free(config);
    return result;
}

static enum result release(struct call *call, struct error *error)
{
    struct search search;
    enum result result = decide(call, "give-up", &search, error);
    if (result == RESULT_OK && !search.held) {
        result =
            error_set(error, RESULT_INVALID,
                      "nothing to %s is held; `comesh queue` shows what waits", search.partner);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr,
                      "comesh: the message that %s did not take is refused now, and the next one "
                      "goes; `comesh messages` shows it\n",
                      search.partner);
    }
    return result;
}

const struct command command_queue_retry = {
    .name = "queue retry",
    .operands = "PARTNER",
    .summary = "try again now what waits for a partner, also what it refused",
    .examples = "  comesh queue              # tells what the partner answered\n"
                "  comesh queue retry JP\n",
    .details = "For when the cause is mended: the same message is posted again, with the same\n"
               "Idempotency-Key.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = retry,
};

const struct command command_queue_release = {
    .name = "queue release",
    .operands = "PARTNER",
    .summary = "give up the one message that a partner without a node refused",
    .examples = "  comesh queue              # tells which, and what the partner answered\n"
                "  comesh queue release JP\n",
    .details = "What the partner answered becomes the message's verdict: it is refused, a refused\n"
               "certificate leaves its number free, and what waits behind it is posted.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = release,
};
