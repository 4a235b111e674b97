/* test_content_coding.c — what is packed opens again, what is damaged does not, and a result has a
 * bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/content_coding.h"

/* "hello hello hello hello", by zlib. */
static const char hello[] = "\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01\x68\x03\x08\xb1";

#define HELLO ((struct lac_str){hello, sizeof hello - 1})

static void zlib_s_own_form_opens(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    lac_buf_add(&out, LAC_STR("say "));
    assert_true(lac_content_coding_open(HELLO, LAC_CODING_DEFLATE, 23, &out, &err));
    assert_string_equal(out.data, "say hello hello hello hello");
    lac_buf_free(&out);
}

static void check_round(enum lac_content_coding coding, struct lac_str bytes, int level) {
    struct lac_buf packed = {0}, out = {0};
    struct lac_error err;

    assert_true(lac_content_coding_pack(bytes, coding, level, &packed, &err));
    assert_true(lac_content_coding_open(lac_buf_view(&packed), coding, bytes.len, &out, &err));
    assert_int_equal(out.len, bytes.len);
    assert_true(bytes.len == 0 || memcmp(out.data, bytes.data, bytes.len) == 0);
    lac_buf_free(&packed);
    lac_buf_free(&out);
}

static void what_was_packed_opens(void **state) {
    (void)state;
    struct lac_buf zeros = {0};
    memset(lac_buf_grow(&zeros, 1000000, 1), 0, 1000000);
    for (int level = 1; level <= 12; level++) {
        for (int coding = LAC_CODING_GZIP; coding <= LAC_CODING_DEFLATE; coding++) {
            check_round((enum lac_content_coding)coding, LAC_STR(""), level);
            check_round((enum lac_content_coding)coding, LAC_STR("x\0y"), level);
            check_round((enum lac_content_coding)coding, lac_buf_view(&zeros), level);
        }
    }
    lac_buf_free(&zeros);
}

static void more_than_is_allowed_is_refused(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;
    lac_buf_add(&out, LAC_STR("kept"));

    for (size_t most = 0; most < 23; most++) {
        assert_false(lac_content_coding_open(HELLO, LAC_CODING_DEFLATE, most, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_LIMIT);
        assert_string_equal(out.data, "kept");
    }
    lac_buf_free(&out);
}

static void what_is_cut_or_changed_is_refused(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    for (size_t len = 0; len < HELLO.len; len++) {
        struct lac_str cut = {hello, len};
        assert_false(lac_content_coding_open(cut, LAC_CODING_DEFLATE, 1000, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
    }
    struct lac_str longer = {hello, sizeof hello};
    assert_false(lac_content_coding_open(longer, LAC_CODING_DEFLATE, 1000, &out, &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    for (size_t at = 2; at < HELLO.len; at++) {
        char changed[sizeof hello];
        memcpy(changed, hello, sizeof hello);
        changed[at] ^= 0x10;
        struct lac_str damaged = {changed, HELLO.len};
        assert_false(lac_content_coding_open(damaged, LAC_CODING_DEFLATE, 1000, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_int_equal(out.len, 0);
    }
    lac_buf_free(&out);
}

static void no_more_memory_is_taken_than_the_input_can_fill(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;
    char damaged[sizeof hello];
    memcpy(damaged, hello, sizeof hello);
    damaged[sizeof hello - 2] ^= 1;

    struct lac_str packed = {damaged, HELLO.len};
    assert_false(lac_content_coding_open(packed, LAC_CODING_DEFLATE, SIZE_MAX / 4, &out, &err));

    assert_true(out.cap <= 65536);
    lac_buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zlib_s_own_form_opens),
        cmocka_unit_test(what_was_packed_opens),
        cmocka_unit_test(more_than_is_allowed_is_refused),
        cmocka_unit_test(what_is_cut_or_changed_is_refused),
        cmocka_unit_test(no_more_memory_is_taken_than_the_input_can_fill),
    };
    return cmocka_run_group_tests_name("content_coding", tests, NULL, NULL);
}
