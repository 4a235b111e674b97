#include "core/packed.h"

#include <string.h>

#include <libdeflate.h>

#include "core/file.h"

#define MAGIC LAC_STR("LACPACK1")
#define HEADER_SIZE 32
#define STORED 0
#define DEFLATED 8

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while packing");
}

/* True when the deflated form is in out->bytes; false, and nothing there, when it is no gain. */
static bool deflate_smaller(struct libdeflate_compressor *compressor, struct lac_str bytes,
                            struct lac_packed *out) {
    if (bytes.len < 2) {
        return false;
    }
    size_t room = bytes.len - 1; /* libdeflate gives up when it does not fit */
    char *space = lac_buf_grow(&out->bytes, room, 1);
    size_t packed =
        space == NULL ? 0
                      : libdeflate_deflate_compress(compressor, bytes.data, bytes.len, space, room);
    lac_buf_cut(&out->bytes, packed);
    return packed > 0;
}

bool lac_packed_make(struct lac_str bytes, int level, struct lac_packed *out,
                     struct lac_error *err) {
    if (level > 0) {
        struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
        if (compressor == NULL) {
            return out_of_memory(err);
        }
        out->deflated = deflate_smaller(compressor, bytes, out);
        libdeflate_free_compressor(compressor);
    }
    if (!out->deflated) {
        lac_buf_add(&out->bytes, bytes);
    }
    out->size = bytes.len;
    out->crc32 = libdeflate_crc32(0, bytes.data, bytes.len);
    return !out->bytes.failed || out_of_memory(err);
}

static bool inflate_exactly(struct lac_str packed, char *out, size_t size) {
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    bool ok = decompressor != NULL &&
              libdeflate_deflate_decompress(decompressor, packed.data, packed.len, out, size,
                                            NULL) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(decompressor);
    return ok;
}

bool lac_packed_open(const struct lac_packed *packed, struct lac_buf *out, struct lac_error *err) {
    if (packed->size > LAC_PACKED_MOST) {
        return lac_fail(err, LAC_ERR_LIMIT, "larger than %zu bytes", LAC_PACKED_MOST);
    }
    size_t before = out->len;
    struct lac_str bytes = lac_buf_view(&packed->bytes);
    if (packed->deflated) {
        size_t size = (size_t)packed->size;
        char *space = lac_buf_grow(out, size, 1);
        if (space == NULL) {
            return out_of_memory(err);
        }
        if (!inflate_exactly(bytes, space, size)) {
            lac_buf_cut(out, before);
            return lac_fail(err, LAC_ERR_INPUT, "the compressed bytes are damaged");
        }
    } else if (bytes.len != packed->size) {
        return lac_fail(err, LAC_ERR_INPUT, "the size is not what was promised");
    } else {
        lac_buf_add(out, bytes);
    }
    if (out->failed) {
        return out_of_memory(err);
    }
    struct lac_str opened = lac_buf_view(out);
    if (libdeflate_crc32(0, opened.data + before, opened.len - before) != packed->crc32) {
        lac_buf_cut(out, before);
        return lac_fail(err, LAC_ERR_INPUT, "the bytes do not match their CRC-32");
    }
    return true;
}

static void put_number(unsigned char *at, size_t size, uint64_t value) {
    for (size_t i = 0; i < size; i++) {
        at[i] = (unsigned char)(value >> 8 * i);
    }
}

static uint64_t get_number(const unsigned char *at, size_t size) {
    uint64_t value = 0;
    for (size_t i = size; i > 0; i--) {
        value = value << 8 | at[i - 1];
    }
    return value;
}

bool lac_packed_write(const char *path, const struct lac_packed *packed, struct lac_error *err) {
    const struct lac_file_mode mode = {0};
    unsigned char header[HEADER_SIZE];
    memcpy(header, MAGIC.data, MAGIC.len);
    put_number(header + 8, 8, packed->size);
    put_number(header + 16, 8, packed->bytes.len);
    put_number(header + 24, 4, packed->crc32);
    put_number(header + 28, 4, packed->deflated ? DEFLATED : STORED);

    struct lac_file_draft draft = {0};
    bool ok = lac_file_draft(&draft, path, &mode, err) &&
              lac_file_draft_add(&draft, (struct lac_str){(char *)header, HEADER_SIZE}, err) &&
              lac_file_draft_add(&draft, lac_buf_view(&packed->bytes), err) &&
              lac_file_draft_keep(&draft, path, &mode, err);
    lac_file_draft_drop(&draft);
    return ok;
}

bool lac_packed_read(const char *path, struct lac_packed *out, struct lac_error *err) {
    if (!lac_file_read(path, LAC_PACKED_MOST, &out->bytes, err)) {
        return false;
    }
    const unsigned char *header = (const unsigned char *)lac_buf_view(&out->bytes).data;
    bool known = out->bytes.len >= HEADER_SIZE && memcmp(header, MAGIC.data, MAGIC.len) == 0;
    uint64_t method = known ? get_number(header + 28, 4) : 1;
    if (!known || (method != STORED && method != DEFLATED) ||
        get_number(header + 16, 8) != out->bytes.len - HEADER_SIZE) {
        return lac_fail(err, LAC_ERR_INPUT, "%s is not a whole packed file", path);
    }
    out->size = get_number(header + 8, 8);
    out->crc32 = (uint32_t)get_number(header + 24, 4);
    out->deflated = method == DEFLATED;
    memmove(out->bytes.data, out->bytes.data + HEADER_SIZE, out->bytes.len - HEADER_SIZE);
    lac_buf_cut(&out->bytes, out->bytes.len - HEADER_SIZE);
    return true;
}

void lac_packed_free(struct lac_packed *packed) {
    lac_buf_free(&packed->bytes);
    *packed = (struct lac_packed){0};
}
