/* test_runtime_api.c — what runtimes send and get, byte by byte. Both sides share this one thread:
 * nothing sleeps, every wait is a poll on both. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/http_head.h"
#include "core/poll.h"
#include "core/runtime_api.h"

#define NEXT "GET /abc/2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST(what) "POST /abc/2018-06-01/runtime/" what " HTTP/1.1\r\nHost: x\r\n"
#define MAX_PAYLOAD 1000

struct fixture {
    struct lac_runtime_api *api;
    uint64_t id;
    int fd;
};

static int connect_to(const struct lac_runtime_api *api) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(lac_runtime_api_port(api)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static struct fixture begin(void) {
    struct fixture f = {0};
    struct lac_error err;
    assert_true(lac_runtime_api_listen(MAX_PAYLOAD, &f.api, &err));
    assert_true(lac_runtime_api_admit(f.api, LAC_STR("abc"), &f.id, &err));
    f.fd = connect_to(f.api);
    return f;
}

static void end(struct fixture *f) {
    close(f->fd);
    lac_runtime_api_close(f->api);
}

static void say(int fd, const char *text) {
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void give(struct fixture *f, const char *request_id, const char *payload) {
    struct lac_error err;
    struct lac_runtime_event event = {
        .request_id = {request_id, strlen(request_id)},
        .arn = LAC_STR("arn:aws:lambda:f"),
        .trace_id = LAC_STR("Root=1"),
        .client_context = LAC_STR("{\"a\":\r\n1}"),
        .deadline = 12345,
        .payload = {payload, strlen(payload)},
    };
    assert_true(lac_runtime_api_give(f->api, f->id, &event, &err));
}

static struct lac_runtime_news await_news(struct fixture *f, enum lac_runtime_news_kind kind) {
    struct lac_runtime_news news;
    struct lac_error err;
    while (!lac_runtime_api_next(f->api, &news)) {
        struct lac_poll poll = {.fd = lac_runtime_api_fd(f->api)};
        assert_true(lac_poll_wait(&poll, 1, 10, &err));
        assert_true(poll.ready);
        lac_runtime_api_turn(f->api);
    }
    assert_int_equal(news.kind, kind);
    assert_int_equal(news.id, f->id);
    return news;
}

/* Serves until the runtime has read `want`, or its connection's end; returns all it read. No news
 * is expected meanwhile. */
static const char *await_text(struct fixture *f, const char *want) {
    static char text[1 << 16];
    size_t len = 0;
    struct lac_runtime_news news;
    struct lac_error err;
    text[0] = '\0';
    while (want == NULL || strstr(text, want) == NULL) {
        assert_false(lac_runtime_api_next(f->api, &news));
        struct lac_poll list[] = {{.fd = lac_runtime_api_fd(f->api)}, {.fd = f->fd}};
        assert_true(lac_poll_wait(list, 2, 10, &err));
        assert_true(list[0].ready || list[1].ready);
        if (list[0].ready) {
            lac_runtime_api_turn(f->api);
        }
        if (list[1].ready) {
            ssize_t count = recv(f->fd, text + len, sizeof text - 1 - len, 0);
            if (count <= 0) {
                break;
            }
            len += (size_t)count;
            text[len] = '\0';
        }
    }
    return text;
}

static void assert_view(struct lac_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}

/* Asks for the first event and gets it. */
static void take_event(struct fixture *f, const char *request_id) {
    say(f->fd, NEXT);
    await_news(f, LAC_RUNTIME_ASKS);
    give(f, request_id, "{}");
    await_text(f, "\r\n\r\n{}");
}

static void an_event_is_given_and_answered(void **state) {
    (void)state;
    struct fixture f = begin();
    say(f.fd, NEXT);
    await_news(&f, LAC_RUNTIME_ASKS);
    give(&f, "id-1", "{\"n\":1}");
    const char *event = await_text(&f, "{\"n\":1}");
    assert_non_null(strstr(event, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(event, "\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n"));
    assert_non_null(strstr(event, "\r\nLambda-Runtime-Deadline-Ms: 12345\r\n"));
    assert_non_null(strstr(event, "\r\nLambda-Runtime-Client-Context: {\"a\":  1}\r\n"));
    assert_null(strstr(event, "Tenant"));

    say(f.fd, POST("invocation/id-1/response") "Content-Length: 5\r\n\r\nhello");
    struct lac_runtime_news news = await_news(&f, LAC_RUNTIME_ANSWERS);

    assert_view(news.body, "hello");
    assert_non_null(strstr(await_text(&f, "OK"), "HTTP/1.1 202 Accepted\r\n"));
    end(&f);
}

static void an_event_waits_for_the_runtime_to_ask(void **state) {
    (void)state;
    struct fixture f = begin();
    give(&f, "id-1", "{\"n\":1}");
    say(f.fd, NEXT);
    await_news(&f, LAC_RUNTIME_ASKS);

    assert_non_null(strstr(await_text(&f, "{\"n\":1}"), "id-1"));
    end(&f);
}

static void a_request_may_come_byte_by_byte_or_two_at_once(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");
    static const char both[] = POST("invocation/id-1/response") "Content-Length: 2\r\n\r\nok" NEXT;
    for (size_t i = 0; i < sizeof both - 1; i++) {
        char byte[] = {both[i], '\0'};
        say(f.fd, byte);
        lac_runtime_api_turn(f.api);
    }
    assert_view(await_news(&f, LAC_RUNTIME_ANSWERS).body, "ok");
    await_text(&f, "202 Accepted");

    give(&f, "id-2", "[2]");

    assert_non_null(strstr(await_text(&f, "[2]"), "id-2"));
    end(&f);
}

static void a_chunked_answer_is_joined(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");

    say(f.fd, POST("invocation/id-1/response") "Transfer-Encoding: chunked\r\n\r\n");
    say(f.fd, "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");

    assert_view(await_news(&f, LAC_RUNTIME_ANSWERS).body, "abc");
    end(&f);
}

static void errors_come_with_their_type(void **state) {
    (void)state;
    struct fixture f = begin();
    say(f.fd, POST("init/error") "Lambda-Runtime-Function-Error-Type: Bad\r\n"
                                 "Content-Length: 2\r\n\r\n{}");
    struct lac_runtime_news news = await_news(&f, LAC_RUNTIME_CANNOT_START);
    assert_view(news.body, "{}");
    assert_view(news.error_type, "Bad");
    await_text(&f, "202 Accepted");
    take_event(&f, "id-1");

    say(f.fd, POST("invocation/id-1/error") "Content-Length: 1\r\n\r\nx");

    news = await_news(&f, LAC_RUNTIME_FAILS);
    assert_view(news.body, "x");
    assert_null(news.error_type.data);
    await_text(&f, "202 Accepted");
    say(f.fd, POST("init/error") "Content-Length: 0\r\n\r\n");
    await_text(&f, "403 Forbidden");
    end(&f);
}

static void an_answer_that_is_too_large_is_refused_and_its_error_taken(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");
    say(f.fd, POST("invocation/id-1/response") "Content-Length: 5000\r\n\r\n");
    for (int i = 0; i < 500; i++) {
        say(f.fd, "0123456789");
        lac_runtime_api_turn(f.api);
    }
    await_news(&f, LAC_RUNTIME_OVERSIZED);
    await_text(&f, "413 Content Too Large");
    give(&f, "id-2", "2");

    say(f.fd, POST("invocation/id-1/error") "Content-Length: 1\r\n\r\nx");

    await_text(&f, "202 Accepted"); /* and it is no news of the event that follows */
    say(f.fd, NEXT);
    assert_non_null(strstr(await_text(&f, "\r\n\r\n2"), "id-2"));
    end(&f);
}

static void what_has_no_meaning_is_refused(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");
    static const struct {
        const char *request, *status;
    } cases[] = {
        {"GET /abd/2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: h\r\n\r\n",
         "404 Not Found"},
        {"GET /abc/2018-06-01/nothing HTTP/1.1\r\nHost: h\r\n\r\n", "404 Not Found"},
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "404 Not Found"},
        {"GET /abc/2018-06-01/runtime/init/error HTTP/1.1\r\nHost: h\r\n\r\n",
         "405 Method Not Allowed"},
        {POST("invocation/id-1/other") "\r\n", "404 Not Found"},
        {POST("invocation//response") "\r\n", "400 Bad Request"},
        {POST("invocation/id-2/response") "Content-Length: 2\r\n\r\nab", "400 Bad Request"},
        {POST("invocation/id-2/error") "\r\n", "400 Bad Request"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        say(f.fd, cases[i].request);
        assert_non_null(strstr(await_text(&f, "}"), cases[i].status));
    }
    say(f.fd, "nonsense\r\n\r\n");
    assert_non_null(strstr(await_text(&f, NULL), "400 Bad Request"));
    end(&f);
}

static void an_answer_counts_once(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");
    say(f.fd, POST("invocation/id-1/response") "\r\n");
    assert_view(await_news(&f, LAC_RUNTIME_ANSWERS).body, "");
    await_text(&f, "202 Accepted");

    say(f.fd, POST("invocation/id-1/response") "\r\n");

    await_text(&f, "400 Bad Request");
    end(&f);
}

static void a_runtime_that_asks_again_without_an_answer_is_news(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");

    say(f.fd, NEXT);

    await_news(&f, LAC_RUNTIME_ASKS);
    end(&f);
}

static struct lac_str read_on(struct fixture *f, enum lac_runtime_stream want,
                              struct lac_str *trailers) {
    struct lac_str piece;
    assert_view(await_news(f, LAC_RUNTIME_STREAMS).body, "text/x");
    assert_int_equal(lac_runtime_api_read(f->api, f->id, &piece, trailers), want);
    return piece;
}

#define STREAM                                                                                     \
    POST("invocation/id-1/response")                                                               \
    "Content-Type: text/x\r\nLambda-Runtime-Function-Response-Mode: "                              \
    "streaming\r\nTransfer-Encoding: chunked\r\n\r\n"

static void a_stream_is_read_as_it_comes(void **state) {
    (void)state;
    struct fixture f = begin();
    struct lac_str trailers;
    take_event(&f, "id-1");
    say(f.fd, STREAM "5\r\nfirst\r\n");
    assert_view(read_on(&f, LAC_RUNTIME_STREAM_MORE, &trailers), "first");
    say(f.fd, "6\r\nsecond\r\n");
    assert_view(read_on(&f, LAC_RUNTIME_STREAM_MORE, &trailers), "second");

    say(f.fd, "0\r\nLambda-Runtime-Function-Error-Type: Late\r\n\r\n");

    assert_view(read_on(&f, LAC_RUNTIME_STREAM_END, &trailers), "");
    assert_view(lac_http_head_value(trailers, LAC_STR("lambda-runtime-function-error-type")),
                "Late");
    lac_runtime_api_finish(f.api, f.id, true);
    await_text(&f, "202 Accepted");
    say(f.fd, POST("invocation/id-1/response") "\r\n");
    await_text(&f, "400 Bad Request");
    end(&f);
}

static void a_stream_that_nobody_reads_makes_its_sender_wait(void **state) {
    (void)state;
    struct fixture f = begin();
    struct lac_str piece, trailers;
    static char block[64 * 1024];
    size_t sent = 0, got = 0;
    memset(block, 'x', sizeof block);
    take_event(&f, "id-1");
    say(f.fd, STREAM "10000000\r\n");
    for (int i = 0; i < 10000 && sent < 0x8000000; i++) { /* until the socket is full */
        ssize_t count = send(f.fd, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
        sent += count > 0 ? (size_t)count : 0;
        lac_runtime_api_turn(f.api);
    }
    assert_true(sent < 0x8000000);

    while (got < sent) {
        assert_int_equal(lac_runtime_api_read(f.api, f.id, &piece, &trailers),
                         LAC_RUNTIME_STREAM_MORE);
        assert_true(piece.len < 512 * 1024);
        got += piece.len;
        lac_runtime_api_turn(f.api);
    }
    assert_int_equal(got, sent);
    end(&f);
}

static void a_stream_that_breaks_off_gives_what_came(void **state) {
    (void)state;
    struct fixture f = begin();
    struct lac_str trailers;
    take_event(&f, "id-1");
    say(f.fd, STREAM "5\r\nfirst\r\n");
    assert_view(read_on(&f, LAC_RUNTIME_STREAM_MORE, &trailers), "first");

    close(f.fd);

    assert_view(read_on(&f, LAC_RUNTIME_STREAM_GONE, &trailers), "");
    f.fd = connect_to(f.api);
    say(f.fd, NEXT);
    await_news(&f, LAC_RUNTIME_ASKS);
    end(&f);
}

static void a_stream_that_is_too_long_is_refused_when_it_has_passed(void **state) {
    (void)state;
    struct fixture f = begin();
    struct lac_str trailers;
    take_event(&f, "id-1");
    say(f.fd, STREAM "5\r\nfirst\r\n");
    assert_view(read_on(&f, LAC_RUNTIME_STREAM_MORE, &trailers), "first");
    lac_runtime_api_finish(f.api, f.id, false);

    say(f.fd, "3\r\nabc\r\n0\r\n\r\n");

    await_text(&f, "413 Content Too Large");
    end(&f);
}

static void a_sender_that_asks_first_is_told_to_go_on(void **state) {
    (void)state;
    struct fixture f = begin();
    take_event(&f, "id-1");
    say(f.fd, POST("invocation/id-1/response") "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    await_text(&f, "100 Continue");

    say(f.fd, "ok");

    assert_view(await_news(&f, LAC_RUNTIME_ANSWERS).body, "ok");
    end(&f);
}

static void a_connection_that_is_to_close_closes_when_all_is_sent(void **state) {
    (void)state;
    struct fixture f = begin();
    say(f.fd, "GET /abc/2018-06-01/runtime/invocation/next HTTP/1.0\r\n\r\n");
    await_news(&f, LAC_RUNTIME_ASKS);

    give(&f, "id-1", "{\"whole\":true}");

    assert_non_null(strstr(await_text(&f, NULL), "{\"whole\":true}"));
    end(&f);
}

static void an_instance_that_is_dismissed_is_heard_no_more(void **state) {
    (void)state;
    struct fixture f = begin();
    struct lac_error err;
    struct lac_runtime_news news;
    take_event(&f, "id-1");
    say(f.fd, POST("invocation/id-1/response") "\r\n");
    while (!lac_runtime_api_next(f.api, &news)) {
        lac_runtime_api_turn(f.api);
    }

    lac_runtime_api_dismiss(f.api, f.id);

    lac_runtime_api_turn(f.api);
    assert_false(lac_runtime_api_next(f.api, &news));
    assert_false(
        lac_runtime_api_give(f.api, f.id, &(struct lac_runtime_event){.payload = {0}}, &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    end(&f);
}

static void a_name_is_an_instance_s_own(void **state) {
    (void)state;
    struct fixture f = begin();
    struct lac_error err;
    uint64_t id;

    assert_false(lac_runtime_api_admit(f.api, LAC_STR("abc"), &id, &err));
    assert_false(lac_runtime_api_admit(f.api, LAC_STR("a/b"), &id, &err));
    assert_false(lac_runtime_api_admit(f.api, LAC_STR(""), &id, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_given_and_answered),
        cmocka_unit_test(an_event_waits_for_the_runtime_to_ask),
        cmocka_unit_test(a_request_may_come_byte_by_byte_or_two_at_once),
        cmocka_unit_test(a_chunked_answer_is_joined),
        cmocka_unit_test(errors_come_with_their_type),
        cmocka_unit_test(an_answer_that_is_too_large_is_refused_and_its_error_taken),
        cmocka_unit_test(what_has_no_meaning_is_refused),
        cmocka_unit_test(an_answer_counts_once),
        cmocka_unit_test(a_runtime_that_asks_again_without_an_answer_is_news),
        cmocka_unit_test(a_stream_is_read_as_it_comes),
        cmocka_unit_test(a_stream_that_nobody_reads_makes_its_sender_wait),
        cmocka_unit_test(a_stream_that_breaks_off_gives_what_came),
        cmocka_unit_test(a_stream_that_is_too_long_is_refused_when_it_has_passed),
        cmocka_unit_test(a_sender_that_asks_first_is_told_to_go_on),
        cmocka_unit_test(a_connection_that_is_to_close_closes_when_all_is_sent),
        cmocka_unit_test(an_instance_that_is_dismissed_is_heard_no_more),
        cmocka_unit_test(a_name_is_an_instance_s_own),
    };
    return cmocka_run_group_tests_name("runtime_api", tests, NULL, NULL);
}
