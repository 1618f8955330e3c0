/* The table of functions that makes a store: what store.h promises, once per kind of store. A store
 * begins with struct store, a reader with struct store_reader. Private to node/store. */
#ifndef COMESH_NODE_STORE_STORE_FUNCTIONS_H
#define COMESH_NODE_STORE_STORE_FUNCTIONS_H

#include "node/store/store.h"

struct store_functions {
    void (*close)(struct store *store);
    enum result (*begin)(struct store *store, struct error *error);
    enum result (*write)(struct store *store, struct error *error);
    enum store_speech (*speech)(const struct store *store);
    enum result (*commit)(struct store *store, struct error *error);
    void (*settle)(struct store *store);
    bool (*is_awaited)(struct store *store);
    void (*on_wait)(struct store *store, void (*call)(void *self), void *self);
    void (*rollback)(struct store *store);
    enum result (*room)(struct store *store, struct error *error);
    void (*idle)(struct store *store);
    uint64_t (*size)(struct store *store, uint32_t channel);
    uint64_t (*written)(struct store *store, uint32_t channel);
    uint64_t (*receipted)(struct store *store, uint32_t channel);

    enum result (*channel_open)(struct store *store, struct text origin, struct text partner,
                                enum store_direction direction,
                                const struct store_channel **channel, struct error *error);
    const struct store_channel *(*channel)(const struct store *store, uint32_t number);
    enum result (*find_message)(struct store *store, const struct message_id *id,
                                struct store_position *position, struct error *error);
    enum result (*find_certificate)(struct store *store, struct text exporter,
                                    struct text number_key, struct store_certificate *certificate,
                                    struct error *error);
    enum result (*find_said)(struct store *store, struct text exporter, struct text number_key,
                             size_t max, store_each_said *each, void *self, struct error *error);
    enum result (*find_entry)(struct store *store, uint32_t channel, uint64_t index,
                              struct bytes *entry, struct bytes *payload, struct error *error);
    enum result (*append_entry)(struct store *store, const struct store_entry *entry,
                                struct error *error);
    enum result (*append_receipt)(struct store *store, uint32_t channel, uint64_t size,
                                  uint64_t time_s, struct bytes note, struct error *error);
    enum result (*append_taken)(struct store *store, uint32_t channel, uint64_t taken,
                                uint64_t time_ms, struct error *error);
    enum result (*append_hold)(struct store *store, uint32_t channel, struct text reason,
                               struct bytes proof, struct bytes other_proof, uint64_t time_ms,
                               struct error *error);
    enum result (*append_release)(struct store *store, uint32_t channel, uint64_t time_ms,
                                  struct error *error);

    enum result (*reader_open)(struct store *store, struct store_reader **reader,
                               struct error *error);
    void (*reader_close)(struct store_reader *reader);
    enum result (*read_channels)(struct store_reader *reader, struct arena *arena,
                                 const struct store_channel **channels, size_t *count,
                                 struct error *error);
    enum result (*read_entries)(struct store_reader *reader, uint32_t channel, uint64_t first,
                                size_t max_count, size_t max_bytes, struct arena *arena,
                                struct store_item **items, size_t *count, struct error *error);
    enum result (*read_ahead)(struct store_reader *reader, uint32_t channel, uint64_t first,
                              size_t max_count, size_t max_bytes, struct arena *arena,
                              struct store_item **items, size_t *count, struct error *error);
    enum result (*read_hash)(struct store_reader *reader, uint32_t channel, uint64_t index,
                             unsigned level, struct merkle_hash *hash, struct error *error);
    enum result (*read_message)(struct store_reader *reader, const struct message_id *id,
                                struct arena *arena, struct store_message *message,
                                struct error *error);
    enum result (*read_certificate)(struct store_reader *reader, struct text exporter,
                                    struct text number_key, struct arena *arena,
                                    struct store_message **messages, size_t *count,
                                    struct error *error);
    enum result (*read_messages)(struct store_reader *reader, uint32_t channel, uint64_t first,
                                 size_t max, struct arena *arena, struct store_message **messages,
                                 size_t *count, struct error *error);
    enum result (*read_receipt)(struct store_reader *reader, uint32_t channel, uint64_t index,
                                struct arena *arena, struct store_receipt *receipt,
                                struct error *error);
    enum result (*read_remarks)(struct store_reader *reader, uint32_t channel, uint64_t index,
                                struct arena *arena, struct verdict_remark **remarks, size_t *count,
                                struct error *error);
};

struct store {
    const struct store_functions *functions;
};

struct store_reader {
    const struct store_functions *functions;
};

#endif
