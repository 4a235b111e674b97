/* fuzz_elf.c — any bytes as a compiled file: every view that is handed out lies within them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct lac_str *bytes, struct lac_str view) {
    bool inside = view.len == 0 || (view.data >= bytes->data &&
                                    view.len <= (size_t)(bytes->data + bytes->len - view.data));
    if (!inside || (view.len > 0 && memchr(view.data, '\0', view.len) != NULL)) {
        abort();
    }
}

static void on_name(void *bytes, struct lac_str name) {
    check(bytes, name);
}

static void on_required(void *bytes, struct lac_str library, struct lac_str version) {
    check(bytes, library);
    check(bytes, version);
}

static void on_symbol(void *bytes, const struct lac_elf_symbol *symbol) {
    check(bytes, symbol->name);
    check(bytes, symbol->version);
    check(bytes, symbol->library);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str bytes = {(const char *)data, size};
    const struct lac_elf_visitor visitor = {on_name, on_required, on_name, on_symbol, &bytes};
    struct lac_elf elf;
    struct lac_error err = {0};
    if (lac_elf_read(bytes, &visitor, &elf, &err)) {
        check(&bytes, elf.interpreter);
        check(&bytes, elf.soname);
        check(&bytes, elf.rpath);
        check(&bytes, elf.runpath);
    } else if (err.kind == LAC_OK) {
        abort();
    }
    return 0;
}
