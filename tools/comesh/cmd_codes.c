/* comesh codes …: the code lists, those that ship and those of the node's directory. */
#include "keys/file.h"
#include "proto/codes_read.h"
#include "proto/nearest.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/document.h"
#include "tools/comesh/menus.h"
#include "tools/comesh/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- list ---- */

static json_t *list_json(const struct code_list *list, const char *file)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s?, s:s?}", "list", list->name, "title",
                     list->title, "edition", list->edition, "source", list->source, "licence",
                     list->licence, "codes", (json_int_t)list->count, "form", list->shape_hint,
                     "file", file);
}

static void list_row(struct table *table, const struct code_list *list, const char *file)
{
    table_string(table, list->name);
    table_string(table, list->title);
    if (list->shape != NULL) {
        table_string(table, "by form");
    } else {
        table_number(table, list->count);
    }
    table_string(table, list->edition);
    table_string(table, list->source);
    table_string(table, list->licence);
    table_string(table, file == NULL ? "ships" : file);
}

static enum result list(struct call *call, struct error *error)
{
    static const char *const heads[] = {"LIST",   "WHAT IT IS", ">CODES", "EDITION",
                                        "SOURCE", "LICENCE",    "FROM",   NULL};
    struct rules *rules = NULL;
    struct table table = table_begin(heads);
    json_t *rows = json_array();
    enum result result = call_rules(call, &rules, error);
    for (unsigned id = CODES_NONE + 1; id < CODE_LIST_COUNT && result == RESULT_OK; id++) {
        const struct code_list *one = code_list_in(rules_codes(rules), (enum code_list_id)id);
        const char *file = rules_codes_file(rules, (enum code_list_id)id);
        (void)json_array_append_new(rows, list_json(one, file));
        list_row(&table, one, file);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(rows), error);
        table.count = 0;
    }
    json_decref(rows);
    table_end(&table, stdout);
    rules_destroy(&rules);
    return result;
}

/* ---- show ---- */

static enum result named_list(const struct rules *rules, const char *name, enum code_list_id *id,
                              const struct code_list **found, struct error *error)
{
    struct nearest nearest = nearest_to(text_of(name));
    *id = code_list_find(text_of(name));
    if (*id != CODES_NONE) {
        *found = code_list_in(rules_codes(rules), *id);
        return RESULT_OK;
    }
    for (unsigned one = CODES_NONE + 1; one < CODE_LIST_COUNT; one++) {
        nearest_offer(&nearest, code_list((enum code_list_id)one)->name);
    }
    const char *near = nearest_found(&nearest);
    return error_set(error, RESULT_NOT_FOUND, "'%s' is no code list%s%s%s", name,
                     near == NULL ? "; see `comesh codes list`" : "; did you mean ",
                     near == NULL ? "" : near, near == NULL ? "" : "?");
}

static json_t *code_json(const struct code *code)
{
    char from[CODE_DAY_BYTES];
    char until[CODE_DAY_BYTES];
    return json_pack("{s:s, s:s, s:s, s:s}", "value", code->code, "name", code->label, "from",
                     menu_day_text(code->from, from), "until", menu_day_text(code->until, until));
}

/* The rows of one code, or of all. */
static enum result show_codes(struct call *call, const struct code_list *found, const char *code,
                              struct error *error)
{
    static const char *const heads[] = {"CODE", "NAME", "FROM", "UNTIL", NULL};
    struct table table = table_begin(heads);
    json_t *rows = json_array();
    for (size_t i = 0; i < found->count; i++) {
        const struct code *row = &found->codes[i];
        char day[CODE_DAY_BYTES];
        if (code != NULL && strcmp(row->code, code) != 0) {
            continue;
        }
        (void)json_array_append_new(rows, code_json(row));
        table_string(&table, row->code);
        table_string(&table, row->label);
        table_string(&table, menu_day_text(row->from, day));
        table_string(&table, menu_day_text(row->until, day));
    }
    if (call->json) {
        table.count = 0;
        table_end(&table, stdout);
        return output_json(rows, error);
    }
    table_end(&table, stdout);
    json_decref(rows);
    return RESULT_OK;
}

static enum result show(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    const struct code_list *found = NULL;
    const char *code = call->operand_count > 1 ? call->operands[1] : NULL;
    enum code_list_id id = CODES_NONE;
    enum result result = call_rules(call, &rules, error);
    if (result == RESULT_OK) {
        result = named_list(rules, call->operands[0], &id, &found, error);
    }
    if (result == RESULT_OK && code != NULL) {
        enum code_state state = code_judge(rules_codes(rules), id, text_of(code), 0, NULL);
        const char *near = code_nearest_on(rules_codes(rules), id, text_of(code), 0);
        if (state == CODE_UNKNOWN) {
            result = error_set(error, RESULT_NOT_FOUND, "'%s' is not in %s%s%s%s", code,
                               found->name, near == NULL ? "" : "; did you mean ",
                               near == NULL ? "" : near, near == NULL ? "" : "?");
        }
    }
    if (result == RESULT_OK && !call->json && code == NULL && found->shape != NULL) {
        (void)printf("%s: %s (%s)\n", found->name, found->shape_hint, found->source);
    }
    if (result == RESULT_OK) {
        result = show_codes(call, found, code, error);
    }
    rules_destroy(&rules);
    return result;
}

/* ---- diff ---- */

static const struct code *same_code(const struct code_list *list, const struct code *code)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->codes[i].code, code->code) == 0 && list->codes[i].from == code->from) {
            return &list->codes[i];
        }
    }
    return NULL;
}

static void diff_row(struct table *table, json_t *rows, const char *what, const struct code *code)
{
    char day[CODE_DAY_BYTES];
    json_t *row = code_json(code);
    (void)json_object_set_new(row, "change", json_string(what));
    (void)json_array_append_new(rows, row);
    table_string(table, what);
    table_string(table, code->code);
    table_string(table, code->label);
    table_string(table, menu_day_text(code->from, day));
    table_string(table, menu_day_text(code->until, day));
}

static enum result print_diff(struct call *call, const struct code_list *held,
                              const struct code_list *given, struct error *error)
{
    static const char *const heads[] = {"CHANGE", "CODE", "NAME", "FROM", "UNTIL", NULL};
    struct table table = table_begin(heads);
    json_t *rows = json_array();
    for (size_t i = 0; i < held->count; i++) {
        if (same_code(given, &held->codes[i]) == NULL) {
            diff_row(&table, rows, "removed", &held->codes[i]);
        }
    }
    for (size_t i = 0; i < given->count; i++) {
        const struct code *code = &given->codes[i];
        const struct code *before = same_code(held, code);
        if (before == NULL) {
            diff_row(&table, rows, "added", code);
        } else if (before->until != code->until || strcmp(before->label, code->label) != 0) {
            diff_row(&table, rows, "changed", code);
        }
    }
    if (call->json) {
        table.count = 0;
        table_end(&table, stdout);
        return output_json(rows, error);
    }
    (void)fprintf(stderr,
                  "comesh: %s: %zu of %zu codes differ; edition '%s' here, '%s' in the file\n",
                  held->name, json_array_size(rows), held->count, held->edition, given->edition);
    table_end(&table, stdout);
    json_decref(rows);
    return RESULT_OK;
}

/* Reads the list in a file. */
static enum result read_file(const char *path, struct arena *arena, struct buffer *text,
                             enum code_list_id *id, const struct code_list **given,
                             struct error *error)
{
    arena->limit = (size_t)256 << 20;
    enum result result = document_read(path, CODE_LIST_MAX_BYTES, text, error);
    return result == RESULT_OK ? code_list_read(buffer_view(text), path, arena, id, given, error)
                               : result;
}

static enum result diff(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    struct arena arena = {0};
    struct buffer text = {0};
    const struct code_list *held = NULL;
    const struct code_list *given = NULL;
    enum code_list_id id = CODES_NONE;
    enum code_list_id given_id = CODES_NONE;
    enum result result = call_rules(call, &rules, error);
    if (result == RESULT_OK) {
        result = named_list(rules, call->operands[0], &id, &held, error);
    }
    if (result == RESULT_OK) {
        result = read_file(call->operands[1], &arena, &text, &given_id, &given, error);
    }
    if (result == RESULT_OK && id != given_id) {
        result = error_set(error, RESULT_INVALID, "%s is a list %s, not %s", call->operands[1],
                           given->name, held->name);
    }
    if (result == RESULT_OK) {
        result = print_diff(call, held, given, error);
    }
    buffer_free(&text);
    arena_free(&arena);
    rules_destroy(&rules);
    return result;
}

/* ---- import ---- */

static enum result keep_list(const struct config *config, const struct code_list *given,
                             struct bytes content, struct error *error)
{
    char name[96];
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "codes", path, error);
    if (result == RESULT_OK && mkdir(path, 0700) != 0 && errno != EEXIST) {
        result = error_system(error, errno, "%s", path);
    }
    if (result == RESULT_OK) {
        (void)snprintf(name, sizeof name, "codes/%s.csv", given->name);
        result = config_place(config, name, path, error);
    }
    if (result == RESULT_OK) {
        result = file_replace(path, content, FILE_PUBLIC, error);
    }
    if (result == RESULT_OK) {
        (void)fprintf(stderr, "comesh: %s, edition '%s', %zu codes, is in %s\n", given->name,
                      given->edition, given->count, path);
    }
    return result;
}

static enum result import(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct arena arena = {0};
    struct buffer text = {0};
    const struct code_list *given = NULL;
    enum code_list_id id = CODES_NONE;
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = read_file(call->operands[0], &arena, &text, &id, &given, error);
    }
    if (result == RESULT_OK) {
        result = keep_list(config, given, buffer_bytes(&text), error);
    }
    if (result == RESULT_OK) {
        result = node_reload(config, error);
    }
    buffer_free(&text);
    arena_free(&arena);
    free(config);
    return result;
}

const struct command command_codes_list = {
    .name = "codes list",
    .operands = "",
    .summary = "the code lists: edition, source, licence, number of codes",
    .examples = "  comesh codes list\n  comesh codes list --json\n",
    .details = "Lists ship with the product; those imported into the node's directory take their\n"
               "place. A list by form is kept by others and judged by the form of its codes.\n",
    .json = true,
    .run = list,
};

const struct command command_codes_show = {
    .name = "codes show",
    .operands = "LIST [CODE]",
    .summary = "the codes of a list with their names and days, or one code",
    .examples = "  comesh codes show statement\n  comesh codes show iso-4217 HRK\n",
    .json = true,
    .least_operands = 1,
    .most_operands = 2,
    .run = show,
};

const struct command command_codes_diff = {
    .name = "codes diff",
    .operands = "LIST FILE",
    .summary = "what would change with the list in a file",
    .examples = "  comesh codes diff un-ece-20 rec20.csv\n",
    .json = true,
    .least_operands = 2,
    .most_operands = 2,
    .run = diff,
};

const struct command command_codes_import = {
    .name = "codes import",
    .operands = "FILE",
    .summary = "take an official list over into the node's directory",
    .examples = "  comesh codes import rec20.csv\n",
    .details =
        "The file is CSV in UTF-8. It begins with lines `# list: un-ece-20` and `# edition: …`,\n"
        "and may say title, source and licence; then `value,name,from,until`, and a row for\n"
        "each code, with days as 2026-01-31 or empty. It takes the place of the whole list, in\n"
        "DIRECTORY/codes; the running node reads it at once.\n",
    .least_operands = 1,
    .most_operands = 1,
    .run = import,
};
