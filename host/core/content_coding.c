#include "core/content_coding.h"

#include <stdint.h>

#include <libdeflate.h>

#include "core/gzip.h"

#define LEAST_ROOM ((size_t)256)
#define USUAL_RATIO 4   /* of texts */
#define BEST_RATIO 1032 /* of deflate: 258 bytes for two bits */

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory in a content coding");
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t times(size_t size, size_t factor) {
    return size > SIZE_MAX / factor ? SIZE_MAX : size * factor;
}

bool lac_content_coding_pack(struct lac_str bytes, enum lac_content_coding coding, int level,
                             struct lac_buf *out, struct lac_error *err) {
    bool is_gzip = coding == LAC_CODING_GZIP;
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    if (compressor == NULL) {
        return out_of_memory(err);
    }
    size_t start = out->len;
    size_t room = is_gzip ? libdeflate_gzip_compress_bound(compressor, bytes.len)
                          : libdeflate_zlib_compress_bound(compressor, bytes.len);
    char *space = lac_buf_grow(out, room, 1);
    size_t size = 0;
    if (space != NULL) {
        size = is_gzip ? libdeflate_gzip_compress(compressor, bytes.data, bytes.len, space, room)
                       : libdeflate_zlib_compress(compressor, bytes.data, bytes.len, space, room);
        lac_buf_cut(out, start + size);
    }
    libdeflate_free_compressor(compressor);
    return size > 0 || out_of_memory(err);
}

/* Opens zlib's form, which does not say how large the result is: by rooms that grow. */
static bool open_zlib(struct libdeflate_decompressor *decompressor, struct lac_str packed,
                      size_t most, struct lac_buf *out, struct lac_error *err) {
    size_t start = out->len;
    size_t possible = smaller(most, times(packed.len, BEST_RATIO));
    size_t room = times(packed.len, USUAL_RATIO);
    room = smaller(possible, room < LEAST_ROOM ? LEAST_ROOM : room);
    for (;;) {
        char *space = lac_buf_grow(out, room, 1);
        if (space == NULL) {
            return out_of_memory(err);
        }
        size_t used = 0, size = 0;
        enum libdeflate_result result = libdeflate_zlib_decompress_ex(
            decompressor, packed.data, packed.len, space, room, &used, &size);
        bool ok = result == LIBDEFLATE_SUCCESS && used == packed.len;
        lac_buf_cut(out, start + (ok ? size : 0));
        if (ok) {
            return true;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
            return lac_fail(err, LAC_ERR_INPUT, "no deflate, or deflate that is cut or damaged");
        }
        if (room == most) {
            return lac_fail(err, LAC_ERR_LIMIT, "the deflate opens to more bytes than are allowed");
        }
        room = smaller(most, times(room, 4));
    }
}

bool lac_content_coding_open(struct lac_str packed, enum lac_content_coding coding, size_t most,
                             struct lac_buf *out, struct lac_error *err) {
    if (coding == LAC_CODING_GZIP) {
        return lac_gzip_open(packed, most, out, err);
    }
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (decompressor == NULL) {
        return out_of_memory(err);
    }
    bool ok = open_zlib(decompressor, packed, most, out, err);
    libdeflate_free_decompressor(decompressor);
    return ok;
}
