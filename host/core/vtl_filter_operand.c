/* vtl_filter_operand.c — what a filter compares: what paths find, and what stands there itself. */
#include <string.h>

#include "core/vtl_filter.h"

/* The path that begins here goes on to what cannot be part of it, outside of brackets. */
static struct lac_str read_path(struct lac_vtl_filter *filter) {
    size_t begin = filter->at, open = 0;
    char quote = '\0';
    for (; filter->at < filter->text.len; filter->at++) {
        char c = lac_vtl_filter_peek(filter);
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (open > 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == '[' || c == '(') {
            open++;
        } else if (open > 0 && (c == ']' || c == ')')) {
            open--;
        } else if (open == 0 && strchr(" )=!<>&|,]", c) != NULL) {
            break;
        }
    }
    return (struct lac_str){filter->text.data + begin, filter->at - begin};
}

static bool read_quoted(struct lac_vtl_filter *filter, struct lac_str *out) {
    char quote = lac_vtl_filter_peek(filter);
    size_t begin = ++filter->at;
    while (filter->at < filter->text.len && lac_vtl_filter_peek(filter) != quote) {
        filter->at += lac_vtl_filter_peek(filter) == '\\' ? 2 : 1;
    }
    if (filter->at >= filter->text.len) {
        return false;
    }
    *out = (struct lac_str){filter->text.data + begin, filter->at - begin};
    filter->at++;
    return true;
}

/* Reads /pattern/flags; flags stand before the pattern as Java has them: (?i). */
static bool read_regex(struct lac_vtl_filter *filter, struct lac_vtl_operand *out) {
    struct lac_str pattern;
    if (!read_quoted(filter, &pattern)) {
        return lac_vtl_filter_invalid(filter);
    }
    struct lac_buf whole = {0};
    if (lac_vtl_filter_peek(filter) == 'i') {
        filter->at++;
        lac_buf_add(&whole, LAC_STR("(?i)"));
    }
    lac_buf_add(&whole, pattern);
    struct lac_str copy = lac_arena_copy(filter->machine->arena, lac_buf_view(&whole));
    lac_buf_free(&whole);
    out->kind = LAC_VTL_OPERAND_REGEX;
    out->value = lac_vtl_string(copy);
    return copy.data != NULL || lac_vtl_no_room(filter->machine);
}

/* Reads a number, true, false, null, or a list of such: JSON, but that ' may quote. */
static bool read_json(struct lac_vtl_filter *filter, struct lac_vtl_operand *out) {
    size_t begin = filter->at;
    bool is_list = lac_vtl_filter_peek(filter) == '[';
    char c;
    while ((c = lac_vtl_filter_peek(filter)) != '\0' &&
           (is_list || strchr(" )=!<>&|,", c) == NULL)) {
        filter->at++;
        if (is_list && c == ']') {
            break;
        }
    }
    struct lac_str text = {filter->text.data + begin, filter->at - begin};
    struct lac_error err;
    text = lac_arena_copy(filter->machine->arena, text);
    if (text.data == NULL) {
        return lac_vtl_no_room(filter->machine);
    }
    for (size_t i = 0; i < text.len; i++) {
        ((char *)text.data)[i] = text.data[i] == '\'' ? '"' : text.data[i];
    }
    if (!lac_vtl_from_json(filter->machine->arena, text, &out->value, &err)) {
        return lac_vtl_filter_invalid(filter);
    }
    return true;
}

bool lac_vtl_filter_read_operand(struct lac_vtl_filter *filter, struct lac_vtl_operand *out) {
    *out = (struct lac_vtl_operand){.kind = LAC_VTL_OPERAND_VALUE};
    struct lac_str text;
    bool found;
    lac_vtl_filter_skip_blanks(filter);
    switch (lac_vtl_filter_peek(filter)) {
    case '@':
    case '$':
        out->is_path = true;
        if (!lac_vtl_find(filter->machine, filter->root, filter->item, read_path(filter), &found,
                          &out->value)) {
            return false;
        }
        out->kind = found ? LAC_VTL_OPERAND_VALUE : LAC_VTL_OPERAND_MISSING;
        return true;
    case '\'':
    case '"':
        if (!read_quoted(filter, &text)) {
            return lac_vtl_filter_invalid(filter);
        }
        out->value = lac_vtl_string(text);
        return true;
    case '/':
        return read_regex(filter, out);
    default:
        return read_json(filter, out);
    }
}
