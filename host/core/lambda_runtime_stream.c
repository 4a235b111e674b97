#define _GNU_SOURCE /* MSG_NOSIGNAL */
#include <errno.h>
#include <sys/socket.h>

#include "core/encoding.h"
#include "core/lambda_runtime_private.h"
#include "core/poll.h"

#define PIECE ((size_t)64 * 1024) /* of a write: what is copied and sent as one chunk */
#define TYPE "Lambda-Runtime-Function-Error-Type"
#define BODY "Lambda-Runtime-Function-Error-Body"

/* The connection is of no use any more; so is the stream. */
static bool broken(struct lac_lambda_runtime *runtime, int number, struct lac_error *err) {
    lac_lambda_runtime_disconnect(runtime);
    runtime->stream.open = false;
    lac_lambda_runtime_unreachable(runtime, number, err);
    return false;
}

/* Sends what is in runtime->head. Cut short, it goes on from there the next time: a chunk is whole
 * on the wire, or nothing follows it. */
static bool flush(struct lac_lambda_runtime *runtime, struct lac_error *err) {
    if (runtime->head.failed) {
        lac_buf_free(&runtime->head);
        broken(runtime, ENOMEM, err);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while streaming");
    }
    while (runtime->stream.sent < runtime->head.len) {
        ssize_t count = send(runtime->fd, runtime->head.data + runtime->stream.sent,
                             runtime->head.len - runtime->stream.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0) {
            runtime->stream.sent += (size_t)count;
        } else if (errno == EAGAIN) {
            struct lac_poll room = {.fd = runtime->fd, .to_write = true};
            if (!lac_poll_wait(&room, 1, -1, err)) {
                return false;
            }
        } else if (errno != EINTR) {
            return broken(runtime, errno, err);
        }
    }
    runtime->head.len = runtime->stream.sent = 0;
    return true;
}

/* A kept connection that the other side has closed meanwhile; one that has something to say is out
 * of step. */
static bool is_stale(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

bool lac_lambda_runtime_stream(struct lac_lambda_runtime *runtime, struct lac_str request_id,
                               struct lac_str content_type, struct lac_error *err) {
    if (runtime->stream.open) {
        return lac_fail(err, LAC_ERR_INPUT, "response: it is being streamed");
    }
    if (runtime->fd >= 0 && is_stale(runtime->fd)) {
        lac_lambda_runtime_disconnect(runtime);
    }
    if (!lac_lambda_runtime_begin_response(runtime, request_id, content_type, err) ||
        (runtime->fd < 0 && !lac_lambda_runtime_connect(runtime, err))) {
        return false;
    }
    lac_buf_add(&runtime->head, LAC_STR("Lambda-Runtime-Function-Response-Mode: streaming\r\n"
                                        "Transfer-Encoding: chunked\r\n"
                                        "Trailer: " TYPE ", " BODY "\r\n\r\n"));
    runtime->stream.open = true;
    runtime->stream.sent = 0;
    runtime->stream.bytes = 0;
    return flush(runtime, err);
}

static bool is_closed(const struct lac_lambda_runtime *runtime, struct lac_error *err) {
    return !runtime->stream.open && !lac_fail(err, LAC_ERR_INPUT, "response: no stream is open");
}

bool lac_lambda_runtime_write(struct lac_lambda_runtime *runtime, struct lac_str bytes,
                              struct lac_error *err) {
    if (is_closed(runtime, err)) {
        return false;
    }
    if (bytes.len > LAC_LAMBDA_RUNTIME_MAX_STREAM - runtime->stream.bytes) {
        return lac_fail(err, LAC_ERR_LIMIT, "a response has more than the %d MiB that Lambda takes",
                        (int)(LAC_LAMBDA_RUNTIME_MAX_STREAM >> 20));
    }
    for (size_t i = 0; i < bytes.len; i += PIECE) {
        size_t left = bytes.len - i, len = left < PIECE ? left : PIECE;
        if (!flush(runtime, err)) {
            return false;
        }
        lac_buf_addf(&runtime->head, "%zx\r\n", len);
        lac_buf_adds(&runtime->head, ((struct lac_str){bytes.data + i, len}), LAC_STR("\r\n"));
        runtime->stream.bytes += len;
    }
    return flush(runtime, err);
}

bool lac_lambda_runtime_finish(struct lac_lambda_runtime *runtime, struct lac_str error_type,
                               struct lac_str error_body, struct lac_error *err) {
    if (is_closed(runtime, err)) {
        return false;
    }
    lac_buf_add(&runtime->head, LAC_STR("0\r\n"));
    if (error_type.len > 0) {
        lac_buf_add(&runtime->head, LAC_STR(TYPE ": "));
        lac_lambda_runtime_add_value(runtime, error_type);
        lac_buf_add(&runtime->head, LAC_STR(BODY ": "));
        lac_base64_add(error_body, &runtime->head);
        lac_buf_add(&runtime->head, LAC_STR("\r\n"));
    }
    lac_buf_add(&runtime->head, LAC_STR("\r\n"));

    struct lac_http_answer answer = {0};
    bool again;
    if (!flush(runtime, err)) {
        return false;
    }
    runtime->stream.open = false;
    bool ok = lac_lambda_runtime_answer(runtime, &answer, &again, err);
    if (!ok || !answer.keep_alive) {
        lac_lambda_runtime_disconnect(runtime);
    }
    return ok && ((answer.status >= 200 && answer.status <= 299) ||
                  lac_lambda_runtime_refused("response", &answer, err));
}
