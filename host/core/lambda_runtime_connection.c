/* lambda_runtime_connection.c — one request over the kept connection, and its answer. */
#define _GNU_SOURCE /* SOCK_CLOEXEC, MSG_NOSIGNAL */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/interrupt.h"
#include "core/lambda_runtime_private.h"

#define MAX_ANSWER ((size_t)8 * 1024 * 1024) /* an event has at most 6 MB */
#define PIECE ((size_t)16 * 1024)            /* read at once, while nobody knows how much comes */

void lac_lambda_runtime_disconnect(struct lac_lambda_runtime *runtime) {
    if (runtime->fd >= 0) {
        close(runtime->fd);
    }
    runtime->fd = -1;
}

bool lac_lambda_runtime_unreachable(const struct lac_lambda_runtime *runtime, int number,
                                    struct lac_error *err) {
    lac_fail_errno(err, number, "the Runtime API at %s", runtime->name);
    err->kind = LAC_ERR_NETWORK;
    return false;
}

bool lac_lambda_runtime_connect(struct lac_lambda_runtime *runtime, struct lac_error *err) {
    int yes = 1;
    runtime->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (runtime->fd < 0 || connect(runtime->fd, (const struct sockaddr *)&runtime->address,
                                   sizeof runtime->address) != 0) {
        lac_lambda_runtime_unreachable(runtime, errno, err);
        lac_lambda_runtime_disconnect(runtime);
        return false;
    }
    setsockopt(runtime->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return true;
}

static ssize_t send_parts(int fd, struct lac_str head, struct lac_str body) {
    if (body.len == 0) {
        return send(fd, head.data, head.len, MSG_NOSIGNAL);
    }
    struct iovec parts[2] = {{(char *)head.data, head.len}, {(char *)body.data, body.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* Head and body in one write, as long as the socket takes them. errno on failure. */
static bool send_request(const struct lac_lambda_runtime *runtime, struct lac_str body) {
    struct lac_str head = lac_buf_view(&runtime->head);
    while (head.len + body.len > 0) {
        ssize_t count = send_parts(runtime->fd, head, body);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        size_t sent = count > 0 ? (size_t)count : 0, of_head = sent < head.len ? sent : head.len;
        head = (struct lac_str){head.data + of_head, head.len - of_head};
        body = (struct lac_str){body.data + (sent - of_head), body.len - (sent - of_head)};
    }
    return true;
}

/* Waits in the call that reads: one system call for most answers. A signal wakes it, for its
 * handler was set without SA_RESTART; see lac_interrupt_watch for one that comes just before. */
static ssize_t wait_and_read(int fd, char *space, size_t size) {
    const struct timeval never = {0};
    ssize_t count = -1;
    errno = EINTR;
    lac_interrupt_watch(fd);
    while (!lac_interrupt_requested() && (count = recv(fd, space, size, 0)) < 0 &&
           (errno == EAGAIN || errno == EINTR)) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof never);
        errno = EINTR;
    }
    lac_interrupt_watch(-1);
    return count;
}

/* Reads on, `expected` bytes when so many are known to come; `end` when the other side closed or
 * broke the connection. */
static bool receive(struct lac_lambda_runtime *runtime, size_t expected, bool *end,
                    struct lac_error *err) {
    size_t before = runtime->answer.len, size = expected > PIECE ? expected : PIECE;
    if (expected > MAX_ANSWER || before + expected > MAX_ANSWER) {
        return lac_fail(err, LAC_ERR_LIMIT, "the Runtime API sent more than %zu bytes", MAX_ANSWER);
    }
    char *space = lac_buf_grow(&runtime->answer, size, 1);
    if (space == NULL) {
        lac_buf_free(&runtime->answer);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while reading an event");
    }
    ssize_t count = wait_and_read(runtime->fd, space, size);
    lac_buf_cut(&runtime->answer, before + (count > 0 ? (size_t)count : 0));
    if (count < 0 && lac_interrupt_requested()) {
        return lac_fail(err, LAC_ERR_INTERRUPT, "interrupted");
    }
    *end = count <= 0;
    return true;
}

/* What of a body with a length is not there yet. */
static size_t missing(const struct lac_lambda_runtime *runtime,
                      const struct lac_http_answer *answer) {
    if (answer->body.data == NULL) {
        return 0;
    }
    size_t before = (size_t)(answer->body.data - runtime->answer.data);
    size_t there = runtime->answer.len - before;
    return answer->body.len > there ? answer->body.len - there : 0;
}

bool lac_lambda_runtime_answer(struct lac_lambda_runtime *runtime, struct lac_http_answer *answer,
                               bool *again, struct lac_error *err) {
    enum lac_http_answer_state state = LAC_HTTP_ANSWER_PARTIAL;
    bool end = false;
    runtime->answer.len = 0;
    *answer = (struct lac_http_answer){0};
    while (state == LAC_HTTP_ANSWER_PARTIAL) {
        if (!receive(runtime, missing(runtime, answer), &end, err)) {
            return false;
        }
        if (end && runtime->answer.len == 0) {
            *again = true;
            return lac_fail(err, LAC_ERR_NETWORK, "the Runtime API at %s closed the connection",
                            runtime->name);
        }
        state = lac_http_answer_take(runtime->answer.data, runtime->answer.len, end, answer);
    }
    return state == LAC_HTTP_ANSWER_WHOLE ||
           lac_fail(err, LAC_ERR_NETWORK, "the Runtime API at %s sent no HTTP answer",
                    runtime->name);
}

/* Sends and reads over the connection there is. `again`: it was closed before it gave an answer. */
static bool try_exchange(struct lac_lambda_runtime *runtime, struct lac_str body,
                         struct lac_http_answer *answer, bool *again, struct lac_error *err) {
    *again = false;
    if (!send_request(runtime, body)) {
        *again = errno == EPIPE || errno == ECONNRESET;
        return lac_lambda_runtime_unreachable(runtime, errno, err);
    }
    return lac_lambda_runtime_answer(runtime, answer, again, err);
}

bool lac_lambda_runtime_exchange(struct lac_lambda_runtime *runtime, struct lac_str body,
                                 struct lac_http_answer *answer, struct lac_error *err) {
    bool kept = runtime->fd >= 0, again;
    if (runtime->head.failed) {
        lac_buf_free(&runtime->head);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory while speaking to the Runtime API");
    }
    if (!kept && !lac_lambda_runtime_connect(runtime, err)) {
        return false;
    }
    bool ok = try_exchange(runtime, body, answer, &again, err);
    if (!ok && kept && again) {
        lac_lambda_runtime_disconnect(runtime);
        ok = lac_lambda_runtime_connect(runtime, err) &&
             try_exchange(runtime, body, answer, &again, err);
    }
    if (!ok || !answer->keep_alive) {
        lac_lambda_runtime_disconnect(runtime);
    }
    return ok;
}
