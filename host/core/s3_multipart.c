/* s3_multipart.c — one object in parts, side by side: begun, sent, completed, or aborted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/s3_private.h"
#include "core/xml_scan.h"

#define ABORT_TIMEOUT 10.0 /* seconds: cleaning up must not hold up Ctrl-C */

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
    if (id.len > 0 && lac_s3_add_url(target, true, &url, &ignored)) {
        lac_s3_add_parameter(&url, "uploadId", id);
        struct lac_aws_request request = lac_s3_request(target, LAC_STR("DELETE"), &url);
        request.http.outlives_interrupt = true;
        request.http.timeout = ABORT_TIMEOUT;
        if (!url.failed) {
            lac_s3_perform(&request, false, &response, &ignored);
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
    struct lac_header headers[LAC_S3_MOST_HEADERS];
    struct lac_buf url = {0};
    size_t count;
    bool ok = lac_s3_add_url(&put->target, true, &url, err) &&
              lac_s3_choose_headers(put, false, true, headers, &count, err);
    if (ok) {
        lac_s3_add_parameter(&url, "uploads", LAC_STR(""));
        struct lac_aws_request request = lac_s3_request(&put->target, LAC_STR("POST"), &url);
        request.http.headers = headers;
        request.http.header_count = count;
        ok = (!url.failed || lac_s3_out_of_memory(err)) &&
             lac_s3_perform(&request, false, &response, err);
    }
    if (ok) {
        lac_xml_scan_text(lac_buf_view(&response.body), "UploadId", &upload->id);
        ok = upload->id.len > 0 || lac_fail(err, LAC_ERR_NETWORK, LAC_S3_PROTOCOL);
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
    if (!lac_s3_add_url(&put->target, true, &part->url, err)) {
        return false;
    }
    lac_s3_add_parameter(&part->url, "partNumber", (struct lac_str){number, (size_t)digits});
    lac_s3_add_parameter(&part->url, "uploadId", lac_buf_view(&upload->id));
    struct lac_aws_request *request = &upload->exchanges[i].request;
    *request = lac_s3_request(&put->target, LAC_STR("PUT"), &part->url);
    request->http.file = (struct lac_http_slice){
        put->path, offset, rest < upload->part_size ? rest : upload->part_size};
    request->http.progress = put->progress != NULL ? tell_part : NULL;
    request->http.context = part;
    return !part->url.failed || lac_s3_out_of_memory(err);
}

/* All parts, side by side. The failure that ended the others is the one to tell. */
static bool send_parts(struct upload *upload, struct lac_error *err) {
    size_t parallel = upload->put->parallel > 0 ? upload->put->parallel : 4;
    upload->parts = calloc(upload->count, sizeof *upload->parts);
    upload->exchanges = calloc(upload->count, sizeof *upload->exchanges);
    if (upload->parts == NULL || upload->exchanges == NULL) {
        return lac_s3_out_of_memory(err);
    }
    for (size_t i = 0; i < upload->count; i++) {
        if (!prepare_part(upload, i, err)) {
            return false;
        }
    }
    bool ok = true;
    lac_aws_send_all(upload->exchanges, upload->count, parallel, true);
    for (size_t i = 0; i < upload->count; i++) {
        struct lac_error judgement;
        if (!lac_s3_judge(&upload->exchanges[i], false, &judgement) &&
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
            return lac_fail(err, LAC_ERR_NETWORK, LAC_S3_PROTOCOL);
        }
        lac_buf_addf(out, "<Part><PartNumber>%zu</PartNumber><ETag>\"", i + 1);
        lac_buf_adds(out, etag, LAC_STR("\"</ETag></Part>"));
    }
    lac_buf_add(out, LAC_STR("</CompleteMultipartUpload>"));
    return !out->failed || lac_s3_out_of_memory(err);
}

static bool complete_upload(struct upload *upload, struct lac_s3_put_result *result,
                            struct lac_error *err) {
    const struct lac_s3_put *put = upload->put;
    struct lac_http_response response = {0};
    struct lac_header headers[LAC_S3_MOST_HEADERS];
    struct lac_buf url = {0}, body = {0}, etag = {0};
    size_t count;
    bool ok = lac_s3_add_url(&put->target, true, &url, err) && add_part_list(upload, &body, err) &&
              lac_s3_choose_headers(put, true, false, headers, &count, err);
    if (ok) {
        lac_s3_add_parameter(&url, "uploadId", lac_buf_view(&upload->id));
        struct lac_aws_request request = lac_s3_request(&put->target, LAC_STR("POST"), &url);
        request.http.headers = headers;
        request.http.header_count = count;
        request.http.body = lac_buf_view(&body);
        ok = (!url.failed || lac_s3_out_of_memory(err)) &&
             lac_s3_perform(&request, true, &response, err);
        for (int i = 1; !ok && i < LAC_AWS_ATTEMPTS && err->status == 200 && err->retryable; i++) {
            lac_http_response_free(&response); /* S3 took its time, and then said no with a 200 */
            ok = lac_s3_perform(&request, true, &response, err);
        }
    }
    if (ok) {
        lac_xml_scan_text(lac_buf_view(&response.body), "ETag", &etag);
        lac_buf_add(&result->etag, lac_s3_without_quotes(lac_buf_view(&etag)));
        lac_s3_take_version(&response, &result->version_id);
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

bool lac_s3_put_in_parts(const struct lac_s3_put *put, uint64_t size, uint64_t part_size,
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
