/* s3_private.h — what the parts of S3 share: s3.c, whose requests concern one object, s3_list.c,
 * and s3_multipart.c, which puts an object in parts. */
#ifndef LAC_S3_PRIVATE_H
#define LAC_S3_PRIVATE_H

#include "core/s3.h"

#define LAC_S3_MOST_HEADERS 64
#define LAC_S3_PROTOCOL "the answer is not what S3 says here"

bool lac_s3_out_of_memory(struct lac_error *err);

/* Appends the URL of the bucket, or of the key in it, without a query. */
bool lac_s3_add_url(const struct lac_s3_target *target, bool with_key, struct lac_buf *out,
                    struct lac_error *err);
void lac_s3_add_parameter(struct lac_buf *url, const char *name, struct lac_str value);

/* A signed request to `url`, which it borrows. */
struct lac_aws_request lac_s3_request(const struct lac_s3_target *target, struct lac_str method,
                                      const struct lac_buf *url);

/* Sets `err` to what the answer refuses, if it does. A redirect means another region, and a header
 * says which. `by_body`: an <Error> may come with status 200. */
bool lac_s3_judge(struct lac_aws_exchange *exchange, bool by_body, struct lac_error *err);

/* Sends; the response is the caller's to free, also after a failure. */
bool lac_s3_perform(const struct lac_aws_request *request, bool by_body,
                    struct lac_http_response *response, struct lac_error *err);

struct lac_str lac_s3_without_quotes(struct lac_str text);
void lac_s3_take_version(const struct lac_http_response *response, struct lac_buf *out);

/* The headers of a put that go with one of its requests: those that are conditions, or the others,
 * or both. */
bool lac_s3_choose_headers(const struct lac_s3_put *put, bool conditions, bool others,
                           struct lac_header out[LAC_S3_MOST_HEADERS], size_t *count,
                           struct lac_error *err);

bool lac_s3_put_in_parts(const struct lac_s3_put *put, uint64_t size, uint64_t part_size,
                         struct lac_s3_put_result *result, struct lac_error *err);

#endif
