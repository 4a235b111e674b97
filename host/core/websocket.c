#include "core/websocket.h"

#include <string.h>

#include "core/digest.h"
#include "core/encoding.h"
#include "core/json_text.h"

#define GUID LAC_STR("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
#define FINAL 0x80
#define RESERVED 0x70
#define OPCODE 0x0f
#define MASKED 0x80
#define LENGTH 0x7f
#define CONTINUATION 0

/* ---- Reading ---- */

void lac_websocket_feed(struct lac_websocket_reader *reader, struct lac_str bytes) {
    if (reader->used > 0) {
        size_t left = reader->in.len - reader->used;
        memmove(reader->in.data, reader->in.data + reader->used, left);
        lac_buf_cut(&reader->in, left);
        reader->used = 0;
    }
    lac_buf_add(&reader->in, bytes);
}

struct frame {
    bool final;
    unsigned opcode;
    size_t len;
    const unsigned char *mask; /* NULL: the payload is as it is */
    char *payload;
};

static enum lac_websocket_step fail(struct lac_websocket_message *out, uint16_t code,
                                    struct lac_str why) {
    *out = (struct lac_websocket_message){.kind = LAC_WEBSOCKET_CLOSE, .data = why, .code = code};
    return LAC_WEBSOCKET_FAILED;
}

static bool is_control(unsigned opcode) {
    return opcode >= LAC_WEBSOCKET_CLOSE;
}

static uint64_t read_number(const unsigned char *at, size_t size) {
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        number = number << 8 | at[i];
    }
    return number;
}

/* What the first two bytes alone may not say. */
static enum lac_websocket_step check_head(const struct lac_websocket_reader *reader,
                                          const unsigned char *head,
                                          struct lac_websocket_message *out) {
    unsigned opcode = head[0] & OPCODE;
    bool known = opcode <= LAC_WEBSOCKET_BINARY ||
                 (opcode >= LAC_WEBSOCKET_CLOSE && opcode <= LAC_WEBSOCKET_PONG);
    if ((head[0] & RESERVED) != 0 || !known) {
        return fail(out, LAC_WEBSOCKET_PROTOCOL, LAC_STR("a frame of an unknown kind"));
    }
    if (((head[1] & MASKED) != 0) != reader->wants_mask) {
        return fail(out, LAC_WEBSOCKET_PROTOCOL,
                    reader->wants_mask ? LAC_STR("a frame without a mask")
                                       : LAC_STR("a frame with a mask"));
    }
    if (is_control(opcode) &&
        ((head[0] & FINAL) == 0 || (head[1] & LENGTH) > LAC_WEBSOCKET_CONTROL)) {
        return fail(out, LAC_WEBSOCKET_PROTOCOL, LAC_STR("a control frame that is no whole one"));
    }
    if (!is_control(opcode) && (opcode == CONTINUATION) != (reader->kind != 0)) {
        return fail(out, LAC_WEBSOCKET_PROTOCOL, LAC_STR("fragments in no order"));
    }
    return LAC_WEBSOCKET_MESSAGE;
}

/* Reads a frame's head, and finds its payload when it is all there. */
static enum lac_websocket_step read_frame(struct lac_websocket_reader *reader, struct frame *frame,
                                          struct lac_websocket_message *out) {
    size_t left = reader->in.len - reader->used;
    if (left < 2) {
        return LAC_WEBSOCKET_MORE;
    }
    unsigned char *head = (unsigned char *)reader->in.data + reader->used;
    enum lac_websocket_step step = check_head(reader, head, out);
    if (step != LAC_WEBSOCKET_MESSAGE) {
        return step;
    }
    unsigned mark = head[1] & LENGTH;
    size_t wide = mark == 126 ? 2 : mark == 127 ? 8 : 0, size = 2 + wide;
    if (left < size) {
        return LAC_WEBSOCKET_MORE;
    }
    uint64_t len = wide > 0 ? read_number(head + 2, wide) : mark;
    if (wide > 0 && len < (wide == 2 ? 126U : 65536U)) {
        return fail(out, LAC_WEBSOCKET_PROTOCOL, LAC_STR("a length in more bytes than it needs"));
    }
    if (len > reader->max_frame ||
        (!is_control(head[0] & OPCODE) && len > reader->max_message - reader->message.len)) {
        return fail(out, LAC_WEBSOCKET_TOO_BIG, LAC_STR("message too big"));
    }
    size += reader->wants_mask ? 4 : 0;
    if (left < size || left - size < len) {
        return LAC_WEBSOCKET_MORE;
    }
    *frame = (struct frame){
        .final = (head[0] & FINAL) != 0,
        .opcode = head[0] & OPCODE,
        .len = (size_t)len,
        .mask = reader->wants_mask ? head + size - 4 : NULL,
        .payload = (char *)head + size,
    };
    reader->used += size + (size_t)len;
    return LAC_WEBSOCKET_MESSAGE;
}

static void unmask(const struct frame *frame) {
    for (size_t i = 0; frame->mask != NULL && i < frame->len; i++) {
        frame->payload[i] = (char)((unsigned char)frame->payload[i] ^ frame->mask[i % 4]);
    }
}

static bool is_utf8(struct lac_str text) {
    const char *at = text.data, *end = text.data + text.len;
    while (at < end) {
        int len = (unsigned char)*at < 0x80 ? 1 : lac_utf8_length(at, end);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

static enum lac_websocket_step close_frame(const struct frame *frame,
                                           struct lac_websocket_message *out) {
    *out =
        (struct lac_websocket_message){.kind = LAC_WEBSOCKET_CLOSE, .code = LAC_WEBSOCKET_NO_CODE};
    if (frame->len == 0) {
        out->data = LAC_STR("");
        return LAC_WEBSOCKET_MESSAGE;
    }
    unsigned code =
        frame->len < 2 ? 0 : (unsigned)read_number((const unsigned char *)frame->payload, 2);
    if (!lac_websocket_is_code(code)) {
        return fail(out, LAC_WEBSOCKET_PROTOCOL, LAC_STR("no close code"));
    }
    out->code = (uint16_t)code;
    out->data = (struct lac_str){frame->payload + 2, frame->len - 2};
    return is_utf8(out->data) ? LAC_WEBSOCKET_MESSAGE
                              : fail(out, LAC_WEBSOCKET_INVALID, LAC_STR("a reason not in UTF-8"));
}

static enum lac_websocket_step control_frame(const struct frame *frame,
                                             struct lac_websocket_message *out) {
    if (frame->opcode == LAC_WEBSOCKET_CLOSE) {
        return close_frame(frame, out);
    }
    *out = (struct lac_websocket_message){.kind = (enum lac_websocket_kind)frame->opcode,
                                          .data = {frame->payload, frame->len}};
    return LAC_WEBSOCKET_MESSAGE;
}

/* The fragments make a message: it is handed out, and the next one begins. */
static enum lac_websocket_step end_message(struct lac_websocket_reader *reader,
                                           struct lac_websocket_message *out) {
    lac_buf_free(&reader->handed);
    reader->handed = reader->message;
    reader->message = (struct lac_buf){0};
    *out =
        (struct lac_websocket_message){.kind = reader->kind, .data = lac_buf_view(&reader->handed)};
    reader->kind = 0;
    if (out->kind == LAC_WEBSOCKET_TEXT && !is_utf8(out->data)) {
        return fail(out, LAC_WEBSOCKET_INVALID, LAC_STR("a text not in UTF-8"));
    }
    return LAC_WEBSOCKET_MESSAGE;
}

enum lac_websocket_step lac_websocket_next(struct lac_websocket_reader *reader,
                                           struct lac_websocket_message *out) {
    struct frame frame;
    enum lac_websocket_step step;
    while ((step = read_frame(reader, &frame, out)) == LAC_WEBSOCKET_MESSAGE) {
        unmask(&frame);
        if (is_control(frame.opcode)) {
            return control_frame(&frame, out);
        }
        if (frame.opcode != CONTINUATION) {
            reader->kind = (enum lac_websocket_kind)frame.opcode;
        }
        lac_buf_add(&reader->message, (struct lac_str){frame.payload, frame.len});
        if (frame.final) {
            step = end_message(reader, out);
            break;
        }
    }
    if (reader->in.failed || reader->message.failed || reader->handed.failed) {
        return fail(out, LAC_WEBSOCKET_TOO_BIG, LAC_STR("out of memory"));
    }
    return step;
}

void lac_websocket_free(struct lac_websocket_reader *reader) {
    lac_buf_free(&reader->in);
    lac_buf_free(&reader->message);
    lac_buf_free(&reader->handed);
    *reader = (struct lac_websocket_reader){0};
}

/* ---- Writing ---- */

static void add_head(struct lac_buf *out, unsigned opcode, size_t len, bool masked) {
    unsigned char head[10] = {(unsigned char)(FINAL | opcode)};
    size_t wide = len > UINT16_MAX ? 8 : len > LAC_WEBSOCKET_CONTROL ? 2 : 0;
    head[1] = (unsigned char)((masked ? MASKED : 0) | (wide == 8   ? 127
                                                       : wide == 2 ? 126
                                                                   : (unsigned char)len));
    for (size_t i = 0; i < wide; i++) {
        head[2 + i] = (unsigned char)((uint64_t)len >> (8 * (wide - 1 - i)) & 0xff);
    }
    lac_buf_add(out, (struct lac_str){(const char *)head, 2 + wide});
}

void lac_websocket_add(struct lac_buf *out, enum lac_websocket_kind kind, struct lac_str data,
                       const unsigned char mask[4]) {
    if (is_control(kind) && data.len > LAC_WEBSOCKET_CONTROL) {
        data.len = LAC_WEBSOCKET_CONTROL;
    }
    add_head(out, kind, data.len, mask != NULL);
    if (mask == NULL) {
        lac_buf_add(out, data);
        return;
    }
    lac_buf_add(out, (struct lac_str){(const char *)mask, 4});
    char *payload = lac_buf_grow(out, data.len, 1);
    for (size_t i = 0; payload != NULL && i < data.len; i++) {
        payload[i] = (char)((unsigned char)data.data[i] ^ mask[i % 4]);
    }
}

void lac_websocket_add_close(struct lac_buf *out, uint16_t code, struct lac_str reason,
                             const unsigned char mask[4]) {
    char payload[LAC_WEBSOCKET_CONTROL];
    size_t len = 0;
    if (lac_websocket_is_code(code)) {
        size_t reason_len = reason.len < LAC_WEBSOCKET_REASON ? reason.len : LAC_WEBSOCKET_REASON;
        payload[0] = (char)(code >> 8);
        payload[1] = (char)(code & 0xff);
        while (reason_len > 0 && !is_utf8((struct lac_str){reason.data, reason_len})) {
            reason_len--; /* no half a character */
        }
        if (reason_len > 0) {
            memcpy(payload + 2, reason.data, reason_len);
        }
        len = 2 + reason_len;
    }
    lac_websocket_add(out, LAC_WEBSOCKET_CLOSE, (struct lac_str){payload, len}, mask);
}

bool lac_websocket_is_code(unsigned code) {
    bool own = code >= 1000 && code <= 1014 && code != 1004 && code != LAC_WEBSOCKET_NO_CODE &&
               code != LAC_WEBSOCKET_LOST;
    return own || (code >= 3000 && code <= 4999);
}

bool lac_websocket_accept(struct lac_str key, char out[LAC_WEBSOCKET_ACCEPT],
                          struct lac_error *err) {
    struct lac_buf text = {0};
    struct lac_digest digest;
    struct lac_error ignored;
    bool ok = lac_base64_decode(key, &text, &ignored) && text.len == 16;
    if (!ok) {
        lac_fail(err, LAC_ERR_INPUT, "Sec-WebSocket-Key must be 16 bytes in base64");
    }
    lac_buf_cut(&text, 0);
    lac_buf_adds(&text, key, GUID);
    ok = ok && lac_digest(LAC_SHA1, lac_buf_view(&text), &digest, err);
    lac_buf_cut(&text, 0);
    if (ok) {
        lac_base64_add(lac_digest_view(&digest), &text);
        ok = text.len == LAC_WEBSOCKET_ACCEPT - 1 ||
             lac_fail(err, LAC_ERR_MEMORY, "out of memory while answering a WebSocket");
    }
    if (ok) {
        memcpy(out, text.data, LAC_WEBSOCKET_ACCEPT - 1);
        out[LAC_WEBSOCKET_ACCEPT - 1] = '\0';
    }
    lac_buf_free(&text);
    return ok;
}
