/* fuzz_content_coding.c — any bytes as deflate, under several bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "core/content_coding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str packed = {(const char *)data, size};
    static const size_t bounds[] = {0, 100, 1 << 20};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct lac_buf out = {0};
        struct lac_error err;
        bool ok = lac_content_coding_open(packed, LAC_CODING_DEFLATE, bounds[i], &out, &err);
        if (ok ? out.len > bounds[i] : out.len != 0) {
            abort();
        }
        lac_buf_free(&out);
    }
    return 0;
}
