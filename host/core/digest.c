#include "core/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/encoding.h"

#define PIECE ((size_t)64 * 1024)
#define ENTROPY_AT_ONCE ((size_t)256) /* more than that, getentropy refuses */

static const char *const names[LAC_DIGEST_KINDS] = {
    [LAC_SHA256] = "SHA256",
    [LAC_SHA1] = "SHA1",
    [LAC_MD5] = "MD5",
};

static EVP_MD *fetched[LAC_DIGEST_KINDS];
static pthread_once_t fetched_once = PTHREAD_ONCE_INIT;

/* Looked up once: an implicit fetch would search OpenSSL's providers for every digest. */
static void fetch_all(void) {
    for (int kind = 0; kind < LAC_DIGEST_KINDS; kind++) {
        fetched[kind] = EVP_MD_fetch(NULL, names[kind], NULL);
    }
}

static const EVP_MD *algorithm(enum lac_digest_kind kind, struct lac_error *err) {
    pthread_once(&fetched_once, fetch_all);
    if (fetched[kind] == NULL) {
        lac_fail(err, LAC_ERR_SYSTEM, "OpenSSL offers no %s here", names[kind]);
    }
    return fetched[kind];
}

static bool fail(enum lac_digest_kind kind, struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while computing a %s", names[kind]);
}

bool lac_digest(enum lac_digest_kind kind, struct lac_str input, struct lac_digest *out,
                struct lac_error *err) {
    const EVP_MD *md = algorithm(kind, err);
    if (md == NULL) {
        return false;
    }
    unsigned len = 0;
    if (EVP_Digest(input.data, input.len, out->bytes, &len, md, NULL) != 1) {
        return fail(kind, err);
    }
    out->len = len;
    return true;
}

static bool add_file(struct lac_hasher *hasher, int file, const char *path, struct lac_error *err) {
    char piece[PIECE];
    for (;;) {
        ssize_t count = read(file, piece, sizeof piece);
        if (count == 0) {
            return true;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return lac_fail_errno(err, errno, "cannot read %s", path);
        }
        if (!lac_hasher_add(hasher, (struct lac_str){piece, (size_t)count}, err)) {
            return false;
        }
    }
}

bool lac_digest_file(enum lac_digest_kind kind, const char *path, struct lac_digest *out,
                     struct lac_error *err) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return lac_fail_errno(err, errno, "cannot read %s", path);
    }
    struct lac_hasher hasher = {0};
    bool ok = lac_hasher_start(&hasher, kind, err) && add_file(&hasher, file, path, err) &&
              lac_hasher_finish(&hasher, out, err);
    lac_hasher_free(&hasher);
    close(file);
    return ok;
}

bool lac_hmac_sha256(struct lac_str key, struct lac_str input, struct lac_digest *out,
                     struct lac_error *err) {
    if (key.len > INT_MAX) {
        return lac_fail(err, LAC_ERR_INPUT, "an HMAC key of %zu bytes is too long", key.len);
    }
    const EVP_MD *md = algorithm(LAC_SHA256, err);
    if (md == NULL) {
        return false;
    }
    unsigned len = 0;
    if (HMAC(md, key.data, (int)key.len, (const unsigned char *)input.data, input.len, out->bytes,
             &len) == NULL) {
        return fail(LAC_SHA256, err);
    }
    out->len = len;
    return true;
}

struct lac_str lac_digest_view(const struct lac_digest *digest) {
    return (struct lac_str){(const char *)digest->bytes, digest->len};
}

void lac_digest_add_hex(const struct lac_digest *digest, struct lac_buf *out) {
    lac_hex_add(lac_digest_view(digest), out);
}

bool lac_hasher_start(struct lac_hasher *hasher, enum lac_digest_kind kind, struct lac_error *err) {
    const EVP_MD *md = algorithm(kind, err);
    if (md == NULL) {
        return false;
    }
    lac_hasher_free(hasher);
    hasher->context = EVP_MD_CTX_new();
    return (hasher->context != NULL && EVP_DigestInit_ex(hasher->context, md, NULL) == 1) ||
           fail(kind, err);
}

bool lac_hasher_add(struct lac_hasher *hasher, struct lac_str bytes, struct lac_error *err) {
    return EVP_DigestUpdate(hasher->context, bytes.data, bytes.len) == 1 ||
           lac_fail(err, LAC_ERR_MEMORY, "out of memory while hashing");
}

bool lac_hasher_finish(struct lac_hasher *hasher, struct lac_digest *out, struct lac_error *err) {
    unsigned len = 0;
    if (EVP_DigestFinal_ex(hasher->context, out->bytes, &len) != 1) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while hashing");
    }
    out->len = len;
    return true;
}

void lac_hasher_free(struct lac_hasher *hasher) {
    EVP_MD_CTX_free(hasher->context);
    *hasher = (struct lac_hasher){0};
}

bool lac_digest_equal(struct lac_str a, struct lac_str b) {
    if (a.len != b.len) {
        return false;
    }
    volatile unsigned char difference = 0; /* volatile: no compiler may leave the loop early */
    for (size_t i = 0; i < a.len; i++) {
        difference = (unsigned char)(difference | (a.data[i] ^ b.data[i]));
    }
    return difference == 0;
}

static bool read_entropy(void *out, size_t size, struct lac_error *err) {
    unsigned char *next = out;
    while (size > 0) {
        size_t count = size < ENTROPY_AT_ONCE ? size : ENTROPY_AT_ONCE;
        if (getentropy(next, count) != 0) {
            return lac_fail_errno(err, errno, "the system gives no random bytes");
        }
        next += count;
        size -= count;
    }
    return true;
}

/* Small draws come from a store, which saves a system call for each; what was drawn is wiped. */
bool lac_random(void *out, size_t size, struct lac_error *err) {
    static _Thread_local unsigned char store[512];
    static _Thread_local size_t left = 0;
    if (size > sizeof store / 8) {
        return read_entropy(out, size, err);
    }
    if (left < size) {
        if (!read_entropy(store, sizeof store, err)) {
            return false;
        }
        left = sizeof store;
    }
    left -= size;
    memcpy(out, store + left, size);
    lac_wipe(store + left, size);
    return true;
}

bool lac_random_hex(char *out, size_t count, struct lac_error *err) {
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[LAC_RANDOM_HEX_MAX];
    if (!lac_random(bytes, count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15U];
    }
    return true;
}

bool lac_uuid(char out[LAC_UUID_SIZE], struct lac_error *err) {
    static const char form[] = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
    char digits[sizeof form + 1];
    if (!lac_random_hex(digits, sizeof digits / 2, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof form; i++) {
        out[i] = form[i] == 'x'   ? digits[i]
                 : form[i] == 'v' ? "89ab"[(unsigned char)digits[i] % 4]
                                  : form[i];
    }
    return true;
}
