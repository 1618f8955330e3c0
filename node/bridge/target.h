/* The target of a request: path and query, read exactly. A path has one spelling here: no
 * percent-encoding of what needs none, no empty or dot segments, no trailing slash. RFC 3986.
 * Any thread. */
#ifndef COMESH_NODE_BRIDGE_TARGET_H
#define COMESH_NODE_BRIDGE_TARGET_H

#include "proto/arena.h"

#define TARGET_MAX_BYTES    ((size_t)2048)
#define TARGET_SEGMENTS_MAX 8
#define TARGET_QUERY_MAX    8

struct target {
    struct text path;                          /* as it came, from the first slash to the query */
    struct text segments[TARGET_SEGMENTS_MAX]; /* decoded; none for "/" */
    size_t segment_count;
    struct {
        struct text name;
        struct text value; /* decoded */
    } query[TARGET_QUERY_MAX];
    size_t query_count;
};

/* Reads a target in origin form. Decoded texts live in `arena`, the rest in `raw`. RESULT_INVALID
 * with a sentence: another form, an empty segment, `.` or `..` however they are spelt, a bad or
 * needless percent-encoding, a control character, text that is not UTF-8, a name twice. */
enum result target_read(struct text raw, struct arena *arena, struct target *target,
                        struct error *error) RESULT_CHECKED;

/* The value of a query parameter; data NULL when it was not given. */
struct text target_query(const struct target *target, const char *name);

#endif
