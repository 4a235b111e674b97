/* test_yaml.c — what YAML comes to in JSON, what is refused and where, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/yaml.h"

static const struct lac_yaml_limits no_limits = {0};

static void write(struct lac_json_writer *writer, const struct lac_yaml_node *node) {
    struct lac_error err;
    struct lac_json_event event = {node->kind, node->boolean, node->integer, node->number,
                                   node->text};
    assert_true(lac_json_write(writer, &event, &err));
    for (size_t i = 0; i < node->count; i++) {
        struct lac_json_event name = {.kind = LAC_JSON_NAME, .text = node->members[i].name};
        assert_true(node->kind == LAC_JSON_ARRAY || lac_json_write(writer, &name, &err));
        write(writer, node->members[i].value);
    }
    event.kind = node->kind == LAC_JSON_ARRAY ? LAC_JSON_ARRAY_END : LAC_JSON_OBJECT_END;
    if (node->kind == LAC_JSON_ARRAY || node->kind == LAC_JSON_OBJECT) {
        assert_true(lac_json_write(writer, &event, &err));
    }
}

/* Reads a text and holds it against JSON, members by name. */
static void assert_reads(struct lac_str text, const char *json) {
    struct lac_yaml yaml;
    struct lac_error err;
    struct lac_buf out = {0};
    struct lac_json_writer writer = {.out = &out};

    if (!lac_yaml_read(text, &no_limits, &yaml, &err)) {
        fail_msg("%s: %s", text.data, err.message);
    }
    write(&writer, yaml.root);

    assert_string_equal(lac_buf_view(&out).data, json);
    lac_buf_free(&out);
    lac_yaml_free(&yaml);
}

static void assert_refused(const char *text, enum lac_error_kind kind, const char *message) {
    struct lac_yaml yaml;
    struct lac_error err;
    size_t line = 0, column = 0;

    assert_false(lac_yaml_read((struct lac_str){text, strlen(text)}, &no_limits, &yaml, &err));

    assert_string_equal(err.message, message);
    assert_int_equal(err.kind, kind);
    assert_int_equal(sscanf(message, "line %zu, column %zu: ", &line, &column), 2);
    assert_int_equal(yaml.line, line);
    assert_int_equal(yaml.column, column);
    lac_yaml_free(&yaml);
}

static void plain_words_follow_the_core_schema(void **state) {
    (void)state;
    assert_reads(LAC_STR("[~, null, Null, NULL, true, True, TRUE, false, False, FALSE]"),
                 "[null,null,null,null,true,true,true,false,false,false]");
    assert_reads(LAC_STR("[nULL, tRUE, TRue, yes, No, on, off, y, n, '', 'null', \"true\"]"),
                 "[\"nULL\",\"tRUE\",\"TRue\",\"yes\",\"No\",\"on\",\"off\",\"y\",\"n\",\"\","
                 "\"null\",\"true\"]");
    assert_reads(LAC_STR("[0, -0, 12, +12, -12, 012, -007, 0o17, 0x1F, 0xff, 9223372036854775807]"),
                 "[0,-0.0,12,12,-12,12,-7,15,31,255,9223372036854775807]");
    assert_reads(LAC_STR("[1.5, 1., .5, -.5, +1.0, 1e3, 1.E-2, 00.5, 9223372036854775808]"),
                 "[1.5,1.0,0.5,-0.5,1.0,1000.0,0.01,0.5,9.223372036854776e+18]");
    assert_reads(LAC_STR("[1_000, 12:30, 2001-12-14, 0b1, 0x, 0o8, -0x1, ., -, 1e, 1.2.3, .e1]"),
                 "[\"1_000\",\"12:30\",\"2001-12-14\",\"0b1\",\"0x\",\"0o8\",\"-0x1\",\".\",\"-\","
                 "\"1e\",\"1.2.3\",\".e1\"]");
}

static void integers_beyond_64_bits_are_rounded_as_json_s(void **state) {
    (void)state;
    assert_reads(LAC_STR("[0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x20000000000000]"),
                 "[9223372036854775807,9.223372036854776e+18,9007199254740992]");
}

static void radixes_beyond_64_bits_are_rounded_once(void **state) {
    (void)state;
    /* 2^64 + 2^11 is halfway between two doubles; a bit further down decides. */
    assert_reads(LAC_STR("[0x10000000000000800, 0x100000000000008000, 0x100000000000008001]"),
                 "[1.8446744073709552e+19,2.9514790517935283e+20,2.951479051793529e+20]");
    assert_reads(LAC_STR("[0o2000000000000000000000, 0o20000000000000000000000]"),
                 "[1.8446744073709552e+19,1.4757395258967641e+20]");
}

static void texts_keep_what_is_written(void **state) {
    (void)state;
    assert_reads(LAC_STR("a: |\n  one\n   two\n\n  three\nb: >-\n  one\n  two\nc: plain\n  text\n"),
                 "{\"a\":\"one\\n two\\n\\nthree\\n\",\"b\":\"one two\",\"c\":\"plain text\"}");
    assert_reads(LAC_STR("[\"\\0\\x41\\u263A\\U0001F600\\u2028\", 'it''s']"),
                 "[\"\\u0000A\xE2\x98\xBA\xF0\x9F\x98\x80\xE2\x80\xA8\",\"it's\"]");
    assert_reads(LAC_STR("\xEF\xBB\xBFgr\xC3\xBC\xC3\x9F: \xF0\x9F\x98\x80"),
                 "{\"gr\xC3\xBC\xC3\x9F\":\"\xF0\x9F\x98\x80\"}");
    assert_reads(LAC_STR("a: 1\r\nb: 2\r\n"), "{\"a\":1,\"b\":2}");
}

static void lists_and_mappings_stay_apart_when_they_are_empty(void **state) {
    (void)state;
    assert_reads(LAC_STR("a: []\nb: {}\nc:\nd: [[], {}]\n"),
                 "{\"a\":[],\"b\":{},\"c\":null,\"d\":[[],{}]}");
    assert_reads(LAC_STR("{\"a\":[1,{\"b\":null}],\"c\":\"\\u0041\\/\"}"),
                 "{\"a\":[1,{\"b\":null}],\"c\":\"A/\"}");
}

static void names_are_texts(void **state) {
    (void)state;
    assert_reads(LAC_STR("200: a\n012: b\nnull: c\ntrue: d\n1.0: e\non: f\n'x y': g\n"),
                 "{\"012\":\"b\",\"1.0\":\"e\",\"200\":\"a\",\"null\":\"c\",\"on\":\"f\","
                 "\"true\":\"d\",\"x y\":\"g\"}");
    assert_reads(LAC_STR("? complex\n: &a 404\n? &k key\n: 1\nz: {*k : 2, *a : 3}\n"),
                 "{\"complex\":404,\"key\":1,\"z\":{\"404\":3,\"key\":2}}");
}

static void tags_of_jsons_values_decide(void **state) {
    (void)state;
    assert_reads(LAC_STR("[!!str 12, !!int '12', !!float 12, !!bool 'true', !!null '', ! 12]"),
                 "[\"12\",12,12.0,true,null,\"12\"]");
    assert_reads(LAC_STR("!!map {a: !!seq [], !!str b: ! {}}"), "{\"a\":[],\"b\":{}}");
}

static void an_alias_is_what_it_stands_for(void **state) {
    (void)state;
    assert_reads(LAC_STR("a: &x {k: [1]}\nb: *x\nc: [*x, &x 2, *x]\n"),
                 "{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]},\"c\":[{\"k\":[1]},2,2]}");
}

static void a_mapping_takes_in_the_members_that_it_has_not(void **state) {
    (void)state;
    assert_reads(LAC_STR("- &a {k: 1, l: 2}\n- &b {l: 3, m: 4}\n- {<<: *a, k: own}\n"
                         "- {k: own, <<: *a}\n- {<<: [*b, *a]}\n- &c {<<: *b, n: 5}\n- <<: *c\n"
                         "- {<<: {z: 1}, '<<': text}\n"),
                 "[{\"k\":1,\"l\":2},{\"l\":3,\"m\":4},{\"k\":\"own\",\"l\":2},"
                 "{\"k\":\"own\",\"l\":2},{\"k\":1,\"l\":3,\"m\":4},{\"l\":3,\"m\":4,\"n\":5},"
                 "{\"l\":3,\"m\":4,\"n\":5},{\"<<\":\"text\",\"z\":1}]");
    assert_refused("<<: 1\n", LAC_ERR_INPUT,
                   "line 1, column 1: << takes a mapping or a list of mappings");
    assert_refused("a: 1\n<<: [{}, []]\n", LAC_ERR_INPUT,
                   "line 2, column 1: << takes a mapping or a list of mappings");
    assert_refused("<<: {a: 1}\nb: 1\n<<: {c: 1}\n", LAC_ERR_INPUT,
                   "line 3, column 1: << is here twice; it takes a list of mappings");
}

static void a_name_that_is_there_twice_is_refused_at_the_second(void **state) {
    (void)state;
    assert_refused("z: 1\na: 1\nb:\n  a: 1\nz: 2\na: 3\n", LAC_ERR_INPUT,
                   "line 5, column 1: the name 'z' is here twice");
    assert_refused("- {a: 1,\n   \"a\": 2}\n", LAC_ERR_INPUT,
                   "line 2, column 4: the name 'a' is here twice");
    assert_refused("200: 1\n'200': 2\n", LAC_ERR_INPUT,
                   "line 2, column 1: the name '200' is here twice");
}

static void messages_show_whole_characters(void **state) {
    (void)state;
    struct lac_buf text = {0};
    struct lac_yaml yaml;
    struct lac_error err;
    for (int i = 0; i < 2; i++) {
        lac_buf_add(&text, LAC_STR("x"));
        for (int length = 0; length < 80; length++) {
            lac_buf_add(&text, LAC_STR("\xC3\xA9"));
        }
        lac_buf_add(&text, LAC_STR(": 1\n"));
    }

    assert_false(lac_yaml_read(lac_buf_view(&text), &no_limits, &yaml, &err));

    assert_non_null(strstr(err.message, "\xC3\xA9' is here twice"));
    lac_yaml_free(&yaml);
    lac_buf_free(&text);
}

static void what_is_no_yaml_is_refused_with_its_place(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", "line 1, column 1: there is no document"},
        {"# nothing\n", "line 1, column 1: there is no document"},
        {"a: b: c", "line 1, column 5: mapping values are not allowed in this context"},
        {"a:\n  - b\n c: 1\n",
         "line 3, column 2: did not find expected key while parsing a block "
         "mapping that begins at line 1"},
        {"\ta: 1",
         "line 1, column 1: found character that cannot start any token while scanning "
         "for the next token"},
        {"gr\xC3\xBC\xC3\x9F: [1, 2}",
         "line 1, column 12: did not find expected ',' or ']' while "
         "parsing a flow sequence"},
        {"a: *b", "line 1, column 4: there is no anchor &b before this alias"},
        {"a: 1\n---\nb: 1\n", "line 2, column 1: a second document begins"},
        {"%YAML 1.1\n---\na: 1", "line 1, column 1: YAML 1.2 is read here: leave %YAML out"},
        {"%TAG !e! tag:e,2000:\n---\na: 1", "line 1, column 1: %TAG is not taken"},
        {"a: !Sub x", "line 1, column 4: the tag !Sub stands for no value of JSON here"},
        {"a: !!set {b}", "line 1, column 4: the tag !!set stands for no value of JSON here"},
        {"a: !!map []", "line 1, column 4: the tag !!map stands for no value of JSON here"},
        {"a: !!int b", "line 1, column 4: the value is not what its tag !!int says"},
        {"a: .inf", "line 1, column 4: .inf has no place in JSON; a text takes quotes"},
        {"a: -.Inf", "line 1, column 4: -.Inf has no place in JSON; a text takes quotes"},
        {"a: .NaN", "line 1, column 4: .NaN has no place in JSON; a text takes quotes"},
        {"[a]: 1", "line 1, column 1: a name must be a text"},
        {"- &a [1]\n- {*a : 1}", "line 2, column 4: a name must be a text"},
        {"a: &b [*b]", "line 1, column 8: an alias within what it stands for"},
        {"a: 1\nb: \xFF\n", "line 2, column 4: the text is not UTF-8"},
        {"a: \xC3\xA9\xC0\x80", "line 1, column 5: the text is not UTF-8"},
        {"a: \x1B", "line 1, column 4: the control character 0x1B takes an escape"},
        {"a: b\r\nc: d\xE2\x80\xA8 e",
         "line 2, column 5: a line separator of Unicode takes an escape, in double quotes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_refused(rows[i][0], LAC_ERR_INPUT, rows[i][1]);
    }
    assert_refused("a: 1e999", LAC_ERR_LIMIT,
                   "line 1, column 4: the number is too large for a double");
}

static void aliases_count_for_what_they_stand_for(void **state) {
    (void)state;
    struct lac_buf text = {0};
    struct lac_yaml yaml;
    struct lac_error err;
    lac_buf_add(&text, LAC_STR("- &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"));
    for (int i = 1; i < 9; i++) {
        lac_buf_addf(&text, "- &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i - 1,
                     i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }

    assert_false(lac_yaml_read(lac_buf_view(&text), &no_limits, &yaml, &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    assert_non_null(strstr(err.message, "more than 1000000 values"));
    lac_yaml_free(&yaml);
    lac_buf_free(&text);
}

static void mappings_that_are_joined_in_count_too(void **state) {
    (void)state;
    const struct lac_yaml_limits limits = {.max_nodes = 11};
    const struct lac_str text = LAC_STR("- &a {k: 1, l: 2, m: 3}\n- <<: *a\n- <<: *a\n");
    struct lac_yaml yaml;
    struct lac_error err;

    assert_false(lac_yaml_read(text, &limits, &yaml, &err));

    assert_string_equal(err.message, "line 3, column 7: more than 11 values");
    lac_yaml_free(&yaml);
    assert_true(lac_yaml_read(text, &(struct lac_yaml_limits){.max_nodes = 15}, &yaml, &err));
    lac_yaml_free(&yaml);
}

static void limits_hold(void **state) {
    (void)state;
    static const struct {
        struct lac_yaml_limits limits;
        const char *message;
    } rows[] = {
        {{.max_bytes = 50}, "YAML of 51 bytes is longer than the allowed 50"},
        {{.max_bytes = 81}, "line 2, column 21: more than 81 bytes in texts"},
        {{.max_depth = 2}, "line 1, column 8: more than 2 levels deep"},
        {{.max_depth = 4}, "line 2, column 11: more than 4 levels deep"},
        {{.max_nodes = 3}, "line 1, column 9: more than 3 values"},
        {{.max_nodes = 11}, "line 2, column 11: more than 11 values"},
    };
    const struct lac_str text = LAC_STR("a: &a [[1234567890123456]]\nb: [*a, [[*a, *a]], *a]\n");
    struct lac_yaml yaml;
    struct lac_error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(lac_yaml_read(text, &rows[i].limits, &yaml, &err));

        assert_string_equal(err.message, rows[i].message);
        assert_int_equal(err.kind, LAC_ERR_LIMIT);
        lac_yaml_free(&yaml);
    }
    assert_true(lac_yaml_read(text, &(struct lac_yaml_limits){82, 6, 19}, &yaml, &err));
    lac_yaml_free(&yaml);
}

static void anchors_are_bounded(void **state) {
    (void)state;
    struct lac_buf text = {0};
    struct lac_yaml yaml;
    struct lac_error err;
    for (int i = 0; i < 1001; i++) {
        lac_buf_addf(&text, "- &a%d x\n", i);
    }

    assert_false(lac_yaml_read(lac_buf_view(&text), &no_limits, &yaml, &err));

    assert_string_equal(err.message, "line 1001, column 3: more than 1000 anchors");
    lac_yaml_free(&yaml);
    lac_buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words_follow_the_core_schema),
        cmocka_unit_test(integers_beyond_64_bits_are_rounded_as_json_s),
        cmocka_unit_test(radixes_beyond_64_bits_are_rounded_once),
        cmocka_unit_test(texts_keep_what_is_written),
        cmocka_unit_test(lists_and_mappings_stay_apart_when_they_are_empty),
        cmocka_unit_test(names_are_texts),
        cmocka_unit_test(tags_of_jsons_values_decide),
        cmocka_unit_test(an_alias_is_what_it_stands_for),
        cmocka_unit_test(a_mapping_takes_in_the_members_that_it_has_not),
        cmocka_unit_test(a_name_that_is_there_twice_is_refused_at_the_second),
        cmocka_unit_test(messages_show_whole_characters),
        cmocka_unit_test(what_is_no_yaml_is_refused_with_its_place),
        cmocka_unit_test(aliases_count_for_what_they_stand_for),
        cmocka_unit_test(mappings_that_are_joined_in_count_too),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(anchors_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
