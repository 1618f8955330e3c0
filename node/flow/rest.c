/* Both logs of a partner without a node. See rest.h. */
#include "node/flow/rest.h"

#include "keys/checkpoint.h"
#include "keys/note.h"
#include "node/flow/own.h"
#include "proto/frame.h"

bool rest_is_partner(struct flow *flow, struct text party)
{
    struct directory *directory = flow_directory(flow);
    bool found = rest_cards_party(directory_rest(directory), party) != NULL;
    directory_release(&directory);
    return found;
}

bool rest_is_attested(struct bytes note)
{
    struct note parsed;
    struct error ignored;
    return note_parse(note, &parsed, &ignored) == RESULT_OK && parsed.signature_count == 1;
}

enum result rest_origin(struct flow *flow, struct text partner, char out[ORIGIN_MAX_BYTES],
                        struct error *error)
{
    struct directory *directory = flow_directory(flow);
    const struct rest_card *card = rest_cards_party(directory_rest(directory), partner);
    enum result result =
        error_set(error, RESULT_NOT_FOUND, "no REST card of '%.*s' is held", TEXT_ARGS(partner));
    if (card != NULL) {
        const struct channel_name name = {
            .environment = text_of(flow->config->environment),
            .domain = text_of(card->domain),
            .receiver = text_of(flow->config->party),
            .epoch = FLOW_EPOCH_FIRST,
        };
        result = channel_origin(&name, out, error);
    }
    directory_release(&directory);
    return result;
}

/* ---- in the writer ---- */

/* Appends to the channel of the partner that we keep for it. */
static enum result append_theirs(struct flow *flow, struct store *store, struct text partner,
                                 const struct outbound *outbound, uint32_t *channel,
                                 uint64_t *index, struct error *error)
{
    char origin[ORIGIN_MAX_BYTES];
    enum result result = rest_origin(flow, partner, origin, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct append_place place = {
        .origin = text_of(origin), .partner = partner, .direction = STORE_INCOMING};
    return append_entry(flow, store, &place, outbound, channel, index, error);
}

/* The receipt over all that the partner's channel holds now. */
static enum result append_receipt(struct flow *flow, struct store *store, uint32_t number,
                                  struct error *error)
{
    const struct store_channel *channel = store_channel(store, number);
    struct checkpoint checkpoint = {.origin = text_of(channel->origin), .size = channel->size};
    char name[CARD_NAME_BYTES];
    struct buffer note = {0};
    merkle_root(&channel->tree, &checkpoint.root);
    struct own own = own_of(flow);
    const struct keypair *key = own_key(&own, KEY_RECEIPT, own.card->serial, error);
    card_key_name(own.card, KEY_RECEIPT, name);
    enum result result = key == NULL ? error->code
                                     : checkpoint_attest(&checkpoint, TEXT(""), own.now_s,
                                                         text_of(name), key, &note, error);
    if (result == RESULT_OK) {
        result = store_append_receipt(store, number, checkpoint.size, own.now_s,
                                      buffer_bytes(&note), error);
    }
    own_release(&own);
    buffer_free(&note);
    return result;
}

enum result rest_append_arrival(struct flow *flow, struct store *store,
                                const struct rest_arrival *arrival, uint32_t *channel,
                                uint64_t *index, struct error *error)
{
    enum result result =
        append_theirs(flow, store, arrival->partner, arrival->outbound, channel, index, error);
    if (result != RESULT_OK) {
        return result;
    }
    for (size_t i = 0; i < arrival->remark_count; i++) {
        arrival->remarks[i].index = *index;
    }
    uint64_t judged = store_channel(store, *channel)->judged;
    const struct verdict verdict = {.first = judged,
                                    .count = *index + 1 - judged,
                                    .remarks = arrival->remarks,
                                    .remark_count = arrival->remark_count};
    result = append_verdict(flow, store, arrival->partner, &verdict, error);
    return result == RESULT_OK ? append_receipt(flow, store, *channel, error) : result;
}

enum result rest_append_verdict(struct flow *flow, struct store *store, struct text partner,
                                const struct verdict *verdict, struct error *error)
{
    struct buffer payload = {0};
    struct outbound outbound = {0};
    uint32_t channel = 0;
    uint64_t index = 0;
    enum result result = outbound_of_verdict(flow, verdict, &payload, &outbound, error);
    if (result == RESULT_OK) {
        result = append_theirs(flow, store, partner, &outbound, &channel, &index, error);
    }
    buffer_free(&payload);
    return result;
}

/* ---- in a reader's thread ---- */

enum result rest_read_receipt(struct store_reader *reader, uint32_t channel, uint64_t index,
                              struct arena *arena, struct rest_receipt *receipt,
                              struct error *error)
{
    struct store_receipt held;
    struct store_item *items = NULL;
    struct entry entry;
    size_t count = 0;
    struct store_hashes hashes = {reader, channel};
    enum result result = store_read_receipt(reader, channel, index, arena, &held, error);
    if (result == RESULT_OK) {
        result = store_read_entries(reader, channel, index, 1, FRAME_MAX_BYTES, arena, &items,
                                    &count, error);
    }
    if (result != RESULT_OK || count == 0) {
        return error_set(error, RESULT_INTERNAL,
                         "entry %llu of channel %u has no receipt, and should have one",
                         (unsigned long long)index, channel);
    }
    result = entry_unpack(items[0].entry, &entry, error);
    if (result == RESULT_OK) {
        *receipt = (struct rest_receipt){.origin = entry.origin,
                                         .index = index,
                                         .size = held.size,
                                         .time_s = held.time_s,
                                         .note = bytes_text(held.note),
                                         .entry = items[0].entry};
        result =
            merkle_inclusion(store_read_hash, &hashes, index, held.size, &receipt->proof, error);
    }
    return result;
}
