/* A run of entries on its way into the store: a push of a partner, verified and judged in the
 * host's thread, committed by the writer; or one that a partner gives back. Used by accept.c and
 * fetch.c alone. */
#ifndef COMESH_NODE_FLOW_ARRIVAL_H
#define COMESH_NODE_FLOW_ARRIVAL_H

#include "node/flow/accept.h"

#define ARRIVAL_REMARKS_PER_ENTRY 8

/* One new entry of the push. Everything lives in the arrival's arena. */
struct arrived {
    struct entry entry;
    struct bytes packed;
    struct bytes payload;
    struct merkle_hash leaf;
    bool has_message; /* the document could be read; kept without its record */
    struct message message;
    const struct verdict *verdict; /* for a verdict that could be read */
    uint64_t card_serial;          /* of a card that could be read; else 0 */
    enum verdict_outcome outcome;
    struct verdict_remark *remarks;
    size_t remark_count;
};

struct arrival {
    struct work work;
    struct incoming *incoming;
    struct flow *flow;
    struct arena arena;
    char partner[PARTY_MAX_BYTES];
    struct text origin;
    uint32_t channel;     /* store number, known after the commit */
    uint64_t size_before; /* of the channel, with all that was verified before */
    struct arrived *entries;
    size_t count;
    size_t bytes;
    struct bytes checkpoint_note;
    uint64_t checkpoint_size;
    struct merkle_hash root;
    struct card *card;   /* the newest that the push carries; NULL without one */
    struct refused fork; /* a hold to be committed instead of the entries */
    struct bytes proof;
    struct buffer receipt; /* the cosigned note, made in the batch, sent after the commit */
};

/* Copies, judges and verifies the push against `tree`, which is of the channel's size so far, and
 * advances it. `known` reads the leaf of an entry that is held already. On RESULT_UNTRUSTED or
 * RESULT_INVALID `refused` says why, and `tree` is as before. */
enum result arrival_verify(struct arrival *arrival, const struct frame_push *push,
                           const struct card *sender, merkle_read *known, void *store,
                           struct merkle_tree *tree, struct refused *refused,
                           struct error *error) RESULT_CHECKED;

/* One more entry, for which `entries` must have room: copied, and proven to stand where it says
 * with the payload that it names. `tree` gets its leaf. RESULT_UNTRUSTED or RESULT_INVALID with
 * `refused`.
 */
enum result arrival_add(struct arrival *arrival, const struct frame_item *item,
                        struct merkle_tree *tree, struct refused *refused,
                        struct error *error) RESULT_CHECKED;

/* Reads and checks each document, and collects remarks. */
enum result arrival_judge(struct arrival *arrival, struct error *error) RESULT_CHECKED;

/* The works' applies, in the writer. */
enum result arrival_commit(struct work *work, struct store *store,
                           struct error *error) RESULT_CHECKED;
enum result arrival_hold(struct work *work, struct store *store,
                         struct error *error) RESULT_CHECKED;

/* The entry as a row of that channel, committed at `time_ms`. */
struct store_entry arrival_row(const struct arrived *arrived, uint32_t channel, uint64_t time_ms);

void arrival_destroy(struct arrival *arrival);

#endif
