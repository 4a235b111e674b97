/* aws_error.h — what an AWS service says when it says no: in XML (<Error>, <ErrorResponse>,
 * <Errors>), in JSON (__type, code, message), or in headers alone (x-amzn-errortype). Pure.
 *
 * A message goes to screens and logs: what could be a credential, and the texts that signature
 * errors quote from the request, are left out of it, and so are control characters. */
#ifndef LAC_AWS_ERROR_H
#define LAC_AWS_ERROR_H

#include "core/http.h"

#define LAC_AWS_REQUEST_ID_SIZE 128
#define LAC_AWS_MAX_ERROR_BODY 1048576 /* a longer body is not looked into */

/* Sets `err`: LAC_ERR_SERVICE, the status, the code ("" when the answer has none) and a message;
 * and `request_id`, "" when the answer has none. */
void lac_aws_error(const struct lac_http_response *response, struct lac_error *err,
                   char request_id[LAC_AWS_REQUEST_ID_SIZE]);

/* Whether the body is an <Error>: S3 can say so with status 200. */
bool lac_aws_is_error_body(struct lac_str body);

#endif
