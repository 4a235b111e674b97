/* test_packed.c — packing and unpacking without a container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/packed.h"

static const char repeated[] = "again and again and again and again and again and again and again";

static void what_repeats_is_deflated_and_opens_as_it_was(void **state) {
    (void)state;
    struct lac_packed packed = {0};
    struct lac_buf opened = {0};
    struct lac_error err;

    assert_true(lac_packed_make(LAC_STR(repeated), 6, &packed, &err));
    assert_true(lac_packed_open(&packed, &opened, &err));

    assert_true(packed.deflated);
    assert_true(packed.bytes.len < sizeof repeated / 2);
    assert_string_equal(opened.data, repeated);
    lac_packed_free(&packed);
    lac_buf_free(&opened);
}

static void what_does_not_shrink_stays_as_it_is(void **state) {
    (void)state;
    static const struct lac_str samples[] = {LAC_STR_INIT(""), LAC_STR_INIT("x"),
                                             LAC_STR_INIT("q8#\0\xFFz!")};
    struct lac_error err;

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct lac_packed packed = {0};
        struct lac_buf opened = {0};
        assert_true(lac_packed_make(samples[i], 12, &packed, &err));
        assert_false(packed.deflated);
        assert_int_equal(packed.bytes.len, samples[i].len);
        assert_true(lac_packed_open(&packed, &opened, &err));
        assert_int_equal(opened.len, samples[i].len);
        lac_packed_free(&packed);
        lac_buf_free(&opened);
    }
}

static void a_crc_that_does_not_match_is_found(void **state) {
    (void)state;
    struct lac_packed packed = {0};
    struct lac_buf opened = {0};
    struct lac_error err;
    assert_true(lac_packed_make(LAC_STR(repeated), 6, &packed, &err));
    packed.crc32 ^= 1;

    assert_false(lac_packed_open(&packed, &opened, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_int_equal(opened.len, 0);
    lac_packed_free(&packed);
    lac_buf_free(&opened);
}

static void a_size_that_lies_is_found(void **state) {
    (void)state;
    struct lac_packed packed = {0};
    struct lac_buf opened = {0};
    struct lac_error err;
    assert_true(lac_packed_make(LAC_STR(repeated), 6, &packed, &err));
    const uint64_t lies[] = {0, 10, sizeof repeated, UINT64_C(1) << 40};

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        packed.size = lies[i];
        assert_false(lac_packed_open(&packed, &opened, &err));
    }

    lac_packed_free(&packed);
    lac_buf_free(&opened);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_repeats_is_deflated_and_opens_as_it_was),
        cmocka_unit_test(what_does_not_shrink_stays_as_it_is),
        cmocka_unit_test(a_crc_that_does_not_match_is_found),
        cmocka_unit_test(a_size_that_lies_is_found),
    };
    return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
