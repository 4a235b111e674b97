/* server_connection.c — one connection, from its accept to its end. */
#define _GNU_SOURCE /* POLLRDHUP */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/server_private.h"

#define LINGER_PIECE ((size_t)16 * 1024 - 1)

static void name_peer(const struct sockaddr_storage *peer, char *out, size_t size) {
    char address[INET6_ADDRSTRLEN] = "";
    if (peer->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)peer;
        inet_ntop(AF_INET, &v4->sin_addr, address, sizeof address);
        snprintf(out, size, "%s:%u", address, ntohs(v4->sin_port));
    } else if (peer->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)peer;
        inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof address);
        snprintf(out, size, "[%s]:%u", address, ntohs(v6->sin6_port));
    }
}

bool lac_server_admit(struct lac_server *server, int fd, const struct sockaddr_storage *peer) {
    struct lac_server_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL ||
        !lac_http_socket_open(&connection->socket, fd, server->fd, connection)) {
        free(connection);
        return false;
    }
    connection->server = server;
    connection->spool_fd = connection->file = -1;
    connection->slot = server->vacant[--server->vacant_count];
    server->slots[connection->slot] = connection;
    name_peer(peer, connection->peer, sizeof connection->peer);
    return true;
}

void lac_server_drop(struct lac_server_connection *connection) {
    struct lac_server *server = connection->server;
    for (int i = server->event_at; i < server->event_count; i++) {
        if (server->events[i].data.ptr == connection) {
            server->events[i].events = 0;
        }
    }
    server->slots[connection->slot] = NULL;
    server->vacant[server->vacant_count++] = connection->slot;
    lac_server_forget(connection);
    lac_http_socket_close(&connection->socket);
    lac_buf_free(&connection->fields);
    free(connection);
    lac_server_let_in(server, true);
}

struct lac_server_connection *lac_server_find(struct lac_server *server, uint64_t id,
                                              enum lac_server_state state) {
    struct lac_server_connection *connection = server->slots[id % server->capacity];
    return connection != NULL && connection->request.id == id && connection->state == state
               ? connection
               : NULL;
}

bool lac_server_has_left(struct lac_server_connection *connection) {
    struct pollfd polled = {.fd = connection->socket.fd, .events = POLLRDHUP};
    connection->left = connection->left || poll(&polled, 1, 0) != 0;
    return connection->left;
}

void lac_server_linger(struct lac_server_connection *connection) {
    connection->state = LAC_SERVER_LINGERS;
    connection->quiet = 0;
    connection->deaf = false;
    connection->received = 0;
    lac_server_forget(connection);
    shutdown(connection->socket.fd, SHUT_WR);
}

/* Reads what the caller was still saying: a socket that is closed before that may take the answer
 * back from who has not read it yet. */
static void hear_out(struct lac_server_connection *connection) {
    struct lac_http_socket *socket = &connection->socket;
    connection->received += lac_http_socket_receive(socket, LINGER_PIECE);
    socket->taken = socket->in.len;
    socket->failed = socket->failed || connection->received > LAC_SERVER_AHEAD;
}

/* Sends on; when all is sent of an answer that is known, the next request may be read. */
static void send_on(struct lac_server_connection *connection) {
    connection->quiet = 0;
    lac_http_socket_flush(&connection->socket);
    if (connection->state == LAC_SERVER_SENDS) {
        lac_server_send_file(connection);
        lac_server_end_answer(connection);
    }
}

const struct lac_server_request *lac_server_turn(struct lac_server_connection *connection,
                                                 uint32_t ready) {
    bool readable = (ready & EPOLLIN) != 0, whole = false;
    if ((ready & (EPOLLERR | EPOLLHUP)) != 0) {
        connection->socket.failed = true;
        lac_server_settle(connection);
        return NULL;
    }
    if ((ready & EPOLLOUT) != 0) {
        send_on(connection);
    }
    switch (connection->state) {
    case LAC_SERVER_READS_HEAD:
    case LAC_SERVER_READS_BODY:
        whole = lac_server_read_on(connection, readable);
        break;
    case LAC_SERVER_WAITS:
        lac_server_has_left(connection);
        connection->deaf = connection->deaf || readable;
        break;
    case LAC_SERVER_STREAMS:
    case LAC_SERVER_SENDS:
        connection->deaf = connection->deaf || readable;
        break;
    case LAC_SERVER_LINGERS:
        hear_out(connection);
        break;
    }
    lac_server_settle(connection);
    return whole ? &connection->request : NULL;
}

static uint32_t wanted(const struct lac_server_connection *connection) {
    bool to_send = lac_http_socket_unsent(&connection->socket) > 0 || connection->file >= 0;
    return (to_send || lac_server_has_more(connection) ? EPOLLOUT : 0U) |
           (connection->deaf ? 0U : (uint32_t)EPOLLIN);
}

void lac_server_settle(struct lac_server_connection *connection) {
    lac_http_socket_look_for(&connection->socket, wanted(connection));
    if (!connection->socket.failed) {
        return;
    }
    if (connection->state == LAC_SERVER_WAITS) { /* its request is still being looked at */
        lac_http_socket_leave(&connection->socket);
        connection->left = true;
    } else {
        lac_server_drop(connection);
    }
}
