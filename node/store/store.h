/* What must not be lost. One table of functions; the embedded store behind it is a journal with
 * SQLite views, another may be PostgreSQL. Writing happens in batches in the writer task only;
 * reading through readers, one per thread. Nothing here decides: node/flow does.
 *
 * Positions: a channel's store number is small, given at first sight, and stable. All views can be
 * rebuilt from the journal; `journal position` is the byte offset in the whole journal and serves
 * as the cursor of events. */
#ifndef COMESH_NODE_STORE_STORE_H
#define COMESH_NODE_STORE_STORE_H

#include "node/core/metrics.h"
#include "node/core/world.h"
#include "proto/entry.h"
#include "proto/message.h"
#include "proto/verdict.h"

#define STORE_REASON_BYTES 512

struct disk;
struct store;
struct store_reader;

enum store_direction { STORE_OUTGOING, STORE_INCOMING };

/* A channel as the writer knows it, with what the open batch added. */
struct store_channel {
    uint32_t number;
    enum store_direction direction;
    char origin[ORIGIN_MAX_BYTES];
    char partner[4]; /* party code of the other side */
    uint64_t size;   /* entries */
    struct merkle_tree tree;
    uint64_t receipt_size;   /* entries covered by the last receipt (got or given) */
    uint64_t receipt_time_s; /* of that receipt, by the receiver's clock */
    uint64_t judged;         /* entries judged by a verdict */
    uint64_t taken;          /* entries the receiver's national system has taken */
    uint64_t carried;        /* entries up to the last one that carries a card of the sender; 0 */
    uint64_t carried_serial; /* of that card */
    bool held;
    char held_reason[STORE_REASON_BYTES];
};

/* One entry to append: packed bytes, and what the views need so that nothing is parsed again. */
struct store_entry {
    uint32_t channel;
    const struct entry *entry; /* index must be the channel's size */
    struct bytes entry_packed;
    struct bytes payload;
    struct merkle_hash leaf;
    const struct message *message; /* the document's common part; NULL for a verdict, and for a
                                      payload that could not be read */
    const struct verdict *verdict; /* for a verdict only */
    uint64_t card_serial;          /* for a card that could be read only */
    uint64_t time_ms;              /* of commit by our clock */
};

/* Where a message is, found by its id. */
struct store_position {
    uint32_t channel;
    uint64_t index;
    enum operation operation;
    struct merkle_hash payload_hash;
};

/* A certificate as the views know it: its issue, by exporter and canonical number. */
struct store_certificate {
    uint64_t number;  /* row */
    uint32_t channel; /* of the entry that issued it */
    uint64_t index;
};

/* ---- the embedded store ---- */

struct store_options {
    const char *path; /* the store's folder, made when missing */
    uint64_t segment_bytes;
    uint64_t minimum_free_bytes;
    const struct world *world;
    struct metrics *metrics;
    const struct disk *disk; /* of the journal; NULL is the real one */
};

/* Opens: takes the lock, cuts a torn tail, checks every record behind the views' position, brings
 * the views up to the journal, or rebuilds them when they are missing, damaged or of another
 * journal. RESULT_CORRUPT names segment and offset when a record before the tail is damaged. */
enum result store_open(const struct store_options *options, struct store **store,
                       struct error *error) RESULT_CHECKED;

/* Throws the views away and makes them again from the journal; gives the number of records. */
enum result store_rebuild(const struct store_options *options, uint64_t *records,
                          struct error *error) RESULT_CHECKED;

/* What a full pass over the journal found. */
struct store_summary {
    uint64_t records;
    uint64_t entries;
    uint64_t receipts;
    uint64_t channels;
    uint64_t commits;
    uint64_t revoked;  /* receipts that do not count, as the auditor tells: of revoked keys */
    uint64_t attested; /* receipts of partners without a node, as the auditor tells them apart */
};

/* Called for each receipt in the journal with the root that was computed from the entries below its
 * size, so that the caller can check the note's signatures. An error of its own is the first
 * damage. */
typedef enum result store_verify_receipt(void *self, const struct store_channel *channel,
                                         uint64_t size, uint64_t time_s,
                                         const struct merkle_hash *root, struct bytes note,
                                         struct error *error);

/* Reads the whole journal, recomputes every leaf and root, and compares with the views as far as
 * they have applied. Changes nothing; a running node may go on, and then the journal is read up to
 * what the views have applied, else to its end with the store locked. `receipt` may be NULL.
 * RESULT_CORRUPT names the first damage; the summary counts up to there. */
enum result store_verify(const struct store_options *options, store_verify_receipt *receipt,
                         void *self, struct store_summary *summary,
                         struct error *error) RESULT_CHECKED;

/* Closes what is open, commits nothing. */
void store_close(struct store **store);

/* The committed size of a channel, 0 for an unknown one. Any thread, cheap: for those who only want
 * to know whether there is something new. */
uint64_t store_size(struct store *store, uint32_t channel);

/* As store_size, with the batch that store_write has written: see store_read_ahead. */
uint64_t store_written(struct store *store, uint32_t channel);

/* As store_size, the entries that the last receipt covers. */
uint64_t store_receipted(struct store *store, uint32_t channel);

/* ---- writing: the writer task only, between begin and commit ---- */

enum result store_begin(struct store *store, struct error *error) RESULT_CHECKED;

/* Writes the batch to the journal, not synced; store_commit must follow. Either that commits these
 * very bytes, or it fails and the store takes nothing more until the next start: so what is made of
 * them in the meantime is good, and must wait for the commit to leave. */
enum result store_write(struct store *store, struct error *error) RESULT_CHECKED;

/* What the open batch has of ours that somebody will want to send. */
enum store_speech { STORE_SILENT, STORE_VERDICTS, STORE_DOCUMENTS };
enum store_speech store_speech(const struct store *store);

/* Journal write, unless that is done, and one fdatasync: from here on the batch counts. On failure
 * nothing of it counts: memory is as before begin. RESULT_FULL when there is no room. */
enum result store_commit(struct store *store, struct error *error) RESULT_CHECKED;

/* After store_commit: the views' commit, of all batches since the last one. Readers that ask the
 * views wait for it; store_begin does it for them, so that only a writer without work needs to. */
void store_settle(struct store *store);

/* Whether a reader waits for the views; `call` is called in its thread when it begins to, so that
 * whoever writes looks. NULL: nobody is called. */
bool store_is_awaited(struct store *store);
void store_on_wait(struct store *store, void (*call)(void *self), void *self);
void store_rollback(struct store *store);

/* RESULT_FULL with both figures when less than the minimum is free. Any thread, cheap. */
enum result store_room(struct store *store, struct error *error) RESULT_CHECKED;

/* Prepares for commits to come; for the writer when it has nothing else to do, between batches.
 * Takes about a millisecond. */
void store_idle(struct store *store);

/* The channel of that origin, made in the open batch when it is new. */
enum result store_channel_open(struct store *store, struct text origin, struct text partner,
                               enum store_direction direction, const struct store_channel **channel,
                               struct error *error) RESULT_CHECKED;

/* The current state of a channel, borrowed until the next append; NULL for an unknown number. */
const struct store_channel *store_channel(const struct store *store, uint32_t number);

/* RESULT_NOT_FOUND without a sentence when there is none. They see the open batch. */
enum result store_find_message(struct store *store, const struct message_id *id,
                               struct store_position *position, struct error *error) RESULT_CHECKED;
enum result store_find_certificate(struct store *store, struct text exporter,
                                   struct text number_key, struct store_certificate *certificate,
                                   struct error *error) RESULT_CHECKED;

/* Called for each message of a certificate, as it lies in the log; the bytes live until it returns.
 * An error of its own ends the reading. */
typedef enum result store_each_said(void *self, uint32_t channel, uint64_t index,
                                    struct bytes entry, struct bytes payload, struct error *error);

/* The messages of a certificate in order of arrival, with what the open batch added and without
 * those that a verdict refused. RESULT_TOO_LARGE, and none is read, when there are more than `max`.
 */
enum result store_find_said(struct store *store, struct text exporter, struct text number_key,
                            size_t max, store_each_said *each, void *self,
                            struct error *error) RESULT_CHECKED;

/* An entry that is held, with what the open batch added; its bytes live until the next question or
 * append. RESULT_NOT_FOUND. */
enum result store_find_entry(struct store *store, uint32_t channel, uint64_t index,
                             struct bytes *entry, struct bytes *payload,
                             struct error *error) RESULT_CHECKED;

/* Appends. An entry's effects on the views follow from its operation: a certificate, a message
 * about one, a verdict's remarks and taken position on the opposite channel; a certificate that a
 * verdict refuses leaves its number free. An entry whose id is
 * known already is appended to the log, and the first one stays the message's place. */
enum result store_append_entry(struct store *store, const struct store_entry *entry,
                               struct error *error) RESULT_CHECKED;

/* A receipt: the cosigned note that covers `size` entries. */
enum result store_append_receipt(struct store *store, uint32_t channel, uint64_t size,
                                 uint64_t time_s, struct bytes note,
                                 struct error *error) RESULT_CHECKED;

/* Our national system has taken all of an incoming channel below `taken`. */
enum result store_append_taken(struct store *store, uint32_t channel, uint64_t taken,
                               uint64_t time_ms, struct error *error) RESULT_CHECKED;

/* The channel is held, with the reason and up to two notes kept as proof; or goes on. */
enum result store_append_hold(struct store *store, uint32_t channel, struct text reason,
                              struct bytes proof, struct bytes other_proof, uint64_t time_ms,
                              struct error *error) RESULT_CHECKED;
enum result store_append_release(struct store *store, uint32_t channel, uint64_t time_ms,
                                 struct error *error) RESULT_CHECKED;

/* ---- reading: one reader per thread, sees what is committed ---- */

enum result store_reader_open(struct store *store, struct store_reader **reader,
                              struct error *error) RESULT_CHECKED;
void store_reader_close(struct store_reader **reader);

/* One message as the views know it, with its states. Texts and bytes live in the arena that was
 * given. */
struct store_message {
    uint32_t channel;
    uint64_t index;
    enum store_direction direction;
    struct text partner;
    struct text origin;
    enum operation operation;
    struct message_id id;
    bool has_reply_to;
    struct message_id reply_to;
    struct text agreement;
    uint32_t menu_version;
    struct text exporter; /* of the certificate it is or is about; empty for a verdict */
    struct text number;
    struct bytes entry; /* packed, as it lies in the log; with its payload */
    struct bytes payload;
    uint64_t payload_size;
    uint64_t queued_ms;    /* entry time: signed by the sender */
    uint64_t arrived_ms;   /* committed here */
    uint64_t stored_s;     /* receipt that covers it; 0 when there is none yet */
    uint64_t judged_ms;    /* verdict that covers it; 0 */
    uint64_t delivered_ms; /* taken by the receiver's national system; 0 */
    uint64_t answered_ms;  /* first cancelation status or feedback to it or its certificate; 0 */
    enum verdict_outcome outcome;
    struct text remark; /* first remark "code: detail", or empty */
    bool held;          /* its channel is held and it is not receipted */
};

/* All channels, ascending by number, as an array in `arena`. */
enum result store_read_channels(struct store_reader *reader, struct arena *arena,
                                const struct store_channel **channels, size_t *count,
                                struct error *error) RESULT_CHECKED;

/* A run of stored entries from `first`: at most `max_count` and about `max_bytes`; views of bytes
 * in `arena`. Fewer, even none, come back at the end of the channel. Checksums are verified:
 * RESULT_CORRUPT names the entry. */
struct store_item {
    uint64_t index;
    struct bytes entry;
    struct bytes payload;
    struct merkle_hash leaf;
};
enum result store_read_entries(struct store_reader *reader, uint32_t channel, uint64_t first,
                               size_t max_count, size_t max_bytes, struct arena *arena,
                               struct store_item **items, size_t *count,
                               struct error *error) RESULT_CHECKED;

/* As store_read_entries, with entries that are written and not committed, up to store_written. For
 * signing and packing while the disk syncs: nothing made of them may leave before store_size covers
 * them. */
enum result store_read_ahead(struct store_reader *reader, uint32_t channel, uint64_t first,
                             size_t max_count, size_t max_bytes, struct arena *arena,
                             struct store_item **items, size_t *count,
                             struct error *error) RESULT_CHECKED;

/* Hash `level` of leaf `index` of a channel, for merkle_* (see merkle_read). `cursor` is a
 * struct store_hashes. */
struct store_hashes {
    struct store_reader *reader;
    uint32_t channel;
};
enum result store_read_hash(void *cursor, uint64_t index, unsigned level, struct merkle_hash *hash,
                            struct error *error);

enum result store_read_message(struct store_reader *reader, const struct message_id *id,
                               struct arena *arena, struct store_message *message,
                               struct error *error) RESULT_CHECKED;

/* The messages of a certificate in order of arrival, found by exporter and canonical number key;
 * an empty exporter finds the number with any exporter. RESULT_NOT_FOUND without a sentence. */
enum result store_read_certificate(struct store_reader *reader, struct text exporter,
                                   struct text number_key, struct arena *arena,
                                   struct store_message **messages, size_t *count,
                                   struct error *error) RESULT_CHECKED;

/* Messages of a channel from `first`, at most `max`. */
enum result store_read_messages(struct store_reader *reader, uint32_t channel, uint64_t first,
                                size_t max, struct arena *arena, struct store_message **messages,
                                size_t *count, struct error *error) RESULT_CHECKED;

/* The receipt that first covered entry `index` (UINT64_MAX: the last one): its size, time, note.
 * RESULT_NOT_FOUND without a sentence. */
struct store_receipt {
    uint64_t size;
    uint64_t time_s;
    struct bytes note;
};
enum result store_read_receipt(struct store_reader *reader, uint32_t channel, uint64_t index,
                               struct arena *arena, struct store_receipt *receipt,
                               struct error *error) RESULT_CHECKED;

/* The remarks of verdicts on one entry, in order. */
enum result store_read_remarks(struct store_reader *reader, uint32_t channel, uint64_t index,
                               struct arena *arena, struct verdict_remark **remarks, size_t *count,
                               struct error *error) RESULT_CHECKED;

#endif
