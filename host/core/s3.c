#include "core/s3.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/retry.h"
#include "core/uri.h"
#include "core/xml_scan.h"

#define MAX_HEADERS 64
#define TRANSFER_TIMEOUT 86400.0 /* seconds: an object may be large; silence ends it sooner */
#define ABORT_TIMEOUT 10.0       /* seconds: cleaning up must not hold up Ctrl-C */
#define PROTOCOL "the answer is not what S3 says here"

static bool out_of_memory(struct lac_error *err) {
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

/* Appends the URL of the bucket, or of the key in it, without a query. */
static bool add_url(const struct lac_s3_target *target, bool with_key, struct lac_buf *out,
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

static void add_parameter(struct lac_buf *url, const char *name, struct lac_str value) {
    struct lac_str so_far = lac_buf_view(url);
    bool first = memchr(so_far.data, '?', so_far.len) == NULL;
    lac_buf_adds(url, first ? LAC_STR("?") : LAC_STR("&"), (struct lac_str){name, strlen(name)},
                 LAC_STR("="));
    lac_uri_encode(value, "", url);
}

/* ---- One request ---- */

static struct lac_aws_request request_of(const struct lac_s3_target *target, struct lac_str method,
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

/* Sets `err` to what the answer refuses, if it does. A redirect means another region, and a header
 * says which. `by_body`: an <Error> may come with status 200. */
static bool judge(struct lac_aws_exchange *exchange, bool by_body, struct lac_error *err) {
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

/* Sends; the response is the caller's to free, also after a failure. */
static bool perform(const struct lac_aws_request *request, bool by_body,
                    struct lac_http_response *response, struct lac_error *err) {
    struct lac_aws_exchange exchange = {.request = *request};
    lac_aws_send(&exchange);
    struct lac_error judgement;
    bool ok = judge(&exchange, by_body, &judgement);
    *response = exchange.response;
    if (!ok) {
        *err = judgement;
    }
    return ok;
}

static struct lac_str without_quotes(struct lac_str text) {
    if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"') {
        text.data++;
        text.len -= 2;
    }
    return text;
}

static void take_version(const struct lac_http_response *response, struct lac_buf *out) {
    lac_buf_add(out, lac_headers_get(&response->headers, LAC_STR("x-amz-version-id")));
}

/* ---- List ---- */

void lac_s3_items_free(struct lac_s3_items *items) {
    for (size_t i = 0; i < items->count; i++) {
        lac_buf_free(&items->items[i].key);
        lac_buf_free(&items->items[i].etag);
        lac_buf_free(&items->items[i].last_modified);
        lac_buf_free(&items->items[i].upload_id);
    }
    free(items->items);
    *items = (struct lac_s3_items){0};
}

static struct lac_s3_item *append_item(struct lac_s3_items *out) {
    bool full = (out->count & (out->count - 1)) == 0; /* a power of two, or nothing yet */
    if (full) {
        size_t capacity = out->count == 0 ? 1 : out->count * 2;
        struct lac_s3_item *items = realloc(out->items, capacity * sizeof *items);
        if (items == NULL) {
            return NULL;
        }
        out->items = items;
    }
    out->items[out->count] = (struct lac_s3_item){0};
    return &out->items[out->count++];
}

/* Keys come percent-encoded when the server understood that we asked for it. */
static bool add_key(struct lac_str element, const char *name, bool encoded, struct lac_buf *out,
                    struct lac_error *err) {
    struct lac_buf text = {0};
    bool ok = lac_xml_scan_text(element, name, &text);
    if (ok && encoded) {
        ok = lac_uri_decode(lac_buf_view(&text), true, out, err);
    } else {
        lac_buf_add(out, lac_buf_view(&text));
    }
    lac_buf_free(&text);
    return ok || lac_fail(err, LAC_ERR_NETWORK, PROTOCOL);
}

static bool read_item(struct lac_str element, bool encoded, struct lac_s3_items *out,
                      struct lac_error *err) {
    struct lac_s3_item *item = append_item(out);
    struct lac_buf text = {0};
    if (item == NULL) {
        return out_of_memory(err);
    }
    lac_xml_scan_text(element, "LastModified", &item->last_modified);
    lac_xml_scan_text(element, "UploadId", &item->upload_id);
    lac_xml_scan_text(element, "ETag", &text);
    lac_buf_add(&item->etag, without_quotes(lac_buf_view(&text)));
    text.len = 0;
    if (lac_xml_scan_text(element, "Size", &text) && text.len > 0) {
        item->size = strtoull(text.data, NULL, 10);
    }
    lac_buf_free(&text);
    return add_key(element, "Key", encoded, &item->key, err);
}

/* What differs between the two listings. */
struct listing {
    const char *kind[2];             /* a parameter of the first page, and its value */
    const char *element;             /* of one item */
    const char *next[2], *marker[2]; /* what a page says about the next, and how to ask for that */
};

static const struct listing objects = {
    {"list-type", "2"}, "Contents", {"NextContinuationToken", NULL}, {"continuation-token", NULL}};
static const struct listing uploads = {{"uploads", ""},
                                       "Upload",
                                       {"NextKeyMarker", "NextUploadIdMarker"},
                                       {"key-marker", "upload-id-marker"}};

/* Reads one page. `*more` when another follows, whose markers are then in `next`. */
static bool read_page(const struct listing *listing, struct lac_str body, size_t limit,
                      struct lac_s3_items *out, struct lac_buf next[2], bool *more,
                      struct lac_error *err) {
    struct lac_buf truncated = {0}, encoding = {0};
    struct lac_str rest = body, element;
    bool ok = true;
    lac_xml_scan_text(body, "IsTruncated", &truncated);
    lac_xml_scan_text(body, "EncodingType", &encoding);
    bool encoded = encoding.len == 3 && memcmp(encoding.data, "url", 3) == 0;
    *more = truncated.len == 4 && memcmp(truncated.data, "true", 4) == 0;
    while (ok && out->count < limit && lac_xml_scan_next(&rest, listing->element, &element)) {
        ok = read_item(element, encoded, out, err);
    }
    bool moved = false;
    for (size_t i = 0; ok && *more && i < 2 && listing->next[i] != NULL; i++) {
        struct lac_buf marker = {0};
        bool is_key = strcmp(listing->next[i], "NextKeyMarker") == 0;
        ok = add_key(body, listing->next[i], is_key && encoded, &marker, err);
        moved = moved || marker.len != next[i].len ||
                (marker.len > 0 && memcmp(marker.data, next[i].data, marker.len) != 0);
        lac_buf_free(&next[i]);
        next[i] = marker;
    }
    if (ok && *more && !moved) { /* else it would never end */
        ok = lac_fail(err, LAC_ERR_NETWORK, PROTOCOL);
    }
    lac_buf_free(&truncated);
    lac_buf_free(&encoding);
    return ok;
}

static bool list(const struct listing *listing, const struct lac_s3_target *target,
                 struct lac_str prefix, size_t limit, struct lac_s3_items *out,
                 struct lac_error *err) {
    struct lac_buf next[2] = {{0}, {0}};
    size_t most = limit > 0 ? limit : LAC_S3_MOST_LISTED;
    bool ok = true, more = true;
    *out = (struct lac_s3_items){0};
    for (bool first = true; ok && more && out->count < most; first = false) {
        struct lac_http_response response = {0};
        struct lac_buf url = {0};
        ok = add_url(target, false, &url, err);
        if (ok) {
            add_parameter(&url, listing->kind[0],
                          (struct lac_str){listing->kind[1], strlen(listing->kind[1])});
            add_parameter(&url, "encoding-type", LAC_STR("url"));
            if (prefix.len > 0) {
                add_parameter(&url, "prefix", prefix);
            }
            for (size_t i = 0; !first && i < 2 && listing->marker[i] != NULL; i++) {
                add_parameter(&url, listing->marker[i], lac_buf_view(&next[i]));
            }
            struct lac_aws_request request = request_of(target, LAC_STR("GET"), &url);
            ok = (!url.failed || out_of_memory(err)) && perform(&request, false, &response, err) &&
                 read_page(listing, lac_buf_view(&response.body), most, out, next, &more, err);
        }
        lac_http_response_free(&response);
        lac_buf_free(&url);
    }
    if (ok && more && limit == 0) {
        ok = lac_fail(err, LAC_ERR_LIMIT, "more than %d objects", LAC_S3_MOST_LISTED);
    }
    lac_buf_free(&next[0]);
    lac_buf_free(&next[1]);
    if (!ok) {
        lac_s3_items_free(out);
    }
    return ok;
}

bool lac_s3_list(const struct lac_s3_target *target, struct lac_str prefix, size_t limit,
                 struct lac_s3_items *out, struct lac_error *err) {
    return list(&objects, target, prefix, limit, out, err);
}

bool lac_s3_unfinished(const struct lac_s3_target *target, struct lac_str prefix,
                       struct lac_s3_items *out, struct lac_error *err) {
    return list(&uploads, target, prefix, 0, out, err);
}

/* ---- Get, head, delete ---- */

static bool fetch(const struct lac_s3_get *get, struct lac_str method,
                  struct lac_http_response *response, struct lac_error *err) {
    struct lac_buf url = {0};
    struct lac_header range = {LAC_STR("Range"), get->range};
    *response = (struct lac_http_response){0};
    bool ok = add_url(&get->target, true, &url, err);
    if (ok) {
        if (get->version_id.len > 0) {
            add_parameter(&url, "versionId", get->version_id);
        }
        struct lac_aws_request request = request_of(&get->target, method, &url);
        request.http.headers = &range;
        request.http.header_count = get->range.len > 0 ? 1 : 0;
        request.http.to_file = get->to_file;
        request.http.max_body = get->max_body;
        ok = (!url.failed || out_of_memory(err)) && perform(&request, false, response, err);
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
    return etag.data != NULL ? without_quotes(etag) : LAC_STR("");
}

bool lac_s3_delete(const struct lac_s3_target *target, struct lac_str version_id,
                   struct lac_error *err) {
    struct lac_http_response response = {0};
    struct lac_buf url = {0};
    bool ok = add_url(target, true, &url, err);
    if (ok) {
        if (version_id.len > 0) {
            add_parameter(&url, "versionId", version_id);
        }
        struct lac_aws_request request = request_of(target, LAC_STR("DELETE"), &url);
        ok = ((!url.failed || out_of_memory(err)) && perform(&request, false, &response, err)) ||
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
    return lac_header_same_name(header->name, LAC_STR("if-match")) ||
           lac_header_same_name(header->name, LAC_STR("if-none-match"));
}

static bool choose_headers(const struct lac_s3_put *put, bool conditions, bool others,
                           struct lac_header out[MAX_HEADERS], size_t *count,
                           struct lac_error *err) {
    *count = 0;
    for (size_t i = 0; i < put->header_count; i++) {
        if (is_condition(&put->headers[i]) ? conditions : others) {
            if (*count == MAX_HEADERS) {
                return lac_fail(err, LAC_ERR_INPUT, "more than %d headers", MAX_HEADERS);
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
    struct lac_header headers[MAX_HEADERS];
    struct lac_buf url = {0};
    size_t count;
    bool ok = add_url(&put->target, true, &url, err) &&
              choose_headers(put, true, true, headers, &count, err);
    if (ok) {
        struct lac_aws_request request = request_of(&put->target, LAC_STR("PUT"), &url);
        request.http.headers = headers;
        request.http.header_count = count;
        request.http.body = put->body;
        request.http.file = (struct lac_http_slice){put->path, 0, LAC_HTTP_TO_END};
        request.http.progress = put->progress != NULL ? tell_whole : NULL;
        request.http.context = (void *)put;
        ok = (!url.failed || out_of_memory(err)) && perform(&request, false, &response, err);
    }
    if (ok) {
        lac_buf_add(&result->etag, lac_s3_etag(&response));
        take_version(&response, &result->version_id);
    }
    lac_http_response_free(&response);
    lac_buf_free(&url);
    return ok;
}

/* ---- Put, in parts ---- */

struct part {
    struct upload *upload;
    struct lac_buf url;
    uint64_t sent;
};

struct upload {
    const struct lac_s3_put *put;
    struct lac_buf id;
    uint64_t size, part_size;
    size_t count;
    struct part *parts;
    struct lac_aws_exchange *exchanges;
};

static bool tell_part(void *context, const struct lac_http_progress *so_far) {
    struct part *part = context;
    const struct upload *upload = part->upload;
    uint64_t sent = 0;
    part->sent = so_far->sent;
    for (size_t i = 0; i < upload->count; i++) {
        sent += upload->parts[i].sent;
    }
    return upload->put->progress(upload->put->context, sent, upload->size);
}

/* Ends an upload, and with it all its parts. What it answers changes nothing. */
static void abort_upload(const struct lac_s3_target *target, struct lac_str id) {
    struct lac_http_response response = {0};
    struct lac_error ignored;
    struct lac_buf url = {0};
    if (id.len > 0 && add_url(target, true, &url, &ignored)) {
        add_parameter(&url, "uploadId", id);
        struct lac_aws_request request = request_of(target, LAC_STR("DELETE"), &url);
        request.http.outlives_interrupt = true;
        request.http.timeout = ABORT_TIMEOUT;
        if (!url.failed) {
            perform(&request, false, &response, &ignored);
        }
    }
    lac_http_response_free(&response);
    lac_buf_free(&url);
}

static bool abort_older(const struct lac_s3_target *target, struct lac_error *err) {
    struct lac_s3_items older;
    struct lac_error refusal;
    if (!lac_s3_unfinished(target, target->key, &older, &refusal)) {
        bool may_not_list =
            refusal.kind == LAC_ERR_SERVICE && (refusal.status == 403 || refusal.status == 501);
        *err = may_not_list ? *err : refusal; /* who may put need not be allowed to list */
        return may_not_list;
    }
    for (size_t i = 0; i < older.count; i++) {
        const struct lac_buf *key = &older.items[i].key;
        if (key->len == target->key.len && memcmp(key->data, target->key.data, key->len) == 0) {
            abort_upload(target, lac_buf_view(&older.items[i].upload_id));
        }
    }
    lac_s3_items_free(&older);
    return true;
}

static bool begin_upload(struct upload *upload, struct lac_error *err) {
    const struct lac_s3_put *put = upload->put;
    struct lac_http_response response = {0};
    struct lac_header headers[MAX_HEADERS];
    struct lac_buf url = {0};
    size_t count;
    bool ok = add_url(&put->target, true, &url, err) &&
              choose_headers(put, false, true, headers, &count, err);
    if (ok) {
        add_parameter(&url, "uploads", LAC_STR(""));
        struct lac_aws_request request = request_of(&put->target, LAC_STR("POST"), &url);
        request.http.headers = headers;
        request.http.header_count = count;
        ok = (!url.failed || out_of_memory(err)) && perform(&request, false, &response, err);
    }
    if (ok) {
        lac_xml_scan_text(lac_buf_view(&response.body), "UploadId", &upload->id);
        ok = upload->id.len > 0 || lac_fail(err, LAC_ERR_NETWORK, PROTOCOL);
    }
    lac_http_response_free(&response);
    lac_buf_free(&url);
    return ok;
}

static bool prepare_part(struct upload *upload, size_t i, struct lac_error *err) {
    const struct lac_s3_put *put = upload->put;
    struct part *part = &upload->parts[i];
    uint64_t offset = i * upload->part_size, rest = upload->size - offset;
    char number[24];
    int digits = snprintf(number, sizeof number, "%zu", i + 1);
    part->upload = upload;
    if (!add_url(&put->target, true, &part->url, err)) {
        return false;
    }
    add_parameter(&part->url, "partNumber", (struct lac_str){number, (size_t)digits});
    add_parameter(&part->url, "uploadId", lac_buf_view(&upload->id));
    struct lac_aws_request *request = &upload->exchanges[i].request;
    *request = request_of(&put->target, LAC_STR("PUT"), &part->url);
    request->http.file = (struct lac_http_slice){
        put->path, offset, rest < upload->part_size ? rest : upload->part_size};
    request->http.progress = put->progress != NULL ? tell_part : NULL;
    request->http.context = part;
    return !part->url.failed || out_of_memory(err);
}

/* All parts, side by side. The failure that ended the others is the one to tell. */
static bool send_parts(struct upload *upload, struct lac_error *err) {
    size_t parallel = upload->put->parallel > 0 ? upload->put->parallel : 4;
    upload->parts = calloc(upload->count, sizeof *upload->parts);
    upload->exchanges = calloc(upload->count, sizeof *upload->exchanges);
    bool ok = (upload->parts != NULL && upload->exchanges != NULL) || out_of_memory(err);
    for (size_t i = 0; ok && i < upload->count; i++) {
        ok = prepare_part(upload, i, err);
    }
    if (!ok) {
        return false;
    }
    lac_aws_send_all(upload->exchanges, upload->count, parallel, true);
    for (size_t i = 0; i < upload->count; i++) {
        struct lac_error judgement;
        if (!judge(&upload->exchanges[i], false, &judgement) &&
            (ok || err->kind == LAC_ERR_INTERRUPT)) {
            *err = judgement;
            ok = false;
        }
    }
    return ok;
}

static bool add_part_list(const struct upload *upload, struct lac_buf *out, struct lac_error *err) {
    lac_buf_add(out, LAC_STR("<CompleteMultipartUpload>"));
    for (size_t i = 0; i < upload->count; i++) {
        struct lac_str etag = lac_s3_etag(&upload->exchanges[i].response);
        if (etag.len == 0 || memchr(etag.data, '<', etag.len) || memchr(etag.data, '&', etag.len)) {
            return lac_fail(err, LAC_ERR_NETWORK, PROTOCOL);
        }
        lac_buf_addf(out, "<Part><PartNumber>%zu</PartNumber><ETag>\"", i + 1);
        lac_buf_adds(out, etag, LAC_STR("\"</ETag></Part>"));
    }
    lac_buf_add(out, LAC_STR("</CompleteMultipartUpload>"));
    return !out->failed || out_of_memory(err);
}

static bool complete_upload(struct upload *upload, struct lac_s3_put_result *result,
                            struct lac_error *err) {
    const struct lac_s3_put *put = upload->put;
    struct lac_http_response response = {0};
    struct lac_header headers[MAX_HEADERS];
    struct lac_buf url = {0}, body = {0}, etag = {0};
    size_t count;
    bool ok = add_url(&put->target, true, &url, err) && add_part_list(upload, &body, err) &&
              choose_headers(put, true, false, headers, &count, err);
    if (ok) {
        add_parameter(&url, "uploadId", lac_buf_view(&upload->id));
        struct lac_aws_request request = request_of(&put->target, LAC_STR("POST"), &url);
        request.http.headers = headers;
        request.http.header_count = count;
        request.http.body = lac_buf_view(&body);
        ok = (!url.failed || out_of_memory(err)) && perform(&request, true, &response, err);
        for (int i = 1; !ok && i < LAC_AWS_ATTEMPTS && err->status == 200 && err->retryable; i++) {
            lac_http_response_free(&response); /* S3 took its time, and then said no with a 200 */
            ok = perform(&request, true, &response, err);
        }
    }
    if (ok) {
        lac_xml_scan_text(lac_buf_view(&response.body), "ETag", &etag);
        lac_buf_add(&result->etag, without_quotes(lac_buf_view(&etag)));
        take_version(&response, &result->version_id);
        result->parts = upload->count;
    }
    lac_http_response_free(&response);
    lac_buf_free(&url);
    lac_buf_free(&body);
    lac_buf_free(&etag);
    return ok;
}

static void free_upload(struct upload *upload) {
    for (size_t i = 0; upload->parts != NULL && i < upload->count; i++) {
        lac_buf_free(&upload->parts[i].url);
    }
    for (size_t i = 0; upload->exchanges != NULL && i < upload->count; i++) {
        lac_http_response_free(&upload->exchanges[i].response);
    }
    free(upload->parts);
    free(upload->exchanges);
    lac_buf_free(&upload->id);
}

static bool put_in_parts(const struct lac_s3_put *put, uint64_t size, uint64_t part_size,
                         struct lac_s3_put_result *result, struct lac_error *err) {
    uint64_t least = size / LAC_S3_MOST_PARTS + 1;
    struct upload upload = {
        .put = put, .size = size, .part_size = part_size > least ? part_size : least};
    upload.count = (size_t)((size + upload.part_size - 1) / upload.part_size);
    bool ok = abort_older(&put->target, err) && begin_upload(&upload, err) &&
              send_parts(&upload, err) && complete_upload(&upload, result, err);
    if (!ok) {
        abort_upload(&put->target, lac_buf_view(&upload.id));
    }
    free_upload(&upload);
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
                  ? put_in_parts(put, size, part_size, result, err)
                  : put_whole(put, result, err);
    if (!ok) {
        lac_s3_put_result_free(result);
    }
    return ok;
}
