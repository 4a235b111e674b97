#include <string.h>

#include "core/elf_private.h"

#define MOST_NAME_BYTES ((size_t)64 * 1024 * 1024)

/* Where things stand in the file's header, a program header and a dynamic entry (64 bits). */
enum {
    HEADER_SIZE = 64,
    SMALL_HEADER_SIZE = 52, /* of 32 bits */
    IDENT_CLASS = 4,
    IDENT_DATA = 5,
    HEADER_TYPE = 16,
    HEADER_MACHINE = 18,
    HEADER_SEGMENTS = 32,
    HEADER_SEGMENT_SIZE = 54,
    HEADER_SEGMENT_COUNT = 56,

    SEGMENT_SIZE = 56,
    SEGMENT_OFFSET = 8,
    SEGMENT_ADDRESS = 16,
    SEGMENT_FILE_SIZE = 32,

    ENTRY_SIZE = 16,
};

enum { CLASS_32 = 1, CLASS_64 = 2, DATA_LITTLE = 1, DATA_BIG = 2 };
enum { SEGMENT_LOAD = 1, SEGMENT_DYNAMIC = 2, SEGMENT_INTERPRETER = 3 };

enum {
    TAG_NULL = 0,
    TAG_NEEDED = 1,
    TAG_HASH = 4,
    TAG_STRINGS = 5,
    TAG_SYMBOLS = 6,
    TAG_STRINGS_SIZE = 10,
    TAG_SONAME = 14,
    TAG_RPATH = 15,
    TAG_RUNPATH = 29,
    TAG_GNU_HASH = 0x6ffffef5,
    TAG_VERSIONS = 0x6ffffff0,
    TAG_DEFINED_VERSIONS = 0x6ffffffc,
    TAG_DEFINED_VERSION_COUNT = 0x6ffffffd,
    TAG_NEEDED_VERSIONS = 0x6ffffffe,
    TAG_NEEDED_VERSION_COUNT = 0x6fffffff,
};

const unsigned char *elf_at(struct lac_str view, uint64_t offset, uint64_t size) {
    bool inside = view.data != NULL && offset <= view.len && size <= view.len - offset;
    return inside ? (const unsigned char *)view.data + offset : NULL;
}

uint16_t elf_u16(const unsigned char *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t elf_u32(const unsigned char *at) {
    return elf_u16(at) | (uint32_t)elf_u16(at + 2) << 16;
}

uint64_t elf_u64(const unsigned char *at) {
    return elf_u32(at) | (uint64_t)elf_u32(at + 4) << 32;
}

bool elf_damaged(struct elf_reader *in, const char *what) {
    return lac_fail(in->err, LAC_ERR_INPUT, "damaged: %s", what);
}

bool elf_too_many(struct elf_reader *in, const char *what) {
    return lac_fail(in->err, LAC_ERR_LIMIT, "too many %s", what);
}

static bool has_control(struct lac_str text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

bool elf_name(struct elf_reader *in, uint64_t offset, struct lac_str *out) {
    struct lac_str strings = in->tables.strings;
    const char *begin = (const char *)elf_at(strings, offset, 1);
    const char *end =
        begin == NULL ? NULL : memchr(begin, '\0', (size_t)(strings.data + strings.len - begin));
    if (end == NULL) {
        return elf_damaged(in, "a name is outside of its table");
    }
    *out = (struct lac_str){begin, (size_t)(end - begin)};
    in->name_bytes += out->len;
    if (in->name_bytes > MOST_NAME_BYTES) {
        return elf_too_many(in, "bytes of names");
    }
    return !has_control(*out) || elf_damaged(in, "a name holds control characters");
}

/* The segments: a view of whole program headers. */
static bool read_segments(struct elf_reader *in, struct lac_str bytes, struct lac_str *out) {
    const unsigned char *header = (const unsigned char *)bytes.data;
    uint64_t count = elf_u16(header + HEADER_SEGMENT_COUNT);
    uint64_t offset = elf_u64(header + HEADER_SEGMENTS);
    const unsigned char *begin = elf_at(bytes, offset, count * SEGMENT_SIZE);
    if (count > 0 && elf_u16(header + HEADER_SEGMENT_SIZE) != SEGMENT_SIZE) {
        return elf_damaged(in, "the segments have an unknown form");
    }
    if (begin == NULL) {
        return elf_damaged(in, "the segments are outside of the file");
    }
    *out = (struct lac_str){(const char *)begin, (size_t)count * SEGMENT_SIZE};
    return true;
}

/* What a segment has in the file, as far as it is there. */
static struct lac_str segment_bytes(struct lac_str bytes, const unsigned char *segment) {
    uint64_t offset = elf_u64(segment + SEGMENT_OFFSET);
    uint64_t size = elf_u64(segment + SEGMENT_FILE_SIZE);
    if (offset > bytes.len) {
        return (struct lac_str){NULL, 0};
    }
    uint64_t room = bytes.len - offset;
    return (struct lac_str){bytes.data + offset, (size_t)(size < room ? size : room)};
}

/* The first segment of a kind; a view without data when there is none. */
static struct lac_str find_segment(struct lac_str bytes, struct lac_str segments, uint32_t kind) {
    for (size_t at = 0; at < segments.len; at += SEGMENT_SIZE) {
        const unsigned char *segment = (const unsigned char *)segments.data + at;
        if (elf_u32(segment) == kind) {
            return segment_bytes(bytes, segment);
        }
    }
    return (struct lac_str){NULL, 0};
}

/* From an address to the end of what its segment has in the file. */
static struct lac_str at_address(struct lac_str bytes, struct lac_str segments, uint64_t address) {
    for (size_t at = 0; address > 0 && at < segments.len; at += SEGMENT_SIZE) {
        const unsigned char *segment = (const unsigned char *)segments.data + at;
        uint64_t begin = elf_u64(segment + SEGMENT_ADDRESS);
        struct lac_str held = segment_bytes(bytes, segment);
        if (elf_u32(segment) == SEGMENT_LOAD && address >= begin && address - begin < held.len) {
            size_t skipped = (size_t)(address - begin);
            return (struct lac_str){held.data + skipped, held.len - skipped};
        }
    }
    return (struct lac_str){NULL, 0};
}

/* The value of a tag in the dynamic section, 0 when it is absent. */
static uint64_t tag_value(struct lac_str dynamic, uint64_t tag) {
    for (uint64_t at = 0; elf_at(dynamic, at, ENTRY_SIZE) != NULL; at += ENTRY_SIZE) {
        const unsigned char *entry = elf_at(dynamic, at, ENTRY_SIZE);
        if (elf_u64(entry) == tag || elf_u64(entry) == TAG_NULL) {
            return elf_u64(entry) == tag ? elf_u64(entry + 8) : 0;
        }
    }
    return 0;
}

static void find_tables(struct elf_tables *out, struct lac_str bytes, struct lac_str segments,
                        struct lac_str dynamic) {
    const struct {
        uint64_t tag;
        struct lac_str *table;
    } places[] = {
        {TAG_STRINGS, &out->strings},
        {TAG_SYMBOLS, &out->symbols},
        {TAG_HASH, &out->hash},
        {TAG_GNU_HASH, &out->gnu_hash},
        {TAG_VERSIONS, &out->versions},
        {TAG_NEEDED_VERSIONS, &out->needed_versions},
        {TAG_DEFINED_VERSIONS, &out->defined_versions},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *places[i].table = at_address(bytes, segments, tag_value(dynamic, places[i].tag));
    }
    uint64_t size = tag_value(dynamic, TAG_STRINGS_SIZE);
    out->strings.len = size < out->strings.len ? (size_t)size : out->strings.len;
    out->strings_address = tag_value(dynamic, TAG_STRINGS);
    out->symbols_address = tag_value(dynamic, TAG_SYMBOLS);
    out->needed_version_count = tag_value(dynamic, TAG_NEEDED_VERSION_COUNT);
    out->defined_version_count = tag_value(dynamic, TAG_DEFINED_VERSION_COUNT);
}

/* Names that the dynamic section tells itself. */
static bool read_dynamic_names(struct elf_reader *in, struct lac_str dynamic, struct lac_elf *out) {
    size_t needed = 0;
    for (uint64_t at = 0; elf_at(dynamic, at, ENTRY_SIZE) != NULL; at += ENTRY_SIZE) {
        const unsigned char *entry = elf_at(dynamic, at, ENTRY_SIZE);
        uint64_t tag = elf_u64(entry);
        struct lac_str library;
        struct lac_str *name = tag == TAG_SONAME    ? &out->soname
                               : tag == TAG_RPATH   ? &out->rpath
                               : tag == TAG_RUNPATH ? &out->runpath
                               : tag == TAG_NEEDED  ? &library
                                                    : NULL;
        if (tag == TAG_NULL) {
            return true;
        }
        if (name != NULL && !elf_name(in, elf_u64(entry + 8), name)) {
            return false;
        }
        if (tag == TAG_NEEDED) {
            if (++needed > UINT16_MAX) {
                return elf_too_many(in, "needed libraries");
            }
            in->visitor->needed(in->visitor->context, library);
        }
    }
    return true;
}

static bool read_interpreter(struct elf_reader *in, struct lac_str held, struct lac_elf *out) {
    if (held.data == NULL) {
        return true;
    }
    const char *end = memchr(held.data, '\0', held.len);
    if (end == NULL) {
        return elf_damaged(in, "the loader's path has no end");
    }
    out->interpreter = (struct lac_str){held.data, (size_t)(end - held.data)};
    return !has_control(out->interpreter) ||
           elf_damaged(in, "the loader's path holds control characters");
}

static bool read_body(struct elf_reader *in, struct lac_str bytes, struct lac_elf *out) {
    struct lac_str segments;
    if (!read_segments(in, bytes, &segments) ||
        !read_interpreter(in, find_segment(bytes, segments, SEGMENT_INTERPRETER), out)) {
        return false;
    }
    struct lac_str dynamic = find_segment(bytes, segments, SEGMENT_DYNAMIC);
    if (dynamic.data == NULL) {
        return true; /* a static program, or an object */
    }
    find_tables(&in->tables, bytes, segments, dynamic);
    return read_dynamic_names(in, dynamic, out) && elf_read_symbols(in);
}

/* Machine and type stand at the same place for all; the order of their bytes differs. */
static uint16_t header_u16(const struct lac_elf *elf, const unsigned char *at) {
    const unsigned char swapped[] = {at[1], at[0]};
    return elf_u16(elf->big_endian ? swapped : at);
}

bool lac_elf_read(struct lac_str bytes, const struct lac_elf_visitor *visitor, struct lac_elf *out,
                  struct lac_error *err) {
    const unsigned char *header = elf_at(bytes, 0, SMALL_HEADER_SIZE);
    if (header == NULL || memcmp(header, "\177ELF", 4) != 0) {
        lac_fail(err, LAC_ERR_INPUT, "not a compiled file of Linux (ELF)");
        memcpy(err->code, "ENOEXEC", sizeof "ENOEXEC");
        return false;
    }
    struct elf_reader in = {.visitor = visitor, .err = err};
    int class = header[IDENT_CLASS], data = header[IDENT_DATA];
    if ((class != CLASS_32 && class != CLASS_64) || (data != DATA_LITTLE && data != DATA_BIG)) {
        return elf_damaged(&in, "the header has an unknown form");
    }
    *out = (struct lac_elf){.bits = class == CLASS_64 ? 64 : 32, .big_endian = data == DATA_BIG};
    out->machine = header_u16(out, header + HEADER_MACHINE);
    uint16_t type = header_u16(out, header + HEADER_TYPE);
    out->type = type > LAC_ELF_SHARED ? LAC_ELF_OTHER : (enum lac_elf_type)type;
    if (out->bits != 64 || out->big_endian) {
        return true;
    }
    if (bytes.len < HEADER_SIZE) {
        return elf_damaged(&in, "the header is cut short");
    }
    return read_body(&in, bytes, out);
}

const char *lac_elf_machine_name(uint16_t machine) {
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {
        {3, "i386"}, {8, "mips"},    {20, "powerpc"},  {21, "powerpc64"}, {22, "s390x"},
        {40, "arm"}, {62, "x86_64"}, {183, "aarch64"}, {243, "riscv"},    {258, "loongarch"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].machine == machine) {
            return names[i].name;
        }
    }
    return NULL;
}
