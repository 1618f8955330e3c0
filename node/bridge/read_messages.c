/* One message, and messages page by page in the order of their channels. */
#include "node/bridge/read.h"

#define PAGE_STANDARD 100
#define PAGE_MAX      1000

/* ---- one ---- */

static enum result write_remarks(struct private *private, const struct store_message *message,
                                 struct arena *arena, struct jot *jot, struct error *error)
{
    struct verdict_remark *remarks = NULL;
    size_t count = 0;
    enum result result = store_read_remarks(private->reader, message->channel, message->index,
                                            arena, &remarks, &count, error);
    jot_open(jot, "remarks", '[');
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        jot_open(jot, NULL, '{');
        jot_string(jot, "outcome", verdict_outcome_text(remarks[i].outcome));
        jot_text(jot, "code", remarks[i].code);
        jot_text(jot, "element", remarks[i].element);
        jot_text(jot, "pointer", remarks[i].place);
        jot_text(jot, "detail", remarks[i].detail);
        jot_close(jot, '}');
    }
    jot_close(jot, ']');
    return result;
}

static enum result write_message(struct private *private, const struct message_id *id,
                                 struct arena *arena, struct jot *jot, struct error *error)
{
    struct store_message message;
    char text[UUID_TEXT_BYTES];
    enum result result = store_read_message(private->reader, id, arena, &message, error);
    if (result == RESULT_NOT_FOUND) {
        message_id_format(id, text);
        return error_set(error, result, "no message %s is held here", text);
    }
    if (result != RESULT_OK) {
        return result;
    }
    jot_open(jot, NULL, '{');
    read_message_members(&message, jot);
    result = write_remarks(private, &message, arena, jot, error);
    if (result == RESULT_OK) {
        result = read_document(&message, arena, jot, error);
    }
    jot_close(jot, '}');
    buffer_text(jot->out, "\n");
    return result;
}

void message_one(struct exchange *exchange)
{
    struct buffer body = {0};
    struct jot jot = {.out = &body};
    struct message_id id;
    struct error error = {0};
    if (!message_id_parse(exchange->values[0], &id)) {
        exchange_refuse(exchange, 400, "message-id", "'%.*s' is no message id, which is a UUID",
                        TEXT_ARGS(exchange->values[0]));
        return;
    }
    if (write_message(private_of(exchange), &id, &exchange->arena, &jot, &error) != RESULT_OK) {
        buffer_free(&body);
        exchange_fail(exchange, &error);
        return;
    }
    exchange_give_tagged(exchange, MEDIA_JSON, &body);
}

/* ---- pages ---- */

struct page {
    struct text partner; /* data NULL: all */
    struct text direction;
    struct cursor after; /* where it begins: one channel, or none */
    struct cursor next;  /* where it ends */
    uint32_t channel;    /* where it is, by the store's number */
    uint64_t index;
    uint64_t left;
    struct jot jot;
};

static bool is_wanted(const struct page *page, const struct store_channel *channel)
{
    struct text direction =
        channel->direction == STORE_OUTGOING ? TEXT("outgoing") : TEXT("incoming");
    return channel->number >= page->channel &&
           (page->partner.data == NULL || text_equal(page->partner, text_of(channel->partner))) &&
           (page->direction.data == NULL || text_equal(page->direction, direction));
}

/* Writes those of a channel, and moves the page's place behind them. */
static enum result write_channel(struct private *private, const struct store_channel *channel,
                                 struct page *page, struct error *error)
{
    struct arena arena = {0}; /* of the messages that are read together */
    struct store_message *messages = NULL;
    size_t count = 0;
    size_t max = 0;
    enum result result = RESULT_OK;
    page->index = channel->number == page->channel ? page->index : 0;
    page->channel = channel->number;
    while (result == RESULT_OK && count == max && page->left > 0) {
        max = page->left < READ_AT_ONCE ? (size_t)page->left : READ_AT_ONCE;
        arena_reset(&arena);
        result = store_read_messages(private->reader, channel->number, page->index, max, &arena,
                                     &messages, &count, error);
        for (size_t i = 0; i < count && result == RESULT_OK; i++) {
            jot_open(&page->jot, NULL, '{');
            read_message_members(&messages[i], &page->jot);
            jot_close(&page->jot, '}');
        }
        page->index += count;
        page->left -= count;
    }
    arena_free(&arena);
    page->next.count = 0;
    (void)cursor_set(&page->next, channel->origin, page->index);
    return result;
}

static enum result begin_page(struct page *page, const struct store_channel *channels, size_t count,
                              struct error *error)
{
    const struct store_channel *channel =
        page->after.count == 0 ? NULL : cursor_channel(&page->after, 0, channels, count);
    if (page->after.count > 0 && channel == NULL) {
        return error_set(error, RESULT_NOT_FOUND, "the channel %s of `after` is not held here",
                         page->after.rows[0].channel);
    }
    page->channel = channel == NULL ? 0 : channel->number;
    page->index = channel == NULL ? 0 : page->after.rows[0].next;
    return RESULT_OK;
}

static enum result write_page(struct private *private, struct page *page, struct arena *arena,
                              struct error *error)
{
    const struct store_channel *channels = NULL;
    size_t count = 0;
    enum result result = store_read_channels(private->reader, arena, &channels, &count, error);
    if (result == RESULT_OK) {
        result = begin_page(page, channels, count, error);
    }
    jot_open(&page->jot, NULL, '{');
    jot_open(&page->jot, "messages", '[');
    for (size_t i = 0; i < count && result == RESULT_OK && page->left > 0; i++) {
        if (is_wanted(page, &channels[i])) {
            result = write_channel(private, &channels[i], page, error);
        }
    }
    jot_close(&page->jot, ']');
    if (page->left == 0) {
        jot_name(&page->jot, "next");
        buffer_text(page->jot.out, "\"");
        cursor_write(&page->next, page->jot.out);
        buffer_text(page->jot.out, "\"");
    } else {
        jot_null(&page->jot, "next");
    }
    jot_close(&page->jot, '}');
    buffer_text(page->jot.out, "\n");
    return result;
}

void message_list(struct exchange *exchange)
{
    struct buffer body = {0};
    struct error error = {0};
    struct page page = {.partner = target_query(&exchange->target, "partner"),
                        .direction = target_query(&exchange->target, "direction"),
                        .jot = {.out = &body}};
    struct text given = target_query(&exchange->target, "after");
    if (!read_number(exchange, "limit", PAGE_STANDARD, PAGE_MAX, &page.left)) {
        return;
    }
    if (page.direction.data != NULL && !text_equal(page.direction, TEXT("outgoing")) &&
        !text_equal(page.direction, TEXT("incoming"))) {
        exchange_refuse(exchange, 400, "parameter",
                        "direction '%.*s'; accepted: outgoing, incoming",
                        TEXT_ARGS(page.direction));
        return;
    }
    if (!cursor_parse(given, &page.after) || page.after.count > 1 || page.left == 0) {
        exchange_refuse(exchange, 400, "parameter",
                        "after and limit; accepted: `next` of the page before, and 1 to %d",
                        PAGE_MAX);
        return;
    }
    if (write_page(private_of(exchange), &page, &exchange->arena, &error) != RESULT_OK) {
        buffer_free(&body);
        exchange_fail(exchange, &error);
        return;
    }
    exchange_give_tagged(exchange, MEDIA_JSON, &body);
}
