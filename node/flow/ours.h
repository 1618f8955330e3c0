/* A channel of ours as the task has it that moves it on to its partner, by a lane (advance.h) or by
 * posts (posting.h): its names, its place in the store, and what it hands to the writer about it,
 * receipts and holds. Lives in that task's thread. */
#ifndef COMESH_NODE_FLOW_OURS_H
#define COMESH_NODE_FLOW_OURS_H

#include "node/flow/flow.h"

struct ours {
    struct flow *flow;
    struct store_reader *reader;
    struct queue *home;
    const char *part; /* of the log, and what it says when news of the channel are not stored */
    const char *lost;
    char partner[PARTY_MAX_BYTES];
    char origin[ORIGIN_MAX_BYTES];
    uint32_t channel; /* store number; 0 until the channel exists */
    size_t pending;   /* news in the writer: the owner of this lives as long */
};

/* Names the partner and the channel; all above is the caller's to fill in. */
enum result ours_name(struct ours *ours, struct text partner, struct error *error) RESULT_CHECKED;

/* ---- news of it, for the writer ---- */

struct ours_news {
    struct work work;
    struct ours *ours;
    uint32_t channel;
    uint64_t size; /* a receipt covers so many entries */
    uint64_t time_s;
    struct buffer note; /* the receipt, or the proof of a hold */
    char reason[STORE_REASON_BYTES];
};

/* News of `size` bytes, those of the struct that they begin; NULL without memory. */
struct ours_news *ours_news_new(struct ours *ours, size_t size, work_apply *apply);

/* Of news that were not submitted; NULL is harmless. */
void ours_news_free(struct ours_news *news);

/* Hands them to the writer; they end by their work's finish, which is ours_news_finish unless
 * another was set that ends with it. */
void ours_news_submit(struct ours_news *news);
void ours_news_finish(struct work *work);

/* In the writer: stores `note` as the receipt of `size` entries, unless one of more is there. */
work_apply ours_apply_receipt;

/* In the writer: holds the channel for `reason`, with `note` as its proof, unless it is held. */
work_apply ours_apply_hold;

#endif
