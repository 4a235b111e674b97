/* test_elf.c — a shared object made by hand, byte for byte, and every way of damaging it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/elf.h"

/* Where the parts stand; addresses are BASE higher than offsets. */
enum {
    BASE = 0x10000,
    SEGMENTS = 64,
    STRINGS = 0x100,
    SYMBOLS = 0x200,
    GNU_HASH = 0x2c0,
    VERSIONS = 0x300,
    NEEDED_VERSIONS = 0x320,
    DEFINED_VERSIONS = 0x380,
    DYNAMIC = 0x400,
    INTERPRETER = 0x4e0,
    SIZE = 0x500,
};

static unsigned char image[SIZE];

static void put(size_t at, size_t size, uint64_t value) {
    for (size_t i = 0; i < size; i++) {
        image[at + i] = (unsigned char)(value >> 8 * i);
    }
}

static void put_segment(size_t index, uint32_t kind, uint64_t offset, uint64_t size) {
    size_t at = SEGMENTS + 56 * index;
    put(at, 4, kind);
    put(at + 8, 8, offset);
    put(at + 16, 8, BASE + offset);
    put(at + 32, 8, size);
}

/* The string table: names follow each other, each found again by its text. */
static const char strings[] =
    "\0libc.so.6\0GLIBC_2.34\0demo.so\0$ORIGIN/../lib\0puts\0lua_next\0"
    "luaopen_demo\0secret\0DEMO_1\0libm.so.6\0gone";

static uint64_t name(const char *text) {
    for (size_t i = 1; i < sizeof strings; i += strlen(strings + i) + 1) {
        if (strcmp(strings + i, text) == 0) {
            return i;
        }
    }
    fail_msg("'%s' is no string of the image", text);
    return 0;
}

static void put_symbol(size_t index, const char *text, unsigned info, unsigned other,
                       unsigned section, unsigned version) {
    size_t at = SYMBOLS + 24 * index;
    put(at, 4, name(text));
    put(at + 4, 1, info);
    put(at + 5, 1, other);
    put(at + 6, 2, section);
    put(VERSIONS + 2 * index, 2, version);
}

static void put_tag(size_t *at, uint64_t tag, uint64_t value) {
    put(*at, 8, tag);
    put(*at + 8, 8, value);
    *at += 16;
}

/* Symbols 1 to 3 are wanted, 4 to 6 are in the hash table, of which 5 is hidden. */
static void put_symbols(void) {
    enum { GLOBAL = 0x12, WEAK = 0x22 };
    put_symbol(1, "puts", GLOBAL, 0, 0, 2);
    put_symbol(2, "lua_next", GLOBAL, 0, 0, 1);
    put_symbol(3, "gone", WEAK, 0, 0, 0);
    put_symbol(4, "luaopen_demo", GLOBAL, 0, 5, 3);
    put_symbol(5, "secret", GLOBAL, 2, 5, 1);
    put_symbol(6, "secret", WEAK, 3, 5, 0x8001); /* protected, in a hidden version */

    put(GNU_HASH, 4, 1);     /* buckets */
    put(GNU_HASH + 4, 4, 4); /* the first symbol that is offered */
    put(GNU_HASH + 8, 4, 1); /* words of the filter */
    put(GNU_HASH + 24, 4, 4);
    put(GNU_HASH + 36, 4, 1); /* of the chain: the last one is odd */

    put(NEEDED_VERSIONS, 2, 1);
    put(NEEDED_VERSIONS + 2, 2, 2);
    put(NEEDED_VERSIONS + 4, 4, name("libc.so.6"));
    put(NEEDED_VERSIONS + 8, 4, 16);
    put(NEEDED_VERSIONS + 16 + 6, 2, 2);
    put(NEEDED_VERSIONS + 16 + 8, 4, name("GLIBC_2.34"));
    put(NEEDED_VERSIONS + 16 + 12, 4, 16);
    put(NEEDED_VERSIONS + 32 + 4, 2, 2); /* weak */
    put(NEEDED_VERSIONS + 32 + 6, 2, 4);
    put(NEEDED_VERSIONS + 32 + 8, 4, name("gone"));

    put(DEFINED_VERSIONS, 2, 1);
    put(DEFINED_VERSIONS + 2, 2, 1); /* the file's own name */
    put(DEFINED_VERSIONS + 4, 2, 1);
    put(DEFINED_VERSIONS + 12, 4, 20);
    put(DEFINED_VERSIONS + 16, 4, 28);
    put(DEFINED_VERSIONS + 20, 4, name("demo.so"));
    put(DEFINED_VERSIONS + 28 + 4, 2, 3);
    put(DEFINED_VERSIONS + 28 + 12, 4, 20);
    put(DEFINED_VERSIONS + 28 + 20, 4, name("DEMO_1"));
}

static void put_dynamic(void) {
    size_t at = DYNAMIC;
    put_tag(&at, 1, name("libc.so.6"));
    put_tag(&at, 1, name("libm.so.6"));
    put_tag(&at, 14, name("demo.so"));
    put_tag(&at, 29, name("$ORIGIN/../lib"));
    put_tag(&at, 5, BASE + STRINGS);
    put_tag(&at, 10, sizeof strings);
    put_tag(&at, 6, BASE + SYMBOLS);
    put_tag(&at, 0x6ffffef5, BASE + GNU_HASH);
    put_tag(&at, 0x6ffffff0, BASE + VERSIONS);
    put_tag(&at, 0x6ffffffe, BASE + NEEDED_VERSIONS);
    put_tag(&at, 0x6fffffff, 1);
    put_tag(&at, 0x6ffffffc, BASE + DEFINED_VERSIONS);
    put_tag(&at, 0x6ffffffd, 2);
    put_tag(&at, 0, 0);
}

static int make_image(void **state) {
    (void)state;
    memset(image, 0, sizeof image);
    memcpy(image, "\177ELF\2\1\1", 7);
    put(16, 2, 3);
    put(18, 2, 183);
    put(32, 8, SEGMENTS);
    put(54, 2, 56);
    put(56, 2, 3);
    put_segment(0, 1, 0, SIZE);
    put_segment(1, 2, DYNAMIC, INTERPRETER - DYNAMIC);
    put_segment(2, 3, INTERPRETER, SIZE - INTERPRETER);
    memcpy(image + STRINGS, strings, sizeof strings);
    memcpy(image + INTERPRETER, "/lib/ld.so", sizeof "/lib/ld.so");
    put_symbols();
    put_dynamic();
    return 0;
}

static void note_needed(void *out, struct lac_str library) {
    lac_buf_adds(out, LAC_STR("needs "), library, LAC_STR("|"));
}

static void note_required(void *out, struct lac_str library, struct lac_str version) {
    lac_buf_adds(out, library, LAC_STR(" of "), version, LAC_STR("|"));
}

static void note_provided(void *out, struct lac_str version) {
    lac_buf_adds(out, LAC_STR("has "), version, LAC_STR("|"));
}

static void note_symbol(void *out, const struct lac_elf_symbol *symbol) {
    lac_buf_adds(out, symbol->weak ? LAC_STR("weakly ") : LAC_STR(""),
                 symbol->defined ? LAC_STR("offers ") : LAC_STR("wants "), symbol->name,
                 LAC_STR("@"), symbol->version, LAC_STR("@"), symbol->library, LAC_STR("|"));
}

/* Reads a copy that is exactly as long as it says, so that a sanitizer sees a step too far. */
static bool read_copy(size_t size, struct lac_elf *elf, struct lac_buf *notes,
                      struct lac_error *err) {
    const struct lac_elf_visitor visitor = {note_needed, note_required, note_provided, note_symbol,
                                            notes};
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, image, size);
    bool ok = lac_elf_read((struct lac_str){copy, size}, &visitor, elf, err);
    free(copy);
    return ok;
}

static void what_a_shared_object_says(void **state) {
    (void)state;
    struct lac_buf notes = {0};
    const struct lac_elf_visitor visitor = {note_needed, note_required, note_provided, note_symbol,
                                            &notes};
    struct lac_elf elf;
    struct lac_error err;

    assert_true(lac_elf_read((struct lac_str){(char *)image, sizeof image}, &visitor, &elf, &err));

    assert_int_equal(elf.bits, 64);
    assert_false(elf.big_endian);
    assert_int_equal(elf.type, LAC_ELF_SHARED);
    assert_string_equal(lac_elf_machine_name(elf.machine), "aarch64");
    assert_string_equal(elf.interpreter.data, "/lib/ld.so");
    assert_string_equal(elf.soname.data, "demo.so");
    assert_string_equal(elf.runpath.data, "$ORIGIN/../lib");
    assert_null(elf.rpath.data);
    assert_string_equal(lac_buf_view(&notes).data,
                        "needs libc.so.6|needs libm.so.6|libc.so.6 of GLIBC_2.34|has DEMO_1|"
                        "wants puts@GLIBC_2.34@libc.so.6|wants lua_next@@|weakly wants gone@@|"
                        "offers luaopen_demo@DEMO_1@|weakly offers secret@@|");
    lac_buf_free(&notes);
}

static void other_machines_are_told_by_their_header(void **state) {
    (void)state;
    struct lac_elf elf;
    struct lac_error err;
    image[4] = 1, image[5] = 2;   /* 32 bits, the highest byte first */
    image[16] = 0, image[17] = 2; /* executable */
    image[18] = 0, image[19] = 8;

    assert_true(read_copy(52, &elf, NULL, &err));

    assert_int_equal(elf.bits, 32);
    assert_true(elf.big_endian);
    assert_int_equal(elf.type, LAC_ELF_EXECUTABLE);
    assert_string_equal(lac_elf_machine_name(elf.machine), "mips");
    assert_null(lac_elf_machine_name(0xfff0));
}

static void what_is_no_elf_file_has_a_code(void **state) {
    (void)state;
    struct lac_elf elf;
    struct lac_error err = {0};
    image[1] = 'M';

    assert_false(read_copy(SIZE, &elf, NULL, &err));

    assert_int_equal(err.kind, LAC_ERR_INPUT);
    assert_string_equal(err.code, "ENOEXEC");
    assert_string_equal(err.message, "not a compiled file of Linux (ELF)");
}

static void damage_is_named(void **state) {
    static const struct {
        size_t at, size;
        uint64_t value;
        enum lac_error_kind kind;
        const char *want;
    } rows[] = {
        {4, 1, 7, LAC_ERR_INPUT, "damaged: the header has an unknown form"},
        {32, 8, UINT64_MAX - 8, LAC_ERR_INPUT, "damaged: the segments are outside of the file"},
        {56, 2, 0xffff, LAC_ERR_INPUT, "damaged: the segments are outside of the file"},
        {54, 2, 55, LAC_ERR_INPUT, "damaged: the segments have an unknown form"},
        {INTERPRETER, 1, '\n', LAC_ERR_INPUT,
         "damaged: the loader's path holds control characters"},
        {SEGMENTS + 112 + 32, 8, 4, LAC_ERR_INPUT, "damaged: the loader's path has no end"},
        {DYNAMIC + 8, 8, 0xffffff, LAC_ERR_INPUT, "damaged: a name is outside of its table"},
        {STRINGS + 1, 1, 27, LAC_ERR_INPUT, "damaged: a name holds control characters"},
        {GNU_HASH, 4, 0xffffffff, LAC_ERR_INPUT, "damaged: the hash table is cut short"},
        {GNU_HASH + 24, 4, 0xffffff, LAC_ERR_INPUT, "damaged: the hash table has no end"},
        {NEEDED_VERSIONS + 8, 4, 0xfffff, LAC_ERR_INPUT,
         "damaged: a needed version is outside of its table"},
        {NEEDED_VERSIONS + 22, 2, 0x7fff, LAC_ERR_LIMIT, "too many versions"},
        {DEFINED_VERSIONS + 12, 4, 0xfffff, LAC_ERR_INPUT,
         "damaged: a defined version is outside of its table"},
        {DEFINED_VERSIONS + 16, 4, 0xfffff, LAC_ERR_INPUT,
         "damaged: the defined versions are outside of the file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_image(state);
        put(rows[i].at, rows[i].size, rows[i].value);
        struct lac_buf notes = {0};
        struct lac_elf elf;
        struct lac_error err = {0};

        bool ok = read_copy(SIZE, &elf, &notes, &err);

        lac_buf_free(&notes);
        assert_false(ok);
        assert_string_equal(err.message, rows[i].want);
        assert_int_equal(err.kind, rows[i].kind);
    }
}

static void chains_of_versions_that_turn_back_end(void **state) {
    (void)state;
    put(NEEDED_VERSIONS + 2, 2, 0xffff);
    put(NEEDED_VERSIONS + 16 + 12, 4, 1); /* each entry overlaps the one before */
    memset(image + NEEDED_VERSIONS + 32, 1, 0x20);
    struct lac_buf notes = {0};
    struct lac_elf elf;
    struct lac_error err = {0};

    assert_false(read_copy(SIZE, &elf, &notes, &err));

    assert_string_not_equal(err.message, "");
    lac_buf_free(&notes);
}

/* Nothing is asserted about the verdict: a step out of bounds is what the sanitizers would see. */
static void no_cut_and_no_byte_leads_astray(void **state) {
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct lac_elf elf;
    struct lac_error err;
    for (size_t size = 0; size < SIZE; size++) {
        struct lac_buf notes = {0};
        err = (struct lac_error){0};
        assert_true(read_copy(size, &elf, &notes, &err) || err.kind != LAC_OK);
        lac_buf_free(&notes);
    }
    for (size_t i = 0; i < SIZE * sizeof values; i++) {
        make_image(state);
        image[i / sizeof values] = values[i % sizeof values];
        struct lac_buf notes = {0};
        err = (struct lac_error){0};
        assert_true(read_copy(SIZE, &elf, &notes, &err) || err.kind != LAC_OK);
        lac_buf_free(&notes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_a_shared_object_says, make_image),
        cmocka_unit_test_setup(other_machines_are_told_by_their_header, make_image),
        cmocka_unit_test_setup(what_is_no_elf_file_has_a_code, make_image),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test_setup(chains_of_versions_that_turn_back_end, make_image),
        cmocka_unit_test(no_cut_and_no_byte_leads_astray),
    };
    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
