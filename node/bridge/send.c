/* One document, said by the own national system: it is answered when it is committed. */
#include "node/bridge/private_parts.h"
#include "node/bridge/problem.h"
#include "proto/encoding.h"

enum operation send_operation(const struct exchange *exchange)
{
    return operation_from_name(exchange->target.segments[0]);
}

/* Whether it is no JSON or XML at all. */
static bool is_malformed(const struct findings *findings)
{
    return findings->first != NULL && text_equal(text_of(findings->first->code), TEXT("syntax"));
}

unsigned send_status(const struct submit_answer *answer)
{
    switch (answer->result) {
    case RESULT_OK:
        return 201;
    case RESULT_INVALID:
        return is_malformed(&answer->findings) ? 400 : 422;
    case RESULT_NOT_FOUND: /* what the document speaks of; the path was found */
        return 422;
    default:
        return problem_status(answer->result);
    }
}

/* What a receipt of commit tells. */
struct told {
    const struct message_id *id;
    enum operation operation;
    struct text number;
    struct text partner;
    struct text origin;
    uint32_t channel;
    uint64_t index;
    struct appended appended;
};

static void write_receipt(const struct told *told, struct jot *jot)
{
    jot_id(jot, "message", told->id);
    jot_string(jot, "operation", operation_name(told->operation));
    jot_text(jot, "number", told->number);
    jot_text(jot, "partner", told->partner);
    jot_text(jot, "origin", told->origin);
    jot_uint(jot, "channel", told->channel);
    jot_uint(jot, "index", told->index);
    jot_hex(jot, "leaf", (struct bytes){told->appended.leaf.bytes, MERKLE_HASH_BYTES});
    jot_string(jot, "state", "queued");
    jot_time_ms(jot, "committed", told->appended.time_ms);
}

/* The receipt of a message that was held before, as it was first. */
static enum result write_held(struct private *private, const struct message_id *id,
                              struct arena *arena, struct jot *jot, struct error *error)
{
    struct store_message message;
    struct store_hashes hashes = {.reader = private->reader};
    struct told told = {.id = id};
    enum result result = store_read_message(private->reader, id, arena, &message, error);
    if (result == RESULT_OK) {
        hashes.channel = message.channel;
        result = store_read_hash(&hashes, message.index, 0, &told.appended.leaf, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    told.operation = message.operation;
    told.number = message.number;
    told.partner = message.partner;
    told.origin = message.origin;
    told.channel = message.channel;
    told.index = message.index;
    told.appended.time_ms = message.arrived_ms;
    write_receipt(&told, jot);
    return RESULT_OK;
}

enum result send_receipt(struct private *private, enum operation operation,
                         const struct submit_answer *answer, struct arena *arena, struct jot *jot,
                         struct error *error)
{
    char origin[ORIGIN_MAX_BYTES];
    if (answer->result == RESULT_DUPLICATE) {
        return write_held(private, &answer->id, arena, jot, error);
    }
    enum result result = flow_origin(private->flow, answer->partner, origin, error);
    if (result == RESULT_OK) {
        const struct told told = {&answer->id,     operation,       answer->number,
                                  answer->partner, text_of(origin), answer->channel,
                                  answer->index,   answer->appended};
        write_receipt(&told, jot);
    }
    return result;
}

/* ---- the answer ---- */

static void give_receipt(struct exchange *exchange, const struct submit_answer *answer)
{
    struct buffer body = {0};
    bool xml = exchange->accepted == MEDIA_XML;
    struct jot jot = {.out = &body, .root = xml ? &jot_receipt : NULL};
    struct error error;
    char id[UUID_TEXT_BYTES];
    message_id_format(&answer->id, id);
    jot_open(&jot, NULL, '{');
    if (send_receipt(private_of(exchange), send_operation(exchange), answer, &exchange->arena, &jot,
                     &error) != RESULT_OK) {
        buffer_free(&body);
        exchange_fail(exchange, &error);
        return;
    }
    jot_close(&jot, '}');
    jot_end(&jot);
    exchange_add_header(exchange, "Location", "/v1/messages/%s", id);
    exchange_give(exchange, send_status(answer), exchange->accepted, &body);
}

void send_forget_key(const struct exchange *exchange, struct idempotency *keys)
{
    struct text key = exchange_header(exchange, "Idempotency-Key");
    if (key.data != NULL) {
        idempotency_forget(keys, text_of(exchange->caller), key);
    }
}

void send_finish(struct submit *submit, struct exchange *exchange, struct idempotency *keys,
                 void (*give)(struct exchange *, const struct submit_answer *))
{
    size_t count = 0;
    const struct submit_answer *answer = submit_answers(submit, &count);
    if (answer->result == RESULT_OK || answer->result == RESULT_DUPLICATE) {
        give(exchange, answer);
    } else {
        send_forget_key(exchange, keys);
        exchange_refuse_findings(exchange, send_status(answer), result_text(answer->result),
                                 answer->sentence, &answer->findings);
    }
    submit_destroy(&submit);
}

static void finished(struct submit *submit, void *self)
{
    send_finish(submit, self, &private_of(self)->keys, give_receipt);
}

/* ---- the request ---- */

/* Notes the request's key, if it has one; false when it is answered by a refusal. */
static bool note_key(struct exchange *exchange, struct idempotency *keys)
{
    struct text key = exchange_header(exchange, "Idempotency-Key");
    struct merkle_hash content;
    struct buffer said = {0};
    struct error error;
    if (key.data == NULL) {
        return true;
    }
    if (!idempotency_key_valid(key)) {
        exchange_refuse(exchange, 400, "idempotency-key",
                        "the Idempotency-Key is not 1 to %d visible ASCII characters",
                        IDEMPOTENCY_KEY_MAX_BYTES);
        return false;
    }
    buffer_text(&said, operation_name(send_operation(exchange)));
    buffer_append(&said, exchange->body.data, exchange->body.size);
    merkle_sha256(buffer_bytes(&said), &content);
    buffer_free(&said);
    if (idempotency_note(keys, text_of(exchange->caller), key, &content, &error) != RESULT_OK) {
        exchange_refuse(exchange, 422, "idempotency-key-reused", "%s", error.message);
        return false;
    }
    return true;
}

bool send_check(struct exchange *exchange, struct idempotency *keys)
{
    enum encoding wanted = exchange->media == MEDIA_XML ? ENCODING_XML : ENCODING_JSON;
    if (exchange->body.size == 0 || encoding_of(exchange->body) != wanted) {
        exchange_refuse(exchange, 400, "body", "the body is not %s, as its Content-Type says",
                        wanted == ENCODING_XML ? "XML" : "JSON");
        return false;
    }
    return note_key(exchange, keys);
}

void send_answer(struct exchange *exchange)
{
    struct private *private = private_of(exchange);
    struct error error;
    if (exchange->media == MEDIA_NDJSON) {
        batch_answer(exchange);
        return;
    }
    if (!send_check(exchange, &private->keys)) {
        return;
    }
    const struct submitter submitter = {
        .home = private->home, .finished = finished, .self = exchange};
    if (submit_documents(private->flow, send_operation(exchange), &exchange->body, 1, &submitter,
                         &error) != RESULT_OK) {
        send_forget_key(exchange, &private->keys);
        exchange_fail(exchange, &error);
    }
}
