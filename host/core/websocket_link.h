/* websocket_link.h — a WebSocket on a connected socket, at either end of it; nothing here waits but
 * `connect`.
 *
 * Pings are answered, a close frame is echoed and its bytes sent. Wait on `fd` (see poll.h) and ask
 * `next` until it has nothing more. Bounded: what is read (see the limits), and what is written and
 * not taken by the other side (1 MiB: then `send` refuses). */
#ifndef LAC_WEBSOCKET_LINK_H
#define LAC_WEBSOCKET_LINK_H

#include "core/websocket.h"

struct lac_websocket_link;

struct lac_websocket_limits {
    size_t frame, message; /* bytes of what is received */
};

/* The server's end: takes `fd` over, also when it fails. `before` is what the client sent behind
 * its handshake. */
struct lac_websocket_link *lac_websocket_serve(int fd, struct lac_websocket_limits limits,
                                               struct lac_str before, struct lac_error *err);

struct lac_websocket_request {
    struct lac_str url; /* ws://host:port/path; wss:// is refused */
    const struct lac_websocket_field { struct lac_str name, value; } * headers;
    size_t header_count;
    struct lac_websocket_limits limits;
    double timeout; /* seconds for connection and handshake */
};

/* The client's end: connects and shakes hands. An HTTP answer but 101 is LAC_ERR_SERVICE with its
 * status; the first bytes of its body end the message. */
struct lac_websocket_link *lac_websocket_connect(const struct lac_websocket_request *request,
                                                 struct lac_error *err);

/* Readable while `next` has something to do. */
int lac_websocket_fd(const struct lac_websocket_link *link);

/* Sends what waits to be sent, reads what has come, and gives out one message; false when there is
 * none yet. The end comes as a close frame, with LAC_WEBSOCKET_LOST when none came, and then again
 * and again. */
bool lac_websocket_take(struct lac_websocket_link *link, struct lac_websocket_message *out);

/* Sends a message; false when the link has ended, or the other side is too far behind. */
bool lac_websocket_send(struct lac_websocket_link *link, enum lac_websocket_kind kind,
                        struct lac_str data);

/* Sends a close frame, after which nothing can be sent; its echo ends the link. */
bool lac_websocket_finish(struct lac_websocket_link *link, uint16_t code, struct lac_str reason);

/* How many bytes the other side has not taken yet. */
size_t lac_websocket_ahead(const struct lac_websocket_link *link);

/* Drops the connection; NULL is allowed. */
void lac_websocket_close(struct lac_websocket_link *link);

#endif
