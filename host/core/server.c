#define _GNU_SOURCE /* accept4's flags, mkostemp, POLLRDHUP */
#include "core/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <microhttpd.h>

#include "core/late.h"

#define HEAD_BYTES ((size_t)64 * 1024)
#define STREAM_AHEAD ((size_t)16 * 1024 * 1024)
#define STREAM_BLOCK ((size_t)16 * 1024)
#define TURNS 16 /* of the daemon, before the caller gets its turn again */

/* clang-format off */
#define FUNCTIONS(X)                                                                               \
    X(add_response_header) X(create_response_from_buffer) X(create_response_from_callback)         \
    X(create_response_from_fd_at_offset64) X(destroy_response) X(get_connection_info)              \
    X(get_connection_values) X(get_connection_values_n) X(get_daemon_info) X(get_timeout)          \
    X(lookup_connection_value) X(queue_response) X(resume_connection) X(run) X(start_daemon)       \
    X(stop_daemon) X(suspend_connection)
/* clang-format on */
#define FIELD(name) __typeof__(&MHD_##name) name;

/* libmicrohttpd brings a TLS library along: it is opened by the first server. */
static struct { FUNCTIONS(FIELD) } mhd;

static bool open_microhttpd(struct lac_error *err) {
#define ROW(name) {"MHD_" #name, &mhd.name},
    static const struct lac_late_symbol symbols[] = {FUNCTIONS(ROW)};
    return mhd.run != NULL ||
           lac_late_open("libmicrohttpd.so.12", symbols, sizeof symbols / sizeof *symbols, err);
}

enum state { FREE, LINE, RECEIVING, WAITING, STREAMING, ANSWERED };

/* One request and its answer. There are as many as connections; a free one heads its list. */
struct exchange {
    struct lac_server *server;
    struct exchange *next; /* in the list of free ones, or of whole requests */
    struct MHD_Connection *connection;
    enum state state;
    bool suspended; /* only a suspended connection may be resumed */
    bool is_head;
    unsigned refusal; /* a status: the body is being skipped, this will be the answer */
    size_t received;
    int spool_fd;
    char *spooled;
    bool handed_over; /* the spooled file is the caller's */
    struct lac_buf target, body;
    struct lac_server_header *headers;
    struct lac_server_request request;
    struct lac_buf stream;
    size_t stream_sent;
    bool stream_finished;
    bool *delivered; /* of the `respond` that is running */
};

struct lac_server {
    struct MHD_Daemon *daemon;
    int fd;     /* an epoll set: the daemon's own, and `wake` */
    int wake;   /* readable while work is left that no socket tells of */
    bool awake; /* `wake` is set */
    uint16_t port;
    size_t max_body, spool_over;
    char *spool;
    size_t capacity;
    uint64_t serial;
    struct exchange *free_list, *first, *last; /* first, last: whole requests not handed out */
    struct exchange exchanges[];
};

/* ---- requests in ---------------------------------------------------------------------------- */

/* The first news of a request: its target, before libmicrohttpd decodes it. */
static void *on_request_line(void *context, const char *target, struct MHD_Connection *connection) {
    struct lac_server *server = context;
    struct exchange *exchange = server->free_list;
    if (exchange == NULL) {
        return NULL;
    }
    server->free_list = exchange->next;
    *exchange = (struct exchange){
        .server = server, .connection = connection, .state = LINE, .spool_fd = -1};
    exchange->request.id =
        ++server->serial * server->capacity + (uint64_t)(exchange - server->exchanges);
    lac_buf_add(&exchange->target, (struct lac_str){target, strlen(target)});
    return exchange;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode how) {
    struct lac_server *server = context;
    struct exchange *exchange = *slot;
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
    *exchange = (struct exchange){.next = server->free_list};
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

static bool open_spool(struct exchange *exchange) {
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
static void receive(struct exchange *exchange, struct lac_str piece) {
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

static enum MHD_Result refuse(struct exchange *exchange) {
    static char no_text[] = "";
    struct MHD_Response *response =
        mhd.create_response_from_buffer(0, no_text, MHD_RESPMEM_PERSISTENT);
    mhd.add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result queued = mhd.queue_response(exchange->connection, exchange->refusal, response);
    mhd.destroy_response(response);
    exchange->state = ANSWERED;
    return queued;
}

/* The head is complete. A caller that asks before it sends is answered before it does. */
static enum MHD_Result begin(struct exchange *exchange) {
    const char *length = mhd.lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *expect =
        mhd.lookup_connection_value(exchange->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT);
    exchange->state = RECEIVING;
    if (length != NULL && strtoull(length, NULL, 10) > exchange->server->max_body) {
        exchange->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return exchange->refusal != 0 && expect != NULL ? refuse(exchange) : MHD_YES;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len) {
    struct exchange *exchange = context;
    (void)kind;
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t')) {
        value_len--; /* what surrounds a value is no part of it */
    }
    exchange->headers[exchange->request.header_count++] =
        (struct lac_server_header){{name, name_len}, {value != NULL ? value : "", value_len}};
    return MHD_YES;
}

static bool collect_headers(struct exchange *exchange) {
    int count = mhd.get_connection_values(exchange->connection, MHD_HEADER_KIND, NULL, NULL);
    exchange->headers = calloc((size_t)count + 1, sizeof *exchange->headers);
    if (exchange->headers == NULL) {
        return false;
    }
    mhd.get_connection_values_n(exchange->connection, MHD_HEADER_KIND, add_header, exchange);
    exchange->request.headers = exchange->headers;
    return true;
}

static void name_peer(struct exchange *exchange) {
    const union MHD_ConnectionInfo *info =
        mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
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
static enum MHD_Result enqueue(struct exchange *exchange, const char *method) {
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
    mhd.suspend_connection(exchange->connection);
    return MHD_YES;
}

/* Called once for the head, once for each piece of the body, once at the end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *decoded, const char *method, const char *version,
                                  const char *piece, size_t *piece_len, void **slot) {
    const struct lac_server *server = context;
    struct exchange *exchange = *slot;
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
        return exchange->received / 2 > server->max_body + STREAM_AHEAD ? MHD_NO : MHD_YES;
    }
    return exchange->refusal != 0 ? refuse(exchange) : enqueue(exchange, method);
}

/* We compare the raw target: nothing is to be decoded. */
static size_t leave_encoded(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

/* ---- the daemon ----------------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool loopback(const char *host, uint16_t port, union address *out, socklen_t *len) {
    *out = (union address){0};
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        *len = sizeof out->v4;
        return ntohl(out->v4.sin_addr.s_addr) >> 24 == 127;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(port);
    *len = sizeof out->v6;
    return inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1 &&
           IN6_IS_ADDR_LOOPBACK(&out->v6.sin6_addr);
}

static int open_socket(const struct lac_server_options *options, uint16_t *port,
                       struct lac_error *err) {
    union address address;
    socklen_t len;
    if (!loopback(options->host, options->port, &address, &len)) {
        lac_fail(err, LAC_ERR_INPUT,
                 "cannot listen on %s: only loopback addresses (127.0.0.1, ::1) are served",
                 options->host);
        return -1;
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, &address.any, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, &address.any, &len) != 0) {
        lac_fail_errno(err, errno, "cannot listen on %s port %u", options->host, options->port);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    *port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return fd;
}

static struct lac_server *allocate(const struct lac_server_options *options) {
    size_t capacity = options->max_connections;
    struct lac_server *server = calloc(1, sizeof *server + capacity * sizeof *server->exchanges);
    if (server == NULL) {
        return NULL;
    }
    server->fd = server->wake = -1;
    server->max_body = options->max_body;
    server->spool_over = options->spool_over;
    server->capacity = capacity;
    for (size_t i = capacity; i-- > 0;) {
        server->exchanges[i].next = server->free_list;
        server->free_list = &server->exchanges[i];
    }
    if (options->spool != NULL && (server->spool = strdup(options->spool)) == NULL) {
        free(server);
        return NULL;
    }
    return server;
}

/* Takes over `listener` when it succeeds. */
static bool start_daemon(struct lac_server *server, const struct lac_server_options *options,
                         int listener) {
    server->daemon = mhd.start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_encoded, NULL, MHD_OPTION_CONNECTION_LIMIT, options->max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle_timeout, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        HEAD_BYTES, MHD_OPTION_END);
    return server->daemon != NULL;
}

static bool watch(int set, int fd) {
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_fds(struct lac_server *server) {
    const union MHD_DaemonInfo *info =
        mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    server->fd = epoll_create1(EPOLL_CLOEXEC);
    server->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return info != NULL && server->fd >= 0 && server->wake >= 0 &&
           watch(server->fd, info->epoll_fd) && watch(server->fd, server->wake);
}

bool lac_server_listen(const struct lac_server_options *options, struct lac_server **out,
                       struct lac_error *err) {
    uint16_t port;
    int listener = open_microhttpd(err) ? open_socket(options, &port, err) : -1;
    if (listener < 0) {
        return false;
    }
    struct lac_server *server = allocate(options);
    if (server == NULL || !start_daemon(server, options, listener)) {
        close(listener);
        lac_server_close(server);
        return lac_fail(err, LAC_ERR_MEMORY, "cannot start a server: out of memory or files");
    }
    if (!open_fds(server)) {
        lac_fail_errno(err, errno, "cannot start a server");
        lac_server_close(server);
        return false;
    }
    server->port = port;
    *out = server;
    return true;
}

uint16_t lac_server_port(const struct lac_server *server) {
    return server->port;
}

int lac_server_fd(const struct lac_server *server) {
    return server->fd;
}

static bool has_more(struct lac_server *server) {
    MHD_UNSIGNED_LONG_LONG timeout;
    return mhd.get_timeout(server->daemon, &timeout) == MHD_YES && timeout == 0;
}

/* Keeps `wake` true to its word. */
static void set_wake(struct lac_server *server, bool awake) {
    uint64_t count = 1;
    if (awake != server->awake) {
        ssize_t done = awake ? write(server->wake, &count, sizeof count)
                             : read(server->wake, &count, sizeof count);
        server->awake = done == (ssize_t)sizeof count ? awake : server->awake;
    }
}

/* Lets the daemon do what it can without waiting. */
static void turn(struct lac_server *server) {
    bool more = true;
    for (int i = 0; more && i < TURNS; i++) {
        mhd.run(server->daemon);
        more = has_more(server);
    }
    set_wake(server, more || server->first != NULL);
}

const struct lac_server_request *lac_server_next(struct lac_server *server) {
    if (server->first == NULL) {
        turn(server);
    }
    struct exchange *exchange = server->first;
    if (exchange == NULL) {
        return NULL;
    }
    server->first = exchange->next;
    if (server->first == NULL) {
        set_wake(server, has_more(server));
    }
    exchange->handed_over = true;
    return &exchange->request;
}

/* ---- answers out ---------------------------------------------------------------------------- */

static struct exchange *find(struct lac_server *server, uint64_t id, enum state state) {
    struct exchange *exchange = &server->exchanges[id % server->capacity];
    return exchange->state == state && exchange->request.id == id && exchange->handed_over
               ? exchange
               : NULL;
}

/* A resting connection is not read, so its end is asked for. */
static bool is_there(const struct exchange *exchange) {
    const union MHD_ConnectionInfo *info =
        mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd polled = {.fd = info->connect_fd, .events = POLLRDHUP};
    return poll(&polled, 1, 0) == 0;
}

static void resume(struct exchange *exchange) {
    if (exchange->suspended) {
        exchange->suspended = false;
        mhd.resume_connection(exchange->connection);
    }
}

static ssize_t read_nothing(void *context, uint64_t position, char *out, size_t max) {
    (void)context, (void)position, (void)out, (void)max;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *file_response(const struct lac_server_answer *answer,
                                          struct lac_error *err) {
    struct stat facts;
    int fd = open(answer->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) {
        lac_fail_errno(err, errno, "cannot read %s", answer->path);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    uint64_t size = (uint64_t)facts.st_size;
    uint64_t rest = answer->offset < size ? size - answer->offset : 0;
    if (!S_ISREG(facts.st_mode) || answer->offset > size ||
        (answer->length != UINT64_MAX && answer->length > rest)) {
        close(fd);
        lac_fail(err, LAC_ERR_INPUT, "%s holds no such range", answer->path);
        return NULL;
    }
    if (answer->remove) {
        unlink(answer->path);
    }
    return mhd.create_response_from_fd_at_offset64(
        answer->length == UINT64_MAX ? rest : answer->length, fd, answer->offset);
}

static const char *declared_length(const struct lac_server_answer *answer) {
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i].name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
            return answer->headers[i].value;
        }
    }
    return NULL;
}

static struct MHD_Response *create_response(const struct exchange *exchange,
                                            const struct lac_server_answer *answer,
                                            struct lac_error *err) {
    const char *length = exchange->is_head ? declared_length(answer) : NULL;
    struct MHD_Response *response = NULL;
    *err = (struct lac_error){0};
    if (answer->path != NULL) {
        response = file_response(answer, err);
    } else if (length != NULL && answer->body.len == 0) {
        response = mhd.create_response_from_callback(strtoull(length, NULL, 10), STREAM_BLOCK,
                                                     read_nothing, NULL, NULL);
    } else {
        response = mhd.create_response_from_buffer(answer->body.len, (void *)answer->body.data,
                                                   MHD_RESPMEM_MUST_COPY);
    }
    if (response == NULL && err->kind == LAC_OK) {
        lac_fail(err, LAC_ERR_MEMORY, "out of memory while answering");
    }
    return response;
}

static void add_headers(struct MHD_Response *response, const struct lac_server_answer *answer) {
    for (size_t i = 0; i < answer->header_count; i++) {
        const char *name = answer->headers[i].name;
        if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) != 0 &&
            strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) != 0) {
            mhd.add_response_header(response, name, answer->headers[i].value);
        }
    }
}

/* Queues the answer and sends what the socket takes at once. */
static bool send_answer(struct exchange *exchange, const struct lac_server_answer *answer,
                        struct MHD_Response *response, enum state state) {
    struct lac_server *server = exchange->server;
    uint64_t id = exchange->request.id;
    bool delivered = is_there(exchange);
    add_headers(response, answer);
    exchange->state = state;
    exchange->delivered = &delivered;
    if (mhd.queue_response(exchange->connection, answer->status, response) != MHD_YES) {
        delivered = false;
    }
    mhd.destroy_response(response);
    resume(exchange);
    turn(server);
    if (exchange->request.id == id) {
        exchange->delivered = NULL;
    }
    return delivered;
}

bool lac_server_respond(struct lac_server *server, uint64_t id,
                        const struct lac_server_answer *answer, bool *delivered,
                        struct lac_error *err) {
    struct exchange *exchange = find(server, id, WAITING);
    *delivered = false;
    if (exchange == NULL) {
        return true;
    }
    struct MHD_Response *response = create_response(exchange, answer, err);
    if (response == NULL) {
        return false;
    }
    *delivered = send_answer(exchange, answer, response, ANSWERED);
    return true;
}

bool lac_server_connected(struct lac_server *server, uint64_t id) {
    struct exchange *exchange = find(server, id, WAITING);
    exchange = exchange != NULL ? exchange : find(server, id, STREAMING);
    return exchange != NULL && is_there(exchange);
}

/* Gives libmicrohttpd what was written; when there is nothing, the connection rests again. */
static ssize_t read_stream(void *context, uint64_t position, char *out, size_t max) {
    struct exchange *exchange = context;
    size_t left = exchange->stream.len - exchange->stream_sent;
    size_t count = left < max ? left : max;
    (void)position;
    if (count > 0) {
        memcpy(out, exchange->stream.data + exchange->stream_sent, count);
        exchange->stream_sent += count;
        return (ssize_t)count;
    }
    exchange->stream.len = exchange->stream_sent = 0;
    if (exchange->stream_finished) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    exchange->suspended = true;
    mhd.suspend_connection(exchange->connection);
    return 0;
}

bool lac_server_start(struct lac_server *server, uint64_t id,
                      const struct lac_server_answer *answer) {
    struct exchange *exchange = find(server, id, WAITING);
    struct MHD_Response *response =
        exchange == NULL ? NULL
                         : mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
                                                             read_stream, exchange, NULL);
    return response != NULL && send_answer(exchange, answer, response, STREAMING);
}

static bool continue_stream(struct exchange *exchange) {
    struct lac_server *server = exchange->server;
    uint64_t id = exchange->request.id;
    bool delivered = is_there(exchange);
    exchange->delivered = &delivered;
    resume(exchange);
    turn(server);
    if (exchange->request.id == id) {
        exchange->delivered = NULL;
    }
    return delivered;
}

bool lac_server_write(struct lac_server *server, uint64_t id, struct lac_str bytes) {
    struct exchange *exchange = find(server, id, STREAMING);
    if (exchange == NULL || exchange->stream_finished) {
        return false;
    }
    struct lac_buf *stream = &exchange->stream;
    if (stream->len - exchange->stream_sent > STREAM_AHEAD) {
        return false;
    }
    if (exchange->stream_sent > stream->len / 2) { /* a reader that is never quite done */
        stream->len -= exchange->stream_sent;
        memmove(stream->data, stream->data + exchange->stream_sent, stream->len);
        exchange->stream_sent = 0;
    }
    lac_buf_add(stream, bytes);
    return continue_stream(exchange) && !exchange->stream.failed;
}

bool lac_server_finish(struct lac_server *server, uint64_t id) {
    struct exchange *exchange = find(server, id, STREAMING);
    if (exchange == NULL || exchange->stream_finished) {
        return false;
    }
    exchange->stream_finished = true;
    return continue_stream(exchange);
}

void lac_server_close(struct lac_server *server) {
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; server->daemon != NULL && i < server->capacity; i++) {
        resume(&server->exchanges[i]); /* libmicrohttpd cannot stop with a resting connection */
    }
    if (server->daemon != NULL) {
        mhd.stop_daemon(server->daemon);
    }
    if (server->fd >= 0) {
        close(server->fd);
    }
    if (server->wake >= 0) {
        close(server->wake);
    }
    free(server->spool);
    free(server);
}
