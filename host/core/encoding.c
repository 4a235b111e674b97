#include "core/encoding.h"

#include <stdint.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void lac_hex_add(struct lac_str bytes, struct lac_buf *out) {
    char *next = lac_buf_grow(out, bytes.len, 2);
    for (size_t i = 0; next != NULL && i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        *next++ = hex_digits[byte >> 4];
        *next++ = hex_digits[byte & 15];
    }
}

int lac_hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool lac_hex_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err) {
    if (text.len % 2 != 0) {
        return lac_fail(err, LAC_ERR_INPUT, "hex has an odd number of digits");
    }
    size_t start = out->len;
    char *next = lac_buf_grow(out, text.len / 2, 1);
    if (next == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while decoding hex");
    }
    for (size_t i = 0; i < text.len; i += 2) {
        int high = lac_hex_digit(text.data[i]);
        int low = lac_hex_digit(text.data[i + 1]);
        if (high < 0 || low < 0) {
            lac_buf_cut(out, start);
            return lac_fail(err, LAC_ERR_INPUT, "not a hex digit at byte %zu",
                            i + (high < 0 ? 1 : 2));
        }
        *next++ = (char)(high << 4 | low);
    }
    return true;
}

void lac_base64_add(struct lac_str bytes, struct lac_buf *out) {
    char *next = lac_buf_grow(out, bytes.len / 3 + (bytes.len % 3 != 0), 4);
    for (size_t i = 0; next != NULL && i < bytes.len; i += 3) {
        size_t count = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned char group[3] = {0};
        memcpy(group, bytes.data + i, count);
        uint32_t bits = (uint32_t)group[0] << 16 | (uint32_t)group[1] << 8 | group[2];
        *next++ = base64_digits[bits >> 18];
        *next++ = base64_digits[bits >> 12 & 63];
        *next++ = count > 1 ? base64_digits[bits >> 6 & 63] : '=';
        *next++ = count > 2 ? base64_digits[bits & 63] : '=';
    }
}

static int base64_value(char digit) {
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

static size_t padding_of(struct lac_str text) {
    if (text.len == 0 || text.data[text.len - 1] != '=') {
        return 0;
    }
    return text.data[text.len - 2] == '=' ? 2 : 1;
}

bool lac_base64_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err) {
    if (text.len % 4 != 0) {
        return lac_fail(err, LAC_ERR_INPUT, "base64 is not a multiple of 4 characters long");
    }
    size_t digits = text.len - padding_of(text), start = out->len;
    char *next = lac_buf_grow(out, digits / 4 * 3 + (digits % 4 != 0 ? digits % 4 - 1 : 0), 1);
    if (next == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while decoding base64");
    }
    uint32_t bits = 0;
    unsigned held = 0; /* how many of the low bits belong to a byte that is not full yet */
    for (size_t i = 0; i < digits; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0) {
            lac_buf_cut(out, start);
            return lac_fail(err, LAC_ERR_INPUT, "not a base64 character at byte %zu", i + 1);
        }
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *next++ = (char)(bits >> held & 0xff);
        }
    }
    if ((bits & ((1U << held) - 1)) != 0) {
        lac_buf_cut(out, start);
        return lac_fail(err, LAC_ERR_INPUT, "base64 ends in bits that belong to no byte");
    }
    return true;
}
