#include "core/http_answer.h"

#include <stdint.h>
#include <string.h>

#include "core/http_text.h"

/* Cuts the first line, without its CRLF, off `rest`; false when there is no whole one. */
static bool take_line(struct lac_str *rest, struct lac_str *line) {
    const char *at = rest->data, *end = rest->data + rest->len;
    while (at < end && (at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
        if (++at < end && *at == '\n') {
            *line = (struct lac_str){rest->data, (size_t)(at - 1 - rest->data)};
            *rest = (struct lac_str){at + 1, (size_t)(end - at - 1)};
            return true;
        }
    }
    return false;
}

static void forget(const struct lac_http_wanted *wanted, size_t count) {
    for (size_t i = 0; i < count; i++) {
        *wanted[i].value = (struct lac_str){NULL, 0};
    }
}

/* Keeps the value of a header line that is wanted, unless there was one of that name. */
static void look_at(struct lac_str line, const struct lac_http_wanted *wanted, size_t count) {
    const char *colon = memchr(line.data, ':', line.len);
    size_t name_len = colon == NULL ? 0 : (size_t)(colon - line.data);
    for (size_t i = 0; colon != NULL && i < count; i++) {
        if (lac_http_same((struct lac_str){line.data, name_len}, wanted[i].name)) {
            struct lac_str value = {colon + 1, line.len - name_len - 1};
            *wanted[i].value =
                wanted[i].value->data == NULL ? lac_http_trim(value) : *wanted[i].value;
            return;
        }
    }
}

void lac_http_answer_headers(const struct lac_http_answer *answer,
                             const struct lac_http_wanted *wanted, size_t count) {
    struct lac_str rest = answer->head, line;
    forget(wanted, count);
    while (take_line(&rest, &line)) {
        look_at(line, wanted, count);
    }
}

struct lac_str lac_http_answer_header(const struct lac_http_answer *answer, const char *name) {
    struct lac_str value;
    struct lac_http_wanted wanted = {{name, strlen(name)}, &value};
    lac_http_answer_headers(answer, &wanted, 1);
    return value;
}

/* Walks the chunks; with `joined`, copies each to the end of what is already put together there. */
static enum lac_http_answer_state walk_chunks(struct lac_str rest, char *joined, size_t *len) {
    struct lac_str line;
    size_t size;
    *len = 0;
    while (take_line(&rest, &line)) {
        if (!lac_http_chunk_size(line, &size)) {
            return LAC_HTTP_ANSWER_BROKEN;
        }
        if (size == 0) {
            while (take_line(&rest, &line)) { /* trailers, to an empty line */
                if (line.len == 0) {
                    return LAC_HTTP_ANSWER_WHOLE;
                }
            }
            return LAC_HTTP_ANSWER_PARTIAL;
        }
        if (rest.len < size + 2) {
            return LAC_HTTP_ANSWER_PARTIAL;
        }
        if (memcmp(rest.data + size, "\r\n", 2) != 0) {
            return LAC_HTTP_ANSWER_BROKEN;
        }
        if (joined != NULL) {
            memmove(joined + *len, rest.data, size);
        }
        *len += size;
        rest.data += size + 2;
        rest.len -= size + 2;
    }
    return rest.len > LAC_HTTP_ANSWER_MAX_HEAD ? LAC_HTTP_ANSWER_BROKEN : LAC_HTTP_ANSWER_PARTIAL;
}

static enum lac_http_answer_state take_chunked(char *body, size_t len,
                                               struct lac_http_answer *out) {
    struct lac_str raw = {body, len};
    size_t joined_len;
    enum lac_http_answer_state state = walk_chunks(raw, NULL, &joined_len);
    if (state == LAC_HTTP_ANSWER_WHOLE) {
        walk_chunks(raw, body, &joined_len); /* a chunk never lies before what precedes it */
        out->body = (struct lac_str){body, joined_len};
    }
    return state;
}

/* The headers that say where an answer ends, and whether another may follow. */
struct framing {
    struct lac_str length, coding, connection;
};

static enum lac_http_answer_state take_body(char *body, size_t len, bool closed,
                                            const struct framing *framing,
                                            struct lac_http_answer *out) {
    out->keep_alive = out->keep_alive && !lac_http_same(framing->connection, LAC_STR("close"));
    out->body = (struct lac_str){body, 0};
    if (out->status == 204 || out->status == 304) {
        return LAC_HTTP_ANSWER_WHOLE;
    }
    if (lac_http_same(framing->coding, LAC_STR("chunked"))) {
        return take_chunked(body, len, out);
    }
    if (framing->length.data != NULL) {
        size_t size;
        if (!lac_http_number(framing->length, 10, &size)) {
            return LAC_HTTP_ANSWER_BROKEN;
        }
        out->body.len = size;
        return len >= size ? LAC_HTTP_ANSWER_WHOLE : LAC_HTTP_ANSWER_PARTIAL;
    }
    out->keep_alive = false;
    out->body.len = len;
    return closed ? LAC_HTTP_ANSWER_WHOLE : LAC_HTTP_ANSWER_PARTIAL;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(struct lac_str line, struct lac_http_answer *out) {
    size_t status;
    bool ok = line.len >= 12 && memcmp(line.data, "HTTP/1.", 7) == 0 && line.data[8] == ' ' &&
              lac_http_number((struct lac_str){line.data + 9, 3}, 10, &status) && status >= 100 &&
              status <= 599;
    out->status = ok ? (int)status : 0;
    out->keep_alive = ok && line.data[7] == '1';
    return ok;
}

/* Cuts status line and header lines off `data`. */
static enum lac_http_answer_state take_head(char **data, size_t *len, struct framing *framing,
                                            struct lac_http_answer *out) {
    const struct lac_http_wanted wanted[] = {
        {LAC_STR_INIT("content-length"), &framing->length},
        {LAC_STR_INIT("transfer-encoding"), &framing->coding},
        {LAC_STR_INIT("connection"), &framing->connection},
    };
    const size_t count = sizeof wanted / sizeof *wanted;
    size_t window = *len < LAC_HTTP_ANSWER_MAX_HEAD ? *len : LAC_HTTP_ANSWER_MAX_HEAD;
    struct lac_str rest = {*data, window}, first, line;
    *out = (struct lac_http_answer){0};
    bool whole = take_line(&rest, &first), end = false;
    const char *headers = rest.data;
    forget(wanted, count);
    while (whole && !end && (whole = take_line(&rest, &line))) {
        end = line.len == 0;
        look_at(line, wanted, count);
    }
    if (!whole) {
        return window == LAC_HTTP_ANSWER_MAX_HEAD ? LAC_HTTP_ANSWER_BROKEN
                                                  : LAC_HTTP_ANSWER_PARTIAL;
    }
    if (!read_status(first, out)) {
        return LAC_HTTP_ANSWER_BROKEN;
    }
    out->head = (struct lac_str){headers, (size_t)(line.data - headers)};
    size_t taken = (size_t)(rest.data - *data);
    *data += taken;
    *len -= taken;
    return LAC_HTTP_ANSWER_WHOLE;
}

enum lac_http_answer_state lac_http_answer_take(char *data, size_t len, bool closed,
                                                struct lac_http_answer *out) {
    enum lac_http_answer_state state;
    struct framing framing;
    do {
        state = take_head(&data, &len, &framing, out);
    } while (state == LAC_HTTP_ANSWER_WHOLE && out->status < 200); /* 100 Continue comes first */
    if (state == LAC_HTTP_ANSWER_WHOLE) {
        state = take_body(data, len, closed, &framing, out);
    }
    return state == LAC_HTTP_ANSWER_PARTIAL && closed ? LAC_HTTP_ANSWER_BROKEN : state;
}
