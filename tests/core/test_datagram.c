/* test_datagram.c — what is sent arrives whole, and nothing leaves the machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/datagram.h"

/* A bound socket, and its address as a text. */
static int receiver(char *address, size_t size) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    snprintf(address, size, "127.0.0.1:%d", (int)ntohs(here.sin_port));
    return fd;
}

static void what_is_sent_arrives_with_its_nuls(void **state) {
    (void)state;
    char address[64], got[16];
    struct lac_error err;
    int fd = receiver(address, sizeof address);

    assert_true(lac_datagram_send(address, LAC_STR("a\0b"), &err));

    assert_int_equal(recv(fd, got, sizeof got, 0), 3);
    assert_memory_equal(got, "a\0b", 3);
    close(fd);
}

static void the_largest_one_is_sent_and_no_larger(void **state) {
    (void)state;
    static char many[LAC_DATAGRAM_MAX + 1], got[LAC_DATAGRAM_MAX];
    char address[64];
    struct lac_error err;
    int fd = receiver(address, sizeof address);

    assert_true(lac_datagram_send(address, (struct lac_str){many, LAC_DATAGRAM_MAX}, &err));
    assert_int_equal(recv(fd, got, sizeof got, 0), LAC_DATAGRAM_MAX);

    assert_false(lac_datagram_send(address, (struct lac_str){many, sizeof many}, &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    assert_string_equal(err.message, "65508 bytes: a datagram carries 65507");
    close(fd);
}

static void nobody_listening_is_no_failure(void **state) {
    (void)state;
    char address[64];
    struct lac_error err;
    close(receiver(address, sizeof address));

    assert_true(lac_datagram_send(address, LAC_STR("x"), &err));
}

static void what_is_no_address_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        ":2000",
        "localhost:2000",
        "127.0.0.1:2000 ",
        "127.0.0.1:000001",
        "[::1]:2000",
        "127.1:2000",
        "127.0.0.1:-2000",
        "127.0.0.1:+2000",
        "127.0.0.1111111111111111:2000",
    };
    struct lac_error err;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(lac_datagram_send(wrong[i], LAC_STR("x"), &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_non_null(strstr(err.message, "no address for a datagram"));
    }
}

static void nothing_leaves_the_machine(void **state) {
    (void)state;
    static const char *const far[] = {"8.8.8.8:53",   "10.0.0.1:2000",        "169.253.255.255:1",
                                      "0.0.0.0:2000", "255.255.255.255:2000", "128.0.0.1:2000"};
    struct lac_error err;
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_false(lac_datagram_send(far[i], LAC_STR("x"), &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_non_null(strstr(err.message, "do not leave the machine"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_arrives_with_its_nuls),
        cmocka_unit_test(the_largest_one_is_sent_and_no_larger),
        cmocka_unit_test(nobody_listening_is_no_failure),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(nothing_leaves_the_machine),
    };
    return cmocka_run_group_tests_name("datagram", tests, NULL, NULL);
}
