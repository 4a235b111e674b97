/* fuzz_http_head.c — whatever comes to the Runtime API's socket: a head, and behind it chunks,
 * which the first byte cuts in two. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

static void take_chunks(struct lac_str bytes, size_t cut) {
    struct lac_http_chunks chunks = {0};
    struct lac_buf out = {0};
    struct lac_str first = {bytes.data, cut < bytes.len ? cut : bytes.len};
    struct lac_str rest = {bytes.data + first.len, bytes.len - first.len};
    if (lac_http_chunks_take(&chunks, &first, &out)) {
        require(first.len == 0 || chunks.whole);
        lac_http_chunks_take(&chunks, &rest, &out);
    }
    require(out.len <= bytes.len);
    lac_http_chunks_free(&chunks);
    lac_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_http_head head;
    if (size == 0) {
        return 0;
    }
    size_t len = size - 1;
    char *bytes = malloc(len > 0 ? len : 1); /* of its very size: a read past its end is seen */
    if (bytes == NULL) {
        return 0;
    }
    memcpy(bytes, data + 1, len);
    if (lac_http_head_take((struct lac_str){bytes, len}, &head) == LAC_HTTP_HEAD_WHOLE) {
        require(head.len <= len && head.method.len > 0 && head.target.len > 0);
        struct lac_str value = lac_http_head_value(head.lines, LAC_STR("host"));
        require(value.data == NULL || value.data + value.len <= bytes + head.len);
        take_chunks((struct lac_str){bytes + head.len, len - head.len}, data[0]);
    }
    take_chunks((struct lac_str){bytes, len}, data[0]);
    free(bytes);
    return 0;
}
