/* http_text.h — what heads of requests and of answers are read by alike. */
#ifndef LAC_HTTP_TEXT_H
#define LAC_HTTP_TEXT_H

#include <stdbool.h>
#include <strings.h>

#include "core/buf.h"

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

#endif
