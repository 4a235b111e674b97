/* test_websocket.c — frames against the examples of RFC 6455, and what a reader refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/poll.h"
#include "core/websocket_link.h"

#define MOST ((size_t)70000)

static struct lac_websocket_reader new_reader(bool wants_mask) {
    return (struct lac_websocket_reader){
        .wants_mask = wants_mask, .max_frame = MOST, .max_message = MOST};
}

static struct lac_str str(const char *text) {
    return (struct lac_str){text, strlen(text)};
}

static void assert_message(struct lac_websocket_reader *reader, enum lac_websocket_kind kind,
                           const char *want) {
    struct lac_websocket_message message;
    assert_int_equal(lac_websocket_next(reader, &message), LAC_WEBSOCKET_MESSAGE);
    assert_int_equal(message.kind, kind);
    assert_int_equal(message.data.len, strlen(want));
    assert_memory_equal(message.data.data, want, strlen(want));
}

static void assert_nothing(struct lac_websocket_reader *reader) {
    struct lac_websocket_message message;
    assert_int_equal(lac_websocket_next(reader, &message), LAC_WEBSOCKET_MORE);
}

/* The examples of section 5.7. */

static void an_unmasked_text_is_read(void **state) {
    (void)state;
    struct lac_websocket_reader reader = new_reader(false);
    lac_websocket_feed(&reader, LAC_STR("\x81\x05\x48\x65\x6c\x6c\x6f"));
    assert_message(&reader, LAC_WEBSOCKET_TEXT, "Hello");
    assert_nothing(&reader);
    lac_websocket_free(&reader);
}

static void a_masked_text_is_read_byte_by_byte(void **state) {
    (void)state;
    const char bytes[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    struct lac_websocket_reader reader = new_reader(true);
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        assert_nothing(&reader);
        lac_websocket_feed(&reader, (struct lac_str){bytes + i, 1});
    }
    assert_message(&reader, LAC_WEBSOCKET_TEXT, "Hello");
    lac_websocket_free(&reader);
}

static void fragments_make_one_message_and_a_ping_may_stand_between(void **state) {
    (void)state;
    struct lac_websocket_reader reader = new_reader(false);
    lac_websocket_feed(&reader, LAC_STR("\x01\x03Hel\x89\x05Hello\x80\x02lo"));
    assert_message(&reader, LAC_WEBSOCKET_PING, "Hello");
    assert_message(&reader, LAC_WEBSOCKET_TEXT, "Hello");
    assert_nothing(&reader);
    lac_websocket_free(&reader);
}

static void a_character_may_be_cut_between_fragments(void **state) {
    (void)state;
    struct lac_websocket_reader reader = new_reader(false);
    lac_websocket_feed(&reader, LAC_STR("\x01\x01\xc3\x80\x01\xa9"));
    assert_message(&reader, LAC_WEBSOCKET_TEXT, "\xc3\xa9");
    lac_websocket_free(&reader);
}

/* What is written, the other side reads: the three forms of a length. */
static void what_is_written_is_read(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 125, 126, 65535, 65536};
    static const unsigned char mask[4] = {1, 2, 3, 255};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i / 2];
        char *text = calloc(size + 1, 1);
        memset(text, 'x', size);
        struct lac_buf out = {0};
        struct lac_websocket_reader reader = new_reader(i % 2 == 0);
        lac_websocket_add(&out, LAC_WEBSOCKET_BINARY, str(text), i % 2 == 0 ? mask : NULL);
        lac_websocket_feed(&reader, lac_buf_view(&out));
        assert_message(&reader, LAC_WEBSOCKET_BINARY, text);
        assert_nothing(&reader);
        lac_websocket_free(&reader);
        lac_buf_free(&out);
        free(text);
    }
}

static void a_close_frame_has_a_code_and_a_reason(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_websocket_reader reader = new_reader(false);
    struct lac_websocket_message message;
    lac_websocket_add_close(&out, 4001, LAC_STR("tea time"), NULL);
    lac_websocket_feed(&reader, lac_buf_view(&out));

    assert_int_equal(lac_websocket_next(&reader, &message), LAC_WEBSOCKET_MESSAGE);

    assert_int_equal(message.kind, LAC_WEBSOCKET_CLOSE);
    assert_int_equal(message.code, 4001);
    assert_int_equal(message.data.len, 8);
    lac_buf_free(&out);
    lac_websocket_free(&reader);
    assert_false(lac_websocket_is_code(LAC_WEBSOCKET_NO_CODE));
    assert_false(lac_websocket_is_code(LAC_WEBSOCKET_LOST));
    assert_false(lac_websocket_is_code(999));
    assert_false(lac_websocket_is_code(2000));
}

static void a_reason_that_is_too_long_ends_with_a_whole_character(void **state) {
    (void)state;
    char reason[201];
    struct lac_buf out = {0};
    for (size_t i = 0; i < 200; i += 2) {
        memcpy(reason + i, "\xc3\xa9", 2);
    }
    reason[200] = '\0';
    lac_websocket_add_close(&out, 1000, str(reason), NULL);
    assert_int_equal(out.len, 2 + 2 + 122);
    lac_buf_free(&out);
}

static void a_close_frame_may_be_empty(void **state) {
    (void)state;
    struct lac_websocket_reader reader = new_reader(false);
    struct lac_websocket_message message;
    lac_websocket_feed(&reader, (struct lac_str){"\x88\x00", 2});
    assert_int_equal(lac_websocket_next(&reader, &message), LAC_WEBSOCKET_MESSAGE);
    assert_int_equal(message.code, LAC_WEBSOCKET_NO_CODE);
    lac_websocket_free(&reader);
}

static void what_breaks_the_protocol_has_a_code(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        uint16_t code;
    } rows[] = {
        {"\xc1\x00", 2, 1002},                                  /* a reserved bit */
        {"\x83\x00", 2, 1002},                                  /* an unknown kind */
        {"\x8b\x00", 2, 1002},                                  /* an unknown control frame */
        {"\x81\x80", 2, 1002},                                  /* masked by a server */
        {"\x09\x00", 2, 1002},                                  /* a ping in fragments */
        {"\x89\x7e\x00\x7e", 4, 1002},                          /* a ping too long */
        {"\x80\x00", 2, 1002},                                  /* a continuation of nothing */
        {"\x01\x00\x81\x00", 4, 1002},                          /* a message within a message */
        {"\x81\x7e\x00\x05", 4, 1002},                          /* a length in too many bytes */
        {"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x05", 10, 1002}, /* the same */
        {"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 10, 1009},
        {"\x82\x7f\x00\x00\x00\x00\x00\x01\x11\x71", 10, 1009}, /* 70001 */
        {"\x88\x01x", 3, 1002},                                 /* half a code */
        {"\x88\x02\x03\xed", 4, 1002},                          /* 1005 */
        {"\x88\x03\x03\xe8\xff", 5, 1007},                      /* a reason not in UTF-8 */
        {"\x81\x01\xff", 3, 1007},                              /* a text not in UTF-8 */
        {"\x81\x03\xed\xa0\x80", 5, 1007},                      /* a surrogate */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_websocket_reader reader = new_reader(false);
        struct lac_websocket_message message;
        lac_websocket_feed(&reader, (struct lac_str){rows[i].bytes, rows[i].len});
        assert_int_equal(lac_websocket_next(&reader, &message), LAC_WEBSOCKET_FAILED);
        assert_int_equal(message.code, rows[i].code);
        lac_websocket_free(&reader);
    }
}

static void a_server_wants_masks(void **state) {
    (void)state;
    struct lac_websocket_reader reader = new_reader(true);
    struct lac_websocket_message message;
    lac_websocket_feed(&reader, (struct lac_str){"\x81\x00", 2});
    assert_int_equal(lac_websocket_next(&reader, &message), LAC_WEBSOCKET_FAILED);
    assert_int_equal(message.code, 1002);
    lac_websocket_free(&reader);
}

static void fragments_too_are_bounded_together(void **state) {
    (void)state;
    struct lac_websocket_reader reader = new_reader(false);
    struct lac_websocket_message message;
    reader.max_message = 5;
    lac_websocket_feed(&reader, LAC_STR("\x01\x03"
                                        "abc\x80\x03"
                                        "def"));
    assert_int_equal(lac_websocket_next(&reader, &message), LAC_WEBSOCKET_FAILED);
    assert_int_equal(message.code, 1009);
    lac_websocket_free(&reader);
}

static void the_accept_key_is_that_of_the_standard(void **state) {
    (void)state;
    char accept[LAC_WEBSOCKET_ACCEPT];
    struct lac_error err;
    assert_true(lac_websocket_accept(LAC_STR("dGhlIHNhbXBsZSBub25jZQ=="), accept, &err));
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_false(lac_websocket_accept(LAC_STR("c2hvcnQ="), accept, &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
}

/* ---- Links: both ends of a socket pair ---- */

static const struct lac_websocket_limits limits = {MOST, MOST};

static struct lac_websocket_link *serve(int *peer) {
    int pair[2];
    struct lac_error err;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    *peer = pair[1];
    struct lac_websocket_link *link = lac_websocket_serve(pair[0], limits, LAC_STR(""), &err);
    assert_non_null(link);
    return link;
}

static void say(int fd, enum lac_websocket_kind kind, const char *text) {
    static const unsigned char mask[4] = {9, 8, 7, 6};
    struct lac_buf out = {0};
    lac_websocket_add(&out, kind, str(text), mask);
    assert_int_equal(write(fd, out.data, out.len), out.len);
    lac_buf_free(&out);
}

static void a_link_hands_out_messages_and_answers_pings(void **state) {
    (void)state;
    int peer;
    struct lac_websocket_link *link = serve(&peer);
    struct lac_websocket_message message;
    struct lac_poll poll = {.fd = lac_websocket_fd(link)};
    struct lac_error err;
    char bytes[64];
    assert_false(lac_websocket_take(link, &message));
    say(peer, LAC_WEBSOCKET_PING, "tea");
    say(peer, LAC_WEBSOCKET_TEXT, "green");
    assert_true(lac_poll_wait(&poll, 1, 10, &err));
    assert_true(poll.ready);

    assert_true(lac_websocket_take(link, &message));
    assert_int_equal(message.kind, LAC_WEBSOCKET_PING);
    assert_true(lac_websocket_take(link, &message));
    assert_int_equal(message.kind, LAC_WEBSOCKET_TEXT);
    assert_memory_equal(message.data.data, "green", 5);
    assert_false(lac_websocket_take(link, &message));
    assert_int_equal(read(peer, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "\x8a\x03tea", 5);

    assert_true(lac_websocket_send(link, LAC_WEBSOCKET_TEXT, LAC_STR("hi")));
    assert_int_equal(read(peer, bytes, sizeof bytes), 4);
    assert_memory_equal(bytes, "\x81\x02hi", 4);
    lac_websocket_close(link);
    close(peer);
}

static void a_close_frame_is_echoed_and_ends_the_link(void **state) {
    (void)state;
    int peer;
    struct lac_websocket_link *link = serve(&peer);
    struct lac_websocket_message message;
    char bytes[64];
    assert_int_equal(write(peer, "\x88\x82\0\0\0\0\x0f\xa1", 8), 8);

    for (int i = 0; i < 2; i++) { /* again and again */
        assert_true(lac_websocket_take(link, &message));
        assert_int_equal(message.kind, LAC_WEBSOCKET_CLOSE);
        assert_int_equal(message.code, 4001);
    }
    assert_int_equal(read(peer, bytes, sizeof bytes), 4);
    assert_memory_equal(bytes, "\x88\x02\x0f\xa1", 4);
    assert_int_equal(read(peer, bytes, sizeof bytes), 0);
    assert_false(lac_websocket_send(link, LAC_WEBSOCKET_TEXT, LAC_STR("late")));
    assert_false(lac_websocket_finish(link, 1000, LAC_STR("")));
    lac_websocket_close(link);
    close(peer);
}

static void a_peer_that_vanishes_is_lost(void **state) {
    (void)state;
    int peer;
    struct lac_websocket_link *link = serve(&peer);
    struct lac_websocket_message message;
    close(peer);
    assert_true(lac_websocket_take(link, &message));
    assert_int_equal(message.code, LAC_WEBSOCKET_LOST);
    lac_websocket_close(link);
}

static void a_broken_frame_is_answered_with_its_code(void **state) {
    (void)state;
    int peer;
    struct lac_websocket_link *link = serve(&peer);
    struct lac_websocket_message message;
    char bytes[64];
    assert_int_equal(write(peer, "\x81\x00", 2), 2); /* without a mask */
    assert_true(lac_websocket_take(link, &message));
    assert_int_equal(message.code, 1002);
    assert_true(read(peer, bytes, sizeof bytes) > 4);
    assert_memory_equal(bytes + 2, "\x03\xea", 2);
    lac_websocket_close(link);
    close(peer);
}

static void a_peer_that_does_not_read_is_refused_more(void **state) {
    (void)state;
    int peer, sent = 0;
    struct lac_websocket_link *link = serve(&peer);
    char *text = malloc(MOST);
    memset(text, 'x', MOST);
    struct lac_str data = {text, MOST};
    while (sent < 1000 && lac_websocket_send(link, LAC_WEBSOCKET_BINARY, data)) {
        sent++;
    }
    assert_true(sent > 10 && sent < 1000);
    assert_true(lac_websocket_ahead(link) > 1024 * 1024);
    free(text);
    lac_websocket_close(link);
    close(peer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unmasked_text_is_read),
        cmocka_unit_test(a_masked_text_is_read_byte_by_byte),
        cmocka_unit_test(fragments_make_one_message_and_a_ping_may_stand_between),
        cmocka_unit_test(a_character_may_be_cut_between_fragments),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_close_frame_has_a_code_and_a_reason),
        cmocka_unit_test(a_reason_that_is_too_long_ends_with_a_whole_character),
        cmocka_unit_test(a_close_frame_may_be_empty),
        cmocka_unit_test(what_breaks_the_protocol_has_a_code),
        cmocka_unit_test(a_server_wants_masks),
        cmocka_unit_test(fragments_too_are_bounded_together),
        cmocka_unit_test(the_accept_key_is_that_of_the_standard),
        cmocka_unit_test(a_link_hands_out_messages_and_answers_pings),
        cmocka_unit_test(a_close_frame_is_echoed_and_ends_the_link),
        cmocka_unit_test(a_peer_that_vanishes_is_lost),
        cmocka_unit_test(a_broken_frame_is_answered_with_its_code),
        cmocka_unit_test(a_peer_that_does_not_read_is_refused_more),
    };
    return cmocka_run_group_tests_name("websocket", tests, NULL, NULL);
}
