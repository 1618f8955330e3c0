/* Memory that lives and dies together: one message is one arena.
 * Reset keeps the memory, so that a loop over messages stops allocating. One thread at a time. */
#ifndef COMESH_PROTO_ARENA_H
#define COMESH_PROTO_ARENA_H

#include "proto/bytes.h"

struct arena_block;

/* Start with {0} or with a limit; end with arena_free. */
struct arena {
    struct arena_block *first;
    struct arena_block *current;
    size_t used;  /* in the current block */
    size_t total; /* bytes in all blocks */
    size_t limit; /* bytes in all blocks at most; 0 means ARENA_LIMIT_BYTES */
    bool is_full; /* something did not fit under the limit since the last reset */
};

#define ARENA_LIMIT_BYTES ((size_t)64 << 20)

/* `size` bytes aligned for any type, not cleared; NULL past the limit or without memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc, cleared. */
void *arena_zero(struct arena *arena, size_t size);

/* A copy of `text` with a NUL behind it; data NULL without memory. */
struct text arena_text(struct arena *arena, struct text text);

/* Forgets what was given out, keeps the memory. */
void arena_reset(struct arena *arena);

/* Frees the memory, keeps the limit; again is harmless. */
void arena_free(struct arena *arena);

#endif
