/* What the commands print: text that a terminal cannot be tricked with, times, tables, and rows of
 * the control socket as JSON. */
#ifndef COMESH_TOOLS_COMESH_OUTPUT_H
#define COMESH_TOOLS_COMESH_OUTPUT_H

#include "node/control/wire.h"

#include <jansson.h>
#include <stdio.h>

/* Appends text of another party with control and direction-changing characters as '?'. */
void output_text(struct buffer *out, struct text text);

/* RFC 3339 of a time of milliseconds or seconds, or "-" for 0. Returns `out`. */
#define OUTPUT_TIME_BYTES 32
const char *output_time_ms(uint64_t time_ms, char out[OUTPUT_TIME_BYTES]);
const char *output_time_s(uint64_t time_s, char out[OUTPUT_TIME_BYTES]);

/* "1 day", "3 hours", "5 minutes", "12 seconds": about how long. Returns `out`. */
#define OUTPUT_SPAN_BYTES 32
const char *output_span(uint64_t seconds, char out[OUTPUT_SPAN_BYTES]);

/* "12 KiB", "3.4 GiB". Returns `out`. */
#define OUTPUT_SIZE_BYTES 32
const char *output_size(uint64_t bytes, char out[OUTPUT_SIZE_BYTES]);

/* A table with aligned columns. The names of the columns are its heads; one that begins with '>' is
 * aligned to the right. Start with table_begin, fill cell by cell, end with table_end, which prints
 * it when it has rows. */
#define TABLE_COLUMNS_MAX 12
struct table {
    const char *const *heads; /* NULL-terminated; heads of "" are not printed at all */
    size_t columns;
    int indent;          /* blanks before every line */
    struct buffer cells; /* each with a NUL behind it */
    size_t count;
};
struct table table_begin(const char *const *heads);
void table_text(struct table *table, struct text text);
void table_string(struct table *table, const char *string);
void table_number(struct table *table, uint64_t number);
void table_end(struct table *table, FILE *file);

/* A row as an object with the names of its shape. Payloads are left out. NULL without memory. */
json_t *output_row(const struct wire_row *row);

/* Prints JSON for people and programs: two blanks of indentation, a line feed at the end. Frees it.
 * NULL is RESULT_NO_MEMORY. */
enum result output_json(json_t *json, struct error *error) RESULT_CHECKED;

#endif
