/* vtl_string_change.c — texts made of a text: in another case, joined, with parts replaced. */
#include "core/utf16.h"
#include "core/vtl_string.h"

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

bool lac_vtl_string_change_case(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
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

bool lac_vtl_string_concatenate(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                                struct lac_vtl_value *out) {
    size_t begun = machine->out->len;
    return lac_vtl_write(machine, lac_vtl_text(&call->object)) &&
           lac_vtl_write(machine, lac_vtl_string_argument(call, 0)) &&
           lac_vtl_take_written(machine, begun, out);
}

/* Replaces a text by another, wherever it stands; the empty one stands between all characters. */
bool lac_vtl_string_replace(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                            struct lac_vtl_value *out) {
    struct lac_str text = lac_vtl_text(&call->object), what = lac_vtl_string_argument(call, 0);
    struct lac_str instead = lac_vtl_string_argument(call, 1);
    size_t begun = machine->out->len, copied = 0, from = 0, at;
    while ((at = lac_vtl_string_find(text, what, from)) != SIZE_MAX) {
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

bool lac_vtl_string_replace_by_regex(struct lac_vtl_machine *machine,
                                     const struct lac_vtl_call *call, struct lac_vtl_value *out) {
    struct lac_regex *regex = lac_vtl_regex(machine, lac_vtl_string_argument(call, 0));
    struct lac_regex_replacement work = {.text = lac_vtl_text(&call->object),
                                         .replacement = lac_vtl_string_argument(call, 1),
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
