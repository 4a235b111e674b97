/* server_upgrade.c — connections on which HTTP ends, and something else goes on. */
#include "core/server_private.h"

bool lac_server_upgrade(struct lac_server *server, uint64_t id,
                        const struct lac_server_field *headers, size_t count, int *socket,
                        struct lac_buf *before, struct lac_error *err) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_WAITS);
    struct lac_server_answer answer = {.status = 101, .headers = headers, .header_count = count};
    if (connection == NULL) {
        return lac_fail(err, LAC_ERR_INPUT, "there is no such request");
    }
    if (connection->head.minor == 0) { /* HTTP/1.0 knows no such thing: the request waits on */
        return lac_fail(err, LAC_ERR_INPUT, "the connection cannot be taken over");
    }
    struct lac_http_socket *bytes = &connection->socket;
    struct lac_str head = lac_server_write_head(connection, &answer, LAC_SERVER_LENGTH, 0);
    lac_http_socket_send(bytes, &head, 1);
    bool sent = !bytes->failed && lac_http_socket_unsent(bytes) == 0;
    if (sent) {
        lac_buf_add(before, lac_http_socket_rest(bytes));
        lac_http_socket_leave(bytes);
        *socket = bytes->fd;
        bytes->fd = -1;
    }
    lac_server_drop(connection);
    return sent || lac_fail(err, LAC_ERR_NETWORK, "the caller has gone");
}
