/* Arenas. See arena.h. */
#include "proto/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define BLOCK_BYTES ((size_t)32 << 10)

struct arena_block {
    struct arena_block *next;
    size_t capacity;
    alignas(max_align_t) uint8_t data[];
};

static struct arena_block *block_new(struct arena *arena, size_t size)
{
    size_t limit = arena->limit == 0 ? ARENA_LIMIT_BYTES : arena->limit;
    size_t capacity = arena->total < BLOCK_BYTES ? BLOCK_BYTES : arena->total;
    if (capacity < size) {
        capacity = size;
    }
    if (size > limit || arena->total > limit - size) {
        arena->is_full = true;
        return NULL;
    }
    if (capacity > limit - arena->total) {
        capacity = size;
    }
    struct arena_block *block = malloc(sizeof *block + capacity);
    if (block == NULL) {
        return NULL;
    }
    block->next = NULL;
    block->capacity = capacity;
    arena->total += capacity;
    return block;
}

/* Makes a block for `size` behind the current one. */
static bool block_add(struct arena *arena, size_t size)
{
    struct arena_block *block = block_new(arena, size);
    if (block == NULL) {
        return false;
    }
    if (arena->current == NULL) {
        arena->first = block;
    } else {
        arena->current->next = block;
    }
    arena->current = block;
    arena->used = 0;
    return true;
}

/* Goes on to the next block that has room for `size`, made when there is none. */
static bool block_advance(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->current;
    while (block != NULL && block->next != NULL) {
        block = block->next;
        arena->current = block;
        arena->used = 0;
        if (size <= block->capacity) {
            return true;
        }
    }
    return block_add(arena, size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t mask = alignof(max_align_t) - 1;
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + mask) & ~mask;
    if (arena->current == NULL || size > arena->current->capacity - arena->used) {
        if (!block_advance(arena, size)) {
            return NULL;
        }
    }
    void *memory = arena->current->data + arena->used;
    arena->used += size;
    return memory;
}

void *arena_zero(struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);
    return memory == NULL ? NULL : memset(memory, 0, size);
}

struct text arena_text(struct arena *arena, struct text text)
{
    char *copy = arena_alloc(arena, text.size + 1);
    if (copy == NULL) {
        return (struct text){NULL, 0};
    }
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    return (struct text){copy, text.size};
}

void arena_reset(struct arena *arena)
{
    arena->current = arena->first;
    arena->used = 0;
    arena->is_full = false;
}

void arena_free(struct arena *arena)
{
    struct arena_block *block = arena->first;
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct arena){.limit = arena->limit};
}
