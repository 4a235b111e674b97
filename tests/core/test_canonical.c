/* test_canonical.c — one spelling for every path, query and header list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/canonical.h"

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static void dots_and_double_slashes_collapse(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", "/"},
        {"/", "/"},
        {"//", "/"},
        {"/./", "/"},
        {"/a", "/a"},
        {"/a/", "/a/"},
        {"/a/b/..", "/a"},
        {"/a/..", "/"},
        {"/a/../", "/"},
        {"/../..", "/"},
        {"/a//b/./c", "/a/b/c"},
        {"/...", "/..."},
        {"/a/b/../c/", "/a/c/"},
        {"/.a/..b", "/.a/..b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf out = {0};
        lac_buf_add(&out, LAC_STR("x/")); /* what stands before is not touched */
        lac_canonical_dots(text(rows[i][0]), &out);
        assert_string_equal(lac_buf_view(&out).data + 2, rows[i][1]);
        lac_buf_free(&out);
    }
}

static void escapes_stay_and_the_rest_is_escaped(void **state) {
    (void)state;
    struct lac_buf out = {0};

    lac_canonical_escapes(LAC_STR("/a%2Fb%7e/c d%/+%4\xC3\xA9%41"), &out);

    assert_string_equal(out.data, "/a%2Fb%7e/c%20d%25/%2B%254%C3%A9%41");
    lac_buf_free(&out);
}

static void a_query_is_spelt_anew_and_sorted(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"&&", ""},
        {"a", "a="},
        {"b=2&a=1", "a=1&b=2"},
        {"a=2&a=10&a", "a=&a=10&a=2"},
        {"a-=1&a=2&aa=3&A=4", "A=4&a=2&a-=1&aa=3"},
        {"k=%c3%a9%7E&x=a b+c=%", "k=%C3%A9~&x=a%20b%2Bc%3D%25"},
        {"b=1&X-Sig=s&a=1&X%2DSig=t&X-Sigh=u", "X-Sigh=u&a=1&b=1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf out = {0};
        lac_canonical_query(text(rows[i][0]), LAC_STR("X-Sig"), &out);
        assert_string_equal(lac_buf_view(&out).data, rows[i][1]);
        lac_buf_free(&out);
    }
}

static const struct lac_header headers[] = {
    {LAC_STR_INIT("X-B"), LAC_STR_INIT("  two   words\t")},
    {LAC_STR_INIT("Host"), LAC_STR_INIT("h:80")},
    {LAC_STR_INIT("x-b"), LAC_STR_INIT("1\r\n  folded")},
    {LAC_STR_INIT("A"), LAC_STR_INIT("")},
    {LAC_STR_INIT("X-B"), LAC_STR_INIT("0")},
};

static void headers_are_folded_joined_and_sorted(void **state) {
    (void)state;
    struct lac_buf lines = {0}, names = {0};
    struct lac_error err;

    assert_true(lac_canonical_headers(headers, 5, NULL, 0, &lines, &names, &err));

    assert_string_equal(lines.data, "a:\nhost:h:80\nx-b:two words,1 folded,0\n");
    assert_string_equal(names.data, "a;host;x-b");
    lac_buf_free(&lines);
    lac_buf_free(&names);
}

static void only_the_named_headers_count(void **state) {
    (void)state;
    static const struct lac_str only[] = {LAC_STR_INIT("host"), LAC_STR_INIT("absent")};
    struct lac_buf lines = {0}, names = {0};
    struct lac_error err;

    assert_true(lac_canonical_headers(headers, 5, only, 2, &lines, &names, &err));
    assert_string_equal(lines.data, "host:h:80\n");
    assert_string_equal(names.data, "host");

    assert_true(lac_canonical_headers(headers, 5, only, 0, &lines, &names, &err));
    assert_string_equal(names.data, "host"); /* none, and nothing was added */
    lac_buf_free(&lines);
    lac_buf_free(&names);
}

static void a_name_that_no_header_can_have_is_refused(void **state) {
    (void)state;
    static const char *const refused[] = {"", "a b", "a:b", "a;b", "a\nb", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct lac_header bad[] = {{LAC_STR("ok"), LAC_STR("")},
                                         {text(refused[i]), LAC_STR("")}};
        struct lac_buf lines = {0}, names = {0};
        struct lac_error err;

        assert_false(lac_canonical_headers(bad, 2, NULL, 0, &lines, &names, &err));

        assert_int_equal(err.kind, LAC_ERR_INPUT);
        lac_buf_free(&lines);
        lac_buf_free(&names);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dots_and_double_slashes_collapse),
        cmocka_unit_test(escapes_stay_and_the_rest_is_escaped),
        cmocka_unit_test(a_query_is_spelt_anew_and_sorted),
        cmocka_unit_test(headers_are_folded_joined_and_sorted),
        cmocka_unit_test(only_the_named_headers_count),
        cmocka_unit_test(a_name_that_no_header_can_have_is_refused),
    };
    return cmocka_run_group_tests_name("canonical", tests, NULL, NULL);
}
