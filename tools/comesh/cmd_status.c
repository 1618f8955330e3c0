/* comesh status: the node, its partners, its channels; or the life of one certificate. */
#include "tools/comesh/agreements.h"
#include "tools/comesh/life.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

#include <time.h>

#define WAIT_SECONDS 30
#define WAIT_STEP_MS 50

static enum result print_node(void *self, const struct wire_row *row, struct error *error)
{
    (void)self;
    (void)error;
    char span[OUTPUT_SPAN_BYTES];
    char free_size[OUTPUT_SIZE_BYTES];
    char least[OUTPUT_SIZE_BYTES];
    uint64_t up_ms = wire_row_uint(row, WIRE_NODE_NOW) - wire_row_uint(row, WIRE_NODE_STARTED);
    struct buffer out = {0};
    output_text(&out, wire_row_text(row, WIRE_NODE_PARTY));
    buffer_text(&out, " ");
    output_text(&out, wire_row_text(row, WIRE_NODE_NAME));
    buffer_text(&out, ", ");
    output_text(&out, wire_row_text(row, WIRE_NODE_ENVIRONMENT));
    buffer_text(&out, ".coconnect.");
    output_text(&out, wire_row_text(row, WIRE_NODE_DOMAIN));
    buffer_text(&out, "\ncomesh ");
    output_text(&out, wire_row_text(row, WIRE_NODE_VERSION));
    buffer_printf(&out, ", process %llu, up %s; %s free on the disk, at least %s needed\n",
                  (unsigned long long)wire_row_uint(row, WIRE_NODE_PID),
                  output_span(up_ms / 1000, span),
                  output_size(wire_row_uint(row, WIRE_NODE_FREE), free_size),
                  output_size(wire_row_uint(row, WIRE_NODE_MINIMUM_FREE), least));
    buffer_text(&out, "fingerprint ");
    output_text(&out, wire_row_text(row, WIRE_NODE_FINGERPRINT));
    buffer_text(&out, "\n");
    (void)fwrite(out.data, 1, out.size, stdout);
    buffer_free(&out);
    return RESULT_OK;
}

/* "+1.5 s", "-12 ms": how far the partner's clock is ahead of ours. */
static void clock_text(const struct wire_row *row, char *out, size_t size)
{
    uint64_t ahead = wire_row_uint(row, WIRE_PARTNER_CLOCK_AHEAD);
    uint64_t behind = wire_row_uint(row, WIRE_PARTNER_CLOCK_BEHIND);
    uint64_t off = ahead > 0 ? ahead : behind;
    const char *sign = off == 0 ? "" : ahead > 0 ? "+" : "-";
    if (off < 1000) {
        (void)snprintf(out, size, "%s%llu ms", sign, (unsigned long long)off);
    } else {
        (void)snprintf(out, size, "%s%.1f s", sign, (double)off / 1000);
    }
}

static enum result add_partner(void *self, const struct wire_row *row, struct error *error)
{
    struct table *table = self;
    char text[64];
    (void)error;
    table_text(table, wire_row_text(row, WIRE_PARTNER_PARTY));
    table_text(table, wire_row_text(row, WIRE_PARTNER_NAME));
    table_text(table, wire_row_text(row, WIRE_PARTNER_OUTGOING));
    table_text(table, wire_row_text(row, WIRE_PARTNER_INCOMING));
    table_string(table, output_size(wire_row_uint(row, WIRE_PARTNER_IN_FLIGHT), text));
    table_string(table, output_size(wire_row_uint(row, WIRE_PARTNER_CREDIT), text));
    clock_text(row, text, sizeof text);
    table_string(table, text);
    table_string(table, output_time_ms(wire_row_uint(row, WIRE_PARTNER_LAST_HEARD), text));
    table_number(table, wire_row_uint(row, WIRE_PARTNER_KNOWN_SERIAL));
    table_text(table, wire_row_text(row, WIRE_PARTNER_TROUBLE));
    return RESULT_OK;
}

static enum result add_channel(void *self, const struct wire_row *row, struct error *error)
{
    struct table *table = self;
    char text[2 * 32 + 1];
    (void)error;
    bool outgoing = text_equal(wire_row_text(row, WIRE_CHANNEL_DIRECTION), TEXT("outgoing"));
    table_number(table, wire_row_uint(row, WIRE_CHANNEL_NUMBER));
    table_string(table, outgoing ? "to" : "from");
    table_text(table, wire_row_text(row, WIRE_CHANNEL_PARTNER));
    table_number(table, wire_row_uint(row, WIRE_CHANNEL_SIZE));
    table_number(table, wire_row_uint(row, WIRE_CHANNEL_RECEIPT_SIZE));
    table_string(table, output_time_s(wire_row_uint(row, WIRE_CHANNEL_RECEIPT_TIME), text));
    table_number(table, wire_row_uint(row, WIRE_CHANNEL_JUDGED));
    table_number(table, wire_row_uint(row, WIRE_CHANNEL_TAKEN));
    struct bytes root = wire_row_bytes(row, WIRE_CHANNEL_ROOT);
    text[0] = '\0';
    if (root.size == 32) {
        hex_encode((struct bytes){root.data, 8}, text);
    }
    table_string(table, text);
    table_text(table, wire_row_bool(row, WIRE_CHANNEL_HELD)
                          ? wire_row_text(row, WIRE_CHANNEL_HELD_REASON)
                          : TEXT(""));
    return RESULT_OK;
}

static enum result print_table(struct client *client, const char *verb, const char *const *heads,
                               client_row *add, struct error *error)
{
    struct table table = table_begin(heads);
    enum result result = client_ask(client, verb, add, &table, error);
    if (table.count > 0) {
        (void)printf("\n");
    }
    table_end(&table, stdout);
    return result;
}

static enum result print_people(struct client *client, struct error *error)
{
    static const char *const partners[] = {"PARTNER",    "NAME",    "TO IT",  "FROM IT",
                                           ">IN FLIGHT", ">CREDIT", ">CLOCK", "LAST HEARD",
                                           ">OUR CARD",  "TROUBLE", NULL};
    static const char *const channels[] = {">CHANNEL",   "",           "PARTNER", ">SIZE",
                                           ">RECEIPTED", "RECEIPT OF", ">JUDGED", ">TAKEN",
                                           "ROOT",       "HELD",       NULL};
    enum result result = client_ask(client, "status", print_node, NULL, error);
    if (result == RESULT_OK) {
        result = print_table(client, "partners", partners, add_partner, error);
    }
    if (result == RESULT_OK) {
        result = print_table(client, "channels", channels, add_channel, error);
    }
    return result;
}

/* What is said of agreements comes from the node's directory. */
static enum result print_ends(struct call *call, struct error *error)
{
    struct book book;
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK) {
        book_remind(&book, stdout);
    }
    book_close(&book);
    return result;
}

static json_t *agreements_json(struct call *call, struct error *error)
{
    struct book book;
    json_t *list = json_array();
    const struct agreement *agreement;
    if (book_open(call, &book, error) == RESULT_OK) {
        for (size_t i = 0; (agreement = agreements_at(book.held, i)) != NULL; i++) {
            (void)json_array_append_new(list, agreement_json(&book, agreement));
        }
    }
    book_close(&book);
    return list;
}

static enum result print_json(struct call *call, struct client *client, struct error *error)
{
    json_t *node = json_array();
    json_t *partners = json_array();
    json_t *channels = json_array();
    enum result result = client_ask(client, "status", rows_to_json, node, error);
    if (result == RESULT_OK) {
        result = client_ask(client, "partners", rows_to_json, partners, error);
    }
    if (result == RESULT_OK) {
        result = client_ask(client, "channels", rows_to_json, channels, error);
    }
    if (result == RESULT_OK) {
        result = output_json(json_pack("{s:O, s:O, s:O, s:o}", "node", json_array_get(node, 0),
                                       "partners", partners, "channels", channels, "agreements",
                                       agreements_json(call, error)),
                             error);
    }
    json_decref(node);
    json_decref(partners);
    json_decref(channels);
    return result;
}

/* With --wait a node that is only starting is waited for. */
static enum result connect_waiting(struct call *call, struct client **client, struct error *error)
{
    const struct timespec pause = {.tv_nsec = WAIT_STEP_MS * 1000000L};
    unsigned left = call_value(call, "wait") == NULL ? 0 : WAIT_SECONDS * 1000 / WAIT_STEP_MS;
    enum result result = node_connect(call, client, error);
    for (; result == RESULT_UNAVAILABLE && left > 0; left--) {
        (void)nanosleep(&pause, NULL);
        result = node_connect(call, client, error);
    }
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct client *client = NULL;
    enum result result = connect_waiting(call, &client, error);
    if (result == RESULT_OK && call->operand_count > 0) {
        result = life_print(call, client, error);
    } else if (result == RESULT_OK) {
        result = call->json ? print_json(call, client, error) : print_people(client, error);
        if (result == RESULT_OK && !call->json) {
            result = print_ends(call, error);
        }
    }
    client_close(&client);
    return result;
}

const struct command command_status = {
    .name = "status",
    .operands = "[NUMBER | MESSAGE-ID]",
    .summary = "the running node, its partners and channels; or the life of a certificate",
    .examples = "  comesh status\n  comesh status --wait && comesh send today/\n"
                "  comesh status --json\n  comesh status KR-020-26-0001742\n",
    .details =
        "OUR CARD is the serial of our card that the partner said it holds.\n"
        "A channel is what one party says to another, in order. Its size is the number of its\n"
        "entries, RECEIPTED how many of them the receiver has countersigned as stored, JUDGED\n"
        "how many it has checked, TAKEN how many its national system has.\n"
        "Of a certificate: its state and revision, until when it is valid, what is certified,\n"
        "used and left of each item and how it was treated, and what is open until when. Both\n"
        "ends tell the same once all messages have arrived.\n",
    .options = {{"wait", NULL, "wait until the node answers, 30 seconds at most", false},
                {"exporter", "CODE", "of which party, when two have the same number", false}},
    .json = true,
    .most_operands = 1,
    .run = run,
};
