#include "core/utf16.h"

#include "core/json_text.h"

#define REPLACEMENT 0xFFFD

uint32_t lac_utf8_next(struct lac_str text, size_t *at) {
    const char *byte = text.data + *at;
    unsigned char first = (unsigned char)*byte;
    if (first < 0x80) {
        ++*at;
        return first;
    }
    int len = lac_utf8_length(byte, text.data + text.len);
    if (len == 0) {
        ++*at;
        return REPLACEMENT;
    }
    uint32_t code = first & (0xFFU >> (len + 1));
    for (int i = 1; i < len; i++) {
        code = code << 6 | ((unsigned char)byte[i] & 0x3F);
    }
    *at += (size_t)len;
    return code;
}

size_t lac_utf16_length(struct lac_str text) {
    size_t units = 0;
    for (size_t at = 0; at < text.len;) {
        units += lac_utf8_next(text, &at) > 0xFFFF ? 2 : 1;
    }
    return units;
}

size_t lac_utf16_byte(struct lac_str text, size_t unit) {
    size_t at = 0;
    while (at < text.len && unit > 0) {
        size_t width = lac_utf8_next(text, &at) > 0xFFFF ? 2 : 1;
        unit -= width < unit ? width : unit;
    }
    return at;
}

void lac_utf8_add(struct lac_buf *out, uint32_t code) {
    char bytes[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes[0] = (char)(marks[len] | code);
    lac_buf_add(out, (struct lac_str){bytes, len});
}

/* Ranges of capitals whose small letters stand `distance` behind; 1: they take turns. */
static const struct {
    uint32_t from, to, distance;
} capitals[] = {
    {'A', 'Z', 32},      {0xC0, 0xD6, 32},     {0xD8, 0xDE, 32},   {0x100, 0x12E, 1},
    {0x132, 0x136, 1},   {0x139, 0x147, 1},    {0x14A, 0x176, 1},  {0x179, 0x17D, 1},
    {0x391, 0x3A1, 32},  {0x3A3, 0x3AB, 32},   {0x400, 0x40F, 80}, {0x410, 0x42F, 32},
    {0x460, 0x480, 1},   {0x48A, 0x4BE, 1},    {0x4D0, 0x52E, 1},  {0x1E00, 0x1E94, 1},
    {0x1EA0, 0x1EFE, 1}, {0xFF21, 0xFF3A, 32},
};

#define RANGES (sizeof capitals / sizeof *capitals)

uint32_t lac_utf8_lower(uint32_t code) {
    for (size_t i = 0; i < RANGES; i++) {
        bool turns = capitals[i].distance == 1;
        if (code >= capitals[i].from && code <= capitals[i].to &&
            (!turns || (code - capitals[i].from) % 2 == 0)) {
            return code + capitals[i].distance;
        }
    }
    return code == 0x178 ? 0xFF : code;
}

uint32_t lac_utf8_upper(uint32_t code) {
    for (size_t i = 0; i < RANGES; i++) {
        uint32_t capital = code - capitals[i].distance;
        bool turns = capitals[i].distance == 1;
        if (code > capitals[i].distance && capital >= capitals[i].from &&
            capital <= capitals[i].to && (!turns || (capital - capitals[i].from) % 2 == 0)) {
            return capital;
        }
    }
    return code == 0xFF ? 0x178 : code == 0xB5 ? 0x39C : code == 0x3C2 ? 0x3A3 : code;
}
