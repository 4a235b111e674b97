/* runtime_api_connection.c — one connection of a runtime: requests in, answers out. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "core/runtime_api_private.h"

#define PIECE ((size_t)16 * 1024 - 1) /* read at once: with a NUL, what a buffer holds */

/* ---- bytes ------------------------------------------------------------------------------------
 */

void lac_runtime_connection_fail(struct lac_runtime_connection *connection) {
    connection->socket.failed = connection->api->some_failed = true;
}

static void note_failure(struct lac_runtime_connection *connection) {
    connection->api->some_failed = connection->api->some_failed || connection->socket.failed;
}

static bool has_unsent(const struct lac_runtime_connection *connection) {
    return lac_http_socket_unsent(&connection->socket) > 0;
}

/* Whether nothing is to be read now. */
static bool must_wait(const struct lac_runtime_connection *connection) {
    const struct lac_runtime_instance *instance = connection->instance;
    return has_unsent(connection) ||
           (connection->call == LAC_CALL_STREAM &&
            (connection->state == LAC_RESTS ||
             (connection->state == LAC_READS_BODY && instance->stream.len > LAC_RUNTIME_UNREAD)));
}

/* Keeps epoll to what may be done now. */
static void look_for(struct lac_runtime_connection *connection) {
    lac_http_socket_look_for(&connection->socket,
                             (has_unsent(connection) ? EPOLLOUT : 0U) |
                                 (must_wait(connection) ? 0U : (uint32_t)EPOLLIN));
    note_failure(connection);
}

void lac_runtime_connection_send(struct lac_runtime_connection *connection, struct lac_str head,
                                 struct lac_str body) {
    const struct lac_str parts[] = {head, body};
    lac_http_socket_send(&connection->socket, parts, body.len > 0 ? 2 : 1);
    note_failure(connection);
}

/* ---- requests ---------------------------------------------------------------------------------
 */

/* Most requests are here whole, and are looked at where they lie. */
static void begin(struct lac_runtime_connection *connection, const struct lac_http_head *head) {
    connection->body.len = 0;
    lac_http_chunks_free(&connection->chunks);
    connection->state = LAC_READS_BODY;
    lac_runtime_request_begin(connection, head);
    connection->socket.taken += head->len;
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    bool streams = connection->call == LAC_CALL_STREAM;
    if (!streams && !head->chunked && rest.len >= head->length) {
        connection->socket.taken += head->length;
        connection->too_large = head->length > connection->api->max_payload;
        lac_runtime_act(connection, (struct lac_str){rest.data, head->length});
    }
    if (head->expects && rest.len == 0 && connection->state == LAC_READS_BODY) {
        lac_runtime_connection_send(connection, LAC_STR("HTTP/1.1 100 Continue\r\n\r\n"),
                                    LAC_STR(""));
    }
}

static bool take_head(struct lac_runtime_connection *connection) {
    struct lac_http_head head;
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    enum lac_http_head_state state =
        rest.len > 0 ? lac_http_head_take(rest, &head) : LAC_HTTP_HEAD_PARTIAL;
    if (state == LAC_HTTP_HEAD_WHOLE) {
        begin(connection, &head);
    } else if (state == LAC_HTTP_HEAD_BROKEN) {
        lac_runtime_refuse(connection, 400);
        lac_runtime_connection_fail(connection);
    }
    return state == LAC_HTTP_HEAD_WHOLE;
}

/* Moves what has come of a body to where it is gathered. */
static bool take_bytes(struct lac_runtime_connection *connection, struct lac_buf *out) {
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    size_t before = rest.len;
    bool ok = true;
    if (connection->chunked) {
        ok = lac_http_chunks_take(&connection->chunks, &rest, out);
    } else {
        size_t len = rest.len < connection->left ? rest.len : connection->left;
        lac_buf_add(out, (struct lac_str){rest.data, len});
        connection->left -= len;
        rest.len -= len;
    }
    connection->socket.taken += before - rest.len;
    return ok && !out->failed;
}

/* False when more has to come first. */
static bool take_body(struct lac_runtime_connection *connection) {
    bool streams = connection->call == LAC_CALL_STREAM;
    struct lac_buf *out = streams ? &connection->instance->stream : &connection->body;
    size_t before = out->len;
    if (!take_bytes(connection, out)) {
        lac_runtime_refuse(connection, 400);
        lac_runtime_connection_fail(connection);
        return false;
    }
    if (streams && out->len > before) {
        lac_runtime_stir(connection);
    } else if (!streams && (connection->call == LAC_CALL_REFUSED || connection->too_large ||
                            out->len > connection->api->max_payload)) {
        connection->too_large = true;
        lac_buf_free(out);
    }
    bool whole = connection->chunked ? connection->chunks.whole : connection->left == 0;
    if (whole) {
        lac_runtime_act(connection, lac_buf_view(out));
    }
    return whole;
}

/* Takes one request after the other, as far as they have come. */
static void take_requests(struct lac_runtime_connection *connection) {
    bool goes_on = true;
    while (goes_on && !connection->socket.failed && !has_unsent(connection)) {
        goes_on = connection->state == LAC_READS_HEAD   ? take_head(connection)
                  : connection->state == LAC_READS_BODY ? take_body(connection)
                                                        : false;
    }
    bool talks_on = lac_http_socket_rest(&connection->socket).len > 2 * LAC_HTTP_HEAD_MAX;
    if (talks_on || (connection->state == LAC_CLOSES && !has_unsent(connection))) {
        lac_runtime_connection_fail(connection);
    }
    look_for(connection);
}

void lac_runtime_connection_turn(struct lac_runtime_connection *connection, uint32_t ready) {
    if (connection->socket.failed || connection->state == LAC_TELLS) {
        return;
    }
    if ((ready & EPOLLOUT) != 0) {
        lac_http_socket_flush(&connection->socket);
    }
    if ((ready & EPOLLIN) != 0 && !must_wait(connection)) {
        lac_http_socket_receive(&connection->socket, PIECE);
    } else if ((ready & (EPOLLERR | EPOLLHUP)) != 0) {
        lac_runtime_connection_fail(connection);
    }
    note_failure(connection);
    take_requests(connection);
}

void lac_runtime_connection_resume(struct lac_runtime_connection *connection) {
    if (connection->state == LAC_TELLS) {
        if (connection->body.cap > LAC_RUNTIME_KEPT) {
            lac_buf_free(&connection->body);
        }
        lac_runtime_end_request(connection);
    }
    take_requests(connection);
}

bool lac_runtime_connection_give(struct lac_runtime_connection *connection, struct lac_str head,
                                 struct lac_str payload) {
    connection->instance->waiting = NULL;
    lac_runtime_connection_send(connection, head, payload);
    bool sent = !connection->socket.failed;
    lac_runtime_end_request(connection);
    take_requests(connection);
    return sent;
}

void lac_runtime_connection_finish(struct lac_runtime_connection *connection, bool fits) {
    connection->instance->streaming = NULL;
    if (connection->state == LAC_RESTS) {
        if (fits) {
            lac_runtime_accept(connection);
        } else {
            lac_runtime_refuse(connection, 413);
        }
        lac_runtime_end_request(connection);
    } else {
        connection->call = LAC_CALL_REFUSED; /* once its rest is skipped */
        connection->status = 413;
    }
    take_requests(connection);
}

bool lac_runtime_connection_open(struct lac_runtime_api *api, int fd) {
    struct lac_runtime_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || !lac_http_socket_open(&connection->socket, fd, api->fd, connection)) {
        free(connection);
        return false;
    }
    connection->api = api;
    connection->next = api->connections;
    api->connections = connection;
    api->connection_count++;
    return true;
}

void lac_runtime_connection_free(struct lac_runtime_connection *connection) {
    struct lac_runtime_instance *instance = connection->instance;
    if (instance != NULL && instance->waiting == connection) {
        instance->waiting = NULL;
    }
    if (instance != NULL && instance->streaming == connection) {
        instance->streaming = NULL;
        if (instance->stream_state == LAC_RUNTIME_STREAM_MORE) {
            instance->stream_state = LAC_RUNTIME_STREAM_GONE;
            lac_runtime_stir(connection);
        }
    }
    lac_http_socket_close(&connection->socket);
    lac_buf_free(&connection->body);
    lac_http_chunks_free(&connection->chunks);
    free(connection);
}
