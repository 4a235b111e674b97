/* http_socket.h — the bytes of one connection that a server has: in, out, and when to wait for
 * them. The socket does not block, and nothing here waits.
 *
 * A socket that has failed (it broke, its other side said its last, memory has ended) says so from
 * then on; its owner closes it. SIGPIPE never comes. */
#ifndef LAC_HTTP_SOCKET_H
#define LAC_HTTP_SOCKET_H

#include "core/buf.h"

#define LAC_HTTP_SOCKET_KEPT ((size_t)64 * 1024) /* of bytes out; a larger buffer is not kept */

struct lac_http_socket {
    int fd, set;     /* set: of epoll, where it is */
    void *owner;     /* what epoll tells with an event */
    uint32_t events; /* that epoll looks for */
    bool failed;
    struct lac_buf in, out; /* `in` may be changed by its reader, between two calls */
    size_t taken, sent;     /* of them */
};

/* Takes `fd` over, and waits for bytes; false, and it is still the caller's, when epoll refuses. */
bool lac_http_socket_open(struct lac_http_socket *socket, int fd, int set, void *owner);

/* Closes it and frees what it holds. */
void lac_http_socket_close(struct lac_http_socket *socket);

/* Takes it out of epoll's set: nothing is told of it any more. */
void lac_http_socket_leave(struct lac_http_socket *socket);

/* Keeps epoll to what may be done now. */
void lac_http_socket_look_for(struct lac_http_socket *socket, uint32_t events);

/* What has come and is not taken: good until the next `receive`. */
struct lac_str lac_http_socket_rest(const struct lac_http_socket *socket);

/* Reads once, `most` bytes at most; how many came. What was taken is forgotten first. */
size_t lac_http_socket_receive(struct lac_http_socket *socket, size_t most);

/* All parts in one write, up to four; what the socket does not take is kept, for `flush`. */
void lac_http_socket_send(struct lac_http_socket *socket, const struct lac_str *parts,
                          size_t count);

/* Sends what was kept, as far as the socket takes it, and not so much that others wait for it. */
void lac_http_socket_flush(struct lac_http_socket *socket);
size_t lac_http_socket_unsent(const struct lac_http_socket *socket);

#endif
