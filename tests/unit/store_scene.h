/* A store with real documents in it, seen from KR, which sends to ID and receives from it; and all
 * that can be read of a store as one text, so that two states can be compared. */
#ifndef COMESH_TESTS_STORE_SCENE_H
#define COMESH_TESTS_STORE_SCENE_H

#include "node/core/log.h"
#include "node/store/store.h"
#include "proto/json.h"
#include "proto/pack.h"
#include "tests/unit/store_fixture.h"

#include <inttypes.h>

#define ORIGIN_OUT "test.coconnect.customs.go.kr/ID/1"
#define ORIGIN_IN  "test.coconnect.beacukai.go.id/KR/1"

static struct store *store;
static struct metrics metrics;
static struct flaky flaky;
static struct store_options options;
static uint32_t outgoing; /* the scene's channels */
static uint32_t incoming;
static uint64_t clock_ms;

static inline uint64_t scene_wall_ms(void *self)
{
    (void)self;
    return clock_ms;
}

static inline uint64_t scene_steady_ns(void *self)
{
    (void)self;
    return clock_ms * 1000000;
}

static inline void scene_random(void *self, void *out, size_t size)
{
    (void)self;
    world_random(world_real(), out, size);
}

static const struct world scene_world = {scene_wall_ms, scene_steady_ns, scene_random, NULL};

static inline void scene_start(void)
{
    log_set_level(LOG_LEVEL_ERROR + 1);
    folder_make();
    flaky_init(&flaky);
    clock_ms = 1700000000000;
    options = (struct store_options){.path = folder,
                                     .segment_bytes = 64 << 10,
                                     .minimum_free_bytes = 1 << 20,
                                     .world = &scene_world,
                                     .metrics = &metrics,
                                     .disk = &flaky.disk};
}

static inline void scene_end(void)
{
    store_close(&store);
    folder_remove();
}

static inline void scene_reopen(void)
{
    store_close(&store);
    assert_ok(store_open(&options, &store, &error));
}

static inline void begin(void)
{
    assert_ok(store_begin(store, &error));
}

static inline void commit(void)
{
    assert_ok(store_commit(store, &error));
    store_settle(store);
}

/* ---- entries ---- */

/* Replaces the first `from` in `text`, both of one length. */
static inline void replace(uint8_t *text, size_t size, const char *from, const char *to)
{
    uint8_t *at = memmem(text, size, from, strlen(from));
    ck_assert_ptr_nonnull(at);
    memcpy(at, to, strlen(to));
}

/* An entry's parts, alive as long as the test's arena. */
struct scene_entry {
    struct entry entry;
    struct message message;
    struct verdict verdict;
    struct buffer payload;
};

/* A sample document as a message; `number` sets another certificate, `variant` another id. */
static inline void scene_document(struct scene_entry *made, const char *sample,
                                  enum operation operation, unsigned number, unsigned variant)
{
    char path[128];
    char text[64];
    size_t size;
    struct record *record = NULL;
    struct findings findings = {.arena = &arena};
    (void)snprintf(path, sizeof path, "tests/samples/%s.json", sample);
    uint8_t *json = file_read(path, &size);
    uint8_t *kept = arena_alloc(&arena, size);
    memcpy(kept, json, size);
    free(json);
    if (number != 0) {
        (void)snprintf(text, sizeof text, "KR-020-26-%07u", number);
        replace(kept, size, "KR-020-26-0001742", text);
    }
    assert_ok(json_read(bytes_of(kept, size), operation, &arena, &findings, &record, &error));
    assert_ok(pack_write(record, &made->payload, &error));
    assert_ok(message_from_record(record, &made->message, &findings, &error));
    made->message.id.bytes[0] = (uint8_t)(made->message.id.bytes[0] + variant);
    made->message.id.bytes[1] = (uint8_t)(made->message.id.bytes[1] + (variant >> 8));
    made->entry.id = made->message.id;
    made->entry.has_reply_to = made->message.has_reply_to;
    made->entry.reply_to = made->message.reply_to;
    made->entry.agreement = made->message.agreement;
    made->entry.menu_version = made->message.menu_version;
    made->entry.operation = operation;
}

static inline enum result try_append(uint32_t channel, struct scene_entry *made)
{
    struct buffer packed = {0};
    const struct store_channel *to = store_channel(store, channel);
    bool is_verdict = made->entry.operation == OPERATION_VERDICT;
    made->entry.origin = text_of(to->origin);
    made->entry.index = to->size;
    made->entry.time_ms = ++clock_ms;
    made->entry.payload_size = (uint32_t)made->payload.size;
    merkle_sha256(buffer_bytes(&made->payload), &made->entry.payload_hash);
    entry_pack(&made->entry, &packed);
    struct store_entry entry = {
        .channel = channel,
        .entry = &made->entry,
        .entry_packed = buffer_bytes(&packed),
        .payload = buffer_bytes(&made->payload),
        .message = is_verdict || made->message.operation == OPERATION_NONE ? NULL : &made->message,
        .verdict = is_verdict ? &made->verdict : NULL,
        .time_ms = ++clock_ms,
    };
    merkle_leaf(entry.entry_packed, &entry.leaf);
    enum result result = store_append_entry(store, &entry, &error);
    buffer_free(&packed);
    return result;
}

static inline void append_document(uint32_t channel, const char *sample, enum operation operation,
                                   unsigned number, unsigned variant)
{
    struct scene_entry made = {0};
    scene_document(&made, sample, operation, number, variant);
    assert_ok(try_append(channel, &made));
    buffer_free(&made.payload);
}

static inline void append_verdict(uint32_t channel, const struct verdict *verdict)
{
    struct scene_entry made = {.verdict = *verdict, .entry.operation = OPERATION_VERDICT};
    world_random(world_real(), made.entry.id.bytes, sizeof made.entry.id.bytes);
    verdict_pack(verdict, &made.payload);
    assert_ok(try_append(channel, &made));
    buffer_free(&made.payload);
}

static inline void append_co(unsigned number)
{
    append_document(outgoing, "kr-id-co", OPERATION_CO, number, number);
}

/* ---- scenes ---- */

static inline void open_channels(void)
{
    const struct store_channel *channel = NULL;
    assert_ok(
        store_channel_open(store, TEXT(ORIGIN_OUT), TEXT("ID"), STORE_OUTGOING, &channel, &error));
    outgoing = channel->number;
    assert_ok(
        store_channel_open(store, TEXT(ORIGIN_IN), TEXT("ID"), STORE_INCOMING, &channel, &error));
    incoming = channel->number;
}

static inline void scene_issue(void)
{
    begin();
    open_channels();
    append_document(outgoing, "kr-id-co", OPERATION_CO, 0, 0);
    commit();
}

static inline void scene_amend(void)
{
    begin();
    append_document(outgoing, "kr-id-amendment", OPERATION_AMENDMENT, 0, 0);
    assert_ok(store_append_receipt(store, outgoing, 1, 1700000001,
                                   text_bytes(TEXT("note of size 1")), &error));
    commit();
}

static inline void scene_answers(void)
{
    const struct verdict_remark remarks[] = {
        {1, VERDICT_ACCEPTED_WITH_WARNINGS, TEXT("not-used"), TEXT("Seller"), TEXT("/LPCO/Seller"),
         TEXT("is not used here")},
        {1, VERDICT_REFUSED, TEXT("missing"), TEXT("ID"), TEXT("/LPCO/ID"), TEXT("is missing")},
    };
    const struct verdict verdict = {.first = 0,
                                    .count = 2,
                                    .has_taken = true,
                                    .taken = 1,
                                    .remarks = remarks,
                                    .remark_count = 2};
    begin();
    append_document(incoming, "id-kr-cancelation-status", OPERATION_CANCELATION_STATUS, 0, 0);
    append_document(incoming, "id-kr-feedback", OPERATION_FEEDBACK, 0, 0);
    append_verdict(incoming, &verdict);
    assert_ok(store_append_receipt(store, incoming, 3, 1700000003,
                                   text_bytes(TEXT("note of size 3")), &error));
    commit();
}

static inline void scene_hold(void)
{
    const struct verdict verdict = {.first = 0, .count = 3};
    begin();
    append_verdict(outgoing, &verdict);
    assert_ok(store_append_taken(store, incoming, 2, ++clock_ms, &error));
    assert_ok(store_append_hold(store, outgoing, TEXT("a fork was seen"),
                                text_bytes(TEXT("one note")), text_bytes(TEXT("other note")),
                                ++clock_ms, &error));
    commit();
}

static inline void scene_all(void)
{
    scene_issue();
    scene_amend();
    scene_answers();
    scene_hold();
}

/* ---- all that can be read ---- */

static inline void tell_hash(const char *name, const struct merkle_hash *hash, struct buffer *out)
{
    char hex[2 * MERKLE_HASH_BYTES + 1];
    hex_encode(bytes_of(hash->bytes, sizeof hash->bytes), hex);
    buffer_printf(out, " %s=%s", name, hex);
}

static inline void tell_message(const struct store_message *message, struct buffer *out)
{
    char id[UUID_TEXT_BYTES];
    char reply_to[UUID_TEXT_BYTES];
    message_id_format(&message->id, id);
    message_id_format(&message->reply_to, reply_to);
    buffer_printf(out, "%u/%" PRIu64 " %d %.*s %.*s %s %s %s", message->channel, message->index,
                  message->direction, TEXT_ARGS(message->partner), TEXT_ARGS(message->origin),
                  operation_name(message->operation), id, message->has_reply_to ? reply_to : "-");
    buffer_printf(out, " %.*s/%u %.*s '%.*s' %" PRIu64, TEXT_ARGS(message->agreement),
                  message->menu_version, TEXT_ARGS(message->exporter), TEXT_ARGS(message->number),
                  message->payload_size);
    buffer_printf(out, " q=%" PRIu64 " a=%" PRIu64 " s=%" PRIu64 " j=%" PRIu64 " d=%" PRIu64,
                  message->queued_ms, message->arrived_ms, message->stored_s, message->judged_ms,
                  message->delivered_ms);
    buffer_printf(out, " r=%" PRIu64 " %s '%.*s' held=%d\n", message->answered_ms,
                  verdict_outcome_text(message->outcome), TEXT_ARGS(message->remark),
                  message->held);
}

static inline void tell_channel(struct store_reader *reader, const struct store_channel *channel,
                                struct buffer *out)
{
    struct store_message *messages = NULL;
    struct store_item *items = NULL;
    struct store_receipt receipt;
    struct merkle_hash root;
    size_t count = 0;
    merkle_root(&channel->tree, &root);
    buffer_printf(out, "%u %d %s %s size=%" PRIu64, channel->number, channel->direction,
                  channel->origin, channel->partner, channel->size);
    tell_hash("root", &root, out);
    buffer_printf(out, " receipt=%" PRIu64 "@%" PRIu64 " judged=%" PRIu64 " taken=%" PRIu64,
                  channel->receipt_size, channel->receipt_time_s, channel->judged, channel->taken);
    buffer_printf(out, " held=%d '%s'\n", channel->held, channel->held_reason);
    assert_ok(
        store_read_messages(reader, channel->number, 0, 10000, &arena, &messages, &count, &error));
    for (size_t i = 0; i < count; i++) {
        tell_message(&messages[i], out);
    }
    assert_ok(store_read_entries(reader, channel->number, 0, 10000, SIZE_MAX / 2, &arena, &items,
                                 &count, &error));
    ck_assert_uint_eq(count, channel->size);
    for (size_t i = 0; i < count; i++) {
        struct merkle_hash leaf;
        merkle_leaf(items[i].entry, &leaf);
        ck_assert_mem_eq(&leaf, &items[i].leaf, sizeof leaf);
        merkle_sha256(items[i].payload, &leaf);
        tell_hash("payload", &leaf, out);
    }
    if (store_read_receipt(reader, channel->number, UINT64_MAX, &arena, &receipt, &error) ==
        RESULT_OK) {
        buffer_printf(out, " %.*s", TEXT_ARGS(bytes_text(receipt.note)));
    }
    buffer_text(out, "\n");
}

/* Everything, as a reader sees it. In the test's arena. */
static inline const char *tell_store(void)
{
    struct store_reader *reader = NULL;
    const struct store_channel *channels = NULL;
    struct store_message *messages = NULL;
    struct buffer out = {0};
    size_t count = 0;
    assert_ok(store_reader_open(store, &reader, &error));
    assert_ok(store_read_channels(reader, &arena, &channels, &count, &error));
    for (size_t i = 0; i < count; i++) {
        const struct store_channel *live = store_channel(store, channels[i].number);
        ck_assert_uint_eq(live->size, channels[i].size);
        ck_assert_uint_eq(live->judged, channels[i].judged);
        ck_assert_uint_eq(live->receipt_size, channels[i].receipt_size);
        tell_channel(reader, &channels[i], &out);
    }
    struct text key = number_key(TEXT("KR-020-26-0001742"), &arena);
    if (store_read_certificate(reader, TEXT("KR"), key, &arena, &messages, &count, &error) ==
        RESULT_OK) {
        for (size_t i = 0; i < count; i++) {
            tell_message(&messages[i], &out);
        }
    }
    store_reader_close(&reader);
    const char *told = arena_text(&arena, buffer_view(&out)).data;
    buffer_free(&out);
    return told;
}

#endif
