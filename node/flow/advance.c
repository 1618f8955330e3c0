/* Ours, on their way: the channel to one partner. See advance.h. */
#include "node/flow/advance.h"

#include "keys/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

#define FLIGHTS_MAX     64                                       /* pushes without receipt */
#define PUSH_BYTES_MAX  (FRAME_MAX_BYTES - FRAME_NOTE_MAX_BYTES) /* of entries in one push */
#define ITEM_HEAD_BYTES 16 /* msgpack heads of one entry and payload, at most */

/* A push that is on its way: what its receipt must say. */
struct flight {
    uint64_t size;
    struct merkle_hash root;
    uint64_t bytes;
};

struct outgoing {
    struct flow *flow;
    struct store_reader *reader;
    char partner[PARTY_MAX_BYTES];
    char origin[ORIGIN_MAX_BYTES];
    struct queue *home;
    uint32_t channel; /* store number; 0 until the channel exists */
    bool open;        /* welcomed */
    bool waiting;     /* refused for now; goes on with the next credit */
    struct merkle_tree sent;
    uint64_t receipted;
    uint64_t credit;
    uint64_t in_flight;
    struct flight flights[FLIGHTS_MAX]; /* a ring, oldest at first */
    size_t flight_first;
    size_t flight_count;
    size_t pending;
    int64_t clock_ahead_ms;
    struct arena arena;
};

/* A receipt, or a hold, on its way into the store. */
struct advance {
    struct work work;
    struct outgoing *outgoing;
    uint64_t size;
    uint64_t time_s;
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

struct text outgoing_partner(const struct outgoing *outgoing)
{
    return text_of(outgoing->partner);
}

void outgoing_state(const struct outgoing *outgoing, struct outgoing_state *state)
{
    *state = (struct outgoing_state){
        .open = outgoing->open,
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
static enum result read_channel(struct outgoing *outgoing, const struct store_channel **channel,
                                struct error *error)
{
    enum result result = flow_read_channel(outgoing->reader, text_of(outgoing->origin),
                                           &outgoing->arena, channel, error);
    if (result == RESULT_OK) {
        outgoing->channel = (*channel)->number;
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

bool outgoing_has_backlog(struct outgoing *outgoing)
{
    struct error error;
    const struct store_channel *channel = NULL;
    arena_reset(&outgoing->arena);
    return read_channel(outgoing, &channel, &error) == RESULT_OK && channel != NULL &&
           channel->size > channel->receipt_size;
}

/* ---- hello and welcome ---- */

enum result outgoing_hello(struct outgoing *outgoing, struct buffer *out, struct error *error)
{
    const struct store_channel *channel = NULL;
    outgoing_reset(outgoing);
    arena_reset(&outgoing->arena);
    enum result result = read_channel(outgoing, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct directory *directory = flow_directory(outgoing->flow);
    const struct frame_hello hello = {
        .versions = {LANE_VERSION},
        .version_count = 1,
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

/* The partner's log is not ours: nothing more is signed until a person looked. */
static enum result hold(struct outgoing *outgoing, struct refused *refused, struct bytes proof,
                        enum refusal refusal, uint64_t index, const char *reason)
{
    outgoing->open = false;
    log_event(LOG_LEVEL_ERROR, "advance", "channel held", "partner=%s reason=\"%s\"",
              outgoing->partner, reason);
    if (outgoing->channel != 0) {
        struct advance *advance = advance_new(outgoing, proof, apply_hold);
        if (advance != NULL) {
            (void)snprintf(advance->reason, sizeof advance->reason, "%s", reason);
            advance_submit(advance);
        }
    }
    return refuse_with(refused, refusal, index, RESULT_HELD, "%s", reason);
}

/* The last note that the partner cosigned must be of our log: its root is our root at its size. */
static enum result check_partner_note(struct outgoing *outgoing, struct bytes note,
                                      struct checkpoint *checkpoint, uint64_t *time_s,
                                      struct error *error)
{
    struct merkle_tree tree;
    struct merkle_hash root;
    struct store_hashes hashes = {outgoing->reader, outgoing->channel};
    struct directory *directory = flow_directory(outgoing->flow);
    const struct card *card = directory_party(directory, text_of(outgoing->partner));
    enum result result =
        card == NULL
            ? error_set(error, RESULT_DENIED, "the card of %s is not held", outgoing->partner)
            : checkpoint_verify_receipt(note, card, checkpoint, time_s, error);
    directory_release(&directory);
    if (result != RESULT_OK) {
        return result;
    }
    result = merkle_load(store_read_hash, &hashes, checkpoint->size, &tree, error);
    if (result != RESULT_OK) {
        return result;
    }
    merkle_root(&tree, &root);
    if (!text_equal(checkpoint->origin, text_of(outgoing->origin)) ||
        memcmp(&root, &checkpoint->root, sizeof root) != 0) {
        return error_set(error, RESULT_UNTRUSTED,
                         "the note that %s holds of %.*s at size %llu is not of our log",
                         outgoing->partner, TEXT_ARGS(checkpoint->origin),
                         (unsigned long long)checkpoint->size);
    }
    return RESULT_OK;
}

static enum result store_receipt(struct outgoing *outgoing, struct bytes note, uint64_t size,
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
    if (result == RESULT_UNTRUSTED || result == RESULT_INVALID) {
        return hold(outgoing, refused, welcome->checkpoint, REFUSAL_FORK, welcome->size,
                    error->message);
    }
    if (result == RESULT_OK) {
        result = merkle_load(store_read_hash, &hashes, welcome->size, &outgoing->sent, error);
    }
    if (result == RESULT_OK && welcome->size > channel->receipt_size) {
        result = store_receipt(outgoing, welcome->checkpoint, welcome->size, time_s, error);
    }
    return result;
}

enum result outgoing_welcome(struct outgoing *outgoing, const struct frame_welcome *welcome,
                             struct refused *refused, struct error *error)
{
    const struct store_channel *channel = NULL;
    arena_reset(&outgoing->arena);
    enum result result = read_channel(outgoing, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    uint64_t size = channel == NULL ? 0 : channel->size;
    outgoing->clock_ahead_ms = (int64_t)(welcome->time_ms - world_wall_ms(outgoing->flow->world));
    if (welcome->version != LANE_VERSION) {
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
        return hold(outgoing, refused, welcome->checkpoint, REFUSAL_BEHIND, size, reason);
    }
    result = take_over(outgoing, welcome, channel, refused, error);
    if (result == RESULT_OK) {
        outgoing->receipted = welcome->size;
        outgoing->credit = welcome->credit;
        outgoing->open = true;
    }
    return result;
}

/* ---- push ---- */

static enum result pack_push(struct outgoing *outgoing, const struct store_item *items,
                             size_t count, struct buffer *out, struct error *error)
{
    struct flow *flow = outgoing->flow;
    struct frame_item *frame_items = arena_alloc(&outgoing->arena, count * sizeof *frame_items);
    struct flight *flight =
        &outgoing->flights[(outgoing->flight_first + outgoing->flight_count) % FLIGHTS_MAX];
    char name[CARD_NAME_BYTES];
    struct buffer note = {0};
    if (frame_items == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a push of %zu entries", count);
    }
    struct merkle_tree tree = outgoing->sent;
    *flight = (struct flight){0};
    for (size_t i = 0; i < count; i++) {
        frame_items[i] = (struct frame_item){items[i].entry, items[i].payload};
        flight->bytes += items[i].entry.size + items[i].payload.size;
        merkle_append(&tree, &items[i].leaf, NULL);
    }
    flight->size = tree.size;
    merkle_root(&tree, &flight->root);
    uint64_t start = world_steady_ns(flow->world);
    const struct checkpoint checkpoint = {text_of(outgoing->origin), tree.size, flight->root};
    struct directory *directory = flow_directory(flow);
    card_key_name(directory_own(directory), KEY_CHECKPOINT, name);
    directory_release(&directory);
    enum result result =
        checkpoint_sign(&checkpoint, text_of(name), flow->checkpoint_key, &note, error);
    metrics_add(flow->metrics, METRIC_STEP_SIGN, world_steady_ns(flow->world) - start);
    if (result == RESULT_OK) {
        const struct frame_push push = {.first = outgoing->sent.size,
                                        .items = frame_items,
                                        .count = count,
                                        .checkpoint = buffer_bytes(&note)};
        frame_push_pack(&push, out);
        result = buffer_check(out, error);
    }
    buffer_free(&note);
    if (result == RESULT_OK) {
        outgoing->sent = tree;
        outgoing->in_flight += flight->bytes;
        outgoing->flight_count++;
    }
    return result;
}

/* How many of the items fit one frame and the credit that is left; at least one when nothing is in
 * flight, so that a small credit slows and never stops. */
static size_t fitting(const struct outgoing *outgoing, const struct store_item *items, size_t count)
{
    uint64_t bytes = 0;
    size_t fit = 0;
    while (fit < count) {
        bytes += items[fit].entry.size + items[fit].payload.size + ITEM_HEAD_BYTES;
        bool first = fit == 0 && outgoing->in_flight == 0;
        if (bytes > PUSH_BYTES_MAX || (!first && outgoing->in_flight + bytes > outgoing->credit)) {
            break;
        }
        fit++;
    }
    return fit;
}

enum result outgoing_next(struct outgoing *outgoing, struct buffer *out, struct error *error)
{
    const struct store_channel *channel = NULL;
    struct store_item *items = NULL;
    size_t count = 0;
    if (!outgoing->open || outgoing->waiting || outgoing->credit == 0 ||
        outgoing->in_flight >= outgoing->credit || outgoing->flight_count == FLIGHTS_MAX) {
        return RESULT_OK;
    }
    arena_reset(&outgoing->arena);
    if (outgoing->channel == 0) {
        enum result result = read_channel(outgoing, &channel, error);
        if (result != RESULT_OK || outgoing->channel == 0) {
            return result;
        }
    }
    enum result result = store_read_entries(outgoing->reader, outgoing->channel,
                                            outgoing->sent.size, FRAME_ENTRIES_MAX, PUSH_BYTES_MAX,
                                            &outgoing->arena, &items, &count, error);
    if (result != RESULT_OK || count == 0) {
        return result;
    }
    count = fitting(outgoing, items, count);
    return count == 0 ? RESULT_OK : pack_push(outgoing, items, count, out, error);
}

/* ---- receipt and refusal ---- */

/* The push that ends at `size`, with all before it taken off the ring; NULL when there is none. */
static const struct flight *land(struct outgoing *outgoing, uint64_t size)
{
    while (outgoing->flight_count > 0) {
        const struct flight *flight = &outgoing->flights[outgoing->flight_first];
        if (flight->size > size) {
            return NULL;
        }
        outgoing->flight_first = (outgoing->flight_first + 1) % FLIGHTS_MAX;
        outgoing->flight_count--;
        outgoing->in_flight -= flight->bytes;
        if (flight->size == size) {
            return flight;
        }
    }
    return NULL;
}

static enum result check_receipt(struct outgoing *outgoing, struct bytes note,
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
        result = error_set(error, RESULT_UNTRUSTED, "the receipt is for channel %.*s",
                           TEXT_ARGS(checkpoint->origin));
    }
    return result;
}

enum result outgoing_receipt(struct outgoing *outgoing, const struct frame_receipt *receipt,
                             struct refused *refused, struct error *error)
{
    struct checkpoint checkpoint;
    uint64_t time_s = 0;
    const struct world *world = outgoing->flow->world;
    if (!outgoing->open) {
        return RESULT_OK;
    }
    outgoing->credit = receipt->credit;
    outgoing->waiting = outgoing->waiting && receipt->credit == 0;
    if (receipt->checkpoint.size == 0) {
        return RESULT_OK;
    }
    uint64_t start = world_steady_ns(world);
    enum result result = check_receipt(outgoing, receipt->checkpoint, &checkpoint, &time_s, error);
    metrics_add(outgoing->flow->metrics, METRIC_STEP_RECEIPT, world_steady_ns(world) - start);
    if (result != RESULT_OK) {
        return refuse_with(refused, REFUSAL_SIGNATURE, 0, RESULT_UNTRUSTED, "receipt: %s",
                           error->message);
    }
    if (checkpoint.size <= outgoing->receipted) {
        return RESULT_OK;
    }
    const struct flight *flight = land(outgoing, checkpoint.size);
    if (flight == NULL || memcmp(&flight->root, &checkpoint.root, sizeof flight->root) != 0) {
        return refuse_with(refused, REFUSAL_ROOT, checkpoint.size, RESULT_UNTRUSTED,
                           "the receipt for size %llu is of no push that is on its way",
                           (unsigned long long)checkpoint.size);
    }
    outgoing->receipted = checkpoint.size;
    return store_receipt(outgoing, receipt->checkpoint, checkpoint.size, time_s, error);
}

void outgoing_refused(struct outgoing *outgoing, const struct frame_refuse *refuse)
{
    struct error error;
    struct refused ignored = {0};
    char sentence[FRAME_SENTENCE_BYTES];
    char quoted[FRAME_SENTENCE_BYTES];
    (void)snprintf(sentence, sizeof sentence, "%.*s", TEXT_ARGS(refuse->sentence));
    log_event(LOG_LEVEL_WARNING, "advance", "refused by the partner",
              "partner=%s code=%s index=%llu sentence=%s", outgoing->partner,
              refusal_text(refuse->refusal), (unsigned long long)refuse->index,
              log_quote(sentence, quoted, sizeof quoted));
    if (refuse->refusal == REFUSAL_ROOT || refuse->refusal == REFUSAL_SIGNATURE ||
        refuse->refusal == REFUSAL_FORK) {
        (void)hold(outgoing, &ignored, (struct bytes){NULL, 0}, refuse->refusal, refuse->index,
                   sentence);
        return;
    }
    if (refusal_ends_lane(refuse->refusal) || !outgoing->open) {
        return;
    }
    struct store_hashes hashes = {outgoing->reader, outgoing->channel};
    if (refuse->index < outgoing->receipted || refuse->index > outgoing->sent.size ||
        merkle_load(store_read_hash, &hashes, refuse->index, &outgoing->sent, &error) !=
            RESULT_OK) {
        outgoing_reset(outgoing);
        return;
    }
    outgoing->flight_count = 0;
    outgoing->in_flight = 0;
    outgoing->waiting = refuse->refusal == REFUSAL_CREDIT;
    outgoing->credit = outgoing->waiting ? 0 : outgoing->credit;
}
