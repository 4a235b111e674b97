#include "core/regex.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/late.h"
#include "core/regex_units.h"

#define STEPS_MOST 2000000
#define DEPTH_MOST 250000
#define HEAP_KIBIBYTES_MOST 65536

#define FUNCTIONS(X)                                                                               \
    X(code_free)                                                                                   \
    X(compile)                                                                                     \
    X(get_error_message)                                                                           \
    X(get_ovector_pointer)                                                                         \
    X(match)                                                                                       \
    X(match_context_create)                                                                        \
    X(match_data_create_from_pattern)                                                              \
    X(match_data_free)                                                                             \
    X(pattern_info)                                                                                \
    X(set_depth_limit)                                                                             \
    X(set_heap_limit)                                                                              \
    X(set_match_limit)                                                                             \
    X(substring_number_from_name)

#define FIELD(name) __typeof__(&pcre2_##name##_8) name;
static struct { FUNCTIONS(FIELD) } pcre2;
static pcre2_match_context *limits; /* the same for all; lives as long as the library */

static bool out_of_memory(struct lac_error *err) {
    return lac_fail(err, LAC_ERR_MEMORY, "out of memory for a regular expression");
}

static bool open_pcre2(struct lac_error *err) {
#define ROW(name) {"pcre2_" #name "_8", &pcre2.name},
    static const struct lac_late_symbol symbols[] = {FUNCTIONS(ROW)};
    if (limits != NULL) {
        return true;
    }
    if (!lac_late_open("libpcre2-8.so.0", symbols, sizeof symbols / sizeof *symbols, err)) {
        return false;
    }
    limits = pcre2.match_context_create(NULL);
    if (limits == NULL) {
        return out_of_memory(err);
    }
    pcre2.set_match_limit(limits, STEPS_MOST);
    pcre2.set_depth_limit(limits, DEPTH_MOST);
    pcre2.set_heap_limit(limits, HEAP_KIBIBYTES_MOST);
    return true;
}

/* What Java reads in another way than PCRE2, or not at all. NULL when there is nothing of it. */
static const char *find_foreign(struct lac_str pattern, size_t *at) {
    bool in_class = false;
    for (size_t i = 0; i < pattern.len; i++) {
        const char *here = pattern.data + i;
        char c = *here, next = i + 1 < pattern.len ? here[1] : '\0';
        *at = i;
        if (c == '\\' && next == 'Q') {
            while (i + 1 < pattern.len && memcmp(pattern.data + i, "\\E", 2) != 0) {
                i++;
            }
            i++;
        } else if (c == '\\') {
            i++;
        } else if (in_class && c == '[' && next != ':') {
            return "a class inside a class is not supported";
        } else if (in_class && c == '[') { /* [:alpha:] */
            while (i + 1 < pattern.len && memcmp(pattern.data + i, ":]", 2) != 0) {
                i++;
            }
            i++;
        } else if (in_class && c == '&' && next == '&') {
            return "the intersection of classes is not supported";
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            i += next == '^';
            i += i + 1 < pattern.len && pattern.data[i + 1] == ']';
        } else if (c == '(' && next == '*') {
            return "a quantifier has nothing before it";
        }
    }
    return NULL;
}

static bool fail_at(struct lac_error *err, size_t at, const char *problem) {
    return lac_fail(err, LAC_ERR_INPUT, "regular expression, byte %zu: %s", at + 1, problem);
}

static bool fail_by_code(struct lac_error *err, int code, const size_t *at) {
    char message[160];
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED) {
        return out_of_memory(err);
    }
    if (pcre2.get_error_message(code, (PCRE2_UCHAR *)message, sizeof message) < 0) {
        message[sizeof message - 1] = '\0';
    }
    return at != NULL ? fail_at(err, *at, message)
                      : lac_fail(err, LAC_ERR_INPUT, "regular expression: %s", message);
}

static bool set_up(struct lac_regex *regex, struct lac_error *err) {
    uint32_t groups = 0;
    pcre2.pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    regex->groups = groups;
    regex->match = pcre2.match_data_create_from_pattern(regex->code, NULL);
    return regex->match != NULL || out_of_memory(err);
}

/* PCRE2 gets the pattern in its own spelling, and where it fails is told in the author's. */
static bool compile(struct lac_str pattern, struct lac_regex *out, struct lac_error *err) {
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    struct lac_buf respelt = {0};
    struct lac_str text = pattern;
    int code = 0;
    size_t at = 0;
    if (lac_regex_says_units(pattern)) {
        lac_regex_respell(pattern, &respelt, SIZE_MAX);
        text = lac_buf_view(&respelt);
    }
    if (!respelt.failed) {
        out->code = pcre2.compile((PCRE2_SPTR)text.data, text.len, options, &code, &at, NULL);
    }
    bool failed = respelt.failed;
    if (text.data != pattern.data && out->code == NULL) {
        lac_buf_cut(&respelt, 0);
        at = lac_regex_respell(pattern, &respelt, at);
    }
    lac_buf_free(&respelt);
    return out->code != NULL || (failed ? out_of_memory(err) : fail_by_code(err, code, &at));
}

bool lac_regex_compile(struct lac_str pattern, struct lac_regex *out, struct lac_error *err) {
    *out = (struct lac_regex){0};
    if (pattern.len > LAC_REGEX_MAX_PATTERN) {
        return lac_fail(err, LAC_ERR_LIMIT,
                        "a regular expression of %zu bytes is longer than the allowed %zu",
                        pattern.len, LAC_REGEX_MAX_PATTERN);
    }
    size_t at = 0;
    const char *foreign = find_foreign(pattern, &at);
    if (foreign != NULL) {
        return fail_at(err, at, foreign);
    }
    if (!open_pcre2(err)) {
        return false;
    }
    if (!compile(pattern, out, err)) {
        return false;
    }
    if (!set_up(out, err)) {
        lac_regex_free(out);
        return false;
    }
    return true;
}

void lac_regex_free(struct lac_regex *regex) {
    if (regex->code != NULL) {
        pcre2.match_data_free(regex->match);
        pcre2.code_free(regex->code);
    }
    *regex = (struct lac_regex){0};
}

static bool match(struct lac_regex *regex, struct lac_str text, size_t from, uint32_t options,
                  bool *found, struct lac_error *err) {
    int code = pcre2.match(regex->code, (PCRE2_SPTR)text.data, text.len, from, options,
                           regex->match, limits);
    *found = code > 0;
    if (code > 0 || code == PCRE2_ERROR_NOMATCH) {
        return true;
    }
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT ||
        code == PCRE2_ERROR_HEAPLIMIT) {
        return lac_fail(
            err, LAC_ERR_LIMIT,
            "a regular expression takes more steps than allowed for a text of %zu bytes", text.len);
    }
    return fail_by_code(err, code, NULL);
}

bool lac_regex_matches(struct lac_regex *regex, struct lac_str text, bool *matched,
                       struct lac_error *err) {
    return match(regex, text, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED, matched, err);
}

bool lac_regex_find(struct lac_regex *regex, struct lac_str text, size_t from, bool *found,
                    struct lac_error *err) {
    *found = false;
    return from > text.len || match(regex, text, from, 0, found, err);
}

bool lac_regex_group(const struct lac_regex *regex, size_t group, size_t *first, size_t *end) {
    const PCRE2_SIZE *spans = pcre2.get_ovector_pointer(regex->match);
    *first = spans[2 * group];
    *end = spans[2 * group + 1];
    return *first != PCRE2_UNSET && *first <= *end; /* \K in a lookahead could turn them round */
}

static void add_group(const struct lac_regex *regex, struct lac_str text, size_t group,
                      struct lac_buf *out) {
    size_t first, end;
    if (lac_regex_group(regex, group, &first, &end)) {
        lac_buf_add(out, (struct lac_str){text.data + first, end - first});
    }
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads ${name}, whose brace is at `*at`; leaves `*at` behind it. */
static bool read_name(const struct lac_regex *regex, struct lac_str from, size_t *at, size_t *group,
                      struct lac_error *err) {
    char name[33];
    const char *begin = from.data + *at + 1;
    const char *close = memchr(begin, '}', from.len - *at - 1);
    size_t len = close == NULL ? 0 : (size_t)(close - begin);
    if (len == 0 || len >= sizeof name || memchr(begin, '\0', len) != NULL) {
        return lac_fail(err, LAC_ERR_INPUT, "replacement: ${ without a group's name and }");
    }
    memcpy(name, begin, len);
    name[len] = '\0';
    int number = pcre2.substring_number_from_name(regex->code, (PCRE2_SPTR)name);
    if (number <= 0) {
        return lac_fail(err, LAC_ERR_INPUT, "replacement: there is no group {%s}", name);
    }
    *group = (size_t)number;
    *at += len + 2;
    return true;
}

/* Reads the group behind a $. As many digits as still name a group belong to it. */
static bool read_group(const struct lac_regex *regex, struct lac_str from, size_t *at,
                       size_t *group, struct lac_error *err) {
    if (*at < from.len && from.data[*at] == '{') {
        return read_name(regex, from, at, group, err);
    }
    if (*at >= from.len || !is_digit(from.data[*at])) {
        return lac_fail(err, LAC_ERR_INPUT, "replacement: no group follows a $");
    }
    size_t number = (size_t)(from.data[(*at)++] - '0');
    if (number > regex->groups) {
        return lac_fail(err, LAC_ERR_INPUT, "replacement: there is no group %zu", number);
    }
    while (*at < from.len && is_digit(from.data[*at])) {
        size_t longer = number * 10 + (size_t)(from.data[*at] - '0');
        if (longer > regex->groups) {
            break;
        }
        number = longer;
        (*at)++;
    }
    *group = number;
    return true;
}

static bool add_replacement(const struct lac_regex *regex, const struct lac_regex_replacement *work,
                            struct lac_buf *out, struct lac_error *err) {
    struct lac_str from = work->replacement;
    size_t at = 0, group = 0;
    while (at < from.len) {
        size_t plain = at;
        while (at < from.len && from.data[at] != '\\' && from.data[at] != '$') {
            at++;
        }
        lac_buf_add(out, (struct lac_str){from.data + plain, at - plain});
        if (at == from.len) {
            break;
        }
        if (from.data[at++] == '$') {
            if (!read_group(regex, from, &at, &group, err)) {
                return false;
            }
            add_group(regex, work->text, group, out);
        } else if (at == from.len) {
            return lac_fail(err, LAC_ERR_INPUT, "replacement: nothing follows a \\");
        } else {
            lac_buf_add(out, (struct lac_str){from.data + at++, 1});
        }
    }
    return true;
}

/* The first byte of the character behind the one at `at`. */
static size_t next_character(struct lac_str text, size_t at) {
    at++;
    while (at < text.len && ((unsigned char)text.data[at] & 0xC0) == 0x80) {
        at++;
    }
    return at;
}

bool lac_regex_replace(struct lac_regex *regex, const struct lac_regex_replacement *work,
                       struct lac_buf *out, struct lac_error *err) {
    struct lac_str text = work->text;
    size_t copied = 0, from = 0, begun = out->len;
    bool found = true;
    while (found && from <= text.len) {
        if (!match(regex, text, from, 0, &found, err)) {
            return false;
        }
        size_t first, end;
        if (!found || !lac_regex_group(regex, 0, &first, &end) || first < copied) {
            break;
        }
        lac_buf_add(out, (struct lac_str){text.data + copied, first - copied});
        if (!add_replacement(regex, work, out, err)) {
            return false;
        }
        if (work->most != 0 && out->len - begun > work->most) {
            return lac_fail(err, LAC_ERR_LIMIT, "a replacement makes more than %zu bytes",
                            work->most);
        }
        copied = end;
        from = end > first ? end : next_character(text, end);
        found = !work->first_only;
    }
    lac_buf_add(out, (struct lac_str){text.data + copied, text.len - copied});
    return !out->failed || out_of_memory(err);
}
