/* server_request.c — requests in: what libmicrohttpd tells of becomes an exchange in the queue. */
#define _GNU_SOURCE /* mkostemp */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* A whole request rests in the queue; an early one may be gone before it is handed out. */
static void leave_queue(struct lac_exchange *exchange) {
    struct lac_server *server = exchange->server;
    struct lac_exchange **link = &server->first, *before = NULL;
    while (*link != NULL && *link != exchange) {
        before = *link;
        link = &before->next;
    }
    if (*link != NULL) {
        *link = exchange->next;
        server->last = server->last == exchange ? before : server->last;
    }
}

void lac_server_on_completed(void *context, struct MHD_Connection *connection, void **slot,
                             enum MHD_RequestTerminationCode how) {
    struct lac_server *server = context;
    struct lac_exchange *exchange = *slot;
    (void)connection;
    if (exchange == NULL) {
        return;
    }
    if (exchange->early && !exchange->handed_over) {
        leave_queue(exchange);
    }
    server->news = server->news || exchange->early || exchange->state == STREAMING;
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
    free(exchange->trailers);
    if (exchange->response != NULL) {
        lac_mhd.destroy_response(exchange->response);
    }
    lac_buf_free(&exchange->target);
    lac_buf_free(&exchange->body);
    lac_buf_free(&exchange->taken);
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

struct header_list {
    struct lac_server_header *items;
    size_t count;
};

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len) {
    struct header_list *list = context;
    (void)kind;
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t')) {
        value_len--; /* what surrounds a value is no part of it */
    }
    list->items[list->count++] =
        (struct lac_server_header){{name, name_len}, {value != NULL ? value : "", value_len}};
    return MHD_YES;
}

static bool collect(struct lac_exchange *exchange, enum MHD_ValueKind kind,
                    struct header_list *list) {
    int count = lac_mhd.get_connection_values(exchange->connection, kind, NULL, NULL);
    list->count = 0;
    list->items = calloc((size_t)count + 1, sizeof *list->items);
    if (list->items == NULL) {
        return false;
    }
    lac_mhd.get_connection_values_n(exchange->connection, kind, add_header, list);
    return true;
}

static bool collect_headers(struct lac_exchange *exchange) {
    struct header_list list;
    bool ok = collect(exchange, MHD_HEADER_KIND, &list);
    exchange->request.headers = exchange->headers = list.items;
    exchange->request.header_count = list.count;
    return ok;
}

static bool collect_trailers(struct lac_exchange *exchange) {
    struct header_list list;
    bool ok = collect(exchange, MHD_FOOTER_KIND, &list);
    exchange->request.trailers = exchange->trailers = list.items;
    exchange->request.trailer_count = list.count;
    return ok;
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

static void join_queue(struct lac_exchange *exchange) {
    struct lac_server *server = exchange->server;
    exchange->next = NULL;
    if (server->first == NULL) {
        server->first = exchange;
    } else {
        server->last->next = exchange;
    }
    server->last = exchange;
}

static void rest(struct lac_exchange *exchange) {
    if (!exchange->suspended) { /* one turn may bring several pieces, and the end */
        exchange->suspended = true;
        lac_mhd.suspend_connection(exchange->connection);
    }
}

static bool describe(struct lac_exchange *exchange, const char *method) {
    if (exchange->target.failed || !collect_headers(exchange)) {
        return false;
    }
    name_peer(exchange);
    exchange->request.method = (struct lac_str){method, strlen(method)};
    exchange->request.target = lac_buf_view(&exchange->target);
    exchange->is_head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    return true;
}

/* The request is whole: it joins the queue, and its connection rests. */
static enum MHD_Result enqueue(struct lac_exchange *exchange, const char *method) {
    if (!describe(exchange, method) || !collect_trailers(exchange)) {
        return MHD_NO;
    }
    if (exchange->spool_fd >= 0) {
        close(exchange->spool_fd);
        exchange->spool_fd = -1;
    }
    exchange->request.body = lac_buf_view(&exchange->body);
    exchange->request.body_file = exchange->spooled;
    exchange->state = WAITING;
    join_queue(exchange);
    rest(exchange);
    return MHD_YES;
}

/* ---- Early requests ---- */

static bool is_early(const struct lac_exchange *exchange) {
    const char *early = exchange->server->early;
    const char *coding = lac_mhd.lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                         MHD_HTTP_HEADER_TRANSFER_ENCODING);
    return early != NULL && coding != NULL && exchange->target.data != NULL &&
           strncmp(exchange->target.data, early, strlen(early)) == 0;
}

/* Joins the queue with its head alone. Its sender may be silent for as long as it likes. */
static enum MHD_Result enqueue_early(struct lac_exchange *exchange, const char *method) {
    exchange->state = RECEIVING;
    if (!describe(exchange, method) ||
        lac_mhd.set_connection_option(exchange->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U) !=
            MHD_YES) {
        return MHD_NO;
    }
    exchange->early = exchange->request.early = true;
    join_queue(exchange);
    return MHD_YES;
}

/* Takes a piece; when nobody reads, the connection rests. False: it is more than is allowed. */
static bool receive_early(struct lac_exchange *exchange, struct lac_str piece) {
    exchange->received += piece.len;
    if (exchange->received > exchange->server->max_body) {
        return false;
    }
    if (!exchange->unwanted) {
        lac_buf_add(&exchange->body, piece);
        exchange->server->news = true;
        if (exchange->body.len > LAC_SERVER_UNREAD) {
            rest(exchange);
        }
    }
    return !exchange->body.failed;
}

/* The body has ended: its reader is told, or it gets the answer that was given early. */
static enum MHD_Result end_early(struct lac_exchange *exchange) {
    unsigned idle = exchange->server->idle_timeout;
    lac_mhd.set_connection_option(exchange->connection, MHD_CONNECTION_OPTION_TIMEOUT, idle);
    if (exchange->unwanted) {
        exchange->state = ANSWERED;
        return lac_mhd.queue_response(exchange->connection, exchange->status, exchange->response);
    }
    if (!collect_trailers(exchange)) {
        return MHD_NO;
    }
    exchange->state = WAITING;
    exchange->server->news = true;
    rest(exchange);
    return MHD_YES;
}

/* libmicrohttpd overlooks an end that arrives together with the last bytes. */
static bool has_left(const struct lac_exchange *exchange) {
    const union MHD_ConnectionInfo *info =
        lac_mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    char byte;
    ssize_t count = recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    bool left = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
    if (left) {
        shutdown(info->connect_fd, SHUT_RDWR); /* this it sees, and forgets the connection */
    }
    return left;
}

enum lac_server_body lac_server_read(struct lac_server *server, uint64_t id, struct lac_str *piece,
                                     const struct lac_server_request **trailed) {
    struct lac_exchange *receiving = lac_server_find(server, id, RECEIVING);
    struct lac_exchange *exchange =
        receiving != NULL ? receiving : lac_server_find(server, id, WAITING);
    if (exchange == NULL || !exchange->early || exchange->unwanted) {
        return LAC_SERVER_BODY_GONE;
    }
    lac_buf_free(&exchange->taken);
    exchange->taken = exchange->body;
    exchange->body = (struct lac_buf){0};
    *piece = lac_buf_view(&exchange->taken);
    if (receiving == NULL) {
        *trailed = &exchange->request;
        return LAC_SERVER_BODY_END;
    }
    if (piece->len == 0 && has_left(exchange)) {
        return LAC_SERVER_BODY_GONE;
    }
    lac_server_resume(exchange); /* what follows comes with the next turn */
    return LAC_SERVER_BODY_MORE;
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
        return is_early(exchange) ? enqueue_early(exchange, method) : begin(exchange);
    }
    if (exchange->early && *piece_len > 0) {
        bool taken = receive_early(exchange, (struct lac_str){piece, *piece_len});
        *piece_len = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    if (exchange->early) {
        return end_early(exchange);
    }
    if (*piece_len > 0) {
        receive(exchange, (struct lac_str){piece, *piece_len});
        *piece_len = 0;
        /* skipping is a courtesy to those who cannot hear us before they have spoken: it ends */
        return exchange->received / 2 > server->max_body + LAC_SERVER_AHEAD ? MHD_NO : MHD_YES;
    }
    return exchange->refusal != 0 ? refuse(exchange) : enqueue(exchange, method);
}
