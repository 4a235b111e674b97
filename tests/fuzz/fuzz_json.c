/* fuzz_json.c — whatever the bytes, the reader answers; what it takes is written, read again, and
 * written again: the same text, twice. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads a text and writes what it says; false when it is not JSON. */
static bool rewrite(struct lac_str text, int indent, struct lac_buf *out) {
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = text, .scratch = &scratch};
    struct lac_json_writer writer = {.out = out, .indent = indent};
    struct lac_json_event event = {.kind = LAC_JSON_NULL};
    struct lac_error err;
    bool ok = true;
    while (ok && event.kind != LAC_JSON_END) {
        ok = lac_json_next(&reader, &event, &err);
        if (ok && !lac_json_write(&writer, &event, &err)) {
            abort(); /* what was read can be written */
        }
    }
    lac_buf_free(&scratch);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_buf once = {0}, twice = {0}, loose = {0}, again = {0};
    if (rewrite((struct lac_str){(const char *)data, size}, 0, &once)) {
        struct lac_str text = lac_buf_view(&once);
        if (!rewrite(text, 0, &twice) || twice.len != text.len ||
            memcmp(twice.data, text.data, text.len) != 0) {
            abort();
        }
        if (!rewrite(text, 3, &loose) || !rewrite(lac_buf_view(&loose), 0, &again) ||
            again.len != text.len || memcmp(again.data, text.data, text.len) != 0) {
            abort();
        }
    }
    lac_buf_free(&once);
    lac_buf_free(&twice);
    lac_buf_free(&loose);
    lac_buf_free(&again);
    return 0;
}
