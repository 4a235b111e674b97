#include "core/sigv4.h"

#include <string.h>

#include "core/canonical.h"
#include "core/digest.h"
#include "core/uri.h"

#define TERMINATOR LAC_STR("aws4_request")
#define KEY_PREFIX LAC_STR("AWS4")
/* Of a chunk's headers, which nobody sends. */
#define EMPTY_SHA256_LINE                                                                          \
    LAC_STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")
#define SLASH LAC_STR("/")
#define NL LAC_STR("\n")

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while signing");
}

bool lac_sigv4_is_s3(const struct lac_sigv4_signer *signer) {
    return signer->service.len == 2 && memcmp(signer->service.data, "s3", 2) == 0;
}

static bool is_amz_date(struct lac_str text) {
    static const char form[] = "00000000T000000Z";
    for (size_t i = 0; i < text.len && i < sizeof form - 1; i++) {
        bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (form[i] == '0' ? !is_digit : text.data[i] != form[i]) {
            return false;
        }
    }
    return text.len == sizeof form - 1;
}

static bool check_words(const struct lac_str *words, const char *const *names, size_t count,
                        struct lac_error *err) {
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < words[i].len; at++) {
            unsigned char byte = (unsigned char)words[i].data[at];
            if (byte <= ' ' || byte == 0x7f) {
                return lac_fail(err, LAC_ERR_INPUT, "%s holds a space or a control character",
                                names[i]);
            }
        }
        if (words[i].len == 0) {
            return lac_fail(err, LAC_ERR_INPUT, "%s is empty", names[i]);
        }
    }
    return true;
}

static bool check_signer(const struct lac_sigv4_signer *signer, struct lac_error *err) {
    const struct lac_str words[] = {signer->access_key_id, signer->region, signer->service};
    static const char *const names[] = {"access_key_id", "region", "service"};
    return is_amz_date(signer->amz_date)
               ? check_words(words, names, sizeof words / sizeof *words, err)
               : lac_fail(err, LAC_ERR_INPUT, "amz_date must look like 20150830T123600Z");
}

bool lac_sigv4_check(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
                     struct lac_error *err) {
    const struct lac_str words[] = {request->method, request->payload_sha256};
    static const char *const names[] = {"method", "payload_sha256"};
    size_t count = request->payload_sha256.len > 0 ? 2 : 1;
    return check_signer(signer, err) && check_words(words, names, count, err);
}

static void add_path(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
                     struct lac_buf *out) {
    enum lac_sigv4_rule by_service = lac_sigv4_is_s3(signer) ? LAC_SIGV4_NO : LAC_SIGV4_YES;
    enum lac_sigv4_rule normalize = request->normalize ? request->normalize : by_service;
    enum lac_sigv4_rule encode = request->double_encode ? request->double_encode : by_service;
    struct lac_buf collapsed = {0};
    struct lac_str path = request->path.len > 0 ? request->path : SLASH;
    if (normalize == LAC_SIGV4_YES) {
        lac_canonical_dots(path, &collapsed);
        path = lac_buf_view(&collapsed);
    }
    if (encode == LAC_SIGV4_YES) {
        lac_uri_encode(path, "/", out);
    } else {
        lac_canonical_escapes(path, out);
    }
    out->failed = out->failed || collapsed.failed;
    lac_buf_free(&collapsed);
}

bool lac_sigv4_canonical_request(const struct lac_sigv4_signer *signer,
                                 const struct lac_sigv4_request *request, struct lac_str leave_out,
                                 struct lac_buf *out, struct lac_buf *names,
                                 struct lac_error *err) {
    lac_buf_adds(out, request->method, NL);
    add_path(signer, request, out);
    lac_buf_add(out, NL);
    lac_canonical_query(request->query, leave_out, out);
    lac_buf_add(out, NL);
    if (!lac_canonical_headers(request->headers, request->header_count, request->signed_headers,
                               request->signed_header_count, out, names, err)) {
        return false;
    }
    lac_buf_adds(out, NL, lac_buf_view(names), NL, request->payload_sha256);
    return (!out->failed && !names->failed) || out_of_memory(err);
}

static struct lac_str day_of(const struct lac_sigv4_signer *signer) {
    return (struct lac_str){signer->amz_date.data, sizeof "20150830" - 1};
}

void lac_sigv4_add_scope(const struct lac_sigv4_signer *signer, struct lac_buf *out) {
    lac_buf_adds(out, day_of(signer), SLASH, signer->region, SLASH, signer->service, SLASH,
                 TERMINATOR);
}

bool lac_sigv4_string_to_sign(const struct lac_sigv4_signer *signer, struct lac_str canonical,
                              struct lac_buf *out, struct lac_error *err) {
    struct lac_digest digest;
    if (!lac_digest(LAC_SHA256, canonical, &digest, err)) {
        return false;
    }
    lac_buf_adds(out, LAC_SIGV4_ALGORITHM, NL, signer->amz_date, NL);
    lac_sigv4_add_scope(signer, out);
    lac_buf_add(out, NL);
    lac_digest_add_hex(&digest, out);
    return !out->failed || out_of_memory(err);
}

/* The secret, narrowed to a day, a region, a service: each key signs the next one's name. The
 * buffer grows once, so that no copy of the secret is left where it stood before. */
bool lac_sigv4_signature(const struct lac_sigv4_signer *signer, struct lac_str string_to_sign,
                         struct lac_buf *out, struct lac_error *err) {
    const struct lac_str narrowing[] = {day_of(signer), signer->region, signer->service, TERMINATOR,
                                        string_to_sign};
    struct lac_buf secret = {0};
    struct lac_digest key = {{0}, 0};
    char *bytes = lac_buf_grow(&secret, KEY_PREFIX.len + signer->secret_access_key.len, 1);
    bool ok = bytes != NULL || out_of_memory(err);
    if (ok) {
        memcpy(bytes, KEY_PREFIX.data, KEY_PREFIX.len);
        memcpy(bytes + KEY_PREFIX.len, signer->secret_access_key.data,
               signer->secret_access_key.len);
    }
    for (size_t i = 0; ok && i < sizeof narrowing / sizeof *narrowing; i++) {
        struct lac_str last = i == 0 ? lac_buf_view(&secret) : lac_digest_view(&key);
        struct lac_digest next;
        ok = lac_hmac_sha256(last, narrowing[i], &next, err);
        key = next;
        lac_wipe(&next, sizeof next);
    }
    if (ok) {
        lac_digest_add_hex(&key, out);
        ok = !out->failed || out_of_memory(err);
    }
    lac_wipe(&key, sizeof key);
    lac_buf_free_secret(&secret);
    return ok;
}

void lac_sigv4_authorization(const struct lac_sigv4_signer *signer, struct lac_str names,
                             struct lac_str signature, struct lac_buf *out) {
    lac_buf_adds(out, LAC_SIGV4_ALGORITHM, LAC_STR(" Credential="), signer->access_key_id, SLASH);
    lac_sigv4_add_scope(signer, out);
    lac_buf_adds(out, LAC_STR(", SignedHeaders="), names, LAC_STR(", Signature="), signature);
}

/* `middle` is what the form has between the previous signature and the hash. */
static bool part_signature(const struct lac_sigv4_signer *signer, struct lac_str form,
                           const struct lac_str parts[2], struct lac_str middle,
                           struct lac_buf *out, struct lac_error *err) {
    static const char *const names[] = {"the previous signature", "the hash"};
    if (!check_signer(signer, err) || !check_words(parts, names, 2, err)) {
        return false;
    }
    struct lac_buf text = {0};
    lac_buf_adds(&text, form, NL, signer->amz_date, NL);
    lac_sigv4_add_scope(signer, &text);
    lac_buf_adds(&text, NL, parts[0], NL, middle, parts[1]);
    bool ok = !text.failed || out_of_memory(err);
    ok = ok && lac_sigv4_signature(signer, lac_buf_view(&text), out, err);
    lac_buf_free(&text);
    return ok;
}

bool lac_sigv4_chunk_signature(const struct lac_sigv4_signer *signer, struct lac_str previous,
                               struct lac_str chunk_sha256, struct lac_buf *out,
                               struct lac_error *err) {
    const struct lac_str parts[] = {previous, chunk_sha256};
    return part_signature(signer, LAC_STR("AWS4-HMAC-SHA256-PAYLOAD"), parts, EMPTY_SHA256_LINE,
                          out, err);
}

bool lac_sigv4_trailer_signature(const struct lac_sigv4_signer *signer, struct lac_str previous,
                                 struct lac_str trailers_sha256, struct lac_buf *out,
                                 struct lac_error *err) {
    const struct lac_str parts[] = {previous, trailers_sha256};
    return part_signature(signer, LAC_STR("AWS4-HMAC-SHA256-TRAILER"), parts, LAC_STR(""), out,
                          err);
}

bool lac_sigv4_same(struct lac_str a, struct lac_str b) {
    if (a.len != b.len) {
        return false;
    }
    unsigned difference = 0;
    for (size_t i = 0; i < a.len; i++) {
        difference |= (unsigned)(a.data[i] ^ b.data[i]);
    }
    return difference == 0;
}
