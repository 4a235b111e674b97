/* vtl_input.c — $input and $util. */
#include <stdio.h>
#include <string.h>

#include "core/encoding.h"
#include "core/uri.h"
#include "core/utf16.h"
#include "core/vtl_private.h"

static struct lac_str body_of(const struct lac_vtl_machine *machine) {
    struct lac_str body = machine->run->body;
    return body.len == 0 ? LAC_STR("{}") : body;
}

/* A text that is no JSON is null; only memory's end is a failure. */
static bool parse_json(struct lac_vtl_machine *machine, struct lac_str text,
                       struct lac_vtl_value *out) {
    struct lac_error err;
    if (!lac_vtl_spend(machine, text.len / 64)) {
        return false;
    }
    if (lac_vtl_from_json(machine->arena, text, out, &err)) {
        return true;
    }
    *out = (struct lac_vtl_value){.kind = LAC_VTL_NULL};
    return machine->arena->held < LAC_VTL_MEMORY_MOST / 2 || err.kind != LAC_ERR_LIMIT ||
           lac_vtl_no_room(machine);
}

static bool read_path(struct lac_vtl_machine *machine, struct lac_str path,
                      struct lac_vtl_value *out) {
    if (!machine->has_document) {
        if (!parse_json(machine, body_of(machine), &machine->document)) {
            return false;
        }
        machine->has_document = true;
    }
    *out = (struct lac_vtl_value){.kind = LAC_VTL_NULL};
    return machine->document.kind == LAC_VTL_NULL ||
           lac_vtl_path(machine, &machine->document, path, out);
}

static bool read_json(struct lac_vtl_machine *machine, struct lac_str path,
                      struct lac_vtl_value *out) {
    struct lac_vtl_value value;
    size_t begun = machine->out->len;
    if (!read_path(machine, path, &value)) {
        return false;
    }
    if (value.kind == LAC_VTL_NULL) {
        *out = lac_vtl_string(LAC_STR("\"\""));
        return true;
    }
    return lac_vtl_print_json(machine, &value) && lac_vtl_take_written(machine, begun, out);
}

static bool all_params(struct lac_vtl_machine *machine, struct lac_vtl_value *out) {
    const struct lac_vtl_run *run = machine->run;
    struct lac_arena *arena = machine->arena;
    struct lac_vtl_map *all = lac_vtl_new_map(arena, LAC_VTL_PLAIN);
    bool ok =
        all != NULL && lac_vtl_map_add(arena, all, LAC_STR("path"), lac_vtl_of_map(run->path)) &&
        lac_vtl_map_add(arena, all, LAC_STR("querystring"), lac_vtl_of_map(run->querystring)) &&
        lac_vtl_map_add(arena, all, LAC_STR("header"), lac_vtl_of_map(run->header));
    *out = lac_vtl_of_map(all);
    return ok || lac_vtl_no_room(machine);
}

/* What is nowhere is the empty text: it has a length. */
static bool one_param(const struct lac_vtl_run *run, const struct lac_vtl_value *name,
                      struct lac_vtl_value *out) {
    const struct lac_vtl_map *const maps[] = {run->path, run->querystring, run->header};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const struct lac_vtl_entry *entry = lac_vtl_map_find(maps[i], name);
        if (entry != NULL) {
            *out = entry->value;
            return true;
        }
    }
    *out = lac_vtl_string(LAC_STR(""));
    return true;
}

bool lac_vtl_call_input(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    if (call->method == LAC_VTL_M_params && call->count == 0) {
        return all_params(machine, out);
    }
    if (call->count != 1 || call->arguments[0].kind != LAC_VTL_STRING) {
        return true;
    }
    struct lac_str text = lac_vtl_text(&call->arguments[0]);
    switch (call->method) {
    case LAC_VTL_M_params:
        return one_param(machine->run, &call->arguments[0], out);
    case LAC_VTL_M_path:
        return read_path(machine, text, out);
    case LAC_VTL_M_json:
        return read_json(machine, text, out);
    default:
        return true;
    }
}

static void add_unit(struct lac_buf *out, uint32_t unit) {
    char text[8];
    int len = snprintf(text, sizeof text, "\\u%04X", unit & 0xFFFF);
    lac_buf_add(out, (struct lac_str){text, (size_t)len});
}

/* What stands for a character inside a JavaScript string. */
static void add_script(struct lac_buf *out, uint32_t code) {
    static const char named[] = "\b\n\t\f\r'\"\\/", letters[] = "bntfr'\"\\/";
    const char *found = code != 0 && code < 0x80 ? strchr(named, (int)code) : NULL;
    if (found != NULL) {
        lac_buf_adds(out, LAC_STR("\\"), (struct lac_str){letters + (found - named), 1});
    } else if (code > 0xFFFF) {
        add_unit(out, 0xD800 + ((code - 0x10000) >> 10));
        add_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
    } else if (code < 0x20 || code > 0x7F) {
        add_unit(out, code);
    } else {
        lac_utf8_add(out, code);
    }
}

static bool is_plain_in_script(char c) {
    return c > '/' ? c != '\\' : c >= ' ' && c != '\'' && c != '"' && c != '/';
}

/* Where the first character at or behind `at` stands that does not stand for itself. */
static size_t skip_plain(struct lac_str text, size_t at) {
    while (at < text.len && is_plain_in_script(text.data[at])) {
        at++;
    }
    return at;
}

static void escape_script(struct lac_str text, struct lac_buf *out) {
    size_t at = 0;
    while (at < text.len) {
        size_t begin = at;
        at = skip_plain(text, at);
        lac_buf_add(out, (struct lac_str){text.data + begin, at - begin});
        if (at < text.len) {
            add_script(out, lac_utf8_next(text, &at));
        }
    }
}

/* As HTML forms are encoded: a space is +. */
static void encode_form(struct lac_str text, struct lac_buf *out) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '*' || c == '-' || c == '_' || c == '.';
        char escape[3] = {'%', digits[(unsigned char)c >> 4], digits[c & 0xF]};
        lac_buf_add(out, stays      ? (struct lac_str){&c, 1}
                         : c == ' ' ? LAC_STR("+")
                                    : (struct lac_str){escape, 3});
    }
}

/* Java's decoder does not miss the padding. */
static bool decode_base64(struct lac_str text, struct lac_buf *out, struct lac_error *err) {
    struct lac_buf padded = {0};
    lac_buf_add(&padded, text);
    for (size_t len = text.len; len % 4 != 0 && len % 4 != 1; len++) {
        lac_buf_add(&padded, LAC_STR("="));
    }
    bool ok = lac_base64_decode(lac_buf_view(&padded), out, err);
    lac_buf_free(&padded);
    return ok;
}

/* Java makes a U+FFFD of what is not UTF-8. */
static void add_mended(struct lac_buf *bytes, struct lac_buf *out) {
    struct lac_str text = lac_buf_view(bytes);
    for (size_t at = 0; at < text.len;) {
        lac_utf8_add(out, lac_utf8_next(text, &at));
    }
    out->failed = out->failed || bytes->failed;
}

static bool decode(enum lac_vtl_method method, struct lac_str text, struct lac_buf *out,
                   struct lac_error *err) {
    struct lac_buf bytes = {0};
    bool ok = method == LAC_VTL_M_urlDecode ? lac_uri_decode(text, true, &bytes, err)
                                            : decode_base64(text, &bytes, err);
    add_mended(&bytes, out);
    lac_buf_free(&bytes);
    return ok;
}

static bool convert(enum lac_vtl_method method, struct lac_str text, struct lac_buf *out,
                    struct lac_error *err) {
    switch (method) {
    case LAC_VTL_M_escapeJavaScript:
        escape_script(text, out);
        return true;
    case LAC_VTL_M_urlEncode:
        encode_form(text, out);
        return true;
    case LAC_VTL_M_base64Encode:
        lac_base64_add(text, out);
        return true;
    default:
        return decode(method, text, out, err);
    }
}

/* What a conversion makes is made behind the output, and taken off it. */
static bool convert_behind(struct lac_vtl_machine *machine, enum lac_vtl_method method,
                           struct lac_str text, struct lac_vtl_value *out) {
    struct lac_error err;
    size_t begun = machine->out->len;
    bool ok = convert(method, text, machine->out, &err)
                  ? lac_vtl_check_written(machine) && lac_vtl_take_written(machine, begun, out)
                  : lac_vtl_fail(machine, LAC_ERR_INPUT, "%s", err.message);
    lac_buf_cut(machine->out, begun); /* what was too much, too */
    return ok;
}

bool lac_vtl_call_util(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                       struct lac_vtl_value *out) {
    if (call->count != 1 || call->arguments[0].kind != LAC_VTL_STRING) {
        return true;
    }
    struct lac_str text = lac_vtl_text(&call->arguments[0]);
    switch (call->method) {
    case LAC_VTL_M_parseJson:
        return parse_json(machine, text, out);
    case LAC_VTL_M_escapeJavaScript:
        if (skip_plain(text, 0) == text.len) {
            *out = call->arguments[0];
            return lac_vtl_spend(machine, text.len / 16);
        }
        break;
    case LAC_VTL_M_urlEncode:
    case LAC_VTL_M_urlDecode:
    case LAC_VTL_M_base64Encode:
    case LAC_VTL_M_base64Decode:
        break;
    default:
        return true;
    }
    return lac_vtl_spend(machine, text.len / 16) &&
           convert_behind(machine, call->method, text, out);
}
