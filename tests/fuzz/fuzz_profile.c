/* fuzz_profile.c — any bytes as a file of either kind. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_section(void *sections, enum lac_profile_section kind, struct lac_str name) {
    (void)kind;
    ++*(size_t *)sections;
    if (name.len == 0) {
        abort();
    }
    return true;
}

static bool on_key(void *sections, struct lac_str block, struct lac_str key, struct lac_str value) {
    if (*(size_t *)sections == 0 || key.len == 0 || memchr(value.data, '\0', value.len) != NULL ||
        memchr(block.data, '\n', block.len) != NULL) {
        abort();
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str text = {(const char *)data, size};
    for (int kind = LAC_PROFILE_CONFIG; kind <= LAC_PROFILE_CREDENTIALS; kind++) {
        size_t sections = 0;
        const struct lac_profile_visitor visitor = {on_section, on_key, &sections};
        struct lac_error err = {0};
        if (!lac_profile_parse(text, (enum lac_profile_kind)kind, &visitor, &err) &&
            err.kind == LAC_OK) {
            abort();
        }
    }
    return 0;
}
