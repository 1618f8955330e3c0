/* What each record does to the channels in memory and to the views: the same when it is appended
 * and when it is replayed, so that views made again are the same views. See embedded.h. */
#include "node/store/embedded.h"

#include <inttypes.h>
#include <stdlib.h>

struct slot *embedded_slot(const struct embedded *embedded, uint32_t channel)
{
    return channel == 0 || channel > embedded->slot_count ? NULL : embedded->slots[channel - 1];
}

enum result embedded_touch(struct embedded *embedded, uint32_t channel, struct slot **slot,
                           struct error *error)
{
    *slot = embedded_slot(embedded, channel);
    if (*slot == NULL) {
        return error_set(error, RESULT_INTERNAL, "the store has no channel %" PRIu32, channel);
    }
    if (!(*slot)->touched) {
        (*slot)->before = (*slot)->now;
        (*slot)->touched = true;
    }
    return RESULT_OK;
}

enum result embedded_add_slot(struct embedded *embedded, const struct store_channel *channel,
                              bool made, struct error *error)
{
    if (embedded->slot_count == embedded->slot_capacity) {
        size_t capacity = embedded->slot_capacity == 0 ? 16 : 2 * embedded->slot_capacity;
        struct slot **grown = realloc(embedded->slots, capacity * sizeof(struct slot *));
        if (grown == NULL) {
            return error_set(error, RESULT_NO_MEMORY, "no memory for %zu channels", capacity);
        }
        embedded->slots = grown;
        embedded->slot_capacity = capacity;
    }
    enum result result = front_reserve(&embedded->front, embedded->slot_count + 1, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct slot *slot = calloc(1, sizeof *slot);
    if (slot == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a channel");
    }
    slot->now = *channel;
    slot->made = made;
    embedded->slots[embedded->slot_count++] = slot;
    return RESULT_OK;
}

void embedded_drop_slots(struct embedded *embedded)
{
    for (size_t i = 0; i < embedded->slot_count; i++) {
        free(embedded->slots[i]);
    }
    free(embedded->slots);
    embedded->slots = NULL;
    embedded->slot_count = 0;
    embedded->slot_capacity = 0;
}

enum result apply_channel(struct embedded *embedded, const struct body_channel *body,
                          struct error *error)
{
    struct store_channel channel = {.number = body->channel, .direction = body->direction};
    if (body->channel != embedded->slot_count + 1) {
        return error_set(error, RESULT_CORRUPT,
                         "the journal opens channel %" PRIu32 " when %zu are open", body->channel,
                         embedded->slot_count);
    }
    if (body->origin.size >= sizeof channel.origin ||
        body->partner.size >= sizeof channel.partner) {
        return error_set(error, RESULT_TOO_LARGE, "channel '%.*s' of partner '%.*s' is too long",
                         TEXT_ARGS(body->origin), TEXT_ARGS(body->partner));
    }
    memcpy(channel.origin, body->origin.data, body->origin.size);
    memcpy(channel.partner, body->partner.data, body->partner.size);
    enum result result = views_put_channel(embedded->views, body, error);
    return result == RESULT_OK ? embedded_add_slot(embedded, &channel, true, error) : result;
}

/* The newest channel with the same partner in the other direction, or NULL. */
static struct slot *opposite(const struct embedded *embedded, const struct store_channel *channel)
{
    for (size_t i = embedded->slot_count; i > 0; i--) {
        struct store_channel *other = &embedded->slots[i - 1]->now;
        if (other->direction != channel->direction &&
            strcmp(other->partner, channel->partner) == 0) {
            return embedded->slots[i - 1];
        }
    }
    return NULL;
}

/* A verdict goes on where the last one ended. One that speaks of entries that are not there, leaves
 * some out, or judges again what was judged, says nothing. */
static bool verdict_fits(const struct verdict *verdict, const struct store_channel *channel)
{
    return (verdict->count == 0 || verdict->first == channel->judged) &&
           verdict->first <= channel->size && verdict->count <= channel->size - verdict->first &&
           (!verdict->has_taken || verdict->taken <= channel->size);
}

/* A certificate that is refused takes no number: a corrected one may come under the same. */
static enum result withdraw_issue(struct embedded *embedded, uint32_t channel, uint64_t index,
                                  struct error *error)
{
    struct arena arena = {0};
    struct views_entry entry;
    enum result result = views_find_entry(embedded->views, channel, index, &arena, &entry, error);
    if (result == RESULT_OK && entry.operation == OPERATION_CO) {
        const struct message message = {.exporter = entry.exporter,
                                        .number_key = number_key(entry.number, &arena)};
        result = views_withdraw_issue(embedded->views, &message, &entry, error);
    }
    arena_free(&arena);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result put_remarks(struct embedded *embedded, const struct applied *applied,
                               uint32_t channel, struct error *error)
{
    const struct verdict *verdict = applied->verdict;
    for (size_t i = 0; i < verdict->remark_count; i++) {
        enum result result = views_put_remark(
            embedded->views, channel, applied->record->position + i, &verdict->remarks[i], error);
        if (result == RESULT_OK && verdict->remarks[i].outcome == VERDICT_REFUSED) {
            result = withdraw_issue(embedded, channel, verdict->remarks[i].index, error);
        }
        if (result != RESULT_OK) {
            return result;
        }
    }
    return RESULT_OK;
}

static enum result apply_verdict(struct embedded *embedded, const struct applied *applied,
                                 const struct store_channel *channel, struct error *error)
{
    const struct verdict *verdict = applied->verdict;
    struct slot *slot = opposite(embedded, channel);
    if (slot == NULL || !verdict_fits(verdict, &slot->now)) {
        return RESULT_OK;
    }
    enum result result = embedded_touch(embedded, slot->now.number, &slot, error);
    uint64_t judged = verdict->first + verdict->count;
    if (result == RESULT_OK && judged > slot->now.judged) {
        slot->now.judged = judged;
        result =
            views_put_judged(embedded->views, slot->now.number, judged, applied->time_ms, error);
    }
    if (result == RESULT_OK && verdict->has_taken && verdict->taken > slot->now.taken) {
        slot->now.taken = verdict->taken;
        result = views_put_taken(embedded->views, slot->now.number, verdict->taken,
                                 applied->time_ms, error);
    }
    return result == RESULT_OK ? put_remarks(embedded, applied, slot->now.number, error) : result;
}

/* Whether the message is one that this channel may carry: said by the partner when it comes in, to
 * the partner when it goes out. Otherwise anybody could take a number that is another's. */
static bool message_fits(const struct message *message, const struct store_channel *channel)
{
    struct text party =
        channel->direction == STORE_INCOMING ? message_sender(message) : message_receiver(message);
    return text_equal(party, text_of(channel->partner));
}

/* Marks an entry as answered when it went the other way between the same two. */
static enum result put_answer(struct embedded *embedded, const struct store_channel *channel,
                              uint32_t answered, uint64_t index, uint64_t time_ms,
                              struct error *error)
{
    const struct slot *slot = embedded_slot(embedded, answered);
    if (slot == NULL || slot->now.direction == channel->direction ||
        strcmp(slot->now.partner, channel->partner) != 0) {
        return RESULT_OK;
    }
    return views_put_answer(embedded->views, answered, index, time_ms, error);
}

/* A cancelation status or a feedback answers its certificate, and the message it names. */
static enum result apply_answer(struct embedded *embedded, const struct applied *applied,
                                const struct store_channel *channel, struct error *error)
{
    const struct message *message = applied->message;
    struct store_certificate certificate;
    enum result result = views_find_certificate(embedded->views, message->exporter,
                                                message->number_key, &certificate, error);
    if (result == RESULT_OK) {
        result = put_answer(embedded, channel, certificate.channel, certificate.index,
                            applied->time_ms, error);
    }
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        return result;
    }
    uint32_t answered;
    uint64_t index;
    if (!applied->entry->has_reply_to) {
        return RESULT_OK;
    }
    result =
        views_find_message(embedded->views, &applied->entry->reply_to, &answered, &index, error);
    if (result == RESULT_OK) {
        result = put_answer(embedded, channel, answered, index, applied->time_ms, error);
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result apply_message(struct embedded *embedded, const struct applied *applied,
                                 const struct views_entry *row, const struct store_channel *channel,
                                 struct error *error)
{
    const struct message *message = applied->message;
    switch (message->operation) {
    case OPERATION_CO:
        return views_put_issue(embedded->views, message, row, error);
    case OPERATION_AMENDMENT:
        return views_put_about(embedded->views, message, row, error);
    case OPERATION_CANCELATION_STATUS:
    case OPERATION_FEEDBACK: {
        enum result result = views_put_about(embedded->views, message, row, error);
        return result == RESULT_OK ? apply_answer(embedded, applied, channel, error) : result;
    }
    case OPERATION_NONE:
    case OPERATION_VERDICT:
    case OPERATION_CARD:
        break;
    }
    return RESULT_OK;
}

enum result apply_entry(struct embedded *embedded, const struct applied *applied,
                        struct error *error)
{
    const struct entry *entry = applied->entry;
    struct merkle_completed completed;
    struct slot *slot = NULL;
    bool first = false;
    enum result result = embedded_touch(embedded, applied->channel, &slot, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct message *message = applied->message;
    bool fits = message != NULL && message_fits(message, &slot->now);
    struct views_entry row = {
        .channel = applied->channel,
        .index = slot->now.size,
        .position = applied->record->position,
        .record_size = applied->record->size,
        .operation = entry->operation,
        .exporter = fits ? message->exporter : (struct text){NULL, 0},
        .number = fits ? message->number : (struct text){NULL, 0},
        .completed = &completed,
    };
    merkle_append(&slot->now.tree, applied->leaf, &completed);
    slot->now.size++;
    result = views_put_entry(embedded->views, &row, error);
    if (result == RESULT_OK && applied->card_serial > 0) {
        slot->now.carried = slot->now.size;
        slot->now.carried_serial = applied->card_serial;
        result = views_put_carried(embedded->views, row.channel, slot->now.carried,
                                   applied->card_serial, error);
    }
    if (result == RESULT_OK) {
        result =
            views_put_message(embedded->views, &entry->id, row.channel, row.index, &first, error);
    }
    if (result != RESULT_OK || !first) {
        return result;
    }
    if (applied->verdict != NULL) {
        return apply_verdict(embedded, applied, &slot->now, error);
    }
    return fits ? apply_message(embedded, applied, &row, &slot->now, error) : RESULT_OK;
}

enum result apply_receipt(struct embedded *embedded, const struct body_receipt *body,
                          const struct journal_record *record, struct error *error)
{
    struct slot *slot = NULL;
    enum result result = embedded_touch(embedded, body->channel, &slot, error);
    if (result != RESULT_OK) {
        return result;
    }
    if (body->size >= slot->now.receipt_size) {
        slot->now.receipt_size = body->size;
        slot->now.receipt_time_s = body->time_s;
    }
    return views_put_receipt(embedded->views, body, record, error);
}

enum result apply_taken(struct embedded *embedded, const struct body_taken *body,
                        struct error *error)
{
    struct slot *slot = NULL;
    enum result result = embedded_touch(embedded, body->channel, &slot, error);
    if (result != RESULT_OK || body->taken <= slot->now.taken) {
        return result;
    }
    slot->now.taken = body->taken;
    return views_put_taken(embedded->views, body->channel, body->taken, body->time_ms, error);
}

enum result apply_hold(struct embedded *embedded, const struct body_hold *body, struct error *error)
{
    struct slot *slot = NULL;
    enum result result = embedded_touch(embedded, body->channel, &slot, error);
    if (result != RESULT_OK) {
        return result;
    }
    size_t size =
        body->reason.size < STORE_REASON_BYTES ? body->reason.size : (size_t)STORE_REASON_BYTES - 1;
    slot->now.held = true;
    memset(slot->now.held_reason, 0, sizeof slot->now.held_reason);
    memcpy(slot->now.held_reason, body->reason.size == 0 ? "" : body->reason.data, size);
    return views_put_hold(embedded->views, body->channel, text_of(slot->now.held_reason), error);
}

enum result apply_release(struct embedded *embedded, const struct body_release *body,
                          struct error *error)
{
    struct slot *slot = NULL;
    enum result result = embedded_touch(embedded, body->channel, &slot, error);
    if (result != RESULT_OK) {
        return result;
    }
    slot->now.held = false;
    slot->now.held_reason[0] = '\0';
    return views_put_hold(embedded->views, body->channel, (struct text){NULL, 0}, error);
}
