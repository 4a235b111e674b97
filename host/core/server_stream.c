/* server_stream.c — answers that are written piece by piece: as chunks, or to a caller of HTTP/1.0
 * as bytes that end with the connection. */
#include <poll.h>

#include "core/server_private.h"

/* Both return whether the caller is there, and may free the connection. */
static bool settle(struct lac_server_connection *connection) {
    bool delivered = !connection->socket.failed;
    connection->quiet = 0;
    lac_server_settle(connection);
    return delivered;
}

bool lac_server_start(struct lac_server *server, uint64_t id,
                      const struct lac_server_answer *answer) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_WAITS);
    if (connection == NULL) {
        return false;
    }
    connection->chunked = connection->head.minor > 0;
    connection->ignored = !lac_server_has_body(connection, answer->status);
    struct lac_str head = lac_server_write_head(
        connection, answer, connection->chunked ? LAC_SERVER_CHUNKS : LAC_SERVER_UNTIL_CLOSE, 0);
    lac_http_socket_send(&connection->socket, &head, 1);
    connection->state = LAC_SERVER_STREAMS;
    return settle(connection);
}

static void write_piece(struct lac_server_connection *connection, struct lac_str bytes) {
    char size[sizeof bytes.len * 2 + 2];
    size_t at = sizeof size;
    size[--at] = '\n';
    size[--at] = '\r';
    for (size_t rest = bytes.len; rest > 0; rest /= 16) {
        size[--at] = "0123456789abcdef"[rest % 16];
    }
    const struct lac_str parts[] = {{size + at, sizeof size - at}, bytes, LAC_STR("\r\n")};
    lac_http_socket_send(&connection->socket, connection->chunked ? parts : &bytes,
                         connection->chunked ? 3 : 1);
}

bool lac_server_write(struct lac_server *server, uint64_t id, struct lac_str bytes) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_STREAMS);
    if (connection == NULL || lac_http_socket_unsent(&connection->socket) > LAC_SERVER_AHEAD) {
        return false;
    }
    if (bytes.len > 0 && !connection->ignored) {
        write_piece(connection, bytes);
    }
    return settle(connection);
}

bool lac_server_finish(struct lac_server *server, uint64_t id) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_STREAMS);
    if (connection == NULL) {
        return false;
    }
    if (connection->chunked && !connection->ignored) {
        const struct lac_str end = LAC_STR("0\r\n\r\n");
        lac_http_socket_send(&connection->socket, &end, 1);
    }
    bool delivered = !connection->socket.failed;
    lac_server_end_answer(connection);
    settle(connection);
    return delivered;
}

bool lac_server_abort(struct lac_server *server, uint64_t id) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_STREAMS);
    if (connection == NULL) {
        return false;
    }
    bool delivered = !connection->socket.failed;
    connection->closes = true;
    lac_server_end_answer(connection);
    settle(connection);
    return delivered;
}

bool lac_server_ahead(struct lac_server *server, uint64_t id, size_t *bytes) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_STREAMS);
    struct pollfd polled = {.fd = connection == NULL ? -1 : connection->socket.fd};
    if (connection == NULL || poll(&polled, 1, 0) != 0) {
        return false;
    }
    *bytes = lac_http_socket_unsent(&connection->socket);
    return true;
}
