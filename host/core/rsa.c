#include "core/rsa.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/* Everybody's is 65537; OpenSSL takes no more with a long modulus. */
#define MOST_EXPONENT_BITS 64

static const char *const names[LAC_RSA_HASHES] = {
    [LAC_RSA_SHA256] = "SHA256",
    [LAC_RSA_SHA384] = "SHA384",
    [LAC_RSA_SHA512] = "SHA512",
};

static bool fail(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_SYSTEM, "OpenSSL cannot check a signature of RSA here");
}

static struct lac_str without_leading_zeros(struct lac_str number) {
    while (number.len > 0 && number.data[0] == '\0') {
        number.data++;
        number.len--;
    }
    return number;
}

static size_t count_bits(struct lac_str number) {
    size_t bits = number.len * 8;
    for (unsigned first = number.len > 0 ? (unsigned char)number.data[0] : 128; first < 128;
         first *= 2) {
        bits--;
    }
    return bits;
}

static bool is_odd(struct lac_str number) {
    return number.len > 0 && ((unsigned char)number.data[number.len - 1] & 1) != 0;
}

/* Before OpenSSL sees the numbers: what it takes for a key is more than what is one. */
static bool check_key(struct lac_str modulus, struct lac_str exponent, struct lac_error *err) {
    size_t bits = count_bits(modulus);
    if (bits < LAC_RSA_LEAST_BITS || bits > LAC_RSA_MOST_BITS) {
        return lac_fail(err, LAC_ERR_INPUT, "a key of RSA has %d to %d bits, and not %zu",
                        LAC_RSA_LEAST_BITS, LAC_RSA_MOST_BITS, bits);
    }
    size_t exponent_bits = count_bits(exponent);
    if (!is_odd(modulus) || !is_odd(exponent) || exponent_bits < 2 ||
        exponent_bits > MOST_EXPONENT_BITS) {
        return lac_fail(err, LAC_ERR_INPUT, "the numbers are no key of RSA");
    }
    return true;
}

static OSSL_PARAM *make_parameters(const BIGNUM *modulus, const BIGNUM *exponent) {
    OSSL_PARAM *parameters = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
        parameters = OSSL_PARAM_BLD_to_param(builder);
    }
    OSSL_PARAM_BLD_free(builder);
    return parameters;
}

static BIGNUM *make_number(struct lac_str bytes) {
    return BN_bin2bn((const unsigned char *)bytes.data, (int)bytes.len, NULL);
}

/* NULL when OpenSSL cannot. */
static EVP_PKEY *make_key(struct lac_str modulus, struct lac_str exponent) {
    BIGNUM *n = make_number(modulus), *e = make_number(exponent);
    OSSL_PARAM *parameters = n != NULL && e != NULL ? make_parameters(n, e) : NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    if (parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1) {
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    BN_free(e);
    BN_free(n);
    return key;
}

/* OpenSSL's padding for keys of RSA is PKCS #1 v1.5 unless another is asked for. */
static bool ask(EVP_PKEY *key, const struct lac_rsa_claim *claim, bool *is_valid) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ready = context != NULL && EVP_DigestVerifyInit_ex(context, NULL, names[claim->hash], NULL,
                                                            NULL, key, NULL) == 1;
    if (ready) {
        *is_valid = EVP_DigestVerify(context, (const unsigned char *)claim->signature.data,
                                     claim->signature.len, (const unsigned char *)claim->bytes.data,
                                     claim->bytes.len) == 1;
    }
    EVP_MD_CTX_free(context);
    return ready;
}

bool lac_rsa_verify(const struct lac_rsa_claim *claim, bool *is_valid, struct lac_error *err) {
    struct lac_str modulus = without_leading_zeros(claim->modulus);
    struct lac_str exponent = without_leading_zeros(claim->exponent);
    if (!check_key(modulus, exponent, err)) {
        return false;
    }
    if (claim->signature.len != modulus.len) { /* RFC 8017, 8.2.2, step 1 */
        *is_valid = false;
        return true;
    }
    EVP_PKEY *key = make_key(modulus, exponent);
    bool ok = key != NULL && ask(key, claim, is_valid);
    EVP_PKEY_free(key);
    ERR_clear_error(); /* a signature that is wrong leaves its reasons there */
    return ok || fail(err);
}
