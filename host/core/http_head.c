#include "core/http_head.h"

#include <string.h>
#include <strings.h>

#include "core/http_text.h"

#define MAX_SIZE_LINE 256 /* of a chunk's size with its extensions */

/* Cuts the first line off `rest`; false when there is no whole one. It ends in CRLF, or in LF. */
static bool take_line(struct lac_str *rest, struct lac_str *line) {
    const char *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    if (end == NULL) {
        return false;
    }
    size_t len = (size_t)(end - rest->data);
    *line = (struct lac_str){rest->data, len > 0 && end[-1] == '\r' ? len - 1 : len};
    rest->data += len + 1;
    rest->len -= len + 1;
    return true;
}

/* Cuts what stands before `mark` off `rest`, and the mark. */
static bool take_until(struct lac_str *rest, char mark, struct lac_str *out) {
    const char *at = rest->len > 0 ? memchr(rest->data, mark, rest->len) : NULL;
    if (at == NULL) {
        return false;
    }
    *out = (struct lac_str){rest->data, (size_t)(at - rest->data)};
    rest->len -= out->len + 1;
    rest->data = at + 1;
    return true;
}

static bool is_target(struct lac_str text) {
    size_t i = 0;
    while (i < text.len && (unsigned char)text.data[i] > ' ' && text.data[i] != 127) {
        i++;
    }
    return i > 0 && i == text.len;
}

static bool cut_scheme(struct lac_str *target, struct lac_str scheme) {
    bool has_it =
        target->len > scheme.len && strncasecmp(target->data, scheme.data, scheme.len) == 0;
    target->data += has_it ? scheme.len : 0;
    target->len -= has_it ? scheme.len : 0;
    return has_it;
}

static bool ends_authority(char byte) {
    return byte == '/' || byte == '?' || byte == '#';
}

/* Proxies are asked for whole URIs, and every server has to understand them (RFC 9112, 3.2.2).
 * False for one that names nobody, or somebody with a password. */
static bool read_authority(struct lac_http_head *out) {
    struct lac_str *target = &out->target;
    if (target->data[0] == '/' ||
        (!cut_scheme(target, LAC_STR("http://")) && !cut_scheme(target, LAC_STR("https://")))) {
        return true;
    }
    size_t len = 0;
    while (len < target->len && !ends_authority(target->data[len])) {
        len++;
    }
    out->authority = (struct lac_str){target->data, len};
    *target =
        len == target->len ? LAC_STR("/") : (struct lac_str){target->data + len, target->len - len};
    return len > 0 && memchr(out->authority.data, '@', len) == NULL;
}

/* "POST /path HTTP/1.1" */
static bool read_request_line(struct lac_str line, struct lac_http_head *out) {
    bool ok = take_until(&line, ' ', &out->method) && take_until(&line, ' ', &out->target) &&
              lac_http_is_token(out->method) && is_target(out->target) && read_authority(out) &&
              line.len == 8 && memcmp(line.data, "HTTP/1.", 7) == 0 && line.data[7] >= '0' &&
              line.data[7] <= '9';
    out->minor = ok ? (unsigned)(line.data[7] - '0') : 0;
    return ok;
}

/* "Name: value". No name ends in a space, and no value holds what ends a line elsewhere. */
static bool read_field(struct lac_str line, struct lac_http_field *out) {
    bool ok = take_until(&line, ':', &out->name) && lac_http_is_token(out->name);
    out->value = ok ? lac_http_trim(line) : LAC_STR("");
    return ok && (line.len == 0 || (memchr(line.data, '\0', line.len) == NULL &&
                                    memchr(line.data, '\r', line.len) == NULL));
}

/* Whether a list such as "keep-alive, Upgrade" holds that word. */
static bool lists(struct lac_str list, struct lac_str word) {
    struct lac_str item;
    while (take_until(&list, ',', &item)) {
        if (lac_http_same(lac_http_trim(item), word)) {
            return true;
        }
    }
    return lac_http_same(lac_http_trim(list), word);
}

/* What the header lines say besides. */
struct framing {
    bool has_length, has_host, closes, stays;
};

/* What a header says about where the body ends, whom the request is for, and whether another may
 * follow. Two that disagree about it could be read as one request here and as another elsewhere:
 * none is taken. */
static bool read_framing(const struct lac_http_field *field, struct framing *framing,
                         struct lac_http_head *out) {
    struct lac_str name = field->name, value = field->value;
    if (lac_http_same(name, LAC_STR("content-length"))) {
        bool first = !framing->has_length && !out->chunked;
        framing->has_length = true;
        return first && lac_http_number(value, 10, &out->length);
    }
    if (lac_http_same(name, LAC_STR("transfer-encoding"))) {
        bool first = !framing->has_length && !out->chunked;
        out->chunked = lac_http_same(value, LAC_STR("chunked"));
        return first && out->chunked;
    }
    if (lac_http_same(name, LAC_STR("host"))) {
        bool first = !framing->has_host;
        framing->has_host = true;
        return first;
    }
    if (lac_http_same(name, LAC_STR("connection"))) {
        framing->closes = framing->closes || lists(value, LAC_STR("close"));
        framing->stays = framing->stays || lists(value, LAC_STR("keep-alive"));
    } else if (lac_http_same(name, LAC_STR("expect"))) {
        out->expects = lac_http_same(value, LAC_STR("100-continue"));
    }
    return true;
}

/* The five framing headers begin with these: most lines need no closer look. */
static bool may_frame(char byte) {
    return byte == 'C' || byte == 'c' || byte == 'T' || byte == 't' || byte == 'E' || byte == 'e' ||
           byte == 'H' || byte == 'h';
}

enum lac_http_head_state lac_http_head_take(struct lac_str bytes, struct lac_http_head *out) {
    size_t window = bytes.len < LAC_HTTP_HEAD_MAX ? bytes.len : LAC_HTTP_HEAD_MAX;
    struct lac_str rest = {bytes.data, window}, line;
    struct lac_http_field field;
    struct framing framing = {0};
    bool ok = true, end = false;
    *out = (struct lac_http_head){0};
    if (take_line(&rest, &line)) {
        ok = read_request_line(line, out);
        out->lines = (struct lac_str){rest.data, 0};
    }
    while (ok && !end && out->target.len > 0 && take_line(&rest, &line)) {
        end = line.len == 0;
        out->lines.len = (size_t)(line.data - out->lines.data);
        if (!end) {
            ok = read_field(line, &field) &&
                 (!may_frame(field.name.data[0]) || read_framing(&field, &framing, out));
        }
    }
    ok = ok && (!end || framing.has_host || out->minor == 0); /* RFC 9112, 3.2 */
    out->len = (size_t)(rest.data - bytes.data);
    out->keep_alive = (out->minor > 0 || framing.stays) && !framing.closes;
    out->expects = out->expects && out->minor > 0;
    return !ok                           ? LAC_HTTP_HEAD_BROKEN
           : end                         ? LAC_HTTP_HEAD_WHOLE
           : window == LAC_HTTP_HEAD_MAX ? LAC_HTTP_HEAD_BROKEN
                                         : LAC_HTTP_HEAD_PARTIAL;
}

bool lac_http_head_ends(struct lac_str bytes, size_t *sought) {
    while (*sought < bytes.len) {
        const char *at = memchr(bytes.data + *sought, '\n', bytes.len - *sought);
        size_t next = at == NULL ? bytes.len : (size_t)(at - bytes.data) + 1;
        if (at != NULL && next + (next < bytes.len && bytes.data[next] == '\r') >= bytes.len) {
            *sought = next - 1; /* what follows this line has yet to come */
            return false;
        }
        *sought = next;
        if (at != NULL && (bytes.data[next] == '\n' ||
                           (bytes.data[next] == '\r' && bytes.data[next + 1] == '\n'))) {
            return true;
        }
    }
    return false;
}

bool lac_http_head_next(struct lac_str *lines, struct lac_http_field *out) {
    struct lac_str rest = *lines, line;
    bool ok = take_line(&rest, &line) && read_field(line, out);
    *lines = ok ? rest : *lines;
    return ok;
}

struct lac_str lac_http_head_value(struct lac_str lines, struct lac_str name) {
    struct lac_str line, found;
    while (take_line(&lines, &line)) {
        if (take_until(&line, ':', &found) && lac_http_same(found, name)) {
            return lac_http_trim(line);
        }
    }
    return (struct lac_str){NULL, 0};
}

/* ---- chunks -----------------------------------------------------------------------------------
 */

/* Gathers a line that may come in several pieces; false while it is not whole. */
static bool gather_line(struct lac_str *bytes, struct lac_buf *line) {
    const char *end = bytes->len > 0 ? memchr(bytes->data, '\n', bytes->len) : NULL;
    size_t len = end == NULL ? bytes->len : (size_t)(end - bytes->data) + 1;
    lac_buf_add(line, (struct lac_str){bytes->data, len});
    bytes->data += len;
    bytes->len -= len;
    return end != NULL;
}

/* Of a size, its extensions left aside; or the end of a chunk, which is an empty line. */
static bool read_line(struct lac_http_chunks *chunks) {
    struct lac_str rest = lac_buf_view(&chunks->line), line;
    bool ok = take_line(&rest, &line);
    if (chunks->at == LAC_CHUNK_END) {
        chunks->at = LAC_CHUNK_SIZE;
        ok = ok && line.len == 0;
    } else {
        ok = ok && lac_http_chunk_size(line, &chunks->left);
        chunks->at = chunks->left > 0 ? LAC_CHUNK_DATA : LAC_CHUNK_TRAILERS;
    }
    chunks->line.len = 0;
    return ok;
}

static void take_data(struct lac_http_chunks *chunks, struct lac_str *bytes, struct lac_buf *out) {
    size_t len = bytes->len < chunks->left ? bytes->len : chunks->left;
    lac_buf_add(out, (struct lac_str){bytes->data, len});
    bytes->data += len;
    bytes->len -= len;
    chunks->left -= len;
    chunks->at = chunks->left > 0 ? LAC_CHUNK_DATA : LAC_CHUNK_END;
}

/* Lines up to an empty one, which is not kept. */
static bool take_trailers(struct lac_http_chunks *chunks, struct lac_str *bytes) {
    bool ended = gather_line(bytes, &chunks->line);
    struct lac_str line = lac_buf_view(&chunks->line);
    if (ended) {
        chunks->whole = line.len <= 2 && (line.len == 1 || line.data[0] == '\r');
        lac_buf_add(&chunks->trailers, chunks->whole ? LAC_STR("") : line);
        chunks->line.len = 0;
    }
    return chunks->trailers.len + chunks->line.len <= LAC_HTTP_HEAD_MAX && !chunks->trailers.failed;
}

bool lac_http_chunks_take(struct lac_http_chunks *chunks, struct lac_str *bytes,
                          struct lac_buf *out) {
    bool ok = true;
    while (ok && bytes->len > 0 && !chunks->whole) {
        if (chunks->at == LAC_CHUNK_DATA) {
            take_data(chunks, bytes, out);
        } else if (chunks->at == LAC_CHUNK_TRAILERS) {
            ok = take_trailers(chunks, bytes);
        } else if (gather_line(bytes, &chunks->line)) {
            ok = read_line(chunks);
        } else {
            ok = chunks->line.len <= MAX_SIZE_LINE;
        }
    }
    return ok && !chunks->line.failed && !out->failed;
}

void lac_http_chunks_free(struct lac_http_chunks *chunks) {
    lac_buf_free(&chunks->line);
    lac_buf_free(&chunks->trailers);
    *chunks = (struct lac_http_chunks){0};
}
