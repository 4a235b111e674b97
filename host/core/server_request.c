/* server_request.c — requests in: from bytes to what is handed out. */
#include <stdlib.h>
#include <string.h>

#include "core/http_text.h"
#include "core/server_private.h"

#define HEAD_PIECE ((size_t)16 * 1024 - 1) /* read at once: with a NUL, what a buffer holds */
#define BODY_PIECE ((size_t)64 * 1024 - 1)
#define PIECES 8                      /* of one connection, before others get their turn */
#define FEW_FIELDS ((size_t)4 * 1024) /* bytes: a longer list is not kept */

/* ---- buffers ----------------------------------------------------------------------------------
 */

/* A connection that rests between two requests has no buffer. */
static void lend_buffer(struct lac_server_connection *connection) {
    struct lac_server *server = connection->server;
    if (connection->socket.in.data == NULL && server->spare_count > 0) {
        connection->socket.in = server->spares[--server->spare_count];
    }
}

static void take_buffer_back(struct lac_server_connection *connection) {
    struct lac_server *server = connection->server;
    struct lac_http_socket *socket = &connection->socket;
    if (socket->taken < socket->in.len || socket->in.data == NULL) {
        return;
    }
    socket->taken = socket->in.len = 0;
    if (socket->in.cap <= HEAD_PIECE + 1 && server->spare_count < LAC_SERVER_SPARES) {
        server->spares[server->spare_count++] = socket->in;
        socket->in = (struct lac_buf){0};
    } else {
        lac_buf_free(&socket->in);
    }
}

/* ---- whole requests ---------------------------------------------------------------------------
 */

/* Lists those lines, up to the first that is no header; false when memory has ended. */
static bool list_fields(struct lac_buf *fields, struct lac_str *lines) {
    struct lac_http_field field;
    while (lac_http_head_next(lines, &field)) {
        struct lac_server_header *header = (void *)lac_buf_grow(fields, 1, sizeof *header);
        if (header == NULL) {
            return false;
        }
        *header = (struct lac_server_header){field.name, field.value};
    }
    return true;
}

/* A target that was a whole URI says whom it asks: Host is what it says. */
static bool name_host(struct lac_buf *fields, struct lac_str authority) {
    struct lac_server_header *headers = (void *)fields->data;
    size_t count = fields->len / sizeof *headers;
    for (size_t i = 0; i < count; i++) {
        if (lac_http_same(headers[i].name, LAC_STR("host"))) {
            headers[i].value = authority;
            return true;
        }
    }
    struct lac_server_header *header = (void *)lac_buf_grow(fields, 1, sizeof *header);
    if (header != NULL) {
        *header = (struct lac_server_header){LAC_STR("Host"), authority};
    }
    return header != NULL;
}

/* The request is whole: it waits for its answer. False when its trailers are none. */
static bool hand_out(struct lac_server_connection *connection, struct lac_str body) {
    struct lac_server *server = connection->server;
    struct lac_buf *fields = &connection->fields;
    struct lac_str lines = connection->head.lines;
    struct lac_str trailers = lac_buf_view(&connection->chunks.trailers);
    fields->len = 0;
    struct lac_str authority = connection->head.authority;
    bool ok = list_fields(fields, &lines) && (authority.len == 0 || name_host(fields, authority));
    size_t header_count = fields->len / sizeof(struct lac_server_header);
    if (!ok || !list_fields(fields, &trailers)) {
        connection->socket.failed = true;
        return false;
    }
    if (trailers.len > 0) {
        lac_server_refuse(connection, 400);
        return false;
    }
    const struct lac_server_header *headers = (const void *)lac_buf_view(fields).data;
    connection->request = (struct lac_server_request){
        .id = ++server->serial * server->capacity + connection->slot,
        .method = connection->head.method,
        .target = connection->head.target,
        .headers = headers,
        .header_count = header_count,
        .trailers = headers + header_count,
        .trailer_count = fields->len / sizeof *headers - header_count,
        .body = body,
        .body_file = connection->spooled,
        .peer = connection->peer,
    };
    connection->state = LAC_SERVER_WAITS;
    return true;
}

void lac_server_forget(struct lac_server_connection *connection) {
    lac_server_free_body(connection);
    lac_server_close_file(connection);
    lac_buf_free(&connection->kept_head);
    if (connection->fields.cap > FEW_FIELDS) {
        lac_buf_free(&connection->fields);
    }
    connection->request = (struct lac_server_request){0};
    connection->parsed = connection->sought = 0;
    connection->refusal = 0;
    connection->chunked = connection->ignored = false;
    take_buffer_back(connection);
}

/* ---- bytes ------------------------------------------------------------------------------------
 */

/* What drips in is taken apart when its end has come, or twice as much as the last time. */
static enum lac_http_head_state look_at_head(struct lac_server_connection *connection,
                                             struct lac_str rest) {
    if (connection->parsed > 0 && rest.len < 2 * connection->parsed &&
        rest.len < LAC_HTTP_HEAD_MAX && !lac_http_head_ends(rest, &connection->sought)) {
        return LAC_HTTP_HEAD_PARTIAL;
    }
    connection->parsed = rest.len;
    return lac_http_head_take(rest, &connection->head);
}

/* Why a head is refused: because it is too long, or for what it says. */
static unsigned refusal_of(struct lac_str rest) {
    struct lac_str window = {rest.data, LAC_HTTP_HEAD_MAX};
    size_t sought = 0;
    if (rest.len < LAC_HTTP_HEAD_MAX || lac_http_head_ends(window, &sought)) {
        return 400;
    }
    return memchr(window.data, '\n', window.len) == NULL ? 414 : 431;
}

/* The head is whole. Most bodies are, too, and are looked at where they lie. */
static bool begin(struct lac_server_connection *connection) {
    const struct lac_server *server = connection->server;
    const struct lac_http_head *head = &connection->head;
    connection->socket.taken += head->len;
    struct lac_str rest = lac_http_socket_rest(&connection->socket);
    connection->refusal = !head->chunked && head->length > server->max_body ? 413 : 0;
    if (connection->refusal != 0 && head->expects) {
        lac_server_refuse(connection, connection->refusal);
        return false;
    }
    bool spools = server->spool != NULL && head->length > server->spool_over;
    if (connection->refusal == 0 && !head->chunked && !spools && rest.len >= head->length) {
        connection->socket.taken += head->length;
        return hand_out(connection, (struct lac_str){rest.data, head->length});
    }
    lac_server_begin_body(connection);
    if (connection->head.expects && rest.len == 0) {
        const struct lac_str go_on = LAC_STR("HTTP/1.1 100 Continue\r\n\r\n");
        lac_http_socket_send(&connection->socket, &go_on, 1);
    }
    return false;
}

/* Empty lines before a request are skipped: some send one behind a body. */
static bool take_head(struct lac_server_connection *connection) {
    struct lac_http_socket *socket = &connection->socket;
    struct lac_str rest = lac_http_socket_rest(socket);
    while (rest.len > 0 && (rest.data[0] == '\r' || rest.data[0] == '\n')) {
        socket->taken++;
        rest = lac_http_socket_rest(socket);
    }
    enum lac_http_head_state state =
        rest.len > 0 ? look_at_head(connection, rest) : LAC_HTTP_HEAD_PARTIAL;
    if (state == LAC_HTTP_HEAD_BROKEN) {
        lac_server_refuse(connection, refusal_of(rest));
    }
    return state == LAC_HTTP_HEAD_WHOLE && begin(connection);
}

static bool take(struct lac_server_connection *connection) {
    if (connection->state == LAC_SERVER_READS_HEAD && take_head(connection)) {
        return true;
    }
    if (connection->state != LAC_SERVER_READS_BODY || !lac_server_take_body(connection)) {
        return false;
    }
    if (connection->refusal != 0) {
        lac_server_refuse(connection, connection->refusal);
        return false;
    }
    return hand_out(connection, lac_buf_view(&connection->body));
}

static bool reads(const struct lac_server_connection *connection) {
    return !connection->socket.failed && (connection->state == LAC_SERVER_READS_HEAD ||
                                          connection->state == LAC_SERVER_READS_BODY);
}

bool lac_server_read_on(struct lac_server_connection *connection, bool readable) {
    bool whole = take(connection);
    for (int i = 0; i < PIECES && readable && !whole && reads(connection); i++) {
        size_t most = connection->state == LAC_SERVER_READS_HEAD ? HEAD_PIECE : BODY_PIECE;
        lend_buffer(connection);
        size_t count = lac_http_socket_receive(&connection->socket, most);
        connection->quiet = 0;
        readable = count == most;
        whole = count > 0 && take(connection);
    }
    if (!whole && reads(connection)) {
        take_buffer_back(connection);
    }
    return whole;
}

bool lac_server_has_more(const struct lac_server_connection *connection) {
    return connection->state == LAC_SERVER_READS_HEAD && connection->parsed == 0 &&
           lac_http_socket_rest(&connection->socket).len > 0;
}
