/* yaml_scalar.c — what a scalar of YAML means: the core schema of YAML 1.2, in JSON's kinds. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "core/encoding.h"
#include "core/yaml_private.h"

static bool is(struct lac_str text, const char *word) {
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

/* Whether it is the word in one of the three spellings that the core schema has: null, Null, NULL.
 */
static bool is_word(struct lac_str text, const char *lower) {
    size_t len = strlen(lower), capitals = 0;
    if (text.len != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text.data[i] != lower[i]) {
            if (text.data[i] != toupper((unsigned char)lower[i])) {
                return false;
            }
            capitals++;
        }
    }
    bool first = text.data[0] != lower[0];
    return capitals == 0 || (capitals == 1 && first) || capitals == len;
}

/* .inf and .nan, which JSON has no word for. */
static bool is_beyond_json(struct lac_str text) {
    if (text.len > 1 && (text.data[0] == '-' || text.data[0] == '+')) {
        text = (struct lac_str){text.data + 1, text.len - 1};
        return text.data[0] == '.' && is_word((struct lac_str){text.data + 1, text.len - 1}, "inf");
    }
    if (text.len == 0 || text.data[0] != '.') {
        return false;
    }
    struct lac_str word = {text.data + 1, text.len - 1};
    return is_word(word, "inf") || is_word(word, "nan") || is(word, "NaN");
}

/* A decimal number, taken apart. */
struct parts {
    bool negative, point;
    struct lac_str whole, fraction, exponent;
};

static struct lac_str take_digits(const char **at, const char *end) {
    const char *from = *at;
    while (*at < end && **at >= '0' && **at <= '9') {
        ++*at;
    }
    return (struct lac_str){from, (size_t)(*at - from)};
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool split_decimal(struct lac_str text, struct parts *parts) {
    const char *at = text.data, *end = text.data + text.len;
    *parts = (struct parts){.negative = at < end && *at == '-'};
    at += at < end && (*at == '-' || *at == '+');
    parts->whole = take_digits(&at, end);
    if (at < end && *at == '.') {
        parts->point = true;
        at++;
        parts->fraction = take_digits(&at, end);
    }
    if (parts->whole.len + parts->fraction.len == 0) {
        return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *from = at++;
        at += at < end && (*at == '-' || *at == '+');
        if (take_digits(&at, end).len == 0) {
            return false;
        }
        parts->exponent = (struct lac_str){from, (size_t)(at - from)};
    }
    return at == end;
}

/* Reads it as JSON would, whose numbers begin with no plus and no needless zero, and end in no
 * point. */
static bool read_decimal(struct parts *parts, struct lac_buf *work, struct lac_yaml_node *out,
                         struct lac_error *err) {
    struct lac_buf *text = &work[0];
    while (parts->whole.len > 1 && parts->whole.data[0] == '0') {
        parts->whole.data++;
        parts->whole.len--;
    }
    lac_buf_cut(text, 0);
    lac_buf_adds(text, parts->negative ? LAC_STR("-") : LAC_STR(""),
                 parts->whole.len > 0 ? parts->whole : LAC_STR("0"));
    if (parts->point) {
        lac_buf_adds(text, LAC_STR("."), parts->fraction.len > 0 ? parts->fraction : LAC_STR("0"));
    }
    lac_buf_add(text, parts->exponent);
    if (text->failed) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading YAML");
    }
    struct lac_json_reader reader = {.text = lac_buf_view(text), .scratch = &work[1]};
    struct lac_json_event event;
    if (!lac_json_next(&reader, &event, err)) {
        return err->kind == LAC_ERR_LIMIT
                   ? lac_fail(err, LAC_ERR_LIMIT, "the number is too large for a double")
                   : false;
    }
    out->kind = event.kind;
    out->integer = event.integer;
    out->number = event.number;
    return true;
}

/* 0o17 and 0x1F. Beyond 64 bits they are floats: of the bits that do not fit, one tells for all
 * whether any was set, which is all that rounding asks. */
static bool read_radix(struct lac_str text, struct lac_yaml_node *out, bool *matched,
                       struct lac_error *err) {
    int bits = text.data[1] == 'x' ? 4 : 3, dropped = 0;
    uint64_t value = 0;
    *matched = false;
    for (size_t i = 2; i < text.len; i++) {
        int digit = lac_hex_digit(text.data[i]);
        if (digit < 0 || digit >= 1 << bits) {
            return true;
        }
        for (int bit = bits - 1; bit >= 0; bit--) {
            uint64_t next = (uint64_t)digit >> bit & 1;
            bool full = value >> 63 != 0;
            value = full ? value | next : value << 1 | next;
            dropped += full && dropped < 100000;
        }
    }
    *matched = true;
    bool fits = dropped == 0 && value <= INT64_MAX;
    out->kind = fits ? LAC_JSON_INTEGER : LAC_JSON_FLOAT;
    out->integer = fits ? (int64_t)value : 0;
    out->number = ldexp((double)value, dropped);
    return !isinf(out->number) ||
           lac_fail(err, LAC_ERR_LIMIT, "the number is too large for a double");
}

static bool resolve_number(const struct lac_yaml_scalar *scalar, struct lac_yaml_node *out,
                           struct lac_error *err) {
    struct lac_str text = scalar->text;
    struct parts parts;
    bool matched = false;
    if (text.len > 2 && text.data[0] == '0' && (text.data[1] == 'x' || text.data[1] == 'o')) {
        return read_radix(text, out, &matched, err);
    }
    return !split_decimal(text, &parts) || read_decimal(&parts, scalar->work, out, err);
}

static bool resolve_plain(const struct lac_yaml_scalar *scalar, struct lac_yaml_node *out,
                          struct lac_error *err) {
    struct lac_str text = scalar->text;
    if (text.len == 0 || is(text, "~") || is_word(text, "null")) {
        out->kind = LAC_JSON_NULL;
    } else if (is_word(text, "true") || is_word(text, "false")) {
        out->kind = LAC_JSON_BOOLEAN;
        out->boolean = text.len == 4;
    } else if (is_beyond_json(text)) {
        return lac_fail(err, LAC_ERR_INPUT, "%s has no place in JSON; a text takes quotes",
                        text.data);
    } else {
        return resolve_number(scalar, out, err);
    }
    return true;
}

static bool has_kind(struct lac_yaml_node *node, struct lac_str tag) {
    if (is(tag, "float") && node->kind == LAC_JSON_INTEGER) {
        node->kind = LAC_JSON_FLOAT;
        node->number = (double)node->integer;
    }
    return (is(tag, "int") && node->kind == LAC_JSON_INTEGER) ||
           (is(tag, "float") && node->kind == LAC_JSON_FLOAT) ||
           (is(tag, "bool") && node->kind == LAC_JSON_BOOLEAN) ||
           (is(tag, "null") && node->kind == LAC_JSON_NULL);
}

bool lac_yaml_resolve(const struct lac_yaml_scalar *scalar, struct lac_yaml_node *out,
                      struct lac_error *err) {
    struct lac_str tag = scalar->tag;
    out->kind = LAC_JSON_STRING;
    out->text = scalar->text;
    if (is(tag, "str") || (tag.len == 0 && !scalar->plain)) {
        return true;
    }
    if (!resolve_plain(scalar, out, err)) {
        return false;
    }
    return tag.len == 0 || has_kind(out, tag) ||
           lac_fail(err, LAC_ERR_INPUT, "the value is not what its tag !!%s says", tag.data);
}
