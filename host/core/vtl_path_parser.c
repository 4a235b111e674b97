/* vtl_path_parser.c — takes a JSONPath apart. */
#include <string.h>

#include "core/vtl_path.h"

struct scan {
    struct lac_str text;
    size_t at;
};

static char peek(const struct scan *scan, size_t ahead) {
    return scan->at + ahead < scan->text.len ? scan->text.data[scan->at + ahead] : '\0';
}

struct lac_str lac_vtl_path_trim(struct lac_str text) {
    while (text.len > 0 && text.data[text.len - 1] == ' ') {
        text.len--;
    }
    while (text.len > 0 && text.data[0] == ' ') {
        text = (struct lac_str){text.data + 1, text.len - 1};
    }
    return text;
}

/* Moves to the ] that ends a bracket, past strings and brackets in it. */
static bool skip_bracket(struct scan *scan) {
    size_t open = 1;
    char quote = '\0';
    for (; scan->at < scan->text.len; scan->at++) {
        char c = peek(scan, 0);
        if (quote != '\0') {
            scan->at += c == '\\';
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '[' || c == ']') {
            open += c == '[' ? 1 : (size_t)-1;
        }
        if (open == 0) {
            return true;
        }
    }
    return false;
}

static bool is_index_character(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == ',' || c == ' ' || c == ':';
}

/* What kind of step the text in brackets is; false when it is none. */
static bool classify(struct lac_vtl_step *step) {
    struct lac_str text = step->text;
    if (text.len == 0) {
        return false;
    }
    if (text.data[0] == '\'' || text.data[0] == '"') {
        step->kind = LAC_VTL_STEP_NAMES;
        step->is_quoted = true;
        return true;
    }
    if (text.data[0] == '*') {
        step->kind = LAC_VTL_STEP_ALL;
        return text.len == 1;
    }
    if (text.data[0] == '?') {
        struct lac_str rest = lac_vtl_path_trim((struct lac_str){text.data + 1, text.len - 1});
        bool bracketed = rest.len > 2 && rest.data[0] == '(' && rest.data[rest.len - 1] == ')';
        step->kind = LAC_VTL_STEP_FILTER;
        step->text = (struct lac_str){rest.data + 1, bracketed ? rest.len - 2 : 0};
        return bracketed;
    }
    step->kind = LAC_VTL_STEP_INDEXES;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_index_character(text.data[i])) {
            return false;
        }
        step->kind = text.data[i] == ':' ? LAC_VTL_STEP_SLICE : step->kind;
    }
    return true;
}

static bool read_bracket(struct scan *scan, struct lac_vtl_step *step) {
    size_t begin = ++scan->at;
    if (!skip_bracket(scan)) {
        return false;
    }
    step->text = lac_vtl_path_trim((struct lac_str){scan->text.data + begin, scan->at - begin});
    scan->at++;
    return classify(step);
}

/* Reads a name behind a dot; name() is a function. */
static bool read_name(struct scan *scan, struct lac_vtl_step *step) {
    size_t begin = scan->at;
    char c;
    while ((c = peek(scan, 0)) != '\0' && c != '.' && c != '[' && c != '(' && c != ' ') {
        scan->at++;
    }
    step->text = (struct lac_str){scan->text.data + begin, scan->at - begin};
    step->kind =
        step->text.len == 1 && *step->text.data == '*' ? LAC_VTL_STEP_ALL : LAC_VTL_STEP_NAMES;
    if (c == '(') {
        step->kind = LAC_VTL_STEP_FUNCTION;
        scan->at += 2;
        return peek(scan, (size_t)-1) == ')' && scan->at == scan->text.len;
    }
    return step->text.len > 0 && c != ' ';
}

static bool read_step(struct scan *scan, struct lac_vtl_step *step) {
    *step = (struct lac_vtl_step){0};
    if (peek(scan, 0) == '[') {
        return read_bracket(scan, step);
    }
    if (peek(scan, 0) != '.') {
        return false;
    }
    scan->at++;
    step->is_deep = peek(scan, 0) == '.';
    scan->at += step->is_deep;
    return peek(scan, 0) == '[' ? read_bracket(scan, step) : read_name(scan, step);
}

bool lac_vtl_step_has_comma(const struct lac_vtl_step *step) {
    return memchr(step->text.data, ',', step->text.len) != NULL;
}

bool lac_vtl_step_is_definite(const struct lac_vtl_step *step, bool is_last) {
    bool is_several =
        (step->kind == LAC_VTL_STEP_INDEXES || step->is_quoted) && lac_vtl_step_has_comma(step);
    return !step->is_deep && (!is_several || (step->is_quoted && is_last)) &&
           (step->kind == LAC_VTL_STEP_NAMES || step->kind == LAC_VTL_STEP_INDEXES ||
            step->kind == LAC_VTL_STEP_FUNCTION);
}

bool lac_vtl_path_parse(struct lac_str text, struct lac_vtl_jsonpath *path) {
    struct scan scan = {.text = text};
    path->count = 0;
    path->is_definite = true;
    while (scan.at < text.len) {
        if (path->count == LAC_VTL_PATH_STEPS_MOST ||
            !read_step(&scan, &path->steps[path->count])) {
            return false;
        }
        const struct lac_vtl_step *step = &path->steps[path->count++];
        path->is_definite =
            path->is_definite && lac_vtl_step_is_definite(step, scan.at == text.len);
    }
    return true;
}
