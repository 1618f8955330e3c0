/* The grammar of JSON (RFC 8259), without its meaning: a cursor that takes one token at a time. For
 * json.c alone. The first failure sticks, with its place. */
#ifndef COMESH_PROTO_JSON_CURSOR_H
#define COMESH_PROTO_JSON_CURSOR_H

#include "proto/arena.h"

struct json_cursor {
    const char *start;
    const char *at;
    const char *end;
    struct arena *arena; /* for strings with escapes */
    const char *problem; /* static clause: what was expected or is wrong; NULL while all is well */
    const char *problem_at;
    bool no_memory;
    bool lone_surrogate; /* the last string had one; it reads as U+FFFD */
};

/* The next byte, or NUL at the end; NUL is no JSON. */
static inline char json_peek(const struct json_cursor *cursor)
{
    if (cursor->at == cursor->end) {
        return '\0';
    }
    return *cursor->at;
}

static inline void json_blanks(struct json_cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n' ||
                                        *cursor->at == '\r' || *cursor->at == '\t')) {
        cursor->at++;
    }
}

/* Marks the cursor as failed at the current place; `problem` is static. Returns false. */
bool json_fail(struct json_cursor *cursor, const char *problem);

/* Takes `wanted` with the blanks around it, or fails with `problem`. */
static inline bool json_take(struct json_cursor *cursor, char wanted, const char *problem)
{
    json_blanks(cursor);
    if (json_peek(cursor) != wanted) {
        return json_fail(cursor, problem);
    }
    cursor->at++;
    json_blanks(cursor);
    return true;
}

/* Takes a string: a view of the input, or decoded in the arena when it has escapes. */
bool json_take_string(struct json_cursor *cursor, struct text *out);

/* Takes a number; `whole` when it has neither sign nor fraction nor exponent. */
bool json_take_number(struct json_cursor *cursor, struct text *out, bool *whole);

/* Takes true, false or null. */
bool json_take_word(struct json_cursor *cursor, struct text *out);

/* Passes over one value of any kind; `depth` is how deep it stands, JSON_DEPTH_MAX at most. */
bool json_skip(struct json_cursor *cursor, unsigned depth);

#endif
