/* test_http.c — against a loopback server that answers well, badly, late and not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/http.h"
#include "core/interrupt.h"
#include "fixture_loopback.h"

#define OK_HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Word: one\r\nX-Word: two\r\n\r\nhi"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static char folder[] = "/tmp/laconic-http-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder); /* fails when a test left a file behind */
}

static const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *bytes) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
}

/* Sends, and expects this failure, whose message must not tell what a URL may hide. */
static struct lac_error refused(const struct lac_http_request *request, enum lac_error_kind kind,
                                const char *code) {
    struct lac_http_response response = {0};
    struct lac_error err = {0};
    assert_false(lac_http_send(request, &response, &err));
    assert_int_equal(err.kind, kind);
    assert_string_equal(err.code, code);
    assert_null(strstr(err.message, "secret"));
    lac_http_response_free(&response);
    return err;
}

static struct lac_error refused_answer(const char *answer, enum loopback_then then,
                                       enum lac_error_kind kind, const char *code) {
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = answer, .then = then}}, 1);
    struct lac_error err = refused(
        &(struct lac_http_request){.url = loopback_url(loopback, "/a?token=secret")}, kind, code);
    loopback_stop(loopback);
    return err;
}

static void a_get_brings_status_headers_and_body(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(
        &(struct lac_http_request){.url = loopback_url(loopback, "/a/../b//c?d=e%20f")}, &response,
        &err));

    assert_int_equal(response.status, 200);
    assert_string_equal(response.body.data, "hi");
    assert_string_equal(lac_headers_get(&response.headers, LAC_STR("x-word")).data, "one, two");
    struct lac_str request = loopback_request(loopback, 0);
    assert_true(loopback_holds(request, "GET /a/../b//c?d=e%20f HTTP/1.1\r\n"));
    assert_true(loopback_holds(request, "User-Agent: laconic\r\n"));
    assert_false(loopback_holds(request, "Expect:"));
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void a_status_of_any_kind_is_an_answer(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
                      "HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nwait"},
            {.bytes = "HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n"},
        },
        2);
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/")},
                              &response, &err));
    assert_int_equal(response.status, 503);
    assert_string_equal(response.body.data, "wait");
    assert_null(lac_headers_get(&response.headers, LAC_STR("x-early")).data);
    lac_http_response_free(&response);

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/")},
                              &response, &err));
    assert_int_equal(response.status, 302);
    assert_int_equal(loopback_request_count(loopback), 2);
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void a_body_goes_out_with_its_length_and_its_nul(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    static const struct lac_header headers[] = {
        {LAC_STR_INIT("X-Empty"), LAC_STR_INIT("")},
        {LAC_STR_INIT("Content-Length"), LAC_STR_INIT("3")},
        {LAC_STR_INIT("Expect"), LAC_STR_INIT("100-continue")},
    };
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                                         .body = LAC_STR("a\0b"),
                                                         .headers = headers,
                                                         .header_count = 3},
                              &response, &err));

    struct lac_str request = loopback_request(loopback, 0);
    assert_true(loopback_holds(request, "POST / HTTP/1.1\r\n"));
    assert_true(loopback_holds(request, "Content-Length: 3\r\n"));
    assert_true(loopback_holds(request, "X-Empty:\r\n"));
    assert_false(loopback_holds(request, "Expect"));
    assert_false(loopback_holds(request, "chunked"));
    assert_memory_equal(request.data + request.len - 3, "a\0b", 3);
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void a_put_without_a_body_says_that_it_is_empty(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(
        &(struct lac_http_request){.url = loopback_url(loopback, "/"), .method = LAC_STR("PUT")},
        &response, &err));

    assert_true(loopback_holds(loopback_request(loopback, 0), "PUT / HTTP/1.1\r\n"));
    assert_true(loopback_holds(loopback_request(loopback, 0), "Content-Length: 0\r\n"));
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void a_head_reads_no_body(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"},
                                   {.bytes = OK_HI}},
        2);
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(
        &(struct lac_http_request){.url = loopback_url(loopback, "/"), .method = LAC_STR("HEAD")},
        &response, &err));

    assert_int_equal(response.body.len, 0);
    assert_string_equal(lac_headers_get(&response.headers, LAC_STR("content-length")).data, "99");
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void a_slice_of_a_file_is_sent(void **state) {
    (void)state;
    const char *path = path_of("body");
    write_file(path, "0123456789");
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = OK_EMPTY}, {.bytes = OK_EMPTY}}, 2);
    struct lac_http_request request = {.method = LAC_STR("PUT"),
                                       .file = {.path = path, .offset = 2, .length = 3}};
    struct lac_http_response response = {0};
    struct lac_error err;

    request.url = loopback_url(loopback, "/");
    assert_true(lac_http_send(&request, &response, &err));
    lac_http_response_free(&response);
    request.file.length = LAC_HTTP_TO_END;
    assert_true(lac_http_send(&request, &response, &err));
    lac_http_response_free(&response);

    assert_true(loopback_holds(loopback_request(loopback, 0), "Content-Length: 3\r\n"));
    assert_true(loopback_holds(loopback_request(loopback, 0), "\r\n\r\n234"));
    assert_true(loopback_holds(loopback_request(loopback, 1), "\r\n\r\n23456789"));
    loopback_stop(loopback);
    unlink(path);
}

static void a_slice_beyond_the_file_is_refused_before_anything_is_sent(void **state) {
    (void)state;
    const char *path = path_of("body");
    write_file(path, "0123456789");
    struct loopback *loopback = loopback_start(NULL, 0);
    struct lac_http_request request = {.url = loopback_url(loopback, "/"),
                                       .file = {.path = path, .offset = 8, .length = 3}};

    refused(&request, LAC_ERR_INPUT, "");
    request.file = (struct lac_http_slice){.path = "/nowhere/to/be/found"};
    refused(&request, LAC_ERR_SYSTEM, "ENOENT");
    request.file = (struct lac_http_slice){.path = "/"};
    refused(&request, LAC_ERR_INPUT, "");

    assert_int_equal(loopback_connection_count(loopback), 0);
    loopback_stop(loopback);
    unlink(path);
}

static void a_success_goes_to_a_file(void **state) {
    (void)state;
    const char *path = path_of("out");
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    struct lac_http_response response = {0};
    struct lac_error err;
    char bytes[8] = {0};

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                                         .to_file = path,
                                                         .max_body = 1},
                              &response, &err));

    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), 2);
    fclose(file);
    assert_string_equal(bytes, "hi");
    assert_int_equal(response.body.len, 0);
    lac_http_response_free(&response);
    loopback_stop(loopback);
    unlink(path);
}

static void an_empty_success_makes_an_empty_file(void **state) {
    (void)state;
    const char *path = path_of("out");
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_EMPTY}}, 1);
    struct lac_http_response response = {0};
    struct lac_error err;
    struct stat facts;

    assert_true(lac_http_send(
        &(struct lac_http_request){.url = loopback_url(loopback, "/"), .to_file = path}, &response,
        &err));

    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_size, 0);
    lac_http_response_free(&response);
    loopback_stop(loopback);
    unlink(path);
}

static void a_refusal_does_not_touch_the_file(void **state) {
    (void)state;
    const char *path = path_of("out");
    write_file(path, "old");
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnope"},
            {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nne", .then = LOOPBACK_CLOSE}},
        2);
    struct lac_http_request request = {.url = loopback_url(loopback, "/"), .to_file = path};
    struct lac_http_response response = {0};
    struct lac_error err;
    char bytes[8] = {0};

    assert_true(lac_http_send(&request, &response, &err));
    assert_string_equal(response.body.data, "nope");
    lac_http_response_free(&response);
    request.url = loopback_url(loopback, "/");
    refused(&request, LAC_ERR_NETWORK, "closed"); /* half an answer is none */

    FILE *file = fopen(path, "r");
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), 3);
    fclose(file);
    assert_string_equal(bytes, "old");
    loopback_stop(loopback);
    unlink(path); /* remove_folder proves that no temporary file stays */
}

static void half_an_answer_is_none(void **state) {
    (void)state;
    static const char *const cut[] = {
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
    };
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        struct lac_error closed = refused_answer(cut[i], LOOPBACK_CLOSE, LAC_ERR_NETWORK, "closed");
        struct lac_error reset = refused_answer(cut[i], LOOPBACK_RESET, LAC_ERR_NETWORK, "closed");
        assert_true(closed.retryable);
        assert_true(reset.retryable);
    }
}

static void what_is_not_http_is_a_protocol_error(void **state) {
    (void)state;
    static const char *const garbage[] = {
        "\x16\x03\x01 this is no HTTP at all\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: minus one\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        struct lac_error err =
            refused_answer(garbage[i], LOOPBACK_CLOSE, LAC_ERR_NETWORK, "protocol");
        assert_false(err.retryable);
    }
}

static void endless_headers_are_cut_off(void **state) {
    (void)state;
    struct lac_buf answer = {0};
    lac_buf_add(&answer, LAC_STR("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i < 1000; i++) {
        lac_buf_addf(&answer, "X-Header-%d: %0*d\r\n", i, 100, i);
    }
    lac_buf_add(&answer, LAC_STR("\r\n"));

    refused_answer(answer.data, LOOPBACK_STALL, LAC_ERR_LIMIT, "");

    lac_buf_free(&answer);
}

static void a_body_past_its_bound_is_cut_off(void **state) {
    (void)state;
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = OK_HI}, {.bytes = OK_HI}}, 2);
    struct lac_http_request request = {.max_body = 1};
    struct lac_http_response response = {0};
    struct lac_error err;

    request.url = loopback_url(loopback, "/");
    refused(&request, LAC_ERR_LIMIT, "");
    request.max_body = 2;
    assert_true(lac_http_send(&request, &response, &err));

    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void silence_times_out(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.then = LOOPBACK_STALL},
            {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", .then = LOOPBACK_STALL},
            {.then = LOOPBACK_STALL}},
        3);
    char url[64];
    snprintf(url, sizeof url, "%s", loopback_url(loopback, "/"));

    struct lac_error err =
        refused(&(struct lac_http_request){.url = url, .timeout = 0.1}, LAC_ERR_NETWORK, "timeout");
    assert_true(err.retryable);
    refused(&(struct lac_http_request){.url = url, .idle_timeout = 0.1}, LAC_ERR_NETWORK,
            "timeout");
    refused(&(struct lac_http_request){.url = url, .idle_timeout = 0.1}, LAC_ERR_NETWORK,
            "timeout");

    loopback_stop(loopback);
}

static void nobody_listening_is_a_connect_error(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(NULL, 0);
    char url[64];
    snprintf(url, sizeof url, "%s", loopback_url(loopback, "/?secret"));
    loopback_stop(loopback);

    struct lac_error err =
        refused(&(struct lac_http_request){.url = url}, LAC_ERR_NETWORK, "connect");

    assert_true(err.retryable);
    assert_non_null(strstr(err.message, "127.0.0.1:"));
    assert_non_null(strstr(err.message, "Connection refused"));
}

static void a_name_that_is_none_is_a_resolve_error(void **state) {
    (void)state;
    char url[128] = "http://"; /* a label of 64 characters: refused before any DNS is asked */
    memset(url + strlen(url), 'a', 64);
    strcat(url, ".example/");
    refused(&(struct lac_http_request){.url = url, .proxy = ""}, LAC_ERR_NETWORK, "resolve");
}

static void urls_of_other_kinds_are_refused(void **state) {
    (void)state;
    static const char *const urls[] = {
        "",
        "ftp://127.0.0.1/secret",
        "file:///etc/passwd?secret",
        "http://",
        "http://a b/secret",
        "http://127.0.0.1:99999/secret",
        "http://127.0.0.1/\r\nsecret: 1",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        refused(&(struct lac_http_request){.url = urls[i]}, LAC_ERR_INPUT, "");
    }
}

static void what_cannot_be_sent_is_refused(void **state) {
    (void)state;
    static const struct lac_header split = {LAC_STR_INIT("x"), LAC_STR_INIT("a\r\nsecret: b")};
    static const struct lac_header longer = {LAC_STR_INIT("Content-Length"), LAC_STR_INIT("9")};
    static const struct lac_header chunked = {LAC_STR_INIT("Transfer-Encoding"),
                                              LAC_STR_INIT("chunked")};
    const char *url = "http://127.0.0.1:1/";
    const struct lac_http_request requests[] = {
        {.url = url, .headers = &split, .header_count = 1},
        {.url = url, .headers = &longer, .header_count = 1},
        {.url = url, .headers = &chunked, .header_count = 1},
        {.url = url, .method = LAC_STR("GET / HTTP/1.1\r\nsecret")},
        {.url = url, .method = LAC_STR("HEAD"), .body = LAC_STR("x")},
        {.url = url, .method = LAC_STR("POST"), .follow = 1},
        {.url = url, .body = LAC_STR("x"), .file = {.path = "/dev/null"}},
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        refused(&requests[i], LAC_ERR_INPUT, "");
    }
}

static void redirects_are_followed_when_asked_and_only_so_far(void **state) {
    (void)state;
#define REDIRECT "HTTP/1.1 302 Found\r\nLocation: /b\r\nX-Old: 1\r\nContent-Length: 3\r\n\r\nold"
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = REDIRECT},
            {.bytes = OK_HI},
            {.bytes = REDIRECT},
            {.bytes = REDIRECT},
            {.bytes = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
                      "Content-Length: 0\r\n\r\n"},
        },
        5);
    char url[64];
    snprintf(url, sizeof url, "%s", loopback_url(loopback, "/a"));
    struct lac_http_request request = {.url = url, .follow = 1};
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(&request, &response, &err));
    assert_string_equal(response.body.data, "hi");
    assert_null(lac_headers_get(&response.headers, LAC_STR("x-old")).data);
    lac_http_response_free(&response);
    refused(&request, LAC_ERR_NETWORK, "redirect");
    refused(&request, LAC_ERR_NETWORK, "protocol");
    loopback_stop(loopback);
}

static void successive_requests_share_a_connection(void **state) {
    (void)state;
    struct loopback_answer script[5];
    for (size_t i = 0; i < 5; i++) {
        script[i] = (struct loopback_answer){.bytes = OK_HI};
    }
    struct loopback *loopback = loopback_start(script, 5);
    for (int i = 0; i < 5; i++) {
        struct lac_http_response response = {0};
        struct lac_error err;

        assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/")},
                                  &response, &err));

        lac_http_response_free(&response);
    }
    assert_int_equal(loopback_connection_count(loopback), 1);
    loopback_stop(loopback);
}

static void a_kept_connection_that_died_is_replaced_and_the_body_sent_again(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){{.bytes = OK_HI}, {.then = LOOPBACK_CLOSE}, {.bytes = OK_HI}},
        3);
    for (int i = 0; i < 2; i++) {
        struct lac_http_response response = {0};
        struct lac_error err;

        assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                                             .body = LAC_STR("whole")},
                                  &response, &err));

        lac_http_response_free(&response);
    }
    assert_int_equal(loopback_request_count(loopback), 3);
    assert_true(loopback_holds(loopback_request(loopback, 2), "\r\n\r\nwhole"));
    loopback_stop(loopback);
}

static void several_run_at_once_and_one_failure_stops_no_other(void **state) {
    (void)state;
    enum { COUNT = 5 };
    struct loopback_answer script[COUNT];
    for (size_t i = 0; i < COUNT; i++) { /* none is answered before the first four have come */
        script[i] = (struct loopback_answer){.bytes = OK_HI, .after = 4};
    }
    script[1] = (struct loopback_answer){.then = LOOPBACK_RESET, .after = 4};
    struct loopback *loopback = loopback_start(script, COUNT);
    char url[64];
    snprintf(url, sizeof url, "%s", loopback_url(loopback, "/"));
    struct lac_http_exchange exchanges[COUNT + 1];
    for (size_t i = 0; i <= COUNT; i++) {
        exchanges[i] = (struct lac_http_exchange){.request = {.url = i < COUNT ? url : "nonsense"}};
    }

    lac_http_send_all(exchanges, COUNT + 1, 4);

    size_t answered = 0;
    for (size_t i = 0; i < COUNT; i++) {
        answered += exchanges[i].error.kind == LAC_OK && exchanges[i].response.status == 200;
        lac_http_response_free(&exchanges[i].response);
    }
    assert_int_equal(answered, COUNT - 1);
    assert_int_equal(exchanges[COUNT].error.kind, LAC_ERR_INPUT);
    loopback_stop(loopback);
}

static bool note(void *context, const struct lac_http_progress *so_far) {
    *(struct lac_http_progress *)context = *so_far;
    return true;
}

static bool stop(void *context, const struct lac_http_progress *so_far) {
    (void)context;
    (void)so_far;
    return false;
}

static bool ask_again(void *context, const struct lac_http_progress *so_far) {
    struct loopback *loopback = context;
    struct lac_http_response response = {0};
    struct lac_error err;
    char url[64];
    (void)so_far;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/inner", loopback_port(loopback));
    bool ok = lac_http_send(&(struct lac_http_request){.url = url}, &response, &err);
    lac_http_response_free(&response);
    return ok;
}

static void progress_ends_with_the_whole(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start((struct loopback_answer[]){{.bytes = OK_HI}}, 1);
    struct lac_http_progress last = {0};
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                                         .body = LAC_STR("four"),
                                                         .progress = note,
                                                         .context = &last},
                              &response, &err));

    assert_int_equal(last.sent, 4);
    assert_int_equal(last.send_total, 4);
    assert_int_equal(last.received, 2);
    assert_int_equal(last.receive_total, 2);
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void progress_can_stop(void **state) {
    (void)state;
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.then = LOOPBACK_STALL}}, 1);

    refused(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                       .body = LAC_STR("four"),
                                       .progress = stop},
            LAC_ERR_INTERRUPT, "");

    loopback_stop(loopback);
}

static void progress_may_send_a_request_itself(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = OK_HI, .after = 2}, {.bytes = OK_HI}, {.bytes = OK_HI}, {.bytes = OK_HI}},
        4);
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                                         .body = LAC_STR("four"),
                                                         .progress = ask_again,
                                                         .context = loopback},
                              &response, &err));

    assert_int_equal(response.status, 200);
    assert_true(loopback_request_count(loopback) >= 2);
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

struct tally {
    size_t bytes, largest;
    bool stops;
};

static bool count_piece(void *context, struct lac_str piece) {
    struct tally *tally = context;
    tally->bytes += piece.len;
    tally->largest = piece.len > tally->largest ? piece.len : tally->largest;
    return !tally->stops;
}

static void a_sink_takes_a_large_answer_in_bounded_pieces(void **state) {
    (void)state;
    size_t body_len = (size_t)40 << 20;
    struct lac_buf answer = {0};
    lac_buf_addf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body_len);
    char *body = calloc(1, body_len);
    assert_non_null(body);
    lac_buf_add(&answer, (struct lac_str){body, body_len});
    struct loopback *loopback =
        loopback_start((struct loopback_answer[]){{.bytes = answer.data, .len = answer.len}}, 1);
    struct tally tally = {0};
    struct lac_http_response response = {0};
    struct lac_error err;

    assert_true(lac_http_send(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                                         .sink = count_piece,
                                                         .context = &tally},
                              &response, &err));

    assert_int_equal(tally.bytes, body_len);
    assert_true(tally.largest <= (size_t)2 << 20);
    assert_int_equal(response.body.len, 0);
    lac_http_response_free(&response);
    loopback_stop(loopback);
    lac_buf_free(&answer);
    free(body);
}

static void a_sink_can_stop(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start(
        (struct loopback_answer[]){
            {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour", .then = LOOPBACK_STALL}},
        1);
    struct tally tally = {.stops = true};

    refused(&(struct lac_http_request){.url = loopback_url(loopback, "/"),
                                       .sink = count_piece,
                                       .context = &tally},
            LAC_ERR_INTERRUPT, "");

    assert_int_equal(tally.bytes, 4);
    loopback_stop(loopback);
}

static struct loopback_answer silent_at_first(void *context, struct lac_str request) {
    (void)context;
    return loopback_holds(request, "GET ") ? (struct loopback_answer){.bytes = OK_HI}
                                           : (struct loopback_answer){.then = LOOPBACK_STALL};
}

static bool interrupt(void *context, const struct lac_http_progress *so_far) {
    (void)context;
    (void)so_far;
    lac_interrupt_request(); /* as Ctrl-C does, in the middle of a transfer */
    return true;
}

static void an_interrupt_ends_a_wait_but_not_cleaning_up(void **state) {
    (void)state;
    struct loopback *loopback = loopback_start_with(silent_at_first, NULL);
    struct lac_http_response response = {0};
    struct lac_error err;
    char url[64];
    snprintf(url, sizeof url, "%s", loopback_url(loopback, "/"));

    refused(&(struct lac_http_request){.url = url, .body = LAC_STR("four"), .progress = interrupt},
            LAC_ERR_INTERRUPT, "");
    size_t before = loopback_request_count(loopback);
    refused(&(struct lac_http_request){.url = url}, LAC_ERR_INTERRUPT, "");
    bool cleaned = lac_http_send(&(struct lac_http_request){.url = url, .outlives_interrupt = true},
                                 &response, &err);

    lac_interrupt_clear();
    assert_true(cleaned);
    assert_true(loopback_request_count(loopback) <= before + 2); /* the second was never sent */
    lac_http_response_free(&response);
    loopback_stop(loopback);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state) {
    (void)state;
    char certificate[128];
    snprintf(certificate, sizeof certificate, "%s", path_of("ca.pem"));
    struct loopback *loopback = loopback_start_tls(
        (struct loopback_answer[]){{.bytes = OK_HI}, {.bytes = OK_HI}}, 2, certificate);
    struct lac_http_request request = {.url = loopback_url(loopback, "/?secret")};
    struct lac_http_response response = {0};
    struct lac_error err;

    err = refused(&request, LAC_ERR_NETWORK, "tls");
    assert_false(err.retryable);
    assert_int_equal(loopback_request_count(loopback), 0);

    request.ca_bundle = certificate;
    assert_true(lac_http_send(&request, &response, &err));
    assert_string_equal(response.body.data, "hi");
    lac_http_response_free(&response);
    request.ca_bundle = "/nowhere/ca.pem";
    err = refused(&request, LAC_ERR_NETWORK, "tls");
    assert_non_null(strstr(err.message, "ca_bundle"));
    assert_non_null(strstr(err.message, "/nowhere/ca.pem: No such file"));
    request.ca_bundle = NULL;

    setenv("SSL_CERT_FILE", "/nowhere/ca.pem", 1);
    setenv("AWS_CA_BUNDLE", certificate, 1); /* wins */
    assert_true(lac_http_send(&request, &response, &err));
    lac_http_response_free(&response);
    unsetenv("AWS_CA_BUNDLE");
    err = refused(&request, LAC_ERR_NETWORK, "tls");
    assert_non_null(strstr(err.message, "named by SSL_CERT_FILE"));
    unsetenv("SSL_CERT_FILE");
    loopback_stop(loopback);
    unlink(certificate);
}

static void a_certificate_for_another_name_is_refused(void **state) {
    (void)state;
    char certificate[128], url[64];
    snprintf(certificate, sizeof certificate, "%s", path_of("ca.pem"));
    struct loopback *loopback = loopback_start_tls(NULL, 0, certificate);
    snprintf(url, sizeof url, "https://localhost:%d/", loopback_port(loopback));

    refused(&(struct lac_http_request){.url = url, .ca_bundle = certificate}, LAC_ERR_NETWORK,
            "tls");

    loopback_stop(loopback);
    unlink(certificate);
}

static void proxies_come_from_the_environment_or_the_request(void **state) {
    (void)state;
    struct loopback *proxy =
        loopback_start((struct loopback_answer[]){{.bytes = OK_HI}, {.bytes = OK_HI}}, 2);
    struct loopback *direct = loopback_start((struct loopback_answer[]){{.bytes = OK_EMPTY}}, 1);
    struct lac_http_request request = {.url = "http://service.example/path"};
    struct lac_http_response response = {0};
    struct lac_error err;

    setenv("http_proxy", loopback_url(proxy, ""), 1);
    assert_true(lac_http_send(&request, &response, &err));
    assert_true(
        loopback_holds(loopback_request(proxy, 0), "GET http://service.example/path HTTP/1.1"));
    lac_http_response_free(&response);

    request.url = loopback_url(direct, "/"); /* the machine itself */
    assert_true(lac_http_send(&request, &response, &err));
    assert_int_equal(response.body.len, 0);
    lac_http_response_free(&response);
    unsetenv("http_proxy");

    request.url = "http://service.example/path";
    request.proxy = loopback_url(proxy, "");
    setenv("no_proxy", "service.example", 1);
    assert_true(lac_http_send(&request, &response, &err));
    unsetenv("no_proxy");
    assert_int_equal(loopback_request_count(proxy), 2);
    lac_http_response_free(&response);
    loopback_stop(direct);
    loopback_stop(proxy);
}

int main(void) {
    static const char *const inherited[] = {
        "http_proxy", "https_proxy", "HTTPS_PROXY",   "all_proxy",     "ALL_PROXY",
        "no_proxy",   "NO_PROXY",    "AWS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"};
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
        unsetenv(inherited[i]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_brings_status_headers_and_body),
        cmocka_unit_test(a_status_of_any_kind_is_an_answer),
        cmocka_unit_test(a_body_goes_out_with_its_length_and_its_nul),
        cmocka_unit_test(a_put_without_a_body_says_that_it_is_empty),
        cmocka_unit_test(a_head_reads_no_body),
        cmocka_unit_test(a_slice_of_a_file_is_sent),
        cmocka_unit_test(a_slice_beyond_the_file_is_refused_before_anything_is_sent),
        cmocka_unit_test(a_success_goes_to_a_file),
        cmocka_unit_test(an_empty_success_makes_an_empty_file),
        cmocka_unit_test(a_refusal_does_not_touch_the_file),
        cmocka_unit_test(half_an_answer_is_none),
        cmocka_unit_test(what_is_not_http_is_a_protocol_error),
        cmocka_unit_test(endless_headers_are_cut_off),
        cmocka_unit_test(a_body_past_its_bound_is_cut_off),
        cmocka_unit_test(silence_times_out),
        cmocka_unit_test(nobody_listening_is_a_connect_error),
        cmocka_unit_test(a_name_that_is_none_is_a_resolve_error),
        cmocka_unit_test(urls_of_other_kinds_are_refused),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(redirects_are_followed_when_asked_and_only_so_far),
        cmocka_unit_test(successive_requests_share_a_connection),
        cmocka_unit_test(a_kept_connection_that_died_is_replaced_and_the_body_sent_again),
        cmocka_unit_test(several_run_at_once_and_one_failure_stops_no_other),
        cmocka_unit_test(progress_ends_with_the_whole),
        cmocka_unit_test(progress_can_stop),
        cmocka_unit_test(a_sink_takes_a_large_answer_in_bounded_pieces),
        cmocka_unit_test(a_sink_can_stop),
        cmocka_unit_test(progress_may_send_a_request_itself),
        cmocka_unit_test(an_interrupt_ends_a_wait_but_not_cleaning_up),
        cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_refused),
        cmocka_unit_test(a_certificate_for_another_name_is_refused),
        cmocka_unit_test(proxies_come_from_the_environment_or_the_request),
    };
    return cmocka_run_group_tests_name("http", tests, make_folder, remove_folder);
}
