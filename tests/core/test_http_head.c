/* test_http_head.c — heads and chunks, whole and cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/http_head.h"

static struct lac_str text(const char *bytes) {
    return (struct lac_str){bytes, strlen(bytes)};
}

static void assert_text(struct lac_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}

static const char whole[] =
    "POST /a/b?c HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:  12 \r\n"
    "Expect: 100-continue\r\n\r\nbody";

static void a_head_is_taken_apart(void **state) {
    (void)state;
    struct lac_http_head head;

    assert_int_equal(lac_http_head_take(text(whole), &head), LAC_HTTP_HEAD_WHOLE);

    assert_text(head.method, "POST");
    assert_text(head.target, "/a/b?c");
    assert_int_equal(head.len, strlen(whole) - 4);
    assert_int_equal(head.length, 12);
    assert_true(head.keep_alive && head.expects && !head.chunked);
    assert_text(lac_http_head_value(head.lines, LAC_STR("HOST")), "x");
    assert_null(lac_http_head_value(head.lines, LAC_STR("hos")).data);
}

static void a_head_that_is_not_whole_asks_for_more(void **state) {
    (void)state;
    struct lac_http_head head;
    for (size_t len = 0; len < strlen(whole) - 4; len++) {
        assert_int_equal(lac_http_head_take((struct lac_str){whole, len}, &head),
                         LAC_HTTP_HEAD_PARTIAL);
    }
}

static void the_connection_says_whether_it_stays(void **state) {
    (void)state;
    struct lac_http_head head;

    assert_int_equal(lac_http_head_take(text("GET / HTTP/1.0\n\n"), &head), LAC_HTTP_HEAD_WHOLE);
    assert_false(head.keep_alive);
    assert_int_equal(
        lac_http_head_take(text("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"), &head),
        LAC_HTTP_HEAD_WHOLE);
    assert_false(head.keep_alive);
    assert_int_equal(
        lac_http_head_take(text("GET / HTTP/1.0\r\nConnection: te, Keep-Alive\r\n\r\n"), &head),
        LAC_HTTP_HEAD_WHOLE);
    assert_true(head.keep_alive && head.minor == 0);
    assert_int_equal(lac_http_head_take(
                         text("GET / HTTP/1.1\r\nHost: h\r\nConnection: te, close\r\n\r\n"), &head),
                     LAC_HTTP_HEAD_WHOLE);
    assert_false(head.keep_alive);
}

static void the_end_of_a_head_is_found_byte_by_byte(void **state) {
    (void)state;
    static const char *const ended[] = {whole, "GET / HTTP/1.0\n\n",
                                        "GET / HTTP/1.0\r\nA: b\n\r\n"};
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++) {
        size_t sought = 0, len = strlen(ended[i]) - (i == 0 ? 4 : 0);
        for (size_t come = 0; come < len; come++) {
            assert_false(lac_http_head_ends((struct lac_str){ended[i], come}, &sought));
        }
        assert_true(lac_http_head_ends((struct lac_str){ended[i], len}, &sought));
    }
}

static void lines_are_cut_off_one_by_one(void **state) {
    (void)state;
    struct lac_str lines = text("Name: a \r\nOther:\r\nno header\r\nAfter: c\r\n");
    struct lac_http_field field;

    assert_true(lac_http_head_next(&lines, &field));
    assert_text(field.name, "Name");
    assert_text(field.value, "a");
    assert_true(lac_http_head_next(&lines, &field));
    assert_text(field.name, "Other");
    assert_text(field.value, "");
    assert_false(lac_http_head_next(&lines, &field));
    assert_text(lines, "no header\r\nAfter: c\r\n");
}

static void what_is_no_request_is_broken(void **state) {
    (void)state;
    static const char *const broken[] = {
        "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "\r\n\r\n",
        " / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n : no name\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\na : space\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\na: b\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\na: b\rc\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
        "chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://?a HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://me@h/a HTTP/1.1\r\nHost: h\r\n\r\n",
    };
    struct lac_http_head head;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_int_equal(lac_http_head_take(text(broken[i]), &head), LAC_HTTP_HEAD_BROKEN);
    }
}

static void a_target_may_be_a_whole_uri(void **state) {
    (void)state;
    static const struct {
        const char *target, *authority, *rest;
    } rows[] = {
        {"http://h:80/a?b", "h:80", "/a?b"},
        {"HTTPS://h/http://x", "h", "/http://x"},
        {"http://h", "h", "/"},
        {"http://h?b@c", "h", "?b@c"},
        {"http:/a", "", "http:/a"},
        {"http://", "", "http://"},
        {"/http://h/a", "", "/http://h/a"},
        {"*", "", "*"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf line = {0};
        struct lac_http_head head;
        lac_buf_adds(&line, LAC_STR("GET "), text(rows[i].target),
                     LAC_STR(" HTTP/1.1\r\nHost: x\r\n\r\n"));

        assert_int_equal(lac_http_head_take(lac_buf_view(&line), &head), LAC_HTTP_HEAD_WHOLE);

        assert_text(head.target, rows[i].rest);
        assert_int_equal(head.authority.len, strlen(rows[i].authority));
        assert_true(head.authority.len == 0 ||
                    memcmp(head.authority.data, rows[i].authority, head.authority.len) == 0);
        lac_buf_free(&line);
    }
}

static void a_head_without_end_is_broken(void **state) {
    (void)state;
    static char endless[LAC_HTTP_HEAD_MAX + 1];
    struct lac_http_head head;
    memset(endless, 'a', sizeof endless);
    memcpy(endless, "GET / HTTP/1.1\r\nx: ", 19);

    assert_int_equal(lac_http_head_take((struct lac_str){endless, sizeof endless}, &head),
                     LAC_HTTP_HEAD_BROKEN);
}

static const char chunked[] =
    "5;x=y\r\nhello\r\nA\r\n, \r\nworld!\r\n0\r\nName: a\r\nOther: b\r\n"
    "\r\nnext";

static void chunks_are_joined_wherever_they_are_cut(void **state) {
    (void)state;
    for (size_t cut = 0; cut < strlen(chunked); cut++) {
        struct lac_http_chunks chunks = {0};
        struct lac_buf out = {0};
        struct lac_str first = {chunked, cut};
        assert_true(lac_http_chunks_take(&chunks, &first, &out));
        struct lac_str rest = text(chunked + cut - first.len);

        assert_true(lac_http_chunks_take(&chunks, &rest, &out));

        assert_true(chunks.whole);
        assert_text(lac_buf_view(&out), "hello, \r\nworld!");
        assert_text(rest, "next");
        assert_text(lac_http_head_value(lac_buf_view(&chunks.trailers), LAC_STR("other")), "b");
        lac_http_chunks_free(&chunks);
        lac_buf_free(&out);
    }
}

static void what_are_no_chunks_is_refused(void **state) {
    (void)state;
    static char endless[LAC_HTTP_HEAD_MAX + 100];
    memset(endless, 'a', sizeof endless - 1);
    memcpy(endless, "0\r\nx: ", 6);
    const char *const broken[] = {"x\r\n", "\r\n", "1\r\nab\r\n", "fffffffffffffffff\r\n", endless};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct lac_http_chunks chunks = {0};
        struct lac_buf out = {0};
        struct lac_str bytes = text(broken[i]);

        assert_false(lac_http_chunks_take(&chunks, &bytes, &out));

        lac_http_chunks_free(&chunks);
        lac_buf_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_taken_apart),
        cmocka_unit_test(a_head_that_is_not_whole_asks_for_more),
        cmocka_unit_test(the_connection_says_whether_it_stays),
        cmocka_unit_test(the_end_of_a_head_is_found_byte_by_byte),
        cmocka_unit_test(lines_are_cut_off_one_by_one),
        cmocka_unit_test(what_is_no_request_is_broken),
        cmocka_unit_test(a_target_may_be_a_whole_uri),
        cmocka_unit_test(a_head_without_end_is_broken),
        cmocka_unit_test(chunks_are_joined_wherever_they_are_cut),
        cmocka_unit_test(what_are_no_chunks_is_refused),
    };
    return cmocka_run_group_tests_name("http_head", tests, NULL, NULL);
}
