/* test_s3.c — the requests that objects need, and what becomes of them when one fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/interrupt.h"
#include "core/s3.h"
#include "fixture_loopback.h"

#define MIB ((uint64_t)1 << 20)

static double no_wait(void) {
    return 0;
}

static char large[] = "/tmp/laconic-s3-XXXXXX"; /* 12 MiB, of nothing */

static int prepare(void **state) {
    (void)state;
    lac_aws_set_random(no_wait);
    int fd = mkstemp(large);
    return fd < 0 || ftruncate(fd, 12 << 20) != 0 || close(fd) != 0;
}

static int clean(void **state) {
    (void)state;
    return unlink(large);
}

static struct lac_s3_target target_at(struct loopback *loopback) {
    return (struct lac_s3_target){
        .credentials = {.access_key_id = LAC_STR("AKID"), .secret_access_key = LAC_STR("secret")},
        .region = LAC_STR("eu-west-1"),
        .bucket = LAC_STR("photos"),
        .key = LAC_STR("in/a b+c"),
        .endpoint = loopback != NULL ? loopback_url(loopback, "/") : NULL,
    };
}

/* An S3 that answers by the request's line, and may fail in one place. */
struct fake {
    const char *fails_at; /* a part of the request's first line */
    const char *with;     /* the answer there */
    bool ends;            /* … once only */
    char answer[2048];
};

static void say(struct fake *fake, const char *headers, const char *body) {
    snprintf(fake->answer, sizeof fake->answer,
             "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n%s", strlen(body), headers, body);
}

static struct loopback_answer act(void *context, struct lac_str request) {
    struct fake *fake = context;
    struct lac_str line = {request.data, (size_t)(strstr(request.data, "\r\n") - request.data)};
    if (fake->fails_at != NULL && loopback_holds(line, fake->fails_at)) {
        snprintf(fake->answer, sizeof fake->answer, "%s", fake->with);
        fake->fails_at = fake->ends ? NULL : fake->fails_at;
    } else if (loopback_holds(line, "GET ") && loopback_holds(line, "uploads=")) {
        say(fake, "",
            "<R><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
            "<Upload><Key>in/a+b%2Bc</Key><UploadId>old</UploadId></Upload>"
            "<Upload><Key>in/a+b%2Bcd</Key><UploadId>other</UploadId></Upload></R>");
    } else if (loopback_holds(line, "uploads=")) {
        say(fake, "", "<R><UploadId>new id</UploadId></R>");
    } else if (loopback_holds(line, "partNumber=")) {
        say(fake, "ETag: \"part\"\r\n", "");
    } else if (loopback_holds(line, "POST ")) {
        say(fake, "x-amz-version-id: v1\r\n", "<R><ETag>&quot;whole-3&quot;</ETag></R>");
    } else {
        say(fake, "ETag: \"plain\"\r\nx-amz-version-id: v2\r\n", "");
    }
    return (struct loopback_answer){.bytes = fake->answer};
}

static size_t count_requests(struct loopback *loopback, const char *part) {
    size_t count = 0;
    for (size_t i = 0; i < loopback_request_count(loopback); i++) {
        struct lac_str request = loopback_request(loopback, i);
        request.len = (size_t)(strstr(request.data, "\r\n") - request.data);
        count += loopback_holds(request, part);
    }
    return count;
}

static void a_small_object_goes_up_whole(void **state) {
    (void)state;
    struct fake fake = {0};
    struct loopback *loopback = loopback_start_with(act, &fake);
    static const struct lac_header headers[] = {
        {LAC_STR_INIT("Content-Type"), LAC_STR_INIT("text/plain")},
        {LAC_STR_INIT("If-None-Match"), LAC_STR_INIT("*")},
    };
    struct lac_s3_put put = {.target = target_at(loopback),
                             .body = LAC_STR("hello"),
                             .headers = headers,
                             .header_count = 2};
    struct lac_s3_put_result result;
    struct lac_error err;

    assert_true(lac_s3_put(&put, &result, &err));

    assert_string_equal(result.etag.data, "plain");
    assert_string_equal(result.version_id.data, "v2");
    assert_int_equal(result.parts, 0);
    struct lac_str sent = loopback_request(loopback, 0);
    assert_true(loopback_holds(sent, "PUT /photos/in/a%20b%2Bc HTTP/1.1\r\n"));
    assert_true(loopback_holds(sent, "If-None-Match: *\r\n"));
    assert_true(loopback_holds(sent,
                               "X-Amz-Content-Sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161"
                               "e5c1fa7425e73043362938b9824\r\n"));
    assert_true(loopback_holds(sent, "/eu-west-1/s3/aws4_request"));
    lac_s3_put_result_free(&result);
    loopback_stop(loopback);
}

static bool note(void *context, uint64_t sent, uint64_t total) {
    assert_int_equal(total, 12 * MIB);
    *(uint64_t *)context = sent;
    return true;
}

static void a_large_file_goes_up_in_parts(void **state) {
    (void)state;
    struct fake fake = {0};
    struct loopback *loopback = loopback_start_with(act, &fake);
    static const struct lac_header headers[] = {
        {LAC_STR_INIT("x-amz-meta-a"), LAC_STR_INIT("b")},
        {LAC_STR_INIT("If-None-Match"), LAC_STR_INIT("*")},
    };
    uint64_t sent = 0;
    struct lac_s3_put put = {.target = target_at(loopback),
                             .path = large,
                             .part_size = 5 * MIB,
                             .headers = headers,
                             .header_count = 2,
                             .progress = note,
                             .context = &sent};
    struct lac_s3_put_result result;
    struct lac_error err;

    assert_true(lac_s3_put(&put, &result, &err));

    assert_string_equal(result.etag.data, "whole-3");
    assert_int_equal(result.parts, 3);
    assert_int_equal(sent, 12 * MIB);
    assert_int_equal(count_requests(loopback, "uploadId=old"), 1); /* the older one, aborted */
    assert_int_equal(count_requests(loopback, "uploadId=other"), 0);
    assert_int_equal(count_requests(loopback, "uploadId=new%20id"), 4);
    size_t last = loopback_request_count(loopback) - 1;
    struct lac_str begin = loopback_request(loopback, 2), end = loopback_request(loopback, last);
    assert_true(loopback_holds(begin, "x-amz-meta-a: b\r\n"));
    assert_false(loopback_holds(begin, "If-None-Match"));
    assert_true(loopback_holds(end, "If-None-Match: *\r\n"));
    assert_true(loopback_holds(
        end, "<Part><PartNumber>3</PartNumber><ETag>\"part\"</ETag></Part></Complete"));
    lac_s3_put_result_free(&result);
    loopback_stop(loopback);
}

/* Puts the large file where one request fails; expects the upload to be aborted. */
static struct lac_error put_failing_at(const char *place, const char *answer) {
    struct fake fake = {.fails_at = place, .with = answer};
    struct loopback *loopback = loopback_start_with(act, &fake);
    struct lac_s3_put put = {.target = target_at(loopback), .path = large, .part_size = 5 * MIB};
    struct lac_s3_put_result result;
    struct lac_error err = {0};

    assert_false(lac_s3_put(&put, &result, &err));

    size_t last = loopback_request_count(loopback) - 1;
    assert_true(loopback_holds(loopback_request(loopback, last),
                               "DELETE /photos/in/a%20b%2Bc?uploadId=new%20id HTTP/1.1\r\n"));
    loopback_stop(loopback);
    return err;
}

#define DENIED                                                                                     \
    "HTTP/1.1 403 No\r\nContent-Length: 39\r\n\r\n<Error><Code>AccessDenied</Code></Error>"

static void an_upload_that_fails_is_aborted_wherever_it_failed(void **state) {
    (void)state;
    struct lac_error err = put_failing_at("partNumber=2", DENIED);
    assert_string_equal(err.code, "AccessDenied");
    assert_int_equal(err.status, 403);

    err = put_failing_at("POST /photos/in/a%20b%2Bc?uploadId=", DENIED);
    assert_string_equal(err.code, "AccessDenied");

    err = put_failing_at("partNumber=1", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(err.kind, LAC_ERR_NETWORK); /* a part without an ETag */
}

static void an_error_with_status_200_is_one(void **state) {
    (void)state;
    struct lac_error err =
        put_failing_at("POST /photos/in/a%20b%2Bc?uploadId=",
                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "2b\r\n \n<Error><Code>InternalError</Code></Error>\r\n0\r\n\r\n");
    assert_int_equal(err.kind, LAC_ERR_SERVICE);
    assert_string_equal(err.code, "InternalError");
    assert_true(err.retryable);
}

static void an_error_with_status_200_that_passes_is_survived(void **state) {
    (void)state;
    struct fake fake = {.fails_at = "POST /photos/in/a%20b%2Bc?uploadId=",
                        .with =
                            "HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n"
                            "<Error><Code>InternalError</Code></Error>",
                        .ends = true};
    struct loopback *loopback = loopback_start_with(act, &fake);
    struct lac_s3_put put = {.target = target_at(loopback), .path = large, .part_size = 5 * MIB};
    struct lac_s3_put_result result;
    struct lac_error err = {0};

    assert_true(lac_s3_put(&put, &result, &err));

    assert_string_equal(result.etag.data, "whole-3");
    assert_int_equal(count_requests(loopback, "DELETE /photos/in/a%20b%2Bc?uploadId=new"), 0);
    lac_s3_put_result_free(&result);
    loopback_stop(loopback);
}

static bool press_ctrl_c(void *context, uint64_t sent, uint64_t total) {
    (void)context;
    (void)sent;
    (void)total;
    lac_interrupt_request();
    return true;
}

static void an_interrupted_upload_is_aborted(void **state) {
    (void)state;
    struct fake fake = {0};
    struct loopback *loopback = loopback_start_with(act, &fake);
    struct lac_s3_put put = {.target = target_at(loopback),
                             .path = large,
                             .part_size = 5 * MIB,
                             .progress = press_ctrl_c};
    struct lac_s3_put_result result;
    struct lac_error err;

    assert_false(lac_s3_put(&put, &result, &err));

    lac_interrupt_clear();
    assert_int_equal(err.kind, LAC_ERR_INTERRUPT);
    assert_int_equal(count_requests(loopback, "DELETE /photos/in/a%20b%2Bc?uploadId=new"), 1);
    loopback_stop(loopback);
}

static void who_may_not_list_uploads_may_still_put(void **state) {
    (void)state;
    struct fake fake = {.fails_at = "GET /photos?uploads=", .with = DENIED};
    struct loopback *loopback = loopback_start_with(act, &fake);
    struct lac_s3_put put = {.target = target_at(loopback), .path = large, .part_size = 5 * MIB};
    struct lac_s3_put_result result;
    struct lac_error err = {0};

    assert_true(lac_s3_put(&put, &result, &err));

    assert_int_equal(err.kind, LAC_OK);
    assert_int_equal(count_requests(loopback, "uploadId=old"), 0);
    assert_int_equal(result.parts, 3);
    lac_s3_put_result_free(&result);
    loopback_stop(loopback);
}

#define PAGE(rest) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<R>" rest "</R>"
#define OBJECT(key)                                                                                \
    "<Contents><Key>" key                                                                          \
    "</Key><Size>7</Size><ETag>&quot;e&quot;</ETag>"                                               \
    "<LastModified>t</LastModified></Contents>"

static void a_listing_goes_on_page_after_page(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = PAGE("<IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;1"
                           "</NextContinuationToken>" OBJECT("a+b")),
             .then = LOOPBACK_CLOSE},
            {.bytes =
                 PAGE("<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>" OBJECT(
                     "c+d%26")),
             .then = LOOPBACK_CLOSE},
        },
        2);
    struct lac_s3_target target = target_at(loopback);
    struct lac_s3_items items;
    struct lac_error err;

    assert_true(lac_s3_list(&target, LAC_STR("in/"), 0, &items, &err));

    assert_int_equal(items.count, 2);
    assert_string_equal(items.items[0].key.data, "a+b"); /* that page was not encoded */
    assert_string_equal(items.items[1].key.data, "c d&");
    assert_int_equal(items.items[1].size, 7);
    assert_string_equal(items.items[1].etag.data, "e");
    assert_true(loopback_holds(loopback_request(loopback, 0), "prefix=in%2F"));
    assert_true(loopback_holds(loopback_request(loopback, 1), "continuation-token=t%261"));
    lac_s3_items_free(&items);
    loopback_stop(loopback);
}

static void a_listing_that_would_never_end_is_refused(void **state) {
    (void)state;
    static const struct loopback_answer page = {
        .bytes = PAGE("<IsTruncated>true</IsTruncated><NextContinuationToken>t"
                      "</NextContinuationToken>" OBJECT("a")),
        .then = LOOPBACK_CLOSE};
    struct loopback *loopback = loopback_start((struct loopback_answer[]){page, page, page}, 3);
    struct lac_s3_target target = target_at(loopback);
    struct lac_s3_items items;
    struct lac_error err;

    assert_false(lac_s3_list(&target, LAC_STR(""), 0, &items, &err));

    assert_int_equal(err.kind, LAC_ERR_NETWORK);
    assert_int_equal(loopback_request_count(loopback), 2);
    loopback_stop(loopback);
}

static void a_bucket_elsewhere_is_named_with_its_region(void **state) {
    (void)state;
    struct fake fake = {.fails_at = "GET",
                        .with =
                            "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n"
                            "x-amz-bucket-region: us-east-2\r\n\r\n"};
    struct loopback *loopback = loopback_start_with(act, &fake);
    struct lac_s3_get get = {.target = target_at(loopback), .version_id = LAC_STR("v/1")};
    struct lac_http_response response;
    struct lac_error err;

    assert_false(lac_s3_get(&get, &response, &err));

    assert_int_equal(err.status, 301);
    assert_string_equal(err.message, "the bucket is in the region us-east-2");
    assert_int_equal(count_requests(loopback, "?versionId=v%2F1 "), 1);
    loopback_stop(loopback);
}

static void an_absent_object_is_deleted_already(void **state) {
    (void)state;
    struct fake fake = {.fails_at = "DELETE",
                        .with = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"};
    struct loopback *loopback = loopback_start_with(act, &fake);
    struct lac_s3_target target = target_at(loopback);
    struct lac_error err = {0};

    assert_true(lac_s3_delete(&target, LAC_STR(""), &err));

    loopback_stop(loopback);
}

/* Through a proxy, the request line tells which host AWS's own endpoint would be. */
static void awss_own_endpoints_follow_the_region_and_the_bucket(void **state) {
    (void)state;
    static const struct {
        struct lac_str bucket, region;
        const char *line;
    } cases[] = {
        {LAC_STR_INIT("photos"), LAC_STR_INIT("eu-west-1"),
         "CONNECT photos.s3.eu-west-1.amazonaws.com:443 "},
        {LAC_STR_INIT("my.photos"), LAC_STR_INIT("us-east-1"),
         "CONNECT s3.us-east-1.amazonaws.com:443 "},
        {LAC_STR_INIT("photos"), LAC_STR_INIT("cn-north-1"),
         "CONNECT photos.s3.cn-north-1.amazonaws.com.cn:443 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loopback *proxy = loopback_start(
            (struct loopback_answer[]){
                {.bytes = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", .then = LOOPBACK_CLOSE}},
            1);
        struct lac_s3_get get = {.target = target_at(NULL)};
        struct lac_http_response response;
        struct lac_error err;
        get.target.bucket = cases[i].bucket;
        get.target.region = cases[i].region;
        get.target.attempts = 1;
        get.target.http.proxy = loopback_url(proxy, "");

        assert_false(lac_s3_get(&get, &response, &err));

        assert_int_equal(count_requests(proxy, cases[i].line), 1);
        loopback_stop(proxy);
    }
}

static void a_request_without_bucket_or_key_is_refused(void **state) {
    (void)state;
    struct lac_s3_get get = {.target = target_at(NULL)};
    struct lac_http_response response;
    struct lac_error err;
    get.target.key = LAC_STR("");
    assert_false(lac_s3_get(&get, &response, &err));
    assert_string_equal(err.message, "an S3 request needs a key");
    get.target.bucket = LAC_STR("");
    assert_false(lac_s3_get(&get, &response, &err));
    assert_string_equal(err.message, "an S3 request needs a bucket");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_object_goes_up_whole),
        cmocka_unit_test(a_large_file_goes_up_in_parts),
        cmocka_unit_test(an_upload_that_fails_is_aborted_wherever_it_failed),
        cmocka_unit_test(an_error_with_status_200_is_one),
        cmocka_unit_test(an_error_with_status_200_that_passes_is_survived),
        cmocka_unit_test(an_interrupted_upload_is_aborted),
        cmocka_unit_test(who_may_not_list_uploads_may_still_put),
        cmocka_unit_test(a_listing_goes_on_page_after_page),
        cmocka_unit_test(a_listing_that_would_never_end_is_refused),
        cmocka_unit_test(a_bucket_elsewhere_is_named_with_its_region),
        cmocka_unit_test(an_absent_object_is_deleted_already),
        cmocka_unit_test(awss_own_endpoints_follow_the_region_and_the_bucket),
        cmocka_unit_test(a_request_without_bucket_or_key_is_refused),
    };
    return cmocka_run_group_tests_name("s3", tests, prepare, clean);
}
