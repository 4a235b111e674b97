/* vtl_string_search.c — where something stands in a text, and what stands somewhere. */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "core/utf16.h"
#include "core/vtl_string.h"

static bool is_ascii(struct lac_str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((signed char)text.data[i] < 0) {
            return false;
        }
    }
    return true;
}

size_t lac_vtl_string_units(struct lac_str text) {
    return is_ascii(text) ? text.len : lac_utf16_length(text);
}

size_t lac_vtl_string_byte(struct lac_str text, size_t unit) {
    return is_ascii(text) ? (unit < text.len ? unit : text.len) : lac_utf16_byte(text, unit);
}

static size_t unit_of(struct lac_str text, size_t byte) {
    return lac_vtl_string_units((struct lac_str){text.data, byte});
}

size_t lac_vtl_string_find(struct lac_str text, struct lac_str part, size_t from) {
    if (from > text.len || part.len > text.len - from) {
        return SIZE_MAX;
    }
    if (part.len == 0) {
        return from;
    }
    const char *found = memmem(text.data + from, text.len - from, part.data, part.len);
    return found == NULL ? SIZE_MAX : (size_t)(found - text.data);
}

static size_t find_last(struct lac_str text, struct lac_str part, size_t from) {
    if (part.len > text.len) {
        return SIZE_MAX;
    }
    from = from > text.len - part.len ? text.len - part.len : from;
    for (size_t at = from + 1; at > 0; at--) {
        if (memcmp(text.data + at - 1, part.data, part.len) == 0) {
            return at - 1;
        }
    }
    return SIZE_MAX;
}

static struct lac_vtl_value position(struct lac_str text, size_t byte) {
    return lac_vtl_integer(byte == SIZE_MAX ? -1 : (int64_t)unit_of(text, byte));
}

bool lac_vtl_string_search(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                           struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object), part;
    bool is_last = call->method == LAC_VTL_M_lastIndexOf;
    int64_t from = call->count == 2 ? call->arguments[1].integer : is_last ? INT64_MAX : 0;
    if (is_last && from < 0) {
        *out = lac_vtl_integer(-1);
        return true;
    }
    struct lac_buf character = {0};
    if (call->arguments[0].kind == LAC_VTL_INTEGER) {
        int64_t code = call->arguments[0].integer;
        lac_utf8_add(&character, code < 0 || code > 0x10FFFF ? 0xFFFD : (uint32_t)code);
        part = lac_buf_view(&character);
    } else {
        part = lac_vtl_string_argument(call, 0);
    }
    size_t byte = lac_vtl_string_byte(text, from < 0 ? 0 : (size_t)from);
    bool ok = lac_vtl_spend(machine, is_last ? text.len / 8 : text.len / LAC_VTL_BYTES_A_STEP);
    size_t found = !ok       ? SIZE_MAX
                   : is_last ? find_last(text, part, byte)
                             : lac_vtl_string_find(text, part, byte);
    *out = position(text, found);
    lac_buf_free(&character);
    return ok;
}

bool lac_vtl_string_part(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                         struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    int64_t units = (int64_t)lac_vtl_string_units(text), from = call->arguments[0].integer;
    int64_t to = call->count == 2 ? call->arguments[1].integer : units;
    if (from < 0 || to > units || from > to) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT,
                            "substring from %lld to %lld of a text of %lld characters",
                            (long long)from, (long long)to, (long long)units);
    }
    size_t begin = lac_vtl_string_byte(text, (size_t)from);
    size_t end = lac_vtl_string_byte(text, (size_t)to);
    *out = lac_vtl_string((struct lac_str){text.data + begin, end - begin});
    return true;
}

bool lac_vtl_string_character(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                              struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    int64_t units = (int64_t)lac_vtl_string_units(text), at = call->arguments[0].integer;
    if (at < 0 || at >= units) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "charAt(%lld) of a text of %lld characters",
                            (long long)at, (long long)units);
    }
    size_t begin = lac_vtl_string_byte(text, (size_t)at), end = begin;
    lac_utf8_next(text, &end);
    *out = lac_vtl_string((struct lac_str){text.data + begin, end - begin});
    out->kind = LAC_VTL_CHARACTER;
    return true;
}
