/* json_writer.c — events → text. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/json_text.h"

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

/* Most strings have nothing to escape: one append, quotes and all. */
static bool add_plain_string(struct lac_buf *out, struct lac_str text) {
    const char *end = text.data + text.len;
    if (lac_json_skip_plain(text.data, end) < end) {
        return false;
    }
    char *space = lac_buf_grow(out, text.len + 2, 1);
    if (space != NULL) {
        space[0] = '"';
        memcpy(space + 1, text.data, text.len);
        space[text.len + 1] = '"';
    }
    return true;
}

static bool add_string(struct lac_buf *out, struct lac_str text, struct lac_error *err) {
    if (add_plain_string(out, text)) {
        return true;
    }
    const char *at = text.data, *end = text.data + text.len, *run = at;
    add_byte(out, '"');
    while ((at = lac_json_skip_plain(at, end)) < end) {
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
    lac_buf_adds(out, (struct lac_str){run, (size_t)(end - run)}, LAC_STR("\""));
    return true;
}

static void add_unsigned(struct lac_buf *out, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    lac_buf_add(out, (struct lac_str){digits + at, sizeof digits - at});
}

static void add_integer(struct lac_buf *out, int64_t value) {
    if (value < 0) {
        lac_buf_add(out, LAC_STR("-"));
    }
    add_unsigned(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Writes a number of at most 15 digits with at most 6 decimals, which is what most floats in
 * documents are. Any decimal of 15 digits is told apart by a double, so the first count of decimals
 * that gives the same double back is the shortest form. */
static bool add_short_decimal(struct lac_buf *out, double value) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    double magnitude = fabs(value);
    if (magnitude >= 1e9 || (magnitude < 1e-4 && magnitude > 0)) {
        return false;
    }
    for (int decimals = 1; decimals <= 6; decimals++) {
        double scaled = rint(magnitude * powers[decimals]);
        if (scaled / powers[decimals] == magnitude) {
            uint64_t digits = (uint64_t)scaled, unit = (uint64_t)powers[decimals];
            char fraction[] = "000000";
            for (int i = decimals - 1; i >= 0; i--, digits /= 10) {
                fraction[i] = (char)('0' + digits % 10);
            }
            lac_buf_add(out, signbit(value) ? LAC_STR("-") : LAC_STR(""));
            add_unsigned(out, (uint64_t)scaled / unit);
            lac_buf_adds(out, LAC_STR("."), (struct lac_str){fraction, (size_t)decimals});
            return true;
        }
    }
    return false;
}

static void add_float(struct lac_buf *out, double value) {
    if (add_short_decimal(out, value)) {
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (digits < 17 && strtod(text, NULL) == value) {
            break; /* 17 digits always read back as the same double */
        }
    }
    bool has_mark = false;
    size_t len = 0;
    for (; text[len] != '\0'; len++) {
        if (strchr("+-0123456789", text[len]) == NULL) {
            has_mark = true;
            text[len] = text[len] == 'e' ? 'e' : '.'; /* the locale may write a comma */
        }
    }
    lac_buf_adds(out, (struct lac_str){text, len}, has_mark ? LAC_STR("") : LAC_STR(".0"));
}

static bool write_scalar(struct lac_json_writer *writer, const struct lac_json_event *event,
                         struct lac_error *err) {
    struct lac_buf *out = writer->out;
    separate(writer);
    writer->has_items = true;
    switch (event->kind) {
    case LAC_JSON_STRING:
        return add_string(out, event->text, err);
    case LAC_JSON_INTEGER:
        add_integer(out, event->integer);
        return true;
    case LAC_JSON_FLOAT:
        if (!isfinite(event->number)) {
            return lac_fail(err, LAC_ERR_INPUT, "%s cannot be written as JSON",
                            isnan(event->number) ? "NaN" : "an infinity");
        }
        add_float(out, event->number);
        return true;
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
        if (!add_string(writer->out, event->text, err)) {
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
    if (!add_string(path, name, &ignored) && !path->failed) {
        path->len = before;
        lac_buf_add(path, LAC_STR("[\"?\""));
    }
    lac_buf_add(path, LAC_STR("]"));
}

void lac_json_add_path_index(struct lac_buf *path, int64_t index) {
    lac_buf_add(path, LAC_STR("["));
    add_integer(path, index);
    lac_buf_add(path, LAC_STR("]"));
}
