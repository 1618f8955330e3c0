/* A certificate by its number, at the moment of a declaration: its state, balance and timeline, and
 * the document in the form that is asked for. From the local store alone. */
#include "node/bridge/read.h"
#include "node/flow/life.h"
#include "node/flow/passage.h"
#include "proto/encoding.h"
#include "proto/render.h"

#include <inttypes.h>
#include <stdio.h>

#define FACTS_MAX 10

/* The life of the certificate that the path names, with its issue and that one's document. */
static enum result read_life(struct exchange *exchange, const struct store_message *messages,
                             size_t count, struct life_issue *issue, struct lifecycle *life,
                             struct error *error)
{
    *life = (struct lifecycle){.arena = &exchange->arena};
    enum result result = life_read(messages, count, exchange->values[0], issue, life, error);
    if (result == RESULT_OK && issue->message == NULL) {
        return error_set(error, RESULT_NOT_FOUND,
                         "messages about it are held, but not the certificate itself");
    }
    if (result == RESULT_OK && issue->document == NULL) {
        result = read_record(issue->message, &exchange->arena, &issue->document, error);
    }
    return result;
}

/* ---- as JSON ---- */

static void jot_day(struct jot *jot, const char *name, uint32_t day)
{
    if (day == 0) {
        jot_null(jot, name);
        return;
    }
    jot_name(jot, name);
    buffer_printf(jot->out, "\"%04" PRIu32 "-%02" PRIu32 "-%02" PRIu32 "\"", day / 10000 % 10000,
                  day / 100 % 100, day % 100);
}

static void write_goods(const struct lifecycle_item *item, struct jot *jot)
{
    char text[DECIMAL_BYTES];
    jot_open(jot, NULL, '{');
    jot_uint(jot, "item", item->number);
    if (item->has_certified) {
        jot_string(jot, "certified", decimal_write(item->certified, text));
        jot_string(jot, "left", decimal_write(decimal_left(item->certified, item->used), text));
    }
    jot_string(jot, "used", decimal_write(item->used, text));
    jot_text(jot, "unit", item->unit);
    jot_string(jot, "treatment", lifecycle_treatment_text(item->treatment));
    jot_time_ms(jot, "treated", item->treated_ms);
    jot_close(jot, '}');
}

static enum result write_open(const struct lifecycle *life, struct arena *arena, struct jot *jot,
                              struct error *error)
{
    size_t count = lifecycle_open(life, NULL, 0);
    struct lifecycle_matter *matters = arena_alloc(arena, (count + 1) * sizeof *matters);
    if (matters == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for %zu open matters", count);
    }
    (void)lifecycle_open(life, matters, count);
    jot_open(jot, "open", '[');
    for (size_t i = 0; i < count; i++) {
        jot_open(jot, NULL, '{');
        jot_string(jot, "what", matters[i].what);
        if (matters[i].item > 0) {
            jot_uint(jot, "item", matters[i].item);
        }
        jot_time_ms(jot, "since", matters[i].since_ms);
        jot_time_ms(jot, "due", matters[i].due_ms);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
    return RESULT_OK;
}

static enum result write_life(struct exchange *exchange, const struct store_message *issue,
                              const struct lifecycle *life, struct jot *jot, struct error *error)
{
    const struct flow *flow = private_of(exchange)->flow;
    uint32_t today = lifecycle_day(world_wall_ms(flow->world));
    bool outgoing = issue->direction == STORE_OUTGOING;
    jot_text(jot, "number", issue->number);
    jot_text(jot, "exporter", issue->exporter);
    jot_text(jot, "importer", outgoing ? issue->partner : text_of(flow->config->party));
    jot_text(jot, "agreement", issue->agreement);
    jot_string(jot, "state", lifecycle_state_text(lifecycle_state(life, today)));
    jot_uint(jot, "revision", life->revision);
    jot_day(jot, "issued", life->issued_day);
    jot_day(jot, "validUntil", life->valid_until);
    jot_string(jot, "kinds", life->kinds);
    jot_text(jot, "replaces", life->replaces);
    jot_text(jot, "replacedBy", life->replaced_by);
    jot_string(jot, "treated", lifecycle_roll_up(life));
    jot_open(jot, "goods", '[');
    for (size_t i = 0; i < life->item_count; i++) {
        write_goods(&life->items[i], jot);
    }
    jot_close(jot, ']');
    return write_open(life, &exchange->arena, jot, error);
}

static enum result write_certificate(struct exchange *exchange,
                                     const struct store_message *messages, size_t count,
                                     struct jot *jot, struct error *error)
{
    struct lifecycle life;
    struct life_issue issue;
    jot_open(jot, NULL, '{');
    enum result result = read_life(exchange, messages, count, &issue, &life, error);
    if (result == RESULT_OK) {
        result = write_life(exchange, issue.message, &life, jot, error);
    }
    jot_open(jot, "messages", '[');
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        jot_open(jot, NULL, '{');
        read_message_members(&messages[i], jot);
        jot_close(jot, '}');
        result = read_has_room(jot->out, error);
    }
    jot_close(jot, ']');
    if (result == RESULT_OK) {
        jot_name(jot, "document");
        result = encoding_write(ENCODING_JSON, issue.document, false, jot->out, error);
    }
    jot_close(jot, '}');
    buffer_text(jot->out, "\n");
    return result;
}

/* ---- as a page ---- */

static struct text time_text(struct arena *arena, uint64_t time_ms)
{
    char text[TIMESTAMP_BYTES] = "";
    if (time_ms != 0) {
        timestamp_format(time_ms, text);
    }
    return arena_text(arena, text_of(text));
}

static enum result render_one(struct exchange *exchange, const struct store_message *message,
                              struct buffer *page, struct error *error)
{
    struct arena *arena = &exchange->arena;
    struct record *record = NULL;
    char index[24];
    bool outgoing = message->direction == STORE_OUTGOING;
    enum result result = read_record(message, arena, &record, error);
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(index, sizeof index, "%llu", (unsigned long long)message->index);
    const struct render_fact facts[FACTS_MAX] = {
        {"state", text_of(passage_state(message))},
        {outgoing ? "sent to" : "received from", message->partner},
        {"queued", time_text(arena, message->queued_ms)},
        {"arrived", time_text(arena, message->arrived_ms)},
        {"receipt", time_text(arena, message->stored_s * 1000)},
        {"judged", time_text(arena, message->judged_ms)},
        {"taken by the national system", time_text(arena, message->delivered_ms)},
        {"answered", time_text(arena, message->answered_ms)},
        {"verdict",
         message->judged_ms == 0 ? TEXT("") : text_of(verdict_outcome_text(message->outcome))},
        {"remark", message->remark},
    };
    const struct render_passage passage = {.origin = message->origin,
                                           .index = text_of(index),
                                           .receipt = time_text(arena, message->stored_s * 1000),
                                           .facts = facts,
                                           .fact_count = FACTS_MAX};
    return render_message(page, record, message->payload, &passage, error);
}

static enum result render_page(struct exchange *exchange, const struct store_message *messages,
                               size_t count, struct buffer *page, struct error *error)
{
    enum result result = RESULT_OK;
    render_begin(page, messages[0].number);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (!operation_is_of_mesh(messages[i].operation)) {
            result = render_one(exchange, &messages[i], page, error);
        }
        if (result == RESULT_OK) {
            result = read_has_room(page, error);
        }
    }
    return result == RESULT_OK ? render_end(page, error) : result;
}

/* ---- the document alone ---- */

static enum result write_document(struct exchange *exchange, const struct store_message *messages,
                                  size_t count, struct buffer *body, struct error *error)
{
    struct life_issue issue;
    struct lifecycle life;
    enum encoding encoding = exchange->accepted == MEDIA_XML ? ENCODING_XML : ENCODING_JSON;
    enum result result = read_life(exchange, messages, count, &issue, &life, error);
    if (result == RESULT_OK && exchange->accepted == MEDIA_HTML) {
        return render_page(exchange, issue.message, 1, body, error);
    }
    return result == RESULT_OK ? encoding_write(encoding, issue.document, false, body, error)
                               : result;
}

static void give(struct exchange *exchange, enum result result, const struct error *error,
                 struct buffer *body)
{
    if (result == RESULT_OK) {
        exchange_add_header(exchange, "Vary", "Accept");
        exchange_give_tagged(exchange, exchange->accepted, body);
    } else {
        buffer_free(body);
        read_fail(exchange, error);
    }
}

void certificate_show(struct exchange *exchange)
{
    struct store_message *messages = NULL;
    struct buffer body = {0};
    struct jot jot = {.out = &body};
    struct error error = {0};
    size_t count = 0;
    if (!read_certificate(exchange, &messages, &count)) {
        return;
    }
    enum result result = exchange->accepted == MEDIA_HTML
                             ? render_page(exchange, messages, count, &body, &error)
                             : write_certificate(exchange, messages, count, &jot, &error);
    give(exchange, result, &error, &body);
}

void certificate_document(struct exchange *exchange)
{
    struct store_message *messages = NULL;
    struct buffer body = {0};
    struct error error = {0};
    size_t count = 0;
    if (read_certificate(exchange, &messages, &count)) {
        enum result result = write_document(exchange, messages, count, &body, &error);
        give(exchange, result, &error, &body);
    }
}
