/* sigv4.h — AWS Signature Version 4, stage by stage.
 *
 * Three values, each made from the one before it:
 *     canonical request  ->  string to sign  ->  signature
 * Each has a function of its own, because AWS publishes the expected text of each. signing.h puts
 * them together for whole requests.
 *
 * Views (struct lac_str) are borrowed for the call. `out` belongs to the caller, is appended to,
 * and means nothing after a failure, but must still be freed. Nothing here reads a clock, a file
 * or the environment. */
#ifndef LAC_SIGV4_H
#define LAC_SIGV4_H

#include "core/buf.h"
#include "core/error.h"
#include "core/headers.h"

struct lac_sigv4_signer {
    struct lac_str access_key_id, secret_access_key;
    struct lac_str session_token; /* "" when the credentials are not temporary */
    struct lac_str region, service;
    struct lac_str amz_date; /* 20150830T123600Z */
};

/* S3 signs a path as it is; every other service collapses its dots and encodes it once more. */
enum lac_sigv4_rule { LAC_SIGV4_BY_SERVICE, LAC_SIGV4_YES, LAC_SIGV4_NO };

/* A request as it goes on the wire. */
struct lac_sigv4_request {
    struct lac_str method;
    struct lac_str path, query; /* as on the request line; the query without its ? */
    const struct lac_header *headers;
    size_t header_count;
    const struct lac_str *signed_headers; /* the names that count; NULL: see each function */
    size_t signed_header_count;
    struct lac_str body;           /* is hashed when payload_sha256 is "" */
    struct lac_str payload_sha256; /* hex, UNSIGNED-PAYLOAD, STREAMING-… */
    enum lac_sigv4_rule normalize, double_encode;
};

#define LAC_SIGV4_ALGORITHM LAC_STR("AWS4-HMAC-SHA256")
#define LAC_SIGV4_UNSIGNED LAC_STR("UNSIGNED-PAYLOAD")

bool lac_sigv4_is_s3(const struct lac_sigv4_signer *signer);

/* Refuses what would break out of its line or field: a date of another form, a space or a control
 * character in a key id, region, service, method or payload hash. The stages rely on it. */
bool lac_sigv4_check(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
                     struct lac_error *err);

/* Takes every header into account when signed_headers is NULL; a query's pairs called `leave_out`
 * not. The payload's hash is to be there. `names` is what SignedHeaders says. */
bool lac_sigv4_canonical_request(const struct lac_sigv4_signer *signer,
                                 const struct lac_sigv4_request *request, struct lac_str leave_out,
                                 struct lac_buf *out, struct lac_buf *names, struct lac_error *err);

bool lac_sigv4_string_to_sign(const struct lac_sigv4_signer *signer, struct lac_str canonical,
                              struct lac_buf *out, struct lac_error *err);

/* Appends the signature's 64 hex digits. */
bool lac_sigv4_signature(const struct lac_sigv4_signer *signer, struct lac_str string_to_sign,
                         struct lac_buf *out, struct lac_error *err);

/* The value of the Authorization header. */
void lac_sigv4_authorization(const struct lac_sigv4_signer *signer, struct lac_str names,
                             struct lac_str signature, struct lac_buf *out);

/* 20150830/us-east-1/iam/aws4_request */
void lac_sigv4_add_scope(const struct lac_sigv4_signer *signer, struct lac_buf *out);

/* The signature of one chunk of a streaming (aws-chunked) body, and of its trailing headers (the
 * SHA-256 of their lines "name:value\n"). `previous` is the signature before it: the request's
 * own at first. Appends 64 hex digits. */
bool lac_sigv4_chunk_signature(const struct lac_sigv4_signer *signer, struct lac_str previous,
                               struct lac_str chunk_sha256, struct lac_buf *out,
                               struct lac_error *err);
bool lac_sigv4_trailer_signature(const struct lac_sigv4_signer *signer, struct lac_str previous,
                                 struct lac_str trailers_sha256, struct lac_buf *out,
                                 struct lac_error *err);

/* Compares without telling by its time where the two differ. */
bool lac_sigv4_same(struct lac_str a, struct lac_str b);

#endif
