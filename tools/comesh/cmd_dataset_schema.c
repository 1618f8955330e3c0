/* comesh dataset schema: JSON Schema and XML Schema, out of the dataset. */
#include "proto/schema.h"
#include "tools/comesh/operations.h"

#include <stdio.h>

static enum result run(struct call *call, struct error *error)
{
    struct buffer text = {0};
    enum operation operation = OPERATION_NONE;
    bool xsd = strcmp(call->operands[0], "xsd") == 0;
    if (!xsd && strcmp(call->operands[0], "json") != 0) {
        return call_usage(call, error, "schema '%s'; accepted: json, xsd", call->operands[0]);
    }
    if (xsd && call_value(call, "operation") != NULL) {
        return call_usage(call, error, "an XML Schema has all operations; leave --operation out");
    }
    enum result result = call_operation(call, OPERATION_NONE, &operation, error);
    if (result == RESULT_OK) {
        if (xsd) {
            schema_xsd(&text);
        } else {
            schema_json(operation, &text);
        }
        result = buffer_check(&text, error);
    }
    if (result == RESULT_OK) {
        (void)fwrite(text.data, 1, text.size, stdout);
    }
    buffer_free(&text);
    return result;
}

const struct command command_dataset_schema = {
    .name = "dataset schema",
    .operands = "json | xsd",
    .summary = "the JSON Schema (2020-12) or the XML Schema of the documents",
    .examples = "  comesh dataset schema json --operation certificate > send-co.json\n"
                "  comesh dataset schema xsd > comesh.xsd\n",
    .details =
        "Both say what the structural check says, as far as they can: lengths, patterns, digits,\n"
        "dates of the calendar, code lists, and in JSON what each operation requires. Without\n"
        "--operation the JSON Schema has the documents of all of them.\n",
    .options =
        {
            {"operation", "NAME", "certificate, amendment, cancelation-status, feedback", false},
        },
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
