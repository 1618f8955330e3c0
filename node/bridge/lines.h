/* Cuts a stream of bytes into lines (NDJSON), piece by piece, with bounded memory. One task. */
#ifndef COMESH_NODE_BRIDGE_LINES_H
#define COMESH_NODE_BRIDGE_LINES_H

#include "proto/bytes.h"

#define LINE_MAX_BYTES ((size_t)256 << 10)

/* Start with {0}; end with lines_free. */
struct lines {
    struct buffer begun; /* a line whose end has not come */
    bool too_long;       /* the line that has begun is over the limit, and its bytes are dropped */
    bool given;          /* `begun` was given, and makes room for the next line */
    uint64_t number;     /* of the line that was given last, from 1 */
};

struct line {
    struct bytes bytes; /* without its end; borrowed until the next call or the piece ends */
    bool too_long;      /* then without bytes */
};

/* Cuts the next line off `piece`. False when none ends in it: all of it is kept then. A line of
 * blanks is counted and left out. RESULT_NO_MEMORY marks lines->begun. */
bool lines_next(struct lines *lines, struct bytes *piece, struct line *line);

/* The line that the stream ended in, without an end of its own; false when there is none. */
bool lines_last(struct lines *lines, struct line *line);

void lines_free(struct lines *lines);

#endif
