/* What the reading routes share. See read.h. */
#include "node/bridge/read.h"

#include "node/flow/passage.h"
#include "proto/dataset.h"
#include "proto/encoding.h"

bool read_number(struct exchange *exchange, const char *name, uint64_t standard, uint64_t max,
                 uint64_t *value)
{
    struct text text = target_query(&exchange->target, name);
    *value = standard;
    if (text.data == NULL || decimal_parse(text, max, value)) {
        return true;
    }
    exchange_refuse(exchange, 400, "parameter", "%s '%.*s'; accepted: a whole number up to %llu",
                    name, TEXT_ARGS(text), (unsigned long long)max);
    return false;
}

enum result read_has_room(const struct buffer *answer, struct error *error)
{
    return answer->size <= READ_ANSWER_MAX_BYTES
               ? RESULT_OK
               : error_set(error, RESULT_TOO_LARGE, "the answer is above %zu bytes",
                           READ_ANSWER_MAX_BYTES);
}

void read_fail(struct exchange *exchange, const struct error *error)
{
    if (error->code != RESULT_TOO_LARGE && !exchange->arena.is_full) {
        exchange_fail(exchange, error);
        return;
    }
    exchange_refuse(exchange, 422, "too-much-said",
                    "more is held about this certificate than one answer has room for (%zu MiB "
                    "read, %zu MiB written); /v1/messages has its messages page by page, and "
                    "/v1/messages/{id} each of them",
                    ARENA_LIMIT_BYTES >> 20, READ_ANSWER_MAX_BYTES >> 20);
}

void read_message_members(const struct store_message *message, struct jot *jot)
{
    bool outgoing = message->direction == STORE_OUTGOING;
    bool judged = message->judged_ms != 0;
    jot_id(jot, "message", &message->id);
    jot_string(jot, "operation", operation_name(message->operation));
    jot_string(jot, "direction", outgoing ? "outgoing" : "incoming");
    jot_text(jot, "partner", message->partner);
    if (message->has_reply_to) {
        jot_id(jot, "replyTo", &message->reply_to);
    }
    jot_text(jot, "agreement", message->agreement);
    jot_uint(jot, "menu", message->menu_version);
    jot_text(jot, "exporter", message->exporter);
    jot_text(jot, "number", message->number);
    jot_text(jot, "origin", message->origin);
    jot_uint(jot, "channel", message->channel);
    jot_uint(jot, "index", message->index);
    jot_string(jot, "state", passage_state(message));
    jot_time_ms(jot, "signed", message->queued_ms);
    jot_time_ms(jot, "committed", message->arrived_ms);
    jot_time_ms(jot, "stored", message->stored_s * 1000);
    jot_time_ms(jot, "judged", message->judged_ms);
    jot_time_ms(jot, "delivered", message->delivered_ms);
    jot_time_ms(jot, "answered", message->answered_ms);
    if (judged) {
        jot_string(jot, "verdict", verdict_outcome_text(message->outcome));
    } else {
        jot_null(jot, "verdict");
    }
    if (message->remark.size > 0) {
        jot_text(jot, "remark", message->remark);
    }
}

enum result read_record(const struct store_message *message, struct arena *arena,
                        struct record **record, struct error *error)
{
    struct findings findings = {.arena = arena};
    if (dataset_root(message->operation) == NULL) {
        return error_set(error, RESULT_UNSUPPORTED, "a verdict is no document");
    }
    return encoding_read(ENCODING_MSGPACK, message->payload, message->operation, arena, &findings,
                         record, error);
}

enum result read_document(const struct store_message *message, struct arena *arena, struct jot *jot,
                          struct error *error)
{
    struct record *record = NULL;
    if (dataset_root(message->operation) == NULL) {
        jot_null(jot, "document");
        return RESULT_OK;
    }
    enum result result = read_record(message, arena, &record, error);
    if (result == RESULT_OK) {
        jot_name(jot, "document");
        result = encoding_write(ENCODING_JSON, record, false, jot->out, error);
    }
    return result;
}

bool read_certificate(struct exchange *exchange, struct store_message **messages, size_t *count)
{
    struct private *private = private_of(exchange);
    struct text exporter = exchange->values[0];
    struct text number = exchange->values[1];
    struct error error;
    enum result result =
        store_read_certificate(private->reader, exporter, number_key(number, &exchange->arena),
                               &exchange->arena, messages, count, &error);
    if (result == RESULT_NOT_FOUND) {
        exchange_refuse(exchange, 404, "not-found",
                        "no certificate '%.*s' of %.*s is held here, neither sent nor received",
                        TEXT_ARGS(number), TEXT_ARGS(exporter));
    } else if (result != RESULT_OK) {
        read_fail(exchange, &error);
    }
    return result == RESULT_OK;
}
