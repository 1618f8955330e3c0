/* A thin, typed layer over one SQLite connection: statements from a table, prepared once and kept;
 * binding and reading in order; errors as sentences. Knows no table of the views.
 * One thread at a time per connection. */
#ifndef COMESH_NODE_STORE_SQL_H
#define COMESH_NODE_STORE_SQL_H

#include "proto/arena.h"
#include "proto/bytes.h"

#include <sqlite3.h>

#define SQL_STATEMENTS_MAX 64

struct sql {
    sqlite3 *connection;
    const char *path;         /* borrowed, for sentences */
    const char *const *texts; /* of the statements */
    bool damaged;             /* an error said that the file is not as it should be */
    sqlite3_stmt *statements[SQL_STATEMENTS_MAX];
};

/* Opens the file, which must be there. */
enum result sql_open(struct sql *sql, const char *path, const char *const *texts,
                     struct error *error) RESULT_CHECKED;
void sql_close(struct sql *sql);

/* Runs statements that give no rows and take no values. */
enum result sql_execute(struct sql *sql, const char *text, struct error *error) RESULT_CHECKED;

/* Moves all of the write-ahead log into the file. RESULT_BUSY when a reader stands in the way. */
enum result sql_checkpoint(struct sql *sql, struct error *error) RESULT_CHECKED;

/* One use of a statement: values are put in order, then it runs or gives rows, whose columns are
 * got in order. Problems stick and come out of the run. sql_end gives it back. */
struct query {
    struct sql *sql;
    sqlite3_stmt *statement;
    int put; /* values so far */
    int got; /* columns of the row so far */
    int status;
};

struct query sql_query(struct sql *sql, unsigned statement);
void put_integer(struct query *query, uint64_t value);
void put_text(struct query *query, struct text text);   /* borrowed until sql_end */
void put_blob(struct query *query, struct bytes bytes); /* borrowed until sql_end */

/* Runs a statement without rows, and ends it. */
enum result sql_run(struct query *query, struct error *error) RESULT_CHECKED;

/* The next row: RESULT_NOT_FOUND without a sentence when there is none. */
enum result sql_row(struct query *query, struct error *error) RESULT_CHECKED;
uint64_t get_integer(struct query *query); /* NULL is 0 */
bool get_null(struct query *query);        /* looks whether the next column is NULL, stays on it */
struct text get_text(struct query *query); /* borrowed until the next row */
struct bytes get_blob(struct query *query);

void sql_end(struct query *query);

/* Rows that the last statement changed. */
int sql_changes(const struct sql *sql);

#endif
