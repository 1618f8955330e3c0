/* Theirs, coming in: how a partner's channel begins on a lane, and when it gets credit. See
 * accept.h.
 */
#include "node/flow/greeting.h"
#include "node/flow/incoming.h"

#include <stdio.h>

#define ANSWER_MS 3000 /* for what the partner holds of our channel */

/* ---- credit ---- */

static uint64_t credit_of(const struct incoming *incoming)
{
    return incoming->starved || incoming->waits ? 0 : incoming->flow->config->credit_bytes;
}

void incoming_send(struct incoming *incoming, struct buffer *frame, bool ends_lane)
{
    incoming->reply(incoming->self, incoming, frame, ends_lane);
    buffer_free(frame);
}

void incoming_tell(struct incoming *incoming, struct bytes note)
{
    struct buffer frame = {0};
    const struct frame_receipt receipt = {.checkpoint = note, .credit = credit_of(incoming)};
    frame_receipt_pack(&receipt, &frame);
    incoming_send(incoming, &frame, false);
}

/* ---- what the partner holds of ours ---- */

static uint64_t now_ms(const struct incoming *incoming)
{
    return world_steady_ns(incoming->flow->world) / 1000000;
}

bool incoming_must_wait(const struct incoming *incoming)
{
    const struct text partner = text_of(incoming->partner);
    bool is_asked = incoming->question != 0 && !flow_is_heard(incoming->flow, partner) &&
                    now_ms(incoming) < incoming->answer_by_ms;
    return is_asked || flow_is_behind(incoming->flow, partner);
}

/* A partner that comes to us before it has welcomed us is asked what it holds. */
static void begin_waiting(struct incoming *incoming)
{
    incoming->question = 0;
    if (incoming->version >= LANE_VERSION_ASK &&
        !flow_is_heard(incoming->flow, text_of(incoming->partner))) {
        world_random(incoming->flow->world, &incoming->question, sizeof incoming->question);
        incoming->question = incoming->question >> 2 | 1;
        incoming->answer_by_ms = now_ms(incoming) + ANSWER_MS;
    }
    incoming->waits = incoming_must_wait(incoming);
}

/* Entries of our channel that are committed here. */
static enum result own_size(const struct incoming *incoming, char origin[ORIGIN_MAX_BYTES],
                            uint64_t *size, struct error *error)
{
    struct arena arena = {0};
    const struct store_channel *channel = NULL;
    enum result result = flow_origin(incoming->flow, text_of(incoming->partner), origin, error);
    if (result == RESULT_OK) {
        result = flow_read_channel(incoming->reader, text_of(origin), &arena, &channel, error);
    }
    *size = channel == NULL ? 0 : channel->size;
    arena_free(&arena);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result incoming_ask(const struct incoming *incoming, struct buffer *out, struct error *error)
{
    char origin[ORIGIN_MAX_BYTES];
    uint64_t size = 0;
    if (incoming->question == 0) {
        return RESULT_OK;
    }
    enum result result = own_size(incoming, origin, &size, error);
    const struct frame_ask ask = {
        .number = incoming->question, .origin = text_of(origin), .first = size, .max = 1};
    if (result == RESULT_OK) {
        frame_ask_pack(&ask, out);
        result = buffer_check(out, error);
    }
    return result;
}

bool incoming_holds(struct incoming *incoming, const struct frame_holds *holds)
{
    struct error error;
    char origin[ORIGIN_MAX_BYTES];
    const struct text partner = text_of(incoming->partner);
    uint64_t size = 0;
    if (incoming->question == 0 || holds->number != incoming->question) {
        return false;
    }
    incoming->question = 0;
    if (own_size(incoming, origin, &size, &error) != RESULT_OK) {
        log_error("accept", "what the partner holds of our channel is not compared", &error);
    } else if (holds->size > size && !flow_is_heard(incoming->flow, partner)) {
        log_event(LOG_LEVEL_WARNING, "accept", "this store is older than what it said",
                  "partner=%s held=%llu theirs=%llu", incoming->partner, (unsigned long long)size,
                  (unsigned long long)holds->size);
        flow_set_behind(incoming->flow, partner, true);
    }
    return true;
}

bool incoming_waits(const struct incoming *incoming)
{
    return incoming->waits && incoming->pending == 0;
}

/* Entries came back meanwhile: the partner must begin behind them, so that it is asked for a hello.
 */
static void ask_for_hello(struct incoming *incoming)
{
    struct buffer frame = {0};
    const struct frame_ask ask = {.origin = text_of(incoming->origin)};
    frame_ask_pack(&ask, &frame);
    incoming_send(incoming, &frame, false);
    incoming->origin[0] = '\0';
}

void incoming_end_waiting(struct incoming *incoming)
{
    struct arena arena = {0};
    struct error error;
    uint64_t told = incoming->tree.size;
    if (!incoming_waits(incoming) || incoming_must_wait(incoming)) {
        return;
    }
    incoming->waits = false;
    if (incoming_load(incoming, &arena, &error) != RESULT_OK) {
        log_error("accept", "state of a channel cannot be read", &error);
        incoming->waits = true;
    } else if (incoming->tree.size != told) {
        ask_for_hello(incoming);
    } else {
        incoming_tell(incoming, (struct bytes){NULL, 0});
    }
    arena_free(&arena);
}

/* ---- hello ---- */

enum result incoming_load(struct incoming *incoming, struct arena *arena, struct error *error)
{
    static const struct merkle_tree empty = {0};
    const struct store_channel *channel = NULL;
    enum result result =
        flow_read_channel(incoming->reader, text_of(incoming->origin), arena, &channel, error);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
        return result;
    }
    incoming->channel = channel == NULL ? 0 : channel->number;
    incoming->tree = channel == NULL ? empty : channel->tree;
    incoming->held = channel != NULL && channel->held;
    (void)snprintf(incoming->held_reason, sizeof incoming->held_reason, "%s",
                   channel == NULL ? "" : channel->held_reason);
    incoming->failed = false;
    return RESULT_OK;
}

/* The last receipt; `renewed` is memory for it. Empty while nothing is stored. */
static enum result last_receipt(struct incoming *incoming, struct arena *arena, struct bytes *note,
                                struct buffer *renewed, struct error *error)
{
    struct store_receipt receipt = {0};
    if (incoming->channel != 0) {
        enum result result = store_read_receipt(incoming->reader, incoming->channel, UINT64_MAX,
                                                arena, &receipt, error);
        if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
            return result;
        }
    }
    if (receipt.size != incoming->tree.size) {
        return error_set(
            error, RESULT_UNAVAILABLE,
            "%s: %llu entries are stored and the views have the receipt for %llu; they "
            "catch up with the next commit",
            incoming->origin, (unsigned long long)incoming->tree.size,
            (unsigned long long)receipt.size);
    }
    *note = receipt.note;
    return note->size == 0 ? RESULT_OK : greeting_renew(incoming->flow, note, renewed, error);
}

static enum result write_welcome(struct incoming *incoming, uint32_t version, struct arena *arena,
                                 struct buffer *out, struct error *error)
{
    struct buffer renewed = {0};
    struct bytes note = {NULL, 0};
    enum result result = last_receipt(incoming, arena, &note, &renewed, error);
    if (result != RESULT_OK) {
        buffer_free(&renewed);
        return result;
    }
    struct directory *directory = flow_directory(incoming->flow);
    const struct frame_welcome welcome = {
        .version = version,
        .size = incoming->tree.size,
        .checkpoint = note,
        .credit = credit_of(incoming),
        .card_serial = directory_own(directory)->serial,
        .time_ms = world_wall_ms(incoming->flow->world),
    };
    directory_release(&directory);
    frame_welcome_pack(&welcome, out);
    buffer_free(&renewed);
    return buffer_check(out, error);
}

enum result incoming_hello(struct incoming *incoming, const struct frame_hello *hello,
                           struct buffer *out, struct refused *refused, struct error *error)
{
    struct arena arena = {0};
    uint32_t version = greeting_version(hello);
    if (incoming->pending > 0) {
        return error_set(error, RESULT_BUSY, "%s: an earlier push is being stored",
                         incoming->partner);
    }
    if (version == 0) {
        return refuse_with(refused, REFUSAL_VERSION, 0, RESULT_UNSUPPORTED,
                           "no common version of the lane; this node speaks %d to %d",
                           LANE_VERSION_OLDEST, LANE_VERSION);
    }
    enum result result = greeting_check(incoming->flow, incoming->partner, hello, refused);
    if (result != RESULT_OK) {
        return result;
    }
    (void)snprintf(incoming->origin, sizeof incoming->origin, "%.*s", TEXT_ARGS(hello->origin));
    result = incoming_load(incoming, &arena, error);
    if (result == RESULT_OK && incoming->held) {
        result = refuse_with(refused, REFUSAL_HELD, 0, RESULT_HELD, "the channel is held: %s",
                             incoming->held_reason);
    }
    if (result == RESULT_OK) {
        incoming->version = version;
        begin_waiting(incoming);
        incoming->their_serial = hello->card_serial;
        result = write_welcome(incoming, version, &arena, out, error);
    }
    arena_free(&arena);
    return result;
}
