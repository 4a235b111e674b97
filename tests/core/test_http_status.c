/* test_http_status.c — the words of status codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/http_status.h"

static void a_registered_status_has_its_words(void **state) {
    (void)state;
    assert_string_equal(lac_http_status_reason(200), "OK");
    assert_string_equal(lac_http_status_reason(404), "Not Found");
    assert_string_equal(lac_http_status_reason(511), "Network Authentication Required");
}

static void another_is_unknown(void **state) {
    (void)state;
    assert_string_equal(lac_http_status_reason(299), "Unknown");
    assert_string_equal(lac_http_status_reason(0), "Unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registered_status_has_its_words),
        cmocka_unit_test(another_is_unknown),
    };
    return cmocka_run_group_tests_name("http_status", tests, NULL, NULL);
}
