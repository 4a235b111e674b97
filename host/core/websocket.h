/* websocket.h — WebSocket frames (RFC 6455) as bytes, both ways and for both sides; no sockets
 * here.
 *
 * A reader is fed with what came and gives out whole messages: fragments are put together, masks
 * taken off, texts checked for UTF-8. What breaks the protocol fails with the close code that is to
 * be sent. Control frames come out between the fragments of a message, as they were sent.
 *
 * No extension is spoken: reserved bits are refused. */
#ifndef LAC_WEBSOCKET_H
#define LAC_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/error.h"

enum lac_websocket_kind {
    LAC_WEBSOCKET_TEXT = 1,
    LAC_WEBSOCKET_BINARY = 2,
    LAC_WEBSOCKET_CLOSE = 8,
    LAC_WEBSOCKET_PING = 9,
    LAC_WEBSOCKET_PONG = 10,
};

/* Close codes. The last two are never sent: they tell that none came, or no close frame at all. */
enum lac_websocket_code {
    LAC_WEBSOCKET_NORMAL = 1000,
    LAC_WEBSOCKET_GOING_AWAY = 1001,
    LAC_WEBSOCKET_PROTOCOL = 1002,
    LAC_WEBSOCKET_INVALID = 1007,
    LAC_WEBSOCKET_TOO_BIG = 1009,
    LAC_WEBSOCKET_NO_CODE = 1005,
    LAC_WEBSOCKET_LOST = 1006,
};

/* The most that a control frame carries, and the reason of a close frame. */
#define LAC_WEBSOCKET_CONTROL ((size_t)125)
#define LAC_WEBSOCKET_REASON ((size_t)123)

/* The bytes of an Accept key: base64 of a SHA-1, and its NUL. */
#define LAC_WEBSOCKET_ACCEPT 29

/* `{0}` with the first three set is a new reader. */
struct lac_websocket_reader {
    bool
        wants_mask; /* true at a server, whose clients mask; frames of the other kind are refused */
    size_t max_frame, max_message;
    struct lac_buf in; /* what came and is not used up */
    size_t used;       /* of it */
    struct lac_buf message;
    enum lac_websocket_kind kind; /* of the message whose fragments are being gathered; 0: none */
    struct lac_buf handed;        /* what `next` gave out last */
};

struct lac_websocket_message {
    enum lac_websocket_kind kind;
    struct lac_str data; /* of a close frame: its reason; lives until the reader's next call */
    uint16_t code;       /* of a close frame */
};

enum lac_websocket_step {
    LAC_WEBSOCKET_MORE,    /* nothing whole is there yet */
    LAC_WEBSOCKET_MESSAGE, /* `out` is set */
    LAC_WEBSOCKET_FAILED,  /* `out->code` is what to close with, `out->data` says why */
};

void lac_websocket_feed(struct lac_websocket_reader *reader, struct lac_str bytes);

/* The next message out of what was fed. After a close frame or a failure there is nothing more to
 * be read. */
enum lac_websocket_step lac_websocket_next(struct lac_websocket_reader *reader,
                                           struct lac_websocket_message *out);

void lac_websocket_free(struct lac_websocket_reader *reader);

/* Appends a message as one frame, masked with four random bytes at a client. Control frames are cut
 * to what they may carry. */
void lac_websocket_add(struct lac_buf *out, enum lac_websocket_kind kind, struct lac_str data,
                       const unsigned char mask[4]);

/* Appends a close frame; a code that may not be sent makes one without code and reason. */
void lac_websocket_add_close(struct lac_buf *out, uint16_t code, struct lac_str reason,
                             const unsigned char mask[4]);

/* Whether a code may stand in a close frame. */
bool lac_websocket_is_code(unsigned code);

/* What a server answers to a client's Sec-WebSocket-Key, which must be 16 bytes in base64. */
bool lac_websocket_accept(struct lac_str key, char out[LAC_WEBSOCKET_ACCEPT],
                          struct lac_error *err);

#endif
