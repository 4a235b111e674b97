/* test_json_reader.c — the events of a text. What is accepted and refused is in bind/json_spec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

/* Reads all of a text and gives its events as letters, to compare at a glance. */
static bool read_all(struct lac_str text, char letters[64], struct lac_error *err) {
    static const char names[] = "ENBIFSM[]{}";
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = text, .scratch = &scratch};
    struct lac_json_event event = {.kind = LAC_JSON_NULL};
    size_t count = 0;
    bool ok = true;
    while (event.kind != LAC_JSON_END && (ok = lac_json_next(&reader, &event, err))) {
        assert_true(count < 63);
        letters[count++] = names[event.kind];
    }
    letters[count] = '\0';
    lac_buf_free(&scratch);
    return ok;
}

static void a_text_becomes_its_events_in_order(void **state) {
    (void)state;
    char letters[64];
    struct lac_error err;

    assert_true(
        read_all(LAC_STR("{\"a\": [1, 1.5, \"x\", null, true], \"b\": {}}"), letters, &err));

    assert_string_equal(letters, "{M[IFSNB]M{}}E");
}

static void a_name_that_comes_twice_is_reported_twice(void **state) {
    (void)state;
    char letters[64];
    struct lac_error err;

    assert_true(read_all(LAC_STR("{\"a\":1,\"a\":2}"), letters, &err));

    assert_string_equal(letters, "{MIMI}E");
}

static void the_text_may_be_part_of_a_larger_one(void **state) {
    (void)state;
    char letters[64];
    struct lac_error err;
    struct lac_str word = {"12345", 3};
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = word, .scratch = &scratch};
    struct lac_json_event event;

    assert_true(lac_json_next(&reader, &event, &err));
    assert_int_equal(event.integer, 123);
    assert_false(read_all((struct lac_str){"true", 3}, letters, &err));
    assert_false(read_all((struct lac_str){"\"abc\"", 4}, letters, &err));

    lac_buf_free(&scratch);
}

static void every_cut_of_a_text_is_refused(void **state) {
    (void)state;
    static const char text[] = "{\"a\":[\"\\ud83d\\ude00\xC3\xA9\",-1.5e+3,true,null,{\"b\":[]}]}";
    char letters[64];
    struct lac_error err;

    assert_true(read_all((struct lac_str){text, sizeof text - 1}, letters, &err));
    for (size_t len = 0; len < sizeof text - 1; len++) {
        err.kind = LAC_OK;
        assert_false(read_all((struct lac_str){text, len}, letters, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
    }
}

static void an_escaped_string_stands_in_the_scratch(void **state) {
    (void)state;
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = LAC_STR("[\"plain\",\"a\\u0000b\"]"),
                                     .scratch = &scratch};
    struct lac_json_event event;
    struct lac_error err;

    assert_true(lac_json_next(&reader, &event, &err) && lac_json_next(&reader, &event, &err));
    assert_ptr_equal(event.text.data, reader.text.data + 2);
    assert_true(lac_json_next(&reader, &event, &err));

    assert_int_equal(event.text.len, 3);
    assert_memory_equal(event.text.data, "a\0b", 3);
    lac_buf_free(&scratch);
}

static void a_reader_that_failed_says_no_more(void **state) {
    (void)state;
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = LAC_STR("[x"), .scratch = &scratch};
    struct lac_json_event event;
    struct lac_error err;

    assert_true(lac_json_next(&reader, &event, &err));
    assert_false(lac_json_next(&reader, &event, &err));
    assert_string_equal(err.message, "line 1, column 2 (byte 2): a value expected, got 'x'");

    assert_true(lac_json_next(&reader, &event, &err));
    assert_int_equal(event.kind, LAC_JSON_END);
    lac_buf_free(&scratch);
}

static void depth_is_bounded(void **state) {
    (void)state;
    struct lac_buf scratch = {0};
    struct lac_json_reader reader = {.text = LAC_STR("[[[1]]]"), .scratch = &scratch};
    reader.max_depth = 2;
    struct lac_json_event event;
    struct lac_error err;

    assert_true(lac_json_next(&reader, &event, &err) && lac_json_next(&reader, &event, &err));
    assert_false(lac_json_next(&reader, &event, &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    assert_string_equal(err.message, "line 1, column 3 (byte 3): more than 2 levels deep");
    lac_buf_free(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_becomes_its_events_in_order),
        cmocka_unit_test(a_name_that_comes_twice_is_reported_twice),
        cmocka_unit_test(the_text_may_be_part_of_a_larger_one),
        cmocka_unit_test(every_cut_of_a_text_is_refused),
        cmocka_unit_test(an_escaped_string_stands_in_the_scratch),
        cmocka_unit_test(a_reader_that_failed_says_no_more),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests_name("json_reader", tests, NULL, NULL);
}
