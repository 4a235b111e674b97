/* test_blocks.c — Lua's memory: blocks keep what is in them, and all of them are given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#undef __SANITIZE_ADDRESS__ /* which turns the lists off */
#include "vm/blocks.c"

#define BLOCKS 200
#define ROUNDS 20000
#define LARGEST 2000

struct held {
    unsigned char *bytes;
    size_t size;
    unsigned char mark;
};

static uint32_t draw(uint32_t *seed) {
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void check(const struct held *held) {
    for (size_t i = 0; i < held->size; i++) {
        assert_int_equal(held->mark, held->bytes[i]);
    }
}

static void resize(struct lac_blocks *blocks, struct held *held, size_t size, unsigned char mark) {
    size_t kept = held->size < size ? held->size : size;
    held->bytes =
        lac_blocks_allocate(blocks, held->bytes, held->bytes == NULL ? 5 : held->size, size);
    assert_true(size == 0 ? held->bytes == NULL : held->bytes != NULL);
    assert_int_equal(0, (uintptr_t)held->bytes % 16);
    struct held before = {held->bytes, kept, held->mark};
    check(&before);
    held->size = size;
    held->mark = mark;
    if (size > 0) {
        memset(held->bytes, mark, size);
    }
}

static void blocks_of_any_size_keep_what_is_in_them(void **state) {
    (void)state;
    struct lac_blocks blocks = {.left = 0};
    struct held held[BLOCKS] = {{NULL, 0, 0}};
    uint32_t seed = 7;

    for (int round = 0; round < ROUNDS; round++) {
        struct held *one = &held[draw(&seed) % BLOCKS];
        check(one);
        size_t size = draw(&seed) % (draw(&seed) % 4 == 0 ? LARGEST : MOST_SMALL + GRAIN);
        resize(&blocks, one, draw(&seed) % 5 == 0 ? 0 : size, (unsigned char)draw(&seed));
    }
    for (int i = 0; i < BLOCKS; i++) {
        resize(&blocks, &held[i], 0, 0);
    }

    lac_blocks_free(&blocks);
}

static void what_was_given_back_is_used_again(void **state) {
    (void)state;
    struct lac_blocks blocks = {.left = 0};
    void *first = lac_blocks_allocate(&blocks, NULL, 0, 40);

    assert_null(lac_blocks_allocate(&blocks, first, 40, 0));

    assert_ptr_equal(first, lac_blocks_allocate(&blocks, NULL, 0, 33));
    assert_ptr_equal(first, lac_blocks_allocate(&blocks, first, 33, 48));
    assert_null(lac_blocks_allocate(&blocks, NULL, 0, 0));
    lac_blocks_free(&blocks);
    assert_null(blocks.chunks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_any_size_keep_what_is_in_them),
        cmocka_unit_test(what_was_given_back_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
