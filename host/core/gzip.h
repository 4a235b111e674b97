/* gzip.h — bytes that were compressed with gzip (RFC 1952), by libdeflate: what CloudWatch Logs
 * sends to a function. Checksums and sizes are verified. */
#ifndef LAC_GZIP_H
#define LAC_GZIP_H

#include "core/buf.h"
#include "core/error.h"

/* Appends what the members of `packed` hold, one after another, to `out`. More than `most` bytes in
 * all: LAC_ERR_LIMIT; what is no gzip, or is cut or damaged: LAC_ERR_INPUT. Then `out` is as it
 * was. Memory for a result is taken as the input's size can justify it, never on its word alone. */
bool lac_gzip_open(struct lac_str packed, size_t most, struct lac_buf *out, struct lac_error *err);

#endif
