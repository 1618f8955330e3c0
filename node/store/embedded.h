/* The embedded store: the journal with SQLite views, and the channels in memory. Private to
 * embedded*.c and verify.c. */
#ifndef COMESH_NODE_STORE_EMBEDDED_H
#define COMESH_NODE_STORE_EMBEDDED_H

#include "node/store/front.h"
#include "node/store/store_functions.h"

#define EMBEDDED_PATH_BYTES 1152

/* A channel in memory, and as it was before the open batch. */
struct slot {
    struct store_channel now;
    struct store_channel before;
    bool touched; /* `before` is set */
    bool made;    /* in the open batch */
};

struct embedded {
    struct store store; /* first: it is what others hold */
    const struct disk *disk;
    const struct world *world;
    struct metrics *metrics;
    char path[EMBEDDED_PATH_BYTES];
    char views_path[EMBEDDED_PATH_BYTES + 16];
    uint64_t segment_bytes;
    uint64_t minimum_free_bytes;
    int lock_fd;

    /* Of the writer's thread. */
    struct journal *journal;
    struct journal_reader *reader;
    struct views *views;
    struct slot **slots; /* that of channel n is slots[n - 1] */
    size_t slot_count;
    size_t slot_capacity;
    struct arena arena;        /* for one record or question at a time */
    struct journal_place seen; /* during a replay: the end of the last commit visited */
    uint64_t replayed;         /* records visited since the views' last commit, during a replay */
    uint64_t records;          /* records visited by the last replay */
    bool open;                 /* a batch is */
    unsigned unsettled;        /* batches that count, and the views' commit is still to come */
    enum store_speech speech;  /* of it: what outgoing channels got */
    bool failed;               /* an append of it has failed: it cannot be committed */
    struct error failure;      /* why */
    bool behind; /* the views could not take what the journal holds: caught up at begin, or idle */
    uint64_t again_ns; /* steady: not before it, when idle */

    /* Any thread. */
    struct front front;
    _Atomic uint64_t generation; /* of the views' file: readers open it again when it changes */
    _Atomic uint64_t room_checked_ns; /* when room_free was asked of the system; 0 is never */
    _Atomic uint64_t room_free;
};

static inline struct embedded *embedded_of(struct store *store)
{
    return (struct embedded *)store;
}

/* ---- embedded_apply.c: what records do to the channels in memory and to the views ---- */

/* An entry with what was read out of it, and the record that holds it. */
struct applied {
    const struct journal_record *record;
    uint32_t channel;
    uint64_t time_ms;
    const struct entry *entry;
    const struct merkle_hash *leaf;
    const struct message *message;
    const struct verdict *verdict;
    uint64_t card_serial;
};

struct slot *embedded_slot(const struct embedded *embedded, uint32_t channel);

/* The slot, its state kept for a rollback; RESULT_INTERNAL for an unknown number. */
enum result embedded_touch(struct embedded *embedded, uint32_t channel, struct slot **slot,
                           struct error *error) RESULT_CHECKED;
enum result embedded_add_slot(struct embedded *embedded, const struct store_channel *channel,
                              bool made, struct error *error) RESULT_CHECKED;
void embedded_drop_slots(struct embedded *embedded);

enum result apply_channel(struct embedded *embedded, const struct body_channel *body,
                          struct error *error) RESULT_CHECKED;
enum result apply_entry(struct embedded *embedded, const struct applied *applied,
                        struct error *error) RESULT_CHECKED;
enum result apply_receipt(struct embedded *embedded, const struct body_receipt *body,
                          const struct journal_record *record, struct error *error) RESULT_CHECKED;
enum result apply_taken(struct embedded *embedded, const struct body_taken *body,
                        struct error *error) RESULT_CHECKED;
enum result apply_hold(struct embedded *embedded, const struct body_hold *body,
                       struct error *error) RESULT_CHECKED;
enum result apply_release(struct embedded *embedded, const struct body_release *body,
                          struct error *error) RESULT_CHECKED;

/* ---- embedded_replay.c: views and channels brought up to the journal ---- */

/* Loads the channels from the views and applies what the journal holds behind them. Views that are
 * damaged, of another journal, or not wanted (`again`) are thrown away and made again. */
enum result embedded_catch_up(struct embedded *embedded, bool again,
                              struct error *error) RESULT_CHECKED;

/* ---- embedded_batch.c ---- */

enum result embedded_begin(struct store *store, struct error *error);
enum result embedded_write(struct store *store, struct error *error);
enum store_speech embedded_speech(const struct store *store);
enum result embedded_commit(struct store *store, struct error *error);
void embedded_settle(struct store *store);

/* Views that are behind catch up, with nothing else to do. */
void embedded_try_again(struct embedded *embedded);
void embedded_rollback(struct store *store);
uint64_t embedded_size(struct store *store, uint32_t channel);
uint64_t embedded_written(struct store *store, uint32_t channel);
uint64_t embedded_receipted(struct store *store, uint32_t channel);

/* Says that the views have lost the open batch (views_begun): it fails, and what it would still
 * write to them would count by itself. */
enum result embedded_lost(struct error *error) RESULT_CHECKED;

/* Shows every channel as it is now to those who read. */
void embedded_show_channels(struct embedded *embedded);

/* ---- embedded_append.c ---- */

enum result embedded_channel_open(struct store *store, struct text origin, struct text partner,
                                  enum store_direction direction,
                                  const struct store_channel **channel, struct error *error);
const struct store_channel *embedded_channel(const struct store *store, uint32_t number);
enum result embedded_find_message(struct store *store, const struct message_id *id,
                                  struct store_position *position, struct error *error);
enum result embedded_find_certificate(struct store *store, struct text exporter,
                                      struct text number_key, struct store_certificate *certificate,
                                      struct error *error);
enum result embedded_find_said(struct store *store, struct text exporter, struct text number_key,
                               size_t max, store_each_said *each, void *self, struct error *error);
enum result embedded_find_entry(struct store *store, uint32_t channel, uint64_t index,
                                struct bytes *entry, struct bytes *payload, struct error *error);
enum result embedded_append_entry(struct store *store, const struct store_entry *entry,
                                  struct error *error);
enum result embedded_append_receipt(struct store *store, uint32_t channel, uint64_t size,
                                    uint64_t time_s, struct bytes note, struct error *error);
enum result embedded_append_taken(struct store *store, uint32_t channel, uint64_t taken,
                                  uint64_t time_ms, struct error *error);
enum result embedded_append_hold(struct store *store, uint32_t channel, struct text reason,
                                 struct bytes proof, struct bytes other_proof, uint64_t time_ms,
                                 struct error *error);
enum result embedded_append_release(struct store *store, uint32_t channel, uint64_t time_ms,
                                    struct error *error);

/* ---- embedded_read.c ---- */

struct embedded_reader {
    struct store_reader reader; /* first: it is what others hold */
    struct embedded *embedded;
    struct views *views;
    uint64_t generation; /* of the views' file that is open */
    struct journal_reader *journal;
};

/* The reader's connection, opened again when the views were made again. What is committed is in
 * the views when this returns. */
enum result embedded_reader_views(struct store_reader *reader, struct views **views,
                                  struct error *error) RESULT_CHECKED;

enum result embedded_reader_open(struct store *store, struct store_reader **reader,
                                 struct error *error);
void embedded_reader_close(struct store_reader *reader);
enum result embedded_read_channels(struct store_reader *reader, struct arena *arena,
                                   const struct store_channel **channels, size_t *count,
                                   struct error *error);
enum result embedded_read_hash(struct store_reader *reader, uint32_t channel, uint64_t index,
                               unsigned level, struct merkle_hash *hash, struct error *error);
enum result embedded_read_message(struct store_reader *reader, const struct message_id *id,
                                  struct arena *arena, struct store_message *message,
                                  struct error *error);
enum result embedded_read_certificate(struct store_reader *reader, struct text exporter,
                                      struct text number_key, struct arena *arena,
                                      struct store_message **messages, size_t *count,
                                      struct error *error);
enum result embedded_read_messages(struct store_reader *reader, uint32_t channel, uint64_t first,
                                   size_t max, struct arena *arena, struct store_message **messages,
                                   size_t *count, struct error *error);
enum result embedded_read_receipt(struct store_reader *reader, uint32_t channel, uint64_t index,
                                  struct arena *arena, struct store_receipt *receipt,
                                  struct error *error);
enum result embedded_read_remarks(struct store_reader *reader, uint32_t channel, uint64_t index,
                                  struct arena *arena, struct verdict_remark **remarks,
                                  size_t *count, struct error *error);

/* ---- embedded_entries.c ---- */

enum result embedded_read_entries(struct store_reader *reader, uint32_t channel, uint64_t first,
                                  size_t max_count, size_t max_bytes, struct arena *arena,
                                  struct store_item **items, size_t *count, struct error *error);
enum result embedded_read_ahead(struct store_reader *reader, uint32_t channel, uint64_t first,
                                size_t max_count, size_t max_bytes, struct arena *arena,
                                struct store_item **items, size_t *count, struct error *error);

#endif
