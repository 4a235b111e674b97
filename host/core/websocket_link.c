/* websocket_link.c — a WebSocket that is open: websocket_connect.c opens the client's end. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/websocket_private.h"

#define MOST_AHEAD ((size_t)1024 * 1024)
#define READ_BYTES ((size_t)32 * 1024)
#define DRAIN_READS 64

struct lac_websocket_link *lac_websocket_link_new(int socket, bool client,
                                                  struct lac_websocket_limits limits,
                                                  struct lac_str before, struct lac_error *err) {
    struct lac_websocket_link *link = calloc(1, sizeof *link);
    struct epoll_event event = {.events = EPOLLIN};
    int yes = 1, flags = fcntl(socket, F_GETFL);
    if (link == NULL) {
        close(socket);
        lac_fail(err, LAC_ERR_MEMORY, "out of memory for a WebSocket");
        return NULL;
    }
    link->socket = socket;
    link->client = client;
    link->reader.wants_mask = !client;
    link->reader.max_frame = limits.frame;
    link->reader.max_message = limits.message;
    link->fd = epoll_create1(EPOLL_CLOEXEC);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (link->fd < 0 || flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0 ||
        epoll_ctl(link->fd, EPOLL_CTL_ADD, socket, &event) != 0) {
        lac_fail_errno(err, errno, "a WebSocket");
        lac_websocket_close(link);
        return NULL;
    }
    lac_websocket_feed(&link->reader, before);
    return link;
}

struct lac_websocket_link *lac_websocket_serve(int fd, struct lac_websocket_limits limits,
                                               struct lac_str before, struct lac_error *err) {
    return lac_websocket_link_new(fd, false, limits, before, err);
}

int lac_websocket_fd(const struct lac_websocket_link *link) {
    return link->fd;
}

static void end(struct lac_websocket_link *link, uint16_t code, struct lac_str reason) {
    size_t len = reason.len < sizeof link->reason ? reason.len : sizeof link->reason;
    if (len > 0) {
        memcpy(link->reason, reason.data, len);
    }
    link->ended = true;
    link->end = (struct lac_websocket_message){
        .kind = LAC_WEBSOCKET_CLOSE, .data = {link->reason, len}, .code = code};
}

static void watch_writing(struct lac_websocket_link *link, bool writing) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0)};
    if (writing != link->writing) {
        link->writing =
            epoll_ctl(link->fd, EPOLL_CTL_MOD, link->socket, &event) == 0 ? writing : link->writing;
    }
}

/* Sends what the socket takes. */
static void flush(struct lac_websocket_link *link) {
    while (link->sent < link->out.len) {
        ssize_t count = send(link->socket, link->out.data + link->sent, link->out.len - link->sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno != EAGAIN && !link->ended) {
            end(link, LAC_WEBSOCKET_LOST, LAC_STR(""));
        }
        if (count <= 0) {
            break;
        }
        link->sent += (size_t)count;
    }
    if (link->sent == link->out.len || link->ended) {
        lac_buf_cut(&link->out, 0);
        link->sent = 0;
    }
    watch_writing(link, link->out.len > 0);
}

/* Clients mask with bytes that nobody can foresee. */
static const unsigned char *draw_mask(const struct lac_websocket_link *link,
                                      unsigned char mask[4]) {
    struct lac_error ignored;
    if (!link->client) {
        return NULL;
    }
    memset(mask, 0, 4);
    lac_random(mask, 4, &ignored);
    return mask;
}

size_t lac_websocket_ahead(const struct lac_websocket_link *link) {
    return link->out.len - link->sent;
}

/* Makes room where much was sent and little is left. */
static void settle(struct lac_websocket_link *link) {
    if (link->sent > 0 && link->sent > link->out.len / 2) {
        size_t left = link->out.len - link->sent;
        memmove(link->out.data, link->out.data + link->sent, left);
        lac_buf_cut(&link->out, left);
        link->sent = 0;
    }
}

bool lac_websocket_send(struct lac_websocket_link *link, enum lac_websocket_kind kind,
                        struct lac_str data) {
    unsigned char mask[4];
    if (link->ended || link->closing || lac_websocket_ahead(link) > MOST_AHEAD) {
        return false;
    }
    settle(link);
    lac_websocket_add(&link->out, kind, data, draw_mask(link, mask));
    flush(link);
    return !link->ended && !link->out.failed;
}

bool lac_websocket_finish(struct lac_websocket_link *link, uint16_t code, struct lac_str reason) {
    unsigned char mask[4];
    if (link->ended || link->closing) {
        return false;
    }
    link->closing = true;
    lac_websocket_add_close(&link->out, code, reason, draw_mask(link, mask));
    flush(link);
    return !link->ended;
}

static void receive(struct lac_websocket_link *link) {
    char bytes[READ_BYTES];
    ssize_t count;
    do {
        count = recv(link->socket, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        lac_websocket_feed(&link->reader, (struct lac_str){bytes, (size_t)count});
    } else if (count == 0 || errno != EAGAIN) {
        end(link, LAC_WEBSOCKET_LOST, LAC_STR(""));
    }
}

/* The other side wants to end: it is told that we have heard, and the link is over. */
static void answer_close(struct lac_websocket_link *link, struct lac_websocket_message close) {
    uint16_t code = close.code;
    lac_websocket_finish(link, code == LAC_WEBSOCKET_NO_CODE ? 0 : code, LAC_STR(""));
    if (!link->ended) {
        end(link, code, close.data);
    }
    flush(link);
    shutdown(link->socket, SHUT_WR);
}

/* The other side broke the protocol. */
static void break_off(struct lac_websocket_link *link, struct lac_websocket_message failure) {
    lac_websocket_finish(link, failure.code, failure.data);
    end(link, failure.code, failure.data);
    shutdown(link->socket, SHUT_WR);
}

/* Takes the next message off what was read; false when more has to come. */
static bool take_read(struct lac_websocket_link *link, struct lac_websocket_message *out) {
    enum lac_websocket_step step = lac_websocket_next(&link->reader, out);
    if (step == LAC_WEBSOCKET_FAILED) {
        break_off(link, *out);
    } else if (step == LAC_WEBSOCKET_MESSAGE && out->kind == LAC_WEBSOCKET_CLOSE) {
        answer_close(link, *out);
    } else if (step == LAC_WEBSOCKET_MESSAGE && out->kind == LAC_WEBSOCKET_PING) {
        lac_websocket_send(link, LAC_WEBSOCKET_PONG, out->data);
    }
    return step != LAC_WEBSOCKET_MORE;
}

bool lac_websocket_take(struct lac_websocket_link *link, struct lac_websocket_message *out) {
    flush(link);
    bool found = !link->ended && take_read(link, out);
    if (!found && !link->ended) {
        receive(link);
        found = !link->ended && take_read(link, out);
    }
    if (link->ended) {
        *out = link->end;
        return true;
    }
    return found;
}

/* What is left unread would make the kernel drop what was sent last. */
static void drain(const struct lac_websocket_link *link) {
    char bytes[READ_BYTES];
    for (int i = 0; i < DRAIN_READS; i++) {
        if (recv(link->socket, bytes, sizeof bytes, MSG_DONTWAIT) <= 0) {
            return;
        }
    }
}

void lac_websocket_close(struct lac_websocket_link *link) {
    if (link == NULL) {
        return;
    }
    drain(link);
    if (link->fd >= 0) {
        close(link->fd);
    }
    close(link->socket);
    lac_websocket_free(&link->reader);
    lac_buf_free(&link->out);
    free(link);
}
