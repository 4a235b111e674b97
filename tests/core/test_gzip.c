/* test_gzip.c — what opens, what is refused, and that a result has a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/gzip.h"

/* "hello hello hello hello", nothing, and the beginning of 100,000 zeros: by gzip(1). */
static const char hello[] =
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01"
    "\xe3\x51\x3d\x8d\x17\0\0";
static const char nothing[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0";
static const char zeros[] =
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x31\x01\0\0\0\xc2\xa0\xf5\x4f"
    "\x6d\x0d\x0f\xa0";

#define HELLO ((struct lac_str){hello, sizeof hello})
#define NOTHING ((struct lac_str){nothing, sizeof nothing})

static void zeros_of_gzip(struct lac_buf *packed) {
    lac_buf_add(packed, (struct lac_str){zeros, sizeof zeros - 1});
    char *rest = lac_buf_grow(packed, 132 - packed->len, 1);
    memset(rest, 0, (size_t)(packed->data + 132 - rest));
    memcpy(packed->data + 121, "\x80\x57\x03\x7d\x95\x11\xd4\xa0\x86\x01", 11);
}

static void a_member_opens(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    lac_buf_add(&out, LAC_STR("say "));
    assert_true(lac_gzip_open(HELLO, 23, &out, &err));
    assert_string_equal(out.data, "say hello hello hello hello");
    assert_true(lac_gzip_open(NOTHING, 0, &out, &err));
    assert_int_equal(out.len, 27);
    lac_buf_free(&out);
}

static void members_follow_one_another(void **state) {
    (void)state;
    struct lac_buf packed = {0}, out = {0};
    struct lac_error err;
    zeros_of_gzip(&packed);
    lac_buf_adds(&packed, HELLO, NOTHING, HELLO);

    assert_true(lac_gzip_open(lac_buf_view(&packed), 100046, &out, &err));

    assert_int_equal(out.len, 100046);
    assert_int_equal(out.data[99999], 0);
    assert_string_equal(out.data + 100000, "hello hello hello hellohello hello hello hello");
    lac_buf_cut(&out, 0);
    assert_false(lac_gzip_open(lac_buf_view(&packed), 100045, &out, &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    assert_int_equal(out.len, 0);
    lac_buf_free(&packed);
    lac_buf_free(&out);
}

static void more_than_is_allowed_is_refused(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;
    lac_buf_add(&out, LAC_STR("kept"));

    for (size_t most = 0; most < 23; most++) {
        assert_false(lac_gzip_open(HELLO, most, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_LIMIT);
        assert_string_equal(out.data, "kept");
    }
    lac_buf_free(&out);
}

static void a_size_is_not_taken_on_its_word(void **state) {
    (void)state;
    char liar[sizeof hello];
    struct lac_buf out = {0};
    struct lac_error err;
    memcpy(liar, hello, sizeof hello);
    memset(liar + sizeof hello - 4, 0xff, 4);

    assert_false(lac_gzip_open((struct lac_str){liar, sizeof liar}, SIZE_MAX / 4, &out, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_true(out.cap <= 65536);
    lac_buf_free(&out);
}

static void what_is_cut_or_changed_is_refused(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    for (size_t len = 0; len < sizeof hello; len++) {
        assert_false(lac_gzip_open((struct lac_str){hello, len}, 1000, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
    }
    for (size_t at = 10; at < sizeof hello; at++) {
        char changed[sizeof hello];
        memcpy(changed, hello, sizeof hello);
        changed[at] ^= 0x10;
        assert_false(lac_gzip_open((struct lac_str){changed, sizeof changed}, 1000, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_int_equal(out.len, 0);
    }
    lac_buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_opens),
        cmocka_unit_test(members_follow_one_another),
        cmocka_unit_test(more_than_is_allowed_is_refused),
        cmocka_unit_test(a_size_is_not_taken_on_its_word),
        cmocka_unit_test(what_is_cut_or_changed_is_refused),
    };
    return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
