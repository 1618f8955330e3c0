/* comesh menu compare: menus side by side, as text, JSON, CSV or a page. */
#include "proto/matrix.h"
#include "tools/comesh/menus.h"
#include "tools/comesh/output.h"
#include "tools/comesh/page.h"

#include <stdlib.h>

static const char legend[] =
    "✓ mandatory, (✓) optional, ✗ not used, ? proposed and not in the dataset";

/* "AKFTA 1" */
static const char *column_name(const struct menu *menu, char out[64])
{
    (void)snprintf(out, 64, "%.*s %u", TEXT_ARGS(menu->agreement), menu->version);
    return out;
}

/* "✓ list origin-criterion-akfta" */
static void cell_text(const struct matrix_cell *cell, bool words, struct buffer *out)
{
    buffer_clear(out);
    buffer_text(out, words ? matrix_mark_word(cell->mark) : matrix_mark_sign(cell->mark));
    buffer_text(out, out->size > 0 && cell->text.size > 0 ? " " : "");
    buffer_append(out, cell->text.data, cell->text.size);
}

/* ---- as text ---- */

static void print_rows(const struct matrix *matrix, size_t first, size_t end)
{
    char names[MATRIX_MENUS_MAX][64];
    const char *heads[MATRIX_MENUS_MAX + 2] = {"ELEMENT"};
    struct buffer cell = {0};
    for (size_t i = 0; i < matrix->menu_count; i++) {
        heads[i + 1] = column_name(matrix->menus[i], names[i]);
    }
    struct table table = table_begin(heads);
    for (size_t i = first; i < end; i++) {
        const struct matrix_row *row = &matrix->rows[i];
        table_text(&table, row->name);
        for (size_t j = 0; j < matrix->menu_count; j++) {
            cell_text(&row->cells[j], false, &cell);
            table_text(&table, buffer_view(&cell));
        }
    }
    table_end(&table, stdout);
    buffer_free(&cell);
}

static void print_text(const struct matrix *matrix)
{
    (void)printf("%zu of %zu rows differ.\n", matrix->differing, matrix->count);
    print_rows(matrix, 0, matrix->differing);
    if (matrix->differing < matrix->count) {
        (void)printf("\nThe same in all:\n");
    }
    print_rows(matrix, matrix->differing, matrix->count);
    (void)printf("\n%s\n", legend);
}

/* ---- as JSON ---- */

static json_t *json_of(struct text text)
{
    return text.size == 0 ? json_null() : json_stringn(text.data, text.size);
}

static json_t *row_json(const struct matrix *matrix, const struct matrix_row *row)
{
    json_t *menus = json_object();
    for (size_t i = 0; i < matrix->menu_count; i++) {
        char name[64];
        const struct matrix_cell *cell = &row->cells[i];
        const char *word = matrix_mark_word(cell->mark);
        (void)json_object_set_new(
            menus, column_name(matrix->menus[i], name),
            json_pack("{s:o, s:o, s:o}", "use", word[0] == '\0' ? json_null() : json_string(word),
                      "says", json_of(cell->text), "source", json_of(cell->source)));
    }
    const struct element *element = row->element;
    return json_pack("{s:o, s:s?, s:s?, s:s?, s:b, s:o}", "element", json_of(row->name), "label",
                     element == NULL ? NULL : element->label, "wco_id",
                     element == NULL ? NULL : element->wco_id, "oif_id",
                     element == NULL ? NULL : element->oif_id, "differs", row->differs, "menus",
                     menus);
}

static enum result print_json(const struct matrix *matrix, struct error *error)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < matrix->count; i++) {
        (void)json_array_append_new(rows, row_json(matrix, &matrix->rows[i]));
    }
    return output_json(rows, error);
}

/* ---- as CSV ---- */

static void put_field(struct text text, const char *behind)
{
    bool quoted = text.size > 0 && (memchr(text.data, ',', text.size) != NULL ||
                                    memchr(text.data, '"', text.size) != NULL);
    (void)fputs(quoted ? "\"" : "", stdout);
    for (size_t i = 0; i < text.size; i++) {
        (void)fputs(text.data[i] == '"' ? "\"" : "", stdout);
        (void)fputc(text.data[i], stdout);
    }
    (void)printf("%s%s", quoted ? "\"" : "", behind);
}

static void print_csv(const struct matrix *matrix)
{
    struct buffer cell = {0};
    (void)printf("element,label,wco,differs");
    for (size_t i = 0; i < matrix->menu_count; i++) {
        char name[64];
        (void)printf(",%s", column_name(matrix->menus[i], name));
    }
    (void)printf("\r\n");
    for (size_t i = 0; i < matrix->count; i++) {
        const struct matrix_row *row = &matrix->rows[i];
        put_field(row->name, ",");
        put_field(text_of(row->element == NULL ? "" : row->element->label), ",");
        put_field(text_of(row->element == NULL ? "" : row->element->wco_id), ",");
        put_field(row->differs ? TEXT("yes") : TEXT("no"), "");
        for (size_t j = 0; j < matrix->menu_count; j++) {
            (void)fputc(',', stdout);
            cell_text(&row->cells[j], true, &cell);
            put_field(buffer_view(&cell), "");
        }
        (void)printf("\r\n");
    }
    buffer_free(&cell);
}

/* ---- as a page ---- */

static void put_page_row(const struct matrix *matrix, const struct matrix_row *row,
                         struct buffer *out)
{
    buffer_printf(out, "<tr%s><th scope=\"row\">", row->differs ? " class=\"differs\"" : "");
    page_text(row->name, out);
    if (row->element != NULL) {
        char label[ELEMENT_LABEL_BYTES];
        buffer_text(out, "<br><small>");
        page_text(text_of(row->element->label), out);
        buffer_text(out, ", ");
        page_text(text_of(element_label(row->element, label)), out);
        buffer_text(out, "</small>");
    }
    buffer_text(out, "</th>");
    for (size_t i = 0; i < matrix->menu_count; i++) {
        const struct matrix_cell *cell = &row->cells[i];
        buffer_printf(out,
                      "<td><span aria-hidden=\"true\">%s</span> <span class=\"word\">%s</span>",
                      matrix_mark_sign(cell->mark), matrix_mark_word(cell->mark));
        buffer_text(out, cell->text.size > 0 ? " " : "");
        page_text(cell->text, out);
        if (cell->source.size > 0) {
            buffer_text(out, "<br><small>");
            page_text(cell->source, out);
            buffer_text(out, "</small>");
        }
        buffer_text(out, "</td>");
    }
    buffer_text(out, "</tr>\n");
}

static enum result print_page(const struct matrix *matrix, struct error *error)
{
    struct buffer out = {0};
    page_begin("Menus of certificates of origin, compared", &out);
    buffer_printf(&out, "<p>%zu of %zu rows differ; they stand first. %s.</p>\n<table>\n<caption>",
                  matrix->differing, matrix->count, legend);
    buffer_text(&out, "What each agreement asks of a certificate</caption>\n<thead><tr>"
                      "<th scope=\"col\">Element</th>");
    for (size_t i = 0; i < matrix->menu_count; i++) {
        char name[64];
        buffer_text(&out, "<th scope=\"col\">");
        page_text(text_of(column_name(matrix->menus[i], name)), &out);
        buffer_text(&out, "<br><small>");
        page_text(matrix->menus[i]->title, &out);
        buffer_text(&out, "</small></th>");
    }
    buffer_text(&out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < matrix->count; i++) {
        put_page_row(matrix, &matrix->rows[i], &out);
    }
    buffer_text(&out, "</tbody>\n</table>\n");
    page_end(&out);
    enum result result = buffer_check(&out, error);
    (void)fwrite(out.data, 1, out.size, stdout);
    buffer_free(&out);
    return result;
}

/* ---- the command ---- */

static enum result print(struct call *call, const struct matrix *matrix, struct error *error)
{
    if (call->json) {
        return print_json(matrix, error);
    }
    if (call_value(call, "html") != NULL) {
        return print_page(matrix, error);
    }
    if (call_value(call, "csv") != NULL) {
        print_csv(matrix);
    } else {
        print_text(matrix);
    }
    return RESULT_OK;
}

static enum result run(struct call *call, struct error *error)
{
    struct rules *rules = NULL;
    struct arena arena = {0};
    struct matrix matrix = {.menu_count = call->operand_count};
    enum result result = call_rules(call, &rules, error);
    for (size_t i = 0; i < call->operand_count && result == RESULT_OK; i++) {
        result = menu_named(rules, call->operands[i], &arena, &matrix.menus[i], error);
    }
    if (result == RESULT_OK) {
        result = matrix_make(&matrix, &arena, error);
    }
    if (result == RESULT_OK) {
        result = print(call, &matrix, error);
    }
    arena_free(&arena);
    rules_destroy(&rules);
    return result;
}

const struct command command_menu_compare = {
    .name = "menu compare",
    .operands = "MENU MENU …",
    .summary = "menus side by side, the differences first",
    .examples = "  comesh menu compare AKFTA RCEP\n"
                "  comesh menu compare EXAMPLE-1 EXAMPLE-2 EXAMPLE-3\n"
                "  comesh menu compare AKFTA:1 new-akfta.menu --html > akfta.html\n",
    .details =
        "MENU is an agreement (its newest menu), AGREEMENT:VERSION, or a file. ✓ is mandatory,\n"
        "(✓) optional, ✗ not used; ? is an element that one side proposes and the dataset\n"
        "lacks: `comesh menu propose` writes the request for it.\n",
    .options =
        {
            {"csv", NULL, "as CSV", false},
            {"html", NULL, "as one page that needs nothing else", false},
        },
    .json = true,
    .least_operands = 2,
    .most_operands = MATRIX_MENUS_MAX,
    .run = run,
};
