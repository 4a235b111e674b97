/* lambda_runtime_private.h — what lambda_runtime.c and lambda_runtime_stream.c share: the
 * connection (lambda_runtime_connection.c) and the two ends of a request. */
#ifndef LAC_LAMBDA_RUNTIME_PRIVATE_H
#define LAC_LAMBDA_RUNTIME_PRIVATE_H

#include "core/http_answer.h"
#include "core/lambda_runtime.h"

bool lac_lambda_runtime_connect(struct lac_lambda_runtime *runtime, struct lac_error *err);
void lac_lambda_runtime_disconnect(struct lac_lambda_runtime *runtime);

/* Fails for an errno of the connection. */
bool lac_lambda_runtime_unreachable(const struct lac_lambda_runtime *runtime, int number,
                                    struct lac_error *err);

/* Sends the request whose head is in runtime->head, and waits for its answer. A kept connection may
 * have been closed meanwhile: then once more over a new one. */
bool lac_lambda_runtime_exchange(struct lac_lambda_runtime *runtime, struct lac_str body,
                                 struct lac_http_answer *answer, struct lac_error *err);

/* Waits for the answer to what was sent. `again`: the connection was closed before it. */
bool lac_lambda_runtime_answer(struct lac_lambda_runtime *runtime, struct lac_http_answer *answer,
                               bool *again, struct lac_error *err);

/* Puts the head of a response into runtime->head, up to its content type. */
bool lac_lambda_runtime_begin_response(struct lac_lambda_runtime *runtime,
                                       struct lac_str request_id, struct lac_str content_type,
                                       struct lac_error *err);

/* A header's value that came from a handler, and the end of its line: what could end it before is
 * replaced. */
void lac_lambda_runtime_add_value(struct lac_lambda_runtime *runtime, struct lac_str value);

/* Fails for an answer that says no. */
bool lac_lambda_runtime_refused(const char *what, const struct lac_http_answer *answer,
                                struct lac_error *err);

#endif
