/* test_poll.c — readiness, time-outs and interruption. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/interrupt.h"
#include "core/poll.h"

static void only_what_is_readable_is_ready(void **state) {
    (void)state;
    int quiet[2], loud[2];
    assert_int_equal(pipe(quiet), 0);
    assert_int_equal(pipe(loud), 0);
    assert_int_equal(write(loud[1], "x", 1), 1);
    struct lac_poll list[] = {{.fd = quiet[0]}, {.fd = loud[0]}};
    struct lac_error err;

    assert_true(lac_poll_wait(list, 2, -1, &err));

    assert_false(list[0].ready);
    assert_true(list[1].ready);
    for (int i = 0; i < 2; i++) {
        close(quiet[i]);
        close(loud[i]);
    }
}

static void the_end_of_a_pipe_is_ready(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    struct lac_poll list[] = {{.fd = ends[0]}};
    struct lac_error err;

    assert_true(lac_poll_wait(list, 1, -1, &err));

    assert_true(list[0].ready);
    close(ends[0]);
}

static void a_time_out_leaves_nothing_ready(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct lac_poll list[] = {{.fd = ends[0], .ready = true}};
    struct lac_error err;

    assert_true(lac_poll_wait(list, 1, 0.001, &err));

    assert_false(list[0].ready);
    close(ends[0]);
    close(ends[1]);
}

static void stop(int number) {
    (void)number;
    lac_interrupt_request();
}

static void an_interrupt_ends_the_wait(void **state) {
    (void)state;
    struct lac_error err;
    lac_interrupt_request(); /* one that came just before */

    assert_false(lac_poll_wait(NULL, 0, -1, &err));

    assert_int_equal(err.kind, LAC_ERR_INTERRUPT);
    lac_interrupt_clear();

    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGALRM, &action, NULL);
    ualarm(2000, 0); /* one that comes while waiting */

    assert_false(lac_poll_wait(NULL, 0, -1, &err));

    assert_int_equal(err.kind, LAC_ERR_INTERRUPT);
    lac_interrupt_clear();
}

static void a_set_tells_what_is_readable_until_it_is_read(void **state) {
    (void)state;
    int quiet[2], loud[2], ready[LAC_POLL_READY];
    size_t count = 0;
    char byte;
    struct lac_poll_set set;
    struct lac_error err;
    assert_int_equal(pipe(quiet), 0);
    assert_int_equal(pipe(loud), 0);
    assert_true(lac_poll_set_open(&set, &err));
    assert_true(lac_poll_set_add(&set, quiet[0], &err));
    assert_true(lac_poll_set_add(&set, loud[0], &err));
    assert_true(lac_poll_set_add(&set, loud[0], &err));
    assert_int_equal(write(loud[1], "x", 1), 1);

    for (int i = 0; i < 2; i++) {
        assert_true(lac_poll_set_wait(&set, -1, ready, &count, &err));
        assert_int_equal(count, 1);
        assert_int_equal(ready[0], loud[0]);
    }

    assert_int_equal(read(loud[0], &byte, 1), 1);
    assert_true(lac_poll_set_wait(&set, 0.001, ready, &count, &err));
    assert_int_equal(count, 0);
    assert_int_equal(write(loud[1], "x", 1), 1);
    lac_poll_set_remove(&set, loud[0]);
    lac_poll_set_remove(&set, loud[0]);
    assert_true(lac_poll_set_wait(&set, 0, ready, &count, &err));
    assert_int_equal(count, 0);
    for (int i = 0; i < 2; i++) {
        close(quiet[i]);
        close(loud[i]);
    }
    lac_poll_set_close(&set);
    lac_poll_set_close(&set);
}

static void a_set_refuses_what_is_no_descriptor_to_wait_for(void **state) {
    (void)state;
    struct lac_poll_set set;
    struct lac_error err;
    assert_true(lac_poll_set_open(&set, &err));

    assert_false(lac_poll_set_add(&set, 9999, &err));

    assert_int_equal(err.kind, LAC_ERR_SYSTEM);
    lac_poll_set_close(&set);
}

static void a_request_to_stop_ends_the_wait_for_a_set(void **state) {
    (void)state;
    int ready[LAC_POLL_READY];
    size_t count;
    struct lac_poll_set set;
    struct lac_error err;
    assert_true(lac_poll_set_open(&set, &err));
    for (int i = 0; i < 2; i++) {
        lac_interrupt_request(); /* one that came just before */

        assert_false(lac_poll_set_wait(&set, i - 1, ready, &count, &err));

        lac_interrupt_clear();
        assert_int_equal(err.kind, LAC_ERR_INTERRUPT);
    }

    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGALRM, &action, NULL);
    ualarm(2000, 0); /* one that comes while waiting */

    assert_false(lac_poll_set_wait(&set, -1, ready, &count, &err));

    assert_int_equal(err.kind, LAC_ERR_INTERRUPT);
    lac_interrupt_clear();
    lac_poll_set_close(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_readable_is_ready),
        cmocka_unit_test(the_end_of_a_pipe_is_ready),
        cmocka_unit_test(a_time_out_leaves_nothing_ready),
        cmocka_unit_test(an_interrupt_ends_the_wait),
        cmocka_unit_test(a_set_tells_what_is_readable_until_it_is_read),
        cmocka_unit_test(a_set_refuses_what_is_no_descriptor_to_wait_for),
        cmocka_unit_test(a_request_to_stop_ends_the_wait_for_a_set),
    };
    return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
