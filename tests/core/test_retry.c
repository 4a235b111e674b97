/* test_retry.c — the decision, for each kind of failure, with random numbers of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/retry.h"

#define ALMOST_ONE 0.999999

static struct lac_error service_error(int status, const char *code) {
    struct lac_error error = {.kind = LAC_ERR_SERVICE, .status = status};
    snprintf(error.code, sizeof error.code, "%s", code);
    return error;
}

static bool again(const struct lac_error *error, int attempt, double random, double *wait) {
    return lac_retry(&(struct lac_retry){.attempt = attempt, .attempts = 10, .error = error},
                     random, wait);
}

static void assert_near(double got, double want) {
    assert_true(got > want - 0.001 && got < want + 0.001);
}

static void trouble_that_passes_is_tried_again(void **state) {
    (void)state;
    static const int statuses[] = {429, 500, 502, 503, 504};
    static const char *const codes[] = {"Throttling", "SlowDown", "RequestLimitExceeded",
                                        "RequestTimeout", "InternalError"};
    double wait;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct lac_error error = service_error(statuses[i], "");
        assert_true(again(&error, 1, 0, &wait));
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct lac_error error = service_error(400, codes[i]);
        assert_true(again(&error, 1, 0, &wait));
    }
    struct lac_error closed = {.kind = LAC_ERR_NETWORK, .retryable = true};
    assert_true(again(&closed, 1, 0, &wait));
}

static void a_refusal_is_not_tried_again(void **state) {
    (void)state;
    static const enum lac_error_kind kinds[] = {LAC_ERR_INPUT,   LAC_ERR_MEMORY, LAC_ERR_SYSTEM,
                                                LAC_ERR_NETWORK, LAC_ERR_LIMIT,  LAC_ERR_INTERRUPT};
    static const int statuses[] = {301, 400, 403, 404, 409, 412, 501, 505};
    double wait;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct lac_error error = {.kind = kinds[i], .status = 503};
        assert_false(again(&error, 1, 0, &wait));
    }
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct lac_error error = service_error(statuses[i], "AccessDenied");
        assert_false(again(&error, 1, 0, &wait));
    }
}

static void the_last_attempt_is_the_last(void **state) {
    (void)state;
    struct lac_error error = service_error(503, "");
    double wait;
    assert_true(lac_retry(&(struct lac_retry){1, 2, &error, 0}, 0, &wait));
    assert_false(lac_retry(&(struct lac_retry){2, 2, &error, 0}, 0, &wait));
    assert_false(lac_retry(&(struct lac_retry){1, 1, &error, 0}, 0, &wait));
}

static void the_wait_doubles_up_to_its_cap(void **state) {
    (void)state;
    struct lac_error error = service_error(500, "");
    static const double want[] = {0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8};
    double wait;
    for (int i = 0; i < 9; i++) {
        assert_true(again(&error, i + 1, ALMOST_ONE, &wait));
        assert_near(wait, want[i]);
    }
    assert_true(lac_retry(&(struct lac_retry){1000000, 1000001, &error, 0}, ALMOST_ONE, &wait));
    assert_near(wait, LAC_RETRY_CAP);
}

static void throttling_waits_longer(void **state) {
    (void)state;
    struct lac_error error = service_error(400, "Throttling");
    double wait;
    assert_true(again(&error, 1, ALMOST_ONE, &wait));
    assert_near(wait, 1);
    assert_true(again(&error, 3, 0.5, &wait));
    assert_near(wait, 2);
}

static void jitter_is_full(void **state) {
    (void)state;
    struct lac_error error = service_error(500, "");
    double wait;
    assert_true(again(&error, 5, 0, &wait));
    assert_near(wait, 0);
}

static void what_the_answer_asks_for_is_honoured_within_the_cap(void **state) {
    (void)state;
    struct lac_error error = service_error(503, "");
    double wait;
    assert_true(lac_retry(&(struct lac_retry){1, 3, &error, 2.5}, 0.5, &wait));
    assert_near(wait, 2.5);
    assert_true(lac_retry(&(struct lac_retry){1, 3, &error, 86400}, 0.5, &wait));
    assert_near(wait, LAC_RETRY_CAP);
}

static void both_headers_are_read_and_nonsense_is_nothing(void **state) {
    (void)state;
    const struct lac_str none = {NULL, 0};
    assert_near(lac_retry_asked(LAC_STR("3"), none), 3);
    assert_near(lac_retry_asked(none, LAC_STR("1500")), 1.5);
    assert_near(lac_retry_asked(LAC_STR("1"), LAC_STR("1500")), 1.5);
    assert_near(lac_retry_asked(none, none), 0);
    assert_near(lac_retry_asked(LAC_STR("-1"), LAC_STR("1e9")), 0);
    assert_near(lac_retry_asked(LAC_STR("Fri, 31 Dec 1999 23:59:59 GMT"), none), 0);
    assert_near(lac_retry_asked(LAC_STR("99999999999999999999"), none), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_that_passes_is_tried_again),
        cmocka_unit_test(a_refusal_is_not_tried_again),
        cmocka_unit_test(the_last_attempt_is_the_last),
        cmocka_unit_test(the_wait_doubles_up_to_its_cap),
        cmocka_unit_test(throttling_waits_longer),
        cmocka_unit_test(jitter_is_full),
        cmocka_unit_test(what_the_answer_asks_for_is_honoured_within_the_cap),
        cmocka_unit_test(both_headers_are_read_and_nonsense_is_nothing),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
