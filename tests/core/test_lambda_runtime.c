/* test_lambda_runtime.c — the Runtime API's four calls against a scripted other side. */
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/lambda_runtime.h"

#define EVENT                                                                                      \
    "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n"                                   \
    "Lambda-Runtime-Deadline-Ms: 1700000003500\r\nLambda-Runtime-Trace-Id: Root=1-2\r\n"           \
    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:x:1:function:f\r\n"                       \
    "Lambda-Runtime-Aws-Tenant-Id: t\r\n"
#define ACCEPTED "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"

/* One request to come and what to say to it; no answer: the connection is closed instead. */
struct turn {
    const char *want; /* how the request begins */
    const char *answer;
    bool then_close;
};

struct other_side {
    pid_t pid;
    char address[64];
};

/* In a process of its own: plays the turns, and exits 0 when every request was as expected. */
_Noreturn static void play(int listener, const struct turn *turns) {
    int fd = -1;
    for (; turns->want != NULL; turns++) {
        char request[4096];
        size_t len = 0;
        fd = fd < 0 ? accept(listener, NULL, NULL) : fd;
        do {
            ssize_t count = recv(fd, request + len, sizeof request - 1 - len, 0);
            if (count <= 0) {
                _exit(2);
            }
            len += (size_t)count;
            request[len] = '\0';
        } while (strstr(request, "\r\n\r\n") == NULL);
        if (strncmp(request, turns->want, strlen(turns->want)) != 0) {
            _exit(3);
        }
        if (turns->answer != NULL) {
            send(fd, turns->answer, strlen(turns->answer), MSG_NOSIGNAL);
        }
        if (turns->answer == NULL || turns->then_close) {
            close(fd);
            fd = -1;
        }
    }
    _exit(0);
}

static struct other_side start(const struct turn *turns) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    struct other_side side;
    snprintf(side.address, sizeof side.address, "127.0.0.1:%u", ntohs(address.sin_port));
    side.pid = fork();
    if (side.pid == 0) {
        play(listener, turns);
    }
    close(listener);
    return side;
}

static void assert_played(const struct other_side *side) {
    int status;
    assert_int_equal(waitpid(side->pid, &status, 0), side->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_str(struct lac_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}

static void events_come_and_results_go_over_one_connection(void **state) {
    (void)state;
    const struct turn turns[] = {
        {"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:",
         EVENT "Content-Length: 7\r\n\r\n{\"a\":1}", false},
        {"POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\n", ACCEPTED, false},
        {"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n",
         EVENT "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"b\r\n4\r\n\":2}\r\n0\r\n\r\n", false},
        {"POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1\r\n", ACCEPTED, false},
        {"POST /2018-06-01/runtime/init/error HTTP/1.1\r\n", ACCEPTED, false},
        {0},
    };
    struct other_side side = start(turns);
    struct lac_lambda_runtime runtime;
    struct lac_lambda_invocation event;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));

    assert_true(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_str(event.request_id, "id-1");
    assert_str(event.function_arn, "arn:aws:lambda:x:1:function:f");
    assert_str(event.trace_id, "Root=1-2");
    assert_str(event.tenant_id, "t");
    assert_null(event.client_context.data);
    assert_true(event.deadline == 1700000003.5);
    assert_str(event.body, "{\"a\":1}");
    assert_string_equal(getenv("_X_AMZN_TRACE_ID"), "Root=1-2");
    assert_true(lac_lambda_runtime_respond(&runtime, LAC_STR("id-1"), LAC_STR("null"),
                                           LAC_STR("application/json"), &err));
    assert_true(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_str(event.body, "{\"b\":2}");
    assert_true(lac_lambda_runtime_fail(&runtime, LAC_STR("id-1"), LAC_STR("Bad\r\nX: y"),
                                        LAC_STR("{}"), &err));
    assert_true(lac_lambda_runtime_fail_init(&runtime, LAC_STR("Init"), LAC_STR("{}"), &err));

    lac_lambda_runtime_close(&runtime);
    lac_lambda_runtime_close(&runtime);
    assert_played(&side);
}

static void a_path_before_the_api_is_kept(void **state) {
    (void)state;
    const struct turn turns[] = {
        {"GET /fn/7/2018-06-01/runtime/invocation/next HTTP/1.1\r\n",
         EVENT "Content-Length: 0\r\n\r\n", false},
        {0},
    };
    struct other_side side = start(turns);
    char address[128];
    snprintf(address, sizeof address, "%s/fn/7/", side.address);
    struct lac_lambda_runtime runtime;
    struct lac_lambda_invocation event;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(address, &runtime, &err));

    assert_true(lac_lambda_runtime_next(&runtime, &event, &err));

    lac_lambda_runtime_close(&runtime);
    assert_played(&side);
}

static void a_connection_closed_meanwhile_is_opened_again(void **state) {
    (void)state;
    const struct turn turns[] = {
        {"GET /", EVENT "Content-Length: 0\r\n\r\n", true}, /* closed after it */
        {"POST /", ACCEPTED, false},
        {"GET /", NULL, false}, /* closed instead of it */
        {"GET /", EVENT "Connection: close\r\nContent-Length: 0\r\n\r\n", true},
        {"POST /", ACCEPTED, false},
        {0},
    };
    struct other_side side = start(turns);
    struct lac_lambda_runtime runtime;
    struct lac_lambda_invocation event;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));

    for (int i = 0; i < 2; i++) {
        assert_true(lac_lambda_runtime_next(&runtime, &event, &err));
        assert_true(lac_lambda_runtime_respond(&runtime, event.request_id, LAC_STR("1"),
                                               LAC_STR("application/json"), &err));
    }

    lac_lambda_runtime_close(&runtime);
    assert_played(&side);
}

static void refusals_are_told_with_their_status(void **state) {
    (void)state;
    const struct turn turns[] = {
        {"GET /", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", false},
        {"POST /", "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", false},
        {"GET /", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false}, /* no id */
        {"GET /", "what?\r\n\r\n", true},
        {0},
    };
    struct other_side side = start(turns);
    struct lac_lambda_runtime runtime;
    struct lac_lambda_invocation event;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));

    assert_false(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_int_equal(err.kind, LAC_ERR_SERVICE);
    assert_int_equal(err.status, 403);
    assert_false(lac_lambda_runtime_respond(&runtime, LAC_STR("id-1"), LAC_STR("1"),
                                            LAC_STR("text/plain"), &err));
    assert_int_equal(err.status, 413);
    assert_false(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_string_equal(err.message, "next: the Runtime API sent no request id");
    assert_false(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_int_equal(err.kind, LAC_ERR_NETWORK);
    assert_non_null(strstr(err.message, "sent no HTTP answer"));

    lac_lambda_runtime_close(&runtime);
    assert_played(&side);
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));
    assert_false(lac_lambda_runtime_next(&runtime, &event, &err)); /* nobody is there any more */
    assert_string_equal(err.code, "ECONNREFUSED");
    lac_lambda_runtime_close(&runtime);
}

/* In more pieces than one read takes; and one byte more than is taken at all. */
static void a_large_event_comes_whole_and_a_larger_one_is_refused(void **state) {
    (void)state;
    const size_t size = (size_t)3 * 1024 * 1024;
    const char *head = EVENT "Content-Length: 3145728\r\n\r\n";
    char *large = calloc(strlen(head) + size + 1, 1);
    memcpy(large, head, strlen(head));
    memset(large + strlen(head), 'x', size);
    const struct turn turns[] = {
        {"GET /", large, false},
        {"GET /", EVENT "Content-Length: 8388609\r\n\r\n", false},
        {0},
    };
    struct other_side side = start(turns);
    struct lac_lambda_runtime runtime;
    struct lac_lambda_invocation event;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));

    assert_true(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_int_equal(event.body.len, size);
    assert_memory_equal(event.body.data, large + strlen(head), size);
    assert_false(lac_lambda_runtime_next(&runtime, &event, &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);

    lac_lambda_runtime_close(&runtime);
    assert_played(&side);
    free(large);
}

static void addresses_and_ids_are_checked(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",         "127.0.0.1",       ":9001",       "host:9001",
        "1.2.3.4:", "127.0.0.1:0",     "127.0.0.1:x", "127.0.0.1:70000",
        "a:1/b c",  "127.0.0.1:1/\r\n"};
    struct lac_lambda_runtime runtime;
    struct lac_error err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(lac_lambda_runtime_open(bad[i], &runtime, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
    }
    assert_true(lac_lambda_runtime_open("localhost:9001", &runtime, &err));
    assert_false(
        lac_lambda_runtime_respond(&runtime, LAC_STR("../x"), LAC_STR(""), LAC_STR(""), &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_false(lac_lambda_runtime_fail(&runtime, LAC_STR(""), LAC_STR(""), LAC_STR(""), &err));
    lac_lambda_runtime_close(&runtime);
}

/* What is on the wire, tests/lua/runtime_stream_spec.lua shows. */
static void a_stream_ends_when_the_other_side_does(void **state) {
    (void)state;
    const struct turn turns[] = {
        {"POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\n", NULL, true},
        {0},
    };
    struct other_side side = start(turns);
    struct lac_lambda_runtime runtime;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));
    assert_true(lac_lambda_runtime_stream(&runtime, LAC_STR("id-1"), LAC_STR("text/plain"), &err));
    assert_played(&side);

    while (lac_lambda_runtime_write(&runtime, LAC_STR("more"), &err)) {
    }

    assert_int_equal(err.kind, LAC_ERR_NETWORK);
    assert_false(lac_lambda_runtime_finish(&runtime, LAC_STR(""), LAC_STR(""), &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_string_equal(err.message, "response: no stream is open");
    lac_lambda_runtime_close(&runtime);
}

static void streams_are_bounded_and_one_at_a_time(void **state) {
    (void)state;
    const struct turn turns[] = {{"POST /", ACCEPTED, false}, {0}};
    struct other_side side = start(turns);
    struct lac_lambda_runtime runtime;
    struct lac_error err;
    assert_true(lac_lambda_runtime_open(side.address, &runtime, &err));
    assert_false(lac_lambda_runtime_write(&runtime, LAC_STR("x"), &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_true(lac_lambda_runtime_stream(&runtime, LAC_STR("id"), LAC_STR("x/y"), &err));

    assert_false(lac_lambda_runtime_stream(&runtime, LAC_STR("id"), LAC_STR("x/y"), &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    runtime.stream.bytes = LAC_LAMBDA_RUNTIME_MAX_STREAM - 1;
    assert_false(lac_lambda_runtime_write(&runtime, LAC_STR("xy"), &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);

    lac_lambda_runtime_close(&runtime);
    assert_played(&side);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_ends_when_the_other_side_does),
        cmocka_unit_test(streams_are_bounded_and_one_at_a_time),
        cmocka_unit_test(events_come_and_results_go_over_one_connection),
        cmocka_unit_test(a_path_before_the_api_is_kept),
        cmocka_unit_test(a_connection_closed_meanwhile_is_opened_again),
        cmocka_unit_test(refusals_are_told_with_their_status),
        cmocka_unit_test(a_large_event_comes_whole_and_a_larger_one_is_refused),
        cmocka_unit_test(addresses_and_ids_are_checked),
    };
    return cmocka_run_group_tests_name("lambda_runtime", tests, NULL, NULL);
}
