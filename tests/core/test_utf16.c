/* test_utf16.c — UTF-8 counted in UTF-16 units, and the two cases of letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/utf16.h"

#define MIXED LAC_STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z") /* a é € 😀 z */

static void a_character_beyond_the_first_plane_counts_twice(void **state) {
    (void)state;
    assert_int_equal(lac_utf16_length(MIXED), 6);
    assert_int_equal(lac_utf16_length(LAC_STR("\xFF\xC3")), 2);
    assert_int_equal(lac_utf16_length(LAC_STR("")), 0);
}

static void a_unit_is_found_at_its_byte(void **state) {
    (void)state;
    assert_int_equal(lac_utf16_byte(MIXED, 0), 0);
    assert_int_equal(lac_utf16_byte(MIXED, 2), 3);
    assert_int_equal(lac_utf16_byte(MIXED, 3), 6);
    assert_int_equal(lac_utf16_byte(MIXED, 4), 10);
    assert_int_equal(lac_utf16_byte(MIXED, 5), 10);
    assert_int_equal(lac_utf16_byte(MIXED, 99), 11);
}

static void characters_come_back(void **state) {
    (void)state;
    static const uint32_t codes[] = {'a', 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct lac_buf out = {0};
        size_t at = 0;
        lac_utf8_add(&out, codes[i]);
        assert_int_equal(lac_utf8_next(lac_buf_view(&out), &at), codes[i]);
        assert_int_equal(at, out.len);
        lac_buf_free(&out);
    }
    size_t at = 0;
    assert_int_equal(lac_utf8_next(LAC_STR("\xE2\x82"), &at), 0xFFFD);
    assert_int_equal(at, 1);
}

static void letters_have_their_other_case(void **state) {
    (void)state;
    static const uint32_t pairs[][2] = {{'a', 'A'},       {'z', 'Z'},       {0xE9, 0xC9},
                                        {0x101, 0x100},   {0x17E, 0x17D},   {0x3B1, 0x391},
                                        {0x44F, 0x42F},   {0x450, 0x400},   {0xFF, 0x178},
                                        {0x1EA1, 0x1EA0}, {0xFF41, 0xFF21}, {0x13A, 0x139}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(lac_utf8_upper(pairs[i][0]), pairs[i][1]);
        assert_int_equal(lac_utf8_lower(pairs[i][1]), pairs[i][0]);
    }
    assert_int_equal(lac_utf8_upper('1'), '1');
    assert_int_equal(lac_utf8_lower(0xD7), 0xD7);
    assert_int_equal(lac_utf8_upper(0xF7), 0xF7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_beyond_the_first_plane_counts_twice),
        cmocka_unit_test(a_unit_is_found_at_its_byte),
        cmocka_unit_test(characters_come_back),
        cmocka_unit_test(letters_have_their_other_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
