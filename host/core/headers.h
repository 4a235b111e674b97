/* headers.h — HTTP headers: those to send, borrowed; those received, owned and bounded. */
#ifndef LAC_HEADERS_H
#define LAC_HEADERS_H

#include "core/buf.h"
#include "core/error.h"

/* A header to send. */
struct lac_header {
    struct lac_str name, value;
};

/* True when it can stand on a line of its own: the name is a token, the value holds no CR, LF or
 * NUL. A value is never quoted in the message: it may be a credential. */
bool lac_header_check(const struct lac_header *header, struct lac_error *err);

struct lac_headers_item {
    struct lac_buf name;  /* lower case */
    struct lac_buf value; /* equal names joined with ", " */
};

/* Received headers; `{0}` is none. `apart`: they are kept as they came, line by line, equal names
 * not joined and names in their own case. */
struct lac_headers {
    struct lac_headers_item *items;
    size_t count, bytes;
    bool apart;
};

#define LAC_HEADERS_MAX_COUNT 256
#define LAC_HEADERS_MAX_BYTES 65536 /* names and values together */

/* Takes one line as it came, with or without its line end. A line that is no header fails as
 * LAC_ERR_NETWORK with the code "protocol"; one too many as LAC_ERR_LIMIT. */
bool lac_headers_add_line(struct lac_headers *headers, struct lac_str line, struct lac_error *err);

/* The value of a header, its name in lower case; data is NULL when there is none. Of names that
 * are kept apart, the first. */
struct lac_str lac_headers_get(const struct lac_headers *headers, struct lac_str name);

void lac_headers_free(struct lac_headers *headers);

#endif
