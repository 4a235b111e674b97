/* test_log.c — lines as they are written: escaped, ordered, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log.h"

#define NOW 1440938160.123

static const struct lac_log_settings text = {.level = LAC_LOG_INFO};
static const struct lac_log_settings json = {.level = LAC_LOG_INFO, .json = true};

static struct lac_log_line line;

static const char *format(const struct lac_log_settings *settings, struct lac_str message,
                          const struct lac_log_field *fields, size_t count) {
    lac_log_format(settings, NOW, LAC_LOG_INFO, message, fields, count, &line);
    assert_true(line.len < sizeof line.text);
    line.text[line.len] = '\0';
    return line.text;
}

static const struct lac_log_field upload[] = {
    {LAC_STR_INIT("key"), LAC_STR_INIT("hello/code-1a2b.zip"), false},
    {LAC_STR_INIT("size"), LAC_STR_INIT("812"), true},
};

static void a_sentence_and_its_fields(void **state) {
    (void)state;
    assert_string_equal(format(&text, LAC_STR("Uploading"), upload, 2),
                        "INFO  Uploading  key=hello/code-1a2b.zip size=812\n");
    assert_string_equal(
        format(&json, LAC_STR("Uploading"), upload, 2),
        "{\"timestamp\":\"2015-08-30T12:36:00.123Z\",\"level\":\"info\","
        "\"message\":\"Uploading\",\"key\":\"hello/code-1a2b.zip\",\"size\":812}\n");
    assert_string_equal(format(&text, LAC_STR("Done"), NULL, 0), "INFO  Done\n");
}

static void colour_and_time_only_when_configured(void **state) {
    (void)state;
    struct lac_log_settings dressed = {.color = true, .timestamps = true};

    assert_string_equal(
        format(&dressed, LAC_STR("Up"), upload + 1, 1),
        "2015-08-30T12:36:00.123Z \033[32mINFO  \033[0mUp  \033[2msize=\033[0m812\n");

    dressed.json = true;
    assert_null(strchr(format(&dressed, LAC_STR("Up"), upload, 2), '\033'));
}

static void values_that_would_blur_the_line_are_quoted(void **state) {
    (void)state;
    static const struct lac_log_field fields[] = {
        {LAC_STR_INIT("a"), LAC_STR_INIT(""), false},
        {LAC_STR_INIT("b"), LAC_STR_INIT("two words"), false},
        {LAC_STR_INIT("c"), LAC_STR_INIT("x=\"y\"\\"), false},
        {LAC_STR_INIT("d"), LAC_STR_INIT("\xC3\xA9"), false},
    };
    assert_string_equal(format(&text, LAC_STR("m"), fields, 4),
                        "INFO  m  a=\"\" b=\"two words\" c=\"x=\\\"y\\\"\\\\\" d=\xC3\xA9\n");
}

static void control_characters_and_broken_text_are_escaped(void **state) {
    (void)state;
    const struct lac_str hostile = LAC_STR(
        "a\nb\0c\033[2J\x7f\xC2\x9B"
        "31m\xff");

    assert_string_equal(format(&text, hostile, NULL, 0),
                        "INFO  a\\nb\\x00c\\x1b[2J\\x7f\\x9b31m\\xff\n");
    assert_non_null(strstr(format(&json, hostile, NULL, 0),
                           "\"a\\nb\\u0000c\\u001b[2J\\u007f\\u009b31m\xEF\xBF\xBD\""));
}

static void a_field_named_like_ours_gets_another_name(void **state) {
    (void)state;
    static const struct lac_log_field fields[] = {{LAC_STR_INIT("level"), LAC_STR_INIT("3"), true}};
    assert_non_null(strstr(format(&json, LAC_STR("m"), fields, 1), ",\"level_\":3}"));
}

static void a_long_line_is_cut_between_characters_and_says_so(void **state) {
    (void)state;
    char *big = malloc(LAC_LOG_MOST);
    assert_non_null(big);
    for (size_t i = 0; i + 1 < LAC_LOG_MOST; i += 2) {
        memcpy(big + i, "\xC3\xA9", 2);
    }
    const struct lac_log_field fields[] = {
        {LAC_STR("a"), {big, LAC_LOG_MOST}, false},
        {LAC_STR("b"), LAC_STR("never"), false},
    };
    for (size_t head = 0; head < 4; head++) { /* wherever the cut falls */
        struct lac_str message = {"....", head};

        const char *got = format(&text, message, fields, 2);
        assert_non_null(strstr(got, "\xC3\xA9 [...]\n"));
        assert_null(strstr(got, "never"));

        got = format(&json, message, fields, 2);
        assert_non_null(strstr(got, "\xC3\xA9\",\"truncated\":true}\n"));
        assert_true(line.len > LAC_LOG_MOST - 64 && line.len <= LAC_LOG_MOST);

        got = format(&json, (struct lac_str){big + 2 * head, LAC_LOG_MOST - 2 * head}, fields, 2);
        assert_non_null(strstr(got, "\xC3\xA9\",\"truncated\":true}\n"));
        assert_null(strstr(got, "\"a\""));
    }
    free(big);
}

static void an_overlong_name_or_bare_value_is_left_out_whole(void **state) {
    (void)state;
    char *big = malloc(LAC_LOG_MOST);
    assert_non_null(big);
    memset(big, '1', LAC_LOG_MOST);
    const struct lac_log_field rows[] = {
        {{big, LAC_LOG_MOST}, LAC_STR("x"), false},
        {LAC_STR("n"), {big, LAC_LOG_MOST}, true},
    };
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(format(&json, LAC_STR("m"), &rows[i], 1),
                            "{\"timestamp\":\"2015-08-30T12:36:00.123Z\",\"level\":\"info\","
                            "\"message\":\"m\",\"truncated\":true}\n");
    }
    free(big);
}

static void levels_below_the_set_one_are_not_written(void **state) {
    (void)state;
    assert_true(lac_log_enabled(LAC_LOG_INFO));
    assert_false(lac_log_enabled(LAC_LOG_DEBUG));

    lac_log_settings.level = LAC_LOG_OFF;
    assert_false(lac_log_enabled(LAC_LOG_FATAL));
    assert_false(lac_log_enabled(LAC_LOG_OFF));
    lac_log_settings.level = LAC_LOG_INFO;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_and_its_fields),
        cmocka_unit_test(colour_and_time_only_when_configured),
        cmocka_unit_test(values_that_would_blur_the_line_are_quoted),
        cmocka_unit_test(control_characters_and_broken_text_are_escaped),
        cmocka_unit_test(a_field_named_like_ours_gets_another_name),
        cmocka_unit_test(a_long_line_is_cut_between_characters_and_says_so),
        cmocka_unit_test(an_overlong_name_or_bare_value_is_left_out_whole),
        cmocka_unit_test(levels_below_the_set_one_are_not_written),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
