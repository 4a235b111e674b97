/* server_private.h — what the parts of the server share: server.c, which listens, looks and closes,
 * server_connection.c, one connection from its accept to its end, server_request.c, which takes
 * requests in, server_body.c, their bodies, server_answer.c, which sends answers out,
 * server_file.c, those that are files, and server_stream.c, those that are written piece by piece.
 */
#ifndef LAC_SERVER_PRIVATE_H
#define LAC_SERVER_PRIVATE_H

#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/http_head.h"
#include "core/http_socket.h"
#include "core/server.h"

/* The bytes that a streamed answer may run ahead of its reader, and of a refused body that are
 * skipped beyond what is allowed. */
#define LAC_SERVER_AHEAD ((size_t)16 * 1024 * 1024)

#define LAC_SERVER_EVENTS 64 /* taken from epoll at once */
#define LAC_SERVER_SPARES 16 /* buffers for bytes in, between two requests */

enum lac_server_state {
    LAC_SERVER_READS_HEAD,
    LAC_SERVER_READS_BODY,
    LAC_SERVER_WAITS,   /* its request is whole, and handed out */
    LAC_SERVER_STREAMS, /* its answer is begun */
    LAC_SERVER_SENDS,   /* its answer is known, and not all of it sent */
    LAC_SERVER_LINGERS, /* its caller was refused, and may still be speaking */
};

/* One connection, and the request at hand. */
struct lac_server_connection {
    struct lac_server *server;
    struct lac_http_socket socket;
    size_t slot;
    unsigned quiet; /* looks at the clock since anything was heard of it */
    enum lac_server_state state;
    bool deaf; /* more has come than the request at hand: epoll is not to tell of it now */
    bool left; /* the caller's side is closed: it may still hear an answer, or not */
    char peer[64];

    /* the request */
    size_t parsed, sought; /* of a head that is not whole: see http_head.h */
    struct lac_http_head head;
    struct lac_buf kept_head; /* which `head` views when the body came later */
    struct lac_http_chunks chunks;
    struct lac_buf body;
    size_t left_over;       /* of a body with a length, still to come */
    size_t received, wired; /* of the body: its bytes, and with what chunks put around them */
    unsigned refusal;       /* a status: the body is skipped, and this will be the answer */
    int spool_fd;           /* -1: none */
    char *spooled;
    struct lac_buf fields; /* of lac_server_header: the request's headers and trailers */
    struct lac_server_request request;

    /* the answer */
    bool closes;           /* the connection ends behind it */
    bool chunked, ignored; /* a stream: as chunks; not at all, because it has no body */
    int file;              /* -1: none */
    uint64_t file_at, file_left;
};

struct lac_server {
    int fd, listener; /* fd: an epoll set */
    bool lets_in;     /* callers: the listener is in the set */
    uint16_t port;
    size_t max_body, spool_over;
    unsigned idle_timeout;
    char *spool;
    size_t capacity, vacant_count;
    struct lac_server_connection *
        *slots;     /* as many as there may be; a request's id tells its own */
    size_t *vacant; /* those that are free */
    uint64_t serial;
    double looked;   /* at the clock, for connections that are idle */
    bool handed_out; /* a request, of the events at hand */
    int event_at, event_count;
    struct epoll_event events[LAC_SERVER_EVENTS];
    struct lac_buf spares[LAC_SERVER_SPARES];
    size_t spare_count;
    struct lac_buf answer_head; /* of the answer that is being sent */
    int64_t dated;              /* the second of `date` */
    char date[LAC_HTTP_DATE_SIZE];
};

/* server.c: whether callers are let in. */
void lac_server_let_in(struct lac_server *server, bool lets);

/* ---- server_connection.c ----------------------------------------------------------------------
 */

/* Takes `fd` over; false when there is no memory for it. */
bool lac_server_admit(struct lac_server *server, int fd, const struct sockaddr_storage *peer);

/* Does what the socket is ready for; the request that has become whole by that, or NULL. The
 * connection may be gone then. */
const struct lac_server_request *lac_server_turn(struct lac_server_connection *connection,
                                                 uint32_t ready);

/* Frees a connection that has failed; else keeps epoll to what it waits for. Whoever has done
 * something with a connection ends with this. */
void lac_server_settle(struct lac_server_connection *connection);
void lac_server_drop(struct lac_server_connection *connection);

/* Closes the socket in the least time in which what was said is heard. */
void lac_server_linger(struct lac_server_connection *connection);

/* The connection of that request, when it is in that state; else NULL. */
struct lac_server_connection *lac_server_find(struct lac_server *server, uint64_t id,
                                              enum lac_server_state state);

/* Looks whether the caller's side is closed by now. */
bool lac_server_has_left(struct lac_server_connection *connection);

/* ---- server_request.c -------------------------------------------------------------------------
 */

/* Reads on; true when a request is whole: it waits then. */
bool lac_server_read_on(struct lac_server_connection *connection, bool readable);

/* Whether bytes are here that may be the next request. */
bool lac_server_has_more(const struct lac_server_connection *connection);

/* Forgets the request at hand. */
void lac_server_forget(struct lac_server_connection *connection);

/* ---- server_body.c ----------------------------------------------------------------------------
 */

/* The head is there, and not the whole body: it is gathered. */
void lac_server_begin_body(struct lac_server_connection *connection);

/* Takes what has come of it; true when it is whole. */
bool lac_server_take_body(struct lac_server_connection *connection);

/* Frees it, and removes its file unless that is the caller's. */
void lac_server_free_body(struct lac_server_connection *connection);

/* ---- server_answer.c --------------------------------------------------------------------------
 */

/* What an answer's head says of the body behind it. */
enum lac_server_framing { LAC_SERVER_LENGTH, LAC_SERVER_CHUNKS, LAC_SERVER_UNTIL_CLOSE };

/* Writes the head of an answer, and learns whether the connection ends behind it. */
struct lac_str lac_server_write_head(struct lac_server_connection *connection,
                                     const struct lac_server_answer *answer,
                                     enum lac_server_framing framing, uint64_t length);

/* Whether an answer of that status to that request has a body. */
bool lac_server_has_body(const struct lac_server_connection *connection, unsigned status);

/* The answer is known: the request is over once it is sent. */
void lac_server_end_answer(struct lac_server_connection *connection);

/* Answers without asking anybody, and ends the connection. */
void lac_server_refuse(struct lac_server_connection *connection, unsigned status);

/* ---- server_file.c ----------------------------------------------------------------------------
 */

/* Opens the answer's file, and removes it where that is asked for. */
bool lac_server_open_file(struct lac_server_connection *connection,
                          const struct lac_server_answer *answer, struct lac_error *err);

/* Sends what the socket takes of it. */
void lac_server_send_file(struct lac_server_connection *connection);
void lac_server_close_file(struct lac_server_connection *connection);

#endif
