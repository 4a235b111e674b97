/* server.c — the server itself: it listens, turns, hands out what server_request.c has made whole,
 * and closes. Answers: server_answer.c. */
#include "core/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/late.h"
#include "core/server_private.h"

#define HEAD_BYTES ((size_t)64 * 1024)
#define TURNS 16 /* of the daemon, before the caller gets its turn again */

struct lac_mhd lac_mhd;

static bool open_microhttpd(struct lac_error *err) {
#define ROW(name) {"MHD_" #name, &lac_mhd.name},
    static const struct lac_late_symbol symbols[] = {LAC_MHD_FUNCTIONS(ROW)};
    return lac_mhd.run != NULL ||
           lac_late_open("libmicrohttpd.so.12", symbols, sizeof symbols / sizeof *symbols, err);
}

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
    server->idle_timeout = options->idle_timeout;
    server->capacity = capacity;
    for (size_t i = capacity; i-- > 0;) {
        server->exchanges[i].next = server->free_list;
        server->free_list = &server->exchanges[i];
    }
    if ((options->spool != NULL && (server->spool = strdup(options->spool)) == NULL) ||
        (options->early != NULL && (server->early = strdup(options->early)) == NULL)) {
        free(server->spool);
        free(server);
        return NULL;
    }
    return server;
}

/* We compare the raw target: nothing is to be decoded. */
static size_t leave_encoded(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

/* Takes over `listener` when it succeeds. */
static bool start_daemon(struct lac_server *server, const struct lac_server_options *options,
                         int listener) {
    server->daemon = lac_mhd.start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE, 0, NULL, NULL,
        lac_server_on_request, server, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_URI_LOG_CALLBACK, lac_server_on_line, server, MHD_OPTION_NOTIFY_COMPLETED,
        lac_server_on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
        MHD_OPTION_CONNECTION_LIMIT, options->max_connections, MHD_OPTION_CONNECTION_TIMEOUT,
        options->idle_timeout, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_BYTES, MHD_OPTION_END);
    return server->daemon != NULL;
}

static bool watch(int set, int fd) {
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_fds(struct lac_server *server) {
    const union MHD_DaemonInfo *info =
        lac_mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
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
    return lac_mhd.get_timeout(server->daemon, &timeout) == MHD_YES && timeout == 0;
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

void lac_server_turn(struct lac_server *server) {
    bool more = true;
    for (int i = 0; more && i < TURNS; i++) {
        lac_mhd.run(server->daemon);
        more = has_more(server);
    }
    set_wake(server, more || server->first != NULL || server->news);
}

const struct lac_server_request *lac_server_next(struct lac_server *server) {
    if (server->first == NULL) {
        lac_server_turn(server);
    }
    struct lac_exchange *exchange = server->first;
    if (exchange == NULL) {
        server->news = false;
        set_wake(server, has_more(server));
        return NULL;
    }
    server->first = exchange->next;
    set_wake(server, server->first != NULL || server->news || has_more(server));
    exchange->handed_over = true;
    return &exchange->request;
}

void lac_server_resume(struct lac_exchange *exchange) {
    if (exchange->suspended) {
        exchange->suspended = false;
        lac_mhd.resume_connection(exchange->connection);
        set_wake(exchange->server, true); /* no socket tells of it */
    }
}

void lac_server_close(struct lac_server *server) {
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; server->daemon != NULL && i < server->capacity; i++) {
        lac_server_resume(
            &server->exchanges[i]); /* libmicrohttpd cannot stop with a resting connection */
    }
    if (server->daemon != NULL) {
        lac_mhd.stop_daemon(server->daemon);
    }
    if (server->fd >= 0) {
        close(server->fd);
    }
    if (server->wake >= 0) {
        close(server->wake);
    }
    free(server->early);
    free(server->spool);
    free(server);
}
