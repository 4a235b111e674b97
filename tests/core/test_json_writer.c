/* test_json_writer.c — the text of events, and paths. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

static void write_kind(struct lac_json_writer *writer, enum lac_json_kind kind) {
    struct lac_error err;
    assert_true(lac_json_write(writer, &(struct lac_json_event){.kind = kind}, &err));
}

static void write_name(struct lac_json_writer *writer, struct lac_str name) {
    struct lac_error err;
    assert_true(lac_json_write(
        writer, &(struct lac_json_event){.kind = LAC_JSON_NAME, .text = name}, &err));
}

static void write_sample(struct lac_json_writer *writer) {
    write_kind(writer, LAC_JSON_OBJECT);
    write_name(writer, LAC_STR("a"));
    write_kind(writer, LAC_JSON_ARRAY);
    write_kind(writer, LAC_JSON_NULL);
    write_kind(writer, LAC_JSON_INTEGER);
    write_kind(writer, LAC_JSON_ARRAY_END);
    write_name(writer, LAC_STR("b"));
    write_kind(writer, LAC_JSON_OBJECT);
    write_kind(writer, LAC_JSON_OBJECT_END);
    write_kind(writer, LAC_JSON_OBJECT_END);
}

static void one_line_or_indented(void **state) {
    (void)state;
    struct lac_buf tight = {0}, loose = {0};
    struct lac_json_writer one_line = {.out = &tight}, indented = {.out = &loose, .indent = 2};

    write_sample(&one_line);
    write_sample(&indented);

    assert_string_equal(tight.data, "{\"a\":[null,0],\"b\":{}}");
    assert_string_equal(loose.data, "{\n  \"a\": [\n    null,\n    0\n  ],\n  \"b\": {}\n}");
    lac_buf_free(&tight);
    lac_buf_free(&loose);
}

static void what_json_cannot_say_is_refused(void **state) {
    (void)state;
    struct lac_buf out = {0};
    struct lac_json_writer writer = {.out = &out};
    struct lac_json_event nan_event = {.kind = LAC_JSON_FLOAT, .number = (double)NAN};
    struct lac_json_event cut = {.kind = LAC_JSON_STRING, .text = LAC_STR("a\xE2\x82")};
    struct lac_error err;

    assert_false(lac_json_write(&writer, &nan_event, &err));
    assert_string_equal(err.message, "NaN cannot be written as JSON");
    assert_false(lac_json_write(&writer, &cut, &err));
    assert_string_equal(err.message, "a string that is not UTF-8 (at byte 2)");

    lac_buf_free(&out);
}

static void a_path_reads_as_an_author_would_write_it(void **state) {
    (void)state;
    struct lac_buf path = {0};

    lac_json_add_path_name(&path, LAC_STR("Resources"));
    lac_json_add_path_name(&path, LAC_STR("Fn::If"));
    lac_json_add_path_index(&path, 3);
    lac_json_add_path_name(&path, LAC_STR("a.b \"c\""));
    lac_json_add_path_name(&path, LAC_STR("\xFF"));

    assert_string_equal(path.data, "Resources.Fn::If[3][\"a.b \\\"c\\\"\"][\"?\"]");
    lac_buf_free(&path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_or_indented),
        cmocka_unit_test(what_json_cannot_say_is_refused),
        cmocka_unit_test(a_path_reads_as_an_author_would_write_it),
    };
    return cmocka_run_group_tests_name("json_writer", tests, NULL, NULL);
}
