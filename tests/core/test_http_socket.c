/* test_http_socket.c — bytes in and out of one end of a pair of sockets. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/http_socket.h"

struct fixture {
    int set, client;
    struct lac_http_socket socket;
};

static struct fixture begin(void) {
    struct fixture f = {.set = epoll_create1(EPOLL_CLOEXEC)};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    assert_true(lac_http_socket_open(&f.socket, pair[0], f.set, NULL));
    f.client = pair[1];
    return f;
}

static void end(struct fixture *f) {
    lac_http_socket_close(&f->socket);
    close(f->client);
    close(f->set);
}

static void say(const struct fixture *f, const char *text) {
    assert_int_equal(send(f->client, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What epoll tells of the socket now. */
static uint32_t told(const struct fixture *f) {
    struct epoll_event event = {0};
    return epoll_wait(f->set, &event, 1, 0) == 1 ? event.events : 0;
}

static void assert_text(struct lac_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}

static void what_was_not_taken_stays(void **state) {
    (void)state;
    struct fixture f = begin();
    say(&f, "one two");
    assert_int_equal(told(&f), EPOLLIN);
    assert_int_equal(lac_http_socket_receive(&f.socket, 4), 4);
    assert_text(lac_http_socket_rest(&f.socket), "one ");
    f.socket.taken = 2;

    assert_int_equal(lac_http_socket_receive(&f.socket, 100), 3);

    assert_text(lac_http_socket_rest(&f.socket), "e two");
    assert_int_equal(lac_http_socket_receive(&f.socket, 100), 0);
    assert_false(f.socket.failed);
    end(&f);
}

static void the_others_end_is_a_failure(void **state) {
    (void)state;
    struct fixture f = begin();
    assert_int_equal(shutdown(f.client, SHUT_WR), 0);

    assert_int_equal(lac_http_socket_receive(&f.socket, 100), 0);

    assert_true(f.socket.failed);
    end(&f);
}

static void parts_go_out_as_one(void **state) {
    (void)state;
    struct fixture f = begin();
    const struct lac_str parts[] = {LAC_STR("3\r\n"), LAC_STR("one"), LAC_STR("\r\n")};
    char text[64];

    lac_http_socket_send(&f.socket, parts, 3);

    assert_int_equal(lac_http_socket_unsent(&f.socket), 0);
    assert_int_equal(recv(f.client, text, sizeof text, MSG_DONTWAIT), 8);
    assert_memory_equal(text, "3\r\none\r\n", 8);
    end(&f);
}

static void what_is_not_read_is_kept_and_sent_later(void **state) {
    (void)state;
    struct fixture f = begin();
    enum { SIZE = 4 << 20 };
    char *large = malloc(SIZE), *heard = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        large[i] = (char)(i % 251);
    }
    const struct lac_str parts[] = {{large, 3}, {large + 3, SIZE - 3}};
    lac_http_socket_send(&f.socket, parts, 2);
    assert_true(lac_http_socket_unsent(&f.socket) > 0);
    lac_http_socket_look_for(&f.socket, EPOLLOUT);
    assert_int_equal(told(&f), 0);

    size_t len = 0;
    while (len < SIZE) {
        ssize_t count = recv(f.client, heard + len, SIZE - len, MSG_DONTWAIT);
        len += count > 0 ? (size_t)count : 0;
        if ((told(&f) & EPOLLOUT) != 0) {
            lac_http_socket_flush(&f.socket);
        }
    }

    assert_memory_equal(heard, large, SIZE);
    assert_int_equal(lac_http_socket_unsent(&f.socket), 0);
    assert_null(f.socket.out.data); /* a large buffer is not kept */
    free(large);
    free(heard);
    end(&f);
}

static void one_that_nobody_hears_has_failed(void **state) {
    (void)state;
    struct fixture f = begin();
    const struct lac_str part = LAC_STR("hello?");
    assert_int_equal(shutdown(f.client, SHUT_RD), 0);

    lac_http_socket_send(&f.socket, &part, 1);

    assert_true(f.socket.failed);
    assert_int_equal(lac_http_socket_unsent(&f.socket), 0);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_taken_stays),
        cmocka_unit_test(the_others_end_is_a_failure),
        cmocka_unit_test(parts_go_out_as_one),
        cmocka_unit_test(what_is_not_read_is_kept_and_sent_later),
        cmocka_unit_test(one_that_nobody_hears_has_failed),
    };
    return cmocka_run_group_tests_name("http_socket", tests, NULL, NULL);
}
