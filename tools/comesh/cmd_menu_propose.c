/* comesh menu propose: the data maintenance request for an element that the dataset lacks. */
#include "node/core/world.h"
#include "tools/comesh/menus.h"
#include "tools/comesh/output.h"

#include <stdlib.h>

static void line(const char *name, struct text text)
{
    struct buffer out = {0};
    output_text(&out, text.size == 0 ? TEXT("none") : text);
    (void)printf("%-15s %.*s\n", name, TEXT_ARGS(buffer_view(&out)));
    buffer_free(&out);
}

/* The way of a request as the presentation "Dataset for e-CO" shows it: TCRO, then DMPT. */
static void print_request(const struct menu_proposal *proposal, struct text agreement)
{
    char now[TIMESTAMP_BYTES];
    timestamp_format(world_wall_ms(world_real()), now);
    (void)printf("DATA MAINTENANCE REQUEST\n\n"
                 "To:             Technical Committee on Rules of Origin (TCRO), as the subject "
                 "matter expert\n"
                 "Then to:        Data Model Project Team (DMPT), by its DMR procedures\n"
                 "Date:           %.10s\n\n",
                 now);
    line("Element:", proposal->name);
    line("Place:", proposal->path);
    line("Definition:", proposal->definition);
    line("Reason:", proposal->reason);
    line("WCO id:", proposal->wco_id);
    line("Agreement:", agreement);
    line("Source:", proposal->source);
}

static json_t *request_json(const struct menu_proposal *proposal, struct text agreement)
{
    return json_pack("{s:[s, s], s:s%, s:s%, s:s%, s:s%, s:s%, s:s%, s:s%}", "to", "TCRO", "DMPT",
                     "name", proposal->name.data, proposal->name.size, "path", proposal->path.data,
                     proposal->path.size, "definition", proposal->definition.data,
                     proposal->definition.size, "reason", proposal->reason.data,
                     proposal->reason.size, "wco_id",
                     proposal->wco_id.data == NULL ? "" : proposal->wco_id.data,
                     proposal->wco_id.size, "agreement", agreement.data, agreement.size, "source",
                     proposal->source.data, proposal->source.size);
}

static enum result tell(struct call *call, const struct menu_proposal *proposals, size_t count,
                        struct text agreement, struct error *error)
{
    json_t *requests = json_array();
    for (size_t i = 0; i < count; i++) {
        if (call->json) {
            (void)json_array_append_new(requests, request_json(&proposals[i], agreement));
        } else {
            (void)printf("%s", i == 0 ? "" : "\n----\n\n");
            print_request(&proposals[i], agreement);
        }
    }
    if (call->json) {
        return output_json(requests, error);
    }
    json_decref(requests);
    return RESULT_OK;
}

/* Those of a menu. */
static enum result of_menu(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    struct arena arena = {0};
    const struct menu *menu = NULL;
    enum result result = call_rules(call, &rules, error);
    if (result == RESULT_OK) {
        result = menu_named(rules, call->operands[0], &arena, &menu, error);
    }
    if (result == RESULT_OK && menu->proposal_count == 0) {
        result =
            error_set(error, RESULT_NOT_FOUND, "the menu of %.*s, version %u, proposes no element",
                      TEXT_ARGS(menu->agreement), menu->version);
    }
    if (result == RESULT_OK) {
        result = tell(call, menu->proposals, menu->proposal_count, menu->agreement, error);
    }
    arena_free(&arena);
    rules_destroy(&rules);
    return result;
}

static enum result run(struct call *call, struct error *error)
{
    const char *name = NULL;
    const char *definition = NULL;
    const char *reason = NULL;
    const char *path = call_value(call, "path");
    const char *wco_id = call_value(call, "wco-id");
    const char *agreement = call_value(call, "agreement");
    struct menu_path known;
    if (call->operand_count > 0) {
        return of_menu(call, error);
    }
    enum result result = call_required(call, "name", &name, error);
    if (result == RESULT_OK) {
        result = call_required(call, "definition", &definition, error);
    }
    if (result == RESULT_OK) {
        result = call_required(call, "reason", &reason, error);
    }
    if (result == RESULT_OK && path != NULL && menu_path_read(text_of(path), &known)) {
        result = call_usage(call, error, "'%s' is in the dataset already", path);
    }
    if (result != RESULT_OK) {
        return result;
    }
    const struct menu_proposal proposal = {.path = path == NULL ? TEXT("") : text_of(path),
                                           .name = text_of(name),
                                           .definition = text_of(definition),
                                           .reason = text_of(reason),
                                           .wco_id = wco_id == NULL ? TEXT("") : text_of(wco_id),
                                           .source = TEXT("")};
    return tell(call, &proposal, 1, agreement == NULL ? TEXT("") : text_of(agreement), error);
}

const struct command command_menu_propose = {
    .name = "menu propose",
    .operands = "[MENU]",
    .summary = "the data maintenance request for an element that the dataset lacks",
    .examples = "  comesh menu propose EXAMPLE-1\n"
                "  comesh menu propose --name \"Health certificate number\" \\\n"
                "      --definition \"number of the health certificate of the goods\" \\\n"
                "      --reason \"both parties check it with the certificate of origin\"\n",
    .details =
        "With MENU, a request for each of its `proposed` lines. The request goes to the TCRO,\n"
        "which files it with the DMPT.\n",
    .options =
        {
            {"name", "TEXT", "of the element", false},
            {"definition", "TEXT", "what it means", false},
            {"reason", "TEXT", "why it is wanted", false},
            {"path", "PATH", "where it would stand", false},
            {"wco-id", "ID", "its id in the WCO Data Model, if any", false},
            {"agreement", "CODE", "that wants it", false},
        },
    .json = true,
    .most_operands = 1,
    .run = run,
};
