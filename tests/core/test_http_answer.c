/* test_http_answer.c — whole, partial and broken answers, cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/http_answer.h"

/* On the heap in its very size, so that a read past its end is seen. */
static enum lac_http_answer_state take(const char *text, size_t len, bool closed,
                                       struct lac_http_answer *answer, char **bytes) {
    *bytes = malloc(len > 0 ? len : 1);
    memcpy(*bytes, text, len);
    return lac_http_answer_take(*bytes, len, closed, answer);
}

static void assert_body(const struct lac_http_answer *answer, const char *want) {
    assert_int_equal(answer->body.len, strlen(want));
    assert_memory_equal(answer->body.data, want, strlen(want));
}

static void an_answer_is_partial_until_its_last_byte(void **state) {
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id:  a b \r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx-id: a b\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2;ext=1\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lac_http_answer answer;
        char *bytes;
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            assert_int_equal(take(texts[i], len, false, &answer, &bytes), LAC_HTTP_ANSWER_PARTIAL);
            free(bytes);
            assert_int_equal(take(texts[i], len, true, &answer, &bytes), LAC_HTTP_ANSWER_BROKEN);
            free(bytes);
        }
        assert_int_equal(take(texts[i], strlen(texts[i]), false, &answer, &bytes),
                         LAC_HTTP_ANSWER_WHOLE);
        assert_int_equal(answer.status, 200);
        assert_true(answer.keep_alive);
        assert_body(&answer, "hello");
        struct lac_str id = lac_http_answer_header(&answer, "X-ID");
        assert_int_equal(id.len, 3);
        assert_memory_equal(id.data, "a b", 3);
        assert_null(lac_http_answer_header(&answer, "x-i").data);
        free(bytes);
    }
}

static void several_headers_are_found_in_one_pass(void **state) {
    (void)state;
    char text[] =
        "HTTP/1.1 200 OK\r\nno colon\r\nB: 1\r\na:\t2 \r\nb: 3\r\n"
        "Content-Length: 9\r\n\r\nhello";
    struct lac_http_answer answer;
    struct lac_str a, b, c;
    const struct lac_http_wanted wanted[] = {
        {LAC_STR_INIT("a"), &a}, {LAC_STR_INIT("b"), &b}, {LAC_STR_INIT("c"), &c}};

    assert_int_equal(lac_http_answer_take(text, strlen(text), false, &answer),
                     LAC_HTTP_ANSWER_PARTIAL);
    assert_int_equal(answer.body.len, 9); /* what will be whole */
    lac_http_answer_headers(&answer, wanted, 3);

    assert_int_equal(a.len, 1);
    assert_int_equal(*a.data, '2');
    assert_int_equal(b.len, 1);
    assert_int_equal(*b.data, '1'); /* the first of two */
    assert_null(c.data);
}

static void a_body_without_length_ends_with_the_connection(void **state) {
    (void)state;
    const char *text = "HTTP/1.1 200 OK\r\n\r\nrest";
    struct lac_http_answer answer;
    char *bytes;

    assert_int_equal(take(text, strlen(text), false, &answer, &bytes), LAC_HTTP_ANSWER_PARTIAL);
    free(bytes);
    assert_int_equal(take(text, strlen(text), true, &answer, &bytes), LAC_HTTP_ANSWER_WHOLE);
    assert_body(&answer, "rest");
    assert_false(answer.keep_alive);
    free(bytes);
}

static void the_last_answer_of_a_connection_is_known(void **state) {
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lac_http_answer answer;
        char *bytes;
        assert_int_equal(take(texts[i], strlen(texts[i]), false, &answer, &bytes),
                         LAC_HTTP_ANSWER_WHOLE);
        assert_false(answer.keep_alive);
        free(bytes);
    }
}

static void what_is_no_answer_is_broken(void **state) {
    (void)state;
    static const char *const texts[] = {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 99x OK\r\n\r\n",
        "HTTP/1.1 999 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5;6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lac_http_answer answer;
        char *bytes;
        assert_int_equal(take(texts[i], strlen(texts[i]), false, &answer, &bytes),
                         LAC_HTTP_ANSWER_BROKEN);
        free(bytes);
    }
    char *endless = malloc(LAC_HTTP_ANSWER_MAX_HEAD);
    memset(endless, 'a', LAC_HTTP_ANSWER_MAX_HEAD);
    struct lac_http_answer answer;
    assert_int_equal(lac_http_answer_take(endless, LAC_HTTP_ANSWER_MAX_HEAD, false, &answer),
                     LAC_HTTP_ANSWER_BROKEN);
    free(endless);
}

/* Small random damage to good answers: the sanitizers watch. */
static void damage_never_reads_outside(void **state) {
    (void)state;
    const char *text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
        "5\r\nhello\r\n0\r\n\r\n";
    size_t len = strlen(text);
    unsigned seed = 1;
    for (int i = 0; i < 20000; i++) {
        struct lac_http_answer answer;
        char *bytes = malloc(len);
        memcpy(bytes, text, len);
        for (int j = 0; j < 3; j++) {
            seed = seed * 1103515245U + 12345U;
            bytes[(seed >> 8) % len] = (char)(seed >> 24);
        }
        if (lac_http_answer_take(bytes, len, i % 2 == 0, &answer) == LAC_HTTP_ANSWER_WHOLE) {
            assert_true(answer.body.data + answer.body.len <= bytes + len);
        }
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_partial_until_its_last_byte),
        cmocka_unit_test(several_headers_are_found_in_one_pass),
        cmocka_unit_test(a_body_without_length_ends_with_the_connection),
        cmocka_unit_test(the_last_answer_of_a_connection_is_known),
        cmocka_unit_test(what_is_no_answer_is_broken),
        cmocka_unit_test(damage_never_reads_outside),
    };
    return cmocka_run_group_tests_name("http_answer", tests, NULL, NULL);
}
