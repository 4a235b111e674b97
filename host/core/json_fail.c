/* json_fail.c — where in a text the trouble stands, and what it is. */
#include <stdio.h>

#include "core/json_private.h"

/* Lines and columns (in characters) are only counted now. */
bool lac_json_fail_at(const struct lac_json_reader *reader, const char *at,
                      enum lac_error_kind kind, const char *what, struct lac_error *err) {
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

bool lac_json_unexpected(const struct lac_json_reader *reader, const char *at, const char *wanted,
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
    return lac_json_fail_at(reader, at, LAC_ERR_INPUT, what, err);
}

bool lac_json_too_deep(const struct lac_json_reader *reader, const char *at,
                       struct lac_error *err) {
    char what[64];
    snprintf(what, sizeof what, "more than %zu levels deep", reader->depth);
    return lac_json_fail_at(reader, at, LAC_ERR_LIMIT, what, err);
}
