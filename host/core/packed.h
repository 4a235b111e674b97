/* packed.h — bytes in the form that a zip archive holds them: raw deflate by libdeflate, or as they
 * are where that would not make them smaller, with their size and CRC-32.
 *
 * A packed file keeps that form on the disk, so that what travels in many archives (the runtime) is
 * compressed once. It is a header of 32 bytes, numbers little-endian, and the packed bytes:
 *
 *      0  "LACPACK1"
 *      8  size, 8 bytes            16  packed size, 8 bytes
 *     24  CRC-32, 4 bytes          28  method as in zip: 0 as they are, 8 deflate; 4 bytes */
#ifndef LAC_PACKED_H
#define LAC_PACKED_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

/* The largest file that is packed, and the largest that is unpacked, in one piece. */
#define LAC_PACKED_MOST ((size_t)1 << 30)

struct lac_packed {
    struct lac_buf bytes;
    uint64_t size; /* unpacked */
    uint32_t crc32;
    bool deflated;
};

/* `level` is libdeflate's, 1 to 12; 0 leaves the bytes as they are. The same bytes and level give
 * the same result on every machine. */
bool lac_packed_make(struct lac_str bytes, int level, struct lac_packed *out,
                     struct lac_error *err);

/* Appends `size` bytes, unpacked, to `out`. Bytes that are not what size and CRC-32 say:
 * LAC_ERR_INPUT. */
bool lac_packed_open(const struct lac_packed *packed, struct lac_buf *out, struct lac_error *err);

bool lac_packed_write(const char *path, const struct lac_packed *packed, struct lac_error *err);
bool lac_packed_read(const char *path, struct lac_packed *out, struct lac_error *err);

void lac_packed_free(struct lac_packed *packed);

#endif
