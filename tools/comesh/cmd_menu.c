/* comesh menu list, show, check: the menus of agreements. */
#include "tools/comesh/document.h"
#include "tools/comesh/findings.h"
#include "tools/comesh/menus.h"
#include "tools/comesh/output.h"

/* ---- list ---- */

static json_t *menu_json(const struct rules_menu *row)
{
    const struct menu *menu = row->menu;
    char from[CODE_DAY_BYTES];
    char until[CODE_DAY_BYTES];
    return json_pack(
        "{s:s%, s:I, s:s%, s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:s, s:b}", "agreement",
        menu->agreement.data, menu->agreement.size, "version", (json_int_t)menu->version, "title",
        menu->title.data, menu->title.size, "from", menu_day_text(menu->from, from), "until",
        menu_day_text(menu->until, until), "correction", menu_correction_text(menu->correction),
        "validity_months", (json_int_t)menu->validity_months, "others", menu_use_text(menu->others),
        "elements", (json_int_t)menu->line_count, "conditions", (json_int_t)menu->condition_count,
        "proposals", (json_int_t)menu->proposal_count, "file", row->file, "ships", row->ships);
}

static void menu_row(struct table *table, const struct rules_menu *row)
{
    const struct menu *menu = row->menu;
    char from[CODE_DAY_BYTES];
    char until[CODE_DAY_BYTES];
    table_text(table, menu->agreement);
    table_number(table, menu->version);
    table_text(table, menu->title);
    table_string(table, menu_day_text(menu->from, from));
    table_string(table, menu_day_text(menu->until, until));
    table_string(table, menu_correction_text(menu->correction));
    table_number(table, menu->line_count);
    table_string(table, row->ships ? "ships" : row->file);
}

static enum result list(struct call *call, struct error *error)
{
    static const char *const heads[] = {"AGREEMENT",  ">VERSION",  "TITLE", "FROM", "UNTIL",
                                        "CORRECTION", ">ELEMENTS", "FILE",  NULL};
    struct rules *rules = NULL;
    size_t count = 0;
    enum result result = call_rules(call, &rules, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct rules_menu *menus = rules_menus(rules, &count);
    if (call->json) {
        json_t *rows = json_array();
        for (size_t i = 0; i < count; i++) {
            (void)json_array_append_new(rows, menu_json(&menus[i]));
        }
        result = output_json(rows, error);
    } else {
        struct table table = table_begin(heads);
        for (size_t i = 0; i < count; i++) {
            menu_row(&table, &menus[i]);
        }
        table_end(&table, stdout);
    }
    rules_destroy(&rules);
    return result;
}

/* ---- show ---- */

static enum result show(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    struct arena arena = {0};
    struct buffer text = {0};
    const struct menu *menu = NULL;
    enum result result = call_rules(call, &rules, error);
    if (result == RESULT_OK) {
        result = menu_named(rules, call->operands[0], &arena, &menu, error);
    }
    if (result == RESULT_OK) {
        result = menu_text_of(rules, menu, call->operands[0], &text, error);
    }
    if (result == RESULT_OK) {
        (void)fwrite(text.data, 1, text.size, stdout);
    }
    buffer_free(&text);
    arena_free(&arena);
    rules_destroy(&rules);
    return result;
}

/* ---- check ---- */

static enum result check_menu(const char *path, struct text text, struct error *error)
{
    struct arena arena = {0};
    struct menu *menu = NULL;
    enum result result = menu_read(text, path, &arena, &menu, error);
    if (result == RESULT_OK) {
        (void)fprintf(stderr,
                      "comesh: %s: good. %.*s, version %u: %zu elements, %zu conditions, "
                      "%zu proposals.\n",
                      path, TEXT_ARGS(menu->agreement), menu->version, menu->line_count,
                      menu->condition_count, menu->proposal_count);
    }
    arena_free(&arena);
    return result;
}

static enum result judge(const struct rules *rules, const char *name,
                         struct certificate *certificate, struct error *error)
{
    const struct menu *menu = NULL;
    enum result result = name == NULL ? certificate_menu(certificate, rules, &menu, error)
                                      : menu_named(rules, name, &certificate->arena, &menu, error);
    if (result != RESULT_OK) {
        return result;
    }
    menu_check(menu, rules_codes(rules), certificate->record, &certificate->findings);
    result = findings_error(&certificate->findings, error);
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: the menu of %.*s, version %u, takes it%s\n",
                      TEXT_ARGS(menu->agreement), menu->version,
                      certificate->findings.count > 0 ? ", with warnings" : "");
    }
    return result;
}

static enum result check_certificate(struct call *call, const struct rules *rules,
                                     struct error *error)
{
    struct certificate certificate = {.record = NULL};
    struct error untold;
    enum result result = certificate_read(call->operands[0], rules, &certificate, error);
    if (result == RESULT_OK) {
        result = judge(rules, call_value(call, "menu"), &certificate, error);
    }
    enum result told = findings_tell(&certificate.findings, call->json, &untold);
    if (result == RESULT_OK && told != RESULT_OK) {
        result = error_set(error, told, "%s", untold.message);
    }
    certificate_free(&certificate);
    return result;
}

/* A document begins with a brace or an angle bracket; a menu with neither. */
static enum result check(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    struct buffer text = {0};
    enum result result = call_rules(call, &rules, error);
    if (result == RESULT_OK) {
        result = document_read(call->operands[0], MENU_MAX_BYTES, &text, error);
    }
    if (result == RESULT_OK) {
        struct text rest = buffer_view(&text);
        while (text_skip(&rest, " ") || text_skip(&rest, "\n") || text_skip(&rest, "\r")) {
        }
        bool document = rest.size > 0 && (rest.data[0] == '{' || rest.data[0] == '<');
        result = document ? check_certificate(call, rules, error)
                          : check_menu(call->operands[0], buffer_view(&text), error);
    }
    buffer_free(&text);
    rules_destroy(&rules);
    return result;
}

const struct command command_menu_list = {
    .name = "menu list",
    .operands = "",
    .summary = "the menus that ship, and those of the directory",
    .examples = "  comesh menu list\n  comesh menu list --json\n",
    .details =
        "A menu is put into a node by laying its file into DIRECTORY/menus; `comesh reload`\n"
        "takes it over. It goes before one that ships with the same code and version.\n",
    .json = true,
    .run = list,
};

const struct command command_menu_show = {
    .name = "menu show",
    .operands = "MENU",
    .summary = "the text of a menu",
    .examples = "  comesh menu show AKFTA\n  comesh menu show RCEP:1 > my-rcep.menu\n",
    .details = "MENU is an agreement (its newest menu), AGREEMENT:VERSION, or a file.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = show,
};

const struct command command_menu_check = {
    .name = "menu check",
    .operands = "FILE",
    .summary = "whether a menu is written right, or a certificate keeps its menu",
    .examples = "  comesh menu check new-akfta.menu\n"
                "  comesh menu check certificate.json\n"
                "  comesh menu check certificate.xml --menu new-akfta.menu\n",
    .details =
        "Of a menu, file and line of what is wrong are told; of a certificate, in JSON or XML,\n"
        "every finding with its element, place and remedy. Needs no node.\n",
    .options = {{"menu", "MENU", "judge by this one, not by the one the certificate names", false}},
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = check,
};
