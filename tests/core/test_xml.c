/* test_xml.c — what is found in XML, what is refused, and what an escape makes safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/xml.h"

/* The visitor writes down what it is told: <a @x=1 "text" > */
static bool note_start(void *out, struct lac_str name) {
    lac_buf_adds(out, LAC_STR("<"), name, LAC_STR(" "));
    return true;
}

static bool note_attribute(void *out, struct lac_str name, struct lac_str value) {
    lac_buf_adds(out, LAC_STR("@"), name, LAC_STR("="), value, LAC_STR(" "));
    return true;
}

static bool note_text(void *out, struct lac_str text) {
    lac_buf_add(out, text);
    return true;
}

static bool note_end(void *out) {
    lac_buf_add(out, LAC_STR(">"));
    return true;
}

static bool parse(struct lac_str text, struct lac_xml_limits limits, struct lac_buf *notes,
                  struct lac_error *err) {
    const struct lac_xml_visitor visitor = {note_start, note_attribute, note_text, note_end, notes};
    return lac_xml_parse(text, &limits, &visitor, err);
}

static void elements_attributes_and_text(void **state) {
    (void)state;
    struct lac_buf notes = {0};
    struct lac_error err;

    assert_true(parse(LAC_STR("<?xml version=\"1.0\"?><!DOCTYPE a><s:a xmlns:s='u' s:x=\"1&amp;2\">"
                              "<!-- no --><b/>t&lt;&#233;<![CDATA[<raw>]]></s:a>\n"),
                      (struct lac_xml_limits){0}, &notes, &err));

    assert_string_equal(notes.data, "<a @s=u @x=1&2 <b >t<\xC3\xA9<raw>>");
    lac_buf_free(&notes);
}

static void what_is_no_xml_is_refused_with_its_place(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", "line 1, column 1: no element found"},
        {"{}", "line 1, column 1: not well-formed (invalid token)"},
        {"<a>\n  <b></a>", "line 2, column 8: mismatched tag"},
        {"<a/><b/>", "line 1, column 5: junk after document element"},
        {"<a>&nbsp;</a>", "line 1, column 4: undefined entity"},
        {"<a x='1' x='2'/>", "line 1, column 10: duplicate attribute"},
        {"<!DOCTYPE a [<!ENTITY b 'b'>]><a>&b;</a>",
         "line 1, column 25: entity declarations are not accepted"},
        {"<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/passwd'>%b;]><a/>",
         "line 1, column 54: entity declarations are not accepted"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf notes = {0};
        struct lac_error err;

        assert_false(parse((struct lac_str){rows[i][0], strlen(rows[i][0])},
                           (struct lac_xml_limits){0}, &notes, &err));

        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_string_equal(err.message, rows[i][1]);
        lac_buf_free(&notes);
    }
}

static void laughs_do_not_multiply(void **state) {
    (void)state;
    struct lac_buf notes = {0};
    struct lac_error err;
    assert_false(parse(LAC_STR("<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>"
                               "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]><l>&c;</l>"),
                       (struct lac_xml_limits){0}, &notes, &err));
    assert_int_equal(notes.len, 0);
    lac_buf_free(&notes);
}

static void limits_hold(void **state) {
    (void)state;
    static const struct {
        struct lac_xml_limits limits;
        const char *message;
    } rows[] = {
        {{.max_bytes = 20}, "XML of 26 bytes is longer than the allowed 20"},
        {{.max_depth = 2}, "line 1, column 14: elements nested deeper than allowed"},
        {{.max_nodes = 3}, "line 1, column 14: more elements and attributes than allowed"},
    };
    const struct lac_str text = LAC_STR("<a x='1'>\xC3\xA9<b><c/></b></a>");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf notes = {0};
        struct lac_error err;
        assert_false(parse(text, rows[i].limits, &notes, &err));
        assert_int_equal(err.kind, LAC_ERR_LIMIT);
        assert_string_equal(err.message, rows[i].message);
        lac_buf_free(&notes);
    }
    struct lac_buf notes = {0};
    struct lac_error err;
    assert_true(parse(text, (struct lac_xml_limits){text.len, 3, 4}, &notes, &err));
    lac_buf_free(&notes);
}

static bool refuse(void *context, struct lac_str text) {
    (void)context, (void)text;
    return false;
}

static void a_visitor_that_fails_stops_the_parser(void **state) {
    (void)state;
    struct lac_buf notes = {0};
    const struct lac_xml_visitor visitor = {note_start, note_attribute, refuse, note_end, &notes};
    struct lac_error err;

    assert_false(
        lac_xml_parse(LAC_STR("<a><b/>x<c/></a>"), &(struct lac_xml_limits){0}, &visitor, &err));

    assert_int_equal(err.kind, LAC_ERR_MEMORY);
    assert_string_equal(notes.data, "<a <b >");
    lac_buf_free(&notes);
}

static void escapes_are_safe_and_come_back(void **state) {
    (void)state;
    struct lac_buf out = {0}, document = {0}, notes = {0};
    struct lac_error err;

    lac_xml_escape(LAC_STR("<a b=\"c\" d='e'>&\t\n\r\x01\0\xC3\xA9\xff\xEF\xBF\xBF"), &out);
    assert_string_equal(out.data,
                        "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#9;&#10;&#13;"
                        "\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD");

    lac_buf_adds(&document, LAC_STR("<x y='"), lac_buf_view(&out), LAC_STR("'/>"));
    assert_true(parse(lac_buf_view(&document), (struct lac_xml_limits){0}, &notes, &err));
    assert_non_null(strstr(notes.data, "@y=<a b=\"c\" d='e'>&\t\n\r"));
    lac_buf_free(&out);
    lac_buf_free(&document);
    lac_buf_free(&notes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_attributes_and_text),
        cmocka_unit_test(what_is_no_xml_is_refused_with_its_place),
        cmocka_unit_test(laughs_do_not_multiply),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_visitor_that_fails_stops_the_parser),
        cmocka_unit_test(escapes_are_safe_and_come_back),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
