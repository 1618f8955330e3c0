/* Opening the views and writing them. See views.h; asking is in views_read.c. */
#include "node/store/views.h"

#include "node/core/failpoint.h"
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

/* ---- writing ---- */

static enum result run(struct views *views, enum views_statement statement, struct error *error)
{
    struct query query = sql_query(&views->sql, statement);
    return sql_run(&query, error);
}

enum result views_begin(struct views *views, struct error *error)
{
    return run(views, VIEWS_BEGIN, error);
}

enum result views_commit(struct views *views, const struct journal_id *id,
                         struct journal_place place, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_APPLIED);
    put_blob(&query, (struct bytes){id->bytes, sizeof id->bytes});
    put_integer(&query, place.position);
    put_integer(&query, place.sequence);
    enum result result = sql_run(&query, error);
    FAILPOINT("views.before-commit");
    if (result == RESULT_OK) {
        result = run(views, VIEWS_COMMIT, error);
    }
    FAILPOINT("views.after-commit");
    return result;
}

void views_rollback(struct views *views)
{
    struct error ignored;
    if (sqlite3_get_autocommit(views->sql.connection) == 0) {
        (void)!run(views, VIEWS_ROLLBACK, &ignored);
    }
}

enum result views_put_channel(struct views *views, const struct body_channel *channel,
                              struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_CHANNEL);
    put_integer(&query, channel->channel);
    put_integer(&query, channel->direction);
    put_text(&query, channel->partner);
    put_text(&query, channel->origin);
    return sql_run(&query, error);
}

enum result views_put_entry(struct views *views, const struct views_entry *entry,
                            struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_ENTRY);
    put_integer(&query, entry->channel);
    put_integer(&query, entry->index);
    put_integer(&query, entry->position);
    put_integer(&query, entry->record_size);
    put_integer(&query, entry->operation);
    put_text(&query, entry->exporter);
    put_text(&query, entry->number);
    put_blob(&query, (struct bytes){entry->completed->hash[0].bytes,
                                    entry->completed->count * sizeof entry->completed->hash[0]});
    return sql_run(&query, error);
}

enum result views_put_message(struct views *views, const struct message_id *id, uint32_t channel,
                              uint64_t index, bool *first, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_MESSAGE);
    put_blob(&query, (struct bytes){id->bytes, sizeof id->bytes});
    put_integer(&query, channel);
    put_integer(&query, index);
    enum result result = sql_run(&query, error);
    *first = result == RESULT_OK && sql_changes(&views->sql) > 0;
    return result;
}

/* Makes sure that there is a row for a certificate that is spoken of, issued or not. */
static enum result put_mention(struct views *views, const struct message *message,
                               const struct views_entry *entry, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_MENTION);
    put_text(&query, message->number_key);
    put_text(&query, message->exporter);
    put_integer(&query, entry->position);
    return sql_run(&query, error);
}

enum result views_put_about(struct views *views, const struct message *message,
                            const struct views_entry *entry, struct error *error)
{
    enum result result = put_mention(views, message, entry, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct query query = sql_query(&views->sql, VIEWS_PUT_ABOUT);
    put_integer(&query, entry->position);
    put_integer(&query, entry->channel);
    put_integer(&query, entry->index);
    put_text(&query, message->number_key);
    put_text(&query, message->exporter);
    return sql_run(&query, error);
}

/* Gives a certificate that was only spoken of its issue. */
static enum result fill_issue(struct views *views, const struct message *message,
                              const struct views_entry *entry, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_FILL_ISSUE);
    put_integer(&query, entry->position);
    put_integer(&query, entry->channel);
    put_integer(&query, entry->index);
    put_text(&query, message->number_key);
    put_text(&query, message->exporter);
    return sql_run(&query, error);
}

enum result views_put_issue(struct views *views, const struct message *message,
                            const struct views_entry *entry, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_ISSUE);
    put_text(&query, message->number_key);
    put_text(&query, message->exporter);
    put_integer(&query, entry->position);
    put_integer(&query, entry->position);
    put_integer(&query, entry->channel);
    put_integer(&query, entry->index);
    enum result result = sql_run(&query, error);
    if (result != RESULT_OK || sql_changes(&views->sql) > 0) {
        return result;
    }
    result = fill_issue(views, message, entry, error);
    if (result != RESULT_OK || sql_changes(&views->sql) > 0) {
        return result;
    }
    return views_put_about(views, message, entry, error);
}

/* A row (channel, a number, another) of the small tables. */
static enum result put_three(struct views *views, enum views_statement statement, uint64_t first,
                             uint64_t second, uint64_t third, struct error *error)
{
    struct query query = sql_query(&views->sql, statement);
    put_integer(&query, first);
    put_integer(&query, second);
    put_integer(&query, third);
    return sql_run(&query, error);
}

enum result views_put_answer(struct views *views, uint32_t channel, uint64_t index,
                             uint64_t time_ms, struct error *error)
{
    return put_three(views, VIEWS_PUT_ANSWER, channel, index, time_ms, error);
}

enum result views_put_judged(struct views *views, uint32_t channel, uint64_t below,
                             uint64_t time_ms, struct error *error)
{
    return put_three(views, VIEWS_PUT_JUDGED, channel, below, time_ms, error);
}

enum result views_put_taken(struct views *views, uint32_t channel, uint64_t below, uint64_t time_ms,
                            struct error *error)
{
    return put_three(views, VIEWS_PUT_TAKEN, channel, below, time_ms, error);
}

enum result views_put_receipt(struct views *views, const struct body_receipt *receipt,
                              const struct journal_record *record, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_RECEIPT);
    put_integer(&query, receipt->channel);
    put_integer(&query, receipt->size);
    put_integer(&query, receipt->time_s);
    put_integer(&query, record->position);
    put_integer(&query, record->size);
    return sql_run(&query, error);
}

enum result views_put_remark(struct views *views, uint32_t channel, uint64_t order,
                             const struct verdict_remark *remark, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_PUT_REMARK);
    put_integer(&query, channel);
    put_integer(&query, remark->index);
    put_integer(&query, order);
    put_integer(&query, remark->outcome);
    put_text(&query, remark->code);
    put_text(&query, remark->element);
    put_text(&query, remark->place);
    put_text(&query, remark->detail);
    return sql_run(&query, error);
}

enum result views_put_hold(struct views *views, uint32_t channel, struct text reason,
                           struct error *error)
{
    bool release = reason.data == NULL;
    struct query query = sql_query(&views->sql, release ? VIEWS_PUT_RELEASE : VIEWS_PUT_HOLD);
    if (!release) {
        put_text(&query, reason);
    }
    put_integer(&query, channel);
    return sql_run(&query, error);
}
