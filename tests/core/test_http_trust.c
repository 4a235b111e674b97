/* test_http_trust.c — whose certificates are believed, and what is said when there are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/http_trust.h"

#define SOME_FILE TEST_ROOT "/LICENSE"
#define OTHER_FILE TEST_ROOT "/README.md"

static int forget_the_environment(void **state) {
    (void)state;
    return unsetenv("AWS_CA_BUNDLE") | unsetenv("SSL_CERT_FILE") | unsetenv("CURL_CA_BUNDLE");
}

static const char *found(const char *asked) {
    const char *path = NULL;
    struct lac_error err;
    if (!lac_http_find_bundle(asked, &path, &err)) {
        fail_msg("%s", err.message);
    }
    return path;
}

static struct lac_error refused(const char *asked) {
    const char *path = NULL;
    struct lac_error err;
    assert_false(lac_http_find_bundle(asked, &path, &err));
    return err;
}

static void what_is_asked_for_wins(void **state) {
    (void)state;
    setenv("AWS_CA_BUNDLE", OTHER_FILE, 1);

    assert_string_equal(found(SOME_FILE), SOME_FILE);
}

static void the_variables_count_in_order_and_empty_ones_do_not(void **state) {
    (void)state;
    setenv("CURL_CA_BUNDLE", SOME_FILE, 1);
    setenv("AWS_CA_BUNDLE", "", 1);
    assert_string_equal(found(NULL), SOME_FILE);

    setenv("SSL_CERT_FILE", OTHER_FILE, 1);
    assert_string_equal(found(NULL), OTHER_FILE);

    setenv("AWS_CA_BUNDLE", SOME_FILE, 1);
    assert_string_equal(found(NULL), SOME_FILE);
}

static void a_file_that_is_named_is_never_passed_over(void **state) {
    (void)state;
    setenv("AWS_CA_BUNDLE", "/nowhere/ca.pem", 1);
    setenv("SSL_CERT_FILE", SOME_FILE, 1);

    struct lac_error err = refused(NULL);

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_string_equal(err.message,
                        "the certificates to trust, named by AWS_CA_BUNDLE, cannot be "
                        "read: /nowhere/ca.pem: No such file or directory");
}

static void what_could_be_read_for_ever_is_refused(void **state) {
    (void)state;

    assert_non_null(strstr(refused("/dev/zero").message, "/dev/zero: not a file"));
    assert_non_null(strstr(refused("/").message, "/: not a file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_asked_for_wins, forget_the_environment),
        cmocka_unit_test_setup(the_variables_count_in_order_and_empty_ones_do_not,
                               forget_the_environment),
        cmocka_unit_test_setup(a_file_that_is_named_is_never_passed_over, forget_the_environment),
        cmocka_unit_test_setup(what_could_be_read_for_ever_is_refused, forget_the_environment),
    };
    return cmocka_run_group_tests_name("http_trust", tests, NULL, NULL);
}
