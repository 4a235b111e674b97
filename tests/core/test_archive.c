/* test_archive.c — the core of archives. Forged archives are in bind/archive_spec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/archive.h"
#include "core/file.h"
#include "core/folder.h"
#include "fixture_scratch.h"

static const struct lac_archive_limits no_limits = {0};

static void what_is_written_can_be_read(void **state) {
    (void)state;
    const struct lac_archive_entry entries[] = {
        {.name = "b", .data = LAC_STR("bytes of b"), .executable = true},
        {.name = "a/x", .data = LAC_STR("")},
    };
    struct lac_archive_facts facts;
    struct lac_archive_items items = {0};
    struct lac_buf bytes = {0};
    struct lac_error err;

    assert_true(lac_archive_write("x.zip", entries, 2, LAC_ARCHIVE_LEVEL, &facts, &err));
    assert_true(lac_archive_list("x.zip", &no_limits, &items, &err));
    assert_true(lac_archive_read("x.zip", "b", &no_limits, &bytes, &err));

    assert_int_equal(facts.entries, 2);
    assert_int_equal(items.count, 2);
    assert_string_equal(items.items[0].name, "a/x");
    assert_true(items.items[1].executable);
    assert_string_equal(bytes.data, "bytes of b");
    lac_archive_items_free(&items);
    lac_buf_free(&bytes);
}

static void every_cut_of_an_archive_is_refused_and_leaves_nothing(void **state) {
    (void)state;
    const struct lac_file_mode mode = {0};
    const struct lac_archive_entry entry = {.name = "a", .data = LAC_STR("some bytes")};
    struct lac_archive_facts facts;
    struct lac_buf whole = {0};
    struct lac_error err;
    assert_true(lac_archive_write("x.zip", &entry, 1, LAC_ARCHIVE_LEVEL, &facts, &err));
    assert_true(lac_file_read("x.zip", 10000, &whole, &err));

    for (size_t len = 0; len < whole.len; len++) {
        assert_true(lac_file_write("x.zip", (struct lac_str){whole.data, len}, &mode, &err));
        assert_false(lac_archive_extract("x.zip", "out", &no_limits, &facts, &err));
        assert_false(lac_file_exists("out"));
    }

    lac_buf_free(&whole);
}

static void no_change_of_a_byte_does_harm(void **state) {
    (void)state;
    const struct lac_file_mode mode = {0};
    const struct lac_archive_entry entry = {.name = "a", .data = LAC_STR("some bytes")};
    struct lac_archive_facts facts;
    struct lac_buf whole = {0};
    struct lac_error err;
    assert_true(lac_archive_write("x.zip", &entry, 1, LAC_ARCHIVE_LEVEL, &facts, &err));
    assert_true(lac_file_read("x.zip", 10000, &whole, &err));

    for (size_t i = 0; i < whole.len; i++) {
        struct lac_buf bytes = {0};
        whole.data[i] ^= 0x55;
        assert_true(lac_file_write("x.zip", lac_buf_view(&whole), &mode, &err));
        if (lac_archive_read("x.zip", "a", &no_limits, &bytes, &err)) {
            assert_string_equal(bytes.data, "some bytes");
        }
        whole.data[i] ^= 0x55;
        lac_buf_free(&bytes);
    }

    lac_buf_free(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_is_written_can_be_read),
        IN_SCRATCH(every_cut_of_an_archive_is_refused_and_leaves_nothing),
        IN_SCRATCH(no_change_of_a_byte_does_harm),
    };
    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
