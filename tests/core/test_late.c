/* test_late.c — libraries that are opened when first needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/late.h"

static double (*cosine)(double);

static void a_function_is_found_and_can_be_called(void **state) {
    (void)state;
    const struct lac_late_symbol symbols[] = {{"cos", &cosine}};
    struct lac_error err;

    assert_true(lac_late_open("libm.so.6", symbols, 1, &err));

    assert_true(cosine(0.0) > 0.99);
}

static void a_library_that_is_not_there_is_named(void **state) {
    (void)state;
    struct lac_error err;

    assert_false(lac_late_open("libnothing.so.0", NULL, 0, &err));

    assert_int_equal(err.kind, LAC_ERR_SYSTEM);
    assert_non_null(strstr(err.message, "libnothing.so.0"));
}

static void a_symbol_that_is_not_there_is_named(void **state) {
    (void)state;
    const struct lac_late_symbol symbols[] = {{"no_such_function", &cosine}};
    struct lac_error err;

    assert_false(lac_late_open("libm.so.6", symbols, 1, &err));

    assert_string_equal(err.message, "the library libm.so.6 has no no_such_function");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_is_found_and_can_be_called),
        cmocka_unit_test(a_library_that_is_not_there_is_named),
        cmocka_unit_test(a_symbol_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
