/* test_regex.c — matching as Java does it, and the bounds of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/regex.h"

static struct lac_str text(const char *literal) {
    return (struct lac_str){literal, strlen(literal)};
}

static bool matches(const char *pattern, struct lac_str subject) {
    struct lac_regex regex;
    struct lac_error err;
    bool matched;
    assert_true(lac_regex_compile(text(pattern), &regex, &err));
    assert_true(lac_regex_matches(&regex, subject, &matched, &err));
    lac_regex_free(&regex);
    return matched;
}

static void assert_refused(const char *pattern, const char *message) {
    struct lac_regex regex;
    struct lac_error err;
    assert_false(lac_regex_compile(text(pattern), &regex, &err));
    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_string_equal(err.message, message);
}

static void assert_replaced(const char *pattern, const char *subject, const char *replacement,
                            bool first_only, const char *want) {
    struct lac_regex regex;
    struct lac_buf out = {0};
    struct lac_error err;
    struct lac_regex_replacement work = {
        .text = text(subject), .replacement = text(replacement), .first_only = first_only};
    assert_true(lac_regex_compile(text(pattern), &regex, &err));
    assert_true(lac_regex_replace(&regex, &work, &out, &err));
    assert_string_equal(lac_buf_view(&out).data, want);
    lac_buf_free(&out);
    lac_regex_free(&regex);
}

static void a_match_is_a_match_of_the_whole_text(void **state) {
    (void)state;
    assert_true(matches(".*Bad Request.*", text("Oh: Bad Request, says he")));
    assert_false(matches("Bad Request", text("Oh: Bad Request")));
    assert_true(matches("a|ab", text("ab"))); /* the first alternative alone would stop short */
    assert_false(matches(".*", text("two\nlines")));
    assert_true(matches("(?s).*", text("two\nlines")));
    assert_true(matches("[]a]+", text("a]")));
    assert_true(matches("\\Q[[&&\\E", text("[[&&")));
    assert_true(matches("[[:alpha:]&]+", text("a&b")));
}

static void characters_are_unicode_and_bytes_may_be_anything(void **state) {
    (void)state;
    assert_true(matches("h.llo", text("h\xC3\xA9llo")));
    assert_true(matches("a\\x00b", LAC_STR("a\0b")));
    assert_false(matches("a.b", text("a\xFF"
                                     "b")));
    assert_true(matches("\\d+", text("12")));
    assert_false(matches("\\d+", text("\xD9\xA1"))); /* an Arabic digit is none for Java */
}

static void characters_may_be_said_by_units_of_utf_16(void **state) {
    (void)state;
    assert_true(matches("caf\\u00e9", text("caf\u00e9")));
    assert_true(matches("[\\u00C0-\\u017F]+", text("\u00e9\u0161")));
    assert_true(matches("\\uD83D\\uDE00+", text("\U0001F600\U0001F600")));
    assert_true(matches("\\\\u00e9", text("\\u00e9"))); /* an escaped backslash, and a text */
    assert_true(matches("\\Q\\u00e9\\E\\u00e9", text("\\u00e9\u00e9")));
    assert_refused("\\u00e9\\u00e9(", "regular expression, byte 14: missing closing parenthesis");
    assert_refused("a\\u00e",
                   "regular expression, byte 4: PCRE2 does not support \\F, \\L, \\l, "
                   "\\N{name}, \\U, or \\u");
}

static void a_find_tells_where_the_groups_are(void **state) {
    (void)state;
    struct lac_regex regex;
    struct lac_error err;
    bool found;
    size_t first, end;
    assert_true(lac_regex_compile(text("(a+)(x)?b"), &regex, &err));

    assert_true(lac_regex_find(&regex, text("ab aab"), 1, &found, &err));

    assert_true(found);
    assert_int_equal(regex.groups, 2);
    assert_true(lac_regex_group(&regex, 1, &first, &end));
    assert_int_equal(first, 3);
    assert_int_equal(end, 5);
    assert_false(lac_regex_group(&regex, 2, &first, &end));
    assert_true(lac_regex_find(&regex, text("ab"), 3, &found, &err));
    assert_false(found);
    lac_regex_free(&regex);
}

static void replacements_follow_javas_rules(void **state) {
    (void)state;
    assert_replaced("[st]", "str", "x", false, "xxr");
    assert_replaced("t", "stst", "", true, "sst");
    assert_replaced("(a)(b)?", "ab a", "<$1$2>", false, "<ab> <a>");
    assert_replaced("(a)", "a", "$12", false, "a2");
    assert_replaced("(?<n>a)", "a", "${n}${n}", false, "aa");
    assert_replaced("a", "a", "\\$1\\\\", false, "$1\\");
    assert_replaced("", "h\xC3\xA9", "-", false, "-h-\xC3\xA9-");
    assert_replaced("x*", "axb", "-", false, "-a--b-");
    assert_replaced("^a", "aaa", "b", false, "baa");
}

static void a_replacement_that_means_nothing_is_an_input_error(void **state) {
    (void)state;
    static const char *const wrong[] = {"$", "$x", "$2", "\\", "${", "${}", "${no}"};
    struct lac_regex regex;
    struct lac_error err;
    assert_true(lac_regex_compile(text("(a)"), &regex, &err));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lac_buf out = {0};
        struct lac_regex_replacement work = {.text = text("a"), .replacement = text(wrong[i])};
        assert_false(lac_regex_replace(&regex, &work, &out, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        lac_buf_free(&out);
    }
    lac_regex_free(&regex);
}

static void a_pattern_that_means_nothing_here_is_refused(void **state) {
    (void)state;
    assert_refused("(a", "regular expression, byte 3: missing closing parenthesis");
    assert_refused("[a&&[b]]",
                   "regular expression, byte 3: the intersection of classes is not "
                   "supported");
    assert_refused("[a[b]]", "regular expression, byte 3: a class inside a class is not supported");
    assert_refused("(*UTF)a", "regular expression, byte 1: a quantifier has nothing before it");

    struct lac_regex regex;
    struct lac_error err;
    static char long_pattern[LAC_REGEX_MAX_PATTERN + 1];
    struct lac_str pattern = {memset(long_pattern, 'a', sizeof long_pattern), sizeof long_pattern};
    assert_false(lac_regex_compile(pattern, &regex, &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);
}

static void a_match_without_end_is_cut_off(void **state) {
    (void)state;
    struct lac_regex regex;
    struct lac_error err;
    bool matched;
    assert_true(lac_regex_compile(text("(a+)+$"), &regex, &err));

    assert_false(
        lac_regex_matches(&regex, text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"), &matched, &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    lac_regex_free(&regex);
}

static void a_replacement_may_not_make_more_than_allowed(void **state) {
    (void)state;
    struct lac_regex regex;
    struct lac_error err;
    struct lac_buf out = {0};
    struct lac_regex_replacement work = {
        .text = text("aaaa"), .replacement = text("0123456789"), .most = 30};
    assert_true(lac_regex_compile(text("a"), &regex, &err));

    assert_false(lac_regex_replace(&regex, &work, &out, &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    lac_buf_free(&out);
    lac_regex_free(&regex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_is_a_match_of_the_whole_text),
        cmocka_unit_test(characters_are_unicode_and_bytes_may_be_anything),
        cmocka_unit_test(characters_may_be_said_by_units_of_utf_16),
        cmocka_unit_test(a_find_tells_where_the_groups_are),
        cmocka_unit_test(replacements_follow_javas_rules),
        cmocka_unit_test(a_replacement_that_means_nothing_is_an_input_error),
        cmocka_unit_test(a_pattern_that_means_nothing_here_is_refused),
        cmocka_unit_test(a_match_without_end_is_cut_off),
        cmocka_unit_test(a_replacement_may_not_make_more_than_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
