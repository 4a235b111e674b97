#include "vm/blocks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GRAIN ((size_t)16)
#define CHUNK ((size_t)32 * 1024)
#define MOST_SMALL (GRAIN * LAC_BLOCKS_SIZES)

struct lac_block {
    struct lac_block *next;
};

/* The sanitizer sees every block by itself. */
#ifdef __SANITIZE_ADDRESS__
static const bool pooled = false;
#else
static const bool pooled = true;
#endif

static bool is_small(size_t size) {
    return pooled && size <= MOST_SMALL;
}

static size_t list_of(size_t size) {
    return (size - 1) / GRAIN;
}

static void push(struct lac_block **list, void *memory) {
    struct lac_block *block = memory;
    block->next = *list;
    *list = block;
}

/* What is left of the chunk at hand is too small for the block, and becomes a smaller one. */
static void use_up(struct lac_blocks *blocks) {
    if (blocks->left >= GRAIN) {
        push(&blocks->free[list_of(blocks->left)], blocks->fresh);
    }
    blocks->left = 0;
}

static bool new_chunk(struct lac_blocks *blocks) {
    char *chunk = malloc(CHUNK);
    if (chunk == NULL) {
        return false;
    }
    use_up(blocks);
    push(&blocks->chunks, chunk);
    blocks->fresh = chunk + GRAIN; /* behind the link; as aligned as the chunk is */
    blocks->left = CHUNK - GRAIN;
    return true;
}

static void *take(struct lac_blocks *blocks, size_t size) {
    size_t list = list_of(size);
    struct lac_block *block = blocks->free[list];
    if (block != NULL) {
        blocks->free[list] = block->next;
        return block;
    }
    size_t whole = (list + 1) * GRAIN;
    if (blocks->left < whole && !new_chunk(blocks)) {
        return NULL;
    }
    void *fresh = blocks->fresh;
    blocks->fresh += whole;
    blocks->left -= whole;
    return fresh;
}

static void *new_block(struct lac_blocks *blocks, size_t size) {
    return is_small(size) ? take(blocks, size) : malloc(size);
}

static void free_block(struct lac_blocks *blocks, void *block, size_t size) {
    if (is_small(size)) {
        push(&blocks->free[list_of(size)], block);
    } else {
        free(block);
    }
}

/* Lua relies on it that a block can always become smaller: where there is no memory for a small
 * one, the large one stays, and goes into the list of the smaller size when it is given back. */
static void *move(struct lac_blocks *blocks, void *block, size_t old_size, size_t new_size) {
    void *moved = new_block(blocks, new_size);
    if (moved == NULL) {
        return new_size <= old_size ? block : NULL;
    }
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    free_block(blocks, block, old_size);
    return moved;
}

void *lac_blocks_allocate(void *blocks, void *block, size_t old_size, size_t new_size) {
    if (block == NULL) { /* then the old size is a type's number */
        return new_size == 0 ? NULL : new_block(blocks, new_size);
    }
    if (new_size == 0) {
        free_block(blocks, block, old_size);
        return NULL;
    }
    if (!is_small(old_size) && !is_small(new_size)) {
        return realloc(block, new_size);
    }
    if (is_small(old_size) && is_small(new_size) && list_of(old_size) == list_of(new_size)) {
        return block;
    }
    return move(blocks, block, old_size, new_size);
}

void lac_blocks_free(struct lac_blocks *blocks) {
    while (blocks->chunks != NULL) {
        struct lac_block *chunk = blocks->chunks;
        blocks->chunks = chunk->next;
        free(chunk);
    }
    memset(blocks, 0, sizeof *blocks);
}
