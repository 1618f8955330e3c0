/* comesh show: a certificate and the messages about it, for people. */
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/render.h"
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
        result = render_message(out, record, payload, row, error);
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
