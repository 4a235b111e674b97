/* http_head.h — takes the head of one HTTP/1.x request out of the bytes that have come so far, and
 * the chunks of its body. Pure. */
#ifndef LAC_HTTP_HEAD_H
#define LAC_HTTP_HEAD_H

#include "core/buf.h"

#define LAC_HTTP_HEAD_MAX ((size_t)64 * 1024) /* bytes of a head, or of trailers */

enum lac_http_head_state {
    LAC_HTTP_HEAD_PARTIAL, /* more bytes are needed */
    LAC_HTTP_HEAD_WHOLE,
    LAC_HTTP_HEAD_BROKEN, /* this is no HTTP request, or its head has no end */
};

/* Views into the bytes that were given. */
struct lac_http_head {
    struct lac_str method;
    struct lac_str target;    /* path and query: they may begin with "?" behind an authority */
    struct lac_str authority; /* of a target that was a whole URI: whom it asks, whatever Host says;
                                 else {NULL, 0} */
    struct lac_str lines;     /* the header lines */
    size_t len;               /* the body begins here */
    bool chunked;
    size_t length;   /* of a body that is not chunked */
    unsigned minor;  /* of its version: HTTP/1.0, HTTP/1.1 */
    bool keep_alive; /* the connection may carry another request */
    bool expects;    /* the caller waits for "100 Continue" before it sends the body */
};

struct lac_http_field {
    struct lac_str name, value; /* the name as sent, the value trimmed */
};

enum lac_http_head_state lac_http_head_take(struct lac_str bytes, struct lac_http_head *out);

/* Whether an empty line has come: what drips in need not be taken apart at each byte. `sought` is
 * how far it was looked for, 0 at first. */
bool lac_http_head_ends(struct lac_str bytes, size_t *sought);

/* Cuts the first header line off `lines`; false when there is none, or it is malformed. */
bool lac_http_head_next(struct lac_str *lines, struct lac_http_field *out);

/* The value of the first line of that name among `lines`, trimmed; {NULL, 0} when there is none.
 * Names in any case. */
struct lac_str lac_http_head_value(struct lac_str lines, struct lac_str name);

/* A chunked body on its way: `{0}` before its first byte. `trailers` are the lines behind it. */
struct lac_http_chunks {
    enum { LAC_CHUNK_SIZE, LAC_CHUNK_DATA, LAC_CHUNK_END, LAC_CHUNK_TRAILERS } at;
    size_t left;         /* of the chunk at hand */
    struct lac_buf line; /* of a size that is not whole yet */
    struct lac_buf trailers;
    bool whole;
};

/* Takes what it can of `bytes`, cuts that off, and appends the body's bytes to `out`. False when
 * this is no chunked body, or memory has ended. */
bool lac_http_chunks_take(struct lac_http_chunks *chunks, struct lac_str *bytes,
                          struct lac_buf *out);
void lac_http_chunks_free(struct lac_http_chunks *chunks);

#endif
