/* fuzz_rsa.c — any bytes as the numbers of a JSON web key and a signature, a line each, in
 * base64url, and what is signed behind them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/encoding.h"
#include "core/rsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line, decoded; what cannot be decoded is empty. What can be is written the same way. */
static void next_number(struct lac_str *rest, struct lac_buf *out) {
    const char *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    struct lac_str line = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->len};
    size_t taken = end != NULL ? line.len + 1 : line.len;
    *rest = (struct lac_str){rest->data + taken, rest->len - taken};
    struct lac_error err;
    if (!lac_base64url_decode(line, out, &err)) {
        return;
    }
    struct lac_buf again = {0};
    lac_base64url_add(lac_buf_view(out), &again);
    if (again.len != line.len || (line.len > 0 && memcmp(again.data, line.data, line.len) != 0)) {
        abort();
    }
    lac_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str rest = {(const char *)data, size};
    struct lac_buf modulus = {0}, exponent = {0}, signature = {0};
    next_number(&rest, &modulus);
    next_number(&rest, &exponent);
    next_number(&rest, &signature);
    struct lac_rsa_claim claim = {
        .hash = (enum lac_rsa_hash)(size % LAC_RSA_HASHES),
        .modulus = lac_buf_view(&modulus),
        .exponent = lac_buf_view(&exponent),
        .bytes = rest,
        .signature = lac_buf_view(&signature),
    };
    bool is_valid;
    struct lac_error err;
    lac_rsa_verify(&claim, &is_valid, &err);
    lac_buf_free(&modulus);
    lac_buf_free(&exponent);
    lac_buf_free(&signature);
    return 0;
}
