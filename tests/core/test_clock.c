/* test_clock.c — the three texts both ways, the calendar's corners, and a clock that tests own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/interrupt.h"

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static const struct {
    double seconds;
    const char *amz_date, *iso8601, *http_date;
} rows[] = {
    {0, "19700101T000000Z", "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
    {1440938160, "20150830T123600Z", "2015-08-30T12:36:00Z", "Sun, 30 Aug 2015 12:36:00 GMT"},
    {951827696, "20000229T123456Z", "2000-02-29T12:34:56Z", "Tue, 29 Feb 2000 12:34:56 GMT"},
    {-1, "19691231T235959Z", "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
    {LAC_CLOCK_LEAST, "00010101T000000Z", "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT"},
    {LAC_CLOCK_MOST, "99991231T235959Z", "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
};

static void texts_both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char amz_date[LAC_AMZ_DATE_SIZE], iso8601[LAC_ISO8601_SIZE], http_date[LAC_HTTP_DATE_SIZE];
        double seconds = -7;
        struct lac_error err;

        lac_clock_amz_date(rows[i].seconds, amz_date);
        lac_clock_iso8601(rows[i].seconds, false, iso8601);
        lac_clock_http_date(rows[i].seconds, http_date);

        assert_string_equal(amz_date, rows[i].amz_date);
        assert_string_equal(iso8601, rows[i].iso8601);
        assert_string_equal(http_date, rows[i].http_date);
        const char *const texts[] = {amz_date, iso8601, http_date};
        for (size_t form = 0; form < 3; form++) {
            assert_true(lac_clock_parse(text(texts[form]), &seconds, &err));
            assert_true(seconds == rows[i].seconds);
        }
    }
}

static void every_day_agrees_with_the_c_library(void **state) {
    (void)state;
    for (time_t day = (time_t)LAC_CLOCK_LEAST; day < (time_t)LAC_CLOCK_MOST; day += 86400 * 11) {
        struct tm t;
        char want[LAC_ISO8601_SIZE], got[LAC_ISO8601_SIZE];
        assert_non_null(gmtime_r(&day, &t));
        assert_true((size_t)snprintf(want, sizeof want, "%04d-%02d-%02dT00:00:00Z",
                                     t.tm_year + 1900, t.tm_mon + 1, t.tm_mday) < sizeof want);

        lac_clock_iso8601((double)day, false, got);

        assert_string_equal(got, want);
    }
}

static void milliseconds_are_rounded_and_seconds_are_cut(void **state) {
    (void)state;
    static const struct {
        double seconds;
        const char *with, *without;
    } fractions[] = {
        {1440938160.123, "2015-08-30T12:36:00.123Z", "2015-08-30T12:36:00Z"},
        {1440938160.9996, "2015-08-30T12:36:01.000Z", "2015-08-30T12:36:00Z"},
        {-0.25, "1969-12-31T23:59:59.750Z", "1969-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
        char out[LAC_ISO8601_SIZE];
        lac_clock_iso8601(fractions[i].seconds, true, out);
        assert_string_equal(out, fractions[i].with);
        lac_clock_iso8601(fractions[i].seconds, false, out);
        assert_string_equal(out, fractions[i].without);
    }
}

static void times_outside_the_calendar_are_clamped(void **state) {
    (void)state;
    char out[LAC_AMZ_DATE_SIZE];
    const double zero = 0;
    lac_clock_amz_date(1e300, out);
    assert_string_equal(out, "99991231T235959Z");
    lac_clock_amz_date(-1e300, out);
    assert_string_equal(out, "00010101T000000Z");
    lac_clock_amz_date(zero / zero, out);
    assert_string_equal(out, "00010101T000000Z");
}

static void fractions_and_offsets_are_read(void **state) {
    (void)state;
    double seconds = 0;
    struct lac_error err;

    assert_true(lac_clock_parse(LAC_STR("2015-08-30T12:36:00.25Z"), &seconds, &err));
    assert_true(seconds == 1440938160.25);
    assert_true(lac_clock_parse(LAC_STR("2015-08-30T14:36:00+02:00"), &seconds, &err));
    assert_true(seconds == 1440938160);
    assert_true(lac_clock_parse(LAC_STR("2015-08-30T07:06:00.5-05:30"), &seconds, &err));
    assert_true(seconds == 1440938160.5);
}

static void what_is_no_time_is_refused(void **state) {
    (void)state;
    static const char *const refused[] = {
        "",
        "now",
        "20150830T123600",
        "20150830T123600z",
        "20150830 123600Z",
        "20150830T123600ZZ",
        "2015083OT123600Z",
        "20151330T123600Z",
        "20150832T123600Z",
        "20150230T123600Z",
        "19000229T000000Z",
        "20150830T240000Z",
        "20150830T236060Z",
        "00000101T000000Z",
        "2015-08-30",
        "2015-08-30T12:36:00",
        "2015-08-30T12:36:00.Z",
        "2015-08-30T12:36:00+0200",
        "2015-08-30T12:36:00+24:00",
        "2015-08-30 12:36:00Z",
        "2015-08-30T12:36:00Z ",
        "Mon, 30 Aug 2015 12:36:00 GMT",
        "Sun, 30 aug 2015 12:36:00 GMT",
        "Sun, 30 Aug 2015 12:36:00 UTC",
        "Sun, 30 Aug 15 12:36:00 GMT",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        double seconds = 0;
        struct lac_error err;
        assert_false(lac_clock_parse(text(refused[i]), &seconds, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
    }
}

static void a_set_clock_stands_still_until_it_is_freed(void **state) {
    (void)state;
    double before = lac_clock_monotonic();

    lac_clock_set(1440938160.5);
    assert_true(lac_clock_now() == 1440938160.5);
    assert_true(lac_clock_monotonic() >= before);

    lac_clock_free();
    assert_true(lac_clock_now() > 1.7e9);
}

static void a_sleep_ends_at_once_when_the_user_asks_to_stop(void **state) {
    (void)state;
    struct lac_error err;
    assert_true(lac_clock_sleep(0, &err));
    assert_true(lac_clock_sleep(0.001, &err));

    lac_interrupt_request();
    bool slept = lac_clock_sleep(3600, &err);
    lac_interrupt_clear();

    assert_false(slept);
    assert_int_equal(err.kind, LAC_ERR_INTERRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_both_ways),
        cmocka_unit_test(every_day_agrees_with_the_c_library),
        cmocka_unit_test(milliseconds_are_rounded_and_seconds_are_cut),
        cmocka_unit_test(times_outside_the_calendar_are_clamped),
        cmocka_unit_test(fractions_and_offsets_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_set_clock_stands_still_until_it_is_freed),
        cmocka_unit_test(a_sleep_ends_at_once_when_the_user_asks_to_stop),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
