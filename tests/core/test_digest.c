/* test_digest.c — digests against the published examples of FIPS 180, RFC 1321 and RFC 4231. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/digest.h"

static void assert_hex(const struct lac_digest *digest, const char *want) {
    struct lac_buf hex = {0};
    lac_digest_add_hex(digest, &hex);
    assert_string_equal(lac_buf_view(&hex).data, want);
    lac_buf_free(&hex);
}

static void digests_of_abc(void **state) {
    (void)state;
    static const struct {
        enum lac_digest_kind kind;
        const char *want;
    } rows[] = {
        {LAC_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {LAC_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {LAC_MD5, "900150983cd24fb0d6963f7d28e17f72"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lac_digest digest;
        struct lac_error err;

        assert_true(lac_digest(rows[i].kind, LAC_STR("abc"), &digest, &err));

        assert_hex(&digest, rows[i].want);
    }
}

static void hmac_with_a_short_and_a_long_key(void **state) {
    (void)state;
    char long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    struct lac_digest digest;
    struct lac_error err;

    assert_true(
        lac_hmac_sha256(LAC_STR("Jefe"), LAC_STR("what do ya want for nothing?"), &digest, &err));
    assert_hex(&digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    assert_true(lac_hmac_sha256((struct lac_str){long_key, sizeof long_key},
                                LAC_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
                                &digest, &err));
    assert_hex(&digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void an_empty_key_is_a_key(void **state) {
    (void)state;
    struct lac_digest digest;
    struct lac_error err;

    assert_true(lac_hmac_sha256(LAC_STR(""), LAC_STR(""), &digest, &err));

    assert_hex(&digest, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void pieces_give_the_digest_of_the_whole(void **state) {
    (void)state;
    struct lac_hasher hasher = {0};
    struct lac_digest digest;
    struct lac_error err;

    assert_true(lac_hasher_start(&hasher, LAC_SHA256, &err));
    assert_true(lac_hasher_add(&hasher, LAC_STR("a"), &err));
    assert_true(lac_hasher_add(&hasher, LAC_STR(""), &err));
    assert_true(lac_hasher_add(&hasher, LAC_STR("bc"), &err));
    assert_true(lac_hasher_finish(&hasher, &digest, &err));

    assert_hex(&digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    lac_hasher_free(&hasher);
    lac_hasher_free(&hasher);
}

static void a_file_longer_than_a_piece(void **state) {
    (void)state;
    char path[] = "/tmp/laconic-digest-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    const size_t size = 200000;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, 'x', size);
    assert_int_equal(write(file, bytes, size), size);
    close(file);
    struct lac_digest of_file, of_bytes;
    struct lac_error err;

    assert_true(lac_digest_file(LAC_MD5, path, &of_file, &err));

    assert_true(lac_digest(LAC_MD5, (struct lac_str){bytes, size}, &of_bytes, &err));
    assert_int_equal(of_file.len, 16);
    assert_memory_equal(of_file.bytes, of_bytes.bytes, of_file.len);
    free(bytes);
    unlink(path);
}

static void a_file_that_cannot_be_read_is_a_system_error(void **state) {
    (void)state;
    struct lac_digest digest;
    struct lac_error err;

    assert_false(lac_digest_file(LAC_SHA256, "/nowhere/at/all", &digest, &err));
    assert_int_equal(err.kind, LAC_ERR_SYSTEM);
    assert_string_equal(err.code, "ENOENT");
    assert_string_equal(err.message, "cannot read /nowhere/at/all: No such file or directory");

    assert_false(lac_digest_file(LAC_SHA256, "/", &digest, &err));
    assert_string_equal(err.code, "EISDIR");
}

static void equal_texts_are_the_same_to_the_last_byte(void **state) {
    (void)state;

    assert_true(lac_digest_equal(LAC_STR("a\0b"), LAC_STR("a\0b")));
    assert_true(lac_digest_equal(LAC_STR(""), (struct lac_str){0}));
    assert_false(lac_digest_equal(LAC_STR("a\0b"), LAC_STR("a\0c")));
    assert_false(lac_digest_equal(LAC_STR("b\0b"), LAC_STR("a\0b")));
    assert_false(lac_digest_equal(LAC_STR("ab"), LAC_STR("abc")));
    assert_false(lac_digest_equal(LAC_STR("\x80"), LAC_STR("\x00")));
}

static void random_bytes_fill_the_whole_and_differ(void **state) {
    (void)state;
    unsigned char a[1000] = {0}, b[1000] = {0};
    struct lac_error err;

    assert_true(lac_random(a, sizeof a, &err));
    assert_true(lac_random(b, sizeof b, &err));

    assert_memory_not_equal(a, b, sizeof a);
    const unsigned char zeros[16] = {0};
    assert_memory_not_equal(a + sizeof a - sizeof zeros, zeros, sizeof zeros);
}

static void random_digits_are_as_many_as_asked_for(void **state) {
    (void)state;
    char a[33] = "", b[33] = "";
    struct lac_error err;

    assert_true(lac_random_hex(a, 16, &err));
    assert_true(lac_random_hex(b, 16, &err));

    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_string_not_equal(a, b);
}

static void uuids_have_their_form_and_differ(void **state) {
    (void)state;
    char a[LAC_UUID_SIZE], b[LAC_UUID_SIZE];
    struct lac_error err;

    for (int i = 0; i < 1000; i++) {
        assert_true(lac_uuid(a, &err));
        assert_true(lac_uuid(b, &err));

        assert_int_equal(strlen(a), 36);
        assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
        assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
        assert_int_equal(a[14], '4');
        assert_non_null(strchr("89ab", a[19]));
        assert_string_not_equal(a, b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_of_abc),
        cmocka_unit_test(hmac_with_a_short_and_a_long_key),
        cmocka_unit_test(an_empty_key_is_a_key),
        cmocka_unit_test(pieces_give_the_digest_of_the_whole),
        cmocka_unit_test(a_file_longer_than_a_piece),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_system_error),
        cmocka_unit_test(equal_texts_are_the_same_to_the_last_byte),
        cmocka_unit_test(random_bytes_fill_the_whole_and_differ),
        cmocka_unit_test(random_digits_are_as_many_as_asked_for),
        cmocka_unit_test(uuids_have_their_form_and_differ),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
