/* test_server.c — what goes over a socket, byte by byte. Client and server share this one thread:
 * nothing sleeps, every wait is a poll on both. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/poll.h"
#include "core/server.h"

static const struct lac_server_options defaults = {
    .host = "127.0.0.1",
    .max_body = 1 << 20,
    .spool_over = 1000,
    .max_connections = 8,
    .idle_timeout = 30,
};

static struct lac_server *listen_with(struct lac_server_options options) {
    struct lac_server *server = NULL;
    struct lac_error err = {0};
    if (!lac_server_listen(&options, &server, &err)) {
        fail_msg("%s", err.message);
    }
    return server;
}

static int connect_to(const struct lac_server *server) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(lac_server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text) {
    size_t len = strlen(text);
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

/* Serves until a request is whole. */
static const struct lac_server_request *await_request(struct lac_server *server) {
    const struct lac_server_request *request;
    struct lac_error err;
    struct lac_poll poll = {.fd = lac_server_fd(server)};
    while ((request = lac_server_next(server)) == NULL) {
        assert_true(lac_poll_wait(&poll, 1, 10, &err));
        assert_true(poll.ready);
    }
    return request;
}

/* Serves until the client has read `want` or its end has come; returns all it read. */
static char *await_text(struct lac_server *server, int fd, const char *want) {
    static char text[1 << 20];
    size_t len = 0;
    struct lac_error err;
    text[0] = '\0';
    while (want == NULL || strstr(text, want) == NULL) {
        struct lac_poll list[] = {{.fd = lac_server_fd(server)}, {.fd = fd}};
        assert_true(lac_poll_wait(list, 2, 10, &err));
        assert_true(list[0].ready || list[1].ready);
        assert_null(list[0].ready ? lac_server_next(server) : NULL);
        if (list[1].ready) {
            ssize_t count = recv(fd, text + len, sizeof text - 1 - len, 0);
            if (count <= 0) {
                break;
            }
            len += (size_t)count;
            text[len] = '\0';
        }
    }
    return text;
}

static bool answer(struct lac_server *server, uint64_t id, const char *body) {
    struct lac_server_answer answer = {.status = 200, .body = {body, strlen(body)}};
    bool delivered = false;
    struct lac_error err;
    assert_true(lac_server_respond(server, id, &answer, &delivered, &err));
    return delivered;
}

static void assert_str(struct lac_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}

static void a_request_is_handed_over_as_it_was_sent(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd,
        "PUT /a%2fb/%41+c?x=%20&y&x=2 HTTP/1.1\r\nHost: h\r\nX-Amz-B:  two \r\n"
        "x-amz-A: one\r\nX-Amz-B: again\r\nContent-Length: 5\r\n\r\nhello");

    const struct lac_server_request *request = await_request(server);

    assert_str(request->method, "PUT");
    assert_str(request->target, "/a%2fb/%41+c?x=%20&y&x=2");
    assert_str(request->body, "hello");
    assert_null(request->body_file);
    assert_memory_equal(request->peer, "127.0.0.1:", 10);
    assert_int_equal(request->header_count, 5);
    assert_str(request->headers[0].name, "Host");
    assert_str(request->headers[1].name, "X-Amz-B");
    assert_str(request->headers[1].value, "two");
    assert_str(request->headers[2].name, "x-amz-A");
    assert_str(request->headers[3].value, "again");
    assert_true(answer(server, request->id, "done"));
    assert_non_null(strstr(await_text(server, fd, "\r\n\r\ndone"), "HTTP/1.1 200 OK\r\n"));
    close(fd);
    lac_server_close(server);
}

static void a_whole_uri_says_which_host_is_asked(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd,
        "GET http://a.example:80/p?q HTTP/1.1\r\nX: 1\r\nhost: b\r\n\r\n"
        "GET http://c.example HTTP/1.0\r\n\r\n");

    const struct lac_server_request *request = await_request(server);

    assert_str(request->target, "/p?q");
    assert_int_equal(request->header_count, 2);
    assert_str(request->headers[1].value, "a.example:80");
    assert_true(answer(server, request->id, "one"));
    request = await_request(server);
    assert_str(request->target, "/");
    assert_int_equal(request->header_count, 1);
    assert_str(request->headers[0].name, "Host");
    assert_str(request->headers[0].value, "c.example");
    assert_true(answer(server, request->id, "two"));
    assert_non_null(await_text(server, fd, "two"));
    close(fd);
    lac_server_close(server);
}

static void one_connection_carries_many_requests_also_pipelined(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd,
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");

    for (int i = 1; i <= 3; i++) {
        char target[] = "/0", body[] = "answer 0";
        target[1] = body[7] = (char)('0' + i);
        const struct lac_server_request *request = await_request(server);
        assert_str(request->target, target);
        assert_str(request->body, i == 2 ? "abc" : "");
        assert_true(answer(server, request->id, body));
    }

    char *text = await_text(server, fd, "answer 3");
    assert_true(strstr(text, "answer 1") < strstr(text, "answer 2"));
    assert_true(strstr(text, "answer 2") < strstr(text, "answer 3"));
    close(fd);
    lac_server_close(server);
}

static void requests_may_be_answered_in_any_order(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int a = connect_to(server), b = connect_to(server);
    say(a, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t first = await_request(server)->id;
    say(b, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t second = await_request(server)->id;

    assert_true(answer(server, second, "for b"));
    assert_non_null(strstr(await_text(server, b, "for b"), "for b"));
    assert_true(lac_server_connected(server, first));
    assert_true(answer(server, first, "for a"));
    assert_non_null(strstr(await_text(server, a, "for a"), "for a"));

    assert_false(answer(server, first, "twice"));
    assert_false(answer(server, 999999, "nobody"));
    close(a);
    close(b);
    lac_server_close(server);
}

static void head_gets_the_length_and_no_body(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(answer(server, await_request(server)->id, "hidden"));
    char *text = await_text(server, fd, "\r\n\r\n");
    assert_non_null(strstr(text, "Content-Length: 6\r\n"));
    assert_null(strstr(text, "hidden"));

    say(fd, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    const struct lac_server_field fields[] = {{"Content-Length", "123456"}};
    struct lac_server_answer known = {.status = 200, .headers = fields, .header_count = 1};
    bool delivered;
    struct lac_error err;
    uint64_t id = await_request(server)->id;
    assert_true(lac_server_respond(server, id, &known, &delivered, &err));
    assert_true(delivered);
    assert_non_null(strstr(await_text(server, fd, "\r\n\r\n"), "Content-Length: 123456\r\n"));

    say(fd, "GET /after HTTP/1.1\r\nHost: h\r\n\r\n"); /* the connection is still in step */
    assert_true(answer(server, await_request(server)->id, "ok"));
    assert_non_null(strstr(await_text(server, fd, "\r\n\r\nok"), "200"));
    close(fd);
    lac_server_close(server);
}

static void a_body_above_the_bound_is_refused(void **state) {
    (void)state;
    struct lac_server_options options = defaults;
    options.max_body = 10;
    struct lac_server *server = listen_with(options);

    int asks = connect_to(server); /* before it sends */
    say(asks,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n"
        "Expect: 100-continue\r\n\r\n");
    assert_memory_equal(await_text(server, asks, "\r\n\r\n"), "HTTP/1.1 413", 12);

    int sends = connect_to(server);
    say(sends,
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "b\r\nhello world\r\n0\r\n\r\n");
    assert_memory_equal(await_text(server, sends, "\r\n\r\n"), "HTTP/1.1 413", 12);

    int fits = connect_to(server);
    say(fits,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n"
        "Expect: 100-continue\r\n\r\n");
    assert_string_equal(await_text(server, fits, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    say(fits, "0123456789");
    assert_str(await_request(server)->body, "0123456789");
    close(asks);
    close(sends);
    close(fits);
    lac_server_close(server);
}

static void a_long_header_is_refused(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    char *padding = malloc(80001);
    memset(padding, 'a', 80000);
    padding[80000] = '\0';
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\nX-Long: ");
    say(fd, padding);

    assert_memory_equal(await_text(server, fd, "\r\n\r\n"), "HTTP/1.1 431", 12);

    free(padding);
    close(fd);
    lac_server_close(server);
}

static void a_large_body_goes_to_the_spool(void **state) {
    (void)state;
    char folder[] = "/tmp/lac-spool-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct lac_server_options options = defaults;
    options.spool = folder;
    struct lac_server *server = listen_with(options);
    int fd = connect_to(server);
    char *body = malloc(5001);
    memset(body, 'x', 5000);
    body[5000] = '\0';
    say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n");
    say(fd, body);

    const struct lac_server_request *request = await_request(server);

    assert_str(request->body, "");
    assert_non_null(request->body_file);
    struct stat facts;
    assert_int_equal(stat(request->body_file, &facts), 0);
    assert_int_equal(facts.st_size, 5000);
    assert_int_equal(facts.st_mode & 0777, 0600);

    /* and back out of the file, a range of it */
    struct lac_server_answer part = {
        .status = 206, .path = request->body_file, .offset = 4000, .length = 7, .remove = true};
    bool delivered;
    struct lac_error err;
    assert_true(lac_server_respond(server, request->id, &part, &delivered, &err));
    assert_true(delivered);
    char *text = await_text(server, fd, "\r\n\r\nxxxxxxx");
    assert_non_null(strstr(text, "HTTP/1.1 206"));
    assert_non_null(strstr(text, "Content-Length: 7\r\n"));

    /* a body that never becomes whole leaves no file */
    say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n");
    body[4000] = '\0';
    say(fd, body);
    struct lac_poll poll = {.fd = lac_server_fd(server)};
    lac_poll_wait(&poll, 1, 10, &err);
    assert_null(lac_server_next(server));
    close(fd);
    lac_server_close(server);
    assert_int_equal(rmdir(folder), 0);
    free(body);
}

static void an_unreadable_file_leaves_the_request_waiting(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    struct lac_server_answer absent = {.status = 200, .path = "/nowhere/at/all"};
    bool delivered;
    struct lac_error err;

    assert_false(lac_server_respond(server, id, &absent, &delivered, &err));

    assert_string_equal(err.code, "ENOENT");
    assert_true(answer(server, id, "instead"));
    assert_non_null(strstr(await_text(server, fd, "instead"), "200"));
    close(fd);
    lac_server_close(server);
}

static void a_caller_that_left_is_noticed(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    assert_true(lac_server_connected(server, id));

    close(fd);

    assert_false(lac_server_connected(server, id));
    assert_false(answer(server, id, "anyone?"));
    lac_server_close(server);
}

static void an_answer_can_be_written_piece_by_piece(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    struct lac_server_answer begun = {.status = 200};

    assert_true(lac_server_start(server, id, &begun));
    assert_non_null(strstr(await_text(server, fd, "\r\n\r\n"), "Transfer-Encoding: chunked"));
    assert_true(lac_server_write(server, id, LAC_STR("one")));
    assert_non_null(strstr(await_text(server, fd, "one\r\n"), "3\r\none"));
    assert_true(lac_server_write(server, id, LAC_STR("two")));
    assert_non_null(strstr(await_text(server, fd, "two\r\n"), "3\r\ntwo"));
    assert_true(lac_server_finish(server, id));
    assert_non_null(strstr(await_text(server, fd, "0\r\n\r\n"), "0\r\n\r\n"));
    assert_false(lac_server_write(server, id, LAC_STR("late")));
    close(fd);
    lac_server_close(server);
}

static void a_reader_that_stops_is_given_up(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    struct lac_server_answer begun = {.status = 200};
    char *block = calloc(1, 1 << 20);
    assert_true(lac_server_start(server, id, &begun));

    int written = 0;
    while (written < 100 && lac_server_write(server, id, (struct lac_str){block, 1 << 20})) {
        written++;
    }

    assert_in_range(written, 16, 60); /* megabytes: the bound and the socket's own buffers */
    free(block);
    close(fd);
    lac_server_close(server);
}

static void a_full_house_waits_and_is_closed_whole(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fds[8];
    for (int i = 0; i < 8; i++) {
        fds[i] = connect_to(server);
        say(fds[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for (int i = 0; i < 6; i++) { /* two stay in the queue */
        await_request(server);
    }

    lac_server_close(server);

    for (int i = 0; i < 8; i++) {
        char byte;
        assert_true(recv(fds[i], &byte, 1, 0) <= 0);
        close(fds[i]);
    }
}

static void only_loopback_is_served(void **state) {
    (void)state;
    const char *const refused[] = {"0.0.0.0", "10.0.0.1", "::", "localhost", "", "128.0.0.1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct lac_server_options options = defaults;
        options.host = refused[i];
        struct lac_server *server = NULL;
        struct lac_error err;
        assert_false(lac_server_listen(&options, &server, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_non_null(strstr(err.message, "loopback"));
    }
}

static void a_taken_port_is_said_to_be_taken(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults), *second = NULL;
    struct lac_server_options options = defaults;
    options.port = lac_server_port(server);
    struct lac_error err;

    assert_false(lac_server_listen(&options, &second, &err));

    assert_string_equal(err.code, "EADDRINUSE");
    lac_server_close(server);
}

static void a_writer_learns_how_far_it_is_ahead(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    static const char block[1 << 20];
    size_t ahead = 0;
    int fd = connect_to(server);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    assert_true(lac_server_start(server, id, &(struct lac_server_answer){.status = 200}));
    assert_true(lac_server_ahead(server, id, &ahead));
    assert_int_equal(ahead, 0);

    while (ahead < sizeof block) { /* nobody reads: the kernel's buffers fill, then ours */
        assert_true(lac_server_write(server, id, (struct lac_str){block, sizeof block}));
        assert_true(lac_server_ahead(server, id, &ahead));
    }
    static char taken[1 << 16];
    struct lac_error err;
    struct lac_poll poll = {.fd = lac_server_fd(server)};
    while (ahead > 0) {
        assert_true(recv(fd, taken, sizeof taken, 0) > 0);
        assert_true(lac_poll_wait(&poll, 1, 0, &err));
        assert_null(lac_server_next(server));
        assert_true(lac_server_ahead(server, id, &ahead));
    }
    close(fd);
    assert_false(lac_server_ahead(server, id, &ahead));
    lac_server_close(server);
}

/* ---- What clients do ---- */

/* Serves a client, without waiting, until the server has nothing left to do. */
static void serve_quietly(struct lac_server *server) {
    struct lac_error err;
    struct lac_poll poll = {.fd = lac_server_fd(server)};
    do {
        assert_null(lac_server_next(server));
        assert_true(lac_poll_wait(&poll, 1, 0, &err));
    } while (poll.ready);
}

static void a_request_may_drip_in(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    static const char text[] =
        "\r\nPOST /drip HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
        "X: 1\r\n\r\n3;x=y\r\none\r\n0\r\nX-End: well\r\n\r\n";
    int fd = connect_to(server);
    for (size_t i = 0; i + 1 < sizeof text - 1; i++) {
        char byte[] = {text[i], '\0'};
        say(fd, byte);
        serve_quietly(server);
    }
    say(fd, "\n");

    const struct lac_server_request *request = await_request(server);

    assert_str(request->target, "/drip");
    assert_str(request->body, "one");
    assert_int_equal(request->header_count, 3);
    assert_str(request->headers[2].value, "1");
    assert_int_equal(request->trailer_count, 1);
    assert_str(request->trailers[0].name, "X-End");
    assert_str(request->trailers[0].value, "well");
    assert_true(answer(server, request->id, "done"));
    assert_non_null(strstr(await_text(server, fd, "done"), "200 OK"));
    close(fd);
    lac_server_close(server);
}

static void what_is_no_request_is_refused(void **state) {
    (void)state;
    static const char *const broken[] = {
        "GET / HTTP/1.1\r\nHost: h\r\nX: folded\r\n line\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "hello\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n",
    };
    struct lac_server *server = listen_with(defaults);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        int fd = connect_to(server);
        say(fd, broken[i]);
        char *text = await_text(server, fd, NULL);
        assert_memory_equal(text, "HTTP/1.1 400 Bad Request\r\n", 26);
        assert_non_null(strstr(text, "Connection: close\r\n"));
        close(fd);
    }
    lac_server_close(server);
}

static void a_target_without_end_is_refused(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    char *letters = malloc(70001);
    memset(letters, 'a', 70000);
    letters[70000] = '\0';
    say(fd, "GET /");
    say(fd, letters);

    assert_memory_equal(await_text(server, fd, "\r\n\r\n"), "HTTP/1.1 414", 12);

    free(letters);
    close(fd);
    lac_server_close(server);
}

static void who_has_said_its_last_is_answered(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);

    uint64_t id = await_request(server)->id;
    serve_quietly(server); /* its end does not keep the server awake */
    answer(server, id, "first");
    answer(server, await_request(server)->id, "second");

    char *text = await_text(server, fd, NULL); /* and then the server's end comes */
    assert_non_null(strstr(text, "first"));
    assert_non_null(strstr(text, "second"));
    close(fd);
    lac_server_close(server);
}

static void the_server_tells_of_a_request_behind_another(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    struct lac_error err;
    struct lac_poll poll = {.fd = lac_server_fd(server)};
    say(fd, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    serve_quietly(server);

    assert_true(answer(server, id, "first"));

    assert_true(lac_poll_wait(&poll, 1, 0, &err));
    assert_true(poll.ready);
    assert_str(await_request(server)->target, "/2");
    close(fd);
    lac_server_close(server);
}

static void http_1_0_says_whether_it_stays(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_true(answer(server, await_request(server)->id, "stays"));
    assert_non_null(strstr(await_text(server, fd, "stays"), "Connection: keep-alive\r\n"));

    say(fd, "GET / HTTP/1.0\r\n\r\n");
    uint64_t id = await_request(server)->id;
    assert_true(lac_server_start(server, id, &(struct lac_server_answer){.status = 200}));
    assert_true(lac_server_write(server, id, LAC_STR("as it is")));
    assert_true(lac_server_finish(server, id));

    char *text = await_text(server, fd, NULL);
    assert_null(strstr(text, "Transfer-Encoding"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nas it is");
    close(fd);
    lac_server_close(server);
}

static void an_answer_without_a_body_has_none(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    const struct lac_server_field fields[] = {{"Date", "never"}, {"Content-Length", "7"}};
    for (unsigned status = 204; status <= 304; status += 100) {
        struct lac_server_answer empty = {
            .status = status, .headers = fields, .header_count = 2, .body = LAC_STR("no body")};
        bool delivered;
        struct lac_error err;
        say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(
            lac_server_respond(server, await_request(server)->id, &empty, &delivered, &err));
        char *text = await_text(server, fd, "\r\n\r\n");
        assert_string_equal(strstr(text, "\r\n"), "\r\nDate: never\r\n\r\n");
    }
    close(fd);
    lac_server_close(server);
}

static void who_reads_slowly_gets_all_of_it(void **state) {
    (void)state;
    enum { SIZE = 8 << 20 };
    struct lac_server *server = listen_with(defaults);
    char path[] = "/tmp/lac-large-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(ftruncate(file, SIZE), 0);
    close(file);
    char *large = calloc(1, SIZE);
    struct lac_server_answer answers[] = {
        {.status = 200, .body = {large, SIZE}},
        {.status = 200, .path = path, .length = UINT64_MAX, .remove = true},
    };
    for (size_t i = 0; i < 2; i++) {
        int fd = connect_to(server);
        bool delivered;
        struct lac_error err;
        say(fd, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        uint64_t id = await_request(server)->id;
        assert_true(lac_server_respond(server, id, &answers[i], &delivered, &err));
        assert_true(delivered);
        serve_quietly(server); /* a full socket does not keep the server awake */

        int other = connect_to(server); /* nor does it hold others up */
        say(other, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(answer(server, await_request(server)->id, "other"));
        assert_non_null(strstr(await_text(server, other, "other"), "200 OK"));
        close(other);

        size_t heard = 0;
        while (true) {
            struct lac_poll list[] = {{.fd = lac_server_fd(server)}, {.fd = fd}};
            assert_true(lac_poll_wait(list, 2, 10, &err));
            assert_null(lac_server_next(server));
            static char text[1 << 16];
            ssize_t count = list[1].ready ? recv(fd, text, sizeof text, 0) : 1;
            if (count <= 0) {
                break;
            }
            heard += list[1].ready ? (size_t)count : 0;
        }
        assert_in_range(heard, SIZE, SIZE + 1000);
        close(fd);
    }
    free(large);
    lac_server_close(server);
}

static void a_full_house_lets_others_in_when_one_has_left(void **state) {
    (void)state;
    struct lac_server_options options = defaults;
    options.max_connections = 2;
    struct lac_server *server = listen_with(options);
    int a = connect_to(server), b = connect_to(server), c = connect_to(server);
    say(c, "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_quietly(server);

    close(a);

    assert_str(await_request(server)->target, "/c");
    close(b);
    close(c);
    lac_server_close(server);
}

static void who_breaks_off_leaves_its_request_to_be_looked_at(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    struct linger at_once = {.l_onoff = 1};
    int fd = connect_to(server);
    say(fd, "GET /gone HTTP/1.1\r\nHost: h\r\n\r\n");
    const struct lac_server_request *request = await_request(server);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(fd);
    serve_quietly(server);

    assert_str(request->target, "/gone");
    assert_false(answer(server, request->id, "to nobody"));
    lac_server_close(server);
}

static void who_says_nothing_is_let_go(void **state) {
    (void)state;
    struct lac_server_options options = defaults;
    options.idle_timeout = 1;
    struct lac_server *server = listen_with(options);
    struct lac_error err;
    int fd = connect_to(server);
    char byte;
    say(fd, "GET / HTTP/1.1\r\nHos");
    struct lac_poll client = {.fd = fd};
    for (int i = 0; i < 100 && !client.ready; i++) {
        assert_null(lac_server_next(server));
        assert_true(lac_poll_wait(&client, 1, 0.1, &err));
    }
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
    close(fd);
    lac_server_close(server);
}

static void what_cannot_be_kept_is_refused(void **state) {
    (void)state;
    struct lac_server_options options = defaults;
    options.spool = "/nowhere/at/all";
    struct lac_server *server = listen_with(options);
    int fd = connect_to(server);
    char body[2001];
    memset(body, 'x', 2000);
    body[2000] = '\0';
    say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n");
    say(fd, body);

    assert_memory_equal(await_text(server, fd, NULL), "HTTP/1.1 507", 12);

    close(fd);
    lac_server_close(server);
}

static void who_never_ends_is_not_listened_to_for_ever(void **state) {
    (void)state;
    enum { PIECE = 1 << 20 };
    const size_t most = (size_t)256 << 20;
    struct lac_server *server = listen_with(defaults);
    char *piece = calloc(1, PIECE);
    int fd = connect_to(server);
    size_t sent = 0;
    ssize_t count = 0;
    say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000000\r\n\r\n");
    while (sent < most && (count >= 0 || errno == EAGAIN)) {
        count = send(fd, piece, PIECE, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += count > 0 ? (size_t)count : 0;
        assert_null(lac_server_next(server));
    }

    assert_in_range(sent, 16 << 20, most - 1);
    free(piece);
    close(fd);
    lac_server_close(server);
}

static void a_stream_that_answers_head_has_no_body(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server);
    say(fd, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    uint64_t id = await_request(server)->id;
    assert_true(lac_server_start(server, id, &(struct lac_server_answer){.status = 200}));
    assert_true(lac_server_write(server, id, LAC_STR("hidden")));
    assert_true(lac_server_finish(server, id));
    say(fd, "GET /after HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(answer(server, await_request(server)->id, "ok"));

    char *text = await_text(server, fd, "ok");

    assert_null(strstr(text, "hidden"));
    assert_memory_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nHTTP/1.1 200 OK\r\n", 21);
    close(fd);
    lac_server_close(server);
}

/* ---- Upgrades ---- */

static const struct lac_server_field upgrade_headers[] = {{"Upgrade", "tea"}};

static void an_upgraded_connection_is_the_callers(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server), taken = -1;
    struct lac_buf before = {0};
    struct lac_error err;
    char text[512];
    say(fd, "GET /tea HTTP/1.1\r\nHost: h\r\nUpgrade: tea\r\nConnection: Upgrade\r\n\r\ngreen");
    uint64_t id = await_request(server)->id;

    assert_true(lac_server_upgrade(server, id, upgrade_headers, 1, &taken, &before, &err));

    assert_str(lac_buf_view(&before), "green");
    ssize_t count = recv(fd, text, sizeof text - 1, 0);
    assert_true(count > 0);
    text[count] = '\0';
    assert_non_null(strstr(text, "HTTP/1.1 101 Switching Protocols\r\n"));
    assert_non_null(strstr(text, "Upgrade: tea\r\n"));
    assert_non_null(strstr(text, "Connection: Upgrade\r\n"));
    assert_false(answer(server, id, "late"));
    lac_server_close(server); /* what was taken over outlives it */
    assert_int_equal(send(taken, "hello", 5, MSG_NOSIGNAL), 5);
    assert_int_equal(recv(fd, text, sizeof text, 0), 5);
    say(fd, "tea");
    assert_int_equal(recv(taken, text, sizeof text, 0), 3);
    lac_buf_free(&before);
    close(taken);
    close(fd);
}

static void upgraded_connections_leave_room_for_others(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fds[24], taken[24];
    for (size_t i = 0; i < 24; i++) { /* three times as many as there may be connections */
        struct lac_buf before = {0};
        struct lac_error err;
        fds[i] = connect_to(server);
        say(fds[i], "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: tea\r\nConnection: Upgrade\r\n\r\n");
        uint64_t id = await_request(server)->id;
        assert_true(lac_server_upgrade(server, id, upgrade_headers, 1, &taken[i], &before, &err));
        lac_buf_free(&before);
    }
    for (size_t i = 0; i < 24; i++) {
        close(taken[i]);
        close(fds[i]);
    }
    lac_server_close(server);
}

static void a_request_of_http_1_0_cannot_be_upgraded(void **state) {
    (void)state;
    struct lac_server *server = listen_with(defaults);
    int fd = connect_to(server), taken = -1;
    struct lac_buf before = {0};
    struct lac_error err;
    say(fd, "GET / HTTP/1.0\r\nUpgrade: tea\r\nConnection: Upgrade\r\n\r\n");
    uint64_t id = await_request(server)->id;

    assert_false(lac_server_upgrade(server, id, upgrade_headers, 1, &taken, &before, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_true(answer(server, id, "no tea"));
    assert_non_null(strstr(await_text(server, fd, "no tea"), "200 OK"));
    close(fd);
    lac_server_close(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_handed_over_as_it_was_sent),
        cmocka_unit_test(a_whole_uri_says_which_host_is_asked),
        cmocka_unit_test(one_connection_carries_many_requests_also_pipelined),
        cmocka_unit_test(requests_may_be_answered_in_any_order),
        cmocka_unit_test(head_gets_the_length_and_no_body),
        cmocka_unit_test(a_body_above_the_bound_is_refused),
        cmocka_unit_test(a_long_header_is_refused),
        cmocka_unit_test(a_large_body_goes_to_the_spool),
        cmocka_unit_test(an_unreadable_file_leaves_the_request_waiting),
        cmocka_unit_test(a_caller_that_left_is_noticed),
        cmocka_unit_test(an_answer_can_be_written_piece_by_piece),
        cmocka_unit_test(a_reader_that_stops_is_given_up),
        cmocka_unit_test(a_writer_learns_how_far_it_is_ahead),
        cmocka_unit_test(a_full_house_waits_and_is_closed_whole),
        cmocka_unit_test(a_request_may_drip_in),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(a_target_without_end_is_refused),
        cmocka_unit_test(who_has_said_its_last_is_answered),
        cmocka_unit_test(the_server_tells_of_a_request_behind_another),
        cmocka_unit_test(http_1_0_says_whether_it_stays),
        cmocka_unit_test(an_answer_without_a_body_has_none),
        cmocka_unit_test(who_reads_slowly_gets_all_of_it),
        cmocka_unit_test(a_full_house_lets_others_in_when_one_has_left),
        cmocka_unit_test(who_breaks_off_leaves_its_request_to_be_looked_at),
        cmocka_unit_test(who_says_nothing_is_let_go),
        cmocka_unit_test(what_cannot_be_kept_is_refused),
        cmocka_unit_test(who_never_ends_is_not_listened_to_for_ever),
        cmocka_unit_test(a_stream_that_answers_head_has_no_body),
        cmocka_unit_test(only_loopback_is_served),
        cmocka_unit_test(a_taken_port_is_said_to_be_taken),
        cmocka_unit_test(an_upgraded_connection_is_the_callers),
        cmocka_unit_test(upgraded_connections_leave_room_for_others),
        cmocka_unit_test(a_request_of_http_1_0_cannot_be_upgraded),
    };
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
