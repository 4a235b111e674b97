/* blocks.h — where Lua's memory comes from: small blocks from lists of their size, large ones from
 * the C library.
 *
 * Lua says how large a block is when it gives it back, so a small one needs no words of its own and
 * costs a few instructions either way. What small blocks took is used again by those of their size,
 * and given back to the system with the state. */
#ifndef LAC_BLOCKS_H
#define LAC_BLOCKS_H

#include <stddef.h>

#define LAC_BLOCKS_SIZES 24 /* by 16 bytes: up to 384 */

struct lac_blocks {
    struct lac_block *free[LAC_BLOCKS_SIZES];
    struct lac_block *chunks; /* what was taken from the C library, to be given back */
    char *fresh;              /* of the chunk at hand: what was in no block yet */
    size_t left;
};

/* A lua_Alloc, with a struct lac_blocks that is all zero at first. */
void *lac_blocks_allocate(void *blocks, void *block, size_t old_size, size_t new_size);

/* Frees all small blocks, once the state is closed. */
void lac_blocks_free(struct lac_blocks *blocks);

#endif
