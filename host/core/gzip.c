#include "core/gzip.h"

#include <stdint.h>

#include <libdeflate.h>

#define LEAST_ROOM ((size_t)256)
#define BEST_RATIO 1032 /* of deflate: 258 bytes for two bits */

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* The size that the last four bytes claim, where deflate could have made it of so few bytes. */
static size_t likely_size(struct lac_str packed) {
    const unsigned char *last = (const unsigned char *)packed.data + packed.len - 4;
    size_t claimed =
        (size_t)last[0] | (size_t)last[1] << 8 | (size_t)last[2] << 16 | (size_t)last[3] << 24;
    return packed.len > SIZE_MAX / BEST_RATIO ? claimed : smaller(claimed, packed.len * BEST_RATIO);
}

/* One member of at most `most` bytes. `used` becomes how many bytes of `packed` it took. */
static bool open_member(struct libdeflate_decompressor *decompressor, struct lac_str packed,
                        size_t most, size_t *used, struct lac_buf *out, struct lac_error *err) {
    size_t start = out->len;
    size_t room = packed.len < 4 ? 0 : likely_size(packed);
    room = smaller(most, room < LEAST_ROOM ? LEAST_ROOM : room);
    for (;;) {
        char *space = lac_buf_grow(out, room, 1);
        if (space == NULL) {
            return lac_fail(err, LAC_ERR_MEMORY, "out of memory while opening gzip");
        }
        size_t size = 0;
        enum libdeflate_result result = libdeflate_gzip_decompress_ex(
            decompressor, packed.data, packed.len, space, room, used, &size);
        lac_buf_cut(out, start + (result == LIBDEFLATE_SUCCESS ? size : 0));
        if (result == LIBDEFLATE_SUCCESS) {
            return true;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
            return lac_fail(err, LAC_ERR_INPUT, "no gzip, or gzip that is cut or damaged");
        }
        if (room == most) {
            return lac_fail(err, LAC_ERR_LIMIT, "the gzip opens to more bytes than are allowed");
        }
        room = room > most / 4 ? most : room * 4; /* that size was the last of several members' */
    }
}

bool lac_gzip_open(struct lac_str packed, size_t most, struct lac_buf *out, struct lac_error *err) {
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (decompressor == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while opening gzip");
    }
    size_t start = out->len;
    bool ok = true;
    do {
        size_t used = 0;
        ok = open_member(decompressor, packed, most - (out->len - start), &used, out, err);
        packed = ok ? (struct lac_str){packed.data + used, packed.len - used} : packed;
    } while (ok && packed.len > 0);
    libdeflate_free_decompressor(decompressor);
    if (!ok) {
        lac_buf_cut(out, start);
    }
    return ok;
}
