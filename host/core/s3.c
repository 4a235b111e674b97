/* s3.c — where objects are, and the requests that concern one: put whole, get, head, delete. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/http_text.h"
#include "core/retry.h"
#include "core/s3_private.h"
#include "core/uri.h"

#define TRANSFER_TIMEOUT 86400.0 /* seconds: an object may be large; silence ends it sooner */

bool lac_s3_out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory while talking to S3");
}

/* ---- Where ---- */

/* Whether the bucket can stand as a label of a host name, below AWS's certificate. */
static bool is_label(struct lac_str bucket) {
    for (size_t i = 0; i < bucket.len; i++) {
        char c = bucket.data[i];
        bool inner = i > 0 && i + 1 < bucket.len;
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && inner))) {
            return false;
        }
    }
    return bucket.len >= 3 && bucket.len <= 63;
}

static bool begins_with(struct lac_str text, const char *prefix) {
    return text.len >= strlen(prefix) && memcmp(text.data, prefix, strlen(prefix)) == 0;
}

bool lac_s3_add_url(const struct lac_s3_target *target, bool with_key, struct lac_buf *out,
                    struct lac_error *err) {
    if (target->bucket.len == 0 || (with_key && target->key.len == 0)) {
        return lac_fail(err, LAC_ERR_INPUT, "an S3 request needs a %s",
                        target->bucket.len == 0 ? "bucket" : "key");
    }
    bool hosted = target->endpoint == NULL && is_label(target->bucket);
    if (target->endpoint != NULL) {
        size_t len = strlen(target->endpoint);
        while (len > 0 && target->endpoint[len - 1] == '/') {
            len--;
        }
        lac_buf_add(out, (struct lac_str){target->endpoint, len});
    } else {
        struct lac_str suffix = begins_with(target->region, "cn-") ? LAC_STR(".amazonaws.com.cn")
                                                                   : LAC_STR(".amazonaws.com");
        lac_buf_adds(out, LAC_STR("https://"), hosted ? target->bucket : LAC_STR(""),
                     hosted ? LAC_STR(".s3.") : LAC_STR("s3."), target->region, suffix);
    }
    lac_buf_add(out, LAC_STR("/"));
    if (!hosted) {
        lac_uri_encode(target->bucket, "", out);
        lac_buf_add(out, with_key ? LAC_STR("/") : LAC_STR(""));
    }
    if (with_key) {
        lac_uri_encode(target->key, "/", out);
    }
    return true;
}

void lac_s3_add_parameter(struct lac_buf *url, const char *name, struct lac_str value) {
    struct lac_str so_far = lac_buf_view(url);
    bool first = memchr(so_far.data, '?', so_far.len) == NULL;
    lac_buf_adds(url, first ? LAC_STR("?") : LAC_STR("&"), (struct lac_str){name, strlen(name)},
                 LAC_STR("="));
    lac_uri_encode(value, "", url);
}

/* ---- One request ---- */

struct lac_aws_request lac_s3_request(const struct lac_s3_target *target, struct lac_str method,
                                      const struct lac_buf *url) {
    return (struct lac_aws_request){
        .http = {.method = method,
                 .url = url->data,
                 .connect_timeout = target->http.connect_timeout,
                 .timeout = target->http.timeout > 0 ? target->http.timeout : TRANSFER_TIMEOUT,
                 .idle_timeout = target->http.idle_timeout,
                 .proxy = target->http.proxy,
                 .ca_bundle = target->http.ca_bundle},
        .credentials = target->credentials,
        .region = target->region,
        .service = LAC_STR("s3"),
        .attempts = target->attempts,
    };
}

bool lac_s3_judge(struct lac_aws_exchange *exchange, bool by_body, struct lac_error *err) {
    struct lac_http_response *response = &exchange->response;
    *err = exchange->error;
    if (err->kind == LAC_OK &&
        (response->status >= 300 ||
         (by_body && lac_aws_is_error_body(lac_buf_view(&response->body))))) {
        lac_aws_error(response, err, exchange->request_id);
        err->retryable = lac_retry_may_help(err);
    }
    struct lac_str region = lac_headers_get(&response->headers, LAC_STR("x-amz-bucket-region"));
    if (err->kind != LAC_OK && response->status / 100 == 3 && region.data != NULL) {
        lac_fail(err, LAC_ERR_SERVICE, "the bucket is in the region %.32s", region.data);
        err->status = response->status;
        memcpy(err->code, "PermanentRedirect", sizeof "PermanentRedirect");
    }
    return err->kind == LAC_OK;
}

bool lac_s3_perform(const struct lac_aws_request *request, bool by_body,
                    struct lac_http_response *response, struct lac_error *err) {
    struct lac_aws_exchange exchange = {.request = *request};
    lac_aws_send(&exchange);
    struct lac_error judgement;
    bool ok = lac_s3_judge(&exchange, by_body, &judgement);
    *response = exchange.response;
    if (!ok) {
        *err = judgement;
    }
    return ok;
}

struct lac_str lac_s3_without_quotes(struct lac_str text) {
    if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"') {
        text.data++;
        text.len -= 2;
    }
    return text;
}

void lac_s3_take_version(const struct lac_http_response *response, struct lac_buf *out) {
    lac_buf_add(out, lac_headers_get(&response->headers, LAC_STR("x-amz-version-id")));
}

/* ---- Get, head, delete ---- */

static bool fetch(const struct lac_s3_get *get, struct lac_str method,
                  struct lac_http_response *response, struct lac_error *err) {
    struct lac_buf url = {0};
    struct lac_header range = {LAC_STR("Range"), get->range};
    *response = (struct lac_http_response){0};
    bool ok = lac_s3_add_url(&get->target, true, &url, err);
    if (ok) {
        if (get->version_id.len > 0) {
            lac_s3_add_parameter(&url, "versionId", get->version_id);
        }
        struct lac_aws_request request = lac_s3_request(&get->target, method, &url);
        request.http.headers = &range;
        request.http.header_count = get->range.len > 0 ? 1 : 0;
        request.http.to_file = get->to_file;
        request.http.max_body = get->max_body;
        ok = (!url.failed || lac_s3_out_of_memory(err)) &&
             lac_s3_perform(&request, false, response, err);
    }
    if (!ok) {
        lac_http_response_free(response);
    }
    lac_buf_free(&url);
    return ok;
}

bool lac_s3_get(const struct lac_s3_get *get, struct lac_http_response *response,
                struct lac_error *err) {
    return fetch(get, LAC_STR("GET"), response, err);
}

bool lac_s3_head(const struct lac_s3_get *get, struct lac_http_response *response,
                 struct lac_error *err) {
    return fetch(get, LAC_STR("HEAD"), response, err);
}

struct lac_str lac_s3_etag(const struct lac_http_response *response) {
    struct lac_str etag = lac_headers_get(&response->headers, LAC_STR("etag"));
    return etag.data != NULL ? lac_s3_without_quotes(etag) : LAC_STR("");
}

bool lac_s3_delete(const struct lac_s3_target *target, struct lac_str version_id,
                   struct lac_error *err) {
    struct lac_http_response response = {0};
    struct lac_buf url = {0};
    bool ok = lac_s3_add_url(target, true, &url, err);
    if (ok) {
        if (version_id.len > 0) {
            lac_s3_add_parameter(&url, "versionId", version_id);
        }
        struct lac_aws_request request = lac_s3_request(target, LAC_STR("DELETE"), &url);
        ok = ((!url.failed || lac_s3_out_of_memory(err)) &&
              lac_s3_perform(&request, false, &response, err)) ||
             (err->kind == LAC_ERR_SERVICE && err->status == 404 &&
              strcmp(err->code, "NoSuchBucket") != 0);
    }
    lac_http_response_free(&response);
    lac_buf_free(&url);
    return ok;
}

/* ---- Put ---- */

void lac_s3_put_result_free(struct lac_s3_put_result *result) {
    lac_buf_free(&result->etag);
    lac_buf_free(&result->version_id);
    *result = (struct lac_s3_put_result){0};
}

/* If-Match and If-None-Match judge the object that comes into being: with the last request. */
static bool is_condition(const struct lac_header *header) {
    return lac_http_same(header->name, LAC_STR("if-match")) ||
           lac_http_same(header->name, LAC_STR("if-none-match"));
}

bool lac_s3_choose_headers(const struct lac_s3_put *put, bool conditions, bool others,
                           struct lac_header out[LAC_S3_MOST_HEADERS], size_t *count,
                           struct lac_error *err) {
    *count = 0;
    for (size_t i = 0; i < put->header_count; i++) {
        if (is_condition(&put->headers[i]) ? conditions : others) {
            if (*count == LAC_S3_MOST_HEADERS) {
                return lac_fail(err, LAC_ERR_INPUT, "more than %d headers", LAC_S3_MOST_HEADERS);
            }
            out[(*count)++] = put->headers[i];
        }
    }
    return true;
}

static bool tell_whole(void *context, const struct lac_http_progress *so_far) {
    const struct lac_s3_put *put = context;
    return put->progress(put->context, so_far->sent, so_far->send_total);
}

static bool put_whole(const struct lac_s3_put *put, struct lac_s3_put_result *result,
                      struct lac_error *err) {
    struct lac_http_response response = {0};
    struct lac_header headers[LAC_S3_MOST_HEADERS];
    struct lac_buf url = {0};
    size_t count;
    bool ok = lac_s3_add_url(&put->target, true, &url, err) &&
              lac_s3_choose_headers(put, true, true, headers, &count, err);
    if (ok) {
        struct lac_aws_request request = lac_s3_request(&put->target, LAC_STR("PUT"), &url);
        request.http.headers = headers;
        request.http.header_count = count;
        request.http.body = put->body;
        request.http.file = (struct lac_http_slice){put->path, 0, LAC_HTTP_TO_END};
        request.http.progress = put->progress != NULL ? tell_whole : NULL;
        request.http.context = (void *)put;
        ok = (!url.failed || lac_s3_out_of_memory(err)) &&
             lac_s3_perform(&request, false, &response, err);
    }
    if (ok) {
        lac_buf_add(&result->etag, lac_s3_etag(&response));
        lac_s3_take_version(&response, &result->version_id);
    }
    lac_http_response_free(&response);
    lac_buf_free(&url);
    return ok;
}

bool lac_s3_put(const struct lac_s3_put *put, struct lac_s3_put_result *result,
                struct lac_error *err) {
    uint64_t part_size = put->part_size > 0 ? put->part_size : LAC_S3_PART_SIZE;
    struct stat facts = {0};
    *result = (struct lac_s3_put_result){0};
    if (put->path != NULL && stat(put->path, &facts) != 0) {
        return lac_fail_errno(err, errno, "cannot read %s", put->path);
    }
    uint64_t size = (uint64_t)facts.st_size;
    bool ok = put->path != NULL && size > part_size
                  ? lac_s3_put_in_parts(put, size, part_size, result, err)
                  : put_whole(put, result, err);
    if (!ok) {
        lac_s3_put_result_free(result);
    }
    return ok;
}
