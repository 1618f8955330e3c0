/* The inside of a fetch: fetch.c asks and proves, fetch_commit.c stores. Used by these alone. */
#ifndef COMESH_NODE_FLOW_FETCH_PARTS_H
#define COMESH_NODE_FLOW_FETCH_PARTS_H

#include "node/flow/arrival.h"
#include "node/flow/fetch.h"

/* Entries that one receipt covers. */
struct fetch_run {
    struct fetch_run *next;
    struct arrival *page;
    size_t capacity; /* of its entries */
    uint64_t size;   /* of the channel behind it */
    uint64_t time_s; /* of its receipt */
};

/* One channel of the two. */
struct fetch_side {
    enum store_direction direction;
    char origin[ORIGIN_MAX_BYTES];
    struct merkle_tree tree; /* of all that is held or has come */
    uint64_t held;           /* entries in the store, up to a receipt */
    struct fetch_run *first; /* proven, to be stored; NULL: none */
    size_t at;               /* of its entries are stored */
    struct fetch_run *open;  /* its receipt has not come yet */
    bool has_ended;          /* the partner has no more */
};

/* Where the storing has got to. */
struct fetch_place {
    struct fetch_run *ours; /* the first that is not stored, and of its entries */
    size_t at;
    uint64_t held; /* entries of the channel before it */
    struct fetch_run *theirs;
    size_t theirs_at;
    uint64_t theirs_held;
};

struct fetch {
    struct work work; /* first; once one failed the fetch is to be begun anew */
    const struct ours *ours;
    uint64_t began; /* entries of ours that were held before it */
    uint64_t until;
    struct fetch_side outgoing;
    struct fetch_side incoming;
    struct fetch_side *lacks; /* what is to be asked for next */
    struct fetch_side *asked; /* whose answer is awaited; NULL: none */
    bool pending;             /* the work is in the writer */
    struct fetch_place place; /* once the work is committed */
};

/* Hands to the writer what can be stored of the runs. */
void fetch_commit(struct fetch *fetch);

/* Lets go of the runs before `end`. */
void fetch_drop(struct fetch_run **first, const struct fetch_run *end);

#endif
