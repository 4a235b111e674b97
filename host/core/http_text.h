/* http_text.h — what heads of requests and of answers are read by alike, sent or received. */
#ifndef LAC_HTTP_TEXT_H
#define LAC_HTTP_TEXT_H

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/encoding.h"

#define LAC_HTTP_LENGTH_MAX ((size_t)1 << 40) /* of a body, that a Content-Length may say */

static inline bool lac_http_is_space(char byte) {
    return byte == ' ' || byte == '\t';
}

/* Without the blanks around it. */
static inline struct lac_str lac_http_trim(struct lac_str text) {
    while (text.len > 0 && lac_http_is_space(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && lac_http_is_space(text.data[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* In any case. */
static inline bool lac_http_same(struct lac_str text, struct lac_str word) {
    return text.len == word.len && strncasecmp(text.data, word.data, text.len) == 0;
}

/* Whether it is what a method and a header's name consist of (RFC 9110, 5.6.2). */
static inline bool lac_http_is_token(struct lac_str text) {
    static const bool token_bytes[256] = {
        ['!'] = true, ['#'] = true, ['$'] = true, ['%'] = true, ['&'] = true, ['\''] = true,
        ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true, ['0'] = true, ['1'] = true,
        ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
        ['8'] = true, ['9'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true,
        ['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true,
        ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true,
        ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true,
        ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true, ['^'] = true, ['_'] = true,
        ['`'] = true, ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true,
        ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true, ['k'] = true,
        ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true, ['q'] = true,
        ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true,
        ['x'] = true, ['y'] = true, ['z'] = true, ['|'] = true, ['~'] = true,
    };
    size_t i = 0;
    while (i < text.len && token_bytes[(unsigned char)text.data[i]]) {
        i++;
    }
    return i > 0 && i == text.len;
}

/* Digits of `base`, 10 or 16, and nothing besides; false for more than LAC_HTTP_LENGTH_MAX. */
static inline bool lac_http_number(struct lac_str text, unsigned base, size_t *out) {
    size_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = lac_hex_digit(text.data[i]);
        if (digit < 0 || (unsigned)digit >= base || value > LAC_HTTP_LENGTH_MAX) {
            return false;
        }
        value = value * base + (unsigned)digit;
    }
    *out = value;
    return text.len > 0 && value <= LAC_HTTP_LENGTH_MAX;
}

/* The size in a chunk's first line. Its extensions are left aside. */
static inline bool lac_http_chunk_size(struct lac_str line, size_t *out) {
    const char *end = line.len > 0 ? memchr(line.data, ';', line.len) : NULL;
    line.len = end == NULL ? line.len : (size_t)(end - line.data);
    return lac_http_number(lac_http_trim(line), 16, out);
}

#endif
