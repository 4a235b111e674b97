/* http_answer.h — takes one HTTP/1.x answer out of the bytes that have come so far. Pure. */
#ifndef LAC_HTTP_ANSWER_H
#define LAC_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

#define LAC_HTTP_ANSWER_MAX_HEAD ((size_t)64 * 1024)

enum lac_http_answer_state {
    LAC_HTTP_ANSWER_PARTIAL, /* more bytes are needed */
    LAC_HTTP_ANSWER_WHOLE,
    LAC_HTTP_ANSWER_BROKEN, /* this is no HTTP answer, or its head has no end */
};

/* Views into the bytes that were given. */
struct lac_http_answer {
    int status;
    struct lac_str head; /* the header lines */
    struct lac_str body; /* whole, without its chunks */
    bool keep_alive;     /* the connection may carry another request */
};

/* Looks at the `len` bytes at `data`, from the first one. `closed`: no more will come, which ends a
 * body that has no length. When the answer is whole, `out` is filled and a chunked body has been
 * put together in place; while it is partial and has a length, `body.len` is what will be whole. */
enum lac_http_answer_state lac_http_answer_take(char *data, size_t len, bool closed,
                                                struct lac_http_answer *out);

/* The value of a header, trimmed; {NULL, 0} when there is none. Names in any case. */
struct lac_str lac_http_answer_header(const struct lac_http_answer *answer, const char *name);

/* The same for several, in one pass over the head: of headers that share a name, the first. */
struct lac_http_wanted {
    struct lac_str name;
    struct lac_str *value;
};
void lac_http_answer_headers(const struct lac_http_answer *answer,
                             const struct lac_http_wanted *wanted, size_t count);

#endif
