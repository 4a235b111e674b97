/* test_aws_error.c — what services say no with, in all their forms, and what must not be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/aws_error.h"

static char request_id[LAC_AWS_REQUEST_ID_SIZE];

/* Reads a refusal with this body and, when not NULL, this header line. */
static struct lac_error read(int status, const char *body, const char *header) {
    struct lac_http_response response = {.status = status};
    struct lac_error err = {0};
    lac_buf_add(&response.body, (struct lac_str){body, strlen(body)});
    if (header != NULL) {
        assert_true(lac_headers_add_line(&response.headers,
                                         (struct lac_str){header, strlen(header)}, &err));
    }
    lac_aws_error(&response, &err, request_id);
    lac_http_response_free(&response);
    assert_int_equal(err.kind, LAC_ERR_SERVICE);
    assert_int_equal(err.status, status);
    return err;
}

static void s3_says_error(void **state) {
    (void)state;
    struct lac_error err = read(404,
                                "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>"
                                "<Message>No &lt;such&gt; key &amp;amp;</Message>"
                                "<RequestId>ABC</RequestId></Error>",
                                NULL);
    assert_string_equal(err.code, "NoSuchKey");
    assert_string_equal(err.message, "No <such> key &amp;");
    assert_string_equal(request_id, "ABC");
}

static void query_services_say_error_response(void **state) {
    (void)state;
    struct lac_error err = read(400,
                                "<ErrorResponse xmlns=\"http://x/\">\n  <Error>\n"
                                "<Type>Sender</Type><Code>ValidationError</Code>"
                                "<Message>Stack with id a does not exist</Message></Error>"
                                "<RequestId>r-1</RequestId></ErrorResponse>",
                                NULL);
    assert_string_equal(err.code, "ValidationError");
    assert_string_equal(err.message, "Stack with id a does not exist");
    assert_string_equal(request_id, "r-1");
}

static void ec2_says_errors(void **state) {
    (void)state;
    struct lac_error err = read(400,
                                "<Response><Errors><Error><Code>AuthFailure</Code><Message>m"
                                "</Message></Error></Errors><RequestID>r-2</RequestID></Response>",
                                NULL);
    assert_string_equal(err.code, "AuthFailure");
    assert_string_equal(request_id, "r-2");
}

static void json_services_name_a_type(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{\"__type\":\"com.amazon.coral#Gone\",\"message\":\"m\"}",
        "{\"__type\":\"Gone\",\"Message\":\"m\",\"inner\":{\"message\":\"not this\"}}",
        "{\"list\":[{\"code\":\"not this\"}],\"code\":\"Gone\",\"message\":\"\\u006d\"}",
        " {\"message\":\"m\",\"Code\":\"Gone:http://x/\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct lac_error err = read(400, bodies[i], "x-amzn-RequestId: r-3");
        assert_string_equal(err.code, "Gone");
        assert_string_equal(err.message, "m");
        assert_string_equal(request_id, "r-3");
    }
}

static void a_header_may_name_it_alone(void **state) {
    (void)state;
    struct lac_error err =
        read(404, "{\"Message\":\"m\"}", "x-amzn-ErrorType: ResourceNotFoundException:http://x/");
    assert_string_equal(err.code, "ResourceNotFoundException");
    assert_string_equal(err.message, "m");
    err = read(400, "", "x-amzn-query-error: QueueDoesNotExist;Sender");
    assert_string_equal(err.code, "QueueDoesNotExist");
    err = read(403, "", "x-amz-request-id: r-4");
    assert_string_equal(err.message, "the service answered 403");
    assert_string_equal(request_id, "r-4");
}

static void what_says_nothing_is_told_by_its_status(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "",      "<html>Bad Gateway</html>",     "<Code>",   "{", "{\"code\":1}", "[\"code\"]",
        "plain", "<Error><Code></Code></Error>", "\xff\xfe{"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct lac_error err = read(502, bodies[i], NULL);
        assert_string_equal(err.code, "");
        assert_string_equal(err.message, "the service answered 502");
        assert_string_equal(request_id, "");
    }
}

static void what_a_signature_error_quotes_is_left_out(void **state) {
    (void)state;
    struct lac_error err =
        read(403,
             "{\"__type\":\"InvalidSignatureException\",\"message\":\"The request signature we "
             "calculated does not match. The Canonical String for this request should have been\\n"
             "'POST\\n/\\n\\nx-amz-security-token:SECRET'\"}",
             NULL);
    assert_string_equal(err.message, "The request signature we calculated does not match.");
    err = read(403, "{\"message\":\"GET /?X-Amz-Signature=SECRET\"}", NULL);
    assert_null(strstr(err.message, "SECRET"));
}

static void a_message_is_made_safe_to_show(void **state) {
    (void)state;
    struct lac_error err = read(400, "{\"message\":\"a\\u001b[31m\\nb\\u0000c\"}", NULL);
    assert_string_equal(err.message, "a [31m b c");
    err = read(400, "<Error><Message>a\xff\x9b z\xc3\xa9</Message></Error>", NULL);
    assert_string_equal(err.message, "a   z\xc3\xa9");
}

static void a_long_message_ends_with_a_whole_character(void **state) {
    (void)state;
    char body[4096] = "{\"message\":\"x";
    for (size_t i = 0; i < 1000; i++) {
        strcat(body, "\xc3\xa9");
    }
    strcat(body, "\"}");
    struct lac_error err = read(400, body, NULL);
    size_t len = strlen(err.message);
    assert_in_range(len, 500, sizeof err.message - 1);
    assert_int_equal((unsigned char)err.message[len - 1], 0xa9);
}

static void an_error_with_status_200_is_recognised(void **state) {
    (void)state;
    assert_true(lac_aws_is_error_body(LAC_STR("<?xml version=\"1.0\"?>\n\n<Error><Code>")));
    assert_true(lac_aws_is_error_body(LAC_STR("  <Error>")));
    assert_false(lac_aws_is_error_body(LAC_STR("<CompleteMultipartUploadResult><Error>")));
    assert_false(lac_aws_is_error_body(LAC_STR("<?xml <Error>")));
    assert_false(lac_aws_is_error_body(LAC_STR("<Err")));
    assert_false(lac_aws_is_error_body(LAC_STR("")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s3_says_error),
        cmocka_unit_test(query_services_say_error_response),
        cmocka_unit_test(ec2_says_errors),
        cmocka_unit_test(json_services_name_a_type),
        cmocka_unit_test(a_header_may_name_it_alone),
        cmocka_unit_test(what_says_nothing_is_told_by_its_status),
        cmocka_unit_test(what_a_signature_error_quotes_is_left_out),
        cmocka_unit_test(a_message_is_made_safe_to_show),
        cmocka_unit_test(a_long_message_ends_with_a_whole_character),
        cmocka_unit_test(an_error_with_status_200_is_recognised),
    };
    return cmocka_run_group_tests_name("aws_error", tests, NULL, NULL);
}
