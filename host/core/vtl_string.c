/* vtl_string.c — the methods of Java's String: which one is called, and the short ones. */
#include <string.h>

#include "core/utf16.h"
#include "core/vtl_string.h"

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

/* A null among the arguments is what Java would throw for. */
static bool has_null(const struct lac_vtl_call *call) {
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->arguments[i].kind == LAC_VTL_NULL) {
            return true;
        }
    }
    return false;
}

static bool begins_with(struct lac_str text, struct lac_str part) {
    return text.len >= part.len && memcmp(text.data, part.data, part.len) == 0;
}

static bool ends_with(struct lac_str text, struct lac_str part) {
    return text.len >= part.len &&
           memcmp(text.data + text.len - part.len, part.data, part.len) == 0;
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
    return (int64_t)lac_vtl_string_units(a) - (int64_t)lac_vtl_string_units(b);
}

static bool matches(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                    struct lac_vtl_value *out) {
    struct lac_regex *regex = lac_vtl_regex(machine, lac_vtl_string_argument(call, 0));
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
        *out = lac_vtl_integer((int64_t)lac_vtl_string_units(text));
        return true;
    case LAC_VTL_M_toLowerCase:
    case LAC_VTL_M_toUpperCase:
        return lac_vtl_string_change_case(machine, call, out);
    case LAC_VTL_M_trim:
        *out = lac_vtl_string(trim(text));
        return true;
    default:
        return true;
    }
}

static bool call_with_text(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                           struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object), part = lac_vtl_string_argument(call, 0);
    switch (call->method) {
    case LAC_VTL_M_compareTo:
        *out = lac_vtl_integer(compare(text, part));
        return true;
    case LAC_VTL_M_concat:
        return lac_vtl_string_concatenate(machine, call, out);
    case LAC_VTL_M_contains:
        *out = lac_vtl_boolean(lac_vtl_string_find(text, part, 0) != SIZE_MAX);
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
        return lac_vtl_string_replace(machine, call, out);
    case LAC_VTL_M_replaceAll:
    case LAC_VTL_M_replaceFirst:
        return lac_vtl_string_replace_by_regex(machine, call, out);
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
        return lac_vtl_split(machine, text, lac_vtl_string_argument(call, 0), number, out);
    }
    if (call->method == LAC_VTL_M_startsWith) {
        bool is_within = number >= 0 && (uint64_t)number <= lac_vtl_string_units(text);
        size_t from = is_within ? lac_vtl_string_byte(text, (size_t)number) : 0;
        struct lac_str rest = {text.data + from, text.len - from};
        *out = lac_vtl_boolean(is_within && begins_with(rest, lac_vtl_string_argument(call, 0)));
    }
    return true;
}

static bool is_search(const struct lac_vtl_call *call) {
    return (call->method == LAC_VTL_M_indexOf || call->method == LAC_VTL_M_lastIndexOf) &&
           (takes(call, "S") || takes(call, "I") || takes(call, "SI") || takes(call, "II"));
}

bool lac_vtl_call_string(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                         struct lac_vtl_value *out) {
    if (!lac_vtl_spend(machine, call->object.len / LAC_VTL_BYTES_A_STEP)) {
        return false;
    }
    if (has_null(call)) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "a method of a text was given null");
    }
    if (call->count == 0) {
        return call_alone(machine, call, out);
    }
    if (is_search(call)) {
        return lac_vtl_string_search(machine, call, out);
    }
    if (call->method == LAC_VTL_M_substring && (takes(call, "I") || takes(call, "II"))) {
        return lac_vtl_string_part(machine, call, out);
    }
    if (call->method == LAC_VTL_M_charAt && takes(call, "I")) {
        return lac_vtl_string_character(machine, call, out);
    }
    if (call->method == LAC_VTL_M_replace && takes(call, "CC")) {
        return lac_vtl_string_replace(machine, call, out);
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
