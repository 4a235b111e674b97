/* fuzz_server.c — any bytes as what a client sends over one connection: requests, bodies,
 * handshakes; each request is answered in one of the ways that there are, chosen by its target.
 *
 * A piece of the input follows each 0xff byte, so that heads and bodies come in several turns. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connect.h"
#include "core/server.h"
#include "core/websocket_link.h"

#define TURNS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lac_server *server;
static uint64_t left; /* the id of a request whose answer waits */

static void start(void) {
    static const struct lac_server_options options = {
        .host = "127.0.0.1",
        .max_body = 4096,
        .spool = "/tmp",
        .spool_over = 1024,
        .max_connections = 16,
        .idle_timeout = 5,
    };
    struct lac_error err;
    if (!lac_server_listen(&options, &server, &err)) {
        abort();
    }
}

static void check_views(const struct lac_server_request *request) {
    size_t total = request->method.len + request->target.len + request->body.len;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct lac_server_header *header = &request->headers[i];
        for (size_t at = 0; at < header->value.len; at++) {
            total += (unsigned char)header->value.data[at];
        }
        total += strnlen(header->name.data, header->name.len);
    }
    for (size_t i = 0; i < request->trailer_count; i++) {
        total += request->trailers[i].name.len + request->trailers[i].value.len;
    }
    if (total == SIZE_MAX) {
        abort();
    }
}

static void upgrade(uint64_t id) {
    static const struct lac_server_field headers[] = {{"Upgrade", "websocket"}};
    struct lac_buf before = {0};
    struct lac_error err;
    int socket = -1;
    if (lac_server_upgrade(server, id, headers, 1, &socket, &before, &err)) {
        struct lac_websocket_limits limits = {1000, 1000};
        struct lac_websocket_message message;
        struct lac_websocket_link *link =
            lac_websocket_serve(socket, limits, lac_buf_view(&before), &err);
        for (int i = 0; link != NULL && i < TURNS && lac_websocket_take(link, &message); i++) {
            lac_websocket_send(link, LAC_WEBSOCKET_TEXT, message.data);
        }
        lac_websocket_close(link);
    }
    lac_buf_free(&before);
}

static void stream(uint64_t id, bool aborts) {
    struct lac_server_answer answer = {.status = 200};
    if (lac_server_start(server, id, &answer)) {
        lac_server_write(server, id, LAC_STR("piece"));
        (void)(aborts ? lac_server_abort(server, id) : lac_server_finish(server, id));
    }
}

static void respond(uint64_t id) {
    static const struct lac_server_field headers[] = {{"X-Tea", "green"}, {"Content-Length", "9"}};
    struct lac_server_answer answer = {
        .status = 200, .headers = headers, .header_count = 2, .body = LAC_STR("tea")};
    struct lac_error err;
    bool delivered;
    lac_server_respond(server, id, &answer, &delivered, &err);
}

/* With this very program, a little of it: a file that is there and does not change. */
static void send_file(uint64_t id) {
    struct lac_server_answer answer = {.status = 200, .path = "/proc/self/exe", .length = 100000};
    struct lac_error err;
    bool delivered;
    lac_server_respond(server, id, &answer, &delivered, &err);
}

static void serve(const struct lac_server_request *request) {
    uint64_t id = request->id;
    char choice = request->target.len > 1 ? request->target.data[1] : 'r';
    check_views(request);
    if (request->body_file != NULL) {
        unlink(request->body_file);
    }
    if (choice == 'u') {
        upgrade(id);
    } else if (choice == 's' || choice == 'a') {
        stream(id, choice == 'a');
    } else if (choice == 'f') {
        send_file(id);
    } else if (choice == 'l') { /* later: one that is answered after the next, or never */
        uint64_t later = left;
        left = id;
        id = later;
    }
    respond(id); /* refused where that was an answer */
}

static void turn(void) {
    for (int i = 0; i < TURNS; i++) {
        const struct lac_server_request *request = lac_server_next(server);
        if (request != NULL) {
            serve(request);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (server == NULL) {
        start();
    }
    int fd = fuzz_connect(lac_server_port(server));
    while (size > 0) {
        const uint8_t *stop = memchr(data, 0xff, size);
        size_t len = stop == NULL ? size : (size_t)(stop - data);
        if (len > 0 && send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
            break;
        }
        turn();
        data += len + (stop != NULL);
        size -= len + (stop != NULL);
    }
    turn();
    shutdown(fd, SHUT_WR);
    turn();
    close(fd);
    turn();
    respond(left); /* its caller has gone */
    return 0;
}
