/* arena.h — memory for many small things that end together, with a bound on all of it. */
#ifndef LAC_ARENA_H
#define LAC_ARENA_H

#include "core/buf.h"

struct lac_arena_chunk;

/* `{0}` is an empty one without a bound. */
struct lac_arena {
    size_t most; /* bytes that it may hold; 0: no bound */
    size_t held;
    struct lac_arena_chunk *chunk; /* the newest; they are chained */
};

/* Returns `size` bytes, aligned for anything and not set; NULL when memory or the bound is over.
 * They last until the arena is freed. */
void *lac_arena_take(struct lac_arena *arena, size_t size);

/* The same, zeroed. */
void *lac_arena_zeroed(struct lac_arena *arena, size_t size);

/* A copy, NUL-terminated; its data is NULL when there was no room. */
struct lac_str lac_arena_copy(struct lac_arena *arena, struct lac_str bytes);

void lac_arena_free(struct lac_arena *arena);

/* Ends all that was taken, as lac_arena_free does, but keeps up to `keep` bytes of the memory for
 * what is taken next. */
void lac_arena_rest(struct lac_arena *arena, size_t keep);

#endif
