/* websocket_connect.c — the client's end of a WebSocket: the connection and the handshake. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/encoding.h"
#include "core/http_head.h"
#include "core/poll.h"
#include "core/uri.h"
#include "core/websocket_private.h"

#define HEAD_BYTES ((size_t)16 * 1024)
#define SWITCHING 101
#define SHOWN 200 /* bytes of a refusal's body */

static bool late(struct lac_error *err) {
    lac_fail(err, LAC_ERR_NETWORK, "the WebSocket's server does not answer in time");
    err->retryable = true;
    return false;
}

/* ws://… is parsed as the http://… that its handshake is. */
static bool parse_url(struct lac_str url, struct lac_buf *text, struct lac_uri *out,
                      struct lac_error *err) {
    if (url.len < 5 || strncasecmp(url.data, "ws://", 5) != 0) {
        return lac_fail(err, LAC_ERR_INPUT, "a WebSocket's URL begins with ws://");
    }
    lac_buf_adds(text, LAC_STR("http"), (struct lac_str){url.data + 2, url.len - 2});
    return lac_uri_parse(lac_buf_view(text), out, err);
}

static bool await_connection(int fd, double deadline, struct lac_error *err) {
    struct lac_poll poll = {.fd = fd, .to_write = true};
    int problem = 0;
    socklen_t len = sizeof problem;
    double left = deadline - lac_clock_monotonic();
    if (!lac_poll_wait(&poll, 1, left > 0 ? left : 0, err)) {
        return false;
    }
    if (!poll.ready) {
        return late(err);
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) != 0 || problem != 0) {
        lac_fail_errno(err, problem, "cannot connect to the WebSocket's server");
        err->kind = LAC_ERR_NETWORK;
        return false;
    }
    return true;
}

static int connect_to(const struct addrinfo *address, double deadline, struct lac_error *err) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        lac_fail_errno(err, errno, "cannot make a socket");
        return -1;
    }
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        lac_fail_errno(err, errno, "cannot connect to the WebSocket's server");
        err->kind = LAC_ERR_NETWORK;
        close(fd);
        return -1;
    }
    if (!await_connection(fd, deadline, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_connection(const struct lac_uri *uri, double deadline, struct lac_error *err) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    char host[256], port[16];
    int fd = -1;
    if (uri->host.len >= sizeof host) {
        lac_fail(err, LAC_ERR_INPUT, "the host of a WebSocket's URL is too long");
        return -1;
    }
    memcpy(host, uri->host.data, uri->host.len);
    host[uri->host.len] = '\0';
    snprintf(port, sizeof port, "%d", uri->port);
    int problem = getaddrinfo(host, port, &hints, &list);
    if (problem != 0) {
        lac_fail(err, LAC_ERR_NETWORK, "cannot find %s: %s", host, gai_strerror(problem));
        return -1;
    }
    for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        fd = connect_to(at, deadline, err);
    }
    freeaddrinfo(list);
    return fd;
}

static bool send_all(int fd, struct lac_str bytes, double deadline, struct lac_error *err) {
    while (bytes.len > 0) {
        ssize_t count = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (count > 0) {
            bytes.data += count;
            bytes.len -= (size_t)count;
        } else if (errno == EAGAIN) {
            if (!await_connection(fd, deadline, err)) {
                return false;
            }
        } else if (errno != EINTR) {
            lac_fail_errno(err, errno, "cannot write to the WebSocket's server");
            err->kind = LAC_ERR_NETWORK;
            return false;
        }
    }
    return true;
}

/* Reads until the answer's head is whole; `head_len` counts its empty line. */
static bool read_head(int fd, double deadline, struct lac_buf *text, size_t *head_len,
                      struct lac_error *err) {
    for (;;) {
        const char *head = lac_buf_view(text).data, *stop = strstr(head, "\r\n\r\n");
        if (stop != NULL) {
            *head_len = (size_t)(stop - head) + 4;
            return true;
        }
        if (text->len >= HEAD_BYTES) {
            return lac_fail(err, LAC_ERR_LIMIT, "the answer to a WebSocket's handshake is too big");
        }
        struct lac_poll poll = {.fd = fd};
        double left = deadline - lac_clock_monotonic();
        if (!lac_poll_wait(&poll, 1, left > 0 ? left : 0, err)) {
            return false;
        }
        if (!poll.ready) {
            return late(err);
        }
        char bytes[4096];
        ssize_t count = recv(fd, bytes, sizeof bytes, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
            return lac_fail(err, LAC_ERR_NETWORK, "the WebSocket's server hung up");
        }
        if (count > 0) {
            lac_buf_add(text, (struct lac_str){bytes, (size_t)count});
        }
    }
}

static void add_request(const struct lac_websocket_request *request, const struct lac_uri *uri,
                        struct lac_str key, struct lac_buf *out) {
    lac_buf_adds(out, LAC_STR("GET "), uri->path);
    if (uri->query.data != NULL) {
        lac_buf_adds(out, LAC_STR("?"), uri->query);
    }
    lac_buf_add(out, LAC_STR(" HTTP/1.1\r\nHost: "));
    lac_uri_add_authority(uri, out);
    lac_buf_adds(out,
                 LAC_STR("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "),
                 key, LAC_STR("\r\n"));
    for (size_t i = 0; i < request->header_count; i++) {
        lac_buf_adds(out, request->headers[i].name, LAC_STR(": "), request->headers[i].value,
                     LAC_STR("\r\n"));
    }
    lac_buf_add(out, LAC_STR("\r\n"));
}

/* The status of "HTTP/1.1 101 Switching Protocols"; 0 when that is no such line. */
static int read_status(const char *text) {
    int status = 0;
    if (strncmp(text, "HTTP/1.", 7) != 0 || text[7] == '\0' || text[8] != ' ') {
        return 0;
    }
    for (const char *at = text + 9; at < text + 12; at++) {
        if (*at < '0' || *at > '9') {
            return 0;
        }
        status = status * 10 + (*at - '0');
    }
    return status;
}

/* Whether the answer agrees; else `err` has its status. */
static bool check_answer(const struct lac_buf *answer, size_t head_len, struct lac_str key,
                         struct lac_error *err) {
    const char *text = lac_buf_view(answer).data;
    char want[LAC_WEBSOCKET_ACCEPT];
    int status = read_status(text);
    if (status == 0) {
        return lac_fail(err, LAC_ERR_NETWORK, "a WebSocket's server does not speak HTTP");
    }
    if (status != SWITCHING) {
        lac_fail(err, LAC_ERR_SERVICE, "the WebSocket's server refused with status %d: %.*s",
                 status, SHOWN, text + head_len);
        err->status = status;
        return false;
    }
    if (!lac_websocket_accept(key, want, err)) {
        return false;
    }
    struct lac_str head = {text, head_len};
    struct lac_str found = lac_http_head_value(head, LAC_STR("Sec-WebSocket-Accept"));
    return (found.len == strlen(want) && memcmp(found.data, want, found.len) == 0) ||
           lac_fail(err, LAC_ERR_NETWORK, "a server agreed to another WebSocket than ours");
}

static bool shake_hands(int fd, const struct lac_websocket_request *request,
                        const struct lac_uri *uri, double deadline, struct lac_buf *answer,
                        size_t *head_len, struct lac_error *err) {
    unsigned char bytes[16];
    struct lac_buf key = {0}, text = {0};
    bool ok = lac_random(bytes, sizeof bytes, err);
    lac_base64_add((struct lac_str){(const char *)bytes, sizeof bytes}, &key);
    add_request(request, uri, lac_buf_view(&key), &text);
    ok = ok && send_all(fd, lac_buf_view(&text), deadline, err) &&
         read_head(fd, deadline, answer, head_len, err) &&
         check_answer(answer, *head_len, lac_buf_view(&key), err);
    lac_buf_free(&key);
    lac_buf_free(&text);
    return ok;
}

struct lac_websocket_link *lac_websocket_connect(const struct lac_websocket_request *request,
                                                 struct lac_error *err) {
    double deadline = lac_clock_monotonic() + request->timeout;
    struct lac_buf url = {0}, answer = {0};
    struct lac_websocket_link *link = NULL;
    struct lac_uri uri;
    size_t head_len = 0;
    int fd = parse_url(request->url, &url, &uri, err) ? open_connection(&uri, deadline, err) : -1;
    if (fd >= 0 && shake_hands(fd, request, &uri, deadline, &answer, &head_len, err)) {
        struct lac_str before = {answer.data + head_len, answer.len - head_len};
        link = lac_websocket_link_new(fd, true, request->limits, before, err);
    } else if (fd >= 0) {
        close(fd);
    }
    lac_buf_free(&url);
    lac_buf_free(&answer);
    return link;
}
