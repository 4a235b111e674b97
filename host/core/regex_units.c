#include "core/regex_units.h"

#include <string.h>

#include "core/encoding.h"

#define UNIT_LEN ((size_t)6)

/* The unit that is said at `at`; false when there is none. */
static bool read_unit(struct lac_str pattern, size_t at, uint32_t *out) {
    uint32_t unit = 0;
    if (pattern.len - at < UNIT_LEN || memcmp(pattern.data + at, "\\u", 2) != 0) {
        return false;
    }
    for (size_t i = at + 2; i < at + UNIT_LEN; i++) {
        int digit = lac_hex_digit(pattern.data[i]);
        if (digit < 0) {
            return false;
        }
        unit = unit * 16 + (uint32_t)digit;
    }
    *out = unit;
    return true;
}

/* Appends the character that is said at `at` as PCRE2 wants it; 0 when none is, else its length. */
static size_t add_character(struct lac_str pattern, size_t at, struct lac_buf *out) {
    uint32_t unit, next;
    size_t len = UNIT_LEN;
    if (!read_unit(pattern, at, &unit)) {
        return 0;
    }
    if (unit >> 10 == 0xd800 >> 10 && read_unit(pattern, at + len, &next) &&
        next >> 10 == 0xdc00 >> 10) {
        unit = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
        len += UNIT_LEN;
    }
    lac_buf_addf(out, "\\x{%x}", (unsigned)unit);
    return len;
}

size_t lac_regex_respell(struct lac_str pattern, struct lac_buf *out, size_t until) {
    size_t i = 0;
    bool quoted = false;
    while (i < pattern.len && !out->failed) {
        size_t len = quoted ? 0 : add_character(pattern, i, out);
        if (len == 0) {
            bool escapes = pattern.data[i] == '\\' && pattern.len - i > 1;
            quoted = escapes ? pattern.data[i + 1] == 'Q' || (quoted && pattern.data[i + 1] != 'E')
                             : quoted;
            len = escapes && !quoted ? 2 : 1;
            lac_buf_add(out, (struct lac_str){pattern.data + i, len});
        }
        if (out->len > until) {
            return i;
        }
        i += len;
    }
    return pattern.len;
}

bool lac_regex_says_units(struct lac_str pattern) {
    for (size_t i = 0; i + 1 < pattern.len; i++) {
        if (pattern.data[i] == '\\' && pattern.data[i + 1] == 'u') {
            return true;
        }
    }
    return false;
}
