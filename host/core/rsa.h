/* rsa.h — whether a key of RSA has signed some bytes: RSASSA-PKCS1-v1_5 (RFC 8017, 8.2) with SHA-2,
 * over OpenSSL. That is RS256, RS384 and RS512 of JSON web tokens (RFC 7518, 3.3).
 *
 * The key is two numbers, as a JSON web key has them (RFC 7518, 6.3.1): unsigned, the first byte
 * the highest. All that is asked here is public: nothing is secret, and nothing is wiped. */
#ifndef LAC_RSA_H
#define LAC_RSA_H

#include "core/buf.h"
#include "core/error.h"

enum lac_rsa_hash { LAC_RSA_SHA256, LAC_RSA_SHA384, LAC_RSA_SHA512, LAC_RSA_HASHES };

/* Keys of fewer bits can be broken (RFC 7518 wants as many); with more of them a request would cost
 * its checker too much. */
#define LAC_RSA_LEAST_BITS 2048
#define LAC_RSA_MOST_BITS 8192

struct lac_rsa_claim {
    enum lac_rsa_hash hash;
    struct lac_str modulus, exponent; /* the public key */
    struct lac_str bytes;             /* what is said to be signed */
    struct lac_str signature;
};

/* `is_valid` says whether the key signed the bytes so. False, with an error of kind input, is for a
 * key that cannot be used: one of too few or too many bits, and numbers that are no key's. */
bool lac_rsa_verify(const struct lac_rsa_claim *claim, bool *is_valid, struct lac_error *err);

#endif
