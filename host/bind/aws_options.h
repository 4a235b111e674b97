/* aws_options.h — what host.aws_request and host.s3 share: credentials in, refusals out. */
#ifndef LAC_AWS_OPTIONS_H
#define LAC_AWS_OPTIONS_H

#include "bind/bind.h"
#include "core/aws_request.h"

/* The field `credentials` of the table at `arg`: { access_key_id, secret_access_key, session_token?
 * }; other fields, such as an expiration, are let pass. The strings stay on the stack. */
struct lac_aws_credentials bind_aws_credentials(lua_State *L, int arg);

/* Pushes the error object with `request_id` and, for a refusal, the `body` it was read from: not
 * for one about the signature, whose body repeats the request's headers. */
void bind_aws_push_error(lua_State *L, const struct lac_error *err, const char *request_id,
                         struct lac_str body);

#endif
