/* Documents for a partner without a node. See posting.h. */
#include "node/flow/posting.h"

#include "keys/checkpoint.h"
#include "keys/text.h"
#include "node/flow/ours.h"
#include "node/flow/own.h"
#include "proto/frame.h"
#include "proto/json.h"
#include "proto/pack.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_ENTRIES  64 /* looked through at once for one that is to be posted */
#define CODE_GIVEN_UP "refused-by-http"

struct posting {
    struct ours ours;
    struct posting_state state;
    struct arena arena; /* of the letter */
    struct buffer json;
};

/* A receipt that we sign for what the partner answered. */
struct answered {
    struct ours_news news;
    bool good; /* the entry below its size is accepted and taken */
};

enum result posting_new(struct flow *flow, struct store_reader *reader, struct text partner,
                        struct queue *home, struct posting **posting, struct error *error)
{
    struct posting *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a partner");
    }
    made->ours = (struct ours){.flow = flow,
                               .reader = reader,
                               .home = home,
                               .part = "posting",
                               .lost = "an answer is not stored; its message is posted again"};
    enum result result = ours_name(&made->ours, partner, error);
    if (result != RESULT_OK) {
        free(made);
        return result;
    }
    *posting = made;
    return RESULT_OK;
}

size_t posting_pending(const struct posting *posting)
{
    return posting->ours.pending;
}

void posting_destroy(struct posting **posting)
{
    if (*posting != NULL) {
        buffer_free(&(*posting)->json);
        arena_free(&(*posting)->arena);
        free(*posting);
        *posting = NULL;
    }
}

void posting_state(const struct posting *posting, struct posting_state *state)
{
    *state = posting->state;
}

bool posting_is_done(const struct posting *posting)
{
    struct store *store = posting->ours.flow->store;
    uint64_t size = store_size(store, posting->ours.channel);
    return posting->ours.channel != 0 && !posting->state.held && size != UINT64_MAX &&
           size == posting->state.receipted;
}

/* ---- receipts ---- */

static enum result apply_answer(struct work *work, struct store *store, struct error *error)
{
    struct answered *answered = (struct answered *)work;
    const struct ours_news *news = &answered->news;
    const struct store_channel *channel = store_channel(store, news->channel);
    enum result result = RESULT_OK;
    if (channel == NULL || news->size <= channel->receipt_size) {
        return RESULT_OK;
    }
    if (answered->good) {
        const struct verdict verdict = {.first = channel->judged,
                                        .count = news->size - channel->judged,
                                        .has_taken = true,
                                        .taken = news->size};
        result = rest_append_verdict(news->ours->flow, store, text_of(news->ours->partner),
                                     &verdict, error);
    }
    return result == RESULT_OK ? ours_apply_receipt(work, store, error) : result;
}

/* The receipt of `size` entries: our checkpoint, and what HTTP said below it. */
static enum result sign_receipt(struct posting *posting, struct ours_news *news,
                                const struct posting_answer *answer, struct error *error)
{
    struct flow *flow = posting->ours.flow;
    struct merkle_tree tree;
    struct store_hashes hashes = {posting->ours.reader, posting->ours.channel};
    struct checkpoint checkpoint = {.origin = text_of(posting->ours.origin), .size = news->size};
    char name[CARD_NAME_BYTES];
    struct buffer extension = {0};
    enum result result = merkle_load(store_read_hash, &hashes, news->size, &tree, error);
    if (result != RESULT_OK) {
        return result;
    }
    merkle_root(&tree, &checkpoint.root);
    if (answer != NULL) {
        buffer_printf(&extension, "http %u\n", answer->status);
        if (answer->text.size > 0) {
            buffer_text(&extension, "answer ");
            text_line_append(&extension, answer->text, POSTING_TEXT_BYTES);
            buffer_text(&extension, "\n");
        }
    } else {
        buffer_text(&extension, "nothing to post\n");
    }
    struct own own = own_of(flow);
    const struct keypair *key = own_key(&own, KEY_CHECKPOINT, own.card->serial, error);
    card_key_name(own.card, KEY_CHECKPOINT, name);
    result = key == NULL ? error->code
                         : checkpoint_attest(&checkpoint, buffer_view(&extension), news->time_s,
                                             text_of(name), key, &news->note, error);
    own_release(&own);
    buffer_free(&extension);
    return result;
}

static struct ours_news *news_new(struct posting *posting, size_t size, work_apply *apply,
                                  struct error *error)
{
    struct ours_news *news = ours_news_new(&posting->ours, size, apply);
    if (news == NULL) {
        error_put(error, RESULT_NO_MEMORY, "no memory for an answer");
    } else {
        news->work.weight = 4 * ENTRY_MAX_BYTES;
    }
    return news;
}

/* `answer` is NULL for entries that nobody needs to be told. */
static enum result give_receipt(struct posting *posting, uint64_t size, bool good,
                                const struct posting_answer *answer, struct error *error)
{
    struct ours_news *news = news_new(posting, sizeof(struct answered), apply_answer, error);
    if (news == NULL) {
        return RESULT_NO_MEMORY;
    }
    ((struct answered *)news)->good = good;
    news->size = size;
    news->time_s = world_wall_ms(posting->ours.flow->world) / 1000;
    enum result result = sign_receipt(posting, news, answer, error);
    if (result != RESULT_OK) {
        ours_news_free(news);
        return result;
    }
    metrics_add(posting->ours.flow->metrics, METRIC_RECEIPTS_RECEIVED, 1);
    ours_news_submit(news);
    return RESULT_OK;
}

enum result posting_stored(struct posting *posting, const struct letter *letter,
                           const struct posting_answer *answer, struct error *error)
{
    return give_receipt(posting, letter->index + 1, true, answer, error);
}

enum result posting_hold(struct posting *posting, const char *reason,
                         const struct posting_answer *answer, struct error *error)
{
    struct ours_news *news = news_new(posting, sizeof *news, ours_apply_hold, error);
    if (news == NULL) {
        return RESULT_NO_MEMORY;
    }
    struct buffer line = {0};
    text_line_append(&line, text_of(reason), STORE_REASON_BYTES);
    (void)snprintf(news->reason, sizeof news->reason, "%.*s", TEXT_ARGS(buffer_view(&line)));
    buffer_free(&line);
    text_line_append(&news->note, answer->text, POSTING_TEXT_BYTES);
    enum result result = buffer_check(&news->note, error);
    if (result != RESULT_OK) {
        ours_news_free(news);
        return result;
    }
    ours_news_submit(news);
    return RESULT_OK;
}

/* ---- the next letter ---- */

static enum result read_channel(struct posting *posting, uint64_t *judged, struct error *error)
{
    const struct store_channel *channel = NULL;
    enum result result = flow_read_channel(posting->ours.reader, text_of(posting->ours.origin),
                                           &posting->arena, &channel, error);
    if (result != RESULT_OK) {
        return result;
    }
    posting->ours.channel = channel->number;
    *judged = channel->judged;
    posting->state = (struct posting_state){
        .size = channel->size, .receipted = channel->receipt_size, .held = channel->held};
    memcpy(posting->state.held_reason, channel->held_reason, sizeof channel->held_reason);
    return RESULT_OK;
}

static enum result write_letter(struct posting *posting, const struct store_item *item,
                                const struct entry *entry, struct letter *letter,
                                struct error *error)
{
    struct record *record = NULL;
    struct message message;
    struct findings findings = {.arena = &posting->arena};
    enum result result =
        pack_read(item->payload, entry->operation, &posting->arena, &findings, &record, error);
    if (result == RESULT_OK) {
        result = message_from_record(record, &message, &findings, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    buffer_clear(&posting->json);
    json_write(record, false, &posting->json);
    *letter = (struct letter){.index = item->index,
                              .operation = entry->operation,
                              .number = message.number,
                              .exporter = message.exporter,
                              .json = buffer_bytes(&posting->json)};
    message_id_format(&entry->id, letter->id);
    return buffer_check(&posting->json, error);
}

/* Whether the entry is a document without answer; also one that cannot be read. */
static bool is_waiting(struct bytes packed, uint64_t index, uint64_t judged, struct entry *entry,
                       struct error *error)
{
    return entry_unpack(packed, entry, error) != RESULT_OK ||
           (!operation_is_of_mesh(entry->operation) && index >= judged);
}

/* The first such of the items; NULL when there is none. */
static const struct store_item *find_document(const struct store_item *items, size_t count,
                                              uint64_t judged, struct entry *entry,
                                              struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (is_waiting(items[i].entry, items[i].index, judged, entry, error)) {
            return &items[i];
        }
    }
    return NULL;
}

enum result posting_next(struct posting *posting, struct letter *letter, struct error *error)
{
    struct store_item *items = NULL;
    size_t count = 0;
    uint64_t judged = 0;
    struct entry entry = {0};
    error->message[0] = '\0';
    arena_reset(&posting->arena);
    enum result result = read_channel(posting, &judged, error);
    const struct posting_state *state = &posting->state;
    if (result == RESULT_OK &&
        (posting->ours.pending > 0 || state->held || state->receipted >= state->size)) {
        return RESULT_NOT_FOUND;
    }
    if (result == RESULT_OK) {
        result = store_read_entries(posting->ours.reader, posting->ours.channel, state->receipted,
                                    LOOK_ENTRIES, FRAME_MAX_BYTES, &posting->arena, &items, &count,
                                    error);
    }
    if (result != RESULT_OK || count == 0) {
        return result == RESULT_OK ? RESULT_NOT_FOUND : result;
    }
    const struct store_item *found = find_document(items, count, judged, &entry, error);
    if (found == NULL) {
        result = give_receipt(posting, items[count - 1].index + 1, false, NULL, error);
        return result == RESULT_OK ? RESULT_NOT_FOUND : result;
    }
    return write_letter(posting, found, &entry, letter, error);
}

/* ---- in the writer ---- */

/* The entry that holds the channel: the first document without answer. */
static enum result find_held(struct store *store, const struct store_channel *channel,
                             uint64_t *index, struct error *error)
{
    uint64_t end = channel->receipt_size + LOOK_ENTRIES;
    end = end < channel->size ? end : channel->size;
    for (*index = channel->receipt_size; *index < end; ++*index) {
        struct bytes packed;
        struct bytes payload;
        struct entry entry;
        enum result result =
            store_find_entry(store, channel->number, *index, &packed, &payload, error);
        if (result != RESULT_OK || is_waiting(packed, *index, channel->judged, &entry, error)) {
            return result;
        }
    }
    return error_set(error, RESULT_NOT_FOUND, "no message waits in channel %s", channel->origin);
}

enum result posting_give_up(struct flow *flow, struct store *store, uint32_t number,
                            struct error *error)
{
    const struct store_channel *channel = store_channel(store, number);
    uint64_t index = 0;
    if (channel == NULL || !channel->held || channel->direction != STORE_OUTGOING ||
        !rest_is_partner(flow, text_of(channel->partner))) {
        return error_set(error, RESULT_INVALID,
                         "channel %u is not held by the answer of a partner without a node; see "
                         "'comesh queue'",
                         number);
    }
    enum result result = find_held(store, channel, &index, error);
    if (result != RESULT_OK) {
        return result;
    }
    char reason[STORE_REASON_BYTES];
    char partner[PARTY_MAX_BYTES + 1];
    (void)snprintf(reason, sizeof reason, "%s", channel->held_reason);
    (void)snprintf(partner, sizeof partner, "%s", channel->partner);
    const struct verdict_remark remark = {.index = index,
                                          .outcome = VERDICT_REFUSED,
                                          .code = TEXT(CODE_GIVEN_UP),
                                          .detail = text_of(reason)};
    const struct verdict verdict = {.first = channel->judged,
                                    .count = index + 1 - channel->judged,
                                    .remarks = &remark,
                                    .remark_count = 1};
    result = rest_append_verdict(flow, store, text_of(partner), &verdict, error);
    return result == RESULT_OK
               ? store_append_release(store, number, world_wall_ms(flow->world), error)
               : result;
}
