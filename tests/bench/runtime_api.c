#define _GNU_SOURCE /* memmem, accept4 */
#include "runtime_api.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)
#define MAX_REQUEST ((size_t)32 * 1024 * 1024)
#define FIRST_ID UINT64_C(100000000001) /* twelve digits, as a UUID ends */
#define PATIENCE 30                     /* seconds */

/* ---- connections ------------------------------------------------------------------------------
 */

bool runtime_api_open(struct runtime_api *api, struct lac_error *err) {
    *api = (struct runtime_api){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    for (size_t i = 0; i < RUNTIME_API_CONNECTIONS; i++) {
        api->connections[i].fd = -1;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    if (api->listener < 0 || bind(api->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(api->listener, RUNTIME_API_CONNECTIONS) != 0 ||
        getsockname(api->listener, (struct sockaddr *)&address, &len) != 0) {
        return lac_fail_errno(err, errno, "cannot listen");
    }
    api->port = ntohs(address.sin_port);
    return true;
}

static void drop(struct runtime_api_connection *connection) {
    if (connection->fd >= 0) {
        close(connection->fd);
    }
    lac_buf_free(&connection->in);
    *connection = (struct runtime_api_connection){.fd = -1};
}

void runtime_api_disconnect(struct runtime_api *api) {
    for (size_t i = 0; i < RUNTIME_API_CONNECTIONS; i++) {
        drop(&api->connections[i]);
    }
    api->asking = NULL;
    api->accepted = 0;
    api->settled = false;
}

void runtime_api_close(struct runtime_api *api) {
    runtime_api_disconnect(api);
    lac_buf_free(&api->head);
    close(api->listener);
}

static bool take_connection(struct runtime_api *api, struct lac_error *err) {
    int fd = accept4(api->listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
    if (fd < 0) {
        return lac_fail_errno(err, errno, "cannot accept");
    }
    struct timeval second = {.tv_sec = 1};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    api->accepted++;
    for (size_t i = 0; i < RUNTIME_API_CONNECTIONS; i++) {
        if (api->connections[i].fd < 0) {
            api->connections[i].fd = fd;
            return true;
        }
    }
    close(fd);
    return lac_fail(err, LAC_ERR_LIMIT, "more than %d connections", RUNTIME_API_CONNECTIONS);
}

/* All of `head` and `body`, in as few writes as the socket takes. */
static bool send_all(int fd, struct lac_str head, struct lac_str body, struct lac_error *err) {
    struct iovec parts[2] = {{(char *)head.data, head.len}, {(char *)body.data, body.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    size_t left = head.len + body.len;
    while (left > 0) {
        ssize_t count = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (count < 0) {
            return lac_fail_errno(err, errno, "cannot send");
        }
        left -= (size_t)count;
        for (size_t i = 0, done = (size_t)count; i < 2; i++) {
            size_t part = done < parts[i].iov_len ? done : parts[i].iov_len;
            parts[i].iov_base = (char *)parts[i].iov_base + part;
            parts[i].iov_len -= part;
            done -= part;
        }
    }
    return true;
}

/* ---- requests ---------------------------------------------------------------------------------
 */

/* The value of the header line that begins with `name` ("content-length:"); NULL when none does. */
static const char *find_header(struct lac_str head, const char *name) {
    const char *at = head.data, *end = head.data + head.len;
    size_t len = strlen(name);
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        if ((size_t)(end - at) > len && strncasecmp(at, name, len) == 0) {
            at += len;
            return at + strspn(at, " ");
        }
    }
    return NULL;
}

/* The length of the head at the beginning of `in`, its empty line included; 0: not all is there. */
static size_t head_length(struct lac_str in) {
    const char *at = in.data, *end = in.data + in.len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') {
            return (size_t)(at + 2 - in.data);
        }
    }
    return 0;
}

/* The length of the chunks at `data` with their trailers, 0 when there is more to come. The buffer
 * ends with a NUL. */
static size_t chunks_length(const char *data, size_t len) {
    const char *at = data, *end = data + len, *line_end;
    while ((line_end = memmem(at, (size_t)(end - at), "\r\n", 2)) != NULL) {
        size_t size = strtoul(at, NULL, 16);
        if (size == 0) {
            const char *last = memmem(line_end, (size_t)(end - line_end), "\r\n\r\n", 4);
            return last == NULL ? 0 : (size_t)(last + 4 - data);
        }
        if (size > MAX_REQUEST || (size_t)(end - line_end) < size + 4) {
            return 0;
        }
        at = line_end + 2 + size + 2;
    }
    return 0;
}

void runtime_api_add_body(const struct runtime_api_request *request, struct lac_buf *out) {
    const char *at = request->body.data, *end = at + request->body.len;
    if (!request->chunked) {
        lac_buf_add(out, request->body);
        return;
    }
    for (size_t size; (size = strtoul(at, NULL, 16)) > 0; at += size + 2) {
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1; /* whole: it has been walked */
        lac_buf_add(out, (struct lac_str){at, size});
    }
}

/* Finds the whole request at the beginning of a connection's buffer. */
static bool is_whole(const struct runtime_api_connection *connection,
                     struct runtime_api_request *out) {
    struct lac_str *head = &out->head, *body = &out->body;
    struct lac_str in = lac_buf_view(&connection->in);
    *head = (struct lac_str){in.data, head_length(in)};
    if (head->len == 0) {
        return false;
    }
    *body = (struct lac_str){in.data + head->len, 0};
    size_t left = in.len - head->len;
    const char *length = find_header(*head, "content-length:");
    const char *coding = find_header(*head, "transfer-encoding:");
    out->chunked = coding != NULL && strncasecmp(coding, "chunked", 7) == 0;
    if (out->chunked) {
        body->len = chunks_length(body->data, left);
        return body->len > 0;
    }
    body->len = length == NULL ? 0 : strtoul(length, NULL, 10);
    return left >= body->len;
}

/* A client that waits for leave to send its body is given it. */
static bool let_continue(struct runtime_api_connection *connection, struct lac_error *err) {
    struct lac_str in = lac_buf_view(&connection->in);
    struct lac_str head = {in.data, head_length(in)};
    if (connection->continued || head.len == 0 ||
        find_header(head, "expect: 100-continue") == NULL) {
        return true;
    }
    connection->continued = true;
    return send_all(connection->fd, LAC_STR("HTTP/1.1 100 Continue\r\n\r\n"), LAC_STR(""), err);
}

static bool read_more(struct runtime_api_connection *connection, struct lac_error *err) {
    size_t before = connection->in.len;
    char *space = lac_buf_grow(&connection->in, PIECE, 1);
    if (space == NULL || before > MAX_REQUEST) {
        return lac_fail(err, LAC_ERR_LIMIT, "a request of more than %zu bytes", MAX_REQUEST);
    }
    ssize_t count = recv(connection->fd, space, PIECE, 0);
    lac_buf_cut(&connection->in, before + (count > 0 ? (size_t)count : 0));
    if (count < 0 && errno == EAGAIN) {
        return true; /* a second has gone by */
    }
    if (count <= 0) {
        drop(connection); /* the other side has gone; its child's end is noticed elsewhere */
        return true;
    }
    return let_continue(connection, err);
}

static bool name_call(struct runtime_api_request *request, struct lac_error *err) {
    static const struct {
        const char *prefix, *suffix;
        enum runtime_api_call call;
    } calls[] = {
        {"GET /2018-06-01/runtime/invocation/next ", " ", RUNTIME_API_NEXT},
        {"POST /2018-06-01/runtime/invocation/", "/response ", RUNTIME_API_RESPONSE},
        {"POST /2018-06-01/runtime/invocation/", "/error ", RUNTIME_API_FAILURE},
        {"POST /2018-06-01/runtime/init/error ", " ", RUNTIME_API_INIT_FAILURE},
    };
    const char *line_end = memchr(request->head.data, '\r', request->head.len);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const char *data = request->head.data, *suffix = calls[i].suffix;
        if (strncmp(data, calls[i].prefix, strlen(calls[i].prefix)) == 0 &&
            memmem(data, (size_t)(line_end - data), suffix, strlen(suffix)) != NULL) {
            request->call = calls[i].call;
            return true;
        }
    }
    return lac_fail(err, LAC_ERR_INPUT, "a request that no runtime makes: %.100s",
                    request->head.data);
}

/* Takes the last request, which has been answered, out of its buffer. */
static void forget_request(struct runtime_api *api) {
    if (api->asking != NULL) {
        struct lac_buf *in = &api->asking->in;
        memmove(in->data, in->data + api->request_len, in->len - api->request_len + 1);
        in->len -= api->request_len;
        api->asking->continued = false;
        api->asking = NULL;
    }
}

/* Something can be read within half a minute, and the child lives. */
static bool wait_for_bytes(struct pollfd *polled, nfds_t count, pid_t child,
                           struct lac_error *err) {
    for (int seconds = 0; seconds < PATIENCE; seconds++) {
        int ready = poll(polled, count, 1000), status;
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return lac_fail_errno(err, errno, "cannot wait");
        }
        if (waitpid(child, &status, WNOHANG) == child) {
            return lac_fail(err, LAC_ERR_SYSTEM, "the runtime ended (%s %d)",
                            WIFSIGNALED(status) ? "signal" : "status",
                            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        }
    }
    return lac_fail(err, LAC_ERR_SYSTEM, "the runtime was silent for %d seconds", PATIENCE);
}

/* A runtime that kept to one connection through its warm-up is read from without a look for others:
 * a system call less for each request. False after a second of silence, and with several. */
static bool read_the_only_one(struct runtime_api *api, bool *ok, struct lac_error *err) {
    struct runtime_api_connection *only = &api->connections[0];
    if (!api->settled || api->accepted != 1 || only->fd < 0) {
        return false;
    }
    size_t before = only->in.len;
    *ok = read_more(only, err);
    return !*ok || only->in.len > before;
}

/* Reads from whoever sent something. */
static bool read_some(struct runtime_api *api, pid_t child, struct lac_error *err) {
    struct pollfd polled[RUNTIME_API_CONNECTIONS + 1] = {{api->listener, POLLIN, 0}};
    struct runtime_api_connection *from[RUNTIME_API_CONNECTIONS + 1] = {NULL};
    nfds_t count = 1;
    bool ok;
    if (read_the_only_one(api, &ok, err)) {
        return ok;
    }
    for (size_t i = 0; i < RUNTIME_API_CONNECTIONS; i++) {
        if (api->connections[i].fd >= 0) {
            polled[count] = (struct pollfd){api->connections[i].fd, POLLIN, 0};
            from[count++] = &api->connections[i];
        }
    }
    if (!wait_for_bytes(polled, count, child, err)) {
        return false;
    }
    ok = polled[0].revents == 0 || take_connection(api, err);
    for (nfds_t i = 1; ok && i < count; i++) {
        ok = polled[i].revents == 0 || read_more(from[i], err);
    }
    return ok;
}

bool runtime_api_wait(struct runtime_api *api, pid_t child, struct runtime_api_request *out,
                      struct lac_error *err) {
    forget_request(api);
    for (;;) {
        for (size_t i = 0; i < RUNTIME_API_CONNECTIONS; i++) {
            struct runtime_api_connection *connection = &api->connections[i];
            if (connection->fd >= 0 && is_whole(connection, out)) {
                api->asking = connection;
                api->request_len = out->head.len + out->body.len;
                return name_call(out, err);
            }
        }
        if (!read_some(api, child, err)) {
            return false;
        }
    }
}

/* ---- answers ----------------------------------------------------------------------------------
 */

bool runtime_api_send_event(struct runtime_api *api, struct lac_str event, struct lac_error *err) {
    api->head.len = 0;
    lac_buf_add(&api->head,
                LAC_STR("HTTP/1.1 200 OK\r\n"
                        "Content-Type: application/json\r\n"
                        "Lambda-Runtime-Deadline-Ms: 32503680000000\r\n"
                        "Lambda-Runtime-Invoked-Function-Arn: "
                        "arn:aws:lambda:us-east-1:123456789012:function:hello\r\n"
                        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;"
                        "Parent=9a9197af755a6419;Sampled=0\r\n"
                        "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                        "Lambda-Runtime-Aws-Request-Id: 8f507cfc-0000-4000-8000-"));
    lac_buf_add_unsigned(&api->head, FIRST_ID + api->events++);
    lac_buf_add(&api->head, LAC_STR("\r\nContent-Length: "));
    lac_buf_add_unsigned(&api->head, event.len);
    lac_buf_add(&api->head, LAC_STR("\r\n\r\n"));
    return send_all(api->asking->fd, lac_buf_view(&api->head), event, err);
}

bool runtime_api_accept(struct runtime_api *api, struct lac_error *err) {
    return send_all(api->asking->fd,
                    LAC_STR("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
                            "Content-Length: 16\r\n\r\n{\"status\":\"OK\"}\n"),
                    LAC_STR(""), err);
}
