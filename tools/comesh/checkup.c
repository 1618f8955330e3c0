/* Results of checks. See checkup.h. */
#include "tools/comesh/checkup.h"

#include <stdarg.h>

static const char *const level_words[] = {"ok", "warning", "failed"};

void checkup_begin(struct checkup *checkup)
{
    static const char *const heads[] = {"RESULT", "CHECK", "WHAT", NULL};
    *checkup = (struct checkup){.table = table_begin(heads), .rows = json_array()};
}

void checkup_add(struct checkup *checkup, enum checkup_level level, const char *name,
                 const char *remedy, const char *format, ...)
{
    char what[ERROR_MESSAGE_BYTES];
    struct buffer shown = {0};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    output_text(&shown, text_of(what));
    table_string(&checkup->table, level_words[level]);
    table_string(&checkup->table, name);
    table_text(&checkup->table, buffer_view(&shown));
    if (remedy != NULL && level != CHECKUP_OK) {
        char line[ERROR_MESSAGE_BYTES];
        (void)snprintf(line, sizeof line, "-> %s", remedy);
        table_string(&checkup->table, " ");
        table_string(&checkup->table, " ");
        table_string(&checkup->table, line);
    }
    (void)json_array_append_new(
        checkup->rows, json_pack("{s:s, s:s, s:s%, s:s?}", "check", name, "result",
                                 level_words[level], "what", (const char *)shown.data, shown.size,
                                 "remedy", level == CHECKUP_OK ? NULL : remedy));
    checkup->counts[level]++;
    buffer_free(&shown);
}

enum result checkup_end(struct checkup *checkup, struct call *call, struct error *error)
{
    enum result result = RESULT_OK;
    unsigned failed = checkup->counts[CHECKUP_FAILED];
    unsigned warnings = checkup->counts[CHECKUP_WARNING];
    if (call->json) {
        result = output_json(json_pack("{s:O, s:i, s:i}", "checks", checkup->rows, "failed",
                                       (int)failed, "warnings", (int)warnings),
                             error);
    } else {
        table_end(&checkup->table, stdout);
        (void)printf("\n%u ok, %u warning%s, %u failed\n", checkup->counts[CHECKUP_OK], warnings,
                     warnings == 1 ? "" : "s", failed);
    }
    buffer_free(&checkup->table.cells);
    json_decref(checkup->rows);
    if (result == RESULT_OK && failed > 0) {
        call->exit_code = 1;
    }
    return result;
}
