/* fuzz_runtime_api.c — any bytes as what runtimes send to the Runtime API over two connections, for
 * one instance, whose name is "i" and whose events are all called "r".
 *
 * A piece of the input follows each 0xff byte, and goes to the other connection. Who asks is given
 * an event; what is streamed is read, and accepted or refused by its length. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connect.h"
#include "core/runtime_api.h"

#define TURNS 4
#define MAX_PAYLOAD 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lac_runtime_api *api;

static void give(uint64_t id) {
    static const struct lac_runtime_event event = {.request_id = LAC_STR_INIT("r"),
                                                   .arn = LAC_STR_INIT("arn"),
                                                   .trace_id = LAC_STR_INIT("Root=1"),
                                                   .payload = LAC_STR_INIT("{}")};
    struct lac_error err;
    if (!lac_runtime_api_give(api, id, &event, &err)) {
        abort();
    }
}

/* So that a sanitizer looks at all of it. */
static void read_through(struct lac_str text) {
    size_t sum = 0;
    for (size_t i = 0; i < text.len; i++) {
        sum += (unsigned char)text.data[i];
    }
    if (sum > text.len * UINT8_MAX) {
        abort();
    }
}

static void read_stream(uint64_t id) {
    struct lac_str piece, trailers;
    switch (lac_runtime_api_read(api, id, &piece, &trailers)) {
    case LAC_RUNTIME_STREAM_END:
        read_through(trailers);
        read_through(piece);
        lac_runtime_api_finish(api, id, piece.len % 2 == 0);
        break;
    case LAC_RUNTIME_STREAM_MORE:
        read_through(piece);
        if (piece.len > MAX_PAYLOAD) {
            lac_runtime_api_finish(api, id, false);
        }
        break;
    case LAC_RUNTIME_STREAM_GONE:
        read_through(piece);
        break;
    }
}

static void hear(const struct lac_runtime_news *news) {
    read_through(news->body);
    read_through(news->error_type);
    if (news->kind != LAC_RUNTIME_STREAMS && news->body.len > MAX_PAYLOAD) {
        abort();
    }
    if (news->kind == LAC_RUNTIME_ASKS) {
        give(news->id);
    } else if (news->kind == LAC_RUNTIME_STREAMS) {
        read_stream(news->id);
    }
}

static void turn(void) {
    struct lac_runtime_news news;
    for (int i = 0; i < TURNS; i++) {
        lac_runtime_api_turn(api);
        while (lac_runtime_api_next(api, &news)) {
            hear(&news);
        }
    }
}

static void send_pieces(const int fds[2], const uint8_t *data, size_t size) {
    for (size_t to = 0; size > 0; to = 1 - to) {
        const uint8_t *stop = memchr(data, 0xff, size);
        size_t len = stop == NULL ? size : (size_t)(stop - data);
        if (len > 0) {
            (void)send(fds[to], data, len,
                       MSG_NOSIGNAL | MSG_DONTWAIT); /* refused: it was dropped */
        }
        turn();
        data += len + (stop != NULL);
        size -= len + (stop != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct lac_error err;
    uint64_t id;
    if ((api == NULL && !lac_runtime_api_listen(MAX_PAYLOAD, &api, &err)) ||
        !lac_runtime_api_admit(api, LAC_STR("i"), &id, &err)) {
        abort();
    }
    const int fds[2] = {fuzz_connect(lac_runtime_api_port(api)),
                        fuzz_connect(lac_runtime_api_port(api))};
    send_pieces(fds, data, size);
    shutdown(fds[0], SHUT_WR);
    turn();
    close(fds[0]);
    turn();
    lac_runtime_api_dismiss(api, id); /* with the other connection still open */
    close(fds[1]);
    turn();
    return 0;
}
