/* digest.h — SHA-256, SHA-1, MD5 and HMAC over OpenSSL, and random bytes from the kernel.
 *
 * OpenSSL is not touched before the first digest, which pays about a millisecond for all of them.
 * A digest fails only when memory ends, or when the machine's OpenSSL has the algorithm switched
 * off; then `out` is unset. Safe to call from several threads. */
#ifndef LAC_DIGEST_H
#define LAC_DIGEST_H

#include "core/buf.h"
#include "core/error.h"

enum lac_digest_kind { LAC_SHA256, LAC_SHA1, LAC_MD5, LAC_DIGEST_KINDS };

#define LAC_DIGEST_MAX 32

struct lac_digest {
    unsigned char bytes[LAC_DIGEST_MAX];
    size_t len; /* 32, 20 or 16 */
};

bool lac_digest(enum lac_digest_kind kind, struct lac_str input, struct lac_digest *out,
                struct lac_error *err);

/* Of a file's bytes, read in pieces. */
bool lac_digest_file(enum lac_digest_kind kind, const char *path, struct lac_digest *out,
                     struct lac_error *err);

bool lac_hmac_sha256(struct lac_str key, struct lac_str input, struct lac_digest *out,
                     struct lac_error *err);

struct lac_str lac_digest_view(const struct lac_digest *digest);
void lac_digest_add_hex(const struct lac_digest *digest, struct lac_buf *out);

/* A digest of bytes that come in pieces. Start it, add, and finish; free it in every case. `{0}` is
 * an empty one. */
struct lac_hasher {
    void *context;
};

bool lac_hasher_start(struct lac_hasher *hasher, enum lac_digest_kind kind, struct lac_error *err);
bool lac_hasher_add(struct lac_hasher *hasher, struct lac_str bytes, struct lac_error *err);
bool lac_hasher_finish(struct lac_hasher *hasher, struct lac_digest *out, struct lac_error *err);
void lac_hasher_free(struct lac_hasher *hasher);

/* Whether both are the same, in a time that depends on their lengths alone: what a secret goes into
 * is compared so, lest the time tell how much of it was right. */
bool lac_digest_equal(struct lac_str a, struct lac_str b);

/* Fills `out` from the operating system's generator. Not to be called in a child that forked and
 * did not exec: it would draw what its parent draws. */
bool lac_random(void *out, size_t size, struct lac_error *err);

/* `count` random bytes as twice as many hexadecimal digits, not NUL-terminated. */
#define LAC_RANDOM_HEX_MAX ((size_t)64)
bool lac_random_hex(char *out, size_t count, struct lac_error *err);

/* A random UUID (version 4), NUL-terminated. */
#define LAC_UUID_SIZE 37
bool lac_uuid(char out[LAC_UUID_SIZE], struct lac_error *err);

#endif
