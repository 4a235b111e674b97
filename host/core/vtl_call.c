/* vtl_call.c — method calls, by what they are called on. Strings, lists, maps, $input and $util
 * have files of their own. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/vtl_private.h"

/* Reads a number as Java's parseInt, parseLong and parseDouble do; false when the text is none. */
static bool parse_number(struct lac_vtl_machine *machine, const struct lac_vtl_value *text,
                         enum lac_vtl_method method, struct lac_vtl_value *out) {
    bool is_integer = method != LAC_VTL_M_parseDouble;
    struct lac_str copy = lac_arena_copy(machine->arena, lac_vtl_text(text));
    char *end = NULL;
    if (copy.data == NULL) {
        return lac_vtl_no_room(machine);
    }
    errno = 0;
    *out = is_integer ? lac_vtl_integer(strtoll(copy.data, &end, 10))
                      : lac_vtl_double(strtod(copy.data, &end));
    bool bad_begin = copy.len == 0 || copy.data[0] == ' ';
    bool too_big =
        is_integer && (errno != 0 || (method == LAC_VTL_M_parseInt &&
                                      (out->integer > INT32_MAX || out->integer < INT32_MIN)));
    if (bad_begin || end != copy.data + copy.len || too_big) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "a text that is no number was to be one");
    }
    return true;
}

static int64_t integer_of(const struct lac_vtl_value *number) {
    if (number->kind == LAC_VTL_INTEGER) {
        return number->integer;
    }
    double value = lac_vtl_double_of(number);
    return isnan(value)      ? 0
           : value >= 0x1p63 ? INT64_MAX
           : value < -0x1p63 ? INT64_MIN
                             : (int64_t)value;
}

static bool call_number(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    const struct lac_vtl_value *object = &call->object;
    int order = 0;
    if (call->count == 1 && call->method == LAC_VTL_M_compareTo) {
        if (call->arguments[0].kind != object->kind) {
            return lac_vtl_fail(machine, LAC_ERR_INPUT, "compareTo() of two classes");
        }
        lac_vtl_compare(object, &call->arguments[0], &order);
        *out = lac_vtl_integer(order);
        return true;
    }
    if (call->count == 1 && call->arguments[0].kind == LAC_VTL_STRING) {
        bool is_integer = object->kind == LAC_VTL_INTEGER;
        bool parses_integer =
            call->method == LAC_VTL_M_parseInt || call->method == LAC_VTL_M_parseLong;
        if (is_integer ? parses_integer : call->method == LAC_VTL_M_parseDouble) {
            return parse_number(machine, &call->arguments[0], call->method, out);
        }
    }
    if (call->count == 0 && call->method == LAC_VTL_M_doubleValue) {
        *out = lac_vtl_double(lac_vtl_double_of(object));
    } else if (call->count == 0 && call->method == LAC_VTL_M_longValue) {
        *out = lac_vtl_integer(integer_of(object));
    } else if (call->count == 0 && call->method == LAC_VTL_M_intValue) {
        int64_t value = integer_of(object);
        bool clamps = object->kind == LAC_VTL_DOUBLE && (value > INT32_MAX || value < INT32_MIN);
        *out = lac_vtl_integer(clamps ? (value > 0 ? INT32_MAX : INT32_MIN)
                                      : (int32_t)(uint32_t)(uint64_t)value);
    }
    return true;
}

static bool call_loop(const struct lac_vtl_call *call, struct lac_vtl_value *out) {
    const struct lac_vtl_loop *loop = call->object.loop;
    if (call->count != 0) {
        return true;
    }
    switch (call->method) {
    case LAC_VTL_M_getCount:
        *out = lac_vtl_integer((int64_t)loop->position + 1);
        break;
    case LAC_VTL_M_getIndex:
        *out = lac_vtl_integer(loop->position);
        break;
    case LAC_VTL_M_hasNext:
        *out = lac_vtl_boolean(loop->has_next);
        break;
    case LAC_VTL_M_isFirst:
        *out = lac_vtl_boolean(loop->position == 0);
        break;
    case LAC_VTL_M_isLast:
        *out = lac_vtl_boolean(!loop->has_next);
        break;
    default:
        break;
    }
    return true;
}

static bool call_entry(const struct lac_vtl_call *call, struct lac_vtl_value *out) {
    if (call->count == 0 && call->method == LAC_VTL_M_getKey) {
        *out = call->object.entry->key;
    } else if (call->count == 0 && call->method == LAC_VTL_M_getValue) {
        *out = call->object.entry->value;
    }
    return true;
}

/* What every object has. False when the call is of another kind. */
static bool is_common(const struct lac_vtl_call *call) {
    return (call->method == LAC_VTL_M_equals && call->count == 1) ||
           (call->method == LAC_VTL_M_toString && call->count == 0);
}

static bool call_common(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    bool same;
    if (call->method == LAC_VTL_M_toString) {
        return lac_vtl_to_string(machine, &call->object, out);
    }
    if (!lac_vtl_same(machine, &call->object, &call->arguments[0], &same)) {
        return false;
    }
    *out = lac_vtl_boolean(same);
    return true;
}

bool lac_vtl_call(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                  struct lac_vtl_value *out) {
    if (call->method == LAC_VTL_M_getClass) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "reflection (getClass) is not available");
    }
    uint8_t kind = call->object.kind;
    if (kind == LAC_VTL_INPUT) {
        return lac_vtl_call_input(machine, call, out);
    }
    if (kind == LAC_VTL_UTIL) {
        return lac_vtl_call_util(machine, call, out);
    }
    if (kind == LAC_VTL_BLOCK) {
        return true;
    }
    if (is_common(call)) {
        return call_common(machine, call, out);
    }
    switch (kind) {
    case LAC_VTL_STRING:
        return lac_vtl_call_string(machine, call, out);
    case LAC_VTL_LIST:
        return lac_vtl_call_list(machine, call, out);
    case LAC_VTL_MAP:
        return lac_vtl_call_map(machine, call, out);
    case LAC_VTL_ENTRY:
        return call_entry(call, out);
    case LAC_VTL_LOOP:
        return call_loop(call, out);
    case LAC_VTL_BOOLEAN:
        if (call->method == LAC_VTL_M_booleanValue && call->count == 0) {
            *out = call->object;
        }
        return true;
    default:
        return !lac_vtl_is_number(&call->object) || call_number(machine, call, out);
    }
}
