/* vtl_filter.c — decides what passes a filter of a JSONPath: [?(@.price < 10 && @.name)]. */
#include <stdlib.h>
#include <string.h>

#include "core/vtl_path.h"

/* A filter while it is read and decided about, in one go. */
struct filter {
    struct lac_vtl_machine *machine;
    const struct lac_vtl_value *root, *item;
    struct lac_str text;
    size_t at;
    bool valid;
};

struct operand {
    enum { OPERAND_VALUE, OPERAND_MISSING, OPERAND_REGEX } kind;
    bool is_path;
    struct lac_vtl_value value; /* a REGEX: its pattern */
};

static bool decide_or(struct filter *filter, bool *out);

static char peek(const struct filter *filter, size_t ahead) {
    size_t at = filter->at + ahead;
    return at < filter->text.len ? filter->text.data[at] : '\0';
}

static void skip_blanks(struct filter *filter) {
    while (peek(filter, 0) == ' ') {
        filter->at++;
    }
}

/* Reads a word or a sign that is there; false when it is not. */
static bool read_sign(struct filter *filter, const char *sign) {
    size_t len = strlen(sign);
    skip_blanks(filter);
    if (filter->text.len - filter->at < len ||
        memcmp(filter->text.data + filter->at, sign, len) != 0) {
        return false;
    }
    filter->at += len;
    return true;
}

static bool invalid(struct filter *filter) {
    filter->valid = false;
    return true;
}

/* The path that begins here goes on to what cannot be part of it, outside of brackets. */
static struct lac_str read_path(struct filter *filter) {
    size_t begin = filter->at, open = 0;
    char quote = '\0';
    for (; filter->at < filter->text.len; filter->at++) {
        char c = peek(filter, 0);
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

static bool read_quoted(struct filter *filter, struct lac_str *out) {
    char quote = peek(filter, 0);
    size_t begin = ++filter->at;
    while (filter->at < filter->text.len && peek(filter, 0) != quote) {
        filter->at += peek(filter, 0) == '\\' ? 2 : 1;
    }
    if (filter->at >= filter->text.len) {
        return false;
    }
    *out = (struct lac_str){filter->text.data + begin, filter->at - begin};
    filter->at++;
    return true;
}

/* Reads /pattern/flags; flags stand before the pattern as Java has them: (?i). */
static bool read_regex(struct filter *filter, struct operand *out) {
    struct lac_str pattern;
    if (!read_quoted(filter, &pattern)) {
        return invalid(filter);
    }
    struct lac_buf whole = {0};
    if (peek(filter, 0) == 'i') {
        filter->at++;
        lac_buf_add(&whole, LAC_STR("(?i)"));
    }
    lac_buf_add(&whole, pattern);
    struct lac_str copy = lac_arena_copy(filter->machine->arena, lac_buf_view(&whole));
    lac_buf_free(&whole);
    out->kind = OPERAND_REGEX;
    out->value = lac_vtl_string(copy);
    return copy.data != NULL || lac_vtl_no_room(filter->machine);
}

/* Reads a number, true, false, null, or a list of such: JSON, but that ' may quote. */
static bool read_json(struct filter *filter, struct operand *out) {
    size_t begin = filter->at;
    bool is_list = peek(filter, 0) == '[';
    char c;
    while ((c = peek(filter, 0)) != '\0' && (is_list || strchr(" )=!<>&|,", c) == NULL)) {
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
        return invalid(filter);
    }
    return true;
}

static bool read_operand(struct filter *filter, struct operand *out) {
    *out = (struct operand){.kind = OPERAND_VALUE};
    struct lac_str text;
    bool found;
    skip_blanks(filter);
    switch (peek(filter, 0)) {
    case '@':
    case '$':
        out->is_path = true;
        if (!lac_vtl_find(filter->machine, filter->root, filter->item, read_path(filter), &found,
                          &out->value)) {
            return false;
        }
        out->kind = found ? OPERAND_VALUE : OPERAND_MISSING;
        return true;
    case '\'':
    case '"':
        if (!read_quoted(filter, &text)) {
            return invalid(filter);
        }
        out->value = lac_vtl_string(text);
        return true;
    case '/':
        return read_regex(filter, out);
    default:
        return read_json(filter, out);
    }
}

static int compare_texts(const struct lac_vtl_value *a, const struct lac_vtl_value *b) {
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static bool is_number(const struct lac_vtl_value *value) {
    int order;
    return lac_vtl_compare(value, value, &order);
}

/* A number and a text are the same when they are so as what stands on the left: 1 is '1.0', and
 * '1.0' is not 1. */
static bool is_alike(struct filter *filter, const struct lac_vtl_value *left,
                     const struct lac_vtl_value *right, bool *out) {
    struct lac_vtl_value other;
    struct lac_error err;
    int order = 0;
    if (left->kind == LAC_VTL_STRING) {
        if (!lac_vtl_to_string(filter->machine, right, &other)) {
            return false;
        }
        *out = compare_texts(left, &other) == 0;
        return true;
    }
    *out = lac_vtl_from_json(filter->machine->arena, lac_vtl_text(right), &other, &err) &&
           lac_vtl_compare(left, &other, &order) && order == 0;
    return true;
}

static bool is_equal(struct filter *filter, const struct operand *left, const struct operand *right,
                     bool *out) {
    int order;
    *out = false;
    if (left->kind != OPERAND_VALUE || right->kind != OPERAND_VALUE) {
        return true;
    }
    if ((left->value.kind == LAC_VTL_STRING && is_number(&right->value)) ||
        (right->value.kind == LAC_VTL_STRING && is_number(&left->value))) {
        return is_alike(filter, &left->value, &right->value, out);
    }
    if (lac_vtl_compare(&left->value, &right->value, &order)) {
        *out = order == 0;
        return true;
    }
    return lac_vtl_same(filter->machine, &left->value, &right->value, out);
}

static bool is_ordered(const struct operand *left, const struct operand *right, int *order) {
    if (left->kind != OPERAND_VALUE || right->kind != OPERAND_VALUE) {
        return false;
    }
    if (left->value.kind == LAC_VTL_STRING && right->value.kind == LAC_VTL_STRING) {
        *order = compare_texts(&left->value, &right->value);
        return true;
    }
    return lac_vtl_compare(&left->value, &right->value, order);
}

static bool is_match(struct filter *filter, const struct operand *left, const struct operand *right,
                     bool *out) {
    struct lac_error err;
    *out = false;
    if (right->kind != OPERAND_REGEX || left->kind != OPERAND_VALUE ||
        left->value.kind != LAC_VTL_STRING) {
        return true;
    }
    struct lac_regex *regex = lac_vtl_regex(filter->machine, lac_vtl_text(&right->value));
    if (regex == NULL) {
        return false;
    }
    return lac_regex_matches(regex, lac_vtl_text(&left->value), out, &err) ||
           lac_vtl_fail(filter->machine, err.kind, "%s", err.message);
}

static bool is_in(struct filter *filter, const struct operand *left, const struct operand *right,
                  bool *out) {
    *out = false;
    if (left->kind != OPERAND_VALUE || right->kind != OPERAND_VALUE ||
        right->value.kind != LAC_VTL_LIST) {
        return true;
    }
    for (uint32_t i = 0; i < right->value.list->count && !*out; i++) {
        struct operand item = {.kind = OPERAND_VALUE, .value = right->value.list->items[i]};
        if (!is_equal(filter, left, &item, out)) {
            return false;
        }
    }
    return true;
}

/* What a method of texts makes of one. */
static bool call_text(struct filter *filter, const struct lac_vtl_value *text,
                      enum lac_vtl_method method, const struct lac_vtl_value *argument,
                      struct lac_vtl_value *out) {
    struct lac_vtl_call call = {
        .object = *text, .method = method, .arguments = argument, .count = argument != NULL};
    return lac_vtl_call_string(filter->machine, &call, out);
}

/* Whether a list has that many items, or a text that many characters. */
static bool is_of_size(struct filter *filter, const struct operand *left,
                       const struct operand *right, bool *out) {
    struct lac_vtl_value count;
    int order;
    *out = false;
    if (left->kind != OPERAND_VALUE || right->kind != OPERAND_VALUE) {
        return true;
    }
    if (left->value.kind == LAC_VTL_LIST) {
        count = lac_vtl_integer(left->value.list->count);
    } else if (left->value.kind != LAC_VTL_STRING) {
        return true;
    } else if (!call_text(filter, &left->value, LAC_VTL_M_length, NULL, &count)) {
        return false;
    }
    *out = lac_vtl_compare(&count, &right->value, &order) && order == 0;
    return true;
}

/* Whether a text, a list or a map has nothing in it, if that is what the right side asks. */
static bool is_empty(const struct operand *left, const struct operand *right) {
    if (left->kind != OPERAND_VALUE || right->value.kind != LAC_VTL_BOOLEAN) {
        return false;
    }
    switch (left->value.kind) {
    case LAC_VTL_STRING:
        return (left->value.len == 0) == right->value.boolean;
    case LAC_VTL_LIST:
        return (left->value.list->count == 0) == right->value.boolean;
    case LAC_VTL_MAP:
        return (left->value.map->count == 0) == right->value.boolean;
    default:
        return false;
    }
}

/* Whether a text has the other in it, or a list an item like it. */
static bool is_with(struct filter *filter, const struct operand *left, const struct operand *right,
                    bool *out) {
    struct lac_vtl_value found;
    if (left->kind == OPERAND_VALUE && left->value.kind == LAC_VTL_STRING &&
        right->kind == OPERAND_VALUE && right->value.kind == LAC_VTL_STRING) {
        bool ok = call_text(filter, &left->value, LAC_VTL_M_contains, &right->value, &found);
        *out = ok && found.boolean;
        return ok;
    }
    return is_in(filter, right, left, out);
}

enum comparison {
    IS_SAME,
    IS_NOT_SAME,
    IS_EQUAL,
    IS_UNEQUAL,
    AT_MOST,
    AT_LEAST,
    LESS,
    MORE,
    MATCHES,
    IN,
    NOT_IN,
    SIZE,
    EMPTY,
    CONTAINS,
    NONE
};

static enum comparison read_comparison(struct filter *filter) {
    static const char *const signs[] = {
        "===", "!==", "==",  "!=",   "<=",    ">=",     "<",
        ">",   "=~",  "in ", "nin ", "size ", "empty ", "contains "};
    enum comparison comparison = IS_SAME;
    while (comparison < NONE && !read_sign(filter, signs[comparison])) {
        comparison++;
    }
    return comparison;
}

static bool decide_comparison(struct filter *filter, bool *out) {
    struct operand left, right;
    int order = 0;
    *out = false;
    if (!read_operand(filter, &left) || !filter->valid) {
        return !filter->valid;
    }
    enum comparison comparison = read_comparison(filter);
    if (comparison == NONE) {
        *out = left.kind == OPERAND_VALUE;
        return left.is_path || invalid(filter);
    }
    if (!read_operand(filter, &right) || !filter->valid) {
        return !filter->valid;
    }
    bool ok = true, ordered = is_ordered(&left, &right, &order);
    switch (comparison) {
    case IS_SAME:
    case IS_NOT_SAME:
        ok = (left.value.kind == LAC_VTL_STRING) != (right.value.kind == LAC_VTL_STRING) ||
             is_equal(filter, &left, &right, out);
        break;
    case IS_EQUAL:
    case IS_UNEQUAL:
        ok = is_equal(filter, &left, &right, out);
        break;
    case MATCHES:
        return is_match(filter, &left, &right, out);
    case IN:
    case NOT_IN:
        ok = is_in(filter, &left, &right, out);
        break;
    case CONTAINS:
        return is_with(filter, &left, &right, out);
    case SIZE:
        return is_of_size(filter, &left, &right, out);
    case EMPTY:
        *out = is_empty(&left, &right);
        return true;
    default:
        *out = ordered && (comparison == LESS      ? order < 0
                           : comparison == AT_MOST ? order <= 0
                           : comparison == MORE    ? order > 0
                                                   : order >= 0);
    }
    bool negates = comparison == IS_NOT_SAME || comparison == IS_UNEQUAL || comparison == NOT_IN;
    *out = *out != negates;
    return ok;
}

static bool decide_unary(struct filter *filter, bool *out) {
    skip_blanks(filter);
    bool negated = peek(filter, 0) == '!';
    filter->at += negated;
    skip_blanks(filter);
    bool ok;
    if (read_sign(filter, "(")) {
        ok = lac_vtl_deepen(filter->machine) && decide_or(filter, out);
        filter->machine->depth -= ok;
        filter->valid = filter->valid && ok && read_sign(filter, ")");
    } else {
        ok = decide_comparison(filter, out);
    }
    *out = ok && *out != negated;
    return ok;
}

static bool decide_and(struct filter *filter, bool *out) {
    bool other;
    if (!decide_unary(filter, out)) {
        return false;
    }
    while (filter->valid && read_sign(filter, "&&")) {
        if (!decide_unary(filter, &other)) {
            return false;
        }
        *out = *out && other;
    }
    return true;
}

static bool decide_or(struct filter *filter, bool *out) {
    bool other;
    if (!decide_and(filter, out)) {
        return false;
    }
    while (filter->valid && read_sign(filter, "||")) {
        if (!decide_and(filter, &other)) {
            return false;
        }
        *out = *out || other;
    }
    return true;
}

bool lac_vtl_filter(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                    const struct lac_vtl_value *item, struct lac_str text, bool *passes,
                    bool *valid) {
    struct filter filter = {
        .machine = machine, .root = root, .item = item, .text = text, .valid = true};
    if (!lac_vtl_spend(machine, text.len / 8 + 1) || !decide_or(&filter, passes)) {
        return false;
    }
    skip_blanks(&filter);
    *valid = filter.valid && filter.at >= text.len;
    *passes = *passes && *valid;
    return true;
}
