/* json_read_string.c — a string as it is where it has no escapes; unescaped, in the scratch, where
 * it has. */
#include <string.h>

#include "core/encoding.h"
#include "core/json_private.h"
#include "core/json_text.h"
#include "core/utf16.h"

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

/* `*at` stands on the `u` of an escape: appends its character, whose second half may be a second
 * escape, and moves behind it. */
static bool read_unicode_escape(struct lac_json_reader *reader, const char **at,
                                struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len, *escape = *at - 1;
    int32_t code = read_hex(*at + 1, end);
    if (code < 0) {
        return lac_json_fail_at(reader, escape, LAC_ERR_INPUT, "\\u takes four hexadecimal digits",
                                err);
    }
    *at += 5;
    if (code >= 0xD800 && code <= 0xDFFF) {
        int32_t low =
            end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? read_hex(*at + 2, end) : -1;
        if (code > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
            return lac_json_fail_at(reader, escape, LAC_ERR_INPUT,
                                    "half of a surrogate pair is not a character", err);
        }
        code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
        *at += 6;
    }
    lac_utf8_add(reader->scratch, (uint32_t)code);
    return true;
}

/* `*at` stands on a backslash: appends what the escape means and moves behind it. */
static bool read_escape(struct lac_json_reader *reader, const char **at, struct lac_error *err) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *end = reader->text.data + reader->text.len;
    ++*at;
    if (*at == end) {
        return lac_json_unexpected(reader, *at, "an escape", err);
    }
    if (**at == 'u') {
        return read_unicode_escape(reader, at, err);
    }
    const char *letter = memchr(letters, **at, sizeof letters - 1);
    if (letter == NULL) {
        return lac_json_fail_at(reader, *at - 1, LAC_ERR_INPUT, "no such escape in JSON", err);
    }
    lac_buf_add(reader->scratch, (struct lac_str){meanings + (letter - letters), 1});
    ++*at;
    return true;
}

bool lac_json_read_string(struct lac_json_reader *reader, const char **at, struct lac_str *out,
                          struct lac_error *err) {
    const char *end = reader->text.data + reader->text.len, *run = *at;
    bool had_escape = false;
    for (;;) {
        *at = lac_json_skip_plain(*at, end);
        if (*at == end) {
            return lac_json_unexpected(reader, end, "'\"'", err);
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
            return lac_json_fail_at(reader, *at, LAC_ERR_INPUT,
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
