/* server.c — the server itself: it listens, lets callers in, looks for what is ready, and closes.
 */
#define _GNU_SOURCE /* accept4 */
#include "core/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/server_private.h"

#define LET_IN 16 /* at once */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ---- listening --------------------------------------------------------------------------------
 */

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
    struct lac_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return NULL;
    }
    server->fd = server->listener = -1;
    server->max_body = options->max_body;
    server->spool_over = options->spool_over;
    server->idle_timeout = options->idle_timeout;
    server->capacity = server->vacant_count = options->max_connections;
    server->slots = calloc(server->capacity, sizeof(struct lac_server_connection *));
    server->vacant = calloc(server->capacity, sizeof *server->vacant);
    server->spool = options->spool == NULL ? NULL : strdup(options->spool);
    if (server->slots == NULL || server->vacant == NULL ||
        (options->spool != NULL && server->spool == NULL)) {
        lac_server_close(server);
        return NULL;
    }
    for (size_t i = 0; i < server->capacity; i++) {
        server->vacant[i] = server->capacity - 1 - i;
    }
    return server;
}

/* The listener is told from connections by having no owner. */
void lac_server_let_in(struct lac_server *server, bool lets) {
    struct epoll_event event = {.events = EPOLLIN};
    int verb = lets ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
    if (server->lets_in != lets && epoll_ctl(server->fd, verb, server->listener, &event) == 0) {
        server->lets_in = lets;
    }
}

bool lac_server_listen(const struct lac_server_options *options, struct lac_server **out,
                       struct lac_error *err) {
    uint16_t port;
    int listener = open_socket(options, &port, err);
    if (listener < 0) {
        return false;
    }
    struct lac_server *server = allocate(options);
    if (server == NULL) {
        close(listener);
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory for a server");
    }
    server->listener = listener;
    server->port = port;
    server->fd = epoll_create1(EPOLL_CLOEXEC);
    lac_server_let_in(server, true);
    if (!server->lets_in) {
        lac_fail_errno(err, errno, "cannot start a server");
        lac_server_close(server);
        return false;
    }
    *out = server;
    return true;
}

uint16_t lac_server_port(const struct lac_server *server) {
    return server->port;
}

int lac_server_fd(const struct lac_server *server) {
    return server->fd;
}

/* ---- looking ----------------------------------------------------------------------------------
 */

static bool is_fleeting(int number) {
    return number == EAGAIN || number == EINTR || number == ECONNABORTED;
}

/* As many as there is room for. When there is none, nor descriptors, others wait at the door. */
static void let_some_in(struct lac_server *server) {
    bool more = true;
    for (int i = 0; i < LET_IN && more && server->vacant_count > 0; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof peer;
        int fd =
            accept4(server->listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        more = fd >= 0;
        if (fd < 0 && !is_fleeting(errno)) {
            lac_server_let_in(server, false);
        } else if (fd >= 0 && !lac_server_admit(server, fd, &peer)) {
            close(fd);
        }
    }
    if (server->vacant_count == 0) {
        lac_server_let_in(server, false);
    }
}

static bool is_idle(const struct lac_server_connection *connection) {
    enum lac_server_state state = connection->state;
    return state != LAC_SERVER_WAITS &&
           (state != LAC_SERVER_STREAMS || lac_http_socket_unsent(&connection->socket) > 0);
}

/* Once a second: connections of which nothing was heard for too long end, and the listener that
 * could not let anybody in is asked again. */
static void look_at_clock(struct lac_server *server) {
    double now = lac_clock_monotonic();
    if (now - server->looked < 1) {
        return;
    }
    server->looked = now;
    for (size_t i = 0; i < server->capacity; i++) {
        struct lac_server_connection *connection = server->slots[i];
        if (connection != NULL && is_idle(connection)) {
            connection->quiet++;
            unsigned most = connection->state == LAC_SERVER_LINGERS ? 1 : server->idle_timeout;
            if (connection->quiet > most) {
                lac_server_drop(connection);
            }
        }
    }
    if (server->vacant_count > 0) {
        lac_server_let_in(server, true);
    }
}

const struct lac_server_request *lac_server_next(struct lac_server *server) {
    const struct lac_server_request *request = NULL;
    if (server->event_at == server->event_count && !server->handed_out) {
        look_at_clock(server);
        server->event_at = 0;
        server->event_count = epoll_wait(server->fd, server->events, LAC_SERVER_EVENTS, 0);
        server->event_count = server->event_count > 0 ? server->event_count : 0;
    }
    /* what is left of the last look is still so: epoll is level-triggered */
    while (request == NULL && server->event_at < server->event_count) {
        const struct epoll_event *event = &server->events[server->event_at++];
        if (event->events != 0 && event->data.ptr == NULL) {
            let_some_in(server);
        } else if (event->events != 0) {
            request = lac_server_turn(event->data.ptr, event->events);
        }
    }
    server->handed_out = request != NULL;
    return request;
}

/* ---- closing ----------------------------------------------------------------------------------
 */

void lac_server_close(struct lac_server *server) {
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; server->slots != NULL && i < server->capacity; i++) {
        if (server->slots[i] != NULL) {
            lac_server_drop(server->slots[i]);
        }
    }
    while (server->spare_count > 0) {
        lac_buf_free(&server->spares[--server->spare_count]);
    }
    if (server->listener >= 0) {
        close(server->listener);
    }
    if (server->fd >= 0) {
        close(server->fd);
    }
    lac_buf_free(&server->answer_head);
    free(server->slots);
    free(server->vacant);
    free(server->spool);
    free(server);
}
