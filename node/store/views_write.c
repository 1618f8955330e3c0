/* Writing the views. See views.h. */
#include "node/store/views.h"
#include "node/store/views_schema.h"
#include "proto/failpoint.h"

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
    if (views_begun(views)) {
        (void)!run(views, VIEWS_ROLLBACK, &ignored);
    }
}

bool views_begun(const struct views *views)
{
    return sqlite3_get_autocommit(views->sql.connection) == 0;
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

/* The number goes to the next certificate that came under it and is not refused: the refusal of
 * this one may be heard late, behind its correction, as when both come back to a store that was
 * lost. */
static enum result follow_issue(struct views *views, const struct message *message,
                                const struct views_entry *withdrawn, struct error *error)
{
    struct query follow = sql_query(&views->sql, VIEWS_FOLLOW_ISSUE);
    put_integer(&follow, withdrawn->position);
    put_integer(&follow, OPERATION_CO);
    put_integer(&follow, VERDICT_REFUSED);
    put_text(&follow, message->number_key);
    put_text(&follow, message->exporter);
    enum result result = sql_run(&follow, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct query drop = sql_query(&views->sql, VIEWS_DROP_ABOUT);
    put_text(&drop, message->number_key);
    put_text(&drop, message->exporter);
    return sql_run(&drop, error);
}

enum result views_withdraw_issue(struct views *views, const struct message *message,
                                 const struct views_entry *entry, struct error *error)
{
    struct query query = sql_query(&views->sql, VIEWS_WITHDRAW_ISSUE);
    put_text(&query, message->number_key);
    put_text(&query, message->exporter);
    put_integer(&query, entry->channel);
    put_integer(&query, entry->index);
    enum result result = sql_run(&query, error);
    if (result != RESULT_OK || sql_changes(&views->sql) == 0) {
        return result;
    }
    result = views_put_about(views, message, entry, error);
    return result == RESULT_OK ? follow_issue(views, message, entry, error) : result;
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

enum result views_put_carried(struct views *views, uint32_t channel, uint64_t below,
                              uint64_t serial, struct error *error)
{
    return put_three(views, VIEWS_PUT_CARRIED, channel, below, serial, error);
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
