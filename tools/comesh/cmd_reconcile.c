/* comesh reconcile: what we and a partner hold of the channels between us, compared. */
#include "tools/comesh/output.h"
#include "tools/comesh/rows.h"

#include <time.h>

#define DAY_MS         ((uint64_t)24 * 60 * 60 * 1000)
#define EXIT_DIFFERENT 1

struct reconciling {
    const char *partner;
    uint64_t from_ms; /* signed at or after */
    uint64_t to_ms;   /* signed before */
    uint64_t rows;    /* of the page that is read */
    uint64_t compared;
    uint64_t different;
    struct table table;
    json_t *array; /* with --json instead of the table */
};

/* A day of the calendar in UTC, as milliseconds at its beginning; `standard` when not given. */
static enum result call_day(struct call *call, const char *name, uint64_t standard, uint64_t *ms,
                            struct error *error)
{
    const char *value = call_value(call, name);
    struct tm day = {0};
    *ms = standard;
    if (value == NULL) {
        return RESULT_OK;
    }
    const char *end = strptime(value, "%Y-%m-%d", &day);
    if (end == NULL || *end != '\0') {
        return call_usage(call, error, "--%s: '%s' is not a day like 2026-01-31", name, value);
    }
    time_t seconds = timegm(&day);
    *ms = seconds < 0 ? 0 : (uint64_t)seconds * 1000;
    return RESULT_OK;
}

/* ---- what mends a difference ---- */

static bool is(const struct wire_row *row, unsigned key, const char *word)
{
    return text_equal(wire_row_text(row, key), text_of(word));
}

/* The command that mends it, or shows why a person must. */
static void mend(const struct wire_row *row, struct buffer *out)
{
    bool outgoing = is(row, WIRE_COMPARISON_DIRECTION, "outgoing");
    bool held = wire_row_bool(row, WIRE_COMPARISON_HELD);
    struct text partner = wire_row_text(row, WIRE_COMPARISON_PARTNER);
    unsigned long long channel = wire_row_uint(row, WIRE_COMPARISON_CHANNEL);
    unsigned long long index = wire_row_uint(row, WIRE_COMPARISON_INDEX);
    char id[UUID_TEXT_BYTES];
    if (is(row, WIRE_COMPARISON_DIFFERENCE, "refused")) {
        buffer_printf(out, "comesh trace %s", row_id(row, WIRE_COMPARISON_ID, id));
    } else if (is(row, WIRE_COMPARISON_DIFFERENCE, "not-taken")) {
        if (outgoing) {
            buffer_printf(out, "at %.*s: ", TEXT_ARGS(partner));
        }
        buffer_text(out, "comesh inbox --take");
    } else if (is(row, WIRE_COMPARISON_DIFFERENCE, "fork") ||
               (is(row, WIRE_COMPARISON_DIFFERENCE, "lost") && !outgoing)) {
        buffer_printf(out, "comesh export --entry %llu:%llu", channel, index);
    } else if (is(row, WIRE_COMPARISON_DIFFERENCE, "missing") ||
               (!held && is(row, WIRE_COMPARISON_DIFFERENCE, "lost"))) {
        buffer_text(out, "comesh reload"); /* our hello gets it back, or shows what they lack */
    } else if (held) {
        buffer_printf(out, "comesh release %llu", channel);
    } else if (outgoing == is(row, WIRE_COMPARISON_DIFFERENCE, "waiting")) {
        buffer_text(out, "comesh queue");
    } else {
        buffer_printf(out, "comesh resend %.*s", TEXT_ARGS(partner));
    }
}

/* ---- the rows ---- */

static enum result add_json(struct reconciling *state, const struct wire_row *row,
                            struct text command, struct error *error)
{
    json_t *object = output_row(row);
    (void)json_object_set_new(object, "mend", json_stringn(command.data, command.size));
    return json_array_append_new(state->array, object) == 0
               ? RESULT_OK
               : error_set(error, RESULT_NO_MEMORY, "no memory for the JSON");
}

static void add_line(struct table *table, const struct wire_row *row, struct text command)
{
    char time[OUTPUT_TIME_BYTES];
    bool outgoing = is(row, WIRE_COMPARISON_DIRECTION, "outgoing");
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_COMPARISON_OPERATION));
    table_string(table, outgoing ? "to" : "from");
    table_number(table, wire_row_uint(row, WIRE_COMPARISON_INDEX));
    table_string(table, output_time_ms(wire_row_uint(row, WIRE_COMPARISON_SIGNED), time));
    table_string(table, operation_word(operation));
    table_text(table, wire_row_text(row, WIRE_COMPARISON_NUMBER));
    table_text(table, wire_row_text(row, WIRE_COMPARISON_OURS));
    table_text(table, wire_row_text(row, WIRE_COMPARISON_THEIRS));
    table_text(table, wire_row_text(row, WIRE_COMPARISON_DIFFERENCE));
    table_text(table, command);
}

static enum result add_row(void *self, const struct wire_row *row, struct error *error)
{
    struct reconciling *state = self;
    uint64_t signed_ms = wire_row_uint(row, WIRE_COMPARISON_SIGNED);
    enum result result = RESULT_OK;
    state->rows++;
    if (signed_ms < state->from_ms || signed_ms >= state->to_ms) {
        return RESULT_OK;
    }
    state->compared++;
    if (wire_row_text(row, WIRE_COMPARISON_DIFFERENCE).size == 0) {
        return RESULT_OK;
    }
    struct buffer command = {0};
    state->different++;
    mend(row, &command);
    if (state->array != NULL) {
        result = add_json(state, row, buffer_view(&command), error);
    } else {
        add_line(&state->table, row, buffer_view(&command));
    }
    buffer_free(&command);
    return result;
}

/* All of one channel, page by page until both have no more. */
static enum result compare_channel(struct client *client, struct reconciling *state, bool outgoing,
                                   struct error *error)
{
    uint64_t first = 0;
    enum result result = RESULT_OK;
    do {
        struct buffer *request = client_begin(client, "reconcile", 3);
        state->rows = 0;
        mp_put_str(request, text_of(state->partner));
        mp_put_bool(request, outgoing);
        mp_put_uint(request, first);
        result = client_send(client, error);
        if (result == RESULT_OK) {
            result = client_receive(client, add_row, state, error);
        }
        first += state->rows;
    } while (result == RESULT_OK && state->rows > 0);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    static const char *const heads[] = {"WAY",  ">ENTRY", "SIGNED",     "MESSAGE", "NUMBER",
                                        "HERE", "THERE",  "DIFFERENCE", "MEND",    NULL};
    struct client *client = NULL;
    struct reconciling state = {.partner = call->operands[0],
                                .table = table_begin(heads),
                                .array = call->json ? json_array() : NULL};
    enum result result = call_day(call, "from", 0, &state.from_ms, error);
    if (result == RESULT_OK) {
        result = call_day(call, "to", UINT64_MAX - DAY_MS, &state.to_ms, error);
        state.to_ms += DAY_MS;
    }
    if (result == RESULT_OK) {
        result = node_connect(call, &client, error);
    }
    if (result == RESULT_OK) {
        result = compare_channel(client, &state, true, error);
    }
    if (result == RESULT_OK) {
        result = compare_channel(client, &state, false, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(state.array), error);
    }
    table_end(&state.table, stdout);
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %llu entries compared with %s, %llu differ\n",
                      (unsigned long long)state.compared, state.partner,
                      (unsigned long long)state.different);
        call->exit_code = state.different > 0 ? EXIT_DIFFERENT : 0;
    }
    json_decref(state.array);
    client_close(&client);
    return result;
}

const struct command command_reconcile = {
    .name = "reconcile",
    .operands = "PARTY",
    .summary = "compare with a partner what each holds; what mends each difference",
    .examples = "  comesh reconcile ID\n"
                "  comesh reconcile ID --from 2026-01-01 --to 2026-01-31\n"
                "  comesh reconcile ID --json\n",
    .details =
        "Both nodes compare numbers, leaf hashes and states of both channels between them, over\n"
        "the lane; no document is sent. MEND is the command for each difference:\n"
        "  waiting    the receiver does not have it yet\n"
        "  lost       the partner had it and has it no more: its store is an old one\n"
        "  missing    the partner shows an entry of ours that we do not have: our store is old\n"
        "  fork       both hold an entry at this place, and not the same; a person must look\n"
        "  refused    stored, and refused by the receiver's verdict\n"
        "  verdict    the sender does not know yet what the receiver says of it\n"
        "  not-taken  stored, and not taken by the receiver's national system yet\n"
        "The exit code is 1 when something differs.\n",
    .options = {{"from", "DAY", "only what was signed on that day (UTC) or later", false},
                {"to", "DAY", "only what was signed on that day or before", false}},
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
