/* A document in memory: a tree of nodes in an arena, in canonical order. Every encoding reads into
 * it and writes from it; checks walk it. Texts borrow from what was read, or live in the arena.
 * One thread at a time while it is built, any thread after. */
#ifndef COMESH_PROTO_RECORD_H
#define COMESH_PROTO_RECORD_H

#include "proto/arena.h"
#include "proto/dataset.h"

#define PLACE_MAX_BYTES 256 /* a JSON pointer into a document, with its NUL, at most */

/* One cache line. `element->type` says which side of the union holds. */
struct node {
    const struct element *element;
    struct node *parent; /* NULL for the root */
    struct node *next;   /* of the same group: ascending by tag, then by occurrence */
    union {
        struct { /* ELEMENT_GROUP */
            struct node *first;
            struct node *last;
        };
        struct {                   /* all others */
            struct text value;     /* as text: "12.500", "true", "20260105" */
            struct text attribute; /* data NULL when there is none */
        };
    };
    uint32_t index; /* among the occurrences of its element, from 0 */
};

struct record {
    enum operation operation;
    struct arena *arena;
    struct node root;
};

/* An empty record in `arena`; NULL without memory, or when the operation has no document. */
struct record *record_new(enum operation operation, struct arena *arena);

/* Adds a node for `element` to `group`, behind its elder occurrences and in the order of the tags.
 * NULL without memory. */
struct node *record_add(struct record *record, struct node *group, const struct element *element);

/* Adds another occurrence right behind `elder`, in constant time wherever that stands. NULL without
 * memory. */
struct node *record_add_behind(struct record *record, struct node *elder);

/* The first node at a path of names below the root, "GoodsShipment/Destination/CountryCode"; the
 * first occurrence where there are several. NULL when there is none. */
const struct node *record_find(const struct record *record, const char *path);

/* The value of the leaf at a path, or the empty text. */
struct text record_text(const struct record *record, const char *path);

/* The first child of `group` with that name, or NULL. The next occurrence is its `next` while that
 * has the same element. */
const struct node *node_child(const struct node *group, const char *name);

/* The JSON pointer to a node: "/LPCO/GoodsShipment/GovernmentAgencyGoodsItem/2/Commodity". */
struct text node_place(const struct node *node, char out[PLACE_MAX_BYTES]);

/* The JSON pointer to an occurrence of `element` in `group`, whether it is there or not; without a
 * number for PLACE_NO_INDEX. */
#define PLACE_NO_INDEX UINT32_MAX
struct text element_place(const struct node *group, const struct element *element, uint32_t index,
                          char out[PLACE_MAX_BYTES]);

struct difference {
    const struct element *element;
    struct text place;  /* JSON pointer */
    struct text before; /* value and attribute, or empty when it was not there */
    struct text after;
};

/* Finds where two records of one operation differ, in canonical order. Keeps the first `max` in
 * `out`, with texts in `arena` or in the records; returns how many there are. An element with its
 * content on one side only is one difference. */
size_t record_diff(const struct record *before, const struct record *after, struct arena *arena,
                   struct difference *out, size_t max);

#endif
