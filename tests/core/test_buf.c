/* test_buf.c — owned bytes, and what is left of them when memory ends.
 *
 * buf.c is compiled into this file with an allocator that can be told to fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int allocations_left;

static void *scarce_realloc(void *old, size_t size) {
    return allocations_left-- > 0 ? realloc(old, size) : NULL;
}

#define realloc scarce_realloc
#include "core/buf.c"
#undef realloc

static int plenty(void **state) {
    (void)state;
    allocations_left = 1000;
    return 0;
}

static void assert_holds(const struct lac_buf *buf, struct lac_str want) {
    assert_int_equal(buf->len, want.len);
    assert_memory_equal(lac_buf_view(buf).data, want.data, want.len);
    assert_int_equal(lac_buf_view(buf).data[want.len], '\0');
}

static void an_empty_buffer_views_as_an_empty_text(void **state) {
    (void)state;
    struct lac_buf buf = {0};

    assert_string_equal(lac_buf_view(&buf).data, "");

    lac_buf_free(&buf);
    lac_buf_free(&buf);
    lac_buf_free_secret(&buf);
}

static void appends_join_and_keep_nuls(void **state) {
    (void)state;
    struct lac_buf buf = {0};

    lac_buf_adds(&buf, LAC_STR("a\0b"), LAC_STR(""), LAC_STR("c"));
    lac_buf_addf(&buf, "-%d-%s", 42, "x");

    assert_holds(&buf, LAC_STR("a\0bc-42-x"));
    assert_false(buf.failed);
    lac_buf_free(&buf);
}

static void growth_keeps_every_byte(void **state) {
    (void)state;
    struct lac_buf buf = {0};

    for (int i = 0; i < 100000; i++) {
        char byte = (char)(i % 251);
        lac_buf_add(&buf, (struct lac_str){&byte, 1});
    }

    assert_int_equal(buf.len, 100000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(buf.data[i], (char)(i % 251));
    }
    assert_true(allocations_left > 980); /* doubling, not a step a byte */
    lac_buf_free(&buf);
}

static void grown_bytes_are_the_callers_to_write(void **state) {
    (void)state;
    struct lac_buf buf = {0};
    lac_buf_add(&buf, LAC_STR("ab"));

    memcpy(lac_buf_grow(&buf, 2, 2), "cdef", 4);

    assert_holds(&buf, LAC_STR("abcdef"));
    lac_buf_cut(&buf, 9);
    assert_holds(&buf, LAC_STR("abcdef"));
    lac_buf_cut(&buf, 3);
    assert_holds(&buf, LAC_STR("abc"));
    lac_buf_free(&buf);
}

static void a_size_past_all_memory_fails_without_wrapping_around(void **state) {
    (void)state;
    struct lac_buf buf = {0};
    lac_buf_add(&buf, LAC_STR("kept"));

    lac_buf_add(&buf, (struct lac_str){"x", SIZE_MAX - 2});
    assert_true(buf.failed);
    assert_holds(&buf, LAC_STR("kept"));
    lac_buf_free(&buf);

    assert_null(lac_buf_grow(&buf, SIZE_MAX / 2 + 1, 2));
    assert_true(buf.failed);
    lac_buf_free(&buf);
}

/* The same text is built with 0, 1, 2, … allocations: each time it is whole, or `failed` is set and
 * what was there stays. */
static void a_failed_allocation_latches(void **state) {
    (void)state;
    const struct lac_str part = LAC_STR("0123456789012345678901234567890123456789");
    for (int given = 0; given < 4; given++) {
        struct lac_buf buf = {0};
        allocations_left = given;

        for (int i = 0; i < 5; i++) {
            lac_buf_add(&buf, part);
        }
        lac_buf_addf(&buf, "%s", "end");

        assert_int_equal(buf.failed, given < 3); /* 64, 128, 256 */
        size_t whole = buf.len / part.len;
        assert_int_equal(whole, given == 0 ? 0 : given == 1 ? 1 : given == 2 ? 3 : 5);
        allocations_left = 1000;
        lac_buf_add(&buf, LAC_STR("more"));
        assert_int_equal(buf.len, buf.failed ? whole * part.len : 5 * part.len + 7);
        lac_buf_free(&buf);
        assert_false(buf.failed);
    }
}

static void wiping_clears_the_bytes(void **state) {
    (void)state;
    char secret[] = "secret";

    lac_wipe(secret, sizeof secret);

    assert_memory_equal(secret, "\0\0\0\0\0\0\0", sizeof secret);
}

static void numbers_are_appended_in_decimal(void **state) {
    (void)state;
    struct lac_buf buf = {0};

    lac_buf_add_unsigned(&buf, 0);
    lac_buf_add(&buf, LAC_STR(" "));
    lac_buf_add_unsigned(&buf, 1024);
    lac_buf_add(&buf, LAC_STR(" "));
    lac_buf_add_unsigned(&buf, UINT64_MAX);

    assert_string_equal(buf.data, "0 1024 18446744073709551615");
    lac_buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(numbers_are_appended_in_decimal, plenty),
        cmocka_unit_test_setup(an_empty_buffer_views_as_an_empty_text, plenty),
        cmocka_unit_test_setup(appends_join_and_keep_nuls, plenty),
        cmocka_unit_test_setup(growth_keeps_every_byte, plenty),
        cmocka_unit_test_setup(grown_bytes_are_the_callers_to_write, plenty),
        cmocka_unit_test_setup(a_size_past_all_memory_fails_without_wrapping_around, plenty),
        cmocka_unit_test_setup(a_failed_allocation_latches, plenty),
        cmocka_unit_test_setup(wiping_clears_the_bytes, plenty),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
