/* The views: what can be asked of the store, in one SQLite file that can be thrown away and made
 * again from the journal. Each commit says up to which place of the journal it has applied.
 * Times and states are derived by range (all entries below a receipt's size are stored), so that
 * nothing is updated per message. Knows no journal file, and decides nothing.
 * One thread at a time per struct views: the writer has one, each reader another. */
#ifndef COMESH_NODE_STORE_VIEWS_H
#define COMESH_NODE_STORE_VIEWS_H

#include "node/store/body.h"
#include "node/store/sql.h"

#define VIEWS_SCHEMA 2 /* another number: the views are made again */

struct views;

/* For whom the connection is: it settles what may be written and how much memory it takes. */
enum views_use { VIEWS_WRITE, VIEWS_READ };

/* Opens the file, made when missing and `use` is VIEWS_WRITE. RESULT_CORRUPT when it is damaged or
 * of another schema. */
enum result views_open(const char *path, enum views_use use, struct views **views,
                       struct error *error) RESULT_CHECKED;

/* Closes; views that were claimed and are whole are synced, and marked as closed in good order. */
void views_close(struct views **views);

/* Claims the views for writing. From then on they are not synced: what a killed process leaves is
 * whole, for the system has it; what a machine leaves that lost its power may not be. So they carry
 * the mark of the boot in which they are open. RESULT_CORRUPT when that was another. */
enum result views_claim(struct views *views, struct error *error) RESULT_CHECKED;

/* True once an answer of SQLite said that the file is damaged: the views must be made again. */
bool views_damaged(const struct views *views);

/* Removes the file and what SQLite keeps beside it. */
enum result views_remove(const char *path, struct error *error) RESULT_CHECKED;

/* The journal that the views are of, and the place they have applied; zeroes for new ones. */
enum result views_place(struct views *views, struct journal_id *id, struct journal_place *place,
                        struct error *error) RESULT_CHECKED;

/* ---- writing, between begin and commit ---- */

enum result views_begin(struct views *views, struct error *error) RESULT_CHECKED;
enum result views_commit(struct views *views, const struct journal_id *id,
                         struct journal_place place, struct error *error) RESULT_CHECKED;
void views_rollback(struct views *views);

/* True from begin to commit or rollback, unless SQLite has rolled back by itself: it does so when
 * there is no memory or no room, also for a question, and what is written then is not in a batch.
 */
bool views_begun(const struct views *views);

/* Where an entry lies, and what is asked about it. */
struct views_entry {
    uint32_t channel;
    uint64_t index;
    uint64_t position;    /* of its record in the journal */
    uint32_t record_size; /* of that record */
    enum operation operation;
    struct text exporter; /* of the certificate that it is or is about, or empty */
    struct text number;
    const struct merkle_completed *completed;
};

enum result views_put_channel(struct views *views, const struct body_channel *channel,
                              struct error *error) RESULT_CHECKED;
enum result views_put_entry(struct views *views, const struct views_entry *entry,
                            struct error *error) RESULT_CHECKED;

/* `*first` tells whether the id was not known before. */
enum result views_put_message(struct views *views, const struct message_id *id, uint32_t channel,
                              uint64_t index, bool *first, struct error *error) RESULT_CHECKED;

/* A certificate's issue, or one more message about it; the first issue stays. */
enum result views_put_issue(struct views *views, const struct message *message,
                            const struct views_entry *entry, struct error *error) RESULT_CHECKED;
enum result views_put_about(struct views *views, const struct message *message,
                            const struct views_entry *entry, struct error *error) RESULT_CHECKED;

/* A certificate was refused: its number is free again, and it is found under it all the same. Does
 * nothing when the entry is not the issue of its certificate. */
enum result views_withdraw_issue(struct views *views, const struct message *message,
                                 const struct views_entry *entry,
                                 struct error *error) RESULT_CHECKED;

/* The first answer to an entry stays. */
enum result views_put_answer(struct views *views, uint32_t channel, uint64_t index,
                             uint64_t time_ms, struct error *error) RESULT_CHECKED;
enum result views_put_receipt(struct views *views, const struct body_receipt *receipt,
                              const struct journal_record *record,
                              struct error *error) RESULT_CHECKED;
enum result views_put_judged(struct views *views, uint32_t channel, uint64_t below,
                             uint64_t time_ms, struct error *error) RESULT_CHECKED;
enum result views_put_carried(struct views *views, uint32_t channel, uint64_t below,
                              uint64_t serial, struct error *error) RESULT_CHECKED;
enum result views_put_taken(struct views *views, uint32_t channel, uint64_t below, uint64_t time_ms,
                            struct error *error) RESULT_CHECKED;
enum result views_put_remark(struct views *views, uint32_t channel, uint64_t order,
                             const struct verdict_remark *remark,
                             struct error *error) RESULT_CHECKED;

/* Holds a channel, or releases it when `reason` has data NULL. */
enum result views_put_hold(struct views *views, uint32_t channel, struct text reason,
                           struct error *error) RESULT_CHECKED;

/* ---- asking; RESULT_NOT_FOUND without a sentence when there is none ---- */

enum result views_find_message(struct views *views, const struct message_id *id, uint32_t *channel,
                               uint64_t *index, struct error *error) RESULT_CHECKED;
enum result views_find_certificate(struct views *views, struct text exporter,
                                   struct text number_key, struct store_certificate *certificate,
                                   struct error *error) RESULT_CHECKED;

/* Texts in `arena`, hashes left out. */
enum result views_find_entry(struct views *views, uint32_t channel, uint64_t index,
                             struct arena *arena, struct views_entry *entry,
                             struct error *error) RESULT_CHECKED;

/* All channels with their states and trees, ascending by number, in `arena`. */
enum result views_channels(struct views *views, struct arena *arena,
                           struct store_channel **channels, size_t *count,
                           struct error *error) RESULT_CHECKED;

/* Where the entries of a run lie, with their leaf hashes; at most `max`, in `arena`. */
struct views_run {
    uint64_t index;
    uint64_t position;
    uint32_t record_size;
    struct merkle_hash leaf;
};
enum result views_run(struct views *views, uint32_t channel, uint64_t first, size_t max,
                      struct arena *arena, struct views_run **run, size_t *count,
                      struct error *error) RESULT_CHECKED;

/* For merkle_*: `views` is a struct views_hashes. */
struct views_hashes {
    struct views *views;
    uint32_t channel;
};
enum result views_read_hash(void *hashes, uint64_t index, unsigned level, struct merkle_hash *hash,
                            struct error *error);

/* Entries of a certificate in order of arrival, in `arena`. */
struct views_about {
    uint64_t position;
    uint32_t channel;
    uint64_t index;
};
enum result views_certificate(struct views *views, struct text exporter, struct text number_key,
                              struct arena *arena, struct views_about **about, size_t *count,
                              struct error *error) RESULT_CHECKED;

/* Where a record lies in the journal. */
struct views_lies {
    uint64_t position;
    uint32_t record_size;
};

/* What the views have of the message at `message->channel` and `message->index`: its certificate,
 * its channel, its states and its remark, and where its record lies. Texts in `arena`. */
enum result views_message(struct views *views, struct arena *arena, struct store_message *message,
                          struct views_lies *lies, struct error *error) RESULT_CHECKED;

/* The first receipt that covers entry `index`, or the last one for UINT64_MAX. */
enum result views_receipt(struct views *views, uint32_t channel, uint64_t index,
                          struct store_receipt *receipt, uint64_t *position, uint32_t *record_size,
                          struct error *error) RESULT_CHECKED;

enum result views_remarks(struct views *views, uint32_t channel, uint64_t index,
                          struct arena *arena, struct verdict_remark **remarks, size_t *count,
                          struct error *error) RESULT_CHECKED;

/* A snapshot for several questions that must agree with each other. */
enum result views_snapshot(struct views *views, struct error *error) RESULT_CHECKED;
void views_snapshot_end(struct views *views);

#endif
