/* Tables with aligned columns. See output.h. */
#include "proto/utf8.h"
#include "tools/comesh/output.h"

#include <wchar.h>

struct table table_begin(const char *const *heads)
{
    struct table table = {.heads = heads};
    while (heads[table.columns] != NULL) {
        table.columns++;
    }
    return table;
}

void table_text(struct table *table, struct text text)
{
    if (text.size == 0) {
        buffer_text(&table->cells, "-");
    } else {
        output_text(&table->cells, text);
    }
    buffer_append(&table->cells, "", 1);
    table->count++;
}

void table_string(struct table *table, const char *string)
{
    table_text(table, text_of(string));
}

void table_number(struct table *table, uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    table_string(table, digits);
}

/* Columns of a terminal that `string` takes. */
static size_t width_of(const char *string)
{
    struct text rest = text_of(string);
    size_t width = 0;
    while (rest.size > 0) {
        int columns = wcwidth((wchar_t)utf8_next(&rest));
        width += columns > 0 ? (size_t)columns : 0;
    }
    return width;
}

static const char *head_of(const struct table *table, size_t column)
{
    const char *head = table->heads[column];
    return head[0] == '>' ? head + 1 : head;
}

static void print_cell(const struct table *table, size_t column, size_t width, const char *cell,
                       FILE *file)
{
    size_t gap = width - width_of(cell);
    (void)fprintf(file, "%*s", column == 0 ? table->indent : 0, "");
    bool last = column + 1 == table->columns;
    if (table->heads[column][0] == '>') {
        (void)fprintf(file, "%*s%s%s", (int)gap, "", cell, last ? "\n" : "  ");
    } else {
        (void)fprintf(file, "%s%*s", cell, last ? 0 : (int)gap + 2, "");
        (void)fputs(last ? "\n" : "", file);
    }
}

static void print_rows(const struct table *table, const size_t *widths, FILE *file)
{
    bool headed = head_of(table, 0)[0] != '\0';
    for (size_t column = 0; headed && column < table->columns; column++) {
        print_cell(table, column, widths[column], head_of(table, column), file);
    }
    const char *cell = (const char *)table->cells.data;
    for (size_t i = 0; i < table->count; i++) {
        print_cell(table, i % table->columns, widths[i % table->columns], cell, file);
        cell += strlen(cell) + 1;
    }
}

void table_end(struct table *table, FILE *file)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    if (table->columns > 0 && table->columns <= TABLE_COLUMNS_MAX && table->count > 0 &&
        !table->cells.failed) {
        for (size_t column = 0; column < table->columns; column++) {
            widths[column] = width_of(head_of(table, column));
        }
        const char *cell = (const char *)table->cells.data;
        for (size_t i = 0; i < table->count; i++) {
            size_t width = width_of(cell);
            size_t *widest = &widths[i % table->columns];
            *widest = width > *widest ? width : *widest;
            cell += strlen(cell) + 1;
        }
        print_rows(table, widths, file);
    }
    buffer_free(&table->cells);
}
