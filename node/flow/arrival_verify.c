/* What proves a push: order, digests, root, signature. See arrival.h. CHANNEL.md, section 3. */
#include "node/flow/arrival.h"

#include "keys/checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum result refuse_with(struct refused *refused, enum refusal refusal, uint64_t index,
                        enum result code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    refused->refusal = refusal;
    refused->index = index;
    (void)vsnprintf(refused->sentence, sizeof refused->sentence, format, arguments);
    va_end(arguments);
    return code;
}

/* The frame's memory is the host's: what lasts is copied, once. */
static enum result copy_item(struct arrival *arrival, const struct frame_item *item,
                             struct arrived *arrived, struct error *error)
{
    uint8_t *copy = arena_alloc(&arrival->arena, item->entry.size + item->payload.size);
    if (copy == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for an entry of %zu bytes",
                         item->payload.size);
    }
    memcpy(copy, item->entry.data, item->entry.size);
    arrived->packed = (struct bytes){copy, item->entry.size};
    if (item->payload.size > 0) {
        memcpy(copy + item->entry.size, item->payload.data, item->payload.size);
    }
    arrived->payload = (struct bytes){copy + item->entry.size, item->payload.size};
    arrival->bytes += item->entry.size + item->payload.size;
    return RESULT_OK;
}

/* That the entry says what its place and its payload say. */
static enum result verify_entry(const struct arrival *arrival, struct arrived *arrived,
                                uint64_t index, struct refused *refused)
{
    struct error error;
    struct merkle_hash digest;
    const struct entry *entry = &arrived->entry;
    if (entry_unpack(arrived->packed, &arrived->entry, &error) != RESULT_OK) {
        return refuse_with(refused, REFUSAL_MALFORMED, index, RESULT_INVALID, "entry %llu: %s",
                           (unsigned long long)index, error.message);
    }
    if (!text_equal(entry->origin, arrival->origin) || entry->index != index) {
        return refuse_with(refused, REFUSAL_MALFORMED, index, RESULT_UNTRUSTED,
                           "entry %llu of %.*s stands where entry %llu of %.*s belongs",
                           (unsigned long long)entry->index, TEXT_ARGS(entry->origin),
                           (unsigned long long)index, TEXT_ARGS(arrival->origin));
    }
    merkle_sha256(arrived->payload, &digest);
    if (entry->payload_size != arrived->payload.size ||
        memcmp(&digest, &entry->payload_hash, sizeof digest) != 0) {
        return refuse_with(refused, REFUSAL_ROOT, index, RESULT_UNTRUSTED,
                           "entry %llu: its payload is not the one that it names by digest",
                           (unsigned long long)index);
    }
    return RESULT_OK;
}

/* An entry that is held already must be the same; anything else is a fork. */
static enum result verify_known(const struct frame_item *item, uint64_t index, merkle_read *known,
                                void *store, struct refused *refused, struct error *error)
{
    struct merkle_hash leaf;
    struct merkle_hash held;
    merkle_leaf(item->entry, &leaf);
    enum result result = known(store, index, 0, &held, error);
    if (result == RESULT_OK && memcmp(&leaf, &held, sizeof leaf) != 0) {
        return refuse_with(refused, REFUSAL_FORK, index, RESULT_UNTRUSTED,
                           "entry %llu was received before with other content",
                           (unsigned long long)index);
    }
    return result;
}

/* The signature of the sender, and that the root under it is that of the entries. */
static enum result verify_checkpoint(struct arrival *arrival, const struct frame_push *push,
                                     const struct card *sender, const struct merkle_tree *tree,
                                     struct refused *refused)
{
    struct merkle_hash root;
    struct checkpoint checkpoint;
    struct error error;
    uint64_t now_s = world_wall_ms(arrival->flow->world) / 1000;
    if (checkpoint_verify(push->checkpoint, sender, now_s, &checkpoint, &error) != RESULT_OK) {
        return refuse_with(refused, REFUSAL_SIGNATURE, push->first, RESULT_UNTRUSTED,
                           "checkpoint: %s", error.message);
    }
    if (!text_equal(checkpoint.origin, arrival->origin) || checkpoint.size != tree->size) {
        return refuse_with(refused, REFUSAL_ROOT, push->first, RESULT_UNTRUSTED,
                           "the checkpoint is of %.*s at size %llu, the entries end at %llu of "
                           "%.*s",
                           TEXT_ARGS(checkpoint.origin), (unsigned long long)checkpoint.size,
                           (unsigned long long)tree->size, TEXT_ARGS(arrival->origin));
    }
    merkle_root(tree, &root);
    if (memcmp(&root, &checkpoint.root, sizeof root) != 0) {
        return refuse_with(refused, REFUSAL_ROOT, push->first, RESULT_UNTRUSTED,
                           "the root of the entries up to %llu is not the one that was signed",
                           (unsigned long long)tree->size);
    }
    arrival->checkpoint_size = checkpoint.size;
    arrival->root = root;
    return RESULT_OK;
}

enum result arrival_add(struct arrival *arrival, const struct frame_item *item,
                        struct merkle_tree *tree, struct refused *refused, struct error *error)
{
    struct arrived *arrived = &arrival->entries[arrival->count];
    enum result result = copy_item(arrival, item, arrived, error);
    if (result == RESULT_OK) {
        result = verify_entry(arrival, arrived, tree->size, refused);
    }
    if (result == RESULT_OK) {
        merkle_leaf(arrived->packed, &arrived->leaf);
        merkle_append(tree, &arrived->leaf, NULL);
        arrival->count++;
    }
    return result;
}

static enum result verify_items(struct arrival *arrival, const struct frame_push *push,
                                merkle_read *known, void *store, struct merkle_tree *tree,
                                struct refused *refused, struct error *error)
{
    enum result result = RESULT_OK;
    for (size_t i = 0; i < push->count && result == RESULT_OK; i++) {
        uint64_t index = push->first + i;
        if (index < arrival->size_before) {
            result = verify_known(&push->items[i], index, known, store, refused, error);
        } else {
            result = arrival_add(arrival, &push->items[i], tree, refused, error);
        }
    }
    return result;
}

enum result arrival_verify(struct arrival *arrival, const struct frame_push *push,
                           const struct card *sender, merkle_read *known, void *store,
                           struct merkle_tree *tree, struct refused *refused, struct error *error)
{
    struct merkle_tree after = *tree;
    const struct flow *flow = arrival->flow;
    uint64_t start = world_steady_ns(flow->world);
    arrival->size_before = tree->size;
    if (push->first > tree->size) {
        return refuse_with(refused, REFUSAL_ORDER, tree->size, RESULT_INVALID,
                           "the push begins at entry %llu and %llu are held; go on from there",
                           (unsigned long long)push->first, (unsigned long long)tree->size);
    }
    arrival->entries = arena_zero(&arrival->arena, (push->count + 1) * sizeof *arrival->entries);
    uint8_t *note = arena_alloc(&arrival->arena, push->checkpoint.size + 1);
    if (arrival->entries == NULL || note == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for a push of %zu entries",
                         push->count);
    }
    if (push->checkpoint.size > 0) {
        memcpy(note, push->checkpoint.data, push->checkpoint.size);
    }
    arrival->checkpoint_note = (struct bytes){note, push->checkpoint.size};
    enum result result = verify_items(arrival, push, known, store, &after, refused, error);
    if (result == RESULT_OK) {
        result = verify_checkpoint(arrival, push, sender, &after, refused);
    }
    uint64_t verified = world_steady_ns(flow->world);
    metrics_add(flow->metrics, METRIC_STEP_VERIFY, verified - start);
    if (result == RESULT_OK) {
        result = arrival_judge(arrival, error);
        metrics_add(flow->metrics, METRIC_STEP_UNPACK, world_steady_ns(flow->world) - verified);
    }
    if (result == RESULT_OK) {
        *tree = after;
    }
    return result;
}
