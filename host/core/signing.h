/* signing.h — whole requests signed by header or by query, or checked, over the stages of sigv4.h.
 *
 * The parts of a result are views into its own buffers, the request and the signer: it lives no
 * longer than those. `{0}` is an empty result; free it after a failure too. */
#ifndef LAC_SIGNING_H
#define LAC_SIGNING_H

#include "core/sigv4.h"

struct lac_signed {
    struct lac_buf canonical_request, string_to_sign, signature;
    struct lac_buf signed_headers;    /* host;x-amz-date */
    struct lac_buf authorization;     /* by header: the header's value */
    struct lac_buf query;             /* by query: the whole of it */
    struct lac_buf payload_sha256;    /* what the signature covers in the body's place */
    struct lac_buf header_list;       /* by header: the memory of `headers` */
    const struct lac_header *headers; /* by header: all to send */
    size_t header_count;
};

void lac_signed_free(struct lac_signed *result);

struct lac_sign_options {
    bool sign_body;          /* send and sign x-amz-content-sha256, as S3 wants it */
    bool omit_session_token; /* the token is added after signing, unsigned */
    int expires;             /* by query: seconds, 1 to 604,800 */
};

#define LAC_SIGN_EXPIRES_MOST 604800

/* By header. Signs all headers but those meant for the next hop (Connection, Expect, TE, …),
 * User-Agent and X-Amzn-Trace-Id; or those of signed_headers; and the ones that it adds:
 * X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256. These and Authorization replace what the
 * request has under those names. A Host must be there. */
bool lac_sign(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
              const struct lac_sign_options *options, struct lac_signed *out,
              struct lac_error *err);

/* By query: a URL that works for whoever holds it, which makes it a secret. The payload is the hash
 * of the body, but UNSIGNED-PAYLOAD for S3. */
bool lac_presign(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
                 const struct lac_sign_options *options, struct lac_signed *out,
                 struct lac_error *err);

/* The signature that a request as it came should have. Nothing is added; `by_query` leaves
 * X-Amz-Signature out of the query. The payload's hash is to be there. */
bool lac_sign_expected(const struct lac_sigv4_signer *signer,
                       const struct lac_sigv4_request *request, bool by_query,
                       struct lac_signed *out, struct lac_error *err);

#endif
