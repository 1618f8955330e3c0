/* comesh show: a certificate and the messages about it, for people. */
#include "proto/render.h"
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

static enum result print_message(void *self, const struct wire_row *row, struct error *error)
{
    bool *more = self;
    struct arena arena = {0};
    struct record *record = NULL;
    char id[UUID_TEXT_BYTES];
    char time[OUTPUT_TIME_BYTES];
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    bool outgoing = text_equal(wire_row_text(row, WIRE_MESSAGE_DIRECTION), TEXT("outgoing"));
    (void)printf("%s%s %s %.*s, %s, %s (%s)\n", *more ? "\n" : "", operation_word(operation),
                 outgoing ? "to" : "from", TEXT_ARGS(wire_row_text(row, WIRE_MESSAGE_PARTNER)),
                 output_time_ms(wire_row_uint(row, WIRE_MESSAGE_QUEUED), time), row_state(row),
                 row_id(row, WIRE_MESSAGE_ID, id));
    *more = true;
    if (dataset_root(operation) == NULL) {
        (void)printf("  (no document: see `comesh trace`)\n");
        return RESULT_OK;
    }
    enum result result = document_unpack(wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD), operation,
                                         &arena, &record, error);
    if (result == RESULT_OK) {
        document_print(record, stdout);
    }
    arena_free(&arena);
    return result;
}

#define FACTS_MAX 10

/* The times of the row that are there, as facts behind those that are; the texts live in `arena`.
 */
static size_t add_times(const struct wire_row *row, struct arena *arena, struct render_fact *facts,
                        size_t count)
{
    static const struct {
        const char *label;
        unsigned key;
        bool seconds;
    } times[] = {
        {"queued", WIRE_MESSAGE_QUEUED, false},
        {"arrived", WIRE_MESSAGE_ARRIVED, false},
        {"receipt", WIRE_MESSAGE_STORED, true},
        {"judged", WIRE_MESSAGE_JUDGED, false},
        {"taken by the national system", WIRE_MESSAGE_DELIVERED, false},
        {"answered", WIRE_MESSAGE_ANSWERED, false},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[OUTPUT_TIME_BYTES];
        uint64_t time = wire_row_uint(row, times[i].key);
        if (time != 0) {
            (void)(times[i].seconds ? output_time_s(time, text) : output_time_ms(time, text));
            facts[count++] = (struct render_fact){times[i].label, arena_text(arena, text_of(text))};
        }
    }
    return count;
}

/* How the row's message was exchanged. */
static enum result render_passed(struct buffer *out, const struct record *record,
                                 const struct wire_row *row, struct arena *arena,
                                 struct error *error)
{
    struct render_fact facts[FACTS_MAX];
    char index[24];
    char receipt[OUTPUT_TIME_BYTES];
    uint64_t stored_s = wire_row_uint(row, WIRE_MESSAGE_STORED);
    bool outgoing = text_equal(wire_row_text(row, WIRE_MESSAGE_DIRECTION), TEXT("outgoing"));
    (void)snprintf(index, sizeof index, "%llu",
                   (unsigned long long)wire_row_uint(row, WIRE_MESSAGE_INDEX));
    facts[0] = (struct render_fact){"state", text_of(row_state(row))};
    facts[1] = (struct render_fact){outgoing ? "sent to" : "received from",
                                    wire_row_text(row, WIRE_MESSAGE_PARTNER)};
    size_t count = add_times(row, arena, facts, 2);
    facts[count++] = (struct render_fact){"verdict", wire_row_text(row, WIRE_MESSAGE_OUTCOME)};
    facts[count++] = (struct render_fact){"remark", wire_row_text(row, WIRE_MESSAGE_REMARK)};
    const struct render_passage passage = {
        .origin = wire_row_text(row, WIRE_MESSAGE_ORIGIN),
        .index = text_of(index),
        .receipt = stored_s == 0 ? TEXT("") : text_of(output_time_s(stored_s, receipt)),
        .facts = facts,
        .fact_count = count,
    };
    return render_message(out, record, wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD), &passage, error);
}

/* The page, begun by the first message that has a document; a verdict has none. */
static enum result render_row(void *self, const struct wire_row *row, struct error *error)
{
    struct buffer *out = self;
    struct arena arena = {0};
    struct record *record = NULL;
    struct bytes payload = wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD);
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    if (dataset_root(operation) == NULL) {
        return RESULT_OK;
    }
    enum result result = document_unpack(payload, operation, &arena, &record, error);
    if (result == RESULT_OK) {
        if (out->size == 0) {
            render_begin(out, wire_row_text(row, WIRE_MESSAGE_NUMBER));
        }
        result = render_passed(out, record, row, &arena, error);
    }
    arena_free(&arena);
    return result;
}

static enum result show_html(struct call *call, struct client *client, struct error *error)
{
    struct buffer out = {0};
    enum result result = ask_named(client, "show", call->operands[0], call_value(call, "exporter"),
                                   render_row, &out, error);
    if (result == RESULT_OK && out.size == 0) {
        result =
            error_set(error, RESULT_UNSUPPORTED, "a verdict is no document; see `comesh trace`");
    }
    if (result == RESULT_OK) {
        result = render_end(&out, error);
    }
    if (result == RESULT_OK && fwrite(out.data, 1, out.size, stdout) != out.size) {
        result = error_set(error, RESULT_IO, "stdout cannot be written");
    }
    buffer_free(&out);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct client *client = NULL;
    const char *exporter = call_value(call, "exporter");
    bool more = false;
    bool html = call_value(call, "html") != NULL;
    if (html && call->json) {
        return call_usage(call, error, "say either --json or --html");
    }
    enum result result = node_connect(call, &client, error);
    if (result == RESULT_OK && html) {
        result = show_html(call, client, error);
    } else if (result == RESULT_OK && call->json) {
        json_t *array = json_array();
        result = ask_named(client, "show", call->operands[0], exporter, rows_to_json_documents,
                           array, error);
        result = result == RESULT_OK ? output_json(json_incref(array), error) : result;
        json_decref(array);
    } else if (result == RESULT_OK) {
        result =
            ask_named(client, "show", call->operands[0], exporter, print_message, &more, error);
    }
    client_close(&client);
    return result;
}

const struct command command_show = {
    .name = "show",
    .operands = "NUMBER | MESSAGE-ID",
    .summary = "a certificate with the messages about it, or one message, readable",
    .examples = "  comesh show KR-020-26-0001742\n"
                "  comesh show 5b0a6f0e-2c2a-4a51-9d4b-7d3f1a9c0e01 --json\n"
                "  comesh show KR-020-26-0001742 --html > certificate.html\n",
    .details =
        "--html writes one page with everything in it, for screen and A4: each document as a form\n"
        "of numbered boxes, marked as a rendering, with what to compare it by. Without a node:\n"
        "`comesh convert --to html`.\n",
    .options = {{"exporter", "CODE", "of which party, when two have the same number", false},
                {"html", NULL, "as a form to read and print", false}},
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
