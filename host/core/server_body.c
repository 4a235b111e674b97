/* server_body.c — bodies that do not come whole with their head: in memory, in a file, or nowhere
 * once they are refused. */
#define _GNU_SOURCE /* mkostemp */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/server_private.h"

void lac_server_begin_body(struct lac_server_connection *connection) {
    struct lac_str head = {connection->head.method.data, connection->head.len};
    lac_buf_add(&connection->kept_head, head);
    connection->state = LAC_SERVER_READS_BODY;
    connection->left_over = connection->head.length;
    connection->received = connection->wired = 0;
    if (connection->kept_head.failed) {
        connection->socket.failed = true;
    } else {
        lac_http_head_take(lac_buf_view(&connection->kept_head), &connection->head);
    }
}

static bool open_spool(struct lac_server_connection *connection) {
    struct lac_buf path = {0};
    const char *folder = connection->server->spool;
    lac_buf_adds(&path, (struct lac_str){folder, strlen(folder)}, LAC_STR("/body-XXXXXX"));
    connection->spool_fd = path.failed ? -1 : mkostemp(path.data, O_CLOEXEC);
    if (connection->spool_fd < 0) {
        lac_buf_free(&path);
        return false;
    }
    connection->spooled = path.data;
    return true;
}

static bool must_spool(const struct lac_server_connection *connection) {
    const struct lac_server *server = connection->server;
    return server->spool != NULL &&
           (connection->spool_fd >= 0 || connection->received > server->spool_over ||
            connection->head.length > server->spool_over);
}

/* Puts what has come, and is in `body` now, where it is to stay. */
static void keep(struct lac_server_connection *connection) {
    struct lac_buf *body = &connection->body;
    if (connection->refusal == 0 && connection->received > connection->server->max_body) {
        connection->refusal = 413;
    }
    if (connection->refusal == 0 && must_spool(connection)) {
        bool kept = (connection->spool_fd >= 0 || open_spool(connection)) &&
                    lac_file_write_all(connection->spool_fd, lac_buf_view(body));
        connection->refusal = kept ? 0 : 507;
        lac_buf_cut(body, 0);
    }
    if (connection->refusal != 0) {
        lac_buf_free(body);
    }
}

/* Moves what has come to `body`; false when this is no body. */
static bool gather(struct lac_server_connection *connection) {
    struct lac_http_socket *socket = &connection->socket;
    struct lac_str rest = lac_http_socket_rest(socket);
    struct lac_buf *body = &connection->body;
    size_t before = rest.len, held = body->len;
    bool ok = true;
    if (connection->head.chunked) {
        ok = lac_http_chunks_take(&connection->chunks, &rest, body);
    } else {
        size_t len = rest.len < connection->left_over ? rest.len : connection->left_over;
        lac_buf_add(body, (struct lac_str){rest.data, len});
        connection->left_over -= len;
        rest.len -= len;
    }
    socket->taken += before - rest.len;
    connection->wired += before - rest.len;
    connection->received += body->len - held;
    return ok;
}

/* Skipping is a courtesy to those who cannot hear us before they have spoken: it ends. */
static bool talks_on(const struct lac_server_connection *connection) {
    return connection->refusal != 0 &&
           connection->wired / 2 > connection->server->max_body + LAC_SERVER_AHEAD;
}

bool lac_server_take_body(struct lac_server_connection *connection) {
    bool ok = gather(connection);
    if (connection->body.failed) { /* of memory */
        connection->refusal = connection->refusal != 0 ? connection->refusal : 503;
        lac_buf_free(&connection->body);
        lac_server_refuse(connection, connection->refusal);
        return false;
    }
    if (!ok) {
        lac_server_refuse(connection, 400);
        return false;
    }
    keep(connection);
    if (talks_on(connection)) {
        connection->socket.failed = true;
        return false;
    }
    bool whole = connection->head.chunked ? connection->chunks.whole : connection->left_over == 0;
    if (whole && connection->spool_fd >= 0) {
        close(connection->spool_fd);
        connection->spool_fd = -1;
    }
    return whole;
}

void lac_server_free_body(struct lac_server_connection *connection) {
    if (connection->spool_fd >= 0) {
        close(connection->spool_fd);
        connection->spool_fd = -1;
    }
    if (connection->spooled != NULL && connection->request.body_file == NULL) {
        unlink(connection->spooled);
    }
    free(connection->spooled);
    connection->spooled = NULL;
    lac_buf_free(&connection->body);
    lac_http_chunks_free(&connection->chunks);
}
