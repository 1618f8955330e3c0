/* comesh menu coverage: which elements of its menu a certificate fills. */
#include "tools/comesh/menus.h"
#include "tools/comesh/output.h"

/* How many groups could have the element, and how many have it. */
struct coverage {
    size_t places;
    size_t filled;
};

static void count(const struct node *group, const struct menu_path *path, size_t at,
                  struct coverage *coverage)
{
    bool found = false;
    bool last = at + 1 == path->depth;
    for (const struct node *node = group->first; node != NULL; node = node->next) {
        if (node->element == path->elements[at]) {
            found = true;
            if (last) {
                break;
            }
            count(node, path, at + 1, coverage);
        }
    }
    coverage->places += last || !found ? 1 : 0;
    coverage->filled += last && found ? 1 : 0;
}

struct report {
    json_t *rows;
    struct table table;
    size_t used; /* elements that the menu uses */
    size_t filled;
};

static void add_row(struct report *report, const struct menu_line *line,
                    const struct coverage *coverage)
{
    char shown[48];
    (void)snprintf(shown, sizeof shown, "%zu of %zu", coverage->filled, coverage->places);
    table_text(&report->table, line->path);
    table_string(&report->table, menu_use_text(line->use));
    table_string(&report->table, shown);
    table_text(&report->table, line->source);
    (void)json_array_append_new(
        report->rows,
        json_pack("{s:s%, s:s, s:I, s:I, s:s%}", "element", line->path.data, line->path.size, "use",
                  menu_use_text(line->use), "filled", (json_int_t)coverage->filled, "places",
                  (json_int_t)coverage->places, "source", line->source.data, line->source.size));
    report->used += line->use != USE_NOT_USED ? 1 : 0;
    report->filled += line->use != USE_NOT_USED && coverage->filled > 0 ? 1 : 0;
}

static enum result tell(struct call *call, const struct menu *menu, const struct record *record,
                        struct error *error)
{
    static const char *const heads[] = {"ELEMENT", "USE", ">FILLED", "SOURCE", NULL};
    struct report report = {.rows = json_array(), .table = table_begin(heads)};
    for (size_t i = 0; i < menu->line_count; i++) {
        struct coverage coverage = {0};
        count(&record->root, &menu->lines[i].elements, 0, &coverage);
        add_row(&report, &menu->lines[i], &coverage);
    }
    if (call->json) {
        report.table.count = 0;
        table_end(&report.table, stdout);
        return output_json(report.rows, error);
    }
    table_end(&report.table, stdout);
    json_decref(report.rows);
    (void)fprintf(stderr,
                  "comesh: %zu of the %zu elements that the menu of %.*s, version %u, names and "
                  "uses are filled\n",
                  report.filled, report.used, TEXT_ARGS(menu->agreement), menu->version);
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    struct certificate certificate = {.record = NULL};
    const struct menu *menu = NULL;
    const char *name = call_value(call, "menu");
    enum result result = call_rules(call, &rules, error);
    if (result == RESULT_OK) {
        result = certificate_read(call->operands[0], rules, &certificate, error);
    }
    if (result == RESULT_OK) {
        result = name == NULL ? certificate_menu(&certificate, rules, &menu, error)
                              : menu_named(rules, name, &certificate.arena, &menu, error);
    }
    if (result == RESULT_OK) {
        result = tell(call, menu, certificate.record, error);
    }
    certificate_free(&certificate);
    rules_destroy(&rules);
    return result;
}

const struct command command_menu_coverage = {
    .name = "menu coverage",
    .operands = "FILE",
    .summary = "which elements of its menu a certificate fills",
    .examples = "  comesh menu coverage certificate.json\n"
                "  comesh menu coverage certificate.json --menu RCEP\n",
    .details = "`3 of 4` of an element of a goods item: three of four items have it.\n",
    .options = {{"menu", "MENU", "of this one, not of the one the certificate names", false}},
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = run,
};
