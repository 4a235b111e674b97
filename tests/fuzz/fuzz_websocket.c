/* fuzz_websocket.c — any bytes as a WebSocket's frames, whole and in pieces, from either side; what
 * is read is written again, and read alike. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/websocket.h"

#define MOST ((size_t)4096)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A message that was read, written and read again is the same. */
static void write_again(const struct lac_websocket_message *message) {
    static const unsigned char mask[4] = {0x80, 1, 0xff, 0};
    struct lac_buf out = {0};
    struct lac_websocket_message again;
    struct lac_websocket_reader reader = {
        .wants_mask = true, .max_frame = MOST, .max_message = MOST};
    if (message->kind == LAC_WEBSOCKET_CLOSE) {
        lac_websocket_add_close(&out, message->code, message->data, mask);
    } else {
        lac_websocket_add(&out, message->kind, message->data, mask);
    }
    lac_websocket_feed(&reader, lac_buf_view(&out));
    if (lac_websocket_next(&reader, &again) != LAC_WEBSOCKET_MESSAGE ||
        again.kind != message->kind || again.code != message->code ||
        again.data.len != message->data.len ||
        memcmp(again.data.data, message->data.data, again.data.len) != 0) {
        abort();
    }
    lac_websocket_free(&reader);
    lac_buf_free(&out);
}

/* How the bytes are cut must not matter: returns what was read, kinds and lengths. */
static size_t read_all(struct lac_str bytes, size_t piece, bool wants_mask, struct lac_buf *seen) {
    struct lac_websocket_message message;
    struct lac_websocket_reader reader = {
        .wants_mask = wants_mask, .max_frame = MOST, .max_message = MOST};
    enum lac_websocket_step step = LAC_WEBSOCKET_MORE;
    size_t count = 0;
    while (step == LAC_WEBSOCKET_MORE && bytes.len > 0) {
        size_t len = piece < bytes.len ? piece : bytes.len;
        lac_websocket_feed(&reader, (struct lac_str){bytes.data, len});
        bytes.data += len;
        bytes.len -= len;
        while ((step = lac_websocket_next(&reader, &message)) == LAC_WEBSOCKET_MESSAGE) {
            lac_buf_addf(seen, "%d:%zu:%d ", (int)message.kind, message.data.len, message.code);
            lac_buf_add(seen, message.data);
            write_again(&message);
            count++;
            if (message.kind == LAC_WEBSOCKET_CLOSE) {
                step = LAC_WEBSOCKET_FAILED;
                break;
            }
        }
    }
    lac_buf_addf(seen, "end %d", (int)step);
    lac_websocket_free(&reader);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) {
        return 0;
    }
    bool wants_mask = (data[0] & 1) != 0;
    size_t piece = (size_t)(data[0] >> 1) + 1;
    struct lac_str bytes = {(const char *)data + 1, size - 1};
    struct lac_buf whole = {0}, cut = {0};
    size_t count = read_all(bytes, SIZE_MAX, wants_mask, &whole);
    if (count != read_all(bytes, piece, wants_mask, &cut) || whole.len != cut.len ||
        (whole.len > 0 && memcmp(whole.data, cut.data, whole.len) != 0)) {
        abort();
    }
    lac_buf_free(&whole);
    lac_buf_free(&cut);
    return 0;
}
