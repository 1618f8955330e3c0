/* Menus side by side. See matrix.h. */
#include "proto/matrix.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD_ROWS 4

const char *matrix_mark_sign(enum matrix_mark mark)
{
    static const char *const signs[] = {"", "✓", "(✓)", "✗", "?", ""};
    return signs[mark];
}

const char *matrix_mark_word(enum matrix_mark mark)
{
    static const char *const words[] = {"", "mandatory", "optional", "not used", "proposed", ""};
    return words[mark];
}

/* ---- cells ---- */

/* "at most 4 times, list origin-criterion-akfta" */
static struct text limits_text(const struct menu_line *line, struct arena *arena)
{
    struct buffer out = {0};
    if (line->max_occurs != 0) {
        buffer_printf(&out, ", at most %u times", line->max_occurs);
    }
    if (line->max_length != 0) {
        buffer_printf(&out, ", at most %u characters", line->max_length);
    }
    if (line->list != CODES_NONE) {
        buffer_printf(&out, ", list %s", code_list(line->list)->name);
    }
    for (size_t i = 0; i < line->code_count; i++) {
        buffer_printf(&out, "%s %.*s", i == 0 ? ", codes" : "", TEXT_ARGS(line->codes[i]));
    }
    struct text whole = buffer_view(&out);
    struct text kept = whole.size == 0
                           ? TEXT("")
                           : arena_text(arena, (struct text){whole.data + 2, whole.size - 2});
    buffer_free(&out);
    return kept;
}

static struct matrix_cell element_cell(const struct menu *menu, const struct menu_path *path,
                                       struct arena *arena)
{
    static const enum matrix_mark marks[] = {[USE_OPTIONAL] = MARK_OPTIONAL,
                                             [USE_MANDATORY] = MARK_MANDATORY,
                                             [USE_NOT_USED] = MARK_NOT_USED};
    const struct menu_line *line = NULL;
    struct matrix_cell cell = {.mark = marks[menu_use_of(menu, path, &line)]};
    if (line != NULL) {
        cell.source = line->source;
        cell.text = cell.mark == MARK_NOT_USED ? TEXT("") : limits_text(line, arena);
    }
    return cell;
}

static struct matrix_cell proposal_cell(const struct menu *menu, struct text path)
{
    for (size_t i = 0; i < menu->proposal_count; i++) {
        if (text_equal(menu->proposals[i].path, path)) {
            return (struct matrix_cell){.mark = MARK_PROPOSED, .source = menu->proposals[i].source};
        }
    }
    return (struct matrix_cell){.mark = MARK_NONE};
}

/* ---- rows ---- */

static bool has_row(const struct matrix *matrix, const struct menu_line *line)
{
    for (size_t i = 0; i < matrix->count; i++) {
        if (text_equal(matrix->rows[i].name, line->path)) {
            return true;
        }
    }
    return false;
}

static bool has_proposal(const struct matrix *matrix, struct text path)
{
    for (size_t i = 0; i < matrix->count; i++) {
        const struct matrix_row *row = &matrix->rows[i];
        for (size_t j = 0; row->element == NULL && j < matrix->menu_count; j++) {
            const struct menu *menu = matrix->menus[j];
            for (size_t k = 0; k < menu->proposal_count; k++) {
                if (text_equal(menu->proposals[k].path, path) &&
                    text_equal(menu->proposals[k].name, row->name)) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* What the heads of the menus say; only where they differ are they rows. */
static struct matrix_cell head_cell(const struct menu *menu, size_t head, struct arena *arena)
{
    char text[48];
    char day[CODE_DAY_BYTES];
    switch (head) {
    case 0:
        (void)snprintf(text, sizeof text, "%s", menu_correction_text(menu->correction));
        break;
    case 1:
        (void)snprintf(text, sizeof text, menu->validity_months == 0 ? "not said" : "%u",
                       menu->validity_months);
        break;
    case 2:
        (void)snprintf(text, sizeof text, "%s",
                       menu->until == 0 ? "open" : code_day_text(menu->until, day));
        break;
    default:
        (void)snprintf(text, sizeof text, "%s", menu_use_text(menu->others));
        break;
    }
    return (struct matrix_cell){.mark = MARK_VALUE, .text = arena_text(arena, text_of(text))};
}

static void add_heads(struct matrix *matrix, struct arena *arena)
{
    static const char *const names[HEAD_ROWS] = {"correction", "months of validity",
                                                 "last day of the menu", "all other elements"};
    for (size_t head = 0; head < HEAD_ROWS; head++) {
        struct matrix_row *row = &matrix->rows[matrix->count];
        *row = (struct matrix_row){.name = text_of(names[head])};
        bool same = true;
        for (size_t i = 0; i < matrix->menu_count; i++) {
            row->cells[i] = head_cell(matrix->menus[i], head, arena);
            same = same && text_equal(row->cells[i].text, row->cells[0].text);
        }
        matrix->count += same ? 0 : 1;
    }
}

static void add_elements(struct matrix *matrix, const struct menu *menu, struct arena *arena)
{
    for (size_t i = 0; i < menu->line_count; i++) {
        const struct menu_line *line = &menu->lines[i];
        if (has_row(matrix, line)) {
            continue;
        }
        struct matrix_row *row = &matrix->rows[matrix->count++];
        *row = (struct matrix_row){.path = line->elements,
                                   .name = line->path,
                                   .element = line->elements.elements[line->elements.depth - 1]};
        for (size_t j = 0; j < matrix->menu_count; j++) {
            row->cells[j] = element_cell(matrix->menus[j], &row->path, arena);
        }
    }
}

static void add_proposals(struct matrix *matrix, const struct menu *menu)
{
    for (size_t i = 0; i < menu->proposal_count; i++) {
        const struct menu_proposal *proposal = &menu->proposals[i];
        if (has_proposal(matrix, proposal->path)) {
            continue;
        }
        struct matrix_row *row = &matrix->rows[matrix->count++];
        *row = (struct matrix_row){.name = proposal->name};
        for (size_t j = 0; j < matrix->menu_count; j++) {
            row->cells[j] = proposal_cell(matrix->menus[j], proposal->path);
        }
    }
}

/* Differences first; heads, elements in the order of the dataset, proposals. */
static int compare(const void *left, const void *right)
{
    const struct matrix_row *a = left;
    const struct matrix_row *b = right;
    if (a->differs != b->differs) {
        return a->differs ? -1 : 1;
    }
    int a_kind = a->element != NULL ? 1 : a->cells[0].mark == MARK_VALUE ? 0 : 2;
    int b_kind = b->element != NULL ? 1 : b->cells[0].mark == MARK_VALUE ? 0 : 2;
    if (a_kind != b_kind) {
        return a_kind - b_kind;
    }
    for (size_t i = 0; i < a->path.depth && i < b->path.depth; i++) {
        if (a->path.elements[i] != b->path.elements[i]) {
            return a->path.elements[i]->tag < b->path.elements[i]->tag ? -1 : 1;
        }
    }
    return a->path.depth < b->path.depth ? -1 : a->path.depth > b->path.depth ? 1 : 0;
}

enum result matrix_make(struct matrix *matrix, struct arena *arena, struct error *error)
{
    size_t most = HEAD_ROWS;
    for (size_t i = 0; i < matrix->menu_count; i++) {
        most += matrix->menus[i]->line_count + matrix->menus[i]->proposal_count;
    }
    matrix->rows = arena_zero(arena, most * sizeof *matrix->rows);
    if (matrix->rows == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to compare menus");
    }
    add_heads(matrix, arena);
    for (size_t i = 0; i < matrix->menu_count; i++) {
        add_elements(matrix, matrix->menus[i], arena);
    }
    for (size_t i = 0; i < matrix->menu_count; i++) {
        add_proposals(matrix, matrix->menus[i]);
    }
    for (size_t i = 0; i < matrix->count; i++) {
        struct matrix_row *row = &matrix->rows[i];
        for (size_t j = 1; j < matrix->menu_count; j++) {
            row->differs = row->differs || row->cells[j].mark != row->cells[0].mark ||
                           !text_equal(row->cells[j].text, row->cells[0].text);
        }
        matrix->differing += row->differs ? 1 : 0;
    }
    qsort(matrix->rows, matrix->count, sizeof *matrix->rows, compare);
    return RESULT_OK;
}
