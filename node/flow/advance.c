/* Ours, on their way: a partner's channel from its making to its welcome. See advance.h; pushes and
 * receipts are in advance_push.c. */
#include "node/flow/outgoing.h"

#include "keys/evidence.h"
#include "node/flow/append.h"
#include "node/flow/own.h"

#include <stdio.h>
#include <stdlib.h>

/* A receipt, a hold, or a card of ours, on its way into the store. */
struct advance {
    struct work work;
    struct outgoing *outgoing;
    uint64_t size;
    uint64_t time_s;
    uint64_t serial; /* of our card that goes with the channel */
    struct buffer note;
    struct buffer proof;
    char reason[STORE_REASON_BYTES];
};

enum result outgoing_new(struct flow *flow, struct store_reader *reader, struct text partner,
                         struct queue *home, struct outgoing **outgoing, struct error *error)
{
    struct outgoing *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a partner");
    }
    made->flow = flow;
    made->reader = reader;
    made->home = home;
    (void)snprintf(made->partner, sizeof made->partner, "%.*s", TEXT_ARGS(partner));
    enum result result = flow_origin(flow, partner, made->origin, error);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    *outgoing = made;
    return RESULT_OK;
}

size_t outgoing_pending(const struct outgoing *outgoing)
{
    return outgoing->pending;
}

void outgoing_destroy(struct outgoing **outgoing)
{
    if (*outgoing != NULL) {
        arena_free(&(*outgoing)->arena);
        free(*outgoing);
        *outgoing = NULL;
    }
}

void outgoing_state(const struct outgoing *outgoing, struct outgoing_state *state)
{
    *state = (struct outgoing_state){
        .open = outgoing->open,
        .version = outgoing->version,
        .sent = outgoing->sent.size,
        .receipted = outgoing->receipted,
        .in_flight_bytes = outgoing->in_flight,
        .credit = outgoing->credit,
        .clock_ahead_ms = outgoing->clock_ahead_ms,
    };
}

void outgoing_reset(struct outgoing *outgoing)
{
    outgoing->open = false;
    outgoing->waiting = false;
    outgoing->flight_count = 0;
    outgoing->in_flight = 0;
}

/* The committed channel, in the arena; NULL while nothing was ever said to the partner. */
enum result outgoing_channel(struct outgoing *outgoing, const struct store_channel **channel,
                             struct error *error)
{
    enum result result = flow_read_channel(outgoing->reader, text_of(outgoing->origin),
                                           &outgoing->arena, channel, error);
    if (result == RESULT_OK) {
        outgoing->channel = (*channel)->number;
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* ---- hello and welcome ---- */

enum result outgoing_hello(struct outgoing *outgoing, struct buffer *out, struct error *error)
{
    const struct store_channel *channel = NULL;
    outgoing_reset(outgoing);
    arena_reset(&outgoing->arena);
    enum result result = outgoing_channel(outgoing, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct directory *directory = flow_directory(outgoing->flow);
    const struct frame_hello hello = {
        .versions = {LANE_VERSION, LANE_VERSION - 1, LANE_VERSION_OLDEST},
        .version_count = 3,
        .party = text_of(outgoing->flow->config->party),
        .environment = text_of(outgoing->flow->config->environment),
        .origin = text_of(outgoing->origin),
        .size = channel == NULL ? 0 : channel->size,
        .card_serial = directory_own(directory)->serial,
        .time_ms = world_wall_ms(outgoing->flow->world),
    };
    frame_hello_pack(&hello, out);
    directory_release(&directory);
    return buffer_check(out, error);
}

static void advance_finish(struct work *work)
{
    struct advance *advance = (struct advance *)work;
    advance->outgoing->pending--;
    if (work->result != RESULT_OK) {
        log_error("advance", "not stored; it comes again with the next welcome", &work->error);
    }
    buffer_free(&advance->note);
    buffer_free(&advance->proof);
    free(advance);
}

static enum result apply_receipt(struct work *work, struct store *store, struct error *error)
{
    struct advance *advance = (struct advance *)work;
    const struct store_channel *channel = store_channel(store, advance->outgoing->channel);
    if (channel == NULL || advance->size <= channel->receipt_size) {
        return RESULT_OK;
    }
    return store_append_receipt(store, channel->number, advance->size, advance->time_s,
                                buffer_bytes(&advance->note), error);
}

static enum result apply_hold(struct work *work, struct store *store, struct error *error)
{
    struct advance *advance = (struct advance *)work;
    const struct store_channel *channel = store_channel(store, advance->outgoing->channel);
    if (channel == NULL || channel->held) {
        return RESULT_OK;
    }
    return store_append_hold(store, channel->number, text_of(advance->reason),
                             buffer_bytes(&advance->note), buffer_bytes(&advance->proof),
                             world_wall_ms(advance->outgoing->flow->world), error);
}

static struct advance *advance_new(struct outgoing *outgoing, struct bytes note, work_apply *apply)
{
    struct advance *advance = calloc(1, sizeof *advance);
    if (advance != NULL) {
        advance->work = (struct work){.home = outgoing->home,
                                      .finish = advance_finish,
                                      .apply = apply,
                                      .weight = note.size + 256};
        advance->outgoing = outgoing;
        buffer_append(&advance->note, note.data, note.size);
    }
    return advance;
}

static void advance_submit(struct advance *advance)
{
    advance->outgoing->pending++;
    writer_submit(advance->outgoing->flow->writer, &advance->work);
}

static enum result apply_card(struct work *work, struct store *store, struct error *error)
{
    struct advance *advance = (struct advance *)work;
    const struct outgoing *outgoing = advance->outgoing;
    const struct store_channel *to = NULL;
    enum result result = append_card(outgoing->flow, store, text_of(outgoing->partner), error);
    if (result == RESULT_OK) {
        result = store_channel_open(store, text_of(outgoing->origin), text_of(outgoing->partner),
                                    STORE_OUTGOING, &to, error);
    }
    if (result == RESULT_OK) {
        advance->size = to->carried;
        advance->serial = to->carried_serial;
    }
    return result;
}

static void card_finish(struct work *work)
{
    struct advance *advance = (struct advance *)work;
    struct outgoing *outgoing = advance->outgoing;
    outgoing->carrying = false;
    if (work->result == RESULT_OK) {
        outgoing->carried = advance->size;
        outgoing->carried_serial = advance->serial;
        log_event(LOG_LEVEL_INFO, "advance", "our card goes with the channel",
                  "partner=%s serial=%llu", outgoing->partner, (unsigned long long)advance->serial);
    }
    advance_finish(work);
}

void outgoing_tick(struct outgoing *outgoing)
{
    const struct bytes nothing = {NULL, 0};
    if (!outgoing->open || outgoing->carrying || outgoing->version < LANE_VERSION_CARD) {
        return;
    }
    struct own own = own_of(outgoing->flow);
    bool due = own_is_changing(&own) && outgoing->carried_serial < own.card->serial;
    own_release(&own);
    struct advance *advance = due ? advance_new(outgoing, nothing, apply_card) : NULL;
    if (advance != NULL) {
        advance->work.finish = card_finish;
        outgoing->carrying = true;
        advance_submit(advance);
    }
}

/* The partner's log is not ours: nothing more is signed until a person looked. */
enum result outgoing_hold(struct outgoing *outgoing, struct refused *refused, struct bytes proof,
                          enum refusal refusal, uint64_t index, const char *reason)
{
    char quoted[STORE_REASON_BYTES];
    outgoing->open = false;
    log_event(LOG_LEVEL_ERROR, "advance", "channel held", "partner=%s reason=%s", outgoing->partner,
              log_quote(reason, quoted, sizeof quoted));
    if (outgoing->channel != 0) {
        struct advance *advance = advance_new(outgoing, proof, apply_hold);
        if (advance != NULL) {
            (void)snprintf(advance->reason, sizeof advance->reason, "%s", reason);
            advance_submit(advance);
        }
    }
    return refuse_with(refused, refusal, index, RESULT_HELD, "%s", reason);
}

enum result outgoing_check_note(const struct outgoing *outgoing, struct bytes note,
                                struct checkpoint *checkpoint, uint64_t *time_s,
                                struct error *error)
{
    struct directory *directory = flow_directory(outgoing->flow);
    const struct card *card = directory_party(directory, text_of(outgoing->partner));
    enum result result =
        card == NULL
            ? error_set(error, RESULT_DENIED, "the card of %s is not held", outgoing->partner)
            : checkpoint_verify_receipt(note, card, checkpoint, time_s, error);
    directory_release(&directory);
    if (result == RESULT_OK && !text_equal(checkpoint->origin, text_of(outgoing->origin))) {
        result = error_set(error, RESULT_UNTRUSTED, "the note is for channel %.*s",
                           TEXT_ARGS(checkpoint->origin));
    }
    return result;
}

/* As outgoing_check_note, for one of some time ago: its key may be off the card since. */
static enum result check_old_note(const struct outgoing *outgoing, struct bytes note,
                                  struct checkpoint *checkpoint, uint64_t *time_s,
                                  struct error *error)
{
    struct directory *directory = flow_directory(outgoing->flow);
    enum result result =
        evidence_receipt(directory, text_of(outgoing->partner), note, checkpoint, time_s, error);
    directory_release(&directory);
    if (result == RESULT_OK && !text_equal(checkpoint->origin, text_of(outgoing->origin))) {
        result = error_set(error, RESULT_UNTRUSTED, "the note is for channel %.*s",
                           TEXT_ARGS(checkpoint->origin));
    }
    return result;
}

/* The last note that the partner cosigned must be of our log: its root is our root at its size. */
static enum result check_partner_note(struct outgoing *outgoing, struct bytes note,
                                      struct checkpoint *checkpoint, uint64_t *time_s,
                                      struct error *error)
{
    struct merkle_tree tree;
    struct merkle_hash root;
    struct store_hashes hashes = {outgoing->reader, outgoing->channel};
    enum result result = check_old_note(outgoing, note, checkpoint, time_s, error);
    if (result != RESULT_OK) {
        return result;
    }
    result = merkle_load(store_read_hash, &hashes, checkpoint->size, &tree, error);
    if (result != RESULT_OK) {
        return result;
    }
    merkle_root(&tree, &root);
    if (memcmp(&root, &checkpoint->root, sizeof root) != 0) {
        return error_set(error, RESULT_UNTRUSTED,
                         "the note that %s holds of %.*s at size %llu is not of our log",
                         outgoing->partner, TEXT_ARGS(checkpoint->origin),
                         (unsigned long long)checkpoint->size);
    }
    return RESULT_OK;
}

enum result outgoing_store_receipt(struct outgoing *outgoing, struct bytes note, uint64_t size,
                                   uint64_t time_s, struct error *error)
{
    struct advance *advance = advance_new(outgoing, note, apply_receipt);
    if (advance == NULL || buffer_check(&advance->note, error) != RESULT_OK) {
        free(advance);
        return error_set(error, RESULT_NO_MEMORY, "no memory for a receipt");
    }
    advance->size = size;
    advance->time_s = time_s;
    metrics_add(outgoing->flow->metrics, METRIC_RECEIPTS_RECEIVED, 1);
    advance_submit(advance);
    return RESULT_OK;
}

static enum result take_over(struct outgoing *outgoing, const struct frame_welcome *welcome,
                             const struct store_channel *channel, struct refused *refused,
                             struct error *error)
{
    struct checkpoint checkpoint;
    struct store_hashes hashes = {outgoing->reader, outgoing->channel};
    uint64_t time_s = 0;
    if (welcome->size == 0) {
        outgoing->sent = (struct merkle_tree){0};
        return RESULT_OK;
    }
    enum result result =
        check_partner_note(outgoing, welcome->checkpoint, &checkpoint, &time_s, error);
    if (result == RESULT_OK && checkpoint.size != welcome->size) {
        result =
            error_set(error, RESULT_UNTRUSTED,
                      "%s says it holds %llu entries and shows a note of %llu", outgoing->partner,
                      (unsigned long long)welcome->size, (unsigned long long)checkpoint.size);
    }
    if (result == RESULT_UNTRUSTED &&
        outgoing_key_refused(outgoing, welcome->checkpoint, refused)) {
        return result;
    }
    if (result == RESULT_UNTRUSTED || result == RESULT_INVALID) {
        return outgoing_hold(outgoing, refused, welcome->checkpoint, REFUSAL_FORK, welcome->size,
                             error->message);
    }
    if (result == RESULT_OK) {
        result = merkle_load(store_read_hash, &hashes, welcome->size, &outgoing->sent, error);
    }
    if (result == RESULT_OK && welcome->size > channel->receipt_size) {
        result =
            outgoing_store_receipt(outgoing, welcome->checkpoint, welcome->size, time_s, error);
    }
    return result;
}

enum result outgoing_welcome(struct outgoing *outgoing, const struct frame_welcome *welcome,
                             struct refused *refused, struct error *error)
{
    const struct store_channel *channel = NULL;
    arena_reset(&outgoing->arena);
    enum result result = outgoing_channel(outgoing, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    uint64_t size = channel == NULL ? 0 : channel->size;
    uint64_t now_ms = world_wall_ms(outgoing->flow->world);
    outgoing->clock_ahead_ms = (int64_t)(welcome->time_ms - now_ms);
    if (welcome->time_ms > now_ms + FLOW_CLOCK_AHEAD_MS) {
        return refuse_clock(welcome->time_ms, now_ms, refused);
    }
    if (!lane_version_is_spoken(welcome->version)) {
        return refuse_with(refused, REFUSAL_VERSION, 0, RESULT_UNSUPPORTED,
                           "version %u was not offered", welcome->version);
    }
    if (channel != NULL && channel->held) {
        return refuse_with(refused, REFUSAL_HELD, 0, RESULT_HELD, "the channel is held: %s",
                           channel->held_reason);
    }
    if (welcome->size > size) {
        char reason[STORE_REASON_BYTES];
        (void)snprintf(reason, sizeof reason,
                       "%s holds %llu entries of our channel and we hold %llu: this store is older "
                       "than what it said; nothing is signed until it has them back",
                       outgoing->partner, (unsigned long long)welcome->size,
                       (unsigned long long)size);
        return outgoing_hold(outgoing, refused, welcome->checkpoint, REFUSAL_BEHIND, size, reason);
    }
    outgoing->their_serial = welcome->card_serial;
    outgoing->receipted = channel == NULL ? 0 : channel->receipt_size;
    result = take_over(outgoing, welcome, channel, refused, error);
    if (result == RESULT_OK) {
        outgoing->receipted = welcome->size;
        outgoing->carried = channel == NULL ? 0 : channel->carried;
        outgoing->carried_serial = channel == NULL ? 0 : channel->carried_serial;
        outgoing->credit = welcome->credit;
        outgoing->version = welcome->version;
        outgoing->open = true;
    }
    return result;
}
