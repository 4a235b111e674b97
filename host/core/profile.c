#include "core/profile.h"

#include <string.h>

struct reader {
    const struct lac_profile_visitor *visitor;
    struct lac_error *err;
    enum lac_profile_kind kind;
    size_t line;
    bool in_section, skipped;
    struct lac_buf key, value; /* the last key, whose value may go on */
    bool has_key, is_block;
    size_t indent; /* of the last key: what stands deeper belongs to it */
};

static bool fail(const struct reader *in, const char *problem) {
    return lac_fail(in->err, LAC_ERR_INPUT, "line %zu: %s", in->line, problem);
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_comment(char c) {
    return c == '#' || c == ';';
}

static struct lac_str trim(struct lac_str text) {
    while (text.len > 0 && is_space(text.data[text.len - 1])) {
        text.len--;
    }
    while (text.len > 0 && is_space(*text.data)) {
        text = (struct lac_str){text.data + 1, text.len - 1};
    }
    return text;
}

/* Cuts a comment that white space sets apart. */
static struct lac_str without_comment(struct lac_str text) {
    for (size_t i = 1; i < text.len; i++) {
        if (is_comment(text.data[i]) && is_space(text.data[i - 1])) {
            return trim((struct lac_str){text.data, i});
        }
    }
    return text;
}

static bool is_equal(struct lac_str a, const char *b) {
    return a.len == strlen(b) && memcmp(a.data, b, a.len) == 0;
}

static void set_lower(struct lac_buf *out, struct lac_str text) {
    lac_buf_cut(out, 0);
    char *lower = lac_buf_grow(out, text.len, 1);
    for (size_t i = 0; lower != NULL && i < text.len; i++) {
        char c = text.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
}

static bool out_of_memory(const struct reader *in) {
    return lac_fail(in->err, LAC_ERR_MEMORY, "out of memory while reading a profile");
}

static bool tell_key(const struct reader *in, struct lac_str block, struct lac_str key,
                     struct lac_str value) {
    return in->skipped || in->visitor->key(in->visitor->context, block, key, value) ||
           out_of_memory(in);
}

/* Tells the last key, now that its value is whole. */
static bool flush(struct reader *in) {
    if (!in->has_key) {
        return true;
    }
    in->has_key = false;
    if (in->key.failed || in->value.failed) {
        return out_of_memory(in);
    }
    return in->is_block ||
           tell_key(in, LAC_STR(""), lac_buf_view(&in->key), lac_buf_view(&in->value));
}

/* The name behind the section's first word; quotes around it are not part of it. */
static struct lac_str name_behind(struct lac_str header, size_t word) {
    struct lac_str name = trim((struct lac_str){header.data + word, header.len - word});
    bool quoted = name.len >= 2 && (*name.data == '"' || *name.data == '\'') &&
                  name.data[name.len - 1] == *name.data;
    return quoted ? (struct lac_str){name.data + 1, name.len - 2} : name;
}

static bool begins_with_word(struct lac_str header, const char *word) {
    size_t len = strlen(word);
    return header.len > len && memcmp(header.data, word, len) == 0 && is_space(header.data[len]);
}

static bool tell_section(struct reader *in, struct lac_str header) {
    static const struct {
        const char *word;
        enum lac_profile_section kind;
    } kinds[] = {{"profile", LAC_PROFILE_NAMED},
                 {"sso-session", LAC_PROFILE_SSO_SESSION},
                 {"services", LAC_PROFILE_SERVICES}};
    bool bare = in->kind == LAC_PROFILE_CREDENTIALS || is_equal(header, "default");
    enum lac_profile_section kind = LAC_PROFILE_NAMED;
    struct lac_str name = {header.data, bare ? header.len : 0};
    for (size_t i = 0; !bare && i < sizeof kinds / sizeof *kinds; i++) {
        if (begins_with_word(header, kinds[i].word)) {
            name = name_behind(header, strlen(kinds[i].word));
            kind = kinds[i].kind;
        }
    }
    in->in_section = true;
    in->skipped = name.len == 0;
    return in->skipped || in->visitor->section(in->visitor->context, kind, name) ||
           out_of_memory(in);
}

static bool read_section(struct reader *in, struct lac_str line) {
    const char *close = memchr(line.data, ']', line.len);
    if (close == NULL) {
        return fail(in, "a section's name has no closing bracket");
    }
    struct lac_str rest = {close + 1, line.len - (size_t)(close + 1 - line.data)};
    rest = trim(rest);
    if (rest.len > 0 && !is_comment(*rest.data)) {
        return fail(in, "something follows a section's name");
    }
    return tell_section(in, trim((struct lac_str){line.data + 1, (size_t)(close - line.data) - 1}));
}

static bool split(const struct reader *in, struct lac_str line, struct lac_str *key,
                  struct lac_str *value) {
    const char *equals = memchr(line.data, '=', line.len);
    if (equals == NULL) {
        return fail(in, "neither a section, nor a key with its value, nor a comment");
    }
    size_t len = (size_t)(equals - line.data);
    *key = trim((struct lac_str){line.data, len});
    *value = (struct lac_str){equals + 1, line.len - len - 1};
    *value = trim(without_comment(*value));
    return key->len > 0 || fail(in, "a value has no key");
}

static bool read_key(struct reader *in, struct lac_str line, size_t indent) {
    struct lac_str key, value;
    if (!in->in_section) {
        return fail(in, "a key stands before any section");
    }
    if (!split(in, line, &key, &value)) {
        return false;
    }
    set_lower(&in->key, key);
    lac_buf_cut(&in->value, 0);
    lac_buf_add(&in->value, value);
    in->has_key = true;
    in->is_block = false;
    in->indent = indent;
    return true;
}

/* A line that stands deeper than the last key: a key of its block, or more of its value. */
static bool read_deeper(struct reader *in, struct lac_str line) {
    if (in->value.len > 0) {
        lac_buf_adds(&in->value, LAC_STR("\n"), line);
        return true;
    }
    struct lac_str key, value;
    if (!split(in, line, &key, &value)) {
        return false;
    }
    in->is_block = true;
    struct lac_buf lower = {0};
    set_lower(&lower, key);
    bool ok = (!lower.failed && !in->key.failed) || out_of_memory(in);
    ok = ok && tell_key(in, lac_buf_view(&in->key), lac_buf_view(&lower), value);
    lac_buf_free(&lower);
    return ok;
}

static bool read_line(struct reader *in, struct lac_str line) {
    size_t indent = 0;
    while (indent < line.len && is_space(line.data[indent])) {
        indent++;
    }
    struct lac_str content = trim(line);
    if (memchr(line.data, '\0', line.len) != NULL) {
        return fail(in, "a NUL");
    }
    if (content.len == 0 || is_comment(*content.data)) {
        return true;
    }
    if (in->has_key && indent > in->indent) {
        return read_deeper(in, content);
    }
    if (!flush(in)) {
        return false;
    }
    return *content.data == '[' ? read_section(in, content) : read_key(in, content, indent);
}

static struct lac_str without_mark(struct lac_str text) {
    bool marked = text.len >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;
    return marked ? (struct lac_str){text.data + 3, text.len - 3} : text;
}

bool lac_profile_parse(struct lac_str text, enum lac_profile_kind kind,
                       const struct lac_profile_visitor *visitor, struct lac_error *err) {
    if (text.len > LAC_PROFILE_MAX_BYTES) {
        return lac_fail(err, LAC_ERR_LIMIT, "a profile file of %zu bytes is longer than %zu",
                        text.len, LAC_PROFILE_MAX_BYTES);
    }
    struct reader in = {.visitor = visitor, .err = err, .kind = kind};
    struct lac_str rest = without_mark(text);
    bool ok = true;
    while (ok && rest.len > 0) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
        in.line++;
        ok = read_line(&in, (struct lac_str){rest.data, len});
        size_t taken = end == NULL ? len : len + 1;
        rest = (struct lac_str){rest.data + taken, rest.len - taken};
    }
    ok = ok && flush(&in);
    lac_buf_free_secret(&in.key);
    lac_buf_free_secret(&in.value);
    return ok;
}
