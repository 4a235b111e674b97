/* server_answer.c — answers out: their heads, and those that are given whole. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/http_status.h"
#include "core/server_private.h"

/* ---- heads ------------------------------------------------------------------------------------
 */

static struct lac_str text(const char *text) {
    return (struct lac_str){text, strlen(text)};
}

static bool same(const char *name, const char *word) {
    return (name[0] | ' ') == word[0] && strcasecmp(name, word) == 0;
}

/* What an answer's own headers say. */
struct said {
    bool closes, dated;
};

/* Those that are worked out here are left aside. */
static void add_headers(struct lac_buf *out, const struct lac_server_answer *answer,
                        struct said *said) {
    for (size_t i = 0; i < answer->header_count; i++) {
        const char *name = answer->headers[i].name, *value = answer->headers[i].value;
        if (same(name, "connection")) {
            said->closes = said->closes || strcasecmp(value, "close") == 0;
        } else if (!same(name, "content-length") && !same(name, "transfer-encoding")) {
            said->dated = said->dated || same(name, "date");
            lac_buf_adds(out, text(name), LAC_STR(": "), text(value), LAC_STR("\r\n"));
        }
    }
}

/* The date has seconds, and is written once in each. */
static struct lac_str date(struct lac_server *server) {
    double now = lac_clock_now();
    int64_t second = (int64_t)now;
    if (second != server->dated || server->date[0] == '\0') {
        server->dated = second;
        lac_clock_http_date(now, server->date);
    }
    return (struct lac_str){server->date, LAC_HTTP_DATE_SIZE - 1};
}

static bool is_empty(unsigned status) {
    return status < 200 || status == 204 || status == 304;
}

static void add_framing(struct lac_buf *out, enum lac_server_framing framing, uint64_t length) {
    if (framing == LAC_SERVER_LENGTH) {
        lac_buf_add(out, LAC_STR("Content-Length: "));
        lac_buf_add_unsigned(out, length);
        lac_buf_add(out, LAC_STR("\r\n"));
    } else if (framing == LAC_SERVER_CHUNKS) {
        lac_buf_add(out, LAC_STR("Transfer-Encoding: chunked\r\n"));
    }
}

static struct lac_str connection_line(const struct lac_server_connection *connection,
                                      unsigned status) {
    return status == 101                ? LAC_STR("Connection: Upgrade\r\n")
           : connection->closes         ? LAC_STR("Connection: close\r\n")
           : connection->head.minor > 0 ? LAC_STR("")
                                        : LAC_STR("Connection: keep-alive\r\n");
}

struct lac_str lac_server_write_head(struct lac_server_connection *connection,
                                     const struct lac_server_answer *answer,
                                     enum lac_server_framing framing, uint64_t length) {
    struct lac_buf *out = &connection->server->answer_head;
    struct said said = {0};
    if (out->cap > LAC_HTTP_HEAD_MAX || out->failed) {
        lac_buf_free(out);
    }
    out->len = 0;
    lac_buf_add(out, LAC_STR("HTTP/1.1 "));
    lac_buf_add_unsigned(out, answer->status);
    lac_buf_adds(out, LAC_STR(" "), text(lac_http_status_reason(answer->status)), LAC_STR("\r\n"));
    add_headers(out, answer, &said);
    connection->closes =
        !connection->head.keep_alive || said.closes || framing == LAC_SERVER_UNTIL_CLOSE;
    if (!said.dated) {
        lac_buf_adds(out, LAC_STR("Date: "), date(connection->server), LAC_STR("\r\n"));
    }
    lac_buf_add(out, connection_line(connection, answer->status));
    if (!is_empty(answer->status)) {
        add_framing(out, framing, length);
    }
    lac_buf_add(out, LAC_STR("\r\n"));
    connection->socket.failed = connection->socket.failed || out->failed;
    return lac_buf_view(out);
}

static bool is_head(const struct lac_server_connection *connection) {
    struct lac_str method = connection->head.method;
    return method.len == 4 && memcmp(method.data, "HEAD", 4) == 0;
}

bool lac_server_has_body(const struct lac_server_connection *connection, unsigned status) {
    return !is_empty(status) && !is_head(connection);
}

/* ---- whole answers ----------------------------------------------------------------------------
 */

void lac_server_end_answer(struct lac_server_connection *connection) {
    struct lac_http_socket *socket = &connection->socket;
    connection->state = LAC_SERVER_SENDS;
    if (socket->failed || lac_http_socket_unsent(socket) > 0 || connection->file >= 0) {
        return;
    }
    if (!connection->closes) {
        lac_server_forget(connection);
        connection->state = LAC_SERVER_READS_HEAD;
        connection->deaf = false;
    } else if (connection->refusal != 0 || connection->deaf) {
        lac_server_linger(connection);
    } else {
        socket->failed = true;
    }
}

void lac_server_refuse(struct lac_server_connection *connection, unsigned status) {
    struct lac_server_answer answer = {.status = status};
    connection->refusal = status;
    connection->head.keep_alive = false;
    struct lac_str head = lac_server_write_head(connection, &answer, LAC_SERVER_LENGTH, 0);
    lac_http_socket_send(&connection->socket, &head, 1);
    lac_server_end_answer(connection);
}

/* What an answer to HEAD without a body says that its body would have. */
static uint64_t declared_length(const struct lac_server_answer *answer) {
    for (size_t i = 0; i < answer->header_count; i++) {
        if (same(answer->headers[i].name, "content-length")) {
            return strtoull(answer->headers[i].value, NULL, 10);
        }
    }
    return 0;
}

bool lac_server_respond(struct lac_server *server, uint64_t id,
                        const struct lac_server_answer *answer, bool *delivered,
                        struct lac_error *err) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_WAITS);
    *delivered = false;
    if (connection == NULL) {
        return true;
    }
    if (answer->path != NULL && !lac_server_open_file(connection, answer, err)) {
        return false;
    }
    bool has_body = lac_server_has_body(connection, answer->status);
    uint64_t length = answer->path != NULL                           ? connection->file_left
                      : answer->body.len == 0 && is_head(connection) ? declared_length(answer)
                                                                     : answer->body.len;
    const struct lac_str parts[] = {
        lac_server_write_head(connection, answer, LAC_SERVER_LENGTH, length), answer->body};
    bool body_follows = has_body && answer->path == NULL && answer->body.len > 0;
    lac_http_socket_send(&connection->socket, parts, body_follows ? 2 : 1);
    if (has_body) {
        lac_server_send_file(connection);
    } else {
        lac_server_close_file(connection);
    }
    *delivered = !connection->left && !connection->socket.failed;
    connection->quiet = 0;
    lac_server_end_answer(connection);
    lac_server_settle(connection);
    return true;
}

bool lac_server_connected(struct lac_server *server, uint64_t id) {
    struct lac_server_connection *connection = lac_server_find(server, id, LAC_SERVER_WAITS);
    if (connection == NULL) {
        connection = lac_server_find(server, id, LAC_SERVER_STREAMS);
    }
    return connection != NULL && !lac_server_has_left(connection);
}
