/* How an entry is made. See append.h. */
#include "node/flow/append.h"

#include "node/flow/own.h"
#include "proto/frame.h"
#include "proto/pack.h"

#include <stdio.h>

enum result append_entry(struct flow *flow, struct store *store, const struct append_place *place,
                         const struct outbound *outbound, uint32_t *channel, uint64_t *index,
                         struct error *error)
{
    const struct store_channel *to = NULL;
    struct buffer packed = {0};
    enum result result =
        store_channel_open(store, place->origin, place->partner, place->direction, &to, error);
    if (result != RESULT_OK) {
        return result;
    }
    struct entry entry = {
        .origin = place->origin,
        .index = to->size,
        .operation = outbound->operation,
        .id = outbound->id,
        .has_reply_to = outbound->has_reply_to,
        .reply_to = outbound->reply_to,
        .agreement = outbound->agreement,
        .menu_version = outbound->menu_version,
        .time_ms = world_wall_ms(flow->world),
        .payload_size = (uint32_t)outbound->payload.size,
        .payload_hash = outbound->payload_hash,
    };
    world_random(flow->world, entry.salt, sizeof entry.salt);
    entry_pack(&entry, &packed);
    result = buffer_check(&packed, error);
    if (result == RESULT_OK) {
        struct store_entry row = {
            .channel = to->number,
            .entry = &entry,
            .entry_packed = buffer_bytes(&packed),
            .payload = outbound->payload,
            .message = outbound->message,
            .verdict = outbound->verdict,
            .card_serial = outbound->card_serial,
            .time_ms = entry.time_ms,
        };
        merkle_leaf(row.entry_packed, &row.leaf);
        *channel = to->number;
        *index = entry.index;
        if (outbound->appended != NULL) {
            *outbound->appended = (struct appended){row.leaf, row.time_ms};
        }
        result = store_append_entry(store, &row, error);
    }
    buffer_free(&packed);
    return result;
}

enum result append_may(const struct flow *flow, struct text partner, struct error *error)
{
    return flow_is_behind(flow, partner)
               ? error_set(error, RESULT_UNAVAILABLE,
                           "this store was put back from a backup, and fetches back what was said "
                           "to %.*s since; try again when 'comesh status' shows its lane open",
                           TEXT_ARGS(partner))
               : RESULT_OK;
}

enum result append_outbound(struct flow *flow, struct store *store, struct text partner,
                            const struct outbound *outbound, uint32_t *channel, uint64_t *index,
                            struct error *error)
{
    char origin[ORIGIN_MAX_BYTES];
    enum result result = flow_origin(flow, partner, origin, error);
    if (result != RESULT_OK) {
        return result;
    }
    const struct append_place place = {
        .origin = text_of(origin), .partner = partner, .direction = STORE_OUTGOING};
    return append_entry(flow, store, &place, outbound, channel, index, error);
}

enum result outbound_of_verdict(struct flow *flow, const struct verdict *verdict,
                                struct buffer *payload, struct outbound *outbound,
                                struct error *error)
{
    *outbound = (struct outbound){.operation = OPERATION_VERDICT, .verdict = verdict};
    world_random(flow->world, &outbound->id, sizeof outbound->id);
    verdict_pack(verdict, payload);
    outbound->payload = buffer_bytes(payload);
    merkle_sha256(outbound->payload, &outbound->payload_hash);
    return buffer_check(payload, error);
}

enum result append_verdict(struct flow *flow, struct store *store, struct text partner,
                           const struct verdict *verdict, struct error *error)
{
    struct buffer payload = {0};
    struct outbound outbound = {0};
    uint32_t channel = 0;
    uint64_t index = 0;
    enum result result = outbound_of_verdict(flow, verdict, &payload, &outbound, error);
    if (result == RESULT_OK) {
        result = append_outbound(flow, store, partner, &outbound, &channel, &index, error);
    }
    buffer_free(&payload);
    return result;
}

enum result append_card(struct flow *flow, struct store *store, struct text partner,
                        struct error *error)
{
    char origin[ORIGIN_MAX_BYTES];
    const struct store_channel *to = NULL;
    uint32_t channel = 0;
    uint64_t index = 0;
    struct own own = own_of(flow);
    struct outbound outbound = {.operation = OPERATION_CARD,
                                .payload = buffer_bytes(&own.card->note),
                                .card_serial = own.card->serial};
    enum result result = flow_origin(flow, partner, origin, error);
    if (result == RESULT_OK) {
        result = store_channel_open(store, text_of(origin), partner, STORE_OUTGOING, &to, error);
    }
    if (result == RESULT_OK && to->carried_serial < own.card->serial) {
        world_random(flow->world, &outbound.id, sizeof outbound.id);
        merkle_sha256(outbound.payload, &outbound.payload_hash);
        result = append_outbound(flow, store, partner, &outbound, &channel, &index, error);
    }
    own_release(&own);
    return result;
}

enum result message_keep(struct message *message, struct arena *arena, struct error *error)
{
    struct text *const texts[] = {&message->exporter, &message->importer, &message->agreement,
                                  &message->number, &message->number_key};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = arena_text(arena, *texts[i]);
        if (texts[i]->data == NULL) {
            return error_set(error, RESULT_NO_MEMORY, "no memory to keep a message");
        }
    }
    message->record = NULL;
    return RESULT_OK;
}

static bool is_message_id(const struct difference *difference)
{
    return strcmp(difference->element->name, "FunctionalReferenceID") == 0;
}

/* The first element in which the held payload and the new one differ, as a sentence. */
static enum result describe_difference(struct bytes held, struct bytes payload,
                                       enum operation operation, struct arena *arena, char *out,
                                       size_t size)
{
    struct error ignored;
    struct findings findings = {.arena = arena};
    struct record *before = NULL;
    struct record *after = NULL;
    struct difference differences[2];
    enum result result = pack_read(held, operation, arena, &findings, &before, &ignored);
    if (result == RESULT_OK) {
        result = pack_read(payload, operation, arena, &findings, &after, &ignored);
    }
    if (result != RESULT_OK) {
        return result;
    }
    size_t count = record_diff(before, after, arena, differences, 2);
    if (count == 0) {
        return RESULT_NOT_FOUND;
    }
    /* A new message has a new id: when more differs, that is what a person wants to know. */
    const struct difference *told = &differences[count > 1 && is_message_id(&differences[0])];
    (void)snprintf(out, size, "%.*s was '%.*s' and is now '%.*s'", TEXT_ARGS(told->place),
                   TEXT_ARGS(told->before), TEXT_ARGS(told->after));
    return RESULT_OK;
}

void describe_conflict(struct store *store, const struct store_position *held,
                       enum operation operation, struct bytes payload, char *out, size_t size)
{
    struct arena arena = {0};
    struct error ignored;
    struct bytes held_entry;
    struct bytes held_payload;
    struct entry entry;
    char id[UUID_TEXT_BYTES] = "?";
    char difference[384] = "its content differs";
    if (store_find_entry(store, held->channel, held->index, &held_entry, &held_payload, &ignored) ==
            RESULT_OK &&
        entry_unpack(held_entry, &entry, &ignored) == RESULT_OK) {
        message_id_format(&entry.id, id);
        if (entry.operation == operation) {
            (void)describe_difference(held_payload, payload, operation, &arena, difference,
                                      sizeof difference);
        }
    }
    (void)snprintf(out, size, "held already since message %s with other content: %s", id,
                   difference);
    arena_free(&arena);
}
