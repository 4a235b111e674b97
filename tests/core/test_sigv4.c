/* test_sigv4.c — each stage against the text that AWS publishes for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sigv4.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SIGNATURE "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

static const char canonical[] =
    "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n"
    "\nhost;x-amz-date\n" EMPTY;
static const char to_sign[] =
    "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
    "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63";

static const struct lac_sigv4_signer signer = {
    .access_key_id = LAC_STR_INIT("AKIDEXAMPLE"),
    .secret_access_key = LAC_STR_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    .region = LAC_STR_INIT("us-east-1"),
    .service = LAC_STR_INIT("service"),
    .amz_date = LAC_STR_INIT("20150830T123600Z"),
};

static const struct lac_header vanilla_headers[] = {
    {LAC_STR_INIT("Host"), LAC_STR_INIT("example.amazonaws.com")},
    {LAC_STR_INIT("X-Amz-Date"), LAC_STR_INIT("20150830T123600Z")},
};

static const struct lac_sigv4_request get_vanilla = {
    .method = LAC_STR_INIT("GET"),
    .path = LAC_STR_INIT("/"),
    .query = LAC_STR_INIT(""),
    .headers = vanilla_headers,
    .header_count = 2,
    .payload_sha256 = LAC_STR_INIT(EMPTY),
};

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static void canonical_request_of_get_vanilla(void **state) {
    (void)state;
    struct lac_buf out = {0}, names = {0};
    struct lac_error err;

    assert_true(
        lac_sigv4_canonical_request(&signer, &get_vanilla, LAC_STR(""), &out, &names, &err));

    assert_string_equal(out.data, canonical);
    assert_string_equal(names.data, "host;x-amz-date");
    lac_buf_free(&out);
    lac_buf_free(&names);
}

static void string_to_sign_of_get_vanilla(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_error err;

    assert_true(lac_sigv4_string_to_sign(&signer, text(canonical), &out, &err));

    assert_string_equal(out.data, to_sign);
    lac_buf_free(&out);
}

static void signature_and_authorization_of_get_vanilla(void **state) {
    (void)state;
    struct lac_buf signature = {0}, out = {0};
    struct lac_error err;

    assert_true(lac_sigv4_signature(&signer, text(to_sign), &signature, &err));
    lac_sigv4_authorization(&signer, LAC_STR("host;x-amz-date"), lac_buf_view(&signature), &out);

    assert_string_equal(signature.data, SIGNATURE);
    assert_string_equal(out.data,
                        "AWS4-HMAC-SHA256 "
                        "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                        "SignedHeaders=host;x-amz-date, Signature=" SIGNATURE);
    lac_buf_free(&signature);
    lac_buf_free(&out);
}

static void paths_follow_the_service_unless_told_otherwise(void **state) {
    (void)state;
    static const struct {
        const char *service;
        enum lac_sigv4_rule normalize, double_encode;
        const char *want;
    } rows[] = {
        {"iam", LAC_SIGV4_BY_SERVICE, LAC_SIGV4_BY_SERVICE, "GET\n/b%2520c\n"},
        {"s3", LAC_SIGV4_BY_SERVICE, LAC_SIGV4_BY_SERVICE, "GET\n/a//../b%20c\n"},
        {"iam", LAC_SIGV4_NO, LAC_SIGV4_NO, "GET\n/a//../b%20c\n"},
        {"s3", LAC_SIGV4_YES, LAC_SIGV4_YES, "GET\n/b%2520c\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_sigv4_signer who = signer;
        who.service = text(rows[i].service);
        struct lac_sigv4_request request = get_vanilla;
        request.path = LAC_STR("/a//../b%20c");
        request.normalize = rows[i].normalize;
        request.double_encode = rows[i].double_encode;
        struct lac_buf out = {0}, names = {0};
        struct lac_error err;

        assert_true(lac_sigv4_canonical_request(&who, &request, LAC_STR(""), &out, &names, &err));

        assert_memory_equal(out.data, rows[i].want, strlen(rows[i].want));
        lac_buf_free(&out);
        lac_buf_free(&names);
    }
}

static void what_would_break_out_of_its_line_is_refused(void **state) {
    (void)state;
    static const char *const dates[] = {"30/08/2015", "20150830T123600", "2O150830T123600Z",
                                        "20150830T123600ZZ"};
    struct lac_error err;
    assert_true(lac_sigv4_check(&signer, &get_vanilla, &err));
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        struct lac_sigv4_signer late = signer;
        late.amz_date = text(dates[i]);
        assert_false(lac_sigv4_check(&late, &get_vanilla, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_string_equal(err.message, "amz_date must look like 20150830T123600Z");
    }
    struct lac_sigv4_request split = get_vanilla;
    split.payload_sha256 = LAC_STR("a\nb");
    assert_false(lac_sigv4_check(&signer, &split, &err));
    assert_string_equal(err.message, "payload_sha256 holds a space or a control character");
}

static void texts_are_compared_whole(void **state) {
    (void)state;
    assert_true(lac_sigv4_same(LAC_STR(""), LAC_STR("")));
    assert_true(lac_sigv4_same(LAC_STR("ab\0c"), LAC_STR("ab\0c")));
    assert_false(lac_sigv4_same(LAC_STR("ab\0c"), LAC_STR("ab\0d")));
    assert_false(lac_sigv4_same(LAC_STR("ab"), LAC_STR("abc")));
    assert_false(lac_sigv4_same(LAC_STR("xb"), LAC_STR("ab")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_request_of_get_vanilla),
        cmocka_unit_test(string_to_sign_of_get_vanilla),
        cmocka_unit_test(signature_and_authorization_of_get_vanilla),
        cmocka_unit_test(paths_follow_the_service_unless_told_otherwise),
        cmocka_unit_test(what_would_break_out_of_its_line_is_refused),
        cmocka_unit_test(texts_are_compared_whole),
    };
    return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
