/* s3.h — S3 objects: put (whole, or in parts side by side), get, head, delete, list.
 *
 * A custom endpoint is addressed path-style; AWS's own virtual-hosted, unless the bucket's name has
 * dots. Refusals are LAC_ERR_SERVICE with S3's status and code; the status tells when there is no
 * object (404), for HEAD has no body to say so. ETags are without their quotes. */
#ifndef LAC_S3_H
#define LAC_S3_H

#include "core/aws_request.h"

#define LAC_S3_PART_SIZE ((uint64_t)8 << 20)
#define LAC_S3_LEAST_PART_SIZE ((uint64_t)5 << 20)
#define LAC_S3_MOST_PARTS 10000
#define LAC_S3_MOST_LISTED 1000000

struct lac_s3_target {
    struct lac_aws_credentials credentials;
    struct lac_str region, bucket;
    struct lac_str key;           /* len 0: none */
    const char *endpoint;         /* "http://127.0.0.1:4566"; NULL: AWS's */
    struct lac_http_request http; /* only its time-outs, proxy and ca_bundle count */
    int attempts;
};

struct lac_s3_put {
    struct lac_s3_target target;
    struct lac_str body;              /* or */
    const char *path;                 /* a file: past part_size it goes up in parts */
    uint64_t part_size;               /* 0: LAC_S3_PART_SIZE */
    size_t parallel;                  /* parts at once; 0: 4 */
    const struct lac_header *headers; /* Content-Type, x-amz-meta-…, If-None-Match, … */
    size_t header_count;
    bool (*progress)(void *context, uint64_t sent, uint64_t total); /* false: stop */
    void *context;
};

struct lac_s3_put_result {
    struct lac_buf etag, version_id;
    size_t parts; /* 0: it went up whole */
};

/* An upload in parts that fails or is interrupted is aborted, so that no part stays behind; older
 * unfinished ones of the same key are aborted first. */
bool lac_s3_put(const struct lac_s3_put *put, struct lac_s3_put_result *result,
                struct lac_error *err);
void lac_s3_put_result_free(struct lac_s3_put_result *result);

struct lac_s3_get {
    struct lac_s3_target target;
    struct lac_str version_id; /* len 0: the current one */
    struct lac_str range;      /* "bytes=0-99"; len 0: all */
    const char *to_file;
    size_t max_body; /* as http.h has it */
};

bool lac_s3_get(const struct lac_s3_get *get, struct lac_http_response *response,
                struct lac_error *err);
bool lac_s3_head(const struct lac_s3_get *get, struct lac_http_response *response,
                 struct lac_error *err);

/* The ETag of an answer, without its quotes; len 0 when there is none. */
struct lac_str lac_s3_etag(const struct lac_http_response *response);

/* An absent object is a success. */
bool lac_s3_delete(const struct lac_s3_target *target, struct lac_str version_id,
                   struct lac_error *err);

/* An object, or an upload that was begun and not ended. */
struct lac_s3_item {
    struct lac_buf key, etag, last_modified, upload_id;
    uint64_t size;
};

struct lac_s3_items {
    struct lac_s3_item *items;
    size_t count;
};

/* Page after page, in key order, at most `limit` (0: LAC_S3_MOST_LISTED, past which it fails). */
bool lac_s3_list(const struct lac_s3_target *target, struct lac_str prefix, size_t limit,
                 struct lac_s3_items *out, struct lac_error *err);
bool lac_s3_unfinished(const struct lac_s3_target *target, struct lac_str prefix,
                       struct lac_s3_items *out, struct lac_error *err);
void lac_s3_items_free(struct lac_s3_items *items);

#endif
