/* json_read_number.c — digits → an integer or a double, as near as there is one. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_private.h"

/* A number while it is read: value = digits * 10^exponent, when `exact`. */
struct decimal {
    uint64_t digits;
    int exponent;
    bool negative, exact, is_float;
};

/* Takes a run of digits into the number; each shifts the point by `shift`. */
static const char *read_digits(const char *at, const char *end, int shift, struct decimal *number) {
    for (; lac_json_is_digit(at, end); at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (number->digits > (UINT64_MAX - digit) / 10) {
            number->exact = false;
        } else {
            number->digits = number->digits * 10 + digit;
        }
        if (number->exact) {
            number->exponent += shift;
        }
    }
    return at;
}

static const char *read_exponent(const char *at, const char *end, struct decimal *number) {
    bool negative = *at == '-';
    if (*at == '-' || *at == '+') {
        at++;
    }
    int exponent = 0;
    for (; lac_json_is_digit(at, end); at++) {
        if (exponent < 100000) {
            exponent = exponent * 10 + (*at - '0');
        }
    }
    number->exponent += negative ? -exponent : exponent;
    return at;
}

/* The C library rounds what our two exact factors cannot; it wants the locale's decimal point. */
static bool round_decimal(struct lac_json_reader *reader, const char *from, const char *to,
                          double *out, struct lac_error *err) {
    struct lac_buf *copy = reader->scratch;
    copy->len = 0;
    const char *point = memchr(from, '.', (size_t)(to - from));
    if (point != NULL) {
        const char *mark = localeconv()->decimal_point;
        lac_buf_adds(copy, (struct lac_str){from, (size_t)(point - from)},
                     (struct lac_str){mark, strlen(mark)},
                     (struct lac_str){point + 1, (size_t)(to - point - 1)});
    } else {
        lac_buf_add(copy, (struct lac_str){from, (size_t)(to - from)});
    }
    if (copy->failed) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading JSON");
    }
    *out = strtod(copy->data, NULL);
    if (isinf(*out)) {
        return lac_json_fail_at(reader, from, LAC_ERR_LIMIT, "the number is too large for a double",
                                err);
    }
    return true;
}

/* Decides what the digits between `from` and `to` are: an integer, a quotient or product of two
 * exact doubles (which the processor rounds correctly), or work for the C library. */
static bool settle_number(struct lac_json_reader *reader, const char *from, const char *to,
                          const struct decimal *number, struct lac_json_event *event,
                          struct lac_error *err) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    bool minus_zero = number->negative && number->digits == 0;
    uint64_t most = (uint64_t)INT64_MAX + (number->negative ? 1 : 0);
    if (!number->is_float && number->exact && number->digits <= most && !minus_zero) {
        event->kind = LAC_JSON_INTEGER;
        event->integer = (int64_t)(number->negative ? 0 - number->digits : number->digits);
        return true;
    }
    event->kind = LAC_JSON_FLOAT;
    if (!number->exact || number->digits > UINT64_C(1) << 53 || abs(number->exponent) > 22) {
        return round_decimal(reader, from, to, &event->number, err);
    }
    double value = (double)number->digits;
    value =
        number->exponent < 0 ? value / powers[-number->exponent] : value * powers[number->exponent];
    event->number = number->negative ? -value : value;
    return true;
}

bool lac_json_read_number(struct lac_json_reader *reader, const char **at,
                          struct lac_json_event *event, struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len, *from = *at, *to = *at;
    struct decimal number = {.negative = *from == '-', .exact = true};
    to += number.negative ? 1 : 0;
    if (!lac_json_is_digit(to, end)) {
        return lac_json_unexpected(reader, to, "a digit", err);
    }
    if (*to == '0' && lac_json_is_digit(to + 1, end)) {
        return lac_json_fail_at(reader, to, LAC_ERR_INPUT, "a number cannot begin with 0", err);
    }
    to = read_digits(to, end, 0, &number);
    if (to < end && *to == '.') {
        number.is_float = true;
        if (!lac_json_is_digit(to + 1, end)) {
            return lac_json_unexpected(reader, to + 1, "a digit", err);
        }
        to = read_digits(to + 1, end, -1, &number);
    }
    if (to < end && (*to == 'e' || *to == 'E')) {
        number.is_float = true;
        const char *digits = to + 1;
        digits += digits < end && (*digits == '-' || *digits == '+') ? 1 : 0;
        if (!lac_json_is_digit(digits, end)) {
            return lac_json_unexpected(reader, digits, "a digit", err);
        }
        to = read_exponent(to + 1, end, &number);
    }
    *at = to;
    return settle_number(reader, from, to, &number, event, err);
}
