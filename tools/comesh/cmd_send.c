/* comesh send: documents to the node, which checks them and queues them for their receiver. */
#include "tools/comesh/operations.h"
#include "tools/comesh/sending.h"
#include "tools/comesh/source.h"

#include <stdlib.h>

#define FOREVER_S ((uint64_t)UINT32_MAX)

static enum result send_all(struct sending *sending, struct source *source, struct error *error)
{
    for (;;) {
        struct sourced document = {.file = NULL};
        enum result result = RESULT_OK;
        if (!source_is_ready(source)) { /* a slow pipe: what is there need not wait for more */
            result = sending_flush(sending, 0, error);
        }
        if (result == RESULT_OK) {
            result = source_next(source, &document, error);
        }
        if (result != RESULT_OK || document.file == NULL) {
            return result;
        }
        result = sending_add(sending, document.bytes, document.file, document.line, error);
        if (result != RESULT_OK) {
            return result;
        }
        sending_progress(sending, source_progress(source));
    }
}

static enum result run(struct call *call, struct error *error)
{
    static struct sending sending;
    struct source *source = NULL;
    struct client *client = NULL;
    enum operation operation = OPERATION_CO;
    uint64_t seconds = FOREVER_S;
    enum result result = call_operation(call, OPERATION_CO, &operation, error);
    if (result == RESULT_OK) {
        result = call_number(call, "timeout", FOREVER_S, FOREVER_S, &seconds, error);
    }
    if (result == RESULT_OK) {
        result = source_open(call->operands, call->operand_count, &source, error);
    }
    if (result == RESULT_OK) {
        result = node_connect(call, &client, error);
    }
    if (result == RESULT_OK) {
        bool waits = call_value(call, "wait") != NULL;
        sending_begin(&sending, client, operation, call->json);
        if (waits) {
            sending_waits(&sending);
        }
        result = send_all(&sending, source, error);
        struct error end_error = {0};
        enum result end =
            sending_end(&sending, result == RESULT_OK && waits ? &seconds : NULL, &end_error);
        if (result == RESULT_OK && end != RESULT_OK) {
            result = error_set(error, end, "%s", end_error.message);
        }
        sending_free(&sending);
    }
    client_close(&client);
    source_close(&source);
    return result;
}

const struct command command_send = {
    .name = "send",
    .operands = "FILE | FOLDER | -",
    .summary = "send certificates, or other documents, to their receivers",
    .examples = "  comesh send certificate.json\n"
                "  comesh send today/ more.jsonl --wait\n"
                "  generate | comesh send -\n"
                "  comesh send --operation amendment amendment.json\n",
    .details =
        "Each document is checked, and routed by the parties it names. A file whose first line is\n"
        "a whole JSON object has one document a line; any other is one document, in JSON or XML. "
        "Of\n"
        "a folder, all .json, .jsonl and .xml files are sent. What is refused is told with file,\n"
        "line, element and remedy, and gives exit code 65; all else is sent. Sending a document\n"
        "again has no second effect.\n",
    .options =
        {
            {"operation", "NAME", "certificate (default), amendment, cancelation-status, feedback",
             false},
            {"wait", NULL, "wait until the partners have stored everything", false},
            {"timeout", "SECONDS", "wait so long at most", false},
        },
    .json = true,
    .least_operands = 1,
    .most_operands = 100000,
    .run = run,
};
