#include "core/clock.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/interrupt.h"

#define DAY 86400
#define LOOK_AGAIN 0.1 /* seconds: a signal may land in another thread, or just before the wait */

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

static double fixed_now;
static bool is_fixed;

static double read_clock(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double lac_clock_now(void) {
    return is_fixed ? fixed_now : read_clock(CLOCK_REALTIME);
}

void lac_clock_set(double seconds) {
    fixed_now = seconds;
    is_fixed = true;
}

void lac_clock_free(void) {
    is_fixed = false;
}

double lac_clock_monotonic(void) {
    return read_clock(CLOCK_MONOTONIC);
}

bool lac_clock_sleep(double seconds, struct lac_error *err) {
    double end = lac_clock_monotonic() + seconds;
    for (;;) {
        if (lac_interrupt_requested()) {
            return lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
        }
        double left = end - lac_clock_monotonic();
        if (!(left > 0)) {
            return true;
        }
        double nap = left < LOOK_AGAIN ? left : LOOK_AGAIN;
        struct timespec wait = {.tv_nsec = (long)(nap * 1e9)};
        nanosleep(&wait, NULL); /* EINTR: the loop looks why */
    }
}

struct civil {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second, millisecond;
    int weekday; /* from Sunday, 0 */
};

/* Days since 1970-01-01 of a date of the Gregorian calendar. Years are counted from March, so that
 * a leap day is the last of its year; 400 of them have 146,097 days. */
static int64_t days_from(int year, int month, int day) {
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from(int64_t days, struct civil *out) {
    days += 719468; /* from 0000-03-01 on: never negative in our range */
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = (int)(era * 400 + year_of_era + (out->month <= 2));
}

static int weekday_of(int64_t days) {
    return (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* Rounds to the millisecond first, when there is one to show: 0.1 + 0.2 is not to become .299. */
static struct civil civil_of(double seconds, bool milliseconds) {
    if (!(seconds >= LAC_CLOCK_LEAST)) { /* NaN as well */
        seconds = LAC_CLOCK_LEAST;
    } else if (seconds > LAC_CLOCK_MOST) {
        seconds = LAC_CLOCK_MOST;
    }
    int64_t thousandths = (int64_t)(milliseconds ? round(seconds * 1e3) : floor(seconds) * 1e3);
    int64_t millisecond = (thousandths % 1000 + 1000) % 1000;
    int64_t whole = (thousandths - millisecond) / 1000;
    int64_t of_day = (whole % DAY + DAY) % DAY;
    int64_t days = (whole - of_day) / DAY;
    struct civil civil = {
        .hour = (int)(of_day / 3600),
        .minute = (int)(of_day / 60 % 60),
        .second = (int)(of_day % 60),
        .millisecond = (int)millisecond,
        .weekday = weekday_of(days),
    };
    date_from(days, &civil);
    return civil;
}

/* `width` digits and nothing else: unlike printf, sees that a year cannot need a fifth. */
static char *put_digits(char *next, int value, int width) {
    for (int i = width - 1; i >= 0; i--) {
        next[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return next + width;
}

static char *put(char *next, const char *text, size_t len) {
    memcpy(next, text, len);
    return next + len;
}

/* The fields of a date or a time with `between` after all but the last; "" for none. */
static char *put_three(char *next, const char *between, int width, int a, int b, int c) {
    next = put_digits(next, a, width);
    next = put(next, between, strlen(between));
    next = put_digits(next, b, 2);
    next = put(next, between, strlen(between));
    return put_digits(next, c, 2);
}

void lac_clock_amz_date(double seconds, char out[LAC_AMZ_DATE_SIZE]) {
    struct civil t = civil_of(seconds, false);
    char *next = put_three(out, "", 4, t.year, t.month, t.day);
    next = put(next, "T", 1);
    next = put_three(next, "", 2, t.hour, t.minute, t.second);
    put(next, "Z", 2);
}

void lac_clock_iso8601(double seconds, bool milliseconds, char out[LAC_ISO8601_SIZE]) {
    struct civil t = civil_of(seconds, milliseconds);
    char *next = put_three(out, "-", 4, t.year, t.month, t.day);
    next = put(next, "T", 1);
    next = put_three(next, ":", 2, t.hour, t.minute, t.second);
    if (milliseconds) {
        next = put_digits(put(next, ".", 1), t.millisecond, 3);
    }
    put(next, "Z", 2);
}

void lac_clock_http_date(double seconds, char out[LAC_HTTP_DATE_SIZE]) {
    struct civil t = civil_of(seconds, false);
    char *next = put(out, day_names + 3 * t.weekday, 3);
    next = put(next, ", ", 2);
    next = put_digits(next, t.day, 2);
    next = put(next, " ", 1);
    next = put(next, month_names + 3 * (t.month - 1), 3);
    next = put(next, " ", 1);
    next = put_digits(next, t.year, 4);
    next = put(next, " ", 1);
    next = put_three(next, ":", 2, t.hour, t.minute, t.second);
    put(next, " GMT", 5);
}

/* A text that is taken from the left, piece by piece; what does not fit clears `ok` for good. */
struct reader {
    struct lac_str rest;
    bool ok;
};

static void take(struct reader *in, const char *literal) {
    size_t len = strlen(literal);
    in->ok = in->ok && in->rest.len >= len && memcmp(in->rest.data, literal, len) == 0;
    if (in->ok) {
        in->rest = (struct lac_str){in->rest.data + len, in->rest.len - len};
    }
}

static bool next_is(const struct reader *in, char c) {
    return in->ok && in->rest.len > 0 && in->rest.data[0] == c;
}

static int take_digits(struct reader *in, size_t width) {
    int value = 0;
    in->ok = in->ok && in->rest.len >= width;
    for (size_t i = 0; in->ok && i < width; i++) {
        char digit = in->rest.data[i];
        in->ok = digit >= '0' && digit <= '9';
        value = value * 10 + (digit - '0');
    }
    if (in->ok) {
        in->rest = (struct lac_str){in->rest.data + width, in->rest.len - width};
    }
    return value;
}

/* One of the three-letter names; its index from 0. */
static int take_name(struct reader *in, const char *names) {
    for (int i = 0; in->ok && in->rest.len >= 3 && names[3 * i] != '\0'; i++) {
        if (memcmp(in->rest.data, names + 3 * i, 3) == 0) {
            in->rest = (struct lac_str){in->rest.data + 3, in->rest.len - 3};
            return i;
        }
    }
    in->ok = false;
    return 0;
}

static double take_fraction(struct reader *in) {
    double fraction = 0, unit = 0.1;
    take(in, ".");
    fraction += take_digits(in, 1) * unit;
    while (in->ok && in->rest.len > 0 && in->rest.data[0] >= '0' && in->rest.data[0] <= '9') {
        unit /= 10;
        fraction += take_digits(in, 1) * unit;
    }
    return fraction;
}

/* Z, or an offset from UTC; in seconds. */
static int take_zone(struct reader *in) {
    if (!next_is(in, '+') && !next_is(in, '-')) {
        take(in, "Z");
        return 0;
    }
    int sign = next_is(in, '+') ? 1 : -1;
    take(in, sign > 0 ? "+" : "-");
    int hours = take_digits(in, 2);
    take(in, ":");
    int minutes = take_digits(in, 2);
    in->ok = in->ok && hours < 24 && minutes < 60;
    return sign * (hours * 3600 + minutes * 60);
}

static void take_time(struct reader *in, struct civil *out, const char *between) {
    out->hour = take_digits(in, 2);
    take(in, between);
    out->minute = take_digits(in, 2);
    take(in, between);
    out->second = take_digits(in, 2);
}

static void take_amz_date(struct reader *in, struct civil *out) {
    out->year = take_digits(in, 4);
    out->month = take_digits(in, 2);
    out->day = take_digits(in, 2);
    take(in, "T");
    take_time(in, out, "");
    take(in, "Z");
}

static void take_iso8601(struct reader *in, struct civil *out, double *shift) {
    out->year = take_digits(in, 4);
    take(in, "-");
    out->month = take_digits(in, 2);
    take(in, "-");
    out->day = take_digits(in, 2);
    take(in, "T");
    take_time(in, out, ":");
    double fraction = next_is(in, '.') ? take_fraction(in) : 0;
    *shift = fraction - take_zone(in);
}

static void take_http_date(struct reader *in, struct civil *out) {
    out->weekday = take_name(in, day_names);
    take(in, ", ");
    out->day = take_digits(in, 2);
    take(in, " ");
    out->month = take_name(in, month_names) + 1;
    take(in, " ");
    out->year = take_digits(in, 4);
    take(in, " ");
    take_time(in, out, ":");
    take(in, " GMT");
    in->ok = in->ok && weekday_of(days_from(out->year, out->month, out->day)) == out->weekday;
}

static bool exists(const struct civil *t) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (t->year < 1 || t->month < 1 || t->month > 12 || t->day < 1) {
        return false;
    }
    bool leap = t->year % 4 == 0 && (t->year % 100 != 0 || t->year % 400 == 0);
    int length = lengths[t->month - 1] + (t->month == 2 && leap);
    return t->day <= length && t->hour < 24 && t->minute < 60 && t->second < 60;
}

bool lac_clock_parse(struct lac_str text, double *seconds, struct lac_error *err) {
    struct reader in = {text, true};
    struct civil t = {0};
    double shift = 0;
    if (text.len == LAC_AMZ_DATE_SIZE - 1 && text.data[8] == 'T') {
        take_amz_date(&in, &t);
    } else if (text.len > 4 && text.data[4] == '-') {
        take_iso8601(&in, &t, &shift);
    } else {
        take_http_date(&in, &t);
    }
    if (!in.ok || in.rest.len > 0 || !exists(&t)) {
        return lac_fail(err, LAC_ERR_INPUT,
                        "not a time: 20150830T123600Z, 2015-08-30T12:36:00Z or "
                        "Sun, 30 Aug 2015 12:36:00 GMT expected");
    }
    *seconds = (double)days_from(t.year, t.month, t.day) * DAY + t.hour * 3600 + t.minute * 60 +
               t.second + shift;
    return true;
}
