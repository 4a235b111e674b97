/* test_shortest.c — against the C library, on many doubles of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/shortest.h"

static const char *shortest(double value) {
    static char out[LAC_SHORTEST_SIZE + 1];
    size_t len = lac_shortest(value, out);
    assert_in_range(len, 3, LAC_SHORTEST_SIZE);
    out[len] = '\0';
    return out;
}

static void numbers_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {1, "1.0"},
        {-2.5, "-2.5"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {100, "100.0"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {123456789.125, "123456789.125"},
        {999999999999999.9, "999999999999999.9"},
        {1e15, "1e+15"},
        {9007199254740992.0, "9007199254740992.0"},
        {1e22, "1e+22"},
        {5e-324, "4.94065645841247e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {450359962737049.5625, "450359962737049.56"},
        {281474976710656, "281474976710656.0"}, /* a power of two: its neighbours differ */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(shortest(cases[i].value), cases[i].text);
    }
}

/* The digits from the first to the last that is not 0: "0.0250" -> "25". */
static void copy_digits(const char *text, char *out) {
    size_t len = 0, last = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text >= '1' && *text <= '9') {
            out[len++] = *text;
            last = len;
        } else if (*text == '0' && len > 0) {
            out[len++] = *text;
        }
    }
    out[last] = '\0';
}

static void check(double value) {
    char plain[64], want[64], got[64];
    const char *text = shortest(value);
    assert_true(strtod(text, NULL) == value);
    int digits = 1;
    do {
        snprintf(plain, sizeof plain, "%.*g", digits, value);
    } while (strtod(plain, NULL) != value && digits++ < 17);
    copy_digits(plain, want);
    copy_digits(text, got);
    if (strlen(want) == strlen(got)) {
        assert_string_equal(got, want); /* the nearest of the shortest */
    } else {
        assert_true(strlen(got) < strlen(want)); /* beyond a power of two the nearest may miss */
    }
}

static void every_double_reads_back_from_the_fewest_digits(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252U;
    for (int i = 0; i < 60000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        uint64_t near_one =
            (seed & UINT64_C(0x000FFFFFFFFFFFFF)) | (UINT64_C(1023 - 14) + (seed >> 52) % 64) << 52;
        double value;
        memcpy(&value, &near_one, sizeof value);
        check(value);
        check((double)(seed % 100000) / 100);      /* prices */
        check((double)(seed % 1000000007) / 7);    /* what has no end */
        near_one &= ~UINT64_C(0x000FFFFFFFFFFFFF); /* powers of two */
        memcpy(&value, &near_one, sizeof value);
        check(value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_as_people_write_them),
        cmocka_unit_test(every_double_reads_back_from_the_fewest_digits),
    };
    return cmocka_run_group_tests_name("shortest", tests, NULL, NULL);
}
