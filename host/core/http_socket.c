#define _GNU_SOURCE /* MSG_NOSIGNAL */
#include "core/http_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_PARTS 4
#define MOST_FLUSHED ((size_t)1024 * 1024) /* before others get their turn */

bool lac_http_socket_open(struct lac_http_socket *socket, int fd, int set, void *owner) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
    int yes = 1;
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) {
        return false;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    *socket = (struct lac_http_socket){.fd = fd, .set = set, .owner = owner, .events = EPOLLIN};
    return true;
}

void lac_http_socket_close(struct lac_http_socket *socket) {
    if (socket->fd >= 0) {
        close(socket->fd);
    }
    lac_buf_free(&socket->in);
    lac_buf_free(&socket->out);
}

void lac_http_socket_leave(struct lac_http_socket *socket) {
    epoll_ctl(socket->set, EPOLL_CTL_DEL, socket->fd, NULL);
}

void lac_http_socket_look_for(struct lac_http_socket *socket, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = socket->owner};
    if (events != socket->events && !socket->failed) {
        socket->events = events;
        socket->failed = epoll_ctl(socket->set, EPOLL_CTL_MOD, socket->fd, &event) != 0;
    }
}

struct lac_str lac_http_socket_rest(const struct lac_http_socket *socket) {
    struct lac_str rest = lac_buf_view(&socket->in);
    return (struct lac_str){rest.data + socket->taken, rest.len - socket->taken};
}

/* Moves what is left to where the buffer begins. */
static void forget_taken(struct lac_http_socket *socket) {
    struct lac_buf *in = &socket->in;
    if (socket->taken > 0) {
        memmove(in->data, in->data + socket->taken, in->len - socket->taken);
        lac_buf_cut(in, in->len - socket->taken);
        socket->taken = 0;
    }
}

size_t lac_http_socket_receive(struct lac_http_socket *socket, size_t most) {
    struct lac_buf *in = &socket->in;
    forget_taken(socket);
    size_t before = in->len;
    char *space = lac_buf_grow(in, most, 1);
    if (space == NULL) {
        socket->failed = true;
        return 0;
    }
    ssize_t count = recv(socket->fd, space, most, 0);
    lac_buf_cut(in, before + (count > 0 ? (size_t)count : 0));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        socket->failed = true;
    }
    return count > 0 ? (size_t)count : 0;
}

size_t lac_http_socket_unsent(const struct lac_http_socket *socket) {
    return socket->out.len - socket->sent;
}

void lac_http_socket_flush(struct lac_http_socket *socket) {
    struct lac_buf *out = &socket->out;
    size_t end = out->len - socket->sent < MOST_FLUSHED ? out->len : socket->sent + MOST_FLUSHED;
    while (socket->sent < end && !socket->failed) {
        ssize_t count =
            send(socket->fd, out->data + socket->sent, end - socket->sent, MSG_NOSIGNAL);
        if (count > 0) {
            socket->sent += (size_t)count;
        } else if (count < 0 && errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            socket->failed = true;
        }
    }
    if (socket->sent < out->len && !socket->failed) {
        return;
    }
    if (out->cap > LAC_HTTP_SOCKET_KEPT) {
        lac_buf_free(out);
    }
    out->len = socket->sent = 0;
}

/* Keeps what the socket did not take, behind `sent` bytes that it did. */
static void keep(struct lac_http_socket *socket, const struct lac_str *parts, size_t count,
                 size_t sent) {
    struct lac_buf *out = &socket->out;
    if (socket->sent > out->len / 2) { /* a reader that is never quite done */
        out->len -= socket->sent;
        memmove(out->data, out->data + socket->sent, out->len);
        socket->sent = 0;
    }
    for (size_t i = 0; i < count; i++) {
        size_t skipped = sent < parts[i].len ? sent : parts[i].len;
        lac_buf_add(out, (struct lac_str){parts[i].data + skipped, parts[i].len - skipped});
        sent -= skipped;
    }
    socket->failed = socket->failed || out->failed;
}

void lac_http_socket_send(struct lac_http_socket *socket, const struct lac_str *parts,
                          size_t count) {
    struct iovec vectors[MOST_PARTS];
    size_t total = 0;
    ssize_t sent = 0;
    if (socket->failed) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        vectors[i] = (struct iovec){(char *)parts[i].data, parts[i].len};
        total += parts[i].len;
    }
    if (lac_http_socket_unsent(socket) == 0) {
        struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
        sent = sendmsg(socket->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            socket->failed = true;
            return;
        }
    }
    if (sent < (ssize_t)total) {
        keep(socket, parts, count, sent > 0 ? (size_t)sent : 0);
    }
}
