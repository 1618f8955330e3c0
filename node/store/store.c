/* The store's functions, passed on to the kind of store that is open. See store.h; opening is in
 * embedded.c, as long as there is one kind. */
#include "node/store/store_functions.h"

void store_close(struct store **store)
{
    struct store *old = *store;
    *store = NULL;
    if (old != NULL) {
        old->functions->close(old);
    }
}

enum result store_begin(struct store *store, struct error *error)
{
    return store->functions->begin(store, error);
}

enum result store_write(struct store *store, struct error *error)
{
    return store->functions->write(store, error);
}

enum store_speech store_speech(const struct store *store)
{
    return store->functions->speech(store);
}

enum result store_commit(struct store *store, struct error *error)
{
    return store->functions->commit(store, error);
}

bool store_is_awaited(struct store *store)
{
    return store->functions->is_awaited(store);
}

void store_on_wait(struct store *store, void (*call)(void *self), void *self)
{
    store->functions->on_wait(store, call, self);
}

void store_settle(struct store *store)
{
    store->functions->settle(store);
}

void store_rollback(struct store *store)
{
    store->functions->rollback(store);
}

uint64_t store_size(struct store *store, uint32_t channel)
{
    return store->functions->size(store, channel);
}

uint64_t store_written(struct store *store, uint32_t channel)
{
    return store->functions->written(store, channel);
}

uint64_t store_receipted(struct store *store, uint32_t channel)
{
    return store->functions->receipted(store, channel);
}

enum result store_room(struct store *store, struct error *error)
{
    return store->functions->room(store, error);
}

void store_idle(struct store *store)
{
    store->functions->idle(store);
}

enum result store_channel_open(struct store *store, struct text origin, struct text partner,
                               enum store_direction direction, const struct store_channel **channel,
                               struct error *error)
{
    return store->functions->channel_open(store, origin, partner, direction, channel, error);
}

const struct store_channel *store_channel(const struct store *store, uint32_t number)
{
    return store->functions->channel(store, number);
}

enum result store_find_message(struct store *store, const struct message_id *id,
                               struct store_position *position, struct error *error)
{
    return store->functions->find_message(store, id, position, error);
}

enum result store_find_certificate(struct store *store, struct text exporter,
                                   struct text number_key, struct store_certificate *certificate,
                                   struct error *error)
{
    return store->functions->find_certificate(store, exporter, number_key, certificate, error);
}

enum result store_find_said(struct store *store, struct text exporter, struct text number_key,
                            size_t max, store_each_said *each, void *self, struct error *error)
{
    return store->functions->find_said(store, exporter, number_key, max, each, self, error);
}

enum result store_find_entry(struct store *store, uint32_t channel, uint64_t index,
                             struct bytes *entry, struct bytes *payload, struct error *error)
{
    return store->functions->find_entry(store, channel, index, entry, payload, error);
}

enum result store_append_entry(struct store *store, const struct store_entry *entry,
                               struct error *error)
{
    return store->functions->append_entry(store, entry, error);
}

enum result store_append_receipt(struct store *store, uint32_t channel, uint64_t size,
                                 uint64_t time_s, struct bytes note, struct error *error)
{
    return store->functions->append_receipt(store, channel, size, time_s, note, error);
}

enum result store_append_taken(struct store *store, uint32_t channel, uint64_t taken,
                               uint64_t time_ms, struct error *error)
{
    return store->functions->append_taken(store, channel, taken, time_ms, error);
}

enum result store_append_hold(struct store *store, uint32_t channel, struct text reason,
                              struct bytes proof, struct bytes other_proof, uint64_t time_ms,
                              struct error *error)
{
    return store->functions->append_hold(store, channel, reason, proof, other_proof, time_ms,
                                         error);
}

enum result store_append_release(struct store *store, uint32_t channel, uint64_t time_ms,
                                 struct error *error)
{
    return store->functions->append_release(store, channel, time_ms, error);
}

enum result store_reader_open(struct store *store, struct store_reader **reader,
                              struct error *error)
{
    return store->functions->reader_open(store, reader, error);
}

void store_reader_close(struct store_reader **reader)
{
    struct store_reader *old = *reader;
    *reader = NULL;
    if (old != NULL) {
        old->functions->reader_close(old);
    }
}

enum result store_read_channels(struct store_reader *reader, struct arena *arena,
                                const struct store_channel **channels, size_t *count,
                                struct error *error)
{
    return reader->functions->read_channels(reader, arena, channels, count, error);
}

enum result store_read_entries(struct store_reader *reader, uint32_t channel, uint64_t first,
                               size_t max_count, size_t max_bytes, struct arena *arena,
                               struct store_item **items, size_t *count, struct error *error)
{
    return reader->functions->read_entries(reader, channel, first, max_count, max_bytes, arena,
                                           items, count, error);
}

enum result store_read_ahead(struct store_reader *reader, uint32_t channel, uint64_t first,
                             size_t max_count, size_t max_bytes, struct arena *arena,
                             struct store_item **items, size_t *count, struct error *error)
{
    return reader->functions->read_ahead(reader, channel, first, max_count, max_bytes, arena, items,
                                         count, error);
}

enum result store_read_hash(void *cursor, uint64_t index, unsigned level, struct merkle_hash *hash,
                            struct error *error)
{
    const struct store_hashes *hashes = cursor;
    return hashes->reader->functions->read_hash(hashes->reader, hashes->channel, index, level, hash,
                                                error);
}

enum result store_read_message(struct store_reader *reader, const struct message_id *id,
                               struct arena *arena, struct store_message *message,
                               struct error *error)
{
    return reader->functions->read_message(reader, id, arena, message, error);
}

enum result store_read_certificate(struct store_reader *reader, struct text exporter,
                                   struct text number_key, struct arena *arena,
                                   struct store_message **messages, size_t *count,
                                   struct error *error)
{
    return reader->functions->read_certificate(reader, exporter, number_key, arena, messages, count,
                                               error);
}

enum result store_read_messages(struct store_reader *reader, uint32_t channel, uint64_t first,
                                size_t max, struct arena *arena, struct store_message **messages,
                                size_t *count, struct error *error)
{
    return reader->functions->read_messages(reader, channel, first, max, arena, messages, count,
                                            error);
}

enum result store_read_receipt(struct store_reader *reader, uint32_t channel, uint64_t index,
                               struct arena *arena, struct store_receipt *receipt,
                               struct error *error)
{
    return reader->functions->read_receipt(reader, channel, index, arena, receipt, error);
}

enum result store_read_remarks(struct store_reader *reader, uint32_t channel, uint64_t index,
                               struct arena *arena, struct verdict_remark **remarks, size_t *count,
                               struct error *error)
{
    return reader->functions->read_remarks(reader, channel, index, arena, remarks, count, error);
}
