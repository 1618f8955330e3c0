/* comesh inbox: what has arrived and was not taken yet, and taking it. */
#include "tools/comesh/document.h"
#include "tools/comesh/output.h"
#include "tools/comesh/places.h"
#include "tools/comesh/rows.h"

#include <stdlib.h>

#define INBOX_BATCH 256

static enum result ask_inbox(struct client *client, uint64_t max, client_row *each, void *self,
                             struct error *error)
{
    mp_put_uint(client_begin(client, "inbox", 1), max);
    enum result result = client_send(client, error);
    return result == RESULT_OK ? client_receive(client, each, self, error) : result;
}

static enum result add_row(void *self, const struct wire_row *row, struct error *error)
{
    struct table *table = self;
    char text[UUID_TEXT_BYTES];
    (void)error;
    table_string(table, output_time_ms(wire_row_uint(row, WIRE_MESSAGE_ARRIVED), text));
    table_text(table, wire_row_text(row, WIRE_MESSAGE_PARTNER));
    table_string(table, row_operation(row));
    table_text(table, wire_row_text(row, WIRE_MESSAGE_NUMBER));
    table_text(table, wire_row_text(row, WIRE_MESSAGE_OUTCOME));
    table_string(table, row_id(row, WIRE_MESSAGE_ID, text));
    return RESULT_OK;
}

/* What was printed and is to be taken. */
struct taking {
    struct places places;
    size_t printed;
    struct buffer line;
};

/* The row as one line of JSON, its document last. */
static enum result print_line(void *self, const struct wire_row *row, struct error *error)
{
    struct taking *taking = self;
    enum operation operation = operation_from_name(wire_row_text(row, WIRE_MESSAGE_OPERATION));
    json_t *object = output_row(row);
    char *head = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (head == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the JSON");
    }
    buffer_clear(&taking->line);
    buffer_append(&taking->line, head, strlen(head) - 1); /* without its closing brace */
    free(head);
    buffer_text(&taking->line, ",\"document\":");
    enum result result = document_json(wire_row_bytes(row, WIRE_MESSAGE_PAYLOAD), operation, false,
                                       &taking->line, error);
    if (result == RESULT_OK) {
        buffer_text(&taking->line, "}\n");
        (void)fwrite(taking->line.data, 1, taking->line.size, stdout);
        taking->printed++;
        result = places_note(&taking->places, wire_row_uint(row, WIRE_MESSAGE_CHANNEL),
                             wire_row_uint(row, WIRE_MESSAGE_INDEX), error);
    }
    return result;
}

/* Only what has left this process is taken. */
static enum result take_printed(struct client *client, struct taking *taking, struct error *error)
{
    if (fflush(stdout) != 0) {
        return error_set(error, RESULT_IO, "stdout cannot be written; nothing of it was taken");
    }
    return places_take(&taking->places, client, error);
}

/* What was taken before, given again from the log: `place` is CHANNEL:INDEX. Marks nothing. */
static enum result again(struct call *call, struct client *client, uint64_t max,
                         struct error *error)
{
    struct taking printed = {0};
    const char *place = NULL;
    unsigned channel = 0;
    unsigned long long first = 0;
    int end = 0;
    enum result result = call_required(call, "from", &place, error);
    if (result == RESULT_OK &&
        (sscanf(place, "%9u:%18llu%n", &channel, &first, &end) != 2 || place[end] != '\0')) {
        result = call_usage(call, error, "--from: '%s' is not CHANNEL:ENTRY, like 2:40", place);
    }
    uint64_t left = max;
    while (result == RESULT_OK && left > 0) {
        struct buffer *request = client_begin(client, "again", 3);
        printed.printed = 0;
        mp_put_uint(request, channel);
        mp_put_uint(request, first);
        mp_put_uint(request, left < INBOX_BATCH ? left : INBOX_BATCH);
        result = client_send(client, error);
        if (result == RESULT_OK) {
            result = client_receive(client, print_line, &printed, error);
        }
        if (printed.printed == 0) {
            break;
        }
        left -= printed.printed;
        first = printed.places.rows[0].upto;
    }
    buffer_free(&printed.line);
    return result;
}

static enum result take(struct client *client, uint64_t max, struct error *error)
{
    struct taking taking = {0};
    uint64_t left = max;
    enum result result = RESULT_OK;
    while (left > 0 && result == RESULT_OK) {
        taking.printed = 0;
        result =
            ask_inbox(client, left < INBOX_BATCH ? left : INBOX_BATCH, print_line, &taking, error);
        if (result == RESULT_OK) {
            result = take_printed(client, &taking, error);
        }
        if (taking.printed == 0) {
            break;
        }
        left -= taking.printed;
    }
    buffer_free(&taking.line);
    return result;
}

static enum result list(struct client *client, bool json, uint64_t max, struct error *error)
{
    static const char *const heads[] = {"ARRIVED", "FROM",    "WHAT", "NUMBER",
                                        "VERDICT", "MESSAGE", NULL};
    if (json) {
        json_t *array = json_array();
        enum result result = ask_inbox(client, max, rows_to_json_documents, array, error);
        result = result == RESULT_OK ? output_json(json_incref(array), error) : result;
        json_decref(array);
        return result;
    }
    struct table table = table_begin(heads);
    enum result result = ask_inbox(client, max, add_row, &table, error);
    if (result == RESULT_OK && table.count == 0) {
        (void)fprintf(stderr, "comesh: the inbox is empty\n");
    }
    table_end(&table, stdout);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    struct client *client = NULL;
    bool repeating = call_value(call, "again") != NULL;
    bool taking = call_value(call, "take") != NULL;
    uint64_t max = 0;
    enum result result =
        call_number(call, "max", taking || repeating ? UINT64_MAX : 100, UINT64_MAX, &max, error);
    if (result == RESULT_OK && repeating && taking) {
        result = call_usage(call, error, "--again marks nothing as taken; give it without --take");
    }
    if (result == RESULT_OK) {
        result = node_connect(call, &client, error);
    }
    if (result == RESULT_OK && repeating) {
        result = again(call, client, max, error);
    } else if (result == RESULT_OK) {
        result = taking
                     ? take(client, max, error)
                     : list(client, call->json, max < WIRE_LIST_MAX ? max : WIRE_LIST_MAX, error);
    }
    client_close(&client);
    return result;
}

const struct command command_inbox = {
    .name = "inbox",
    .operands = "",
    .summary = "what has arrived and was not taken yet; take it",
    .examples = "  comesh inbox\n"
                "  comesh inbox --take >> arrived.jsonl\n"
                "  comesh inbox --take --max 10 | jq .document\n"
                "  comesh inbox --again --from 2:40 >> arrived.jsonl\n",
    .details =
        "--take prints each message with its document as one line of JSON, and marks it as\n"
        "taken once it is written: its sender then sees `delivered`. When the command is\n"
        "interrupted, what was not marked comes again; know it by its message id.\n"
        "--again is for a national system that lost what it took: it prints from the node's\n"
        "own log, from ENTRY of CHANNEL on (`comesh messages`, `comesh status`), taken or\n"
        "not, and marks nothing.\n",
    .options =
        {
            {"take", NULL, "print the documents as JSON lines and mark them as taken", false},
            {"again", NULL, "print documents that were taken before, as JSON lines", false},
            {"from", "CHANNEL:ENTRY", "where --again begins", false},
            {"max", "N", "at most N messages; listed: 100 unless told, taken: all", false},
        },
    .json = true,
    .run = run,
};
