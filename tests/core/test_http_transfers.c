/* test_http_transfers.c — against a loopback server, with nothing that waits but poll. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/http_transfers.h"
#include "core/poll.h"
#include "fixture_loopback.h"

#define OK_HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Word: one\r\nX-Word: two\r\n\r\nhi"
#define MANY 50

static struct lac_http_transfers *open_transfers(void) {
    struct lac_http_transfers *transfers = NULL;
    struct lac_error err;
    assert_true(lac_http_transfers_open(&transfers, &err));
    return transfers;
}

static uint64_t start(struct lac_http_transfers *transfers,
                      const struct lac_http_request *request) {
    uint64_t id = 0;
    struct lac_error err = {0};
    assert_true(lac_http_transfers_start(transfers, request, &id, &err));
    return id;
}

/* Waits as a program does that has nothing else to do. */
static struct lac_http_ended await(struct lac_http_transfers *transfers) {
    struct lac_http_ended ended;
    while (!lac_http_transfers_next(transfers, &ended)) {
        struct lac_poll one = {.fd = lac_http_transfers_fd(transfers)};
        struct lac_error err;
        assert_true(lac_poll_wait(&one, 1, 20, &err));
        assert_true(one.ready);
    }
    return ended;
}

static void an_answer_comes_with_its_headers_line_by_line(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    struct lac_http_transfers *transfers = open_transfers();
    char body[] = "nul\0 and more";

    uint64_t id = start(transfers, &(struct lac_http_request){
                                       .url = loopback_url(loopback, "/a"),
                                       .body = {body, sizeof body - 1},
                                       .headers_apart = true,
                                   });
    memset(body, 'x', sizeof body); /* it was copied */
    struct lac_http_ended ended = await(transfers);

    assert_int_equal(ended.error.kind, LAC_OK);
    assert_int_equal(ended.id, id);
    assert_int_equal(ended.response.status, 200);
    assert_string_equal(ended.response.body.data, "hi");
    assert_int_equal(ended.response.headers.count, 3);
    assert_string_equal(ended.response.headers.items[1].name.data, "X-Word");
    assert_string_equal(ended.response.headers.items[1].value.data, "one");
    assert_string_equal(ended.response.headers.items[2].value.data, "two");
    struct lac_str request = loopback_request(loopback, 0);
    assert_true(loopback_holds(request, "POST /a HTTP/1.1\r\n"));
    assert_memory_equal(request.data + request.len - 13, "nul\0 and more", 13);
    lac_http_response_free(&ended.response);
    lac_http_transfers_close(transfers);
    loopback_stop(loopback);
}

static struct loopback_answer after_all(void *context, struct lac_str request) {
    (void)context;
    (void)request;
    return (struct loopback_answer){.bytes = OK_HI, .after = MANY};
}

static void fifty_are_under_way_at_once(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start_with(after_all, NULL);
    struct lac_http_transfers *transfers = open_transfers();
    uint64_t first = 0, sum = 0;

    for (int i = 0; i < MANY; i++) {
        uint64_t id =
            start(transfers,
                  &(struct lac_http_request){.url = loopback_url(loopback, "/"), .timeout = 20});
        first = i == 0 ? id : first;
    }
    for (int i = 0; i < MANY; i++) {
        struct lac_http_ended ended = await(transfers);
        assert_int_equal(ended.error.kind, LAC_OK);
        sum += ended.id - first;
        lac_http_response_free(&ended.response);
    }

    assert_int_equal(sum, MANY * (MANY - 1) / 2); /* each of them once */
    assert_int_equal(loopback_request_count(loopback), MANY);
    lac_http_transfers_close(transfers);
    loopback_stop(loopback);
}

static void a_connection_is_used_again(void **state) {
    (void)state;
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = OK_HI}, {.bytes = OK_HI}}, 2);
    struct lac_http_transfers *transfers = open_transfers();

    for (int i = 0; i < 2; i++) {
        start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/")});
        struct lac_http_ended ended = await(transfers);
        assert_int_equal(ended.response.status, 200);
        lac_http_response_free(&ended.response);
    }

    assert_int_equal(loopback_connection_count(loopback), 1);
    lac_http_transfers_close(transfers);
    loopback_stop(loopback);
}

static void one_that_was_closed_meanwhile_is_opened_anew(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){{.bytes = OK_HI, .then = LOOPBACK_CLOSE}, {.bytes = OK_HI}}, 2);
    struct lac_http_transfers *transfers = open_transfers();

    for (int i = 0; i < 2; i++) {
        start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/")});
        struct lac_http_ended ended = await(transfers);
        assert_int_equal(ended.error.kind, LAC_OK);
        lac_http_response_free(&ended.response);
    }

    assert_int_equal(loopback_connection_count(loopback), 2);
    lac_http_transfers_close(transfers);
    loopback_stop(loopback);
}

static void certificates_are_verified(void **state) {
    (void)state;
    char folder[] = "/tmp/laconic-transfers-XXXXXX", certificate[64];
    assert_non_null(mkdtemp(folder));
    snprintf(certificate, sizeof certificate, "%s/ca.pem", folder);
    struct loopback *loopback =
        loopback_start_tls((struct loopback_answer[]){{.bytes = OK_HI}}, 1, certificate);
    struct lac_http_transfers *transfers = open_transfers();

    start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/")});
    struct lac_http_ended ended = await(transfers);
    assert_string_equal(ended.error.code, "tls");

    setenv("AWS_CA_BUNDLE", certificate, 1);
    start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/")});
    ended = await(transfers);
    unsetenv("AWS_CA_BUNDLE");
    assert_int_equal(ended.error.kind, LAC_OK);
    assert_string_equal(ended.response.body.data, "hi");

    lac_http_response_free(&ended.response);
    lac_http_transfers_close(transfers);
    loopback_stop(loopback);
    unlink(certificate);
    rmdir(folder);
}

static struct lac_http_ended failed(const struct loopback_answer *answer, double timeout,
                                    size_t max_body) {
    struct loopback *loopback = loopback_start(answer, 1);
    struct lac_http_transfers *transfers = open_transfers();
    start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/?a=secret"),
                                                .timeout = timeout,
                                                .max_body = max_body});
    struct lac_http_ended ended = await(transfers);
    assert_null(ended.response.body.data);
    assert_null(strstr(ended.error.message, "secret"));
    lac_http_transfers_close(transfers);
    loopback_stop(loopback);
    return ended;
}

static void what_fails_is_told_of_as_by_http(void **state) {
    (void)state;
    struct lac_http_ended ended =
        failed(&(struct loopback_answer){.bytes = "", .then = LOOPBACK_STALL}, 0.05, 0);
    assert_int_equal(ended.error.kind, LAC_ERR_NETWORK);
    assert_string_equal(ended.error.code, "timeout");

    ended =
        failed(&(struct loopback_answer){.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
                                         .then = LOOPBACK_CLOSE},
               20, 0);
    assert_string_equal(ended.error.code, "closed");

    ended = failed(&(struct loopback_answer){.bytes = OK_HI}, 20, 1);
    assert_int_equal(ended.error.kind, LAC_ERR_LIMIT);
}

static void what_cannot_be_sent_is_refused_at_once(void **state) {
    (void)state;
    struct lac_http_transfers *transfers = open_transfers();
    struct lac_error err = {0};
    uint64_t id = 0;
    struct lac_http_ended ended;

    assert_false(lac_http_transfers_start(
        transfers, &(struct lac_http_request){.url = "ftp://127.0.0.1/"}, &id, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_false(lac_http_transfers_next(transfers, &ended));
    lac_http_transfers_close(transfers);
}

static void what_is_dropped_is_not_handed_out(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){{.bytes = "", .then = LOOPBACK_STALL}, {.bytes = OK_HI}}, 2);
    struct lac_http_transfers *transfers = open_transfers();

    uint64_t silent =
        start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/silent")});
    lac_http_transfers_drop(transfers, silent);
    lac_http_transfers_drop(transfers, silent);
    lac_http_transfers_drop(transfers, 4711);
    struct lac_http_ended ended;
    assert_false(lac_http_transfers_next(transfers, &ended));

    start(transfers, &(struct lac_http_request){.url = loopback_url(loopback, "/left")});
    lac_http_transfers_close(transfers); /* with one under way */
    lac_http_transfers_close(NULL);
    loopback_stop(loopback);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_with_its_headers_line_by_line),
        cmocka_unit_test(fifty_are_under_way_at_once),
        cmocka_unit_test(a_connection_is_used_again),
        cmocka_unit_test(one_that_was_closed_meanwhile_is_opened_anew),
        cmocka_unit_test(certificates_are_verified),
        cmocka_unit_test(what_fails_is_told_of_as_by_http),
        cmocka_unit_test(what_cannot_be_sent_is_refused_at_once),
        cmocka_unit_test(what_is_dropped_is_not_handed_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
