/* test_uri.c — escapes both ways, and URLs taken apart or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/uri.h"

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static void assert_text(struct lac_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}

static void unreserved_bytes_stay_and_all_others_are_escaped(void **state) {
    (void)state;
    struct lac_buf out = {0};

    lac_uri_encode(LAC_STR("AZaz09-._~"), "", &out);
    assert_string_equal(out.data, "AZaz09-._~");
    lac_buf_cut(&out, 0);

    lac_uri_encode(LAC_STR("/a b+c\0\xff%/"), "/", &out);
    assert_string_equal(out.data, "/a%20b%2Bc%00%FF%25/");
    lac_buf_free(&out);
}

static void every_byte_comes_back(void **state) {
    (void)state;
    char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)i;
    }
    struct lac_buf escaped = {0}, back = {0};
    struct lac_error err;

    lac_uri_encode((struct lac_str){bytes, sizeof bytes}, "", &escaped);
    assert_true(lac_uri_decode(lac_buf_view(&escaped), true, &back, &err));

    assert_int_equal(back.len, sizeof bytes);
    assert_memory_equal(back.data, bytes, sizeof bytes);
    lac_buf_free(&escaped);
    lac_buf_free(&back);
}

static void plus_is_a_space_only_when_asked_for(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    assert_true(lac_uri_decode(LAC_STR("a+b%2b|"), false, &out, &err));
    assert_true(lac_uri_decode(LAC_STR("a+b%2B"), true, &out, &err));

    assert_string_equal(out.data, "a+b+|a b+");
    lac_buf_free(&out);
}

static void a_malformed_escape_is_an_error_that_leaves_nothing(void **state) {
    (void)state;
    static const char *const refused[] = {"ok%", "ok%4", "ok%4g", "ok%%41", "ok% 1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct lac_buf out = {0};
        struct lac_error err;
        lac_buf_add(&out, LAC_STR("before"));

        assert_false(lac_uri_decode(text(refused[i]), false, &out, &err));

        assert_string_equal(err.message, "malformed escape at byte 3");
        assert_string_equal(out.data, "before");
        lac_buf_free(&out);
    }
}

static void urls_are_taken_apart(void **state) {
    (void)state;
    static const struct {
        const char *url, *scheme, *userinfo, *host;
        int port;
        const char *authority, *path, *query;
    } rows[] = {
        {"http://h", "http", NULL, "h", 80, "h", "/", NULL},
        {"HTTPS://a.b:8443/x%20y?q=1?2&r", "https", NULL, "a.b", 8443, "a.b:8443", "/x%20y",
         "q=1?2&r"},
        {"https://h:443?q", "https", NULL, "h", 443, "h", "/", "q"},
        {"https://h:80/?", "https", NULL, "h", 80, "h:80", "/", ""},
        {"http://u:p@w@[::1]:4566/", "http", "u:p@w", "::1", 4566, "[::1]:4566", "/", NULL},
        {"http://h:/a/../b//c", "http", NULL, "h", 80, "h", "/a/../b//c", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_uri uri;
        struct lac_buf authority = {0};
        struct lac_error err;

        assert_true(lac_uri_parse(text(rows[i].url), &uri, &err));
        lac_uri_add_authority(&uri, &authority);

        assert_text(uri.scheme, rows[i].scheme);
        assert_text(uri.host, rows[i].host);
        assert_text(uri.path, rows[i].path);
        assert_int_equal(uri.port, rows[i].port);
        assert_text(lac_buf_view(&authority), rows[i].authority);
        assert_int_equal(uri.userinfo.data != NULL, rows[i].userinfo != NULL);
        assert_int_equal(uri.query.data != NULL, rows[i].query != NULL);
        if (rows[i].userinfo != NULL) {
            assert_text(uri.userinfo, rows[i].userinfo);
        }
        if (rows[i].query != NULL) {
            assert_text(uri.query, rows[i].query);
        }
        lac_buf_free(&authority);
    }
}

static void what_is_no_url_is_refused_and_not_repeated(void **state) {
    (void)state;
    static const struct {
        const char *url, *message;
    } rows[] = {
        {"", "the URL does not begin with http:// or https://"},
        {"ftp://h/", "the URL does not begin with http:// or https://"},
        {"http:/h", "the URL does not begin with http:// or https://"},
        {"http://", "the URL's host is empty or malformed"},
        {"http:///x", "the URL's host is empty or malformed"},
        {"http://a_b%41/", "the URL's host is empty or malformed"},
        {"http://a\\b/", "the URL's host is empty or malformed"},
        {"http://[::1/", "the URL's host has no closing bracket"},
        {"http://[x]/", "the URL's host is empty or malformed"},
        {"http://[::1]8/", "the URL's port is not a number from 1 to 65535"},
        {"http://h:0/", "the URL's port is not a number from 1 to 65535"},
        {"http://h:65536/", "the URL's port is not a number from 1 to 65535"},
        {"http://h:99999999999999999999/", "the URL's port is not a number from 1 to 65535"},
        {"http://h:8o/", "the URL's port is not a number from 1 to 65535"},
        {"http://h/a b", "the URL has a space or a control character at byte 11"},
        {"http://h/a\r\nX: y", "the URL has a space or a control character at byte 11"},
        {"http://h/#top", "the URL has a fragment at byte 10"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_uri uri;
        struct lac_error err;

        assert_false(lac_uri_parse(text(rows[i].url), &uri, &err));

        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_string_equal(err.message, rows[i].message);
    }
}

static void a_query_gives_its_pairs_in_order(void **state) {
    (void)state;
    struct lac_str query = LAC_STR("&b=2&a&=v&&c=x=y&");
    static const char *const want[][2] = {{"b", "2"}, {"a", ""}, {"", "v"}, {"c", "x=y"}};
    struct lac_str name, value;

    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(lac_uri_next_pair(&query, &name, &value));
        assert_text(name, want[i][0]);
        assert_text(value, want[i][1]);
    }
    assert_false(lac_uri_next_pair(&query, &name, &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unreserved_bytes_stay_and_all_others_are_escaped),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(plus_is_a_space_only_when_asked_for),
        cmocka_unit_test(a_malformed_escape_is_an_error_that_leaves_nothing),
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(what_is_no_url_is_refused_and_not_repeated),
        cmocka_unit_test(a_query_gives_its_pairs_in_order),
    };
    return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
