/* fuzz_uri.c — any bytes as a URL, as a query and as an escaped text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/canonical.h"
#include "core/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(struct lac_str a, struct lac_str b) {
    if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0) {
        abort();
    }
}

static void encode_and_decode(struct lac_str text) {
    struct lac_buf escaped = {0}, back = {0};
    struct lac_error err;
    lac_uri_encode(text, "", &escaped);
    if (!lac_uri_decode(lac_buf_view(&escaped), true, &back, &err)) {
        abort();
    }
    check_same(text, lac_buf_view(&back));
    lac_buf_cut(&back, 0);
    lac_uri_decode(text, false, &back, &err);
    lac_buf_free(&escaped);
    lac_buf_free(&back);
}

/* What is canonical stays as it is. */
static void canonical_twice(struct lac_str text) {
    struct lac_buf once = {0}, twice = {0};
    lac_canonical_query(text, LAC_STR(""), &once);
    lac_canonical_query(lac_buf_view(&once), LAC_STR(""), &twice);
    check_same(lac_buf_view(&once), lac_buf_view(&twice));
    lac_buf_cut(&once, 0);
    lac_buf_cut(&twice, 0);
    lac_canonical_dots(text, &once);
    lac_canonical_dots(lac_buf_view(&once), &twice);
    check_same(lac_buf_view(&once), lac_buf_view(&twice));
    lac_buf_free(&once);
    lac_buf_free(&twice);
}

static void take_apart(struct lac_str text) {
    struct lac_uri uri;
    struct lac_error err;
    if (!lac_uri_parse(text, &uri, &err)) {
        return;
    }
    struct lac_buf again = {0};
    lac_buf_adds(&again, uri.scheme, LAC_STR("://"));
    lac_uri_add_authority(&uri, &again);
    lac_buf_add(&again, uri.path);
    struct lac_uri second;
    if (!lac_uri_parse(lac_buf_view(&again), &second, &err)) {
        abort();
    }
    check_same(uri.host, second.host);
    check_same(uri.path, second.path);
    lac_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str text = {(const char *)data, size};
    encode_and_decode(text);
    canonical_twice(text);
    take_apart(text);
    return 0;
}
