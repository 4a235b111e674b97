/* test_aws_request.c — what is signed, sent again and given up, against a loopback server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/aws_request.h"
#include "core/clock.h"
#include "core/interrupt.h"
#include "fixture_loopback.h"

#define OK_HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define CUT "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"
#define BUSY "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n"
#define DENIED                                                                                     \
    "HTTP/1.1 403 No\r\nContent-Length: 61\r\nx-amz-request-id: r-1\r\n\r\n"                       \
    "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>"

/* The back-off is a random part of its ceiling: of this, nothing. */
static double no_wait(void) {
    return 0;
}

static int own_the_dice(void **state) {
    (void)state;
    lac_aws_set_random(no_wait);
    return unsetenv("AWS_MAX_ATTEMPTS");
}

static struct lac_aws_request request_to(struct loopback *loopback) {
    static char url[64];
    snprintf(url, sizeof url, "%s", loopback_url(loopback, "/path?secret=query"));
    return (struct lac_aws_request){
        .http = {.url = url, .method = LAC_STR("POST"), .body = LAC_STR("hello")},
        .credentials = {.access_key_id = LAC_STR("AKIDEXAMPLE"),
                        .secret_access_key = LAC_STR("secret-key"),
                        .session_token = LAC_STR("secret-token")},
        .region = LAC_STR("eu-west-1"),
        .service = LAC_STR("cloudformation"),
    };
}

/* Sends one request to a server with this script; the exchange's response is to be freed. */
static struct lac_aws_exchange send_to(struct loopback *loopback) {
    struct lac_aws_exchange exchange = {.request = request_to(loopback)};
    bool ok = lac_aws_send(&exchange);
    assert_int_equal(ok, exchange.error.kind == LAC_OK);
    assert_null(strstr(exchange.error.message, "secret"));
    return exchange;
}

static void a_request_is_signed(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    lac_clock_set(1440938160); /* 2015-08-30 12:36:00 */

    struct lac_aws_exchange exchange = send_to(loopback);
    lac_clock_free();

    assert_int_equal(exchange.attempts, 1);
    assert_string_equal(exchange.response.body.data, "hi");
    struct lac_str sent = loopback_request(loopback, 0);
    assert_true(loopback_holds(sent, "X-Amz-Date: 20150830T123600Z\r\n"));
    assert_true(loopback_holds(sent, "X-Amz-Security-Token: secret-token\r\n"));
    assert_true(loopback_holds(sent, "Credential=AKIDEXAMPLE/20150830/eu-west-1/cloudformation/"));
    assert_true(loopback_holds(sent, "SignedHeaders=host;x-amz-date;x-amz-security-token"));
    assert_true(loopback_holds(sent, "\r\n\r\nhello"));
    assert_false(loopback_holds(sent, "secret-key"));
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static void s3_is_told_the_hash_of_text_or_file_or_that_there_is_none(void **state) {
    (void)state;
    static const char hash[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    char path[] = "/tmp/laconic-aws-XXXXXX", want[128];
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "<<hello>>", 9), 9);
    close(fd);
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){{.bytes = OK_HI}, {.bytes = OK_HI}, {.bytes = OK_HI}}, 3);
    struct lac_aws_exchange exchange[3];
    for (int i = 0; i < 3; i++) {
        exchange[i] = (struct lac_aws_exchange){.request = request_to(loopback)};
        exchange[i].request.service = LAC_STR("s3");
    }
    exchange[1].request.http.body = (struct lac_str){NULL, 0};
    exchange[1].request.http.file = (struct lac_http_slice){path, 2, 5};
    exchange[2].request.unsigned_payload = true;

    for (int i = 0; i < 3; i++) {
        assert_true(lac_aws_send(&exchange[i]));
        lac_http_response_free(&exchange[i].response);
    }

    snprintf(want, sizeof want, "X-Amz-Content-Sha256: %s\r\n", hash);
    assert_true(loopback_holds(loopback_request(loopback, 0), want));
    assert_true(loopback_holds(loopback_request(loopback, 1), want));
    assert_true(loopback_holds(loopback_request(loopback, 1), "\r\n\r\nhello"));
    assert_true(loopback_holds(loopback_request(loopback, 2),
                               "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n"));
    loopback_stop(loopback);
    unlink(path);
}

static void trouble_is_tried_again_and_success_counts_the_attempts(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = BUSY}, {.bytes = CUT, .then = LOOPBACK_CLOSE}, {.bytes = OK_HI}},
        3);

    struct lac_aws_exchange exchange = send_to(loopback);

    assert_int_equal(exchange.error.kind, LAC_OK);
    assert_int_equal(exchange.response.status, 200);
    assert_int_equal(exchange.attempts, 3);
    assert_true(loopback_holds(loopback_request(loopback, 2), "\r\n\r\nhello"));
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static double a_minute_later(void) {
    lac_clock_set(lac_clock_now() + 60);
    return 0;
}

static void each_attempt_is_signed_at_its_own_time(void **state) {
    (void)state;
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = BUSY}, {.bytes = OK_HI}}, 2);
    lac_aws_set_random(a_minute_later);
    lac_clock_set(1440938160);

    struct lac_aws_exchange exchange = send_to(loopback);

    lac_clock_free();
    lac_aws_set_random(no_wait);
    assert_int_equal(exchange.attempts, 2);
    assert_true(loopback_holds(loopback_request(loopback, 0), "Date: 20150830T123600Z"));
    assert_true(loopback_holds(loopback_request(loopback, 1), "Date: 20150830T123700Z"));
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static void it_gives_up_after_its_attempts(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = BUSY}, {.bytes = BUSY}, {.bytes = BUSY}, {.bytes = BUSY}},
        4);

    struct lac_aws_exchange exchange = send_to(loopback);

    assert_int_equal(exchange.error.kind, LAC_ERR_SERVICE);
    assert_int_equal(exchange.error.status, 503);
    assert_true(exchange.error.retryable);
    assert_int_equal(loopback_request_count(loopback), 3);
    lac_http_response_free(&exchange.response);
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    exchange = send_to(loopback);
    unsetenv("AWS_MAX_ATTEMPTS");
    assert_int_equal(exchange.attempts, 1);
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

/* The whole ceiling of 50 ms, 100 ms, …: the third attempt would come after 150 ms. */
static double longest_wait(void) {
    return 0.999;
}

static void no_attempt_is_waited_for_that_would_come_too_late(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){{.bytes = BUSY}, {.bytes = BUSY}, {.bytes = OK_HI}}, 3);
    struct lac_aws_exchange exchange = {.request = request_to(loopback)};
    exchange.request.total_timeout = 0.03;
    lac_aws_set_random(longest_wait);

    assert_false(lac_aws_send(&exchange));

    lac_aws_set_random(no_wait);
    assert_int_equal(exchange.error.kind, LAC_ERR_SERVICE);
    assert_int_equal(exchange.error.status, 503);
    assert_int_equal(exchange.attempts, 1);
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static void no_attempt_outlasts_the_time_for_all(void **state) {
    (void)state;
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = "", .then = LOOPBACK_STALL}}, 1);
    struct lac_aws_exchange exchange = {.request = request_to(loopback)};
    exchange.request.total_timeout = 0.05;

    assert_false(lac_aws_send(&exchange));

    assert_int_equal(exchange.error.kind, LAC_ERR_NETWORK);
    assert_string_equal(exchange.error.code, "timeout");
    assert_int_equal(exchange.attempts, 1);
    lac_http_response_free(&exchange.response);
    exchange.request.total_timeout = 1e-9;
    assert_false(lac_aws_send(&exchange));
    assert_string_equal(exchange.error.code, "timeout");
    assert_int_equal(loopback_request_count(loopback), 1);
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static void a_refusal_is_told_at_once_with_its_code(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = DENIED}}, 1);

    struct lac_aws_exchange exchange = send_to(loopback);

    assert_int_equal(exchange.error.kind, LAC_ERR_SERVICE);
    assert_int_equal(exchange.error.status, 403);
    assert_string_equal(exchange.error.code, "AccessDenied");
    assert_string_equal(exchange.request_id, "r-1");
    assert_false(exchange.error.retryable);
    assert_int_equal(exchange.attempts, 1);
    assert_true(exchange.response.body.len > 0);
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static void a_clock_that_is_wrong_is_corrected_once_and_remembered(void **state) {
    (void)state;
#define SKEWED                                                                                     \
    "HTTP/1.1 403 No\r\nDate: Sun, 30 Aug 2015 12:36:00 GMT\r\nContent-Length: 41\r\n\r\n"         \
    "<Error><Code>RequestExpired</Code></Error>"
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = SKEWED}, {.bytes = OK_HI}, {.bytes = OK_HI}, {.bytes = SKEWED}},
        4);
    lac_clock_set(1440938160 - 3600);
    struct lac_aws_exchange exchange = {.request = request_to(loopback)};
    exchange.request.attempts = 1; /* the correction is no attempt of the caller's */

    assert_true(lac_aws_send(&exchange));
    lac_http_response_free(&exchange.response);
    assert_true(loopback_holds(loopback_request(loopback, 0), "Date: 20150830T113600Z"));
    assert_true(loopback_holds(loopback_request(loopback, 1), "Date: 20150830T123600Z"));

    assert_true(lac_aws_send(&exchange));
    lac_http_response_free(&exchange.response);
    assert_true(loopback_holds(loopback_request(loopback, 2), "Date: 20150830T123600Z"));

    assert_false(lac_aws_send(&exchange)); /* the clocks agree: it is truly expired */
    lac_clock_free();
    assert_string_equal(exchange.error.code, "RequestExpired");
    assert_int_equal(loopback_request_count(loopback), 4);
    lac_http_response_free(&exchange.response);
    loopback_stop(loopback);
}

static void a_redirect_is_an_answer(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = "HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"}},
        1);
    struct lac_aws_exchange exchange = send_to(loopback);
    assert_int_equal(exchange.error.kind, LAC_OK);
    assert_int_equal(exchange.response.status, 301);
    lac_http_response_free(&exchange.response);

    exchange.request.http.follow = 1;
    assert_false(lac_aws_send(&exchange));
    assert_int_equal(exchange.error.kind, LAC_ERR_INPUT);
    loopback_stop(loopback);
}

static void what_cannot_be_signed_is_not_sent(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(NULL, 0);
    struct lac_aws_exchange exchange = {.request = request_to(loopback)};

    exchange.request.http.url = "nonsense";
    assert_false(lac_aws_send(&exchange));
    assert_int_equal(exchange.error.kind, LAC_ERR_INPUT);
    exchange.request = request_to(loopback);
    exchange.request.http.body = (struct lac_str){NULL, 0};
    exchange.request.http.file.path = "/nowhere/to/be/found";
    assert_false(lac_aws_send(&exchange));
    assert_int_equal(exchange.error.kind, LAC_ERR_SYSTEM);

    assert_int_equal(loopback_connection_count(loopback), 0);
    loopback_stop(loopback);
}

static struct loopback_answer busy_at_first(void *context, struct lac_str request) {
    int *busy = context;
    (void)request;
    return (struct loopback_answer){.bytes = (*busy)-- > 0 ? BUSY : OK_HI};
}

static void several_run_at_once_each_with_its_own_attempts(void **state) {
    (void)state;
    enum { COUNT = 7 };
    int busy = 3;
    struct loopback *loopback = loopback_start_with(busy_at_first, &busy);
    struct lac_aws_exchange exchanges[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        exchanges[i] = (struct lac_aws_exchange){.request = request_to(loopback)};
        exchanges[i].request.attempts = 4;
    }

    lac_aws_send_all(exchanges, COUNT, 3, false);

    int attempts = 0;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(exchanges[i].error.kind, LAC_OK);
        attempts += exchanges[i].attempts;
        lac_http_response_free(&exchanges[i].response);
    }
    assert_int_equal(attempts, COUNT + 3);
    loopback_stop(loopback);
}

static struct loopback_answer deny_the_second(void *context, struct lac_str request) {
    int *seen = context;
    (void)request;
    return ++*seen == 2 ? (struct loopback_answer){.bytes = DENIED}
                        : (struct loopback_answer){.then = LOOPBACK_STALL};
}

static void together_the_first_failure_ends_all(void **state) {
    (void)state;
    enum { COUNT = 5 };
    int seen = 0;
    struct loopback *loopback = loopback_start_with(deny_the_second, &seen);
    struct lac_aws_exchange exchanges[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        exchanges[i] = (struct lac_aws_exchange){.request = request_to(loopback)};
    }

    lac_aws_send_all(exchanges, COUNT, 2, true);

    size_t denied = 0, ended = 0;
    for (size_t i = 0; i < COUNT; i++) {
        denied += exchanges[i].error.kind == LAC_ERR_SERVICE;
        ended += exchanges[i].error.kind == LAC_ERR_INTERRUPT;
        lac_http_response_free(&exchanges[i].response);
    }
    assert_int_equal(denied, 1);
    assert_int_equal(ended, COUNT - 1);
    assert_int_equal(loopback_request_count(loopback), 2);
    loopback_stop(loopback);
}

static double long_wait(void) {
    lac_interrupt_request(); /* Ctrl-C while it waits to try again */
    return 0.999;
}

static void an_interrupt_ends_the_wait_for_the_next_attempt(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = "HTTP/1.1 503 No\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n"}},
        1);
    lac_aws_set_random(long_wait);
    double began = lac_clock_monotonic();

    struct lac_aws_exchange exchange = send_to(loopback);

    lac_interrupt_clear();
    lac_aws_set_random(no_wait);
    assert_int_equal(exchange.error.kind, LAC_ERR_INTERRUPT);
    assert_true(lac_clock_monotonic() - began < 10);
    assert_int_equal(loopback_request_count(loopback), 1);
    loopback_stop(loopback);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_signed),
        cmocka_unit_test(s3_is_told_the_hash_of_text_or_file_or_that_there_is_none),
        cmocka_unit_test(trouble_is_tried_again_and_success_counts_the_attempts),
        cmocka_unit_test(each_attempt_is_signed_at_its_own_time),
        cmocka_unit_test(it_gives_up_after_its_attempts),
        cmocka_unit_test(no_attempt_is_waited_for_that_would_come_too_late),
        cmocka_unit_test(no_attempt_outlasts_the_time_for_all),
        cmocka_unit_test(a_refusal_is_told_at_once_with_its_code),
        cmocka_unit_test(a_clock_that_is_wrong_is_corrected_once_and_remembered),
        cmocka_unit_test(a_redirect_is_an_answer),
        cmocka_unit_test(what_cannot_be_signed_is_not_sent),
        cmocka_unit_test(several_run_at_once_each_with_its_own_attempts),
        cmocka_unit_test(together_the_first_failure_ends_all),
        cmocka_unit_test(an_interrupt_ends_the_wait_for_the_next_attempt),
    };
    return cmocka_run_group_tests_name("aws_request", tests, own_the_dice, NULL);
}
