#include "core/encoding.h"

#include <stdint.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

/* Base64 in one of its two forms. */
struct form {
    const char *digits; /* 64 */
    bool padded;
};

static const struct form base64 = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true};
static const struct form base64url = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false};

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

/* Three bytes are four digits; one or two at the end are two or three. */
static void add(const struct form *form, struct lac_str bytes, struct lac_buf *out) {
    size_t rest = bytes.len % 3;
    size_t last = rest == 0 ? 0 : form->padded ? 4 : rest + 1;
    char *next = lac_buf_grow(out, bytes.len / 3 * 4 + last, 1);
    for (size_t i = 0; next != NULL && i < bytes.len; i += 3) {
        size_t count = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned char group[3] = {0};
        memcpy(group, bytes.data + i, count);
        uint32_t bits = (uint32_t)group[0] << 16 | (uint32_t)group[1] << 8 | group[2];
        for (size_t digit = 0; digit < 4; digit++) {
            if (digit <= count) {
                *next++ = form->digits[bits >> (18 - 6 * digit) & 63];
            } else if (form->padded) {
                *next++ = '=';
            }
        }
    }
}

void lac_base64_add(struct lac_str bytes, struct lac_buf *out) {
    add(&base64, bytes, out);
}

void lac_base64url_add(struct lac_str bytes, struct lac_buf *out) {
    add(&base64url, bytes, out);
}

static int base64_value(const struct form *form, char digit) {
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    return digit == form->digits[62] ? 62 : digit == form->digits[63] ? 63 : -1;
}

static size_t padding_of(struct lac_str text) {
    if (text.len == 0 || text.data[text.len - 1] != '=') {
        return 0;
    }
    return text.data[text.len - 2] == '=' ? 2 : 1;
}

static bool decode(const struct form *form, struct lac_str digits, struct lac_buf *out,
                   struct lac_error *err) {
    size_t start = out->len;
    char *next =
        lac_buf_grow(out, digits.len / 4 * 3 + (digits.len % 4 != 0 ? digits.len % 4 - 1 : 0), 1);
    if (next == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while decoding base64");
    }
    uint32_t bits = 0;
    unsigned held = 0; /* how many of the low bits belong to a byte that is not full yet */
    for (size_t i = 0; i < digits.len; i++) {
        int value = base64_value(form, digits.data[i]);
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

bool lac_base64_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err) {
    if (text.len % 4 != 0) {
        return lac_fail(err, LAC_ERR_INPUT, "base64 is not a multiple of 4 characters long");
    }
    struct lac_str digits = {text.data, text.len - padding_of(text)};
    return decode(&base64, digits, out, err);
}

bool lac_base64url_decode(struct lac_str text, struct lac_buf *out, struct lac_error *err) {
    if (text.len % 4 == 1) {
        return lac_fail(err, LAC_ERR_INPUT, "base64 ends in a character that makes no byte");
    }
    return decode(&base64url, text, out, err);
}
