/* test_headers.c — what may go on a header line, and what is made of those that come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/headers.h"

#define assert_view(view, text)                                                                    \
    do {                                                                                           \
        assert_int_equal((view).len, strlen(text));                                                \
        assert_memory_equal((view).data, text, strlen(text));                                      \
    } while (0)

static void a_line_becomes_a_lower_case_name_and_a_trimmed_value(void **state) {
    (void)state;
    struct lac_headers headers = {0};
    struct lac_error err;

    assert_true(lac_headers_add_line(&headers, LAC_STR("Content-Type: \ttext/plain \r\n"), &err));
    assert_true(lac_headers_add_line(&headers, LAC_STR("X-Empty:\r\n"), &err));

    assert_view(lac_buf_view(&headers.items[0].name), "content-type");
    assert_view(lac_headers_get(&headers, LAC_STR("content-type")), "text/plain");
    assert_view(lac_headers_get(&headers, LAC_STR("x-empty")), "");
    assert_null(lac_headers_get(&headers, LAC_STR("absent")).data);
    lac_headers_free(&headers);
}

static void equal_names_are_joined(void **state) {
    (void)state;
    struct lac_headers headers = {0};
    struct lac_error err;

    assert_true(lac_headers_add_line(&headers, LAC_STR("Vary: a"), &err));
    assert_true(lac_headers_add_line(&headers, LAC_STR("VARY: b"), &err));

    assert_int_equal(headers.count, 1);
    assert_view(lac_headers_get(&headers, LAC_STR("vary")), "a, b");
    lac_headers_free(&headers);
}

static void names_kept_apart_are_as_they_came(void **state) {
    (void)state;
    struct lac_headers headers = {.apart = true};
    struct lac_error err;

    assert_true(lac_headers_add_line(&headers, LAC_STR("Set-Cookie: a\r\n"), &err));
    assert_true(lac_headers_add_line(&headers, LAC_STR("set-cookie: b\r\n"), &err));

    assert_int_equal(headers.count, 2);
    assert_string_equal(headers.items[0].name.data, "Set-Cookie");
    assert_string_equal(headers.items[1].value.data, "b");
    assert_string_equal(lac_headers_get(&headers, LAC_STR("set-cookie")).data, "a");
    lac_headers_free(&headers);
}

static void what_is_no_header_is_refused(void **state) {
    (void)state;
    static const struct lac_str lines[] = {
        LAC_STR_INIT(""),
        LAC_STR_INIT("no colon here"),
        LAC_STR_INIT(": no name"),
        LAC_STR_INIT("a b: c"),
        LAC_STR_INIT(" folded: x"),
        LAC_STR_INIT("n\0l: x"),
        LAC_STR_INIT("\xff\xfe: x"),
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct lac_headers headers = {0};
        struct lac_error err;

        assert_false(lac_headers_add_line(&headers, lines[i], &err));

        assert_int_equal(err.kind, LAC_ERR_NETWORK);
        assert_string_equal(err.code, "protocol");
        lac_headers_free(&headers);
    }
}

static void their_number_is_bounded(void **state) {
    (void)state;
    struct lac_headers headers = {0};
    struct lac_error err;
    char line[32];
    for (int i = 0; i < LAC_HEADERS_MAX_COUNT; i++) {
        int len = snprintf(line, sizeof line, "h%d: x", i);
        assert_true(lac_headers_add_line(&headers, (struct lac_str){line, (size_t)len}, &err));
    }

    assert_false(lac_headers_add_line(&headers, LAC_STR("one-more: x"), &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    lac_headers_free(&headers);
}

static void their_length_is_bounded_even_under_one_name(void **state) {
    (void)state;
    static char line[1024] = "name: ";
    memset(line + 6, 'x', sizeof line - 6);
    struct lac_headers headers = {0};
    struct lac_error err;
    size_t lines = 0;

    while (lac_headers_add_line(&headers, (struct lac_str){line, sizeof line}, &err)) {
        lines++;
    }

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    assert_in_range(lines, 1, LAC_HEADERS_MAX_BYTES / 1000);
    lac_headers_free(&headers);
}

static void a_value_that_would_begin_a_line_of_its_own_cannot_be_sent(void **state) {
    (void)state;
    static const struct lac_header bad[] = {
        {LAC_STR_INIT("x"), LAC_STR_INIT("a\r\nHost: evil")},
        {LAC_STR_INIT("x"), LAC_STR_INIT("a\n")},
        {LAC_STR_INIT("x"), LAC_STR_INIT("a\0b")},
        {LAC_STR_INIT("x: y"), LAC_STR_INIT("a")},
        {LAC_STR_INIT(""), LAC_STR_INIT("a")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lac_error err;

        assert_false(lac_header_check(&bad[i], &err));

        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_null(strstr(err.message, "evil"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_a_lower_case_name_and_a_trimmed_value),
        cmocka_unit_test(equal_names_are_joined),
        cmocka_unit_test(names_kept_apart_are_as_they_came),
        cmocka_unit_test(what_is_no_header_is_refused),
        cmocka_unit_test(their_number_is_bounded),
        cmocka_unit_test(their_length_is_bounded_even_under_one_name),
        cmocka_unit_test(a_value_that_would_begin_a_line_of_its_own_cannot_be_sent),
    };
    return cmocka_run_group_tests_name("headers", tests, NULL, NULL);
}
