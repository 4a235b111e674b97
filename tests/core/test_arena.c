/* test_arena.c — bytes that last until the arena ends, and its bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arena.h"

static void what_was_taken_stays_and_is_aligned(void **state) {
    (void)state;
    struct lac_arena arena = {0};
    struct lac_str first = lac_arena_copy(&arena, LAC_STR("a\0b"));
    for (size_t size = 1; size < 3000; size++) {
        char *taken = lac_arena_take(&arena, size);
        assert_non_null(taken);
        assert_int_equal((uintptr_t)taken % _Alignof(max_align_t), 0);
        memset(taken, 'x', size);
    }
    assert_int_equal(first.len, 3);
    assert_memory_equal(first.data, "a\0b\0", 4);
    lac_arena_free(&arena);
    lac_arena_free(&arena);
}

static void a_zeroed_piece_is_zero(void **state) {
    (void)state;
    struct lac_arena arena = {0};
    const char *again = lac_arena_zeroed(&arena, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(again[i], 0);
    }
    lac_arena_free(&arena);
}

static void an_arena_holds_no_more_than_it_may(void **state) {
    (void)state;
    struct lac_arena arena = {.most = 100000};
    size_t taken = 0;
    while (lac_arena_take(&arena, 1000) != NULL) {
        taken += 1000;
    }
    assert_true(taken <= 100000 && taken > 50000);
    assert_null(lac_arena_take(&arena, SIZE_MAX));
    assert_null(lac_arena_copy(&arena, (struct lac_str){"", 200000}).data);
    lac_arena_free(&arena);
}

static void an_arena_that_rests_keeps_a_little(void **state) {
    (void)state;
    struct lac_arena arena = {.most = 100000};
    lac_arena_rest(&arena, 10000);
    assert_int_equal(arena.held, 0);
    for (int i = 0; i < 20; i++) {
        assert_non_null(lac_arena_take(&arena, 1000));
    }
    assert_true(arena.held > 20000);

    lac_arena_rest(&arena, 10000);
    size_t kept = arena.held;
    const char *again = lac_arena_zeroed(&arena, kept);

    assert_true(kept > 0 && kept <= 10000);
    assert_int_equal(arena.held, kept);
    for (size_t i = 0; i < kept; i++) {
        assert_int_equal(again[i], 0);
    }
    lac_arena_rest(&arena, 100);
    assert_int_equal(arena.held, 0);
    lac_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_taken_stays_and_is_aligned),
        cmocka_unit_test(a_zeroed_piece_is_zero),
        cmocka_unit_test(an_arena_holds_no_more_than_it_may),
        cmocka_unit_test(an_arena_that_rests_keeps_a_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
