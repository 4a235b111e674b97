/* test_vtl.c — templates from C: compiled once, rendered with values, bounded. What the dialect
 * means is told by tests/vectors/vtl, which tests/bind/vtl_spec.lua reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/vtl.h"

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static struct lac_vtl_template *compile(const char *literal) {
    struct lac_error err = {0};
    struct lac_vtl_template *template = lac_vtl_compile(text(literal), &err);
    assert_string_equal(err.message, "");
    assert_non_null(template);
    return template;
}

static void assert_rendered(const char *literal, const char *body, const char *want) {
    struct lac_vtl_template *template = compile(literal);
    struct lac_vtl_run run = {0};
    struct lac_buf out = {0};
    struct lac_error err = {0};

    assert_true(lac_vtl_start(&run, template, &err));
    run.body = text(body);
    assert_true(lac_vtl_render(&run, &out, &err));

    assert_string_equal(lac_buf_view(&out).data, want);
    lac_vtl_finish(&run);
    lac_buf_free(&out);
    lac_vtl_template_free(template);
}

static void assert_fails(const char *literal, enum lac_error_kind kind, const char *message) {
    struct lac_vtl_template *template = compile(literal);
    struct lac_vtl_run run = {0};
    struct lac_buf out = {0};
    struct lac_error err;

    assert_true(lac_vtl_start(&run, template, &err));
    run.steps_most = 10000;
    run.output_most = 1000;
    assert_false(lac_vtl_render(&run, &out, &err));

    assert_int_equal(err.kind, kind);
    assert_string_equal(err.message, message);
    lac_vtl_finish(&run);
    lac_buf_free(&out);
    lac_vtl_template_free(template);
}

static void assert_refused(const char *literal, const char *message) {
    struct lac_error err;
    assert_null(lac_vtl_compile(text(literal), &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_string_equal(err.message, message);
}

static void a_template_renders_a_body(void **state) {
    (void)state;
    assert_rendered("$input.json('$.a') $input.path('$.a')[1].b", "{\"a\":[1,{\"b\":2}]}",
                    "[1,{\"b\":2}] 2");
    assert_rendered("$input.body|$input.json('$')|$input.path('$.a')|", "not JSON",
                    "not JSON|\"\"||");
    assert_rendered("", "", "");
}

static void many_keys_are_all_found_again(void **state) {
    (void)state;
    assert_rendered(
        "#set($m={})#foreach($i in [1..500])#set($m[$i]=$i)#set($m[\"k$i\"]=$i)#end"
        "$m.size() $m[250] $m.k250 $m.remove(\"k250\")$m.k250|$m.k251 $m[500]",
        "", "1000 250 250 250|251 500");
}

static void values_of_the_caller_are_seen_and_changes_told(void **state) {
    (void)state;
    struct lac_vtl_template *template =
        compile("$context.a $input.params('id') $stageVariables.s#set($context.b = 2)");
    struct lac_vtl_run run = {0};
    struct lac_buf out = {0};
    struct lac_error err;
    assert_true(lac_vtl_start(&run, template, &err));
    lac_vtl_map_put(&run.arena, run.context, lac_vtl_string(LAC_STR("a")), lac_vtl_integer(1));
    lac_vtl_map_put(&run.arena, run.header, lac_vtl_string(LAC_STR("id")), lac_vtl_boolean(true));
    lac_vtl_map_put(&run.arena, run.stage_variables, lac_vtl_string(LAC_STR("s")),
                    lac_vtl_double(1e10));

    assert_true(lac_vtl_render(&run, &out, &err));

    assert_string_equal(out.data, "1 true 1.0E10");
    assert_false(lac_vtl_map_find_text(run.context, LAC_STR("a"))->is_changed);
    assert_true(lac_vtl_map_find_text(run.context, LAC_STR("b"))->is_changed);
    lac_vtl_finish(&run);
    lac_vtl_finish(&run);
    lac_buf_free(&out);
    lac_vtl_template_free(template);
}

static void what_a_template_wants_is_known(void **state) {
    (void)state;
    struct lac_vtl_template *template =
        compile("\"$context.a.b\" #set($b = \"x$input.params('q')\")$input.body");
    const struct lac_vtl_map *context = lac_vtl_wanted(template, LAC_VTL_CONTEXT);
    const struct lac_vtl_map *params = lac_vtl_wanted(template, LAC_VTL_PARAMS);
    assert_int_equal(context->count, 1);
    assert_non_null(lac_vtl_map_find_text(context, LAC_STR("a")));
    assert_int_equal(params->count, 1);
    assert_non_null(lac_vtl_map_find_text(params, LAC_STR("q")));
    assert_int_equal(lac_vtl_wanted(template, LAC_VTL_STAGE_VARIABLES)->count, 0);
    lac_vtl_template_free(template);

    template = compile("#set($c = $context)$input.params($c.x)$stageVariables['a']");
    assert_null(lac_vtl_wanted(template, LAC_VTL_CONTEXT));
    assert_null(lac_vtl_wanted(template, LAC_VTL_PARAMS));
    assert_null(lac_vtl_wanted(template, LAC_VTL_STAGE_VARIABLES));
    lac_vtl_template_free(template);
}

static const struct lac_vtl_value *part(const struct lac_vtl_map *wanted, const char *name) {
    const struct lac_vtl_entry *entry = lac_vtl_map_find_text(wanted, text(name));
    assert_non_null(entry);
    return &entry->value;
}

static void of_what_it_wants_the_parts_are_known(void **state) {
    (void)state;
    struct lac_vtl_template *template = compile(
        "$context.some.b $context.some.c $context.all.b $context.all "
        "$context.called.d.size() $context.deep.er.and.deeper.yet "
        "#set($context.set.x = 1)$stageVariables.v.length()");
    const struct lac_vtl_map *context = lac_vtl_wanted(template, LAC_VTL_CONTEXT);

    assert_int_equal(part(context, "some")->map->count, 2);
    assert_int_equal(part(context, "all")->kind, LAC_VTL_NULL);
    assert_int_equal(part(part(context, "called")->map, "d")->kind, LAC_VTL_NULL);
    const struct lac_vtl_value *deep = part(part(part(context, "deep")->map, "er")->map, "and");
    assert_int_equal(part(deep->map, "deeper")->kind, LAC_VTL_NULL);
    assert_int_equal(part(part(context, "set")->map, "x")->kind, LAC_VTL_NULL);
    assert_int_equal(part(lac_vtl_wanted(template, LAC_VTL_STAGE_VARIABLES), "v")->kind,
                     LAC_VTL_NULL);
    lac_vtl_template_free(template);
}

static void a_run_that_rests_is_started_again(void **state) {
    (void)state;
    struct lac_vtl_template *template = compile("$context.a #set($n = \"$!{n}x\")$n");
    struct lac_vtl_template *large = compile("#foreach($i in [1..9999])#set($l = [$i])#end.");
    struct lac_vtl_run run = {0};
    struct lac_error err;
    const char *const wanted[] = {"1x", ".", "2x"};
    for (int i = 0; i < 3; i++) {
        struct lac_buf out = {0};
        assert_true(lac_vtl_start(&run, i == 1 ? large : template, &err));
        lac_vtl_map_put(&run.arena, run.context, lac_vtl_string(LAC_STR("a")),
                        lac_vtl_integer(i == 0 ? 1 : 2));

        assert_true(lac_vtl_render(&run, &out, &err));

        assert_string_equal(out.data, wanted[i]);
        lac_vtl_rest(&run);
        assert_true(run.arena.held > 0 && run.arena.held <= LAC_VTL_KEPT_MOST);
        assert_null(run.context);
        lac_buf_free(&out);
    }
    lac_vtl_finish(&run);
    lac_vtl_template_free(large);
    lac_vtl_template_free(template);
}

static void an_error_begins_with_its_place(void **state) {
    (void)state;
    assert_refused("h\xC3\xA9 #if()x#end", "line 1, column 8: a value expected, got ')'");
    assert_refused("\n#set($a = 5-3)", "line 2, column 12: ')' expected, got '-'");
    assert_refused("#set($a = \"\n#if\")",
                   "line 1, column 11: in a string: '(' expected, got the "
                   "end");
    assert_refused("a$", "line 1, column 2: a template cannot end in $");
    assert_refused("#end", "line 1, column 1: this belongs to no #if or #foreach");
    assert_fails("x\n $util.urlDecode('%')", LAC_ERR_INPUT,
                 "line 2, column 7: malformed escape at byte 1");
}

static void what_does_not_end_is_cut_off(void **state) {
    (void)state;
    assert_fails("#set($l=[1..100])#foreach($i in $l)#foreach($j in $l)#if($i)#end#end#end",
                 LAC_ERR_LIMIT, "line 1, column 36: the template takes more steps than allowed");
    assert_fails("#foreach($i in [1..999])xy#end", LAC_ERR_LIMIT,
                 "line 1, column 25: the template makes more text than allowed");
    assert_fails("#set($l=[])#set($x=$l.add([$l]))$l", LAC_ERR_LIMIT,
                 "line 1, column 33: the template nests deeper than allowed");
    assert_fails("#set($a=9223372036854775807 * 2)", LAC_ERR_LIMIT,
                 "line 1, column 1: a number becomes too big to compute with");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_renders_a_body),
        cmocka_unit_test(many_keys_are_all_found_again),
        cmocka_unit_test(values_of_the_caller_are_seen_and_changes_told),
        cmocka_unit_test(what_a_template_wants_is_known),
        cmocka_unit_test(of_what_it_wants_the_parts_are_known),
        cmocka_unit_test(a_run_that_rests_is_started_again),
        cmocka_unit_test(an_error_begins_with_its_place),
        cmocka_unit_test(what_does_not_end_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
