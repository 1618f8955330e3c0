/* Ours, on their way: pushes, receipts and refusals of a channel that was welcomed. See advance.h.
 */
#include "node/flow/outgoing.h"

#include "node/flow/own.h"
#include "node/flow/signer.h"

#include <stdio.h>

#define VERDICT_PATIENCE_MS 10 /* verdicts that are younger wait for company */
#define VERDICTS_WAITING    8  /* so many at most */

#define COMPANY_FLIGHTS 1  /* with so many pushes on their way, entries wait for company */
#define COMPANY_ENTRIES 64 /* until there are so many, or a receipt has come */

static enum result pack_push(struct outgoing *outgoing, const struct store_item *items,
                             size_t count, struct buffer *out, struct error *error)
{
    struct flow *flow = outgoing->ours.flow;
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
    const struct checkpoint checkpoint = {text_of(outgoing->ours.origin), tree.size, flight->root};
    struct own own = own_of(flow);
    uint64_t known = outgoing->receipted >= outgoing->carried ? outgoing->carried_serial : 0;
    const struct keypair *key = own_key(&own, KEY_CHECKPOINT, known, error);
    card_key_name(own.card, KEY_CHECKPOINT, name);
    enum result result =
        key == NULL ? error->code : checkpoint_sign(&checkpoint, text_of(name), key, &note, error);
    own_release(&own);
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
        bytes += items[fit].entry.size + items[fit].payload.size + FRAME_ITEM_HEAD_BYTES;
        bool first = fit == 0 && outgoing->in_flight == 0;
        if (bytes > FRAME_ITEMS_MAX_BYTES ||
            (!first && outgoing->in_flight + bytes > outgoing->credit)) {
            break;
        }
        fit++;
    }
    return fit;
}

/* True when the items are a few young verdicts and nothing else. */
static bool may_wait(struct outgoing *outgoing, const struct store_item *items, size_t count)
{
    const struct world *world = outgoing->ours.flow->world;
    uint64_t now_ms = world_wall_ms(world);
    struct entry entry = {0};
    struct error ignored;
    uint64_t go_ms = 0;
    if (count > VERDICTS_WAITING) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (entry_unpack(items[i].entry, &entry, &ignored) != RESULT_OK ||
            !operation_is_of_mesh(entry.operation)) {
            return false;
        }
        go_ms = i == 0 ? entry.time_ms + VERDICT_PATIENCE_MS : go_ms;
    }
    if (now_ms >= go_ms || go_ms - now_ms > VERDICT_PATIENCE_MS) {
        return false;
    }
    outgoing->due_ms = world_steady_ns(world) / 1000000 + (go_ms - now_ms) + 1;
    return true;
}

uint64_t outgoing_due_ms(const struct outgoing *outgoing)
{
    return outgoing->due_ms == 0 ? UINT64_MAX : outgoing->due_ms;
}

/* Whether there is nothing to push, or so little while others are on their way that it would rather
 * fill a frame: a signature at each end costs the same for one as for a hundred. */
static bool has_little(const struct outgoing *outgoing)
{
    uint64_t size = store_written(outgoing->ours.flow->store, outgoing->ours.channel);
    uint64_t least = outgoing->flight_count < COMPANY_FLIGHTS ? 1 : COMPANY_ENTRIES;
    return size < outgoing->sent.size + least;
}

enum result outgoing_next(struct outgoing *outgoing, struct buffer *out, struct error *error)
{
    const struct store_channel *channel = NULL;
    struct store_item *items = NULL;
    size_t count = 0;
    outgoing->due_ms = 0;
    if (!outgoing->open || outgoing->waiting || outgoing->credit == 0 ||
        outgoing->in_flight >= outgoing->credit || outgoing->flight_count == FLIGHTS_MAX) {
        return RESULT_OK;
    }
    if (outgoing->ours.channel != 0 && has_little(outgoing)) {
        return RESULT_OK;
    }
    arena_reset(&outgoing->arena);
    if (outgoing->ours.channel == 0) {
        enum result result = outgoing_channel(outgoing, &channel, error);
        if (result != RESULT_OK || outgoing->ours.channel == 0) {
            return result;
        }
    }
    enum result result = store_read_ahead(
        outgoing->ours.reader, outgoing->ours.channel, outgoing->sent.size, FRAME_ENTRIES_MAX,
        FRAME_ITEMS_MAX_BYTES, &outgoing->arena, &items, &count, error);
    if (result != RESULT_OK || count == 0 || may_wait(outgoing, items, count)) {
        return result;
    }
    count = fitting(outgoing, items, count);
    return count == 0 ? RESULT_OK : pack_push(outgoing, items, count, out, error);
}

bool outgoing_is_begun(const struct outgoing *outgoing)
{
    return outgoing->ours.channel != 0;
}

bool outgoing_may_leave(const struct outgoing *outgoing)
{
    return outgoing->sent.size <= store_size(outgoing->ours.flow->store, outgoing->ours.channel);
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

bool outgoing_key_refused(const struct outgoing *outgoing, struct bytes note,
                          struct refused *refused)
{
    const struct signer signer = {text_of(outgoing->ours.partner), KEY_RECEIPT,
                                  outgoing->their_serial, outgoing->receipted};
    struct directory *directory = flow_directory(outgoing->ours.flow);
    bool is_refused = signer_refused(directory, &signer, note, refused);
    directory_release(&directory);
    if (is_refused) {
        refused->refusal = REFUSAL_KEY; /* the channel begins anew when the card is here */
    }
    return is_refused;
}

enum result outgoing_receipt(struct outgoing *outgoing, const struct frame_receipt *receipt,
                             struct refused *refused, struct error *error)
{
    struct checkpoint checkpoint;
    uint64_t time_s = 0;
    const struct world *world = outgoing->ours.flow->world;
    if (!outgoing->open) {
        return RESULT_OK;
    }
    outgoing->credit = receipt->credit;
    outgoing->waiting = outgoing->waiting && receipt->credit == 0;
    if (receipt->checkpoint.size == 0) {
        return RESULT_OK;
    }
    uint64_t start = world_steady_ns(world);
    enum result result =
        outgoing_check_note(outgoing, receipt->checkpoint, &checkpoint, &time_s, error);
    metrics_add(outgoing->ours.flow->metrics, METRIC_STEP_RECEIPT, world_steady_ns(world) - start);
    if (result == RESULT_UNTRUSTED &&
        outgoing_key_refused(outgoing, receipt->checkpoint, refused)) {
        return result;
    }
    if (result != RESULT_OK) {
        return refuse_with(refused, REFUSAL_SIGNATURE, 0, RESULT_UNTRUSTED, "receipt: %s",
                           error->message);
    }
    uint64_t now_ms = world_wall_ms(world);
    if (time_s * 1000 > now_ms + FLOW_CLOCK_AHEAD_MS) {
        return refuse_clock(time_s * 1000, now_ms, refused);
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
    return outgoing_store_receipt(outgoing, receipt->checkpoint, checkpoint.size, time_s, error);
}

void outgoing_refused(struct outgoing *outgoing, const struct frame_refuse *refuse)
{
    struct error error;
    struct refused ignored = {0};
    char sentence[FRAME_SENTENCE_BYTES];
    char quoted[FRAME_SENTENCE_BYTES];
    (void)snprintf(sentence, sizeof sentence, "%.*s", TEXT_ARGS(refuse->sentence));
    log_event(LOG_LEVEL_WARNING, "advance", "refused by the partner",
              "partner=%s code=%s index=%llu sentence=%s", outgoing->ours.partner,
              refusal_text(refuse->refusal), (unsigned long long)refuse->index,
              log_quote(sentence, quoted, sizeof quoted));
    if (refuse->refusal == REFUSAL_ROOT || refuse->refusal == REFUSAL_SIGNATURE ||
        refuse->refusal == REFUSAL_FORK) {
        (void)outgoing_hold(outgoing, &ignored, (struct bytes){NULL, 0}, refuse->refusal,
                            refuse->index, sentence);
        return;
    }
    if (refusal_ends_lane(refuse->refusal) || !outgoing->open) {
        return;
    }
    struct store_hashes hashes = {outgoing->ours.reader, outgoing->ours.channel};
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
