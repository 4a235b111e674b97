/* elf_private.h — what elf.c and elf_symbols.c share: bytes within bounds, and what the dynamic
 * section says. */
#ifndef LAC_ELF_PRIVATE_H
#define LAC_ELF_PRIVATE_H

#include "core/elf.h"

/* What the dynamic section says, 0 where it does not. Tables are views from their address to the
 * end of the segment that holds them: `data` is NULL where there is none. */
struct elf_tables {
    struct lac_str strings, symbols, hash, gnu_hash, versions, needed_versions, defined_versions;
    uint64_t symbols_address, strings_address;
    uint64_t needed_version_count, defined_version_count;
};

struct elf_reader {
    const struct lac_elf_visitor *visitor;
    struct lac_error *err;
    struct elf_tables tables;
    size_t name_bytes; /* handed out so far */
};

/* `size` bytes of the view at `offset`; NULL when they are not all there. */
const unsigned char *elf_at(struct lac_str view, uint64_t offset, uint64_t size);
uint16_t elf_u16(const unsigned char *at);
uint32_t elf_u32(const unsigned char *at);
uint64_t elf_u64(const unsigned char *at);

/* Fails as LAC_ERR_INPUT: "damaged: …". */
bool elf_damaged(struct elf_reader *in, const char *what);
bool elf_too_many(struct elf_reader *in, const char *what);

/* The name at `offset` of the string table. */
bool elf_name(struct elf_reader *in, uint64_t offset, struct lac_str *out);

/* Visits the versions, then the symbols. */
bool elf_read_symbols(struct elf_reader *in);

#endif
