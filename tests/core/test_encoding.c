/* test_encoding.c — hex and base64 against RFC 4648, both ways, and what the decoders refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/encoding.h"

static const struct {
    struct lac_str bytes;
    const char *hex, *base64, *base64url;
} rows[] = {
    {LAC_STR_INIT(""), "", "", ""},
    {LAC_STR_INIT("f"), "66", "Zg==", "Zg"},
    {LAC_STR_INIT("fo"), "666f", "Zm8=", "Zm8"},
    {LAC_STR_INIT("foo"), "666f6f", "Zm9v", "Zm9v"},
    {LAC_STR_INIT("foob"), "666f6f62", "Zm9vYg==", "Zm9vYg"},
    {LAC_STR_INIT("fooba"), "666f6f6261", "Zm9vYmE=", "Zm9vYmE"},
    {LAC_STR_INIT("foobar"), "666f6f626172", "Zm9vYmFy", "Zm9vYmFy"},
    {LAC_STR_INIT("\0\xff\xfb\xef"), "00fffbef", "AP/77w==", "AP_77w"},
};

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static void both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf hex = {0}, base64 = {0}, base64url = {0}, back = {0};
        struct lac_error err;

        lac_hex_add(rows[i].bytes, &hex);
        lac_base64_add(rows[i].bytes, &base64);
        lac_base64url_add(rows[i].bytes, &base64url);
        assert_string_equal(lac_buf_view(&hex).data, rows[i].hex);
        assert_string_equal(lac_buf_view(&base64).data, rows[i].base64);
        assert_string_equal(lac_buf_view(&base64url).data, rows[i].base64url);

        assert_true(lac_hex_decode(lac_buf_view(&hex), &back, &err));
        assert_true(lac_base64_decode(lac_buf_view(&base64), &back, &err));
        assert_true(lac_base64url_decode(lac_buf_view(&base64url), &back, &err));
        size_t len = rows[i].bytes.len;
        assert_int_equal(back.len, 3 * len);
        for (size_t time = 0; time < 3; time++) {
            assert_memory_equal(lac_buf_view(&back).data + time * len, rows[i].bytes.data, len);
        }
        lac_buf_free(&hex);
        lac_buf_free(&base64);
        lac_buf_free(&base64url);
        lac_buf_free(&back);
    }
}

static void hex_takes_either_case_and_nothing_else(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    assert_true(lac_hex_decode(LAC_STR("aF09"), &out, &err));
    assert_memory_equal(out.data, "\xaf\x09", 2);
    assert_false(lac_hex_decode(LAC_STR("abc"), &out, &err));
    assert_string_equal(err.message, "hex has an odd number of digits");
    assert_false(lac_hex_decode(LAC_STR("00g0"), &out, &err));
    assert_string_equal(err.message, "not a hex digit at byte 3");
    assert_false(lac_hex_decode(LAC_STR("0 "), &out, &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_int_equal(out.len, 2); /* a refusal leaves nothing behind */
    lac_buf_free(&out);
}

static void assert_refused(bool (*decode)(struct lac_str, struct lac_buf *, struct lac_error *),
                           const char *refused) {
    struct lac_buf out = {0};
    struct lac_error err;

    assert_false(decode(text(refused), &out, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_int_equal(out.len, 0);
    lac_buf_free(&out);
}

static void base64_is_strict(void **state) {
    (void)state;
    static const char *const refused[] = {
        "Zg",   "Zg=",  "Zg===", "=",    "====",     "Z===", "Zm9v\n",
        "Zm9*", "Zm-_", "Zh==",  "Zm9=", "Zg==Zg==", "Z=m9"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_refused(lac_base64_decode, refused[i]);
    }
}

static void base64url_is_strict(void **state) {
    (void)state;
    static const char *const refused[] = {"Z",    "Zg==", "Zm8=", "Zm9vZ", "Zm9v\n",
                                          "Zm+/", "Zh",   "Zm9",  "Zm 9v", "Zm9.Zg"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_refused(lac_base64url_decode, refused[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(hex_takes_either_case_and_nothing_else),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64url_is_strict),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
