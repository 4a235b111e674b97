/* test_signing.c — whole requests: what is sent, and that the other side finds the same signature.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/signing.h"

static const struct lac_sigv4_signer signer = {
    .access_key_id = LAC_STR_INIT("AKIDEXAMPLE"),
    .secret_access_key = LAC_STR_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    .session_token = LAC_STR_INIT("T/="),
    .region = LAC_STR_INIT("us-east-1"),
    .service = LAC_STR_INIT("s3"),
    .amz_date = LAC_STR_INIT("20150830T123600Z"),
};

static const struct lac_header headers[] = {
    {LAC_STR_INIT("Host"), LAC_STR_INIT("b.s3.amazonaws.com")},
    {LAC_STR_INIT("x-amz-date"), LAC_STR_INIT("an old one")},
    {LAC_STR_INIT("Expect"), LAC_STR_INIT("100-continue")},
};

static const struct lac_sigv4_request put = {
    .method = LAC_STR_INIT("PUT"),
    .path = LAC_STR_INIT("/k"),
    .query = LAC_STR_INIT("uploads"),
    .headers = headers,
    .header_count = 3,
    .body = LAC_STR_INIT("abc"),
    .payload_sha256 = LAC_STR_INIT(""),
};

static void a_signed_request_carries_what_the_other_side_expects(void **state) {
    (void)state;
    const struct lac_sign_options options = {.sign_body = true};
    struct lac_signed sent = {0}, expected = {0};
    struct lac_error err;

    assert_true(lac_sign(&signer, &put, &options, &sent, &err));

    static const char *const names[] = {
        "Host",         "Expect", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
        "Authorization"};
    assert_int_equal(sent.header_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(sent.headers[i].name.data, names[i]);
    }
    static const struct lac_str signed_names[] = {
        LAC_STR_INIT("host"), LAC_STR_INIT("x-amz-content-sha256"), LAC_STR_INIT("x-amz-date"),
        LAC_STR_INIT("x-amz-security-token")};
    struct lac_sigv4_request came = put;
    came.headers = sent.headers;
    came.header_count = sent.header_count;
    came.signed_headers = signed_names;
    came.signed_header_count = 4;
    came.payload_sha256 = lac_buf_view(&sent.payload_sha256);
    assert_true(lac_sign_expected(&signer, &came, false, &expected, &err));
    assert_string_equal(expected.signature.data, sent.signature.data);
    assert_string_equal(sent.signed_headers.data,
                        "host;x-amz-content-sha256;x-amz-date;x-amz-security-token");
    lac_signed_free(&sent);
    lac_signed_free(&sent);
    lac_signed_free(&expected);
}

static void a_presigned_query_carries_what_the_other_side_expects(void **state) {
    (void)state;
    const struct lac_sign_options options = {.expires = 60};
    static const struct lac_str signed_names[] = {LAC_STR_INIT("host")};
    struct lac_sigv4_request request = put;
    request.header_count = 1;
    struct lac_signed sent = {0}, expected = {0};
    struct lac_error err;

    assert_true(lac_presign(&signer, &request, &options, &sent, &err));

    assert_string_equal(lac_buf_view(&sent.payload_sha256).data, "UNSIGNED-PAYLOAD");
    struct lac_sigv4_request came = request;
    came.query = lac_buf_view(&sent.query);
    came.signed_headers = signed_names;
    came.signed_header_count = 1;
    came.payload_sha256 = LAC_SIGV4_UNSIGNED;
    assert_true(lac_sign_expected(&signer, &came, true, &expected, &err));
    assert_string_equal(expected.signature.data, sent.signature.data);
    lac_signed_free(&sent);
    lac_signed_free(&expected);
}

static void expiry_has_bounds(void **state) {
    (void)state;
    static const int refused[] = {-1, 0, LAC_SIGN_EXPIRES_MOST + 1};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct lac_sign_options options = {.expires = refused[i]};
        struct lac_signed sent = {0};
        struct lac_error err;
        assert_false(lac_presign(&signer, &put, &options, &sent, &err));
        assert_string_equal(err.message, "expires is not between 1 and 604800 seconds");
        lac_signed_free(&sent);
    }
}

static void a_request_without_a_host_is_refused(void **state) {
    (void)state;
    const struct lac_sign_options options = {0};
    struct lac_sigv4_request request = put;
    request.header_count = 0;
    struct lac_signed sent = {0};
    struct lac_error err;

    assert_false(lac_sign(&signer, &request, &options, &sent, &err));

    assert_string_equal(err.message, "the request has no Host header to sign");
    lac_signed_free(&sent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_request_carries_what_the_other_side_expects),
        cmocka_unit_test(a_presigned_query_carries_what_the_other_side_expects),
        cmocka_unit_test(expiry_has_bounds),
        cmocka_unit_test(a_request_without_a_host_is_refused),
    };
    return cmocka_run_group_tests_name("signing", tests, NULL, NULL);
}
