/* Ours, on their way: a partner's channel from its making to its welcome. See advance.h; pushes and
 * receipts are in advance_push.c, a store that is behind in advance_fetch.c. */
#include "node/flow/outgoing.h"

#include "keys/evidence.h"
#include "node/flow/append.h"
#include "node/flow/own.h"

#include <stdio.h>
#include <stdlib.h>

#define CARD_WEIGHT 256

/* A card of ours that goes with the channel: its serial, and where it stands, in `size`. */
struct card_news {
    struct ours_news news;
    uint64_t serial;
};

enum result outgoing_new(struct flow *flow, struct store_reader *reader, struct text partner,
                         struct queue *home, struct outgoing **outgoing, struct error *error)
{
    struct outgoing *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a partner");
    }
    made->ours = (struct ours){.flow = flow,
                               .reader = reader,
                               .home = home,
                               .part = "advance",
                               .lost = "not stored; it comes again with the next welcome"};
    enum result result = ours_name(&made->ours, partner, error);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    *outgoing = made;
    return RESULT_OK;
}

size_t outgoing_pending(const struct outgoing *outgoing)
{
    return outgoing->ours.pending +
           (outgoing->fetch != NULL && fetch_is_pending(outgoing->fetch) ? 1 : 0);
}

void outgoing_destroy(struct outgoing **outgoing)
{
    if (*outgoing != NULL) {
        fetch_destroy(&(*outgoing)->fetch);
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
    enum result result = flow_read_channel(outgoing->ours.reader, text_of(outgoing->ours.origin),
                                           &outgoing->arena, channel, error);
    if (result == RESULT_OK) {
        outgoing->ours.channel = (*channel)->number;
    }
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* ---- hello ---- */

enum result outgoing_hello(struct outgoing *outgoing, struct buffer *out, struct error *error)
{
    const struct store_channel *channel = NULL;
    outgoing_reset(outgoing);
    arena_reset(&outgoing->arena);
    if (outgoing->fetch != NULL && fetch_is_pending(outgoing->fetch)) {
        return error_set(error, RESULT_BUSY, "entries that came back are being stored");
    }
    fetch_destroy(&outgoing->fetch);
    enum result result = outgoing_channel(outgoing, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct directory *directory = flow_directory(outgoing->ours.flow);
    struct frame_hello hello = {
        .party = text_of(outgoing->ours.flow->config->party),
        .environment = text_of(outgoing->ours.flow->config->environment),
        .origin = text_of(outgoing->ours.origin),
        .size = channel == NULL ? 0 : channel->size,
        .card_serial = directory_own(directory)->serial,
        .time_ms = world_wall_ms(outgoing->ours.flow->world),
    };
    for (uint32_t version = LANE_VERSION; version >= LANE_VERSION_OLDEST; version--) {
        hello.versions[hello.version_count++] = version;
    }
    frame_hello_pack(&hello, out);
    directory_release(&directory);
    return buffer_check(out, error);
}

/* News with a note, which is copied; NULL without memory. */
static struct ours_news *news_new(struct outgoing *outgoing, struct bytes note, work_apply *apply)
{
    struct ours_news *news = ours_news_new(&outgoing->ours, sizeof *news, apply);
    if (news != NULL) {
        news->work.weight = note.size + 256;
        buffer_append(&news->note, note.data, note.size);
    }
    return news;
}

/* ---- a card of ours ---- */

static enum result apply_card(struct work *work, struct store *store, struct error *error)
{
    struct card_news *card = (struct card_news *)work;
    const struct ours *ours = card->news.ours;
    const struct store_channel *to = NULL;
    enum result result = append_card(ours->flow, store, text_of(ours->partner), error);
    if (result == RESULT_OK) {
        result = store_channel_open(store, text_of(ours->origin), text_of(ours->partner),
                                    STORE_OUTGOING, &to, error);
    }
    if (result == RESULT_OK) {
        card->news.size = to->carried;
        card->serial = to->carried_serial;
    }
    return result;
}

static void card_finish(struct work *work)
{
    struct card_news *card = (struct card_news *)work;
    struct outgoing *outgoing = (struct outgoing *)card->news.ours;
    outgoing->carrying = false;
    if (work->result == RESULT_OK) {
        outgoing->carried = card->news.size;
        outgoing->carried_serial = card->serial;
        log_event(LOG_LEVEL_INFO, "advance", "our card goes with the channel",
                  "partner=%s serial=%llu", outgoing->ours.partner,
                  (unsigned long long)card->serial);
    }
    ours_news_finish(work);
}

void outgoing_tick(struct outgoing *outgoing)
{
    if (!outgoing->open || outgoing->carrying || outgoing->version < LANE_VERSION_CARD) {
        return;
    }
    struct own own = own_of(outgoing->ours.flow);
    bool due = own_is_changing(&own) && outgoing->carried_serial < own.card->serial;
    own_release(&own);
    struct ours_news *news =
        due ? ours_news_new(&outgoing->ours, sizeof(struct card_news), apply_card) : NULL;
    if (news != NULL) {
        news->work.weight = CARD_WEIGHT;
        news->work.finish = card_finish;
        outgoing->carrying = true;
        ours_news_submit(news);
    }
}

/* ---- welcome ---- */

/* The partner's log is not ours: nothing more is signed until a person looked. */
enum result outgoing_hold(struct outgoing *outgoing, struct refused *refused, struct bytes proof,
                          enum refusal refusal, uint64_t index, const char *reason)
{
    char quoted[STORE_REASON_BYTES];
    outgoing->open = false;
    log_event(LOG_LEVEL_ERROR, "advance", "channel held", "partner=%s reason=%s",
              outgoing->ours.partner, log_quote(reason, quoted, sizeof quoted));
    if (outgoing->ours.channel != 0) {
        struct ours_news *news = news_new(outgoing, proof, ours_apply_hold);
        if (news != NULL) {
            (void)snprintf(news->reason, sizeof news->reason, "%s", reason);
            ours_news_submit(news);
        }
    }
    return refuse_with(refused, refusal, index, RESULT_HELD, "%s", reason);
}

enum result outgoing_check_note(const struct outgoing *outgoing, struct bytes note,
                                struct checkpoint *checkpoint, uint64_t *time_s,
                                struct error *error)
{
    struct directory *directory = flow_directory(outgoing->ours.flow);
    const struct card *card = directory_party(directory, text_of(outgoing->ours.partner));
    enum result result =
        card == NULL
            ? error_set(error, RESULT_DENIED, "the card of %s is not held", outgoing->ours.partner)
            : checkpoint_verify_receipt(note, card, checkpoint, time_s, error);
    directory_release(&directory);
    if (result == RESULT_OK && !text_equal(checkpoint->origin, text_of(outgoing->ours.origin))) {
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
    struct directory *directory = flow_directory(outgoing->ours.flow);
    enum result result = evidence_receipt(directory, text_of(outgoing->ours.partner), note,
                                          checkpoint, time_s, error);
    directory_release(&directory);
    if (result == RESULT_OK && !text_equal(checkpoint->origin, text_of(outgoing->ours.origin))) {
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
    struct store_hashes hashes = {outgoing->ours.reader, outgoing->ours.channel};
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
                         outgoing->ours.partner, TEXT_ARGS(checkpoint->origin),
                         (unsigned long long)checkpoint->size);
    }
    return RESULT_OK;
}

enum result outgoing_store_receipt(struct outgoing *outgoing, struct bytes note, uint64_t size,
                                   uint64_t time_s, struct error *error)
{
    struct ours_news *news = news_new(outgoing, note, ours_apply_receipt);
    if (news == NULL || buffer_check(&news->note, error) != RESULT_OK) {
        ours_news_free(news);
        return error_set(error, RESULT_NO_MEMORY, "no memory for a receipt");
    }
    news->size = size;
    news->time_s = time_s;
    metrics_add(outgoing->ours.flow->metrics, METRIC_RECEIPTS_RECEIVED, 1);
    ours_news_submit(news);
    return RESULT_OK;
}

static enum result take_over(struct outgoing *outgoing, const struct frame_welcome *welcome,
                             const struct store_channel *channel, struct refused *refused,
                             struct error *error)
{
    struct checkpoint checkpoint;
    struct store_hashes hashes = {outgoing->ours.reader, outgoing->ours.channel};
    uint64_t time_s = 0;
    if (welcome->size == 0) {
        outgoing->sent = (struct merkle_tree){0};
        return RESULT_OK;
    }
    enum result result =
        check_partner_note(outgoing, welcome->checkpoint, &checkpoint, &time_s, error);
    if (result == RESULT_OK && checkpoint.size != welcome->size) {
        result = error_set(error, RESULT_UNTRUSTED,
                           "%s says it holds %llu entries and shows a note of %llu",
                           outgoing->ours.partner, (unsigned long long)welcome->size,
                           (unsigned long long)checkpoint.size);
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
    uint64_t size = channel == NULL ? 0 : store_size(outgoing->ours.flow->store, channel->number);
    uint64_t now_ms = world_wall_ms(outgoing->ours.flow->world);
    outgoing->clock_ahead_ms = (int64_t)(welcome->time_ms - now_ms);
    outgoing->their_serial = welcome->card_serial;
    if (welcome->time_ms > now_ms + FLOW_CLOCK_AHEAD_MS) {
        return refuse_clock(welcome->time_ms, now_ms, refused);
    }
    if (!lane_version_is_spoken(welcome->version)) {
        return refuse_with(refused, REFUSAL_VERSION, 0, RESULT_UNSUPPORTED,
                           "version %u was not offered", welcome->version);
    }
    flow_set_behind(outgoing->ours.flow, text_of(outgoing->ours.partner), welcome->size > size);
    if (channel != NULL && channel->held) {
        return refuse_with(refused, REFUSAL_HELD, 0, RESULT_HELD, "the channel is held: %s",
                           channel->held_reason);
    }
    if (welcome->size > size) {
        return outgoing_behind(outgoing, welcome, size, refused, error);
    }
    flow_set_heard(outgoing->ours.flow, text_of(outgoing->ours.partner));
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
