/* test_interrupt.c — a wish to stop that comes just before a read still ends it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/interrupt.h"

static int open_pair(void **state) {
    static int pair[2];
    *state = pair;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static int close_pair(void **state) {
    const int *pair = *state;
    lac_interrupt_watch(-1);
    lac_interrupt_clear();
    return close(pair[0]) + close(pair[1]);
}

/* Nothing will ever come: without its time-out this read has no end. */
static void assert_wakes(int fd) {
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

static void a_request_wakes_the_watched_socket(void **state) {
    const int *pair = *state;
    lac_interrupt_watch(pair[0]);
    errno = ENOENT;

    lac_interrupt_request();

    assert_int_equal(errno, ENOENT); /* it may come between any two calls */
    assert_true(lac_interrupt_requested());
    assert_wakes(pair[0]);
}

static void a_request_that_can_wait_wakes_it_as_well(void **state) {
    const int *pair = *state;
    lac_interrupt_watch(pair[0]);

    lac_interrupt_request_when_idle();

    assert_false(lac_interrupt_requested());
    lac_interrupt_set_idle(true);
    assert_true(lac_interrupt_requested());
    lac_interrupt_set_idle(false);
    assert_wakes(pair[0]);
}

static void a_socket_that_is_not_watched_is_left_alone(void **state) {
    const int *pair = *state;
    struct timeval timeout = {.tv_sec = 1};
    socklen_t len = sizeof timeout;
    lac_interrupt_watch(pair[0]);
    lac_interrupt_watch(-1);

    lac_interrupt_request();

    assert_int_equal(getsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, &len), 0);
    assert_int_equal(timeout.tv_sec, 0);
    assert_int_equal(timeout.tv_usec, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_wakes_the_watched_socket, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(a_request_that_can_wait_wakes_it_as_well, open_pair,
                                        close_pair),
        cmocka_unit_test_setup_teardown(a_socket_that_is_not_watched_is_left_alone, open_pair,
                                        close_pair),
    };
    return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
