/* server.h — HTTP in, on loopback alone, on the caller's own thread.
 *
 * Nothing here waits: `next` serves what the kernel has ready and hands out whole requests; their
 * connections rest until `respond`, which may come in any order and at any time. Between calls wait
 * on `fd` (see poll.h), and call `next` at least every second, so that idle connections end.
 *
 * Requests of one connection are answered in their order: the next is read once the last has its
 * answer. Who says that it will send no more (a half-closed connection) still gets it.
 *
 * Everything is bounded: header bytes (64 KiB with the request line, else 431 or 414), body (413),
 * connections, idle time, and the bytes that a streamed answer may run ahead of its reader. Those
 * who read or write slowly hold nobody up, and cost what they have not taken yet. */
#ifndef LAC_SERVER_H
#define LAC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

struct lac_server;

struct lac_server_options {
    const char *host; /* 127.x.y.z or ::1 */
    uint16_t port;    /* 0: any free one */
    size_t max_body;
    const char *spool; /* folder for bodies above spool_over; NULL: all stay in memory */
    size_t spool_over;
    unsigned max_connections;
    unsigned idle_timeout; /* seconds; the time until `respond` does not count */
};

struct lac_server_header {
    struct lac_str name, value;
};

/* Views live until the request is answered or the server closed. */
struct lac_server_request {
    uint64_t id;
    struct lac_str method, target; /* the target as on the request line, undecoded; of a whole URI
                                      path and query, and then Host is what it named */
    const struct lac_server_header *headers; /* in wire order, names as sent */
    size_t header_count;
    const struct lac_server_header *trailers; /* what stood behind a chunked body */
    size_t trailer_count;
    struct lac_str body;   /* empty when spooled */
    const char *body_file; /* NULL when not spooled; from now on the caller's to remove */
    const char *peer;      /* 127.0.0.1:51234 */
};

struct lac_server_field {
    const char *name, *value;
};

struct lac_server_answer {
    unsigned status; /* 200 to 599 */
    const struct lac_server_field
        *headers; /* Content-Length, Transfer-Encoding and Connection are worked out here and left
                    aside, except that the first is believed in an answer to HEAD without a body,
                    and that the last may say "close" */
    size_t header_count;
    struct lac_str body;
    const char *path; /* or a file, from `offset`, `length` bytes (UINT64_MAX: to its end) */
    uint64_t offset, length;
    bool remove; /* the file goes once it is opened */
};

/* Fails with LAC_ERR_INPUT for an address that is not loopback, code EADDRINUSE for a taken port.
 */
bool lac_server_listen(const struct lac_server_options *options, struct lac_server **out,
                       struct lac_error *err);
uint16_t lac_server_port(const struct lac_server *server);

/* Readable while `next` has something to do, and when there is room again in a streamed answer. */
int lac_server_fd(const struct lac_server *server);

/* The next whole request, or NULL when there is none yet: then wait for `fd`. */
const struct lac_server_request *lac_server_next(struct lac_server *server);

/* Answers a request once. Fails, and leaves the request waiting, when the answer's file cannot be
 * read. `delivered` is false when the caller is known to have gone, or the request was answered
 * before. */
bool lac_server_respond(struct lac_server *server, uint64_t id,
                        const struct lac_server_answer *answer, bool *delivered,
                        struct lac_error *err);

/* Whether the caller of an unanswered request is still there: this asks the socket. */
bool lac_server_connected(struct lac_server *server, uint64_t id);

/* An answer of unknown length: begun with the status and headers of `answer`, written piece by
 * piece, finished. All return false when the caller has gone or does not keep up. */
bool lac_server_start(struct lac_server *server, uint64_t id,
                      const struct lac_server_answer *answer);
bool lac_server_write(struct lac_server *server, uint64_t id, struct lac_str bytes);
bool lac_server_finish(struct lac_server *server, uint64_t id);

/* Breaks a streamed answer off: its reader sees that the end is missing. */
bool lac_server_abort(struct lac_server *server, uint64_t id);

/* How many bytes the writer of a streamed answer is ahead of its reader; false when it is gone. */
bool lac_server_ahead(struct lac_server *server, uint64_t id, size_t *bytes);

/* Ends HTTP on a request's connection: sends 101 with those headers and hands the socket over,
 * which is then the caller's and none of the server's. `before` gets what the client has sent
 * already. Fails, and the connection is gone, when the client has left; LAC_ERR_INPUT: there is no
 * such request. */
bool lac_server_upgrade(struct lac_server *server, uint64_t id,
                        const struct lac_server_field *headers, size_t count, int *socket,
                        struct lac_buf *before, struct lac_error *err);

/* Drops every connection and frees the server; NULL is allowed. */
void lac_server_close(struct lac_server *server);

#endif
