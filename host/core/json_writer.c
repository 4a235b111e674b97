/* json_writer.c — events → text. */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "core/json_text.h"
#include "core/shortest.h"

/* One byte, without a call where there is room: most appends are punctuation. */
static inline void add_byte(struct lac_buf *out, char byte) {
    if (out->cap - out->len < 2) {
        lac_buf_add(out, (struct lac_str){&byte, 1});
        return;
    }
    out->data[out->len++] = byte;
    out->data[out->len] = '\0';
}

static void new_line(struct lac_json_writer *writer) {
    static const char spaces[] = "                                ";
    if (writer->indent <= 0) {
        return;
    }
    lac_buf_add(writer->out, LAC_STR("\n"));
    size_t left = writer->depth * (size_t)writer->indent;
    while (left > 0) {
        size_t run = left < sizeof spaces - 1 ? left : sizeof spaces - 1;
        lac_buf_add(writer->out, (struct lac_str){spaces, run});
        left -= run;
    }
}

/* What stands between the last event and a value or name that begins now. */
static void separate(struct lac_json_writer *writer) {
    if (writer->after_name) {
        writer->after_name = false;
        return;
    }
    if (writer->has_items) {
        add_byte(writer->out, ',');
    }
    if (writer->depth > 0) {
        new_line(writer);
    }
}

static void open_level(struct lac_json_writer *writer, char bracket) {
    separate(writer);
    add_byte(writer->out, bracket);
    writer->depth++;
    writer->has_items = false;
}

static void close_level(struct lac_json_writer *writer, char bracket) {
    writer->depth--;
    if (writer->has_items) {
        new_line(writer);
    }
    add_byte(writer->out, bracket);
    writer->has_items = true;
}

static void add_escaped(struct lac_buf *out, char byte) {
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = memchr(plain, byte, sizeof plain - 1);
    char escape[] = {'\\', found == NULL ? 'u' : letters[found - plain]};
    lac_buf_add(out, (struct lac_str){escape, sizeof escape});
    if (found == NULL) {
        const char *digits = "0123456789abcdef";
        char code[] = {'0', '0', digits[byte >> 4 & 0xF], digits[byte & 0xF]};
        lac_buf_add(out, (struct lac_str){code, sizeof code});
    }
}

/* Copies the plain beginning of a string to where there is room for all of it; returns its end.
 * Eight bytes at a time, the last of which may be copied twice. */
static const char *copy_plain(const char *at, const char *end, char *to) {
    size_t len = (size_t)(end - at);
    while (end - at >= 8 && lac_json_plain_of_eight(at) == 8) {
        memcpy(to, at, 8);
        at += 8;
        to += 8;
    }
    if (at < end && end - at < 8 && len >= 8 && lac_json_plain_of_eight(end - 8) == 8) {
        memcpy(to - (8 - (end - at)), end - 8, 8);
        return end;
    }
    for (; at < end && lac_json_is_plain(*at); at++) {
        *to++ = *at;
    }
    return at;
}

/* From the first byte that is not plain: what is, in runs, and the others as escapes. */
static bool add_escaping(struct lac_buf *out, struct lac_str text, const char *at,
                         struct lac_error *err) {
    const char *end = text.data + text.len, *run = at;
    for (; at < end; at = lac_json_skip_plain(at, end)) {
        if ((unsigned char)*at >= 0x80) {
            int len = lac_utf8_length(at, end);
            if (len == 0) {
                return lac_fail(err, LAC_ERR_INPUT, "a string that is not UTF-8 (at byte %zu)",
                                (size_t)(at - text.data) + 1);
            }
            at += len;
            continue;
        }
        lac_buf_add(out, (struct lac_str){run, (size_t)(at - run)});
        add_escaped(out, *at);
        run = ++at;
    }
    lac_buf_add(out, (struct lac_str){run, (size_t)(end - run)});
    add_byte(out, '"');
    return true;
}

bool lac_json_add_string(struct lac_buf *out, struct lac_str text, struct lac_error *err) {
    size_t before = out->len;
    char *space = lac_buf_grow(out, text.len + 2, 1);
    if (space == NULL) {
        return true; /* out->failed tells */
    }
    const char *end = text.data + text.len, *at = copy_plain(text.data, end, space + 1);
    space[0] = '"';
    if (at == end) {
        space[text.len + 1] = '"';
        return true;
    }
    lac_buf_cut(out, before + 1 + (size_t)(at - text.data));
    return add_escaping(out, text, at, err);
}

void lac_json_add_integer(struct lac_buf *out, int64_t value) {
    if (value < 0) {
        add_byte(out, '-');
    }
    lac_buf_add_unsigned(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

bool lac_json_add_float(struct lac_buf *out, double value, struct lac_error *err) {
    if (!isfinite(value)) {
        return lac_fail(err, LAC_ERR_INPUT, "%s cannot be written as JSON",
                        isnan(value) ? "NaN" : "an infinity");
    }
    char text[LAC_SHORTEST_SIZE];
    lac_buf_add(out, (struct lac_str){text, lac_shortest(value, text)});
    return true;
}

static bool write_scalar(struct lac_json_writer *writer, const struct lac_json_event *event,
                         struct lac_error *err) {
    struct lac_buf *out = writer->out;
    separate(writer);
    writer->has_items = true;
    switch (event->kind) {
    case LAC_JSON_STRING:
        return lac_json_add_string(out, event->text, err);
    case LAC_JSON_INTEGER:
        lac_json_add_integer(out, event->integer);
        return true;
    case LAC_JSON_FLOAT:
        return lac_json_add_float(out, event->number, err);
    case LAC_JSON_BOOLEAN:
        lac_buf_add(out, event->boolean ? LAC_STR("true") : LAC_STR("false"));
        return true;
    default:
        lac_buf_add(out, LAC_STR("null"));
        return true;
    }
}

bool lac_json_write(struct lac_json_writer *writer, const struct lac_json_event *event,
                    struct lac_error *err) {
    switch (event->kind) {
    case LAC_JSON_END:
        return true;
    case LAC_JSON_OBJECT:
        open_level(writer, '{');
        return true;
    case LAC_JSON_ARRAY:
        open_level(writer, '[');
        return true;
    case LAC_JSON_OBJECT_END:
        close_level(writer, '}');
        return true;
    case LAC_JSON_ARRAY_END:
        close_level(writer, ']');
        return true;
    case LAC_JSON_NAME:
        separate(writer);
        if (!lac_json_add_string(writer->out, event->text, err)) {
            return false;
        }
        add_byte(writer->out, ':');
        if (writer->indent > 0) {
            add_byte(writer->out, ' ');
        }
        writer->after_name = true;
        return true;
    default:
        return write_scalar(writer, event, err);
    }
}

static bool is_plain_word(struct lac_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.data[i];
        bool alphanumeric = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                            (byte >= 'a' && byte <= 'z');
        if (!alphanumeric && byte != '_' && byte != '-' && byte != ':') {
            return false;
        }
    }
    return name.len > 0;
}

void lac_json_add_path_name(struct lac_buf *path, struct lac_str name) {
    if (is_plain_word(name)) {
        lac_buf_adds(path, path->len > 0 ? LAC_STR(".") : LAC_STR(""), name);
        return;
    }
    struct lac_error ignored;
    size_t before = path->len;
    lac_buf_add(path, LAC_STR("["));
    if (!lac_json_add_string(path, name, &ignored) && !path->failed) {
        path->len = before;
        lac_buf_add(path, LAC_STR("[\"?\""));
    }
    lac_buf_add(path, LAC_STR("]"));
}

void lac_json_add_path_index(struct lac_buf *path, int64_t index) {
    lac_buf_add(path, LAC_STR("["));
    lac_json_add_integer(path, index);
    lac_buf_add(path, LAC_STR("]"));
}
