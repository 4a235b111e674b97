/* test_xml_scan.c — elements found in answers that are whole, odd, or cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/xml_scan.h"

static void assert_text(struct lac_str xml, const char *name, const char *want) {
    struct lac_buf out = {0};
    bool found = lac_xml_scan_text(xml, name, &out);
    assert_int_equal(found, want != NULL);
    if (want != NULL) {
        struct lac_str got = lac_buf_view(&out);
        assert_int_equal(got.len, strlen(want));
        assert_memory_equal(got.data, want, got.len);
    }
    lac_buf_free(&out);
}

static void an_element_is_found_by_its_whole_name(void **state) {
    (void)state;
    assert_text(LAC_STR("<a><KeyCount>1</KeyCount><Key>k</Key></a>"), "Key", "k");
    assert_text(LAC_STR("<Key xmlns=\"x\">k</Key>"), "Key", "k");
    assert_text(LAC_STR("<Key/>"), "Key", "");
    assert_text(LAC_STR("<Key></Key>"), "Key", "");
    assert_text(LAC_STR("<Keys>k</Keys>"), "Key", NULL);
}

static void entities_are_resolved_once(void **state) {
    (void)state;
    assert_text(LAC_STR("<E>&quot;a&lt;b&gt;&amp;lt;&apos;&#34;&#39;</E>"), "E", "\"a<b>&lt;'\"'");
    assert_text(LAC_STR("<E>a & b &unknown; &am</E>"), "E", "a & b &unknown; &am");
}

static void what_is_cut_is_not_found(void **state) {
    (void)state;
    static const char whole[] = "<r><Key x=\"1\">value</Key>";
    for (size_t len = 0; len + 1 < sizeof whole - 1; len++) {
        char *copy = memcpy(test_malloc(len + 1), whole, len); /* no byte beyond may be read */
        assert_text((struct lac_str){copy, len}, "Key", NULL);
        test_free(copy);
    }
    assert_text(LAC_STR("<r><Key x=\"1\">value</Key>"), "Key", "value");
    assert_text(LAC_STR("</Key><Key>"), "Key", NULL);
    assert_text(LAC_STR("<<<<Key"), "Key", NULL);
    assert_text(LAC_STR(""), "Key", NULL);
}

static void what_no_parser_takes_is_read_all_the_same(void **state) {
    (void)state;
    struct lac_str odd = LAC_STR("<R><Key>a&#x1;\xff</Key><UploadId>id</UploadId></Error>");
    assert_text(odd, "UploadId", "id");
    assert_text(odd, "Key", "a&#x1;\xff");
}

static void elements_come_one_after_the_other(void **state) {
    (void)state;
    struct lac_str rest = LAC_STR("<r><C><K>1</K></C>\n<C/><C><K>2</K></C><D>x</D></r>"), inner;
    static const char *const want[] = {"<K>1</K>", "", "<K>2</K>"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(lac_xml_scan_next(&rest, "C", &inner));
        assert_int_equal(inner.len, strlen(want[i]));
        assert_memory_equal(inner.data, want[i], inner.len);
    }
    assert_false(lac_xml_scan_next(&rest, "C", &inner));
}

static void nul_is_data(void **state) {
    (void)state;
    struct lac_buf out = {0};
    assert_true(lac_xml_scan_text(LAC_STR("\0<K\0>x</K><K>a\0b</K>"), "K", &out));
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.data, "a\0b", 3);
    lac_buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_found_by_its_whole_name),
        cmocka_unit_test(entities_are_resolved_once),
        cmocka_unit_test(what_is_cut_is_not_found),
        cmocka_unit_test(what_no_parser_takes_is_read_all_the_same),
        cmocka_unit_test(elements_come_one_after_the_other),
        cmocka_unit_test(nul_is_data),
    };
    return cmocka_run_group_tests_name("xml_scan", tests, NULL, NULL);
}
