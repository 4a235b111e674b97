/* vtl_evaluate.c — expressions → values. */
#include <math.h>
#include <stdlib.h>

#include "core/vtl_private.h"

static bool evaluate_list(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                          struct lac_vtl_value *out) {
    struct lac_vtl_list *list = lac_vtl_new_list(machine->arena, LAC_VTL_PLAIN);
    if (list == NULL) {
        return lac_vtl_no_room(machine);
    }
    for (const struct lac_vtl_node *item = node->first; item != NULL; item = item->next) {
        struct lac_vtl_value value;
        if (!lac_vtl_evaluate(machine, item, &value)) {
            return false;
        }
        if (!lac_vtl_list_add(machine->arena, list, value)) {
            return lac_vtl_no_room(machine);
        }
    }
    *out = lac_vtl_of_list(list);
    return true;
}

static bool evaluate_map(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                         struct lac_vtl_value *out) {
    struct lac_vtl_map *map = lac_vtl_new_map(machine->arena, LAC_VTL_PLAIN);
    if (map == NULL) {
        return lac_vtl_no_room(machine);
    }
    for (const struct lac_vtl_node *item = node->first; item != NULL; item = item->next->next) {
        struct lac_vtl_value key, value;
        if (!lac_vtl_evaluate(machine, item, &key) ||
            !lac_vtl_evaluate(machine, item->next, &value)) {
            return false;
        }
        if (lac_vtl_map_put(machine->arena, map, key, value) == NULL) {
            return lac_vtl_no_room(machine);
        }
    }
    *out = lac_vtl_of_map(map);
    return true;
}

/* Java's int of a number; false when the value is none. */
static bool int_of(const struct lac_vtl_value *value, int32_t *out) {
    if (value->kind == LAC_VTL_INTEGER) {
        *out = (int32_t)(uint32_t)(uint64_t)value->integer;
    } else if (value->kind == LAC_VTL_DOUBLE) {
        double number = isnan(value->number) ? 0 : value->number;
        *out = number >= INT32_MAX ? INT32_MAX : number <= INT32_MIN ? INT32_MIN : (int32_t)number;
    }
    return value->kind == LAC_VTL_INTEGER || value->kind == LAC_VTL_DOUBLE;
}

static bool evaluate_range(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                           struct lac_vtl_value *out) {
    struct lac_vtl_value left, right;
    int32_t from, to;
    if (!lac_vtl_evaluate(machine, node->first, &left) ||
        !lac_vtl_evaluate(machine, node->second, &right)) {
        return false;
    }
    if (!int_of(&left, &from) || !int_of(&right, &to)) {
        return true; /* null */
    }
    struct lac_vtl_list *list = lac_vtl_new_list(machine->arena, LAC_VTL_PLAIN);
    int64_t count = llabs((int64_t)from - to) + 1, step = from <= to ? 1 : -1;
    if (!lac_vtl_spend(machine, (size_t)count)) {
        return false;
    }
    for (int64_t i = 0; list != NULL && i < count; i++) {
        if (!lac_vtl_list_add(machine->arena, list, lac_vtl_integer(from + i * step))) {
            list = NULL;
        }
    }
    *out = lac_vtl_of_list(list);
    return list != NULL || lac_vtl_no_room(machine);
}

/* A string with references: rendered behind the output, and taken off it. `slot` tells whether the
 * template was given a space behind it. */
static bool evaluate_interpolated(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                                  struct lac_vtl_value *out) {
    size_t begun = machine->out->len;
    if (!lac_vtl_render_block(machine, node->first)) {
        return false;
    }
    if (node->slot != 0 && machine->out->len > begun) {
        lac_buf_cut(machine->out, machine->out->len - 1);
    }
    return lac_vtl_take_written(machine, begun, out);
}

static bool evaluate_comparison(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                                struct lac_vtl_value *out) {
    struct lac_vtl_value left, right;
    if (!lac_vtl_evaluate(machine, node->first, &left) ||
        !lac_vtl_evaluate(machine, node->second, &right)) {
        return false;
    }
    bool result = false;
    if (node->kind == LAC_VTL_EQUAL || node->kind == LAC_VTL_UNEQUAL) {
        if (!lac_vtl_equal(machine, &left, &right, &result)) {
            return false;
        }
        *out = lac_vtl_boolean(result == (node->kind == LAC_VTL_EQUAL));
        return true;
    }
    int order;
    if (lac_vtl_compare(&left, &right, &order)) {
        result = node->kind == LAC_VTL_LESS            ? order < 0
                 : node->kind == LAC_VTL_LESS_OR_EQUAL ? order <= 0
                 : node->kind == LAC_VTL_GREATER       ? order > 0
                                                       : order >= 0;
    }
    *out = lac_vtl_boolean(result);
    return true;
}

static bool evaluate_logic(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                           struct lac_vtl_value *out) {
    bool result;
    if (!lac_vtl_is_true(machine, node->first, &result)) {
        return false;
    }
    if (node->kind == LAC_VTL_NOT) {
        result = !result;
    } else if (result == (node->kind == LAC_VTL_AND) &&
               !lac_vtl_is_true(machine, node->second, &result)) {
        return false;
    }
    *out = lac_vtl_boolean(result);
    return true;
}

static bool evaluate_arithmetic(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                                struct lac_vtl_value *out) {
    struct lac_vtl_value left, right;
    return lac_vtl_evaluate(machine, node->first, &left) &&
           lac_vtl_evaluate(machine, node->second, &right) &&
           lac_vtl_compute(machine, node->kind, &left, &right, out);
}

static bool evaluate(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                     struct lac_vtl_value *out) {
    *out = (struct lac_vtl_value){.kind = LAC_VTL_NULL};
    switch (node->kind) {
    case LAC_VTL_REFERENCE:
        return lac_vtl_get(machine, node->reference, out);
    case LAC_VTL_INTERPOLATED:
        return evaluate_interpolated(machine, node, out);
    case LAC_VTL_LIST_OF:
        return evaluate_list(machine, node, out);
    case LAC_VTL_MAP_OF:
        return evaluate_map(machine, node, out);
    case LAC_VTL_RANGE:
        return evaluate_range(machine, node, out);
    case LAC_VTL_NOT:
    case LAC_VTL_OR:
    case LAC_VTL_AND:
        return evaluate_logic(machine, node, out);
    default:
        return node->kind >= LAC_VTL_ADD ? evaluate_arithmetic(machine, node, out)
                                         : evaluate_comparison(machine, node, out);
    }
}

bool lac_vtl_evaluate(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                      struct lac_vtl_value *out) {
    if (node->kind == LAC_VTL_CONSTANT) {
        *out = node->value;
        return lac_vtl_spend(machine, 1);
    }
    if (!lac_vtl_spend(machine, 1) || !lac_vtl_deepen(machine)) {
        return false;
    }
    bool ok = evaluate(machine, node, out);
    machine->depth--;
    return ok;
}

/* A reference is true unless it is false or null; of all else, only what makes a boolean can be,
 * and nothing else is even evaluated. */
bool lac_vtl_is_true(struct lac_vtl_machine *machine, const struct lac_vtl_node *node, bool *out) {
    struct lac_vtl_value value;
    bool is_boolean = node->kind >= LAC_VTL_NOT && node->kind <= LAC_VTL_GREATER_OR_EQUAL;
    *out = false;
    if (!is_boolean && node->kind != LAC_VTL_REFERENCE && node->kind != LAC_VTL_CONSTANT) {
        return true;
    }
    if (!lac_vtl_evaluate(machine, node, &value)) {
        return false;
    }
    if (value.kind == LAC_VTL_BOOLEAN) {
        *out = value.boolean;
    } else {
        *out = node->kind == LAC_VTL_REFERENCE && value.kind != LAC_VTL_NULL;
    }
    return true;
}
