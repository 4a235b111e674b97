/* test_rsa.c — signatures of RSA against RFC 7515's example and the openssl command's, tampered
 * ones, and keys that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/encoding.h"
#include "core/rsa.h"

#define EXPONENT LAC_STR("\x01\x00\x01")

/* RFC 7515, A.2: the key, what is signed, and the signature. */
static const char rfc_modulus[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-"
    "Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
    "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
    "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
    "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
static const char rfc_input[] =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx"
    "lLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char rfc_signature[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-"
    "0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--"
    "f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLI"
    "hWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/* A key of the openssl command's, and its signatures of "tea". */
static const char own_modulus[] =
    "o3PZDeAZQtksJJ_WOJtsYcLvX5L_tV9ESKLMpJRImvImCa9WOmFMtEpxYLJ6rZCuBswusDzTt4Zk1NDziapQliRG"
    "rd1rBNQAmgcC13A6mIinG__hphytCuCDM_nOC8tO87_CryiA-nDGG5TR0hMMT83mdMThqpCvnHqxAF1sGvdj4AQV"
    "XV9Jx3fx1DXl6OBWQwEEpTRK_Vvg5nYhi_7yiHJUYJ-6Q9MTXF0FXPFEwzGnvNRmiQh44A0-"
    "KJjfpXDWeIzkG0ozD7hSMwVfuCcxHgQ2P6PkUwe4GJ0ZooLuskDnzuWm0l94yWD2zXZWEYfj_hp-"
    "fz8ek83U9ZLVeK1ZdQ";
static const char own_sha256[] =
    "SkMpjS0FrB0nJSNjUe5clQzJBvImbg_raVDNWJeof7Hh5058iML2vvpbRXaMx2UZP0kENIFtTynhKY12j09puRxm"
    "6L0HyzMOgD0UR-FcbiCuNc053C3U2-wTc-"
    "Wr1AVv42RixFumiVrdA77LPuLT3Fu7wJPpCpXIVt5h3yj3acnvJCIh6HI-B4Zu06e5cb-Ei23w4zWCXnb9AJjkSD"
    "LxyNoLR6YIer_5JviuLbXP0qnIXwaGlIhGA-2bzIeio98LBqrmL_aPGMe61AGxAtPu24pLnJzyhyvGOL-"
    "FOIxowKlbx2UuvpKxpeIrhVGtoZEq0pqIZScKd4H-3Fta6eRMRA";
static const char own_sha384[] =
    "VcMxJANy74CpyAmAe8nQ1hLhe1-znscE1t8JJdRilsJMa4jr_YrZYpOEOYrh0B36QksoWCKaVs7Q7-EJOmNn-"
    "t-E24AsRO1C5nmA1L34fvbmrDyz-eCSlCqXHfx89tfYHPnx0H_FWAr66Hhza19JNvBK7rBRNStYTJAxjQGcRRyFv"
    "De4qv0P7eiezLoqJ0UdVI87xkBnhh7o0KCA7JdCaRLUme89dVYYOfxJCz59oZ-"
    "h8eLubBk60TwUXVKcbjtt_Om0vTU9KZJv1Eeha9zZ3VOI4VSJqMwLUZokp4LaOzdFw0I2Dnk5Tyz32m1L0rnUOKz"
    "bUAaT70hHxWtyOKfK9g";
static const char own_sha512[] =
    "ZRzD4wrbfNYJbvpl0SMr89M5P4Tbti1ELpraYQedemtZVMB_gQVC0ZcT9TrfMx1UshtBuCO4gtuKJBh9VGkd5tSX"
    "Zf6aBeI5jWTGfSozdzjLrY7RNNrUQIEhL_JJVmrW4X7qIQg_hKhszzETYTg-"
    "ZN9Lvhz7KLDySrgDnHle4Y7isYpolGt4Gnis7ydhWPgIhgghZmYv-"
    "UkyP3SiWAS00LMD2QP2dStp3YkTWU7FFE06DBItocoRJOJ0F2r3r1Vrd_IX-"
    "ntT7EDdrjmpPCiYbs5UsaHgMWQ1Xg7vCB9el6RxuCmq5MgPLNO6xwc63vPmGEERay6CWHrQ5g9e7yyQSg";
static const char own_pss[] =
    "aZiQS7pO5mz06a4LVhk17dquRjD1b3USvfDyOIIn0pOONlJ0RQwaPp-oHCkKUemmvQl75bQdkUOgR-"
    "_GP7oVUGOtFPlOZuDMxuSRGs2E1wnE8M66qvbggpqT-"
    "ntQddOFS8ykC89PjDNU1ZscfCfQTw9beIjUmX5J5qtPSixDEps8N5THddKx7iyXIAOyRmFm9uvLHgs71qeG--"
    "D1jTxyPuSYdXgYuHU9f4c5YHGGwMS3kkKuCwsS_H8Zj4UMphgh_86mqVUjDjd0fSey7cNKHP_ysOrrODLIR-"
    "njljoRh2_hyiG4dvtE2TglEHHpW6tz0VooNe04-RPp91e1u4ykUQ";

static struct lac_buf decoded(const char *text) {
    struct lac_buf out = {0};
    struct lac_error err;
    assert_true(lac_base64url_decode((struct lac_str){text, strlen(text)}, &out, &err));
    return out;
}

/* What the check says of a signature of the RFC's input by the RFC's key. */
static bool is_valid_rfc(struct lac_str bytes, struct lac_str signature) {
    struct lac_buf modulus = decoded(rfc_modulus);
    struct lac_rsa_claim claim = {LAC_RSA_SHA256, lac_buf_view(&modulus), EXPONENT, bytes,
                                  signature};
    bool is_valid = false;
    struct lac_error err;
    assert_true(lac_rsa_verify(&claim, &is_valid, &err));
    lac_buf_free(&modulus);
    return is_valid;
}

static void the_rfcs_example(void **state) {
    (void)state;
    struct lac_buf signature = decoded(rfc_signature);
    struct lac_str input = LAC_STR(rfc_input);

    assert_true(is_valid_rfc(input, lac_buf_view(&signature)));
    lac_buf_free(&signature);
}

static void every_byte_of_a_signature_counts(void **state) {
    (void)state;
    struct lac_buf signature = decoded(rfc_signature);
    struct lac_str input = LAC_STR(rfc_input);
    for (size_t i = 0; i < signature.len; i++) {
        signature.data[i] ^= 1;
        assert_false(is_valid_rfc(input, lac_buf_view(&signature)));
        signature.data[i] ^= 1;
    }
    for (size_t len = 0; len < signature.len; len += 15) {
        assert_false(is_valid_rfc(input, (struct lac_str){signature.data, len}));
    }
    lac_buf_add(&signature, LAC_STR("\0"));
    assert_false(is_valid_rfc(input, lac_buf_view(&signature)));
    lac_buf_free(&signature);
}

static void other_bytes_are_not_signed(void **state) {
    (void)state;
    struct lac_buf signature = decoded(rfc_signature), input = {0};
    assert_false(is_valid_rfc(LAC_STR(""), lac_buf_view(&signature)));
    lac_buf_add(&input, LAC_STR(rfc_input));
    for (size_t i = 0; i < input.len; i++) {
        input.data[i] ^= 1;
        assert_false(is_valid_rfc(lac_buf_view(&input), lac_buf_view(&signature)));
        input.data[i] ^= 1;
    }
    lac_buf_free(&input);
    lac_buf_free(&signature);
}

static void each_hash_is_another_signature(void **state) {
    (void)state;
    static const char *const signatures[] = {own_sha256, own_sha384, own_sha512, own_pss};
    struct lac_buf modulus = decoded(own_modulus);
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        struct lac_buf signature = decoded(signatures[i]);
        for (int hash = 0; hash < LAC_RSA_HASHES; hash++) {
            struct lac_rsa_claim claim = {(enum lac_rsa_hash)hash, lac_buf_view(&modulus), EXPONENT,
                                          LAC_STR("tea"), lac_buf_view(&signature)};
            bool is_valid = true;
            struct lac_error err;

            assert_true(lac_rsa_verify(&claim, &is_valid, &err));

            assert_int_equal(is_valid, i == (size_t)hash);
        }
        lac_buf_free(&signature);
    }
    lac_buf_free(&modulus);
}

static void leading_zeros_say_nothing(void **state) {
    (void)state;
    struct lac_buf modulus = decoded(own_modulus), signature = decoded(own_sha256), longer = {0};
    lac_buf_adds(&longer, LAC_STR("\0\0"), lac_buf_view(&modulus));
    struct lac_rsa_claim claim = {LAC_RSA_SHA256, lac_buf_view(&longer), LAC_STR("\0\x01\x00\x01"),
                                  LAC_STR("tea"), lac_buf_view(&signature)};
    bool is_valid = false;
    struct lac_error err;

    assert_true(lac_rsa_verify(&claim, &is_valid, &err));

    assert_true(is_valid);
    lac_buf_free(&longer);
    lac_buf_free(&signature);
    lac_buf_free(&modulus);
}

static void keys_have_their_bounds(void **state) {
    (void)state;
    static unsigned char number[8193 / 8 + 1];
    static const struct {
        size_t len;
        unsigned char first;
        bool fine;
    } rows[] = {
        {0, 0, false},       {1, 3, false},       {128, 0x80, false}, /* 1024 bits */
        {256, 0x7f, false},                                           /* 2047 */
        {256, 0x80, true},   {1024, 0xff, true},                      /* 2048, 8192 */
        {1025, 0x01, false}, {1025, 0xff, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memset(number, 0xff, sizeof number);
        number[0] = rows[i].first;
        struct lac_str modulus = {(const char *)number, rows[i].len};
        struct lac_rsa_claim claim = {LAC_RSA_SHA256, modulus, EXPONENT, LAC_STR("tea"), modulus};
        bool is_valid = true;
        struct lac_error err;

        assert_int_equal(lac_rsa_verify(&claim, &is_valid, &err), rows[i].fine);

        if (rows[i].fine) {
            assert_false(is_valid);
        } else {
            assert_int_equal(err.kind, LAC_ERR_INPUT);
            assert_non_null(strstr(err.message, "2048 to 8192 bits"));
        }
    }
}

static void numbers_that_are_no_key(void **state) {
    (void)state;
    struct lac_buf modulus = decoded(own_modulus), signature = decoded(own_sha256);
    static const struct lac_str exponents[] = {
        LAC_STR_INIT(""),     LAC_STR_INIT("\0"),           LAC_STR_INIT("\x01"),
        LAC_STR_INIT("\x02"), LAC_STR_INIT("\x01\x00\x00"), LAC_STR_INIT("\x01\0\0\0\0\0\0\0\x01")};
    struct lac_rsa_claim claim = {LAC_RSA_SHA256, lac_buf_view(&modulus), EXPONENT, LAC_STR("tea"),
                                  lac_buf_view(&signature)};
    bool is_valid;
    struct lac_error err;
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        claim.exponent = exponents[i];
        assert_false(lac_rsa_verify(&claim, &is_valid, &err));
        assert_int_equal(err.kind, LAC_ERR_INPUT);
        assert_string_equal(err.message, "the numbers are no key of RSA");
    }
    claim.exponent = EXPONENT;
    modulus.data[modulus.len - 1] &= 0x7e; /* an even one */
    assert_false(lac_rsa_verify(&claim, &is_valid, &err));
    assert_string_equal(err.message, "the numbers are no key of RSA");
    lac_buf_free(&signature);
    lac_buf_free(&modulus);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_example),
        cmocka_unit_test(every_byte_of_a_signature_counts),
        cmocka_unit_test(other_bytes_are_not_signed),
        cmocka_unit_test(each_hash_is_another_signature),
        cmocka_unit_test(leading_zeros_say_nothing),
        cmocka_unit_test(keys_have_their_bounds),
        cmocka_unit_test(numbers_that_are_no_key),
    };
    return cmocka_run_group_tests_name("rsa", tests, NULL, NULL);
}
