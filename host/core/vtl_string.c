/* vtl_string.c — the methods of Java's String. Positions are UTF-16 units. */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "core/utf16.h"
#include "core/vtl_private.h"

#define BYTES_A_STEP 64 /* of a text that is looked through */

/* The patterns of arguments: S a string, I an integer, C a character. */
static bool takes(const struct lac_vtl_call *call, const char *kinds) {
    if (call->count != strlen(kinds)) {
        return false;
    }
    for (uint32_t i = 0; i < call->count; i++) {
        uint8_t kind = call->arguments[i].kind;
        uint8_t wanted = kinds[i] == 'S'   ? LAC_VTL_STRING
                         : kinds[i] == 'I' ? LAC_VTL_INTEGER
                                           : LAC_VTL_CHARACTER;
        if (kind != wanted) {
            return false;
        }
    }
    return true;
}

static struct lac_str argument(const struct lac_vtl_call *call, uint32_t i) {
    return lac_vtl_text(&call->arguments[i]);
}

/* A null among the arguments is what Java would throw for. */
static bool has_null(const struct lac_vtl_call *call) {
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->arguments[i].kind == LAC_VTL_NULL) {
            return true;
        }
    }
    return false;
}

static bool is_ascii(struct lac_str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((signed char)text.data[i] < 0) {
            return false;
        }
    }
    return true;
}

static size_t units_of(struct lac_str text) {
    return is_ascii(text) ? text.len : lac_utf16_length(text);
}

static size_t byte_of(struct lac_str text, size_t unit) {
    return is_ascii(text) ? (unit < text.len ? unit : text.len) : lac_utf16_byte(text, unit);
}

static size_t unit_of(struct lac_str text, size_t byte) {
    return units_of((struct lac_str){text.data, byte});
}

static bool begins_with(struct lac_str text, struct lac_str part) {
    return text.len >= part.len && memcmp(text.data, part.data, part.len) == 0;
}

static bool ends_with(struct lac_str text, struct lac_str part) {
    return text.len >= part.len &&
           memcmp(text.data + text.len - part.len, part.data, part.len) == 0;
}

/* The first byte at or behind `from` where a part stands; SIZE_MAX when nowhere. */
static size_t find(struct lac_str text, struct lac_str part, size_t from) {
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

static bool search(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
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
        part = argument(call, 0);
    }
    size_t byte = byte_of(text, from < 0 ? 0 : (size_t)from);
    bool ok = lac_vtl_spend(machine, is_last ? text.len / 8 : text.len / BYTES_A_STEP);
    size_t found = !ok ? SIZE_MAX : is_last ? find_last(text, part, byte) : find(text, part, byte);
    *out = position(text, found);
    lac_buf_free(&character);
    return ok;
}

static bool substring(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                      struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    int64_t units = (int64_t)units_of(text), from = call->arguments[0].integer;
    int64_t to = call->count == 2 ? call->arguments[1].integer : units;
    if (from < 0 || to > units || from > to) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT,
                            "substring from %lld to %lld of a text of %lld characters",
                            (long long)from, (long long)to, (long long)units);
    }
    size_t begin = byte_of(text, (size_t)from), end = byte_of(text, (size_t)to);
    *out = lac_vtl_string((struct lac_str){text.data + begin, end - begin});
    return true;
}

static bool char_at(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                    struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    int64_t units = (int64_t)units_of(text), at = call->arguments[0].integer;
    if (at < 0 || at >= units) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "charAt(%lld) of a text of %lld characters",
                            (long long)at, (long long)units);
    }
    size_t begin = byte_of(text, (size_t)at), end = begin;
    lac_utf8_next(text, &end);
    *out = lac_vtl_string((struct lac_str){text.data + begin, end - begin});
    out->kind = LAC_VTL_CHARACTER;
    return true;
}

static struct lac_str trim(struct lac_str text) {
    while (text.len > 0 && (unsigned char)text.data[text.len - 1] <= ' ') {
        text.len--;
    }
    while (text.len > 0 && (unsigned char)*text.data <= ' ') {
        text = (struct lac_str){text.data + 1, text.len - 1};
    }
    return text;
}

/* Keeps what was written to a buffer, and frees it. */
static bool keep(struct lac_vtl_machine *machine, struct lac_buf *made, struct lac_vtl_value *out) {
    struct lac_str text = {NULL, 0};
    if (!made->failed) {
        text = lac_arena_copy(machine->arena, lac_buf_view(made));
    }
    lac_buf_free(made);
    *out = lac_vtl_string(text);
    return text.data != NULL || lac_vtl_no_room(machine);
}

static bool change_case(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    struct lac_buf made = {0};
    bool is_upper = call->method == LAC_VTL_M_toUpperCase;
    for (size_t at = 0; at < text.len;) {
        uint32_t code = lac_utf8_next(text, &at);
        if (is_upper && code == 0xDF) {
            lac_buf_add(&made, LAC_STR("SS"));
        } else {
            lac_utf8_add(&made, is_upper ? lac_utf8_upper(code) : lac_utf8_lower(code));
        }
    }
    return keep(machine, &made, out);
}

static bool is_same_ignoring_case(struct lac_str a, struct lac_str b) {
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        uint32_t left = lac_utf8_next(a, &i), right = lac_utf8_next(b, &j);
        if (left != right &&
            lac_utf8_lower(lac_utf8_upper(left)) != lac_utf8_lower(lac_utf8_upper(right))) {
            return false;
        }
    }
    return i == a.len && j == b.len;
}

/* The difference of the first characters that differ, else of the lengths. */
static int64_t compare(struct lac_str a, struct lac_str b) {
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        uint32_t left = lac_utf8_next(a, &i), right = lac_utf8_next(b, &j);
        if (left != right) {
            return (int64_t)left - (int64_t)right;
        }
    }
    return (int64_t)units_of(a) - (int64_t)units_of(b);
}

static bool concatenate(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    size_t begun = machine->out->len;
    return lac_vtl_write(machine, lac_vtl_text(&call->object)) &&
           lac_vtl_write(machine, argument(call, 0)) && lac_vtl_take_written(machine, begun, out);
}

/* Replaces a text by another, wherever it stands; the empty one stands between all characters. */
static bool replace(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                    struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object), what = argument(call, 0);
    struct lac_str instead = argument(call, 1);
    size_t begun = machine->out->len, copied = 0, from = 0, at;
    while ((at = find(text, what, from)) != SIZE_MAX) {
        if (!lac_vtl_spend(machine, 1) ||
            !lac_vtl_write(machine, (struct lac_str){text.data + copied, at - copied}) ||
            !lac_vtl_write(machine, instead)) {
            return false;
        }
        copied = at + what.len;
        from = copied;
        if (what.len == 0) {
            if (at == text.len) {
                break;
            }
            lac_utf8_next(text, &from);
        }
    }
    return lac_vtl_write(machine, (struct lac_str){text.data + copied, text.len - copied}) &&
           lac_vtl_take_written(machine, begun, out);
}

static bool replace_by_regex(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                             struct lac_vtl_value *out) {
    struct lac_regex *regex = lac_vtl_regex(machine, argument(call, 0));
    struct lac_regex_replacement work = {.text = lac_vtl_text(&call->object),
                                         .replacement = argument(call, 1),
                                         .first_only = call->method == LAC_VTL_M_replaceFirst,
                                         .most = machine->out_most - machine->out->len};
    struct lac_buf made = {0};
    struct lac_error err;
    work.most = work.most == 0 ? 1 : work.most;
    if (regex == NULL) {
        return false;
    }
    if (!lac_regex_replace(regex, &work, &made, &err)) {
        lac_buf_free(&made);
        return lac_vtl_fail(machine, err.kind, "%s", err.message);
    }
    return keep(machine, &made, out);
}

static bool matches(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                    struct lac_vtl_value *out) {
    struct lac_regex *regex = lac_vtl_regex(machine, argument(call, 0));
    struct lac_error err;
    bool matched;
    if (regex == NULL) {
        return false;
    }
    if (!lac_regex_matches(regex, lac_vtl_text(&call->object), &matched, &err)) {
        return lac_vtl_fail(machine, err.kind, "%s", err.message);
    }
    *out = lac_vtl_boolean(matched);
    return true;
}

static bool call_alone(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                       struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    switch (call->method) {
    case LAC_VTL_M_isEmpty:
        *out = lac_vtl_boolean(text.len == 0);
        return true;
    case LAC_VTL_M_length:
        *out = lac_vtl_integer((int64_t)units_of(text));
        return true;
    case LAC_VTL_M_toLowerCase:
    case LAC_VTL_M_toUpperCase:
        return change_case(machine, call, out);
    case LAC_VTL_M_trim:
        *out = lac_vtl_string(trim(text));
        return true;
    default:
        return true;
    }
}

static bool call_with_text(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                           struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object), part = argument(call, 0);
    switch (call->method) {
    case LAC_VTL_M_compareTo:
        *out = lac_vtl_integer(compare(text, part));
        return true;
    case LAC_VTL_M_concat:
        return concatenate(machine, call, out);
    case LAC_VTL_M_contains:
        *out = lac_vtl_boolean(find(text, part, 0) != SIZE_MAX);
        return true;
    case LAC_VTL_M_endsWith:
        *out = lac_vtl_boolean(ends_with(text, part));
        return true;
    case LAC_VTL_M_equalsIgnoreCase:
        *out = lac_vtl_boolean(is_same_ignoring_case(text, part));
        return true;
    case LAC_VTL_M_matches:
        return matches(machine, call, out);
    case LAC_VTL_M_split:
        return lac_vtl_split(machine, text, part, 0, out);
    case LAC_VTL_M_startsWith:
        *out = lac_vtl_boolean(begins_with(text, part));
        return true;
    default:
        return true;
    }
}

static bool call_with_two_texts(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                                struct lac_vtl_value *out) {
    switch (call->method) {
    case LAC_VTL_M_replace:
        return replace(machine, call, out);
    case LAC_VTL_M_replaceAll:
    case LAC_VTL_M_replaceFirst:
        return replace_by_regex(machine, call, out);
    default:
        return true;
    }
}

/* Of a text and a number. */
static bool call_with_both(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                           struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object);
    int64_t number = call->arguments[1].integer;
    if (call->method == LAC_VTL_M_split) {
        return lac_vtl_split(machine, text, argument(call, 0), number, out);
    }
    if (call->method == LAC_VTL_M_startsWith) {
        bool is_within = number >= 0 && (uint64_t)number <= units_of(text);
        size_t from = is_within ? byte_of(text, (size_t)number) : 0;
        struct lac_str rest = {text.data + from, text.len - from};
        *out = lac_vtl_boolean(is_within && begins_with(rest, argument(call, 0)));
    }
    return true;
}

static bool is_search(const struct lac_vtl_call *call) {
    return (call->method == LAC_VTL_M_indexOf || call->method == LAC_VTL_M_lastIndexOf) &&
           (takes(call, "S") || takes(call, "I") || takes(call, "SI") || takes(call, "II"));
}

bool lac_vtl_call_string(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                         struct lac_vtl_value *out) {
    if (!lac_vtl_spend(machine, call->object.len / BYTES_A_STEP)) {
        return false;
    }
    if (has_null(call)) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "a method of a text was given null");
    }
    if (call->count == 0) {
        return call_alone(machine, call, out);
    }
    if (is_search(call)) {
        return search(machine, call, out);
    }
    if (call->method == LAC_VTL_M_substring && (takes(call, "I") || takes(call, "II"))) {
        return substring(machine, call, out);
    }
    if (call->method == LAC_VTL_M_charAt && takes(call, "I")) {
        return char_at(machine, call, out);
    }
    if (call->method == LAC_VTL_M_replace && takes(call, "CC")) {
        return replace(machine, call, out);
    }
    if (call->method == LAC_VTL_M_compareTo && call->count == 1 && !takes(call, "S")) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "compareTo() of two classes");
    }
    if (takes(call, "S")) {
        return call_with_text(machine, call, out);
    }
    if (takes(call, "SS")) {
        return call_with_two_texts(machine, call, out);
    }
    return !takes(call, "SI") || call_with_both(machine, call, out);
}
