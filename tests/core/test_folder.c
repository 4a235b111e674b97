/* test_folder.c — lists, walks and removals. Links and modes: see bind/file_spec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/folder.h"
#include "fixture_scratch.h"

static void a_walk_gives_relative_sorted_paths(void **state) {
    (void)state;
    struct lac_names names = {0};
    struct lac_error err;
    assert_true(lac_folder_make("b/deep", &err));
    assert_true(lac_file_append("b/deep/x", LAC_STR(""), &err));
    assert_true(lac_file_append("a", LAC_STR(""), &err));

    assert_true(lac_folder_walk(".", 2, &names, &err));

    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "a");
    assert_string_equal(names.items[1], "b/deep/x");
    lac_names_free(&names);
}

static void a_walk_is_bounded(void **state) {
    (void)state;
    struct lac_names names = {0};
    struct lac_error err;
    assert_true(lac_file_append("a", LAC_STR(""), &err));
    assert_true(lac_file_append("b", LAC_STR(""), &err));

    assert_false(lac_folder_walk(".", 1, &names, &err));

    assert_int_equal(err.kind, LAC_ERR_LIMIT);
    lac_names_free(&names);
}

static void a_removal_takes_the_link_and_leaves_what_it_leads_to(void **state) {
    (void)state;
    struct lac_error err;
    assert_true(lac_folder_make("kept", &err) && lac_folder_make("tree", &err));
    assert_int_equal(symlink("../kept", "tree/link"), 0);

    assert_true(lac_folder_remove("tree", &err));

    assert_true(lac_file_exists("kept"));
    assert_false(lac_file_exists("tree"));
    assert_true(lac_folder_remove("tree", &err));
}

/* root writes wherever it likes: the test is another user's for its time. */
#define NOBODY 65534

static void a_sealed_tree_takes_no_writes_and_can_be_removed(void **state) {
    (void)state;
    struct lac_error err;
    bool root = geteuid() == 0;
    if (root) {
        assert_int_equal(chown(".", NOBODY, NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    assert_true(lac_folder_make("tree/deep", &err));
    assert_true(lac_file_append("tree/deep/x", LAC_STR("x"), &err));
    assert_int_equal(symlink("/etc", "tree/link"), 0);

    bool sealed = lac_folder_seal("tree", &err);
    bool changed = lac_file_append("tree/deep/x", LAC_STR("y"), &err);
    bool added = lac_folder_make("tree/deep/new", &err);
    bool removed = lac_folder_remove("tree", &err);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }

    assert_true(sealed);
    assert_false(changed);
    assert_false(added);
    assert_true(removed);
    assert_false(lac_folder_seal("tree", &err));
    assert_string_equal(err.code, "ENOENT");
}

static void an_empty_path_makes_nothing(void **state) {
    (void)state;
    struct lac_error err;

    assert_false(lac_folder_make("", &err));

    assert_string_equal(err.code, "ENOENT");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_walk_gives_relative_sorted_paths),
        IN_SCRATCH(a_walk_is_bounded),
        IN_SCRATCH(a_removal_takes_the_link_and_leaves_what_it_leads_to),
        IN_SCRATCH(a_sealed_tree_takes_no_writes_and_can_be_removed),
        IN_SCRATCH(an_empty_path_makes_nothing),
    };
    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
