/* A thin layer over SQLite. See sql.h. */
#include "node/store/sql.h"

static enum result code_of(int status)
{
    switch (status & 0xff) {
    case SQLITE_FULL:
        return RESULT_FULL;
    case SQLITE_NOMEM:
        return RESULT_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: /* a table or column that is not there */
        return RESULT_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return RESULT_BUSY;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return RESULT_DENIED;
    default:
        return RESULT_IO;
    }
}

static enum result sql_error(struct sql *sql, int status, struct error *error)
{
    sql->damaged = sql->damaged || code_of(status) == RESULT_CORRUPT;
    return error_set(error, code_of(status), "views %s: %s", sql->path,
                     sql->connection == NULL ? sqlite3_errstr(status)
                                             : sqlite3_errmsg(sql->connection));
}

enum result sql_open(struct sql *sql, const char *path, const char *const *texts,
                     struct error *error)
{
    *sql = (struct sql){.path = path, .texts = texts};
    int status =
        sqlite3_open_v2(path, &sql->connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    return status == SQLITE_OK ? RESULT_OK : sql_error(sql, status, error);
}

void sql_close(struct sql *sql)
{
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        (void)sqlite3_finalize(sql->statements[i]);
    }
    (void)sqlite3_close(sql->connection);
    *sql = (struct sql){0};
}

enum result sql_execute(struct sql *sql, const char *text, struct error *error)
{
    int status = sqlite3_exec(sql->connection, text, NULL, NULL, NULL);
    return status == SQLITE_OK ? RESULT_OK : sql_error(sql, status, error);
}

enum result sql_checkpoint(struct sql *sql, struct error *error)
{
    int status =
        sqlite3_wal_checkpoint_v2(sql->connection, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return status == SQLITE_OK ? RESULT_OK : sql_error(sql, status, error);
}

struct query sql_query(struct sql *sql, unsigned statement)
{
    struct query query = {.sql = sql};
    if (sql->statements[statement] == NULL) {
        query.status =
            sqlite3_prepare_v3(sql->connection, sql->texts[statement], -1,
                               SQLITE_PREPARE_PERSISTENT, &sql->statements[statement], NULL);
    }
    query.statement = sql->statements[statement];
    return query;
}

static void keep(struct query *query, int status)
{
    if (query->status == SQLITE_OK) {
        query->status = status;
    }
}

void put_integer(struct query *query, uint64_t value)
{
    keep(query, sqlite3_bind_int64(query->statement, ++query->put, (sqlite3_int64)value));
}

void put_text(struct query *query, struct text text)
{
    const char *data = text.data == NULL ? "" : text.data;
    keep(query,
         sqlite3_bind_text(query->statement, ++query->put, data, (int)text.size, SQLITE_STATIC));
}

void put_blob(struct query *query, struct bytes bytes)
{
    const void *data = bytes.data == NULL ? (const void *)"" : bytes.data;
    keep(query,
         sqlite3_bind_blob(query->statement, ++query->put, data, (int)bytes.size, SQLITE_STATIC));
}

enum result sql_row(struct query *query, struct error *error)
{
    query->got = 0;
    if (query->status == SQLITE_OK) {
        int status = sqlite3_step(query->statement);
        if (status == SQLITE_ROW) {
            return RESULT_OK;
        }
        if (status == SQLITE_DONE) {
            return RESULT_NOT_FOUND;
        }
        query->status = status;
    }
    return sql_error(query->sql, query->status, error);
}

enum result sql_run(struct query *query, struct error *error)
{
    enum result result = sql_row(query, error);
    sql_end(query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

uint64_t get_integer(struct query *query)
{
    return (uint64_t)sqlite3_column_int64(query->statement, query->got++);
}

bool get_null(struct query *query)
{
    return sqlite3_column_type(query->statement, query->got) == SQLITE_NULL;
}

struct text get_text(struct query *query)
{
    const void *data = sqlite3_column_text(query->statement, query->got);
    return (struct text){data, (size_t)sqlite3_column_bytes(query->statement, query->got++)};
}

struct bytes get_blob(struct query *query)
{
    const void *data = sqlite3_column_blob(query->statement, query->got);
    return (struct bytes){data, (size_t)sqlite3_column_bytes(query->statement, query->got++)};
}

void sql_end(struct query *query)
{
    (void)sqlite3_reset(query->statement);
}

int sql_changes(const struct sql *sql)
{
    return sqlite3_changes(sql->connection);
}
