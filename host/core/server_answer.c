/* server_answer.c — answers out: whole ones, files, and streams. */
#define _GNU_SOURCE /* POLLRDHUP */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/server_private.h"

#define STREAM_BLOCK ((size_t)16 * 1024)

struct lac_exchange *lac_server_find(struct lac_server *server, uint64_t id,
                                     enum lac_exchange_state state) {
    struct lac_exchange *exchange = &server->exchanges[id % server->capacity];
    return exchange->state == state && exchange->request.id == id && exchange->handed_over
               ? exchange
               : NULL;
}

/* A resting connection is not read, so its end is asked for. */
static bool is_there(const struct lac_exchange *exchange) {
    const union MHD_ConnectionInfo *info =
        lac_mhd.get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd polled = {.fd = info->connect_fd, .events = POLLRDHUP};
    return poll(&polled, 1, 0) == 0;
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
    struct MHD_Response *response = lac_mhd.create_response_from_fd_at_offset64(
        answer->length == UINT64_MAX ? rest : answer->length, fd, answer->offset);
    if (response == NULL) {
        close(fd);
    }
    return response;
}

static const char *declared_length(const struct lac_server_answer *answer) {
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i].name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
            return answer->headers[i].value;
        }
    }
    return NULL;
}

static struct MHD_Response *create_response(const struct lac_exchange *exchange,
                                            const struct lac_server_answer *answer,
                                            struct lac_error *err) {
    const char *length = exchange->is_head ? declared_length(answer) : NULL;
    struct MHD_Response *response = NULL;
    *err = (struct lac_error){0};
    if (answer->path != NULL) {
        response = file_response(answer, err);
    } else if (length != NULL && answer->body.len == 0) {
        response = lac_mhd.create_response_from_callback(strtoull(length, NULL, 10), STREAM_BLOCK,
                                                         read_nothing, NULL, NULL);
    } else {
        response = lac_mhd.create_response_from_buffer(answer->body.len, (void *)answer->body.data,
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
            lac_mhd.add_response_header(response, name, answer->headers[i].value);
        }
    }
}

/* Queues the answer and sends what the socket takes at once. */
static bool send_answer(struct lac_exchange *exchange, const struct lac_server_answer *answer,
                        struct MHD_Response *response, enum lac_exchange_state state) {
    struct lac_server *server = exchange->server;
    uint64_t id = exchange->request.id;
    bool delivered = is_there(exchange);
    add_headers(response, answer);
    exchange->state = state;
    exchange->delivered = &delivered;
    if (lac_mhd.queue_response(exchange->connection, answer->status, response) != MHD_YES) {
        delivered = false;
    }
    lac_mhd.destroy_response(response);
    lac_server_resume(exchange);
    lac_server_turn(server);
    if (exchange->request.id == id) {
        exchange->delivered = NULL;
    }
    return delivered;
}

/* An early request is answered when its body has ended: libmicrohttpd answers none before. */
static bool keep_answer(struct lac_exchange *exchange, const struct lac_server_answer *answer,
                        struct MHD_Response *response) {
    struct lac_server *server = exchange->server;
    bool delivered = is_there(exchange);
    add_headers(response, answer);
    exchange->response = response;
    exchange->status = answer->status;
    exchange->unwanted = true;
    lac_buf_free(&exchange->body);
    lac_server_resume(exchange);
    lac_server_turn(server);
    return delivered;
}

static struct lac_exchange *find_unanswered(struct lac_server *server, uint64_t id) {
    struct lac_exchange *receiving = lac_server_find(server, id, RECEIVING);
    return receiving == NULL     ? lac_server_find(server, id, WAITING)
           : receiving->unwanted ? NULL
                                 : receiving;
}

bool lac_server_respond(struct lac_server *server, uint64_t id,
                        const struct lac_server_answer *answer, bool *delivered,
                        struct lac_error *err) {
    struct lac_exchange *exchange = find_unanswered(server, id);
    *delivered = false;
    if (exchange == NULL) {
        return true;
    }
    struct MHD_Response *response = create_response(exchange, answer, err);
    if (response == NULL) {
        return false;
    }
    *delivered = exchange->state == RECEIVING ? keep_answer(exchange, answer, response)
                                              : send_answer(exchange, answer, response, ANSWERED);
    return true;
}

bool lac_server_connected(struct lac_server *server, uint64_t id) {
    struct lac_exchange *exchange = find_unanswered(server, id);
    exchange = exchange != NULL ? exchange : lac_server_find(server, id, STREAMING);
    return exchange != NULL && is_there(exchange);
}

/* Gives libmicrohttpd what was written; when there is nothing, the connection rests again. */
static ssize_t read_stream(void *context, uint64_t position, char *out, size_t max) {
    struct lac_exchange *exchange = context;
    size_t left = exchange->stream.len - exchange->stream_sent;
    size_t count = left < max ? left : max;
    (void)position;
    if (count > 0) {
        memcpy(out, exchange->stream.data + exchange->stream_sent, count);
        exchange->stream_sent += count;
        return (ssize_t)count;
    }
    exchange->stream.len = exchange->stream_sent = 0;
    exchange->server->news = true;
    if (exchange->stream_finished) {
        return exchange->stream_aborted ? MHD_CONTENT_READER_END_WITH_ERROR
                                        : MHD_CONTENT_READER_END_OF_STREAM;
    }
    exchange->suspended = true;
    lac_mhd.suspend_connection(exchange->connection);
    return 0;
}

bool lac_server_start(struct lac_server *server, uint64_t id,
                      const struct lac_server_answer *answer) {
    struct lac_exchange *exchange = lac_server_find(server, id, WAITING);
    struct MHD_Response *response =
        exchange == NULL ? NULL
                         : lac_mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
                                                                 read_stream, exchange, NULL);
    return response != NULL && send_answer(exchange, answer, response, STREAMING);
}

static bool continue_stream(struct lac_exchange *exchange) {
    struct lac_server *server = exchange->server;
    uint64_t id = exchange->request.id;
    bool delivered = is_there(exchange);
    exchange->delivered = &delivered;
    lac_server_resume(exchange);
    lac_server_turn(server);
    if (exchange->request.id == id) {
        exchange->delivered = NULL;
    }
    return delivered;
}

bool lac_server_write(struct lac_server *server, uint64_t id, struct lac_str bytes) {
    struct lac_exchange *exchange = lac_server_find(server, id, STREAMING);
    if (exchange == NULL || exchange->stream_finished) {
        return false;
    }
    struct lac_buf *stream = &exchange->stream;
    if (stream->len - exchange->stream_sent > LAC_SERVER_AHEAD) {
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

static bool end_stream(struct lac_server *server, uint64_t id, bool aborted) {
    struct lac_exchange *exchange = lac_server_find(server, id, STREAMING);
    if (exchange == NULL || exchange->stream_finished) {
        return false;
    }
    exchange->stream_finished = true;
    exchange->stream_aborted = aborted;
    return continue_stream(exchange);
}

bool lac_server_finish(struct lac_server *server, uint64_t id) {
    return end_stream(server, id, false);
}

bool lac_server_abort(struct lac_server *server, uint64_t id) {
    return end_stream(server, id, true);
}

bool lac_server_ahead(struct lac_server *server, uint64_t id, size_t *bytes) {
    struct lac_exchange *exchange = lac_server_find(server, id, STREAMING);
    if (exchange == NULL || exchange->stream_finished || !is_there(exchange)) {
        return false;
    }
    *bytes = exchange->stream.len - exchange->stream_sent;
    return true;
}
