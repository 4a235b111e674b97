/* http_body.h — where a request's bytes come from, and where an answer's bytes go.
 *
 * Both are memory or a file; of a file only a window is ever held. */
#ifndef LAC_HTTP_BODY_H
#define LAC_HTTP_BODY_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

#define LAC_HTTP_TO_END UINT64_MAX

/* A slice of a file. */
struct lac_http_slice {
    const char *path; /* NULL: no file */
    uint64_t offset;
    uint64_t length; /* LAC_HTTP_TO_END: all that follows the offset */
};

struct lac_http_source {
    struct lac_str bytes;
    int fd; /* -1: `bytes` */
    uint64_t start, length, position;
};

/* Opens a source of `bytes`, or of `slice` when that has a path. The slice must lie in the file.
 * To be closed, even after a failure. */
bool lac_http_source_open(struct lac_http_source *source, struct lac_str bytes,
                          const struct lac_http_slice *slice, struct lac_error *err);

/* Reads on, at most `size` bytes; sets `*got`, 0 only at the end. A file that has become shorter
 * meanwhile is a failure. */
bool lac_http_source_read(struct lac_http_source *source, char *out, size_t size, size_t *got,
                          struct lac_error *err);
void lac_http_source_close(struct lac_http_source *source);

struct lac_http_sink {
    struct lac_buf bytes;
    size_t max_bytes; /* for memory; a file has no bound */
    int fd;           /* -1: `bytes` */
    struct lac_buf temporary;
};

/* Bytes go to memory from now on. To be closed. */
void lac_http_sink_to_memory(struct lac_http_sink *sink, size_t max_bytes);

/* Turns an empty sink to a temporary file beside `path`, in whose place commit puts it. */
bool lac_http_sink_to_file(struct lac_http_sink *sink, const char *path, struct lac_error *err);
bool lac_http_sink_write(struct lac_http_sink *sink, struct lac_str bytes, struct lac_error *err);
bool lac_http_sink_commit(struct lac_http_sink *sink, const char *path, struct lac_error *err);

/* Drops what was not committed or taken. */
void lac_http_sink_close(struct lac_http_sink *sink);

#endif
