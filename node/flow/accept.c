/* Theirs, coming in: one partner's channel, across its lanes. See accept.h; what happens to one
 * push is in arrival.h. */
#include "node/flow/accept.h"

#include "keys/checkpoint.h"
#include "node/flow/arrival.h"
#include "node/flow/greeting.h"
#include "node/flow/signer.h"

#include <stdio.h>
#include <stdlib.h>

struct incoming {
    struct flow *flow;
    struct store_reader *reader;
    char partner[PARTY_MAX_BYTES];
    struct queue *home;
    incoming_reply *reply;
    void *self;
    char origin[ORIGIN_MAX_BYTES]; /* empty before the first hello */
    uint32_t channel;              /* store number; 0 when nothing is stored yet */
    struct merkle_tree tree;       /* of all that was verified, committed or not */
    size_t pending;                /* pushes in the writer */
    bool starved;                  /* the store had no room: credit is 0 until it has */
    bool failed;                   /* a commit failed: what follows it fails too */
    bool held;
    char held_reason[STORE_REASON_BYTES];
    uint32_t version;      /* of the lane, chosen at the last hello; 0 before it */
    uint64_t their_serial; /* of the partner's own card, as its hello says */
};

enum result incoming_new(struct flow *flow, struct store_reader *reader, struct text partner,
                         struct queue *home, incoming_reply *reply, void *self,
                         struct incoming **incoming, struct error *error)
{
    struct incoming *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a partner");
    }
    made->flow = flow;
    made->reader = reader;
    (void)snprintf(made->partner, sizeof made->partner, "%.*s", TEXT_ARGS(partner));
    made->home = home;
    made->reply = reply;
    made->self = self;
    *incoming = made;
    return RESULT_OK;
}

size_t incoming_pending(const struct incoming *incoming)
{
    return incoming->pending;
}

void incoming_destroy(struct incoming **incoming)
{
    free(*incoming);
    *incoming = NULL;
}

uint32_t incoming_version(const struct incoming *incoming)
{
    return incoming->version;
}

static uint64_t incoming_credit(const struct incoming *incoming)
{
    return incoming->starved ? 0 : incoming->flow->config->credit_bytes;
}

/* ---- hello ---- */

/* Takes over the committed state of the channel; size 0 when there is none. */
static enum result load_channel(struct incoming *incoming, struct arena *arena, struct error *error)
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
        .credit = incoming_credit(incoming),
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
    result = load_channel(incoming, &arena, error);
    if (result == RESULT_OK && incoming->held) {
        result = refuse_with(refused, REFUSAL_HELD, 0, RESULT_HELD, "the channel is held: %s",
                             incoming->held_reason);
    }
    if (result == RESULT_OK) {
        incoming->version = version;
        incoming->their_serial = hello->card_serial;
        result = write_welcome(incoming, version, &arena, out, error);
    }
    arena_free(&arena);
    return result;
}

/* ---- push ---- */

static void reply_frame(struct incoming *incoming, struct buffer *frame, bool ends_lane)
{
    incoming->reply(incoming->self, incoming, frame, ends_lane);
    buffer_free(frame);
}

static void reply_receipt(struct incoming *incoming, struct bytes note)
{
    struct buffer frame = {0};
    const struct frame_receipt receipt = {.checkpoint = note, .credit = incoming_credit(incoming)};
    frame_receipt_pack(&receipt, &frame);
    reply_frame(incoming, &frame, false);
}

static void reply_refused(struct incoming *incoming, const struct refused *refused)
{
    struct buffer frame = {0};
    const struct frame_refuse refuse = {.refusal = refused->refusal,
                                        .index = refused->index,
                                        .sentence = text_of(refused->sentence)};
    frame_refuse_pack(&refuse, &frame);
    reply_frame(incoming, &frame, refusal_ends_lane(refused->refusal));
}

/* After a failed commit, when the last push behind it is home: back to what is committed, and the
 * partner is told from where to send again. */
static void recover(struct incoming *incoming, const struct error *cause)
{
    struct arena arena = {0};
    struct error error;
    struct refused refused = {0};
    if (load_channel(incoming, &arena, &error) != RESULT_OK) {
        log_error("accept", "state of a channel cannot be read", &error);
    }
    arena_free(&arena);
    incoming->starved = cause->code == RESULT_FULL;
    (void)refuse_with(&refused, incoming->starved ? REFUSAL_CREDIT : REFUSAL_INTERNAL,
                      incoming->tree.size, cause->code, "not stored: %s", cause->message);
    reply_refused(incoming, &refused);
}

static void push_finish(struct work *work)
{
    struct arrival *arrival = (struct arrival *)work;
    struct incoming *incoming = arrival->incoming;
    struct metrics *metrics = incoming->flow->metrics;
    incoming->pending--;
    if (work->result == RESULT_OK) {
        incoming->channel = arrival->channel;
        metrics_add(metrics, METRIC_ACCEPTED, arrival->count);
        metrics_add(metrics, METRIC_RECEIPTS_SENT, 1);
        for (size_t i = 0; i < arrival->count; i++) {
            metrics_add(metrics, METRIC_REFUSED, arrival->entries[i].outcome == VERDICT_REFUSED);
        }
        reply_receipt(incoming, buffer_bytes(&arrival->receipt));
    } else {
        if (!incoming->failed) {
            log_error("accept", "push not stored", &work->error);
        }
        incoming->failed = true;
        if (incoming->pending == 0) {
            recover(incoming, &work->error);
        }
    }
    arrival_destroy(arrival);
}

static void hold_finish(struct work *work)
{
    struct arrival *arrival = (struct arrival *)work;
    struct incoming *incoming = arrival->incoming;
    incoming->pending--;
    if (work->result != RESULT_OK) {
        log_error("accept", "channel could not be held", &work->error);
    }
    reply_refused(incoming, &arrival->fork);
    arrival_destroy(arrival);
}

void arrival_destroy(struct arrival *arrival)
{
    if (arrival != NULL) {
        card_destroy(&arrival->card);
        buffer_free(&arrival->receipt);
        arena_free(&arrival->arena);
        free(arrival);
    }
}

static struct arrival *arrival_new(struct incoming *incoming)
{
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (arrival != NULL) {
        arrival->work = (struct work){.home = incoming->home,
                                      .owner = incoming,
                                      .finish = push_finish,
                                      .apply = arrival_commit};
        arrival->incoming = incoming;
        arrival->flow = incoming->flow;
        arrival->origin = arena_text(&arrival->arena, text_of(incoming->origin));
        memcpy(arrival->partner, incoming->partner, sizeof arrival->partner);
    }
    return arrival;
}

static void hand_over(struct incoming *incoming, struct arrival *arrival)
{
    arrival->work.weight = arrival->bytes + arrival->count * 64 + 4096;
    incoming->pending++;
    writer_submit(incoming->flow->writer, &arrival->work);
}

/* What proves that the partner's log is not one log: kept with the notes, and nothing goes on until
 * a person releases the channel. A push that merely begins at the wrong entry is no proof. */
static bool is_proof(enum refusal refusal)
{
    return refusal == REFUSAL_ROOT || refusal == REFUSAL_SIGNATURE || refusal == REFUSAL_FORK ||
           refusal == REFUSAL_MALFORMED;
}

static void hold(struct incoming *incoming, struct arrival *arrival, const struct refused *refused)
{
    char quoted[FRAME_SENTENCE_BYTES];
    struct error error;
    struct store_receipt last = {0};
    if (incoming->channel != 0 &&
        store_read_receipt(incoming->reader, incoming->channel, UINT64_MAX, &arrival->arena, &last,
                           &error) == RESULT_OK) {
        arrival->proof = last.note;
    }
    arrival->fork = *refused;
    arrival->count = 0;
    arrival->work.apply = arrival_hold;
    arrival->work.finish = hold_finish;
    incoming->held = true;
    (void)snprintf(incoming->held_reason, sizeof incoming->held_reason, "%s", refused->sentence);
    log_event(LOG_LEVEL_ERROR, "accept", "channel held", "partner=%s index=%llu reason=%s",
              incoming->partner, (unsigned long long)refused->index,
              log_quote(refused->sentence, quoted, sizeof quoted));
    hand_over(incoming, arrival);
}

static enum result verify(struct incoming *incoming, struct arrival *arrival,
                          const struct frame_push *push, struct refused *refused,
                          struct error *error)
{
    struct store_hashes hashes = {incoming->reader, incoming->channel};
    struct directory *directory = flow_directory(incoming->flow);
    const struct card *sender = directory_party(directory, text_of(incoming->partner));
    enum result result = sender == NULL
                             ? refuse_with(refused, REFUSAL_KEY, 0, RESULT_DENIED,
                                           "the card of %s is not held", incoming->partner)
                             : arrival_verify(arrival, push, sender, store_read_hash, &hashes,
                                              &incoming->tree, refused, error);
    if (refused->refusal == REFUSAL_SIGNATURE) {
        const struct signer signer = {text_of(incoming->partner), KEY_CHECKPOINT,
                                      incoming->their_serial, incoming->tree.size};
        (void)signer_refused(directory, &signer, push->checkpoint, refused);
    }
    directory_release(&directory);
    return result;
}

enum result incoming_push(struct incoming *incoming, const struct frame_push *push,
                          struct refused *refused, struct error *error)
{
    if (incoming->origin[0] == '\0') {
        return refuse_with(refused, REFUSAL_NO_HELLO, 0, RESULT_INVALID, "say hello first");
    }
    if (incoming->held) {
        return refuse_with(refused, REFUSAL_HELD, 0, RESULT_HELD, "the channel is held: %s",
                           incoming->held_reason);
    }
    struct arrival *arrival = arrival_new(incoming);
    if (arrival == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a push");
    }
    enum result result = verify(incoming, arrival, push, refused, error);
    if (result == RESULT_OK) {
        hand_over(incoming, arrival);
        return RESULT_OK;
    }
    if (is_proof(refused->refusal)) {
        hold(incoming, arrival, refused);
        *refused = (struct refused){0};
        return RESULT_OK;
    }
    arrival_destroy(arrival);
    return result;
}

void incoming_tick(struct incoming *incoming)
{
    struct error error;
    if (incoming->starved && store_room(incoming->flow->store, &error) == RESULT_OK) {
        incoming->starved = false;
        log_event(LOG_LEVEL_INFO, "accept", "room again", "partner=%s", incoming->partner);
        reply_receipt(incoming, (struct bytes){NULL, 0});
    }
}
