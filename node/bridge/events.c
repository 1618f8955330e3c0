/* The feed of what has arrived: documents for the national system, and the verdicts of partners on
 * what it said. A cursor says how far somebody has read in each channel; without one it begins
 * behind what was taken. A request may wait for something to come: it is suspended, and looked at
 * again after a commit. */
#include "node/bridge/read.h"
#include "node/core/log.h"
#include "node/flow/order.h"
#include "node/flow/passage.h"
#include "proto/dataset.h"

#include <jansson.h>
#include <stdlib.h>

#define EVENTS_STANDARD   100
#define EVENTS_MAX        1000
#define EVENTS_BYTES      ((size_t)4 << 20) /* of one answer, about */
#define EVENTS_WAIT_MAX_S 60
#define LOOKED_MAX        ((uint64_t)4096) /* of a channel for one answer */
#define CURSOR_TEXT_MAX   ((size_t)4096)
#define MILLISECOND_NS    ((uint64_t)1000000)

/* ---- writing ---- */

struct feed {
    struct private *private;
    struct arena arena;  /* of the channels */
    struct arena events; /* of those that are read together */
    struct cursor cursor;
    uint64_t left;
    struct jot jot;
};

/* What a partner's node found about entries of ours. */
static enum result write_verdict(struct feed *feed, const struct store_message *message,
                                 struct error *error)
{
    struct verdict verdict;
    struct jot *jot = &feed->jot;
    enum result result = verdict_unpack(message->payload, &feed->events, &verdict, error);
    if (result != RESULT_OK) {
        return result;
    }
    jot_open(jot, "judges", '{');
    jot_uint(jot, "first", verdict.first);
    jot_uint(jot, "count", verdict.count);
    if (verdict.has_taken) {
        jot_uint(jot, "taken", verdict.taken);
    }
    jot_open(jot, "remarks", '[');
    for (size_t i = 0; i < verdict.remark_count; i++) {
        const struct verdict_remark *remark = &verdict.remarks[i];
        jot_open(jot, NULL, '{');
        jot_uint(jot, "index", remark->index);
        jot_string(jot, "outcome", verdict_outcome_text(remark->outcome));
        jot_text(jot, "code", remark->code);
        jot_text(jot, "element", remark->element);
        jot_text(jot, "pointer", remark->place);
        jot_text(jot, "detail", remark->detail);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
    jot_close(jot, '}');
    return RESULT_OK;
}

static enum result write_event(struct feed *feed, const struct store_message *message,
                               struct error *error)
{
    struct jot *jot = &feed->jot;
    bool is_verdict = message->operation == OPERATION_VERDICT;
    jot_open(jot, NULL, '{');
    jot_string(jot, "event", operation_name(message->operation));
    read_message_members(message, jot);
    enum result result = is_verdict ? write_verdict(feed, message, error)
                                    : read_document(message, &feed->events, jot, error);
    jot_close(jot, '}');
    return result;
}

static bool tells_something(const struct store_message *message)
{
    return message->operation == OPERATION_VERDICT || passage_is_for_inbox(message);
}

/* Whether more may be written until `least` are left. */
static bool has_room(const struct feed *feed, uint64_t least)
{
    return feed->left > least && feed->jot.out->size < EVENTS_BYTES;
}

/* Those of a channel, at most `max`; the cursor moves behind what was looked at. What tells
 * nothing, as documents that were refused, is passed over: a partner cannot hide others behind it.
 */
static enum result write_channel(struct feed *feed, const struct store_channel *channel,
                                 uint64_t max, struct error *error)
{
    uint64_t at = cursor_at(&feed->cursor, channel->origin, channel->taken);
    const uint64_t end = channel->size < at + LOOKED_MAX ? channel->size : at + LOOKED_MAX;
    const uint64_t least = feed->left > max ? feed->left - max : 0;
    struct store_message *messages = NULL;
    size_t count = 1;
    enum result result = RESULT_OK;
    while (result == RESULT_OK && count > 0 && at < end && has_room(feed, least)) {
        arena_reset(&feed->events);
        result = store_read_messages(feed->private->reader, channel->number, at, READ_AT_ONCE,
                                     &feed->events, &messages, &count, error);
        for (size_t i = 0; i < count && result == RESULT_OK && has_room(feed, least); i++) {
            if (tells_something(&messages[i])) {
                result = write_event(feed, &messages[i], error);
                feed->left--;
            }
            at++;
        }
    }
    if (result == RESULT_OK && !cursor_set(&feed->cursor, channel->origin, at)) {
        result =
            error_set(error, RESULT_TOO_LARGE, "over %d channels in one feed", CURSOR_CHANNELS_MAX);
    }
    return result;
}

/* Every incoming channel has its share, so that a busy partner hides no other. */
static enum result write_events(struct feed *feed, struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    size_t incoming = 0;
    enum result result =
        store_read_channels(feed->private->reader, &feed->arena, &channels, &count, error);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        incoming += channels[i].direction == STORE_INCOMING;
    }
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        if (channels[i].direction == STORE_INCOMING && feed->left > 0) {
            uint64_t share = feed->left / incoming;
            result = write_channel(feed, &channels[i], share == 0 ? 1 : share, error);
            incoming--;
        }
    }
    return result;
}

/* Writes the answer; gives how many events are in it. */
static enum result write_feed(struct feed *feed, uint64_t *events, struct error *error)
{
    uint64_t limit = feed->left;
    jot_open(&feed->jot, NULL, '{');
    jot_open(&feed->jot, "events", '[');
    enum result result = write_events(feed, error);
    jot_close(&feed->jot, ']');
    jot_name(&feed->jot, "cursor");
    buffer_text(feed->jot.out, "\"");
    cursor_write(&feed->cursor, feed->jot.out);
    buffer_text(feed->jot.out, "\"}\n");
    *events = limit - feed->left;
    return result;
}

/* ---- waiting ---- */

struct waiting {
    struct waiting *next;
    struct exchange *exchange;
    struct cursor after;
    uint64_t limit;
    uint64_t until_ns;
};

/* Answers when there is something, or when it is time; false when it waits on. */
static bool try_answer(struct waiting *waiting, bool at_once)
{
    struct exchange *exchange = waiting->exchange;
    struct buffer body = {0};
    struct error error = {0};
    uint64_t events = 0;
    struct feed feed = {.private = private_of(exchange),
                        .cursor = waiting->after,
                        .left = waiting->limit,
                        .jot = {.out = &body}};
    enum result result = write_feed(&feed, &events, &error);
    arena_free(&feed.events);
    arena_free(&feed.arena);
    if (result == RESULT_OK && events == 0 && !at_once) {
        waiting->after = feed.cursor; /* what it looked at told nothing */
        buffer_free(&body);
        return false;
    }
    if (result == RESULT_OK) {
        exchange_give(exchange, 200, MEDIA_JSON, &body);
    } else {
        buffer_free(&body);
        exchange_fail(exchange, &error);
    }
    return true;
}

/* Whether a channel has more than the waiting one has seen. */
static bool has_more(const struct waiting *waiting, const struct store_channel *channels,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (channels[i].direction == STORE_INCOMING &&
            channels[i].size > cursor_at(&waiting->after, channels[i].origin, channels[i].taken)) {
            return true;
        }
    }
    return false;
}

int events_turn(void *self, bool stopping)
{
    struct private *private = self;
    uint64_t now_ns = world_steady_ns(private->flow->world);
    uint64_t next_ns = UINT64_MAX;
    const struct store_channel *channels = NULL;
    size_t count = 0;
    struct error error;
    struct arena arena = {0};
    if (private->waits == NULL) {
        return -1;
    }
    bool changed = atomic_exchange(&private->committed, false);
    if (changed &&
        store_read_channels(private->reader, &arena, &channels, &count, &error) != RESULT_OK) {
        log_error("private", "the feed", &error);
    }
    for (struct waiting **at = &private->waits; *at != NULL;) {
        struct waiting *waiting = *at;
        bool at_once =
            stopping || now_ns >= waiting->until_ns || exchange_is_left(waiting->exchange);
        if ((at_once || has_more(waiting, channels, count)) && try_answer(waiting, at_once)) {
            *at = waiting->next;
            free(waiting);
        } else {
            uint64_t due_ns = waiting->until_ns;
            if (has_more(waiting, channels, count)) { /* it was looked at in part */
                atomic_store(&private->committed, true);
                due_ns = now_ns;
            }
            next_ns = due_ns < next_ns ? due_ns : next_ns;
            at = &waiting->next;
        }
    }
    arena_free(&arena);
    atomic_store(&private->has_waits, private->waits != NULL);
    return next_ns == UINT64_MAX ? -1 : (int)((next_ns - now_ns) / MILLISECOND_NS + 1);
}

void events_list(struct exchange *exchange)
{
    struct private *private = private_of(exchange);
    uint64_t wait_s = 0;
    struct waiting *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        const struct error error = {RESULT_NO_MEMORY, "no memory to wait"};
        exchange_fail(exchange, &error);
        return;
    }
    waiting->exchange = exchange;
    bool good = read_number(exchange, "limit", EVENTS_STANDARD, EVENTS_MAX, &waiting->limit) &&
                read_number(exchange, "wait", 0, EVENTS_WAIT_MAX_S, &wait_s);
    if (good && (waiting->limit == 0 ||
                 !cursor_parse(target_query(&exchange->target, "after"), &waiting->after))) {
        exchange_refuse(exchange, 400, "parameter",
                        "after and limit; accepted: the `cursor` of an answer, and 1 to %d",
                        EVENTS_MAX);
        good = false;
    }
    if (!good || try_answer(waiting, wait_s == 0)) {
        free(waiting);
        return;
    }
    waiting->until_ns = world_steady_ns(private->flow->world) + wait_s * 1000 * MILLISECOND_NS;
    waiting->next = private->waits;
    private->waits = waiting;
    /* What was committed since it was looked for must not be waited for. */
    atomic_store(&private->committed, true);
    atomic_store(&private->has_waits, true);
    http_wake(private->listener);
}

/* ---- taking ---- */

/* Orders that are under way for one request. */
struct taking {
    struct exchange *exchange;
    size_t under_way;
    struct error error; /* the first */
};

static void taking_end(struct taking *taking)
{
    struct exchange *exchange = taking->exchange;
    struct buffer nothing = {0};
    if (taking->error.code == RESULT_OK) {
        exchange_give(exchange, 204, MEDIA_NONE, &nothing);
    } else if (taking->error.code == RESULT_NOT_FOUND) {
        exchange_refuse(exchange, 422, "cursor", "%s", taking->error.message);
    } else {
        exchange_fail(exchange, &taking->error);
    }
    free(taking);
}

static void taking_note(struct taking *taking, enum result result, const struct error *error)
{
    if (result != RESULT_OK && taking->error.code == RESULT_OK) {
        taking->error = *error;
    }
}

static void order_came_home(void *self, enum result result, const struct error *error)
{
    struct taking *taking = self;
    taking_note(taking, result, error);
    if (--taking->under_way == 0) {
        taking_end(taking);
    }
}

static bool read_cursor(struct exchange *exchange, struct cursor *cursor)
{
    json_error_t problem;
    json_t *body = json_loadb((const char *)exchange->body.data, exchange->body.size,
                              JSON_REJECT_DUPLICATES, &problem);
    const char *text = json_string_value(json_object_get(body, "cursor"));
    bool good =
        text != NULL && strlen(text) <= CURSOR_TEXT_MAX && cursor_parse(text_of(text), cursor);
    json_decref(body);
    if (!good) {
        exchange_refuse(exchange, 400, "body",
                        "the body is not {\"cursor\": \"…\"} with the cursor of an answer");
    }
    return good;
}

/* One order for a row. A channel that is not held here is none that the feed told of. */
static enum result give_order(struct taking *taking, const struct cursor *cursor, size_t row,
                              const struct store_channel *channel, struct error *error)
{
    struct private *private = private_of(taking->exchange);
    if (channel == NULL) {
        return error_set(error, RESULT_NOT_FOUND, "the cursor's channel %s is not held here",
                         cursor->rows[row].channel);
    }
    enum result result =
        order_give(private->flow, ORDER_TAKE, channel->number, cursor->rows[row].next,
                   private->home, order_came_home, taking, error);
    taking->under_way += result == RESULT_OK;
    return result;
}

static void give_orders(struct taking *taking, const struct cursor *cursor)
{
    struct private *private = private_of(taking->exchange);
    const struct store_channel *channels = NULL;
    size_t count = 0;
    struct error error = {0};
    enum result result =
        store_read_channels(private->reader, &taking->exchange->arena, &channels, &count, &error);
    taking_note(taking, result, &error);
    for (size_t i = 0; i < cursor->count && result == RESULT_OK; i++) {
        const struct store_channel *channel = cursor_channel(cursor, i, channels, count);
        taking_note(taking, give_order(taking, cursor, i, channel, &error), &error);
    }
}

/* The national system has what the feed gave it below the cursor: their senders are told. */
void events_take(struct exchange *exchange)
{
    struct cursor cursor;
    struct taking *taking = NULL;
    if (!read_cursor(exchange, &cursor)) {
        return;
    }
    taking = calloc(1, sizeof *taking);
    if (taking == NULL) {
        const struct error error = {RESULT_NO_MEMORY, "no memory to take events"};
        exchange_fail(exchange, &error);
        return;
    }
    taking->exchange = exchange;
    taking->under_way = 1; /* this one, so that none of them ends it */
    give_orders(taking, &cursor);
    if (--taking->under_way == 0) {
        taking_end(taking);
    }
}
