/* comesh dataset show: all that the table says of an element. */
#include "proto/nearest.h"
#include "tools/comesh/command.h"
#include "tools/comesh/elements.h"
#include "tools/comesh/output.h"

#include <strings.h>

/* Elements that a person named, in full or by the end of their path. */
struct showing {
    const char *wanted;
    json_t *found; /* with --json */
    struct nearest nearest;
    size_t count;
};

static bool is_id(const char *id, const char *wanted)
{
    return id != NULL && strcasecmp(id, wanted) == 0;
}

static bool is_wanted(const struct showing *showing, const struct element_row *row)
{
    size_t path = strlen(row->path);
    size_t end = strlen(showing->wanted);
    bool ends = path >= end && strcmp(row->path + path - end, showing->wanted) == 0;
    return (ends && (path == end || row->path[path - end - 1] == '/')) ||
           is_id(element_wco_id(row->element), showing->wanted) ||
           is_id(row->element->oif_id, showing->wanted);
}

static void print_line(const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        (void)printf("  %-18s %s\n", name, value);
    }
}

static void print_codes(const struct code_list *list)
{
    (void)printf("  %-18s %s: %s (%s)%s%s\n", "list", list->name, list->title, list->source,
                 list->shape == NULL ? "" : "; ", list->shape == NULL ? "" : list->shape_hint);
    for (size_t i = 0; i < list->count; i++) {
        (void)printf("  %-18s   %s %s\n", "", list->codes[i].code, list->codes[i].label);
    }
}

static void print_element(const struct element_row *row)
{
    const struct element *element = row->element;
    char length[ELEMENT_LENGTH_BYTES];
    char kind[ELEMENT_KIND_BYTES];
    (void)printf("%s\n", row->path);
    print_line("what", element->label);
    print_line("type", element_kind(element, kind));
    print_line("at most", element_length(element, length));
    for (unsigned i = 0; i < ELEMENT_OPERATIONS; i++) {
        print_line(operation_word((enum operation)(OPERATION_CO + i)), row->counts[i]);
    }
    print_line("WCO id", element_wco_id(element));
    print_line("OIF id", element->oif_id);
    print_line("evidence", evidence_text((enum evidence)element->evidence));
    print_line("note", element->note);
    if (element->codes != CODES_NONE) {
        print_codes(code_list((enum code_list_id)element->codes));
    }
    if (element->attribute != NULL && element->attribute->codes != CODES_NONE) {
        print_line("attribute", element->attribute->name);
        print_codes(code_list(element->attribute->codes));
    }
}

static void show_row(void *self, const struct element_row *row)
{
    struct showing *showing = self;
    nearest_offer(&showing->nearest, row->element->name);
    if (!is_wanted(showing, row)) {
        return;
    }
    if (showing->found != NULL) {
        (void)json_array_append_new(showing->found, element_json(row));
    } else {
        (void)printf("%s", showing->count == 0 ? "" : "\n");
        print_element(row);
    }
    showing->count++;
}

static enum result run(struct call *call, struct error *error)
{
    const char *wanted = call->operands[0];
    wanted += wanted[0] == '/' ? 1 : 0;
    struct showing showing = {.wanted = wanted,
                              .found = call->json ? json_array() : NULL,
                              .nearest = nearest_to(text_of(wanted))};
    elements_each(show_row, &showing);
    if (showing.count == 0) {
        const char *nearest = nearest_found(&showing.nearest);
        json_decref(showing.found);
        return error_set(
            error, RESULT_NOT_FOUND,
            "no element has the name, path or id '%s'%s%s%s; see `comesh dataset list`", wanted,
            nearest == NULL ? "" : " (did you mean ", nearest == NULL ? "" : nearest,
            nearest == NULL ? "" : "?)");
    }
    return call->json ? output_json(showing.found, error) : RESULT_OK;
}

const struct command command_dataset_show = {
    .name = "dataset show",
    .operands = "ELEMENT",
    .summary = "one element, by name, path, WCO id or OIF id",
    .examples = "  comesh dataset show D014\n"
                "  comesh dataset show OIF.004.b\n"
                "  comesh dataset show Origin/RuleCode\n",
    .details = "A path may be given by its end. All elements that fit are shown.\n",
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
