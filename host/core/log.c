#include "core/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json_text.h"

/* Kept free for what ends a line that was cut. */
#define ENDING sizeof "\"\",\"truncated\":true}\n\033[0m"

#define PLAIN "\033[0m"
#define DIM "\033[2m"

struct lac_log_settings lac_log_settings = {.level = LAC_LOG_INFO};

const char *const lac_log_level_names[] = {"trace", "debug", "info", "warn",
                                           "error", "fatal", "off",  NULL};

static const struct {
    struct lac_str title, color;
} styles[] = {
    [LAC_LOG_TRACE] = {LAC_STR_INIT("TRACE "), LAC_STR_INIT(DIM)},
    [LAC_LOG_DEBUG] = {LAC_STR_INIT("DEBUG "), LAC_STR_INIT("\033[36m")},
    [LAC_LOG_INFO] = {LAC_STR_INIT("INFO  "), LAC_STR_INIT("\033[32m")},
    [LAC_LOG_WARN] = {LAC_STR_INIT("WARN  "), LAC_STR_INIT("\033[33m")},
    [LAC_LOG_ERROR] = {LAC_STR_INIT("ERROR "), LAC_STR_INIT("\033[31m")},
    [LAC_LOG_FATAL] = {LAC_STR_INIT("FATAL "), LAC_STR_INIT("\033[1;31m")},
};

/* Adds bytes of our own making: into the part that is kept free, when need be. */
static void add(struct lac_log_line *line, struct lac_str bytes) {
    if (bytes.len <= sizeof line->text - line->len) {
        memcpy(line->text + line->len, bytes.data, bytes.len);
        line->len += bytes.len;
    }
}

/* Whether `len` more bytes leave the ending free; when not, the line is cut for good. */
static bool has_room(struct lac_log_line *line, size_t len) {
    line->cut = line->cut || len > sizeof line->text - ENDING - line->len;
    return !line->cut;
}

static struct lac_str escape_of(unsigned char byte, bool json, char out[6]) {
    static const char digits[] = "0123456789abcdef";
    static const char short_forms[] = "\"\"\\\\\nn\rr\tt";
    for (const char *form = short_forms; *form != '\0'; form += 2) {
        if (byte == (unsigned char)*form) {
            memcpy(out, (const char[]){'\\', form[1]}, 2);
            return (struct lac_str){out, 2};
        }
    }
    memcpy(out, json ? "\\u00" : "\\x", json ? 4 : 2);
    size_t len = json ? 4 : 2;
    out[len++] = digits[byte >> 4];
    out[len++] = digits[byte & 15];
    return (struct lac_str){out, len};
}

/* The next character of `rest` as it is written. A byte that is no UTF-8 becomes U+FFFD in JSON and
 * \xNN in text; so do C1 controls (U+0080 to U+009F), which some terminals obey. */
static struct lac_str next_unit(struct lac_str *rest, bool quoted, bool json, char scratch[6]) {
    const char *at = rest->data;
    unsigned char byte = (unsigned char)*at;
    size_t len = byte < 0x80 ? 1 : (size_t)lac_utf8_length(at, at + rest->len);
    struct lac_str unit = {at, len};
    bool is_c1 = len == 2 && byte == 0xC2 && (unsigned char)at[1] < 0xA0;
    if (len == 0 && json) {
        unit = LAC_STR("\xEF\xBF\xBD");
    } else if (len == 0) {
        unit = escape_of(byte, false, scratch);
    } else if (is_c1) {
        unit = escape_of((unsigned char)at[1], json, scratch);
    } else if (byte < ' ' || byte == 0x7f || (quoted && (byte == '"' || byte == '\\'))) {
        unit = escape_of(byte, json, scratch);
    }
    size_t taken = len == 0 ? 1 : len;
    *rest = (struct lac_str){at + taken, rest->len - taken};
    return unit;
}

static void add_escaped(struct lac_log_line *line, struct lac_str text, bool quoted, bool json) {
    char scratch[6];
    while (text.len > 0) {
        struct lac_str unit = next_unit(&text, quoted, json, scratch);
        if (!has_room(line, unit.len)) {
            return;
        }
        add(line, unit);
    }
}

static void add_quoted(struct lac_log_line *line, struct lac_str text, bool json) {
    if (has_room(line, 2)) {
        add(line, LAC_STR("\""));
        add_escaped(line, text, true, json);
        add(line, LAC_STR("\""));
    }
}

static void add_json_name(struct lac_log_line *line, struct lac_str name) {
    static const struct lac_str ours[] = {LAC_STR_INIT("timestamp"), LAC_STR_INIT("level"),
                                          LAC_STR_INIT("message")};
    add(line, LAC_STR(",\""));
    add_escaped(line, name, true, true);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (name.len == ours[i].len && memcmp(name.data, ours[i].data, name.len) == 0) {
            add(line, LAC_STR("_")); /* no name twice in one object */
        }
    }
    add(line, LAC_STR("\":"));
}

static void add_json_field(struct lac_log_line *line, const struct lac_log_field *field) {
    size_t least = field->bare ? field->value.len : 2;
    if (field->name.len > sizeof line->text / 8 ||
        !has_room(line, 6 * field->name.len + sizeof ",\"_\":" + least)) {
        line->cut = true;
        return;
    }
    add_json_name(line, field->name);
    if (field->bare) {
        add(line, field->value);
    } else {
        add_quoted(line, field->value, true);
    }
}

static void format_json(double now, enum lac_log_level level, struct lac_str message,
                        const struct lac_log_field *fields, size_t count,
                        struct lac_log_line *out) {
    const char *name = lac_log_level_names[level];
    char time[LAC_ISO8601_SIZE];
    lac_clock_iso8601(now, true, time);
    add(out, LAC_STR("{\"timestamp\":\""));
    add(out, (struct lac_str){time, sizeof time - 1});
    add(out, LAC_STR("\",\"level\":\""));
    add(out, (struct lac_str){name, strlen(name)});
    add(out, LAC_STR("\",\"message\":"));
    add_quoted(out, message, true);
    for (size_t i = 0; i < count && !out->cut; i++) {
        add_json_field(out, &fields[i]);
    }
    add(out, out->cut ? LAC_STR(",\"truncated\":true}") : LAC_STR("}"));
}

/* Whether a value can stand beside others without quotes. */
static bool is_plain(struct lac_str value) {
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if (byte <= ' ' || byte == 0x7f || byte == '"' || byte == '=' || byte == '\\') {
            return false;
        }
    }
    return value.len > 0;
}

static void add_text_field(struct lac_log_line *line, const struct lac_log_field *field,
                           bool color) {
    size_t extra = sizeof(DIM "=" PLAIN);
    if (!has_room(line, field->name.len + extra)) {
        return;
    }
    add(line, color ? LAC_STR(DIM) : LAC_STR(""));
    add_escaped(line, field->name, false, false);
    add(line, LAC_STR("="));
    add(line, color ? LAC_STR(PLAIN) : LAC_STR(""));
    if (is_plain(field->value)) {
        add_escaped(line, field->value, false, false);
    } else {
        add_quoted(line, field->value, false);
    }
}

static void format_text(const struct lac_log_settings *settings, double now,
                        enum lac_log_level level, struct lac_str message,
                        const struct lac_log_field *fields, size_t count,
                        struct lac_log_line *out) {
    if (settings->timestamps) {
        char time[LAC_ISO8601_SIZE];
        lac_clock_iso8601(now, true, time);
        add(out, (struct lac_str){time, sizeof time - 1});
        add(out, LAC_STR(" "));
    }
    add(out, settings->color ? styles[level].color : LAC_STR(""));
    add(out, styles[level].title);
    add(out, settings->color ? LAC_STR(PLAIN) : LAC_STR(""));
    add_escaped(out, message, false, false);
    for (size_t i = 0; i < count && has_room(out, 2); i++) {
        add(out, i == 0 ? LAC_STR("  ") : LAC_STR(" "));
        add_text_field(out, &fields[i], settings->color);
    }
    add(out, out->cut ? LAC_STR(" [...]") : LAC_STR(""));
}

void lac_log_format(const struct lac_log_settings *settings, double now, enum lac_log_level level,
                    struct lac_str message, const struct lac_log_field *fields, size_t count,
                    struct lac_log_line *out) {
    out->len = 0;
    out->cut = false;
    if (settings->json) {
        format_json(now, level, message, fields, count, out);
    } else {
        format_text(settings, now, level, message, fields, count, out);
    }
    add(out, LAC_STR("\n"));
}

bool lac_log_enabled(enum lac_log_level level) {
    return level >= lac_log_settings.level && level < LAC_LOG_OFF;
}

void lac_log_write(enum lac_log_level level, struct lac_str message,
                   const struct lac_log_field *fields, size_t count) {
    if (!lac_log_enabled(level)) {
        return;
    }
    struct lac_log_line line;
    lac_log_format(&lac_log_settings, lac_clock_now(), level, message, fields, count, &line);
    struct lac_str rest = {line.text, line.len};
    while (rest.len > 0) {
        ssize_t count_written = write(STDERR_FILENO, rest.data, rest.len);
        if (count_written < 0 && errno != EINTR) {
            return; /* nobody listens: there is no one left to tell */
        }
        size_t written = count_written < 0 ? 0 : (size_t)count_written;
        rest = (struct lac_str){rest.data + written, rest.len - written};
    }
}
