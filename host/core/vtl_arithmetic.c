/* vtl_arithmetic.c — operators upon values, as Velocity has them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/vtl_private.h"

double lac_vtl_double_of(const struct lac_vtl_value *value) {
    switch (value->kind) {
    case LAC_VTL_DOUBLE:
        return value->number;
    case LAC_VTL_BIG:
        return strtod(value->text, NULL); /* what follows its digits is no digit */
    default:
        return (double)value->integer;
    }
}

static bool is_zero(const struct lac_vtl_value *value) {
    return value->kind == LAC_VTL_DOUBLE ? value->number == 0 : value->integer == 0;
}

static bool compute_integers(enum lac_vtl_node_kind operation, int64_t left, int64_t right,
                             int64_t *out) {
    switch (operation) {
    case LAC_VTL_ADD:
        return !__builtin_add_overflow(left, right, out);
    case LAC_VTL_SUBTRACT:
        return !__builtin_sub_overflow(left, right, out);
    case LAC_VTL_MULTIPLY:
        return !__builtin_mul_overflow(left, right, out);
    default:
        if (right == -1) {
            *out = 0;
            return operation == LAC_VTL_MODULO || !__builtin_sub_overflow(0, left, out);
        }
        *out = operation == LAC_VTL_DIVIDE ? left / right : left % right;
        return true;
    }
}

static double compute_doubles(enum lac_vtl_node_kind operation, double left, double right) {
    switch (operation) {
    case LAC_VTL_ADD:
        return left + right;
    case LAC_VTL_SUBTRACT:
        return left - right;
    case LAC_VTL_MULTIPLY:
        return left * right;
    case LAC_VTL_DIVIDE:
        return left / right;
    default:
        return fmod(left, right);
    }
}

static bool concatenate(struct lac_vtl_machine *machine, const struct lac_vtl_value *left,
                        const struct lac_vtl_value *right, struct lac_vtl_value *out) {
    size_t begun = machine->out->len;
    return lac_vtl_print(machine, left) && lac_vtl_print(machine, right) &&
           lac_vtl_take_written(machine, begun, out);
}

bool lac_vtl_compute(struct lac_vtl_machine *machine, enum lac_vtl_node_kind operation,
                     const struct lac_vtl_value *left, const struct lac_vtl_value *right,
                     struct lac_vtl_value *out) {
    if (operation == LAC_VTL_ADD &&
        (left->kind == LAC_VTL_STRING || right->kind == LAC_VTL_STRING)) {
        return concatenate(machine, left, right, out);
    }
    if (!lac_vtl_is_number(left) || !lac_vtl_is_number(right)) {
        return true; /* null */
    }
    if (left->kind == LAC_VTL_BIG || right->kind == LAC_VTL_BIG) {
        return lac_vtl_fail(machine, LAC_ERR_LIMIT, "a number is too big to compute with");
    }
    if ((operation == LAC_VTL_DIVIDE || operation == LAC_VTL_MODULO) && is_zero(right)) {
        return true;
    }
    if (left->kind == LAC_VTL_DOUBLE || right->kind == LAC_VTL_DOUBLE) {
        *out = lac_vtl_double(
            compute_doubles(operation, lac_vtl_double_of(left), lac_vtl_double_of(right)));
        return true;
    }
    int64_t result;
    if (!compute_integers(operation, left->integer, right->integer, &result)) {
        return lac_vtl_fail(machine, LAC_ERR_LIMIT, "a number becomes too big to compute with");
    }
    *out = lac_vtl_integer(result);
    return true;
}

/* Of two big integers, or of one and a small one, which always lies between them. */
static bool compare_big(const struct lac_vtl_value *left, const struct lac_vtl_value *right,
                        int *order) {
    bool left_big = left->kind == LAC_VTL_BIG, right_big = right->kind == LAC_VTL_BIG;
    bool left_negative = left_big && left->text[0] == '-';
    bool right_negative = right_big && right->text[0] == '-';
    if (!left_big || !right_big) {
        *order = left_big ? (left_negative ? -1 : 1) : (right_negative ? 1 : -1);
    } else if (left_negative != right_negative) {
        *order = left_negative ? -1 : 1;
    } else if (left->len != right->len) {
        *order = (left->len > right->len) == left_negative ? -1 : 1;
    } else {
        int digits = memcmp(left->text, right->text, left->len);
        *order = left_negative ? -digits : digits;
    }
    return true;
}

static bool is_big_integer(const struct lac_vtl_value *value) {
    return value->kind == LAC_VTL_BIG && memchr(value->text, '.', value->len) == NULL;
}

bool lac_vtl_compare(const struct lac_vtl_value *left, const struct lac_vtl_value *right,
                     int *order) {
    if (!lac_vtl_is_number(left) || !lac_vtl_is_number(right)) {
        return false;
    }
    if ((is_big_integer(left) && right->kind == LAC_VTL_INTEGER) ||
        (left->kind == LAC_VTL_INTEGER && is_big_integer(right)) ||
        (is_big_integer(left) && is_big_integer(right))) {
        return compare_big(left, right, order);
    }
    if (left->kind == LAC_VTL_INTEGER && right->kind == LAC_VTL_INTEGER) {
        *order = (left->integer > right->integer) - (left->integer < right->integer);
        return true;
    }
    double a = lac_vtl_double_of(left), b = lac_vtl_double_of(right);
    *order = (a > b) - (a < b);
    return true;
}

static bool is_same_text(const struct lac_vtl_value *left, const struct lac_vtl_value *right) {
    return left->len == right->len && memcmp(left->text, right->text, left->len) == 0;
}

static bool is_same_list(struct lac_vtl_machine *machine, const struct lac_vtl_list *left,
                         const struct lac_vtl_list *right, bool *out) {
    *out = left->count == right->count;
    for (uint32_t i = 0; *out && i < left->count; i++) {
        if (!lac_vtl_same(machine, &left->items[i], &right->items[i], out)) {
            return false;
        }
    }
    return true;
}

static bool is_same_map(struct lac_vtl_machine *machine, const struct lac_vtl_map *left,
                        const struct lac_vtl_map *right, bool *out) {
    *out = left->count == right->count;
    for (uint32_t i = 0; *out && i < left->count; i++) {
        const struct lac_vtl_entry *other = lac_vtl_map_find(right, &left->entries[i].key);
        *out = other != NULL;
        if (*out && !lac_vtl_same(machine, &left->entries[i].value, &other->value, out)) {
            return false;
        }
    }
    return true;
}

static bool is_same(struct lac_vtl_machine *machine, const struct lac_vtl_value *left,
                    const struct lac_vtl_value *right, bool *out) {
    *out = false;
    if (left->kind != right->kind) {
        return true;
    }
    switch (left->kind) {
    case LAC_VTL_BOOLEAN:
        *out = left->boolean == right->boolean;
        return true;
    case LAC_VTL_DOUBLE:
        *out = left->number == right->number;
        return true;
    case LAC_VTL_BIG:
    case LAC_VTL_CHARACTER:
    case LAC_VTL_STRING:
        *out = is_same_text(left, right);
        return true;
    case LAC_VTL_LIST:
        return is_same_list(machine, left->list, right->list, out);
    case LAC_VTL_MAP:
        return is_same_map(machine, left->map, right->map, out);
    case LAC_VTL_NULL:
    case LAC_VTL_INPUT:
    case LAC_VTL_UTIL:
        *out = true;
        return true;
    default: /* an integer, or the same pointer */
        *out = left->integer == right->integer;
        return true;
    }
}

bool lac_vtl_same(struct lac_vtl_machine *machine, const struct lac_vtl_value *left,
                  const struct lac_vtl_value *right, bool *out) {
    if (!lac_vtl_spend(machine, 1) || !lac_vtl_deepen(machine)) {
        return false;
    }
    bool ok = is_same(machine, left, right, out);
    machine->depth--;
    return ok;
}

/* Lists of different classes are compared by their text, as all else whose classes differ. */
static bool has_same_class(const struct lac_vtl_value *left, const struct lac_vtl_value *right) {
    if (left->kind != right->kind) {
        return false;
    }
    return left->kind != LAC_VTL_LIST ||
           (left->list->flavour <= LAC_VTL_JSON && right->list->flavour <= LAC_VTL_JSON);
}

bool lac_vtl_equal(struct lac_vtl_machine *machine, const struct lac_vtl_value *left,
                   const struct lac_vtl_value *right, bool *out) {
    int order;
    if (lac_vtl_compare(left, right, &order)) {
        *out = order == 0;
        return true;
    }
    if (left->kind == LAC_VTL_NULL || right->kind == LAC_VTL_NULL) {
        *out = left->kind == right->kind;
        return true;
    }
    if (has_same_class(left, right)) {
        return lac_vtl_same(machine, left, right, out);
    }
    struct lac_vtl_value left_text, right_text;
    if (!lac_vtl_to_string(machine, left, &left_text) ||
        !lac_vtl_to_string(machine, right, &right_text)) {
        return false;
    }
    *out = is_same_text(&left_text, &right_text);
    return true;
}
