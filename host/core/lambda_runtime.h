/* lambda_runtime.h — Lambda's Runtime API from the function's side: next, response, a response that
 * is streamed, error.
 *
 * A bare socket that is kept open and opened again when the other side closed it: one write for a
 * request, mostly one read for its answer, no allocation once the buffers have grown. Calls wait as
 * long as it takes: between two events the whole process may be frozen. */
#ifndef LAC_LAMBDA_RUNTIME_H
#define LAC_LAMBDA_RUNTIME_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

/* {0} is closed; made by lac_lambda_runtime_open. */
struct lac_lambda_runtime {
    struct sockaddr_in address;
    char name[64];    /* 127.0.0.1:9001 */
    char prefix[192]; /* /path/2018-06-01/runtime */
    char lines[160]; /* what follows the path of every request: its first line's end, and headers */
    bool open;
    int fd; /* -1: not connected */
    struct lac_buf head, answer;
    struct {
        bool open;
        size_t sent;    /* of what is in `head`: a wait for the other side may be cut short */
        uint64_t bytes; /* of the handler's */
    } stream;
};

#define LAC_LAMBDA_RUNTIME_MAX_STREAM ((uint64_t)200 * 1024 * 1024) /* Lambda's own limit */

/* Views live until the next call. Texts that did not come have a NULL data. */
struct lac_lambda_invocation {
    struct lac_str request_id, function_arn, trace_id, client_context, cognito_identity, tenant_id;
    double deadline; /* seconds since 1970; 0 when not told */
    struct lac_str body;
};

/* `address` is "127.0.0.1:9001", and a path may follow. Connects to nothing yet. */
bool lac_lambda_runtime_open(const char *address, struct lac_lambda_runtime *out,
                             struct lac_error *err);

/* Waits for the next event, and puts its trace id into the environment as _X_AMZN_TRACE_ID.
 * LAC_ERR_LIMIT for an event past 8 MiB, LAC_ERR_SERVICE for a refusal, LAC_ERR_INTERRUPT. */
bool lac_lambda_runtime_next(struct lac_lambda_runtime *runtime, struct lac_lambda_invocation *out,
                             struct lac_error *err);

/* Sends a result, after what was printed meanwhile. LAC_ERR_SERVICE with status 413 when Lambda
 * finds it too large: the failure of the same invocation may then still be sent. */
bool lac_lambda_runtime_respond(struct lac_lambda_runtime *runtime, struct lac_str request_id,
                                struct lac_str body, struct lac_str content_type,
                                struct lac_error *err);

/* Begins a result that is sent piece by piece, and sends its head. Until it is finished no other
 * call is made. Writes wait for the other side as long as it takes, and fail with
 * LAC_ERR_INTERRUPT, LAC_ERR_NETWORK when it has gone, LAC_ERR_LIMIT past what Lambda passes on. */
bool lac_lambda_runtime_stream(struct lac_lambda_runtime *runtime, struct lac_str request_id,
                               struct lac_str content_type, struct lac_error *err);
bool lac_lambda_runtime_write(struct lac_lambda_runtime *runtime, struct lac_str bytes,
                              struct lac_error *err);

/* Ends it. With an `error_type`, as a failure in the middle: `error_body` is Lambda's error object.
 * LAC_ERR_SERVICE when Lambda refuses it. */
bool lac_lambda_runtime_finish(struct lac_lambda_runtime *runtime, struct lac_str error_type,
                               struct lac_str error_body, struct lac_error *err);

/* Sends a failure: `body` is Lambda's error object as JSON. */
bool lac_lambda_runtime_fail(struct lac_lambda_runtime *runtime, struct lac_str request_id,
                             struct lac_str error_type, struct lac_str body, struct lac_error *err);

/* Reports that start-up failed; the process then ends. */
bool lac_lambda_runtime_fail_init(struct lac_lambda_runtime *runtime, struct lac_str error_type,
                                  struct lac_str body, struct lac_error *err);

/* From now on standard output keeps what is written until its line ends, and writes it in one
 * piece: lines as long as Lambda takes them. Call before anything is written. */
void lac_lambda_runtime_buffer_lines(void);

void lac_lambda_runtime_close(struct lac_lambda_runtime *runtime);

#endif
