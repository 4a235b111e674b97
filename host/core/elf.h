/* elf.h — what a compiled file (ELF: programs and shared objects of Linux) says about itself: which
 * machine it is for, which shared objects and symbols it wants, which it offers.
 *
 * Pure, and made for files from anywhere: every offset is held against the bytes that are there,
 * every list is bounded, nothing is allocated. Little-endian 64-bit files are read whole; of others
 * the header alone, which is enough to name them. Names come without control characters. */
#ifndef LAC_ELF_H
#define LAC_ELF_H

#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

enum lac_elf_type {
    LAC_ELF_OTHER,
    LAC_ELF_OBJECT,     /* a compiler's output, not linked yet */
    LAC_ELF_EXECUTABLE, /* at a fixed address */
    LAC_ELF_SHARED,     /* a shared object, or a position-independent executable */
};

struct lac_elf {
    int bits; /* 64 or 32 */
    bool big_endian;
    uint16_t machine; /* see lac_elf_machine_name */
    enum lac_elf_type type;
    /* Views into the bytes; `data` is NULL where the file has none. */
    struct lac_str interpreter; /* the loader: /lib64/ld-linux-x86-64.so.2 */
    struct lac_str soname;
    struct lac_str rpath, runpath; /* folders with ':' between, $ORIGIN as it is written */
};

struct lac_elf_symbol {
    struct lac_str name;
    struct lac_str version; /* "GLIBC_2.34", or "" */
    struct lac_str library; /* of an undefined symbol with a version: "libc.so.6"; else "" */
    bool defined, weak;
};

/* What is found: the lists in the file's order, each view good as long as the bytes. As the reader
 * holds nothing, a callback may leave by longjmp. */
struct lac_elf_visitor {
    void (*needed)(void *context, struct lac_str library);
    /* A version that `library` must have. One that may be absent is not told. */
    void (*required)(void *context, struct lac_str library, struct lac_str version);
    void (*provided)(void *context, struct lac_str version);
    void (*symbol)(void *context, const struct lac_elf_symbol *symbol); /* of the dynamic table */
    void *context;
};

/* LAC_ERR_INPUT for what is no ELF file or is damaged, with code "ENOEXEC" for the former;
 * LAC_ERR_LIMIT past 1,048,576 symbols, 1,024 versions, 65,535 of anything else, 64 MiB of names.
 * What was visited before a failure means nothing. */
bool lac_elf_read(struct lac_str bytes, const struct lac_elf_visitor *visitor, struct lac_elf *out,
                  struct lac_error *err);

/* "x86_64", "aarch64", "i386", "arm", …; NULL for a number that has no name here. */
const char *lac_elf_machine_name(uint16_t machine);

#endif
