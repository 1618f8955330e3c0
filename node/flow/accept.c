/* Theirs, coming in: one partner's channel, across its lanes. See accept.h; its hello and its
 * credit are in accept_hello.c, what happens to one push is in arrival.h. */
#include "node/flow/accept.h"

#include "node/flow/arrival.h"
#include "node/flow/incoming.h"
#include "node/flow/signer.h"

#include <stdio.h>
#include <stdlib.h>

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

/* ---- push ---- */

static void reply_refused(struct incoming *incoming, const struct refused *refused)
{
    struct buffer frame = {0};
    const struct frame_refuse refuse = {.refusal = refused->refusal,
                                        .index = refused->index,
                                        .sentence = text_of(refused->sentence)};
    frame_refuse_pack(&refuse, &frame);
    incoming_send(incoming, &frame, refusal_ends_lane(refused->refusal));
}

/* After a failed commit, when the last push behind it is home: back to what is committed, and the
 * partner is told from where to send again. */
static void recover(struct incoming *incoming, const struct error *cause)
{
    struct arena arena = {0};
    struct error error;
    struct refused refused = {0};
    if (incoming_load(incoming, &arena, &error) != RESULT_OK) {
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
        incoming_tell(incoming, buffer_bytes(&arrival->receipt));
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
    incoming->waits = incoming->waits || incoming_must_wait(incoming);
    if (incoming->waits) {
        return refuse_with(refused, REFUSAL_CREDIT, incoming->tree.size, RESULT_BUSY,
                           "no credit was granted yet");
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
    incoming_end_waiting(incoming);
    if (incoming->starved && store_room(incoming->flow->store, &error) == RESULT_OK) {
        incoming->starved = false;
        log_event(LOG_LEVEL_INFO, "accept", "room again", "partner=%s", incoming->partner);
        incoming_tell(incoming, (struct bytes){NULL, 0});
    }
}
