/* json_private.h — between the files that read JSON: json_reader.c, which tells one event from the
 * next, json_read_string.c and json_read_number.c, which read what has an inside, and json_fail.c,
 * which says where in the text the trouble stands.
 *
 * `*at` is where a reader stands; what it has read, it moves behind. */
#ifndef LAC_JSON_PRIVATE_H
#define LAC_JSON_PRIVATE_H

#include "core/json.h"

static inline bool lac_json_is_digit(const char *at, const char *end) {
    return at < end && *at >= '0' && *at <= '9';
}

/* Reads a string, whose opening quote was seen: `*at` stands behind it. What had escapes goes to
 * reader->scratch. */
bool lac_json_read_string(struct lac_json_reader *reader, const char **at, struct lac_str *out,
                          struct lac_error *err);

/* Reads a number, whose sign or first digit `*at` stands on: an INTEGER or a FLOAT. */
bool lac_json_read_number(struct lac_json_reader *reader, const char **at,
                          struct lac_json_event *event, struct lac_error *err);

/* Of json_fail.c. Cold, so that what reads has no room for messages on its stack. */

/* Fails at a place of the text, which the message begins with. */
bool lac_json_fail_at(const struct lac_json_reader *reader, const char *at,
                      enum lac_error_kind kind, const char *what, struct lac_error *err)
    __attribute__((cold));

/* Fails for what stands at a place where something else is wanted. */
bool lac_json_unexpected(const struct lac_json_reader *reader, const char *at, const char *wanted,
                         struct lac_error *err) __attribute__((cold));

/* Fails for a level that opens below reader->depth others. */
bool lac_json_too_deep(const struct lac_json_reader *reader, const char *at, struct lac_error *err)
    __attribute__((cold));

#endif
