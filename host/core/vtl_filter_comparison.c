/* vtl_filter_comparison.c — what ==, <, in and the others say of two operands. */
#include <string.h>

#include "core/vtl_filter.h"

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
static bool is_alike(struct lac_vtl_filter *filter, const struct lac_vtl_value *left,
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

static bool is_equal(struct lac_vtl_filter *filter, const struct lac_vtl_operand *left,
                     const struct lac_vtl_operand *right, bool *out) {
    int order;
    *out = false;
    if (left->kind != LAC_VTL_OPERAND_VALUE || right->kind != LAC_VTL_OPERAND_VALUE) {
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

static bool find_order(const struct lac_vtl_operand *left, const struct lac_vtl_operand *right,
                       int *order) {
    if (left->kind != LAC_VTL_OPERAND_VALUE || right->kind != LAC_VTL_OPERAND_VALUE) {
        return false;
    }
    if (left->value.kind == LAC_VTL_STRING && right->value.kind == LAC_VTL_STRING) {
        *order = compare_texts(&left->value, &right->value);
        return true;
    }
    return lac_vtl_compare(&left->value, &right->value, order);
}

/* Whether two values stand in the order that the sign says: <, <=, > or >=. */
static bool is_ordered(const struct lac_vtl_comparison *comparison) {
    int order = 0;
    if (!find_order(&comparison->left, &comparison->right, &order)) {
        return false;
    }
    switch (comparison->sign) {
    case LAC_VTL_IS_LESS:
        return order < 0;
    case LAC_VTL_IS_AT_MOST:
        return order <= 0;
    case LAC_VTL_IS_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool is_match(struct lac_vtl_filter *filter, const struct lac_vtl_operand *left,
                     const struct lac_vtl_operand *right, bool *out) {
    struct lac_error err;
    *out = false;
    if (right->kind != LAC_VTL_OPERAND_REGEX || left->kind != LAC_VTL_OPERAND_VALUE ||
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

static bool is_in(struct lac_vtl_filter *filter, const struct lac_vtl_operand *left,
                  const struct lac_vtl_operand *right, bool *out) {
    *out = false;
    if (left->kind != LAC_VTL_OPERAND_VALUE || right->kind != LAC_VTL_OPERAND_VALUE ||
        right->value.kind != LAC_VTL_LIST) {
        return true;
    }
    for (uint32_t i = 0; i < right->value.list->count && !*out; i++) {
        struct lac_vtl_operand item = {.kind = LAC_VTL_OPERAND_VALUE,
                                       .value = right->value.list->items[i]};
        if (!is_equal(filter, left, &item, out)) {
            return false;
        }
    }
    return true;
}

/* What a method of texts makes of one. */
static bool call_text(struct lac_vtl_filter *filter, const struct lac_vtl_value *text,
                      enum lac_vtl_method method, const struct lac_vtl_value *argument,
                      struct lac_vtl_value *out) {
    struct lac_vtl_call call = {
        .object = *text, .method = method, .arguments = argument, .count = argument != NULL};
    return lac_vtl_call_string(filter->machine, &call, out);
}

/* Whether a list has that many items, or a text that many characters. */
static bool is_of_size(struct lac_vtl_filter *filter, const struct lac_vtl_operand *left,
                       const struct lac_vtl_operand *right, bool *out) {
    struct lac_vtl_value count;
    int order;
    *out = false;
    if (left->kind != LAC_VTL_OPERAND_VALUE || right->kind != LAC_VTL_OPERAND_VALUE) {
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
static bool is_empty(const struct lac_vtl_operand *left, const struct lac_vtl_operand *right) {
    if (left->kind != LAC_VTL_OPERAND_VALUE || right->value.kind != LAC_VTL_BOOLEAN) {
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
static bool is_with(struct lac_vtl_filter *filter, const struct lac_vtl_operand *left,
                    const struct lac_vtl_operand *right, bool *out) {
    struct lac_vtl_value found;
    if (left->kind == LAC_VTL_OPERAND_VALUE && left->value.kind == LAC_VTL_STRING &&
        right->kind == LAC_VTL_OPERAND_VALUE && right->value.kind == LAC_VTL_STRING) {
        bool ok = call_text(filter, &left->value, LAC_VTL_M_contains, &right->value, &found);
        *out = ok && found.boolean;
        return ok;
    }
    return is_in(filter, right, left, out);
}

enum lac_vtl_comparison_sign lac_vtl_filter_read_comparison(struct lac_vtl_filter *filter) {
    static const char *const signs[] = {
        "===", "!==", "==",  "!=",   "<=",    ">=",     "<",
        ">",   "=~",  "in ", "nin ", "size ", "empty ", "contains "};
    enum lac_vtl_comparison_sign sign = LAC_VTL_IS_SAME;
    while (sign < LAC_VTL_COMPARISON_SIGNS && !lac_vtl_filter_read_sign(filter, signs[sign])) {
        sign++;
    }
    return sign;
}

bool lac_vtl_filter_compare(struct lac_vtl_filter *filter,
                            const struct lac_vtl_comparison *comparison, bool *out) {
    const struct lac_vtl_operand *left = &comparison->left, *right = &comparison->right;
    bool ok = true;
    *out = false;
    switch (comparison->sign) {
    case LAC_VTL_IS_SAME:
    case LAC_VTL_IS_NOT_SAME:
        ok = (left->value.kind == LAC_VTL_STRING) != (right->value.kind == LAC_VTL_STRING) ||
             is_equal(filter, left, right, out);
        break;
    case LAC_VTL_IS_EQUAL:
    case LAC_VTL_IS_UNEQUAL:
        ok = is_equal(filter, left, right, out);
        break;
    case LAC_VTL_MATCHES:
        return is_match(filter, left, right, out);
    case LAC_VTL_IS_IN:
    case LAC_VTL_IS_NOT_IN:
        ok = is_in(filter, left, right, out);
        break;
    case LAC_VTL_CONTAINS:
        return is_with(filter, left, right, out);
    case LAC_VTL_IS_OF_SIZE:
        return is_of_size(filter, left, right, out);
    case LAC_VTL_IS_EMPTY:
        *out = is_empty(left, right);
        return true;
    default:
        *out = is_ordered(comparison);
    }
    bool negates = comparison->sign == LAC_VTL_IS_NOT_SAME ||
                   comparison->sign == LAC_VTL_IS_UNEQUAL || comparison->sign == LAC_VTL_IS_NOT_IN;
    *out = *out != negates;
    return ok;
}
