/* fuzz_sigv4.c — any bytes as a request to sign: lines of method, path, query, payload, then
 * headers as name:value. What was presigned must be what a verifier expects. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/signing.h"

#define MOST_HEADERS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct lac_sigv4_signer signer = {
    .access_key_id = LAC_STR_INIT("AKIDEXAMPLE"),
    .secret_access_key = LAC_STR_INIT("secret"),
    .session_token = LAC_STR_INIT("T/+="),
    .region = LAC_STR_INIT("us-east-1"),
    .service = LAC_STR_INIT("iam"),
    .amz_date = LAC_STR_INIT("20150830T123600Z"),
};

static struct lac_str take_until(struct lac_str *rest, char stop) {
    const char *end = rest->len > 0 ? memchr(rest->data, stop, rest->len) : NULL;
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    struct lac_str taken = {rest->data, len};
    size_t gone = end == NULL ? len : len + 1;
    *rest = (struct lac_str){rest->data + gone, rest->len - gone};
    return taken;
}

/* Whether nothing but the host is signed, and the query had no signature before. */
static bool is_comparable(const struct lac_signed *sent) {
    return strcmp(lac_buf_view(&sent->signed_headers).data, "host") == 0 &&
           strstr(lac_buf_view(&sent->canonical_request).data, "X-Amz-Signature") == NULL;
}

static void check_presigned(const struct lac_sigv4_request *request) {
    const struct lac_sign_options options = {.expires = 60};
    struct lac_signed sent = {0}, expected = {0};
    struct lac_error err;
    if (lac_presign(&signer, request, &options, &sent, &err) && is_comparable(&sent)) {
        const struct lac_str host = LAC_STR("host");
        struct lac_sigv4_request came = *request;
        came.query = lac_buf_view(&sent.query);
        came.signed_headers = &host;
        came.signed_header_count = 1;
        came.payload_sha256 = lac_buf_view(&sent.payload_sha256);
        if (!lac_sign_expected(&signer, &came, true, &expected, &err) ||
            !lac_sigv4_same(lac_buf_view(&sent.signature), lac_buf_view(&expected.signature))) {
            abort();
        }
    }
    lac_signed_free(&sent);
    lac_signed_free(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_str rest = {(const char *)data, size};
    struct lac_header headers[MOST_HEADERS];
    struct lac_sigv4_request request = {
        .method = take_until(&rest, '\n'),
        .path = take_until(&rest, '\n'),
        .query = take_until(&rest, '\n'),
        .payload_sha256 = take_until(&rest, '\n'),
        .headers = headers,
    };
    while (rest.len > 0 && request.header_count < MOST_HEADERS) {
        struct lac_str line = take_until(&rest, '\n');
        headers[request.header_count].name = take_until(&line, ':');
        headers[request.header_count++].value = line;
    }
    const struct lac_sign_options options = {.sign_body = true};
    struct lac_signed sent = {0};
    struct lac_error err;
    lac_sign(&signer, &request, &options, &sent, &err);
    lac_signed_free(&sent);
    check_presigned(&request);
    return 0;
}
