/* comesh messages: what was said, channel by channel, with its states. */
#include "node/control/wire.h"
#include "proto/operation.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

#define CHANNELS_MAX 256

/* The channels that are asked for, and how much of each. */
struct listing {
    const char *partner; /* NULL: all */
    uint64_t first;
    uint64_t max;
    bool verdicts; /* and what else nodes say to each other, too */
    struct {
        uint64_t number;
        uint64_t size;
    } channels[CHANNELS_MAX];
    size_t count;
    struct table table;
    json_t *array; /* with --json instead of the table */
};

static enum result add_channel(void *self, const struct wire_row *row, struct error *error)
{
    struct listing *listing = self;
    struct text partner = wire_row_text(row, WIRE_CHANNEL_PARTNER);
    (void)error;
    if (listing->count < CHANNELS_MAX &&
        (listing->partner == NULL || text_equal(partner, text_of(listing->partner)))) {
        listing->channels[listing->count].number = wire_row_uint(row, WIRE_CHANNEL_NUMBER);
        listing->channels[listing->count++].size = wire_row_uint(row, WIRE_CHANNEL_SIZE);
    }
    return RESULT_OK;
}

static enum result add_message(void *self, const struct wire_row *row, struct error *error)
{
    struct listing *listing = self;
    struct table *table = &listing->table;
    char time[OUTPUT_TIME_BYTES];
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    if (!listing->verdicts && operation_is_of_mesh(operation)) {
        return RESULT_OK;
    }
    if (listing->array != NULL) {
        return rows_to_json(listing->array, row, error);
    }
    bool outgoing = text_equal(wire_row_text(row, WIRE_MESSAGE_DIRECTION), TEXT("outgoing"));
    table_string(table, outgoing ? "to" : "from");
    table_text(table, wire_row_text(row, WIRE_MESSAGE_PARTNER));
    table_number(table, wire_row_uint(row, WIRE_MESSAGE_INDEX));
    table_string(table, row_operation(row));
    table_text(table, wire_row_text(row, WIRE_MESSAGE_NUMBER));
    table_string(table, row_state(row));
    table_string(table, output_time_ms(wire_row_uint(row, WIRE_MESSAGE_QUEUED), time));
    table_string(table, output_time_s(wire_row_uint(row, WIRE_MESSAGE_STORED), time));
    table_string(table, output_time_ms(wire_row_uint(row, WIRE_MESSAGE_DELIVERED), time));
    table_string(table, output_time_ms(wire_row_uint(row, WIRE_MESSAGE_ANSWERED), time));
    return RESULT_OK;
}

static enum result ask_messages(struct client *client, struct listing *listing, size_t channel,
                                struct error *error)
{
    uint64_t at = listing->first;
    uint64_t end = listing->max < listing->channels[channel].size - at
                       ? at + listing->max
                       : listing->channels[channel].size;
    enum result result = RESULT_OK;
    while (at < end && result == RESULT_OK) {
        uint64_t count = end - at < WIRE_LIST_MAX ? end - at : WIRE_LIST_MAX;
        struct buffer *request = client_begin(client, "messages", 3);
        mp_put_uint(request, listing->channels[channel].number);
        mp_put_uint(request, at);
        mp_put_uint(request, count);
        result = client_send(client, error);
        if (result == RESULT_OK) {
            result = client_receive(client, add_message, listing, error);
        }
        at += count;
    }
    return result;
}

static enum result ask_all(struct client *client, struct listing *listing, struct error *error)
{
    enum result result = client_ask(client, "channels", add_channel, listing, error);
    for (size_t i = 0; i < listing->count && result == RESULT_OK; i++) {
        if (listing->first < listing->channels[i].size) {
            result = ask_messages(client, listing, i, error);
        }
    }
    return result;
}

static void print_rest(const struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        uint64_t size = listing->channels[i].size;
        if (size > listing->first && size - listing->first > listing->max) {
            (void)fprintf(stderr,
                          "comesh: channel %llu has %llu more; see them with --first %llu\n",
                          (unsigned long long)listing->channels[i].number,
                          (unsigned long long)(size - listing->first - listing->max),
                          (unsigned long long)(listing->first + listing->max));
        }
    }
}

static enum result run(struct call *call, struct error *error)
{
    static const char *const heads[] = {"WAY",       "PARTNER",  ">ENTRY", "MESSAGE",
                                        "NUMBER",    "STATE",    "QUEUED", "STORED",
                                        "DELIVERED", "ANSWERED", NULL};
    struct client *client = NULL;
    struct listing listing = {.partner = call_value(call, "partner"),
                              .verdicts = call_value(call, "verdicts") != NULL,
                              .table = table_begin(heads),
                              .array = call->json ? json_array() : NULL};
    enum result result = call_number(call, "first", 0, UINT64_MAX / 2, &listing.first, error);
    if (result == RESULT_OK) {
        result = call_number(call, "max", 20, 1000000, &listing.max, error);
    }
    if (result == RESULT_OK) {
        result = node_connect(call, &client, error);
    }
    if (result == RESULT_OK) {
        result = ask_all(client, &listing, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(listing.array), error);
    }
    table_end(&listing.table, stdout);
    if (result == RESULT_OK) {
        print_rest(&listing);
    }
    json_decref(listing.array);
    client_close(&client);
    return result;
}

const struct command command_messages = {
    .name = "messages",
    .operands = "",
    .summary = "what was said, channel by channel, with its states and their times",
    .examples = "  comesh messages\n"
                "  comesh messages --partner ID --first 1000 --max 50\n"
                "  comesh messages --json\n",
    .details =
        "Each channel in the order of its log, from entry --first on. STORED is by the clock of\n"
        "the receiver's node, which countersigned it; DELIVERED when its national system took\n"
        "it; ANSWERED by a cancelation status or feedback.\n",
    .options = {{"partner", "CODE", "only the channels to and from this partner", false},
                {"first", "N", "from entry N of each channel; 0 unless told", false},
                {"max", "N", "at most N entries of each channel; 20 unless told", false},
                {"verdicts", NULL, "also what nodes say to each other: verdicts and cards", false}},
    .json = true,
    .run = run,
};
