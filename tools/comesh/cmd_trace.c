/* comesh trace: where a certificate or a message is, and what has happened to it. */
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

/* One line of the timeline; nothing for a time that has not come. */
static void add_event(struct table *table, uint64_t time_ms, bool seconds, const char *state,
                      const char *what)
{
    char text[OUTPUT_TIME_BYTES];
    if (time_ms == 0) {
        return;
    }
    table_string(table, seconds ? output_time_s(time_ms, text) : output_time_ms(time_ms, text));
    table_string(table, state);
    table_string(table, what);
}

/* How it is known that the message is stored. A receipt of a partner without a node is the answer
 * of its HTTP server, kept with a signature of ours: weaker, and told so. */
static void describe_receipt(const struct wire_row *row, const char *partner, bool outgoing,
                             char *out, size_t size)
{
    static const char mark[] = "\nhttp ";
    struct bytes note = wire_row_bytes(row, WIRE_MESSAGE_RECEIPT);
    const char *http = note.size == 0 ? NULL : memmem(note.data, note.size, mark, sizeof mark - 1);
    if (http != NULL && outgoing) {
        (void)snprintf(out, size, "by HTTP answer %.3s of %s, which signs nothing",
                       http + sizeof mark - 1, partner);
    } else {
        (void)snprintf(out, size, "countersigned by %s", outgoing ? partner : "us");
    }
}

static void print_events(const struct wire_row *row, const char *partner, bool outgoing)
{
    static const char *const heads[] = {"", "", "", NULL};
    struct table table = table_begin(heads);
    table.indent = 2;
    char what[256];
    struct text outcome = wire_row_text(row, WIRE_MESSAGE_OUTCOME);
    (void)snprintf(what, sizeof what, "signed by %s", outgoing ? "us" : partner);
    add_event(&table, wire_row_uint(row, WIRE_MESSAGE_QUEUED), false, "queued", what);
    if (!outgoing) {
        add_event(&table, wire_row_uint(row, WIRE_MESSAGE_ARRIVED), false, "arrived",
                  "committed here");
    }
    describe_receipt(row, partner, outgoing, what, sizeof what);
    add_event(&table, wire_row_uint(row, WIRE_MESSAGE_STORED), true, "stored", what);
    (void)snprintf(what, sizeof what, "%s%s verdict: %.*s", outgoing ? partner : "our",
                   outgoing ? "'s" : "", TEXT_ARGS(outcome));
    add_event(&table, wire_row_uint(row, WIRE_MESSAGE_JUDGED), false, "judged", what);
    add_event(&table, wire_row_uint(row, WIRE_MESSAGE_DELIVERED), false, "delivered",
              "taken by the national system");
    add_event(&table, wire_row_uint(row, WIRE_MESSAGE_ANSWERED), false, "answered",
              "by cancelation status or feedback");
    table_end(&table, stdout);
}

static void print_remarks(const struct wire_value *remarks)
{
    struct mp_reader reader = remarks->rows;
    for (size_t i = 0; remarks->type == MP_ARRAY && i < remarks->count; i++) {
        struct wire_row remark;
        struct buffer out = {0};
        wire_row_read(&reader, &wire_shape_remark, &remark);
        static const unsigned keys[] = {WIRE_REMARK_OUTCOME, WIRE_REMARK_CODE, WIRE_REMARK_ELEMENT,
                                        WIRE_REMARK_PLACE, WIRE_REMARK_DETAIL};
        buffer_text(&out, "  remark:");
        for (size_t key = 0; key < sizeof keys / sizeof keys[0]; key++) {
            struct text text = wire_row_text(&remark, keys[key]);
            if (text.size > 0) {
                buffer_text(&out, " ");
                output_text(&out, text);
            }
        }
        (void)printf("%.*s\n", TEXT_ARGS(buffer_view(&out)));
        buffer_free(&out);
    }
}

static enum result print_message(void *self, const struct wire_row *row, struct error *error)
{
    bool *more = self;
    char id[UUID_TEXT_BYTES];
    char partner[8];
    struct text about = wire_row_text(row, WIRE_MESSAGE_NUMBER);
    bool outgoing = text_equal(wire_row_text(row, WIRE_MESSAGE_DIRECTION), TEXT("outgoing"));
    struct buffer number = {0};
    (void)error;
    output_text(&number, about);
    (void)snprintf(partner, sizeof partner, "%.*s",
                   TEXT_ARGS(wire_row_text(row, WIRE_MESSAGE_PARTNER)));
    (void)printf("%s%s %.*s %s %s: %s\n", *more ? "\n" : "", row_operation(row),
                 TEXT_ARGS(buffer_view(&number)), outgoing ? "to" : "from", partner,
                 row_state(row));
    (void)printf("  message %s, entry %llu of channel %llu, agreement %.*s menu %llu\n",
                 row_id(row, WIRE_MESSAGE_ID, id),
                 (unsigned long long)wire_row_uint(row, WIRE_MESSAGE_INDEX),
                 (unsigned long long)wire_row_uint(row, WIRE_MESSAGE_CHANNEL),
                 TEXT_ARGS(wire_row_text(row, WIRE_MESSAGE_AGREEMENT)),
                 (unsigned long long)wire_row_uint(row, WIRE_MESSAGE_MENU));
    if (wire_row_bytes(row, WIRE_MESSAGE_REPLY_TO).data != NULL) {
        (void)printf("  answers %s\n", row_id(row, WIRE_MESSAGE_REPLY_TO, id));
    }
    print_events(row, partner, outgoing);
    print_remarks(&row->values[WIRE_MESSAGE_REMARKS]);
    buffer_free(&number);
    *more = true;
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    struct client *client = NULL;
    const char *exporter = call_value(call, "exporter");
    bool more = false;
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK && call->json) {
        json_t *array = json_array();
        result =
            ask_named(client, "trace", call->operands[0], exporter, rows_to_json, array, error);
        result = result == RESULT_OK ? output_json(json_incref(array), error) : result;
        json_decref(array);
    } else if (result == RESULT_OK) {
        result =
            ask_named(client, "trace", call->operands[0], exporter, print_message, &more, error);
    }
    client_close(&client);
    return result;
}

const struct command command_trace = {
    .name = "trace",
    .operands = "NUMBER | MESSAGE-ID",
    .summary = "where a certificate is: its messages, their states and times, remarks",
    .examples = "  comesh trace KR-020-26-0001742\n"
                "  comesh trace KR-020-26-0001742 --exporter KR --json\n"
                "  comesh trace 5b0a6f0e-2c2a-4a51-9d4b-7d3f1a9c0e01\n",
    .details = "Numbers are found however they are written: blanks, dashes, dots and case do not\n"
               "matter. States: queued (ours), stored (the partner's node countersigned it),\n"
               "delivered (its national system took it), answered; refused or held beside them.\n",
    .options = {{"exporter", "CODE", "of which party, when two have the same number", false}},
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
