#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK ((size_t)4 * 1024)
#define LARGEST_CHUNK ((size_t)256 * 1024)

struct lac_arena_chunk {
    struct lac_arena_chunk *older;
    size_t size, used;
    _Alignas(max_align_t) char bytes[];
};

static struct lac_arena_chunk *add_chunk(struct lac_arena *arena, size_t least) {
    struct lac_arena_chunk *newest = arena->chunk;
    size_t size = newest == NULL ? FIRST_CHUNK : newest->size * 2;
    size = size > LARGEST_CHUNK ? LARGEST_CHUNK : size;
    size = size < least ? least : size;
    if (arena->most != 0 && (size > arena->most || arena->held > arena->most - size)) {
        return NULL;
    }
    struct lac_arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk != NULL) {
        *chunk = (struct lac_arena_chunk){.older = newest, .size = size};
        arena->chunk = chunk;
        arena->held += size;
    }
    return chunk;
}

void *lac_arena_take(struct lac_arena *arena, size_t size) {
    const size_t step = _Alignof(max_align_t);
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + step - 1) / step * step;
    struct lac_arena_chunk *chunk = arena->chunk;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        chunk = add_chunk(arena, size);
    }
    if (chunk == NULL) {
        return NULL;
    }
    char *taken = chunk->bytes + chunk->used;
    chunk->used += size;
    return taken;
}

void *lac_arena_zeroed(struct lac_arena *arena, size_t size) {
    void *taken = lac_arena_take(arena, size);
    return taken == NULL ? NULL : memset(taken, 0, size);
}

struct lac_str lac_arena_copy(struct lac_arena *arena, struct lac_str bytes) {
    char *copy = lac_arena_take(arena, bytes.len + 1);
    if (copy == NULL) {
        return (struct lac_str){NULL, 0};
    }
    if (bytes.len > 0) {
        memcpy(copy, bytes.data, bytes.len);
    }
    copy[bytes.len] = '\0';
    return (struct lac_str){copy, bytes.len};
}

void lac_arena_rest(struct lac_arena *arena, size_t keep) {
    struct lac_arena_chunk *chunk = arena->chunk, *kept = NULL;
    while (chunk != NULL) {
        struct lac_arena_chunk *older = chunk->older;
        if (kept == NULL && chunk->size <= keep) { /* the newest that is small enough */
            kept = chunk;
        } else {
            free(chunk);
        }
        chunk = older;
    }
    arena->chunk = kept;
    arena->held = 0;
    if (kept != NULL) {
        kept->older = NULL;
        kept->used = 0;
        arena->held = kept->size;
    }
}

void lac_arena_free(struct lac_arena *arena) {
    lac_arena_rest(arena, 0);
}
