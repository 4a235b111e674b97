#include "core/elf_private.h"

#define MOST_SYMBOLS ((uint64_t)1 << 20)
#define MOST_VERSIONS 1024

enum {
    SYMBOL_SIZE = 24,
    SYMBOL_INFO = 4,
    SYMBOL_OTHER = 5,
    SYMBOL_SECTION = 6,

    NEEDED_SIZE = 16, /* a library whose versions are needed, and each of them */
    DEFINED_SIZE = 20,
    FLAG_BASE = 1, /* of a defined version: the file's own name */
    FLAG_WEAK = 2,
    VERSION_BITS = 0x7fff,
};

enum { BIND_LOCAL = 0, BIND_WEAK = 2, VISIBLE = 0, PROTECTED = 3 };

/* What symbols call their versions by number. Numbers that no version has stay empty. */
struct version {
    struct lac_str library, name;
};

static bool keep_version(struct elf_reader *in, struct version *versions, uint16_t number,
                         struct version version) {
    if ((number & VERSION_BITS) >= MOST_VERSIONS) {
        return elf_too_many(in, "versions");
    }
    versions[number & VERSION_BITS] = version;
    return true;
}

/* The versions that are needed of one library, whose entry stands at `at`. */
static bool read_needed_of(struct elf_reader *in, uint64_t at, const unsigned char *entry,
                           struct version *versions, size_t *total) {
    struct version version;
    if (!elf_name(in, elf_u32(entry + 4), &version.library)) {
        return false;
    }
    uint64_t place = at + elf_u32(entry + 8);
    for (unsigned i = 0; i < elf_u16(entry + 2); i++) {
        const unsigned char *item = elf_at(in->tables.needed_versions, place, NEEDED_SIZE);
        if (item == NULL) {
            return elf_damaged(in, "a needed version is outside of its table");
        }
        if (++*total > MOST_VERSIONS) {
            return elf_too_many(in, "versions");
        }
        if (!elf_name(in, elf_u32(item + 8), &version.name) ||
            !keep_version(in, versions, elf_u16(item + 6), version)) {
            return false;
        }
        if ((elf_u16(item + 4) & FLAG_WEAK) == 0) {
            in->visitor->required(in->visitor->context, version.library, version.name);
        }
        if (elf_u32(item + 12) == 0) {
            break;
        }
        place += elf_u32(item + 12);
    }
    return true;
}

static bool read_needed_versions(struct elf_reader *in, struct version *versions) {
    uint64_t at = 0;
    size_t total = 0;
    for (uint64_t i = 0; i < in->tables.needed_version_count; i++) {
        const unsigned char *entry = elf_at(in->tables.needed_versions, at, NEEDED_SIZE);
        if (entry == NULL) {
            return elf_damaged(in, "the needed versions are outside of the file");
        }
        if (i > UINT16_MAX) {
            return elf_too_many(in, "libraries with versions");
        }
        if (!read_needed_of(in, at, entry, versions, &total)) {
            return false;
        }
        if (elf_u32(entry + 12) == 0) {
            break;
        }
        at += elf_u32(entry + 12);
    }
    return true;
}

static bool read_defined_versions(struct elf_reader *in, struct version *versions) {
    uint64_t at = 0;
    for (uint64_t i = 0; i < in->tables.defined_version_count; i++) {
        const unsigned char *entry = elf_at(in->tables.defined_versions, at, DEFINED_SIZE);
        if (entry == NULL) {
            return elf_damaged(in, "the defined versions are outside of the file");
        }
        if (i >= MOST_VERSIONS) {
            return elf_too_many(in, "versions");
        }
        const unsigned char *item =
            elf_at(in->tables.defined_versions, at + elf_u32(entry + 12), 8);
        struct version version = {.library = LAC_STR("")};
        if (item == NULL) {
            return elf_damaged(in, "a defined version is outside of its table");
        }
        if (!elf_name(in, elf_u32(item), &version.name)) {
            return false;
        }
        if ((elf_u16(entry + 2) & FLAG_BASE) == 0) {
            if (!keep_version(in, versions, elf_u16(entry + 4), version)) {
                return false;
            }
            in->visitor->provided(in->visitor->context, version.name);
        }
        if (elf_u32(entry + 16) == 0) {
            break;
        }
        at += elf_u32(entry + 16);
    }
    return true;
}

/* The GNU hash table holds the symbols that are offered, at the end of the symbol table: its last
 * chain ends where the table does. */
static bool count_gnu(struct elf_reader *in, uint64_t *out) {
    struct lac_str table = in->tables.gnu_hash;
    const unsigned char *header = elf_at(table, 0, 16);
    if (header == NULL) {
        return elf_damaged(in, "the hash table is cut short");
    }
    uint64_t bucket_count = elf_u32(header), first = elf_u32(header + 4);
    uint64_t buckets_at = 16 + (uint64_t)elf_u32(header + 8) * 8;
    const unsigned char *buckets = elf_at(table, buckets_at, bucket_count * 4);
    if (buckets == NULL) {
        return elf_damaged(in, "the hash table is cut short");
    }
    uint64_t last = 0;
    for (uint64_t i = 0; i < bucket_count; i++) {
        uint64_t bucket = elf_u32(buckets + 4 * i);
        last = bucket > last ? bucket : last;
    }
    if (last < first) { /* nothing is offered: linkers put the names behind the symbols */
        uint64_t begin = in->tables.symbols_address, end = in->tables.strings_address;
        *out = end > begin ? (end - begin) / SYMBOL_SIZE : first;
        return true;
    }
    uint64_t chains_at = buckets_at + bucket_count * 4;
    const unsigned char *chain;
    do {
        chain = elf_at(table, chains_at + (last - first) * 4, 4);
        last++;
    } while (chain != NULL && (elf_u32(chain) & 1) == 0);
    *out = last;
    return chain != NULL || elf_damaged(in, "the hash table has no end");
}

static bool count_symbols(struct elf_reader *in, uint64_t *out) {
    const unsigned char *header = elf_at(in->tables.hash, 0, 8);
    *out = 0;
    if (header != NULL) {
        *out = elf_u32(header + 4);
    } else if (in->tables.gnu_hash.data != NULL && !count_gnu(in, out)) {
        return false;
    }
    return *out <= MOST_SYMBOLS || elf_too_many(in, "symbols");
}

static bool read_symbol(struct elf_reader *in, const unsigned char *item, uint16_t number,
                        const struct version *versions) {
    int binding = item[SYMBOL_INFO] >> 4, visibility = item[SYMBOL_OTHER] & 3;
    struct lac_elf_symbol symbol = {
        .defined = elf_u16(item + SYMBOL_SECTION) != 0,
        .weak = binding == BIND_WEAK,
        .version = LAC_STR(""),
        .library = LAC_STR(""),
    };
    if (!elf_name(in, elf_u32(item), &symbol.name)) {
        return false;
    }
    bool hidden = symbol.defined && visibility != VISIBLE && visibility != PROTECTED;
    if (binding == BIND_LOCAL || hidden || symbol.name.len == 0) {
        return true;
    }
    number &= VERSION_BITS;
    if (number < MOST_VERSIONS && versions[number].name.data != NULL) {
        symbol.version = versions[number].name;
        symbol.library = symbol.defined ? LAC_STR("") : versions[number].library;
    }
    in->visitor->symbol(in->visitor->context, &symbol);
    return true;
}

bool elf_read_symbols(struct elf_reader *in) {
    struct version versions[MOST_VERSIONS] = {{{NULL, 0}, {NULL, 0}}};
    uint64_t count;
    if (!read_needed_versions(in, versions) || !read_defined_versions(in, versions) ||
        !count_symbols(in, &count)) {
        return false;
    }
    for (uint64_t i = 1; i < count; i++) { /* the first one is nobody's */
        const unsigned char *item = elf_at(in->tables.symbols, i * SYMBOL_SIZE, SYMBOL_SIZE);
        if (item == NULL) {
            return elf_damaged(in, "a symbol is outside of its table");
        }
        const unsigned char *number = elf_at(in->tables.versions, i * 2, 2);
        if (!read_symbol(in, item, number == NULL ? 0 : elf_u16(number), versions)) {
            return false;
        }
    }
    return true;
}
