/* runtime_api_socket.c — the bytes of a runtime's connection: in, out, and when to wait for them.
 */
#define _GNU_SOURCE /* MSG_NOSIGNAL */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/runtime_api_private.h"

#define PIECE ((size_t)16 * 1024) /* read at once */

void lac_runtime_fail(struct lac_runtime_connection *connection) {
    connection->failed = connection->api->some_failed = true;
}

bool lac_runtime_has_unsent(const struct lac_runtime_connection *connection) {
    return connection->sent < connection->out.len;
}

bool lac_runtime_must_wait(const struct lac_runtime_connection *connection) {
    const struct lac_runtime_instance *instance = connection->instance;
    return lac_runtime_has_unsent(connection) ||
           (connection->call == LAC_CALL_STREAM &&
            (connection->state == LAC_RESTS ||
             (connection->state == LAC_READS_BODY && instance->stream.len > LAC_RUNTIME_UNREAD)));
}

void lac_runtime_look_for(struct lac_runtime_connection *connection) {
    uint32_t events = (lac_runtime_has_unsent(connection) ? EPOLLOUT : 0U) |
                      (lac_runtime_must_wait(connection) ? 0U : (uint32_t)EPOLLIN);
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (events != connection->events && !connection->failed) {
        connection->events = events;
        epoll_ctl(connection->api->fd, EPOLL_CTL_MOD, connection->fd, &event);
    }
}

void lac_runtime_flush(struct lac_runtime_connection *connection) {
    while (lac_runtime_has_unsent(connection) && !connection->failed) {
        ssize_t count = send(connection->fd, connection->out.data + connection->sent,
                             connection->out.len - connection->sent, MSG_NOSIGNAL);
        if (count > 0) {
            connection->sent += (size_t)count;
        } else if (count < 0 && errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            lac_runtime_fail(connection);
        }
    }
    if (connection->out.cap > LAC_RUNTIME_KEPT) {
        lac_buf_free(&connection->out);
    }
    connection->out.len = connection->sent = 0;
}

void lac_runtime_send(struct lac_runtime_connection *connection, struct lac_str head,
                      struct lac_str body) {
    struct iovec parts[2] = {{(char *)head.data, head.len}, {(char *)body.data, body.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = body.len > 0 ? 2 : 1};
    ssize_t count = 0;
    if (!lac_runtime_has_unsent(connection)) {
        count = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            lac_runtime_fail(connection);
            return;
        }
    }
    size_t sent = count > 0 ? (size_t)count : 0, of_head = sent < head.len ? sent : head.len;
    sent -= of_head;
    lac_buf_add(&connection->out, (struct lac_str){head.data + of_head, head.len - of_head});
    lac_buf_add(&connection->out, (struct lac_str){body.data + sent, body.len - sent});
    if (connection->out.failed) {
        lac_runtime_fail(connection);
    }
}

bool lac_runtime_receive(struct lac_runtime_connection *connection) {
    struct lac_buf *in = &connection->in;
    if (connection->taken > 0) {
        memmove(in->data, in->data + connection->taken, in->len - connection->taken);
        lac_buf_cut(in, in->len - connection->taken);
        connection->taken = 0;
    }
    size_t before = in->len;
    char *space = lac_buf_grow(in, PIECE, 1);
    if (space == NULL) {
        lac_runtime_fail(connection);
        return false;
    }
    ssize_t count = recv(connection->fd, space, PIECE, 0);
    lac_buf_cut(in, before + (count > 0 ? (size_t)count : 0));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        lac_runtime_fail(connection);
    }
    return count > 0;
}
