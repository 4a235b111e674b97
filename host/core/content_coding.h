/* content_coding.h — HTTP's content codings gzip (RFC 1952) and deflate (RFC 1950: zlib's form), by
 * libdeflate: bodies packed and opened whole. Checksums and sizes are verified. */
#ifndef LAC_CONTENT_CODING_H
#define LAC_CONTENT_CODING_H

#include "core/buf.h"
#include "core/error.h"

enum lac_content_coding { LAC_CODING_GZIP, LAC_CODING_DEFLATE };

/* Appends the packed form of `bytes` to `out`. `level` is 1 (fast) to 12 (small). The same bytes
 * and level give the same result; it holds no time and no name. After a failure, which only a lack
 * of memory is, `out` is as it was. */
bool lac_content_coding_pack(struct lac_str bytes, enum lac_content_coding coding, int level,
                             struct lac_buf *out, struct lac_error *err);

/* Appends what `packed` holds to `out`. More than `most` bytes: LAC_ERR_LIMIT; what is not of that
 * coding, or is cut or damaged, or has something behind it: LAC_ERR_INPUT. Then `out` is as it was.
 * Memory for a result is taken as the input's size can justify it. */
bool lac_content_coding_open(struct lac_str packed, enum lac_content_coding coding, size_t most,
                             struct lac_buf *out, struct lac_error *err);

#endif
