/* json_text.h — the bytes between a JSON string's quotes, as reader and writer both scan them.
 * Inline, because these two loops are where the time goes. */
#ifndef LAC_JSON_TEXT_H
#define LAC_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Whether a byte stands for itself: no quote, no backslash, no control character, and not part of a
 * non-ASCII character. */
static inline bool lac_json_is_plain(char byte) {
    return (signed char)byte >= 0x20 && byte != '"' && byte != '\\';
}

/* How many of the eight bytes at `at` do, from the first on. A borrow can only raise a false alarm
 * behind a true one: in the byte order of all machines that this is built for, the lowest is true.
 */
static inline int lac_json_plain_of_eight(const char *at) {
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is the lowest");
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t control = word - ones * 0x20;
    uint64_t quote = (word ^ (ones * '"')) - ones;
    uint64_t backslash = (word ^ (ones * '\\')) - ones;
    uint64_t found = (word | control | quote | backslash) & high;
    return found == 0 ? 8 : __builtin_ctzll(found) / 8;
}

/* Returns the first byte in [at, end) that is not plain; `end` when there is none. */
static inline const char *lac_json_skip_plain(const char *at, const char *end) {
    while (end - at >= 8) {
        int plain = lac_json_plain_of_eight(at);
        at += plain;
        if (plain < 8) {
            return at;
        }
    }
    while (at < end && lac_json_is_plain(*at)) {
        at++;
    }
    return at;
}

/* The length of the well-formed non-ASCII UTF-8 character at `at` (2 to 4 bytes); 0 when the bytes
 * are none: overlong forms, surrogates, values past U+10FFFF, cut ends. */
static inline int lac_utf8_length(const char *at, const char *end) {
    const unsigned char *byte = (const unsigned char *)at;
    int len = byte[0] < 0xC2 ? 0 : byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : byte[0] < 0xF5 ? 4 : 0;
    if (len == 0 || end - at < len) {
        return 0;
    }
    unsigned char least = byte[0] == 0xE0 ? 0xA0 : byte[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char most = byte[0] == 0xED ? 0x9F : byte[0] == 0xF4 ? 0x8F : 0xBF;
    if (byte[1] < least || byte[1] > most) {
        return 0;
    }
    for (int i = 2; i < len; i++) {
        if ((byte[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len;
}

#endif
