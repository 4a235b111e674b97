/* test_template.c — the core's side of templates. The rules, one by one, are in bind/template_spec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/template.h"

static cJSON *parse(const char *text) {
    cJSON *tree = cJSON_Parse(text);
    assert_non_null(tree);
    return tree;
}

static void events_become_a_tree_and_its_text(void **state) {
    (void)state;
    struct lac_template_builder builder = {0};
    struct lac_buf scratch = {0}, out = {0};
    struct lac_json_reader reader = {
        .text = LAC_STR("{\"b\":[9007199254740993,1.0,\"x\",null,true],\"\":{},\"a\":[]}"),
        .scratch = &scratch};
    struct lac_json_event event;
    struct lac_error err;

    do {
        assert_true(lac_json_next(&reader, &event, &err));
        assert_true(lac_template_take(&builder, &event, &err));
    } while (event.kind != LAC_JSON_END);
    assert_true(lac_template_marshal(builder.root, &out, &err));

    assert_string_equal(out.data,
                        "{\n  \"\": {},\n  \"a\": [],\n  \"b\": [\n    9007199254740993,\n"
                        "    1.0,\n    \"x\",\n    null,\n    true\n  ]\n}\n");
    lac_template_free(&builder);
    lac_template_free(&builder);
    lac_buf_free(&scratch);
    lac_buf_free(&out);
}

static void a_text_that_would_be_too_long_has_no_white_space(void **state) {
    (void)state;
    cJSON *tree = cJSON_CreateObject(), *list = cJSON_CreateArray();
    assert_true(cJSON_AddItemToObject(tree, "a", list));
    for (int i = 0; i < 200000; i++) {
        assert_true(cJSON_AddItemToArray(list, cJSON_CreateTrue()));
    }
    struct lac_buf out = {0};
    struct lac_error err;
    lac_buf_add(&out, LAC_STR("x"));

    assert_true(lac_template_marshal(tree, &out, &err));

    assert_int_equal(out.len, strlen("x{\"a\":[]}\n") + 200000 * strlen("true,") - 1);
    assert_memory_equal(out.data, "x{\"a\":[true,true,", 17);
    lac_buf_free(&out);
    cJSON_Delete(tree);
}

static void a_tree_that_cjson_parsed_is_checked_as_well(void **state) {
    (void)state;
    cJSON *tree = parse(
        "{\"Resources\":{\"B\":{\"Type\":\"T\",\"DependsOn\":\"A\"},"
        "\"A\":{\"Type\":\"T\",\"Properties\":{\"X\":{\"Ref\":\"B\"}}}}}");
    struct lac_problems problems = {0};
    struct lac_error err;

    assert_true(lac_template_check(tree, 100, &problems, &err));

    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.items[0].kind, LAC_PROBLEM_CYCLE);
    assert_string_equal(problems.items[0].path, "Resources.A");
    assert_string_equal(problems.items[0].message, "a circular dependency: A → B → A");
    lac_problems_free(&problems);
    lac_problems_free(&problems);
    cJSON_Delete(tree);
}

static void what_is_no_template_is_a_problem_and_not_a_crash(void **state) {
    (void)state;
    static const char *const texts[] = {"1",
                                        "null",
                                        "\"x\"",
                                        "[]",
                                        "[[{}]]",
                                        "{}",
                                        "{\"Resources\":[]}",
                                        "{\"Resources\":null}",
                                        "{\"Resources\":{\"A\":[{}]}}",
                                        "{\"Resources\":{\"A\":{\"Type\":{}}}}",
                                        "{\"Outputs\":{\"A\":[]}}",
                                        "{\"Outputs\":[1]}",
                                        "{\"Description\":[]}",
                                        "{\"Conditions\":{\"A\":{\"Condition\":{}}}}"};
    struct lac_error err;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cJSON *tree = parse(texts[i]);
        struct lac_problems problems = {0};
        assert_true(lac_template_check(tree, 0, &problems, &err));
        assert_true(problems.count > 0);
        lac_problems_free(&problems);
        cJSON_Delete(tree);
    }
}

static void count_name(void *context, struct lac_str name) {
    size_t *bytes = context;
    *bytes += name.len;
}

static void references_are_told_as_often_as_they_stand_there(void **state) {
    (void)state;
    cJSON *definition = parse(
        "{\"DependsOn\":[\"ab\",1],\"P\":[{\"Ref\":\"ab\"},{\"Ref\":1},"
        "{\"Fn::Sub\":\"${cd} ${ef.G} ${\"},{\"Fn::GetAtt\":[]}]}");
    size_t bytes = 0;

    lac_template_references(definition, count_name, &bytes);

    assert_int_equal(bytes, 8);
    cJSON_Delete(definition);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_a_tree_and_its_text),
        cmocka_unit_test(a_text_that_would_be_too_long_has_no_white_space),
        cmocka_unit_test(a_tree_that_cjson_parsed_is_checked_as_well),
        cmocka_unit_test(what_is_no_template_is_a_problem_and_not_a_crash),
        cmocka_unit_test(references_are_told_as_often_as_they_stand_there),
    };
    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
