/* Opening and closing the views, and the mark of the boot. See views.h; writing is in
 * views_write.c, asking in views_read.c and views_channel.c. */
#include "node/store/views.h"

#include "node/core/log.h"
#include "node/store/views_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BOOT_NAME_BYTES 64
#define VIEWS_MODE      0640

static const char *const statements[] = {
#define VIEWS_TEXT(symbol, text) [VIEWS_##symbol] = (text),
    VIEWS_STATEMENTS(VIEWS_TEXT)
#undef VIEWS_TEXT
};

/* Negative cache sizes are KiB. Not synced: see views_claim. A checkpoint of 4000 pages takes a few
 * milliseconds, as it waits for no disk. */
static const char write_settings[] = "PRAGMA page_size=4096;"
                                     "PRAGMA journal_mode=WAL;"
                                     "PRAGMA synchronous=OFF;"
                                     "PRAGMA cache_size=-12288;"
                                     "PRAGMA wal_autocheckpoint=4000;"
                                     "PRAGMA temp_store=MEMORY;";
static const char read_settings[] = "PRAGMA query_only=1;"
                                    "PRAGMA cache_size=-1024;"
                                    "PRAGMA temp_store=MEMORY;";

static enum result pragma_value(struct sql *sql, const char *text, uint64_t *value,
                                struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(sql->connection, text, -1, &statement, NULL);
    if (status == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        *value = (uint64_t)sqlite3_column_int64(statement, 0);
        (void)sqlite3_finalize(statement);
        return RESULT_OK;
    }
    (void)sqlite3_finalize(statement);
    return error_set(error, RESULT_CORRUPT, "views %s: %s", sql->path,
                     sqlite3_errmsg(sql->connection));
}

/* Makes the tables in an empty file; otherwise the schema must be ours. */
static enum result check_schema(struct views *views, enum views_use use, struct error *error)
{
    uint64_t schema = 0;
    uint64_t tables = 0;
    enum result result = pragma_value(&views->sql, "PRAGMA user_version", &schema, error);
    if (result == RESULT_OK) {
        result = pragma_value(&views->sql, "SELECT count(*) FROM sqlite_master", &tables, error);
    }
    if (result != RESULT_OK || (schema == VIEWS_SCHEMA && tables > 0)) {
        return result;
    }
    if (tables > 0 || use != VIEWS_WRITE) {
        return error_set(error, RESULT_CORRUPT, "views %s have schema %llu and this program has %d",
                         views->path, (unsigned long long)schema, VIEWS_SCHEMA);
    }
    char version[64];
    (void)snprintf(version, sizeof version, "PRAGMA user_version=%d;COMMIT;", VIEWS_SCHEMA);
    result = sql_execute(&views->sql, "BEGIN IMMEDIATE;" VIEWS_TABLES, error);
    return result == RESULT_OK ? sql_execute(&views->sql, version, error) : result;
}

enum result views_open(const char *path, enum views_use use, struct views **views,
                       struct error *error)
{
    *views = NULL;
    if (use == VIEWS_WRITE) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, VIEWS_MODE);
        if (fd < 0) {
            return error_system(error, errno, "cannot make the views %s", path);
        }
        (void)close(fd);
    }
    struct views *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory to open the views");
    }
    (void)snprintf(made->path, sizeof made->path, "%s", path);
    enum result result = sql_open(&made->sql, made->path, statements, error);
    if (result == RESULT_OK) {
        (void)sqlite3_busy_timeout(made->sql.connection, 5000);
        result =
            sql_execute(&made->sql, use == VIEWS_WRITE ? write_settings : read_settings, error);
    }
    if (result == RESULT_OK) {
        result = check_schema(made, use, error);
    }
    if (result != RESULT_OK) {
        views_close(&made);
    }
    *views = made;
    return result;
}

/* ---- the mark of the boot ---- */

/* The name of this boot of the machine; "unknown" is no boot's name, and never trusted. */
static void boot_name(char out[BOOT_NAME_BYTES])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (file == NULL || fgets(out, BOOT_NAME_BYTES, file) == NULL) {
        (void)snprintf(out, BOOT_NAME_BYTES, "unknown");
    }
    out[strcspn(out, "\n")] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
}

/* Writes everything, and the mark, so that a power cut does not take it. */
static enum result put_boot(struct views *views, struct text boot, struct error *error)
{
    enum result result = sql_execute(&views->sql, "PRAGMA synchronous=FULL", error);
    if (result == RESULT_OK) {
        result = sql_checkpoint(&views->sql, error);
    }
    if (result == RESULT_OK) {
        struct query query = sql_query(&views->sql, VIEWS_PUT_BOOT);
        put_text(&query, boot);
        result = sql_run(&query, error);
    }
    return result == RESULT_OK ? sql_checkpoint(&views->sql, error) : result;
}

enum result views_claim(struct views *views, struct error *error)
{
    char now[BOOT_NAME_BYTES];
    char then[BOOT_NAME_BYTES];
    boot_name(now);
    struct query query = sql_query(&views->sql, VIEWS_GET_BOOT);
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        struct text boot = get_text(&query);
        (void)snprintf(then, sizeof then, "%.*s", TEXT_ARGS(boot));
    }
    sql_end(&query);
    if (result != RESULT_OK) {
        return error_set(error, RESULT_CORRUPT, "views %s have no mark of a boot", views->path);
    }
    if (then[0] != '\0' && (strcmp(then, now) != 0 || strcmp(then, "unknown") == 0)) {
        return error_set(error, RESULT_CORRUPT,
                         "views %s were open when the machine went down, and may not be whole",
                         views->path);
    }
    if (then[0] == '\0') {
        result = put_boot(views, text_of(now), error);
    }
    if (result == RESULT_OK) {
        result = sql_execute(&views->sql, "PRAGMA synchronous=OFF", error);
    }
    views->claimed = result == RESULT_OK;
    return result;
}

void views_close(struct views **views)
{
    struct views *old = *views;
    *views = NULL;
    if (old != NULL) {
        struct error error;
        views_rollback(old);
        if (old->claimed && !old->sql.damaged && put_boot(old, TEXT(""), &error) != RESULT_OK) {
            log_error("store", "views not closed in good order", &error);
        }
        sql_close(&old->sql);
        free(old);
    }
}

bool views_damaged(const struct views *views)
{
    return views->sql.damaged;
}

enum result views_remove(const char *path, struct error *error)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[1300];
        (void)snprintf(name, sizeof name, "%s%s", path, endings[i]);
        if (unlink(name) != 0 && errno != ENOENT) {
            return error_system(error, errno, "cannot remove %s", name);
        }
    }
    return RESULT_OK;
}

enum result views_place(struct views *views, struct journal_id *id, struct journal_place *place,
                        struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_GET_APPLIED);
    *id = (struct journal_id){0};
    *place = (struct journal_place){0};
    enum result result = sql_row(&query, error);
    if (result == RESULT_OK) {
        struct bytes journal = get_blob(&query);
        if (journal.size == sizeof id->bytes) {
            memcpy(id->bytes, journal.data, sizeof id->bytes);
        }
        place->position = get_integer(&query);
        place->sequence = get_integer(&query);
    }
    sql_end(&query);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
