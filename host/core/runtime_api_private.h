/* runtime_api_private.h — what the parts of the Runtime API share: runtime_api.c, which listens,
 * knows the instances and hands out news; runtime_api_connection.c, which takes requests off a
 * socket; runtime_api_request.c, which tells what they ask for; and runtime_api_answer.c, which
 * answers. */
#ifndef LAC_RUNTIME_API_PRIVATE_H
#define LAC_RUNTIME_API_PRIVATE_H

#include "core/http_head.h"
#include "core/http_socket.h"
#include "core/runtime_api.h"

#define LAC_RUNTIME_KEPT ((size_t)256 * 1024)   /* a larger buffer is not kept between requests */
#define LAC_RUNTIME_UNREAD ((size_t)256 * 1024) /* of a stream, before its sender has to wait */

/* What a request asks for, once its head is there. */
enum lac_runtime_call {
    LAC_CALL_REFUSED, /* with `status` */
    LAC_CALL_NEXT,
    LAC_CALL_RESPONSE,
    LAC_CALL_STREAM,
    LAC_CALL_ERROR,
    LAC_CALL_EXCUSE, /* an error about an answer that was refused */
    LAC_CALL_INIT_ERROR,
};

struct lac_runtime_connection {
    struct lac_runtime_api *api;
    struct lac_runtime_connection *next, *next_news;
    struct lac_runtime_instance *instance; /* whose name it said last; NULL: none yet */
    struct lac_http_socket socket;         /* failed: it is dropped once nobody looks at it */
    enum {
        LAC_READS_HEAD,
        LAC_READS_BODY,
        LAC_RESTS,  /* it waits for an event, or for its stream to be finished */
        LAC_TELLS,  /* its request is news that is still to be handed out */
        LAC_CLOSES, /* once what it was answered is sent */
    } state;

    /* the request at hand */
    enum lac_runtime_call call;
    int status; /* of a refusal */
    bool keep_alive, chunked, too_large;
    uint64_t serial; /* of the event that it is about */
    size_t left;     /* of a body with a length */
    struct lac_http_chunks chunks;
    struct lac_buf body; /* when it did not come whole with its head */
    char error_type[256];
    struct lac_runtime_news news;
};

struct lac_runtime_instance {
    struct lac_runtime_instance *next;
    uint64_t id;
    struct lac_buf name;
    bool has_asked;
    struct lac_runtime_connection *waiting; /* for an event */
    struct lac_buf event;                   /* a whole answer, kept until it asks */
    char request_id[64];                    /* of the last event */
    uint64_t serial;                        /* of that event */
    bool at_hand;                           /* it owes an answer to it */
    char refused_id[64];                    /* of the last answer that was too large */
    struct lac_runtime_connection *streaming;
    struct lac_buf stream, handed_out, trailers;
    enum lac_runtime_stream stream_state;
    char content_type[256]; /* of the stream */
    bool asks, streams;     /* is news */
};

struct lac_runtime_api {
    int fd, listener;
    uint16_t port;
    size_t max_payload, connection_count;
    uint64_t last_id;
    bool some_failed;    /* of the connections */
    bool some_stirred;   /* of the instances: they are news */
    struct lac_buf head; /* of the event that is given */
    struct lac_runtime_instance *instances;
    struct lac_runtime_connection *connections;
    struct lac_runtime_connection *first, *last; /* with news */
    struct lac_runtime_connection *held;         /* whose news the caller looks at */
};

/* runtime_api.c: the instance of that name, or NULL. */
struct lac_runtime_instance *lac_runtime_find_name(struct lac_runtime_api *api,
                                                   struct lac_str name);

/* runtime_api_connection.c. A connection that fails stays until runtime_api.c reaps it. */
bool lac_runtime_connection_open(struct lac_runtime_api *api, int fd);

/* Reads and writes what the socket is ready for. */
void lac_runtime_connection_turn(struct lac_runtime_connection *connection, uint32_t ready);

/* Goes on behind a request whose news was handed out, or a stream that was read. */
void lac_runtime_connection_resume(struct lac_runtime_connection *connection);

/* Sends the event that it waits for; false when it has gone. */
bool lac_runtime_connection_give(struct lac_runtime_connection *connection, struct lac_str head,
                                 struct lac_str payload);

/* Answers a stream: now, or when its rest was skipped. */
void lac_runtime_connection_finish(struct lac_runtime_connection *connection, bool fits);
void lac_runtime_connection_free(struct lac_runtime_connection *connection);

/* The connection is to be dropped, once nobody looks at it any more. */
void lac_runtime_connection_fail(struct lac_runtime_connection *connection);
void lac_runtime_connection_send(struct lac_runtime_connection *connection, struct lac_str head,
                                 struct lac_str body);

/* runtime_api_request.c: what is asked for is the connection's `call`, with what belongs to it. */
void lac_runtime_request_begin(struct lac_runtime_connection *connection,
                               const struct lac_http_head *head);

/* runtime_api_answer.c. Acts on a request that is whole. */
void lac_runtime_act(struct lac_runtime_connection *connection, struct lac_str body);

/* Send 202, or a refusal: 400, 403, 404, 405 or 413. Neither ends the request. */
void lac_runtime_accept(struct lac_runtime_connection *connection);
void lac_runtime_refuse(struct lac_runtime_connection *connection, int status);

/* The request at hand is over; another may follow on the connection. */
void lac_runtime_end_request(struct lac_runtime_connection *connection);

/* There is more of the stream that the connection sends, or its end: that is news. */
static inline void lac_runtime_stir(struct lac_runtime_connection *connection) {
    connection->instance->streams = connection->api->some_stirred = true;
}

#endif
