/* json_reader.c — text → events. One call, one event: no recursion, so that depth costs a bit. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/encoding.h"
#include "core/json.h"
#include "core/json_text.h"

enum expects {
    EXPECT_TEXT = 0,     /* the beginning */
    EXPECT_VALUE,        /* after "," in an array, after ":" */
    EXPECT_FIRST_ITEM,   /* a value or "]" */
    EXPECT_FIRST_MEMBER, /* a name or "}" */
    EXPECT_REST,         /* "," or the end of what is open */
    EXPECT_NOTHING,
};

/* A number while it is read: value = digits * 10^exponent, when `exact`. */
struct decimal {
    uint64_t digits;
    int exponent;
    bool negative, exact, is_float;
};

/* `at` is where the trouble stands; lines and columns (in characters) are only counted now. */
static bool fail_at(const struct lac_json_reader *reader, const char *at, enum lac_error_kind kind,
                    const char *what, struct lac_error *err) {
    size_t line = 1, column = 1;
    for (const char *byte = reader->text.data; byte < at; byte++) {
        if (*byte == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*byte & 0xC0) != 0x80) {
            column++;
        }
    }
    return lac_fail(err, kind, "line %zu, column %zu (byte %zu): %s", line, column,
                    (size_t)(at - reader->text.data) + 1, what);
}

static bool unexpected(const struct lac_json_reader *reader, const char *at, const char *wanted,
                       struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    char what[96];
    if (at == end) {
        snprintf(what, sizeof what, "%s expected, got the end of the text", wanted);
    } else if (*at > ' ' && *at < 0x7F) {
        snprintf(what, sizeof what, "%s expected, got '%c'", wanted, *at);
    } else {
        snprintf(what, sizeof what, "%s expected, got byte 0x%02X", wanted, (unsigned char)*at);
    }
    return fail_at(reader, at, LAC_ERR_INPUT, what, err);
}

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

/* The four hexadecimal digits at `at`, or -1. */
static int32_t read_hex(const char *at, const char *end) {
    if (end - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = lac_hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static void add_utf8(struct lac_buf *out, uint32_t code) {
    char bytes[4];
    size_t len;
    if (code < 0x80) {
        bytes[0] = (char)code;
        len = 1;
    } else if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        bytes[1] = (char)(0x80 | (code & 0x3F));
        len = 2;
    } else if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        bytes[1] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (code & 0x3F));
        len = 3;
    } else {
        bytes[0] = (char)(0xF0 | code >> 18);
        bytes[1] = (char)(0x80 | (code >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (code & 0x3F));
        len = 4;
    }
    lac_buf_add(out, (struct lac_str){bytes, len});
}

/* `*at` stands on the `u` of an escape: appends its character, whose second half may be a second
 * escape, and moves behind it. */
static bool read_unicode_escape(struct lac_json_reader *reader, const char **at,
                                struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len, *escape = *at - 1;
    int32_t code = read_hex(*at + 1, end);
    if (code < 0) {
        return fail_at(reader, escape, LAC_ERR_INPUT, "\\u takes four hexadecimal digits", err);
    }
    *at += 5;
    if (code >= 0xD800 && code <= 0xDFFF) {
        int32_t low =
            end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? read_hex(*at + 2, end) : -1;
        if (code > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
            return fail_at(reader, escape, LAC_ERR_INPUT,
                           "half of a surrogate pair is not a character", err);
        }
        code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
        *at += 6;
    }
    add_utf8(reader->scratch, (uint32_t)code);
    return true;
}

/* `*at` stands on a backslash: appends what the escape means and moves behind it. */
static bool read_escape(struct lac_json_reader *reader, const char **at, struct lac_error *err) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *end = reader->text.data + reader->text.len;
    ++*at;
    if (*at == end) {
        return unexpected(reader, *at, "an escape", err);
    }
    if (**at == 'u') {
        return read_unicode_escape(reader, at, err);
    }
    const char *letter = memchr(letters, **at, sizeof letters - 1);
    if (letter == NULL) {
        return fail_at(reader, *at - 1, LAC_ERR_INPUT, "no such escape in JSON", err);
    }
    lac_buf_add(reader->scratch, (struct lac_str){meanings + (letter - letters), 1});
    ++*at;
    return true;
}

/* `*at` stands behind the opening quote; moves behind the closing one. */
static bool read_string(struct lac_json_reader *reader, const char **at, struct lac_str *out,
                        struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len, *run = *at;
    bool had_escape = false;
    for (;;) {
        *at = lac_json_skip_plain(*at, end);
        if (*at == end) {
            return unexpected(reader, end, "'\"'", err);
        }
        if (**at == '"') {
            break;
        }
        if (**at == '\\') {
            if (!had_escape) {
                reader->scratch->len = 0;
                had_escape = true;
            }
            lac_buf_add(reader->scratch, (struct lac_str){run, (size_t)(*at - run)});
            if (!read_escape(reader, at, err)) {
                return false;
            }
            run = *at;
            continue;
        }
        int len = (unsigned char)**at >= 0x80 ? lac_utf8_length(*at, end) : 0;
        if (len == 0) {
            return fail_at(reader, *at, LAC_ERR_INPUT,
                           (unsigned char)**at < 0x20
                               ? "a control character in a string must be escaped"
                               : "the string is not UTF-8",
                           err);
        }
        *at += len;
    }
    *out = (struct lac_str){run, (size_t)(*at - run)};
    ++*at;
    if (had_escape) {
        lac_buf_add(reader->scratch, *out);
        if (reader->scratch->failed) {
            return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading JSON");
        }
        *out = lac_buf_view(reader->scratch);
    }
    return true;
}

static bool is_digit(const char *at, const char *end) {
    return at < end && *at >= '0' && *at <= '9';
}

/* Takes a run of digits into the number; each shifts the point by `shift`. */
static const char *read_digits(const char *at, const char *end, int shift, struct decimal *number) {
    for (; is_digit(at, end); at++) {
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
    for (; is_digit(at, end); at++) {
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
        return fail_at(reader, from, LAC_ERR_LIMIT, "the number is too large for a double", err);
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

static bool read_number(struct lac_json_reader *reader, const char **at,
                        struct lac_json_event *event, struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len, *from = *at, *to = *at;
    struct decimal number = {.negative = *from == '-', .exact = true};
    to += number.negative ? 1 : 0;
    if (!is_digit(to, end)) {
        return unexpected(reader, to, "a digit", err);
    }
    if (*to == '0' && is_digit(to + 1, end)) {
        return fail_at(reader, to, LAC_ERR_INPUT, "a number cannot begin with 0", err);
    }
    to = read_digits(to, end, 0, &number);
    if (to < end && *to == '.') {
        number.is_float = true;
        if (!is_digit(to + 1, end)) {
            return unexpected(reader, to + 1, "a digit", err);
        }
        to = read_digits(to + 1, end, -1, &number);
    }
    if (to < end && (*to == 'e' || *to == 'E')) {
        number.is_float = true;
        const char *digits = to + 1;
        digits += digits < end && (*digits == '-' || *digits == '+') ? 1 : 0;
        if (!is_digit(digits, end)) {
            return unexpected(reader, digits, "a digit", err);
        }
        to = read_exponent(to + 1, end, &number);
    }
    *at = to;
    return settle_number(reader, from, to, &number, event, err);
}

static bool read_word(struct lac_json_reader *reader, const char **at, struct lac_str word,
                      struct lac_error *err) {
    size_t left = (size_t)(reader->text.data + reader->text.len - *at);
    if (left < word.len || memcmp(*at, word.data, word.len) != 0) {
        return unexpected(reader, *at, "a value", err);
    }
    *at += word.len;
    return true;
}

static bool is_in_object(const struct lac_json_reader *reader) {
    size_t level = reader->depth - 1;
    return (reader->in_object[level / 64] >> level % 64 & 1) != 0;
}

static bool open_level(struct lac_json_reader *reader, const char *at, bool object,
                       struct lac_error *err) {
    size_t most = reader->max_depth == 0 ? LAC_JSON_DEFAULT_DEPTH : reader->max_depth;
    if (reader->depth >= most || reader->depth >= LAC_JSON_MOST_DEPTH) {
        char what[64];
        snprintf(what, sizeof what, "more than %zu levels deep", reader->depth);
        return fail_at(reader, at, LAC_ERR_LIMIT, what, err);
    }
    uint64_t bit = UINT64_C(1) << reader->depth % 64;
    uint64_t *word = &reader->in_object[reader->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    reader->depth++;
    reader->expects = object ? EXPECT_FIRST_MEMBER : EXPECT_FIRST_ITEM;
    return true;
}

static bool close_level(struct lac_json_reader *reader, struct lac_json_event *event) {
    event->kind = is_in_object(reader) ? LAC_JSON_OBJECT_END : LAC_JSON_ARRAY_END;
    reader->depth--;
    reader->expects = EXPECT_REST;
    return true;
}

static bool read_value(struct lac_json_reader *reader, const char **at,
                       struct lac_json_event *event, struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    reader->expects = EXPECT_REST;
    switch (*at < end ? **at : '\0') {
    case '"':
        event->kind = LAC_JSON_STRING;
        ++*at;
        return read_string(reader, at, &event->text, err);
    case '{':
        event->kind = LAC_JSON_OBJECT;
        return open_level(reader, (*at)++, true, err);
    case '[':
        event->kind = LAC_JSON_ARRAY;
        return open_level(reader, (*at)++, false, err);
    case 't':
        event->kind = LAC_JSON_BOOLEAN;
        event->boolean = true;
        return read_word(reader, at, LAC_STR("true"), err);
    case 'f':
        event->kind = LAC_JSON_BOOLEAN;
        event->boolean = false;
        return read_word(reader, at, LAC_STR("false"), err);
    case 'n':
        event->kind = LAC_JSON_NULL;
        return read_word(reader, at, LAC_STR("null"), err);
    default:
        if (*at < end && (**at == '-' || is_digit(*at, end))) {
            return read_number(reader, at, event, err);
        }
        return unexpected(reader, *at, "a value", err);
    }
}

/* A member's name and the colon behind it. */
static bool read_name(struct lac_json_reader *reader, const char **at, struct lac_json_event *event,
                      struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    if (*at == end || **at != '"') {
        return unexpected(reader, *at, "a name in quotes", err);
    }
    ++*at;
    event->kind = LAC_JSON_NAME;
    if (!read_string(reader, at, &event->text, err)) {
        return false;
    }
    *at = skip_space(*at, end);
    if (*at == end || **at != ':') {
        return unexpected(reader, *at, "':'", err);
    }
    ++*at;
    reader->expects = EXPECT_VALUE;
    return true;
}

/* A value is complete: what comes next depends on what is open. */
static bool read_rest(struct lac_json_reader *reader, const char **at, struct lac_json_event *event,
                      struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    if (reader->depth == 0) {
        event->kind = LAC_JSON_END;
        reader->expects = EXPECT_NOTHING;
        return *at == end || unexpected(reader, *at, "the end of the text", err);
    }
    bool object = is_in_object(reader);
    if (*at < end && **at == (object ? '}' : ']')) {
        ++*at;
        return close_level(reader, event);
    }
    if (*at == end || **at != ',') {
        return unexpected(reader, *at, object ? "',' or '}'" : "',' or ']'", err);
    }
    *at = skip_space(*at + 1, end);
    return object ? read_name(reader, at, event, err) : read_value(reader, at, event, err);
}

static bool read_event(struct lac_json_reader *reader, const char **at,
                       struct lac_json_event *event, struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len;
    switch (reader->expects) {
    case EXPECT_TEXT:
        if (end - *at >= 3 && memcmp(*at, "\xEF\xBB\xBF", 3) == 0) {
            return fail_at(reader, *at, LAC_ERR_INPUT,
                           "JSON cannot begin with a byte order mark (BOM)", err);
        }
        return read_value(reader, at, event, err);
    case EXPECT_FIRST_ITEM:
    case EXPECT_FIRST_MEMBER:
        if (*at < end && **at == (reader->expects == EXPECT_FIRST_ITEM ? ']' : '}')) {
            ++*at;
            return close_level(reader, event);
        }
        return reader->expects == EXPECT_FIRST_ITEM ? read_value(reader, at, event, err)
                                                    : read_name(reader, at, event, err);
    case EXPECT_VALUE:
        return read_value(reader, at, event, err);
    case EXPECT_REST:
        return read_rest(reader, at, event, err);
    default:
        event->kind = LAC_JSON_END;
        return true;
    }
}

bool lac_json_next(struct lac_json_reader *reader, struct lac_json_event *event,
                   struct lac_error *err) {
    const char *at = reader->text.data + reader->at;
    at = skip_space(at, reader->text.data + reader->text.len);
    bool ok = read_event(reader, &at, event, err);
    reader->at = (size_t)(at - reader->text.data);
    if (!ok) {
        reader->expects = EXPECT_NOTHING;
    }
    return ok;
}
