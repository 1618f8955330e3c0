/* comesh dataset list: every element of the four operations. */
#include "proto/schema.h"
#include "tools/comesh/command.h"
#include "tools/comesh/elements.h"
#include "tools/comesh/output.h"

static void add_row(void *self, const struct element_row *row)
{
    struct table *table = self;
    const struct element *element = row->element;
    char length[ELEMENT_LENGTH_BYTES];
    char kind[ELEMENT_KIND_BYTES];
    table_string(table, row->path);
    table_string(table, element_kind(element, kind));
    table_string(table, element_length(element, length));
    for (size_t i = 0; i < ELEMENT_OPERATIONS; i++) {
        table_string(table, row->counts[i]);
    }
    table_string(table, element_wco_id(element));
    table_string(table, element->oif_id);
    table_string(table, element->codes == CODES_NONE
                            ? ""
                            : code_list((enum code_list_id)element->codes)->name);
    table_string(table, evidence_text((enum evidence)element->evidence));
}

static void add_json(void *self, const struct element_row *row)
{
    (void)json_array_append_new(self, element_json(row));
}

static enum result run(struct call *call, struct error *error)
{
    static const char *const heads[] = {"ELEMENT",   "TYPE",   ">LENGTH",  "CO",
                                        "AMENDMENT", "STATUS", "FEEDBACK", "WCO",
                                        "OIF",       "LIST",   "EVIDENCE", NULL};
    if (call->json) {
        json_t *rows = json_array();
        elements_each(add_json, rows);
        return output_json(rows, error);
    }
    if (call_value(call, "markdown") != NULL) {
        struct buffer text = {0};
        schema_markdown(&text);
        enum result result = buffer_check(&text, error);
        (void)fwrite(text.data, 1, text.size, stdout);
        buffer_free(&text);
        return result;
    }
    struct table table = table_begin(heads);
    elements_each(add_row, &table);
    table_end(&table, stdout);
    return RESULT_OK;
}

const struct command command_dataset_list = {
    .name = "dataset list",
    .summary = "every element: type, length, how often in each operation, ids, evidence",
    .examples =
        "  comesh dataset list\n"
        "  comesh dataset list --json | jq -r '.[] | select(.wco_id == \"D014\") | .path'\n",
    .details =
        "How often: 1 is required, 0..1 may stand, - has no place in the operation; each within\n"
        "one group that it stands in. Evidence: framework is printed in the presentation of the\n"
        "framework, WCO an element of the WCO Data Model, practice is proven in live exchanges,\n"
        "ours is needed by the mesh.\n",
    .options =
        {
            {"markdown", NULL, "as the tables of proto/README.md, a table a class", false},
        },
    .json = true,
    .run = run,
};
