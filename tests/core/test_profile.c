/* test_profile.c — configuration files as AWS's tools read them, and what no tool could. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/profile.h"

/* The visitor writes down what it is told: [0:dev]block/key=value| */
static bool note_section(void *out, enum lac_profile_section kind, struct lac_str name) {
    lac_buf_addf(out, "[%d:", (int)kind);
    lac_buf_adds(out, name, LAC_STR("]"));
    return true;
}

static bool note_key(void *out, struct lac_str block, struct lac_str key, struct lac_str value) {
    lac_buf_adds(out, block, block.len > 0 ? LAC_STR("/") : LAC_STR(""), key, LAC_STR("="), value,
                 LAC_STR("|"));
    return true;
}

static bool parse(struct lac_str text, enum lac_profile_kind kind, struct lac_buf *notes,
                  struct lac_error *err) {
    const struct lac_profile_visitor visitor = {note_section, note_key, notes};
    return lac_profile_parse(text, kind, &visitor, err);
}

static void what_files_hold(void **state) {
    (void)state;
    static const struct {
        enum lac_profile_kind kind;
        const char *text, *want;
    } rows[] = {
        {LAC_PROFILE_CONFIG, "", ""},
        {LAC_PROFILE_CONFIG, "[default]\nRegion=eu-central-1\n\n[profile dev]\noutput = json\r\n",
         "[0:default]region=eu-central-1|[0:dev]output=json|"},
        {LAC_PROFILE_CREDENTIALS, "[default]\na=1\n[profile dev]\nb=2\n[dev]\nc=a=b=\n",
         "[0:default]a=1|[0:profile dev]b=2|[0:dev]c=a=b=|"},
        {LAC_PROFILE_CONFIG,
         "# x\n; y\n[profile a] # z\n  # deep\nk = v # w\nl = v#w\nm =;w\nn = ; w\n",
         "[0:a]k=v|l=v#w|m=;w|n=|"},
        {LAC_PROFILE_CONFIG, "[services s]\ns3 =\n  endpoint_url = http://h\n  B=2\niam =\n c=3\n",
         "[2:s]s3/endpoint_url=http://h|s3/b=2|iam/c=3|"},
        {LAC_PROFILE_CONFIG, "[sso-session 'my work']\nk=v", "[1:my work]k=v|"},
        {LAC_PROFILE_CONFIG, "[profile \"a b\"]\n  k = v\n  l = w\n    more # too\n\n    x = y\n",
         "[0:a b]k=v|l=w\nmore # too\nx = y|"},
        {LAC_PROFILE_CONFIG, "[plugins]\ncli = x\n[dev]\nk=v\n[profile ]\nk=v\n[default]\nk=v\n",
         "[0:default]k=v|"},
        {LAC_PROFILE_CONFIG, "\xEF\xBB\xBF[default]\nempty =\n", "[0:default]empty=|"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf notes = {0};
        struct lac_error err;

        assert_true(parse((struct lac_str){rows[i].text, strlen(rows[i].text)}, rows[i].kind,
                          &notes, &err));

        assert_string_equal(lac_buf_view(&notes).data, rows[i].want);
        lac_buf_free(&notes);
    }
}

static void what_is_refused_is_told_by_its_line_and_never_repeated(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"secret = x\n", "line 1: a key stands before any section"},
        {"[default\n", "line 1: a section's name has no closing bracket"},
        {"\n[default] secret\n", "line 2: something follows a section's name"},
        {"[default]\n\nsecret\n",
         "line 3: neither a section, nor a key with its value, nor a comment"},
        {"[default]\n = secret\n", "line 2: a value has no key"},
        {"[default]\ns3 =\n  secret\n",
         "line 3: neither a section, nor a key with its value, nor a comment"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_buf notes = {0};
        struct lac_error err;

        assert_false(parse((struct lac_str){rows[i][0], strlen(rows[i][0])}, LAC_PROFILE_CONFIG,
                           &notes, &err));

        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_string_equal(err.message, rows[i][1]);
        lac_buf_free(&notes);
    }
}

static void a_file_has_bounds(void **state) {
    (void)state;
    struct lac_buf notes = {0};
    struct lac_error err;
    char *big = calloc(LAC_PROFILE_MAX_BYTES + 1, 1);
    assert_non_null(big);
    memset(big, '\n', LAC_PROFILE_MAX_BYTES + 1);

    assert_true(
        parse((struct lac_str){big, LAC_PROFILE_MAX_BYTES}, LAC_PROFILE_CONFIG, &notes, &err));
    assert_false(
        parse((struct lac_str){big, LAC_PROFILE_MAX_BYTES + 1}, LAC_PROFILE_CONFIG, &notes, &err));
    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    assert_false(parse(LAC_STR("[a]\nb=\0"), LAC_PROFILE_CREDENTIALS, &notes, &err));
    assert_string_equal(err.message, "line 2: a NUL");
    free(big);
    lac_buf_free(&notes);
}

static bool refuse(void *context, struct lac_str block, struct lac_str key, struct lac_str value) {
    (void)context, (void)block, (void)key, (void)value;
    return false;
}

static void a_visitor_that_fails_stops_the_reader(void **state) {
    (void)state;
    struct lac_buf notes = {0};
    const struct lac_profile_visitor visitor = {note_section, refuse, &notes};
    struct lac_error err;

    assert_false(
        lac_profile_parse(LAC_STR("[a]\nb=1\n[c]\n"), LAC_PROFILE_CREDENTIALS, &visitor, &err));

    assert_int_equal(err.kind, LAC_ERR_MEMORY);
    assert_string_equal(notes.data, "[0:a]");
    lac_buf_free(&notes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_files_hold),
        cmocka_unit_test(what_is_refused_is_told_by_its_line_and_never_repeated),
        cmocka_unit_test(a_file_has_bounds),
        cmocka_unit_test(a_visitor_that_fails_stops_the_reader),
    };
    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
