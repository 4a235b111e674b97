/* test_file.c — drafts, bounds and modes of single files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/folder.h"
#include "fixture_scratch.h"

static const struct lac_file_mode plain = {.executable = false};

static void a_draft_is_seen_only_when_it_is_kept(void **state) {
    (void)state;
    struct lac_file_draft draft = {0};
    struct lac_error err;

    assert_true(lac_file_draft(&draft, "x", &plain, &err));
    assert_true(lac_file_draft_add(&draft, LAC_STR("one"), &err));
    assert_true(lac_file_draft_add(&draft, LAC_STR("two"), &err));
    assert_false(lac_file_exists("x"));
    assert_true(lac_file_draft_keep(&draft, "x", &plain, &err));

    struct lac_buf bytes = {0};
    assert_true(lac_file_read("x", 6, &bytes, &err));
    assert_string_equal(bytes.data, "onetwo");
    lac_buf_free(&bytes);
    lac_file_draft_drop(&draft);
    assert_true(lac_file_exists("x"));
}

static void a_dropped_draft_leaves_nothing(void **state) {
    (void)state;
    struct lac_file_draft draft = {0};
    struct lac_names names = {0};
    struct lac_error err;

    assert_true(lac_file_draft(&draft, "x", &plain, &err));
    lac_file_draft_drop(&draft);
    lac_file_draft_drop(&draft);

    assert_true(lac_folder_list(".", &names, &err));
    assert_int_equal(names.count, 0);
    lac_names_free(&names);
}

static void two_drafts_of_one_file_do_not_meet(void **state) {
    (void)state;
    struct lac_file_draft one = {0}, two = {0};
    struct lac_error err;

    assert_true(lac_file_draft(&one, "x", &plain, &err));
    assert_true(lac_file_draft(&two, "x", &plain, &err));

    assert_string_not_equal(one.path, two.path);
    lac_file_draft_drop(&one);
    lac_file_draft_drop(&two);
}

static void what_cannot_be_kept_leaves_nothing(void **state) {
    (void)state;
    struct lac_names names = {0};
    struct lac_error err;
    assert_true(lac_folder_make("x", &err));

    assert_false(lac_file_write("x", LAC_STR("bytes"), &plain, &err));

    assert_string_equal(err.code, "EISDIR");
    assert_true(lac_folder_list(".", &names, &err));
    assert_int_equal(names.count, 1);
    lac_names_free(&names);
}

static void a_file_past_the_bound_is_not_read(void **state) {
    (void)state;
    struct lac_buf bytes = {0};
    struct lac_error err;
    assert_true(lac_file_write("x", LAC_STR("12345"), &plain, &err));

    assert_false(lac_file_read("x", 4, &bytes, &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    lac_buf_free(&bytes);
}

static void the_umask_applies(void **state) {
    (void)state;
    const struct lac_file_mode run = {.executable = true}, secret = {.owner_only = true};
    struct stat facts;
    struct lac_error err;
    mode_t before = umask(027);

    assert_true(lac_file_write("run", LAC_STR(""), &run, &err));
    assert_true(lac_file_write("secret", LAC_STR(""), &secret, &err));

    umask(before);
    assert_int_equal(stat("run", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0750);
    assert_int_equal(stat("secret", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void a_lock_is_held_until_its_descriptor_is_closed(void **state) {
    (void)state;
    int fd = -1, second = -1;
    struct lac_error err;

    assert_true(lac_file_lock("lock", false, &fd, &err));
    assert_false(lac_file_lock("lock", false, &second, &err));
    assert_string_equal(err.code, "EAGAIN");
    assert_int_equal(second, -1);
    close(fd);

    assert_true(lac_file_lock("lock", false, &second, &err));
    close(second);
}

static void many_share_a_lock_that_nobody_else_then_gets(void **state) {
    (void)state;
    int one = -1, two = -1, alone = -1;
    struct lac_error err;

    assert_true(lac_file_lock("lock", true, &one, &err));
    assert_true(lac_file_lock("lock", true, &two, &err));
    assert_false(lac_file_lock("lock", false, &alone, &err));
    assert_string_equal(err.code, "EAGAIN");
    close(one);
    close(two);

    assert_true(lac_file_lock("lock", false, &alone, &err));
    assert_false(lac_file_lock("lock", true, &one, &err));
    close(alone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_draft_is_seen_only_when_it_is_kept),
        IN_SCRATCH(a_dropped_draft_leaves_nothing),
        IN_SCRATCH(two_drafts_of_one_file_do_not_meet),
        IN_SCRATCH(what_cannot_be_kept_leaves_nothing),
        IN_SCRATCH(a_file_past_the_bound_is_not_read),
        IN_SCRATCH(the_umask_applies),
        IN_SCRATCH(a_lock_is_held_until_its_descriptor_is_closed),
        IN_SCRATCH(many_share_a_lock_that_nobody_else_then_gets),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
