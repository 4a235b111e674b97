/* test_crc.c — the check values of the polynomials, in one piece and in every two pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/crc.h"

static void check_values(void **state) {
    (void)state;
    char zeros[32] = {0};

    assert_int_equal(lac_crc32(0, LAC_STR("")), 0);
    assert_int_equal(lac_crc32c(0, LAC_STR("")), 0);
    assert_int_equal(lac_crc32(0, LAC_STR("123456789")), 0xCBF43926);
    assert_int_equal(lac_crc32c(0, LAC_STR("123456789")), 0xE3069283);
    assert_int_equal(lac_crc32c(0, (struct lac_str){zeros, sizeof zeros}), 0x8A9136AA);
    assert_true(lac_crc64nvme(0, LAC_STR("")) == 0);
    assert_true(lac_crc64nvme(0, LAC_STR("123456789")) == 0xAE8B14860A799888);
}

static void pieces_give_the_checksum_of_the_whole(void **state) {
    (void)state;
    const struct lac_str whole = LAC_STR("The quick brown fox jumps over the lazy dog");
    assert_int_equal(lac_crc32(0, whole), 0x414FA339);

    for (size_t cut = 0; cut <= whole.len; cut++) {
        struct lac_str head = {whole.data, cut}, tail = {whole.data + cut, whole.len - cut};

        assert_int_equal(lac_crc32(lac_crc32(0, head), tail), 0x414FA339);
        assert_int_equal(lac_crc32c(lac_crc32c(0, head), tail), lac_crc32c(0, whole));
        assert_true(lac_crc64nvme(lac_crc64nvme(0, head), tail) == lac_crc64nvme(0, whole));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_values),
        cmocka_unit_test(pieces_give_the_checksum_of_the_whole),
    };
    return cmocka_run_group_tests_name("crc", tests, NULL, NULL);
}
