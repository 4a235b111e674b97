/* server_request.c — requests in: what libmicrohttpd tells of becomes an exchange in the queue. */
#define _GNU_SOURCE /* mkostemp */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/server_private.h"

/* The first news of a request: its target, before libmicrohttpd decodes it. */
void *lac_server_on_line(void *context, const char *target, struct MHD_Connection *connection) {
    struct lac_server *server = context;
    struct lac_exchange *exchange = server->free_list;
    if (exchange == NULL) {
        return NULL;
    }
    server->free_list = exchange->next;
    *exchange = (struct lac_exchange){
        .server = server, .connection = connection, .state = LINE, .spool_fd = -1};
    exchange->request.id =
        ++server->serial * server->capacity + (uint64_t)(exchange - server->exchanges);
    lac_buf_add(&exchange->target, (struct lac_str){target, strlen(target)});
    return exchange;
}

void lac_server_on_completed(void *context, struct MHD_Connection *connection, void **slot,
                             enum MHD_RequestTerminationCode how) {
    struct lac_server *server = context;
    struct lac_exchange *exchange = *slot;
    (void)connection;
    if (exchange == NULL) {
        return;
    }
    if (exchange->delivered != NULL && how != MHD_REQUEST_TERMINATED_COMPLETED_OK) {
        *exchange->delivered = false;
    }
    if (exchange->spool_fd >= 0) {
        close(exchange->spool_fd);
    }
    if (exchange->spooled != NULL && !exchange->handed_over) {
        unlink(exchange->spooled);
    }
    free(exchange->spooled);
    free(exchange->headers);
    lac_buf_free(&exchange->target);
    lac_buf_free(&exchange->body);
    lac_buf_free(&exchange->stream);
    *exchange = (struct lac_exchange){.next = server->free_list};
    server->free_list = exchange;
    *slot = NULL;
}

static bool write_all(int fd, struct lac_str bytes) {
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.data, bytes.len);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        if (done > 0) {
            bytes.data += done;
            bytes.len -= (size_t)done;
        }
    }
    return true;
}

static bool open_spool(struct lac_exchange *exchange) {
    struct lac_buf path = {0};
    const char *folder = exchange->server->spool;
    lac_buf_adds(&path, (struct lac_str){folder, strlen(folder)}, LAC_STR("/body-XXXXXX"));
    if (path.failed) {
        return false;
    }
    exchange->spool_fd = mkostemp(path.data, O_CLOEXEC);
    if (exchange->spool_fd < 0) {
        lac_buf_free(&path);
        return false;
    }
    exchange->spooled = path.data;
    return true;
}

/* Takes a piece of the body: into memory, into the spool, or nowhere once it is refused. */
static void receive(struct lac_exchange *exchange, struct lac_str piece) {
    const struct lac_server *server = exchange->server;
    exchange->received += piece.len;
    if (exchange->received > server->max_body && exchange->refusal == 0) {
        exchange->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
        lac_buf_free(&exchange->body);
    }
    if (exchange->refusal != 0) {
        return;
    }
    if (server->spool != NULL && exchange->spool_fd < 0 &&
        exchange->received > server->spool_over) {
        if (!open_spool(exchange) ||
            !write_all(exchange->spool_fd, lac_buf_view(&exchange->body))) {
            exchange->refusal = MHD_HTTP_INSUFFICIENT_STORAGE;
        }
        lac_buf_free(&exchange->body);
    }
    if (exchange->spool_fd < 0) {
        lac_buf_add(&exchange->body, piece);
    } else if (!write_all(exchange->spool_fd, piece)) {
        exchange->refusal = MHD_HTTP_INSUFFICIENT_STORAGE;
    }
    if (exchange->body.failed) {
        exchange->refusal = MHD_HTTP_SERVICE_UNAVAILABLE;
    }
}

static enum MHD_Result refuse(struct lac_exchange *exchange) {
    static char no_text[] = "";
    struct MHD_Response *response =
        lac_mhd.create_response_from_buffer(0, no_text, MHD_RESPMEM_PERSISTENT);
    lac_mhd.add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result queued =
        lac_mhd.queue_response(exchange->connection, exchange->refusal, response);
    lac_mhd.destroy_response(response);
    exchange->state = ANSWERED;
    return queued;
}

/* The head is complete. A caller that asks before it sends is answered before it does. */
static enum MHD_Result begin(struct lac_exchange *exchange) {
    const char *length = lac_mhd.lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                         MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *expect = lac_mhd.lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                         MHD_HTTP_HEADER_EXPECT);
    exchange->state = RECEIVING;
    if (length != NULL && strtoull(length, NULL, 10) > exchange->server->max_body) {
        exchange->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return exchange->refusal != 0 && expect != NULL ? refuse(exchange) : MHD_YES;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len) {
    struct lac_exchange *exchange = context;
    size_t *count = kind == MHD_FOOTER_KIND ? &exchange->request.trailer_count
                                            : &exchange->request.header_count;
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t')) {
        value_len--; /* what surrounds a value is no part of it */
    }
    exchange->headers[exchange->request.header_count + exchange->request.trailer_count] =
        (struct lac_server_header){{name, name_len}, {value != NULL ? value : "", value_len}};
    (*count)++;
    return MHD_YES;
}

static bool collect_headers(struct lac_exchange *exchange) {
    struct MHD_Connection *connection = exchange->connection;
    int count = lac_mhd.get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL) +
                lac_mhd.get_connection_values(connection, MHD_FOOTER_KIND, NULL, NULL);
    exchange->headers = calloc((size_t)count + 1, sizeof *exchange->headers);
    if (exchange->headers == NULL) {
        return false;
    }
    lac_mhd.get_connection_values_n(connection, MHD_HEADER_KIND, add_header, exchange);
    lac_mhd.get_connection_values_n(connection, MHD_FOOTER_KIND, add_header, exchange);
    exchange->request.headers = exchange->headers;
    exchange->request.trailers = exchange->headers + exchange->request.header_count;
    return true;
}

static void name_peer(struct lac_exchange *exchange) {
    const union MHD_ConnectionInfo *info =
        lac_mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char address[INET6_ADDRSTRLEN] = "";
    char *out = exchange->request.peer;
    if (info != NULL && info->client_addr->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)info->client_addr;
        inet_ntop(AF_INET, &v4->sin_addr, address, sizeof address);
        snprintf(out, sizeof exchange->request.peer, "%s:%u", address, ntohs(v4->sin_port));
    } else if (info != NULL && info->client_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)info->client_addr;
        inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof address);
        snprintf(out, sizeof exchange->request.peer, "[%s]:%u", address, ntohs(v6->sin6_port));
    }
}

/* The request is whole: it joins the queue, and its connection rests. */
static enum MHD_Result enqueue(struct lac_exchange *exchange, const char *method) {
    struct lac_server *server = exchange->server;
    if (exchange->target.failed || !collect_headers(exchange)) {
        return MHD_NO;
    }
    if (exchange->spool_fd >= 0) {
        close(exchange->spool_fd);
        exchange->spool_fd = -1;
    }
    name_peer(exchange);
    exchange->request.method = (struct lac_str){method, strlen(method)};
    exchange->request.target = lac_buf_view(&exchange->target);
    exchange->request.body = lac_buf_view(&exchange->body);
    exchange->request.body_file = exchange->spooled;
    exchange->is_head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    exchange->state = WAITING;
    exchange->suspended = true;
    exchange->next = NULL;
    if (server->first == NULL) {
        server->first = exchange;
    } else {
        server->last->next = exchange;
    }
    server->last = exchange;
    lac_mhd.suspend_connection(exchange->connection);
    return MHD_YES;
}

/* Called once for the head, once for each piece of the body, once at the end. */
enum MHD_Result lac_server_on_request(void *context, struct MHD_Connection *connection,
                                      const char *decoded, const char *method, const char *version,
                                      const char *piece, size_t *piece_len, void **slot) {
    const struct lac_server *server = context;
    struct lac_exchange *exchange = *slot;
    (void)connection, (void)decoded, (void)version;
    if (exchange == NULL) {
        return MHD_NO;
    }
    if (exchange->state == LINE) {
        return begin(exchange);
    }
    if (*piece_len > 0) {
        receive(exchange, (struct lac_str){piece, *piece_len});
        *piece_len = 0;
        /* skipping is a courtesy to those who cannot hear us before they have spoken: it ends */
        return exchange->received / 2 > server->max_body + LAC_SERVER_AHEAD ? MHD_NO : MHD_YES;
    }
    return exchange->refusal != 0 ? refuse(exchange) : enqueue(exchange, method);
}
