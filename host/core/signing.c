#include "core/signing.h"

#include <string.h>

#include "core/canonical.h"
#include "core/digest.h"
#include "core/http_text.h"
#include "core/uri.h"

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while signing");
}

void lac_signed_free(struct lac_signed *result) {
    lac_buf_free(&result->canonical_request);
    lac_buf_free(&result->string_to_sign);
    lac_buf_free(&result->signature);
    lac_buf_free(&result->signed_headers);
    lac_buf_free(&result->authorization);
    lac_buf_free(&result->query);
    lac_buf_free(&result->payload_sha256);
    lac_buf_free(&result->header_list);
    *result = (struct lac_signed){0};
}

static bool is_one_of(struct lac_str name, const struct lac_str *names, size_t count) {
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        found = lac_http_same(name, names[i]);
    }
    return found;
}

/* Not what is meant for the next hop alone, what proxies change, or what stands for the signature.
 */
static bool is_signable(struct lac_str name) {
    static const struct lac_str names[] = {
        LAC_STR_INIT("authorization"),
        LAC_STR_INIT("connection"),
        LAC_STR_INIT("expect"),
        LAC_STR_INIT("keep-alive"),
        LAC_STR_INIT("proxy-authenticate"),
        LAC_STR_INIT("te"),
        LAC_STR_INIT("proxy-authorization"),
        LAC_STR_INIT("trailer"),
        LAC_STR_INIT("transfer-encoding"),
        LAC_STR_INIT("upgrade"),
        LAC_STR_INIT("user-agent"),
        LAC_STR_INIT("x-amzn-trace-id"),
    };
    return !is_one_of(name, names, sizeof names / sizeof *names);
}

static bool is_ours(struct lac_str name, bool sign_body) {
    static const struct lac_str names[] = {
        LAC_STR_INIT("authorization"),
        LAC_STR_INIT("x-amz-date"),
        LAC_STR_INIT("x-amz-security-token"),
        LAC_STR_INIT("x-amz-content-sha256"),
    };
    return is_one_of(name, names, sizeof names / sizeof *names - !sign_body);
}

/* A list of headers in a buffer's memory. */
static void add_header(struct lac_buf *list, struct lac_str name, struct lac_str value) {
    struct lac_header header = {name, value};
    lac_buf_add(list, (struct lac_str){(const char *)&header, sizeof header});
}

static const struct lac_header *headers_of(const struct lac_buf *list, size_t *count) {
    *count = list->len / sizeof(struct lac_header);
    return (const struct lac_header *)(const void *)list->data;
}

static bool add_payload(const struct lac_sigv4_request *request, struct lac_buf *out,
                        struct lac_error *err) {
    if (request->payload_sha256.len > 0) {
        lac_buf_add(out, request->payload_sha256);
    } else {
        struct lac_digest digest;
        if (!lac_digest(LAC_SHA256, request->body, &digest, err)) {
            return false;
        }
        lac_digest_add_hex(&digest, out);
    }
    return !out->failed || out_of_memory(err);
}

/* The three stages, over a request that is complete. */
static bool run_stages(const struct lac_sigv4_signer *signer,
                       const struct lac_sigv4_request *request, struct lac_str leave_out,
                       struct lac_signed *out, struct lac_error *err) {
    return lac_sigv4_canonical_request(signer, request, leave_out, &out->canonical_request,
                                       &out->signed_headers, err) &&
           lac_sigv4_string_to_sign(signer, lac_buf_view(&out->canonical_request),
                                    &out->string_to_sign, err) &&
           lac_sigv4_signature(signer, lac_buf_view(&out->string_to_sign), &out->signature, err);
}

static bool check_host(const struct lac_sigv4_request *request, struct lac_error *err) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (lac_http_same(request->headers[i].name, LAC_STR("host"))) {
            return true;
        }
    }
    return lac_fail(err, LAC_ERR_INPUT, "the request has no Host header to sign");
}

/* The headers that count among the request's own. */
static void add_signable(const struct lac_sigv4_request *request, struct lac_buf *list) {
    for (size_t i = 0; i < request->header_count; i++) {
        struct lac_str name = request->headers[i].name;
        bool counts = request->signed_headers == NULL
                          ? is_signable(name)
                          : is_one_of(name, request->signed_headers, request->signed_header_count);
        if (counts) {
            add_header(list, name, request->headers[i].value);
        }
    }
}

/* The request's own headers, without those that this file adds; then those. */
static void list_headers(const struct lac_sigv4_signer *signer,
                         const struct lac_sigv4_request *request,
                         const struct lac_sign_options *options, struct lac_signed *out,
                         struct lac_buf *to_sign) {
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_ours(request->headers[i].name, options->sign_body)) {
            add_header(&out->header_list, request->headers[i].name, request->headers[i].value);
        }
    }
    struct lac_sigv4_request own = *request;
    own.headers = headers_of(&out->header_list, &own.header_count);
    add_signable(&own, to_sign);

    struct lac_buf added = {0};
    add_header(&added, LAC_STR("X-Amz-Date"), signer->amz_date);
    if (signer->session_token.len > 0 && !options->omit_session_token) {
        add_header(&added, LAC_STR("X-Amz-Security-Token"), signer->session_token);
    }
    if (options->sign_body) {
        add_header(&added, LAC_STR("X-Amz-Content-Sha256"), lac_buf_view(&out->payload_sha256));
    }
    lac_buf_add(to_sign, lac_buf_view(&added));
    lac_buf_add(&out->header_list, lac_buf_view(&added));
    if (signer->session_token.len > 0 && options->omit_session_token) {
        add_header(&out->header_list, LAC_STR("X-Amz-Security-Token"), signer->session_token);
    }
    to_sign->failed = to_sign->failed || added.failed || out->header_list.failed;
    lac_buf_free(&added);
}

bool lac_sign(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
              const struct lac_sign_options *options, struct lac_signed *out,
              struct lac_error *err) {
    if (!lac_sigv4_check(signer, request, err) || !check_host(request, err) ||
        !add_payload(request, &out->payload_sha256, err)) {
        return false;
    }
    struct lac_buf to_sign = {0};
    list_headers(signer, request, options, out, &to_sign);
    struct lac_sigv4_request complete = *request;
    complete.headers = headers_of(&to_sign, &complete.header_count);
    complete.signed_headers = NULL;
    complete.payload_sha256 = lac_buf_view(&out->payload_sha256);
    bool ok = !to_sign.failed || out_of_memory(err);
    ok = ok && run_stages(signer, &complete, LAC_STR(""), out, err);
    lac_buf_free(&to_sign);
    if (!ok) {
        return false;
    }
    lac_sigv4_authorization(signer, lac_buf_view(&out->signed_headers),
                            lac_buf_view(&out->signature), &out->authorization);
    add_header(&out->header_list, LAC_STR("Authorization"), lac_buf_view(&out->authorization));
    out->headers = headers_of(&out->header_list, &out->header_count);
    return (!out->authorization.failed && !out->header_list.failed) || out_of_memory(err);
}

/* Adds name=value to a query, encoded. */
static void add_parameter(struct lac_buf *query, struct lac_str name, struct lac_str value) {
    lac_buf_adds(query, query->len > 0 ? LAC_STR("&") : LAC_STR(""), name, LAC_STR("="));
    lac_uri_encode(value, "", query);
}

static void add_token(const struct lac_sigv4_signer *signer, struct lac_buf *query) {
    if (signer->session_token.len > 0) {
        add_parameter(query, LAC_STR("X-Amz-Security-Token"), signer->session_token);
    }
}

/* All but the signature; `names` is what will be signed. */
static void add_parameters(const struct lac_sigv4_signer *signer, int expires, struct lac_str names,
                           struct lac_buf *query) {
    struct lac_buf credential = {0};
    lac_buf_adds(&credential, signer->access_key_id, LAC_STR("/"));
    lac_sigv4_add_scope(signer, &credential);
    add_parameter(query, LAC_STR("X-Amz-Algorithm"), LAC_SIGV4_ALGORITHM);
    add_parameter(query, LAC_STR("X-Amz-Credential"), lac_buf_view(&credential));
    add_parameter(query, LAC_STR("X-Amz-Date"), signer->amz_date);
    lac_buf_addf(query, "&X-Amz-Expires=%d", expires);
    add_parameter(query, LAC_STR("X-Amz-SignedHeaders"), names);
    query->failed = query->failed || credential.failed;
    lac_buf_free(&credential);
}

/* The names in the form that SignedHeaders has, before there is a query to sign them with. */
static bool add_names(const struct lac_sigv4_request *request, struct lac_buf *out,
                      struct lac_error *err) {
    struct lac_buf lines = {0};
    bool ok =
        lac_canonical_headers(request->headers, request->header_count, NULL, 0, &lines, out, err);
    ok = ok && ((!lines.failed && !out->failed) || out_of_memory(err));
    lac_buf_free(&lines);
    return ok;
}

static bool presign_complete(const struct lac_sigv4_signer *signer,
                             const struct lac_sigv4_request *request,
                             const struct lac_sign_options *options, struct lac_signed *out,
                             struct lac_error *err) {
    struct lac_buf names = {0};
    if (!add_names(request, &names, err)) {
        lac_buf_free(&names);
        return false;
    }
    lac_buf_add(&out->query, request->query);
    add_parameters(signer, options->expires, lac_buf_view(&names), &out->query);
    lac_buf_free(&names);
    if (!options->omit_session_token) {
        add_token(signer, &out->query);
    }
    struct lac_sigv4_request complete = *request;
    complete.query = lac_buf_view(&out->query);
    bool ok = !out->query.failed || out_of_memory(err);
    ok = ok && run_stages(signer, &complete, LAC_STR(""), out, err);
    if (ok && options->omit_session_token) {
        add_token(signer, &out->query);
    }
    add_parameter(&out->query, LAC_STR("X-Amz-Signature"), lac_buf_view(&out->signature));
    return ok && (!out->query.failed || out_of_memory(err));
}

bool lac_presign(const struct lac_sigv4_signer *signer, const struct lac_sigv4_request *request,
                 const struct lac_sign_options *options, struct lac_signed *out,
                 struct lac_error *err) {
    if (!lac_sigv4_check(signer, request, err) || !check_host(request, err)) {
        return false;
    }
    if (options->expires < 1 || options->expires > LAC_SIGN_EXPIRES_MOST) {
        return lac_fail(err, LAC_ERR_INPUT, "expires is not between 1 and %d seconds",
                        LAC_SIGN_EXPIRES_MOST);
    }
    struct lac_sigv4_request complete = *request;
    if (request->payload_sha256.len == 0 && lac_sigv4_is_s3(signer)) {
        complete.payload_sha256 = LAC_SIGV4_UNSIGNED;
    }
    struct lac_buf to_sign = {0};
    add_signable(request, &to_sign);
    bool ok = !to_sign.failed || out_of_memory(err);
    ok = ok && add_payload(&complete, &out->payload_sha256, err);
    if (ok) {
        complete.headers = headers_of(&to_sign, &complete.header_count);
        complete.signed_headers = NULL;
        complete.payload_sha256 = lac_buf_view(&out->payload_sha256);
        ok = presign_complete(signer, &complete, options, out, err);
    }
    lac_buf_free(&to_sign);
    return ok;
}

bool lac_sign_expected(const struct lac_sigv4_signer *signer,
                       const struct lac_sigv4_request *request, bool by_query,
                       struct lac_signed *out, struct lac_error *err) {
    return lac_sigv4_check(signer, request, err) &&
           run_stages(signer, request, by_query ? LAC_STR("X-Amz-Signature") : LAC_STR(""), out,
                      err);
}
