/* vtl_print.c — values → text, as Java prints them and as json-smart writes JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "core/shortest.h"
#include "core/vtl_private.h"

static bool print_json(struct lac_vtl_machine *machine, const struct lac_vtl_value *value);

/* Cuts the shortest text of a positive number into its digits and the power of ten of the first. */
static int digits_of(double number, char digits[LAC_SHORTEST_SIZE], size_t *count) {
    char text[LAC_SHORTEST_SIZE];
    size_t len = lac_shortest(number, text);
    int power = 0, seen = 0;
    bool behind_point = false;
    *count = 0;
    for (size_t i = 0; i < len && (text[i] | 0x20) != 'e'; i++) {
        if (text[i] == '.') {
            behind_point = true;
            continue;
        }
        seen += *count > 0 || text[i] != '0';
        power += behind_point ? (seen == 0 ? -1 : 0) : (seen > 0 ? 1 : 0);
        if (seen > 0) {
            digits[(*count)++] = text[i];
        }
    }
    const char *exponent = memchr(text, 'e', len);
    power += exponent == NULL ? 0 : (int)strtol(exponent + 1, NULL, 10);
    while (*count > 1 && digits[*count - 1] == '0') {
        --*count;
    }
    return power - 1;
}

/* As Double.toString() has it: plainly from 0.001 to 10,000,000, else as 1.5E10. */
static size_t print_double(double number, char out[64]) {
    if (isnan(number) || isinf(number)) {
        return (size_t)snprintf(out, 64, "%s",
                                isnan(number) ? "NaN"
                                : number < 0  ? "-Infinity"
                                              : "Infinity");
    }
    const char *sign = signbit(number) ? "-" : "";
    number = fabs(number);
    if (number == 0) {
        return (size_t)snprintf(out, 64, "%s0.0", sign);
    }
    char digits[LAC_SHORTEST_SIZE] = "0";
    size_t count;
    int power = digits_of(number, digits, &count), have = (int)count;
    if (number < 1e-3 || number >= 1e7) {
        return (size_t)snprintf(out, 64, "%s%c.%.*sE%d", sign, digits[0], have > 1 ? have - 1 : 1,
                                have > 1 ? digits + 1 : "0", power);
    }
    if (power < 0) {
        return (size_t)snprintf(out, 64, "%s0.%.*s%.*s", sign, -power - 1, "000", have, digits);
    }
    int whole = power + 1, zeros = whole > have ? whole - have : 0;
    const char *fraction = have > whole ? digits + whole : "0";
    return (size_t)snprintf(out, 64, "%s%.*s%.*s.%.*s", sign, whole > have ? have : whole, digits,
                            zeros, "0000000", have > whole ? have - whole : 1, fraction);
}

static size_t print_integer(int64_t integer, char out[64]) {
    char *end = out + 64, *at = end;
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0) {
        *--at = '-';
    }
    memmove(out, at, (size_t)(end - at));
    return (size_t)(end - at);
}

static bool print_scalar(struct lac_vtl_machine *machine, const struct lac_vtl_value *value) {
    char text[64];
    size_t len;
    switch (value->kind) {
    case LAC_VTL_NULL:
        return lac_vtl_write(machine, LAC_STR("null"));
    case LAC_VTL_BOOLEAN:
        return lac_vtl_write(machine, value->boolean ? LAC_STR("true") : LAC_STR("false"));
    case LAC_VTL_INTEGER:
        len = print_integer(value->integer, text);
        return lac_vtl_write(machine, (struct lac_str){text, len});
    case LAC_VTL_DOUBLE:
        len = print_double(value->number, text);
        return lac_vtl_write(machine, (struct lac_str){text, len});
    default:
        return lac_vtl_write(machine, lac_vtl_text(value));
    }
}

/* What stands in a list or a map, which may be that itself. */
static bool print_item(struct lac_vtl_machine *machine, const struct lac_vtl_value *value,
                       const void *container) {
    if (value->kind == LAC_VTL_LIST && value->list == container) {
        return lac_vtl_write(machine, LAC_STR("(this Collection)"));
    }
    if (value->kind == LAC_VTL_MAP && value->map == container) {
        return lac_vtl_write(machine, LAC_STR("(this Map)"));
    }
    return lac_vtl_print(machine, value);
}

static bool print_list(struct lac_vtl_machine *machine, const struct lac_vtl_list *list) {
    if (!lac_vtl_write(machine, LAC_STR("["))) {
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if ((i > 0 && !lac_vtl_write(machine, LAC_STR(", "))) ||
            !print_item(machine, &list->items[i], list)) {
            return false;
        }
    }
    return lac_vtl_write(machine, LAC_STR("]"));
}

/* `map` is the one that the entry is printed with, or NULL. */
static bool print_entry(struct lac_vtl_machine *machine, const struct lac_vtl_entry *entry,
                        const struct lac_vtl_map *map) {
    return print_item(machine, &entry->key, map) && lac_vtl_write(machine, LAC_STR("=")) &&
           print_item(machine, &entry->value, map);
}

static bool print_map(struct lac_vtl_machine *machine, const struct lac_vtl_map *map) {
    if (!lac_vtl_write(machine, LAC_STR("{"))) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if ((i > 0 && !lac_vtl_write(machine, LAC_STR(", "))) ||
            !print_entry(machine, &map->entries[i], map)) {
            return false;
        }
    }
    return lac_vtl_write(machine, LAC_STR("}"));
}

static bool print(struct lac_vtl_machine *machine, const struct lac_vtl_value *value) {
    switch (value->kind) {
    case LAC_VTL_LIST:
        return value->list->flavour == LAC_VTL_JSON ? print_json(machine, value)
                                                    : print_list(machine, value->list);
    case LAC_VTL_MAP:
        return print_map(machine, value->map);
    case LAC_VTL_ENTRY:
        return print_entry(machine, value->entry, NULL);
    case LAC_VTL_BLOCK:
        return lac_vtl_render_block(machine, value->block->body);
    case LAC_VTL_LOOP:
    case LAC_VTL_INPUT:
    case LAC_VTL_UTIL:
        return true; /* Java would print a class and an address */
    default:
        return print_scalar(machine, value);
    }
}

bool lac_vtl_print(struct lac_vtl_machine *machine, const struct lac_vtl_value *value) {
    if (value->kind <= LAC_VTL_STRING) {
        return print_scalar(machine, value);
    }
    if (!lac_vtl_spend(machine, 1) || !lac_vtl_deepen(machine)) {
        return false;
    }
    bool ok = print(machine, value);
    machine->depth--;
    return ok;
}

/* What json-smart writes for a character; its text is empty when the character stands for itself.
 */
static size_t escape_json(const char *at, size_t len, char out[8]) {
    static const char named[] = "\"\\/\b\f\n\r\t", letters[] = "\"\\/bfnrt";
    const char *found = len == 1 && *at != '\0' ? strchr(named, *at) : NULL;
    if (found != NULL) {
        out[0] = '\\';
        out[1] = letters[found - named];
        return 2;
    }
    unsigned code = (unsigned char)*at;
    if (len == 2) {
        code = (code & 0x1F) << 6 | ((unsigned char)at[1] & 0x3F);
    } else if (len == 3) {
        code = (code & 0x0F) << 12 | ((unsigned)at[1] & 0x3F) << 6 | ((unsigned)at[2] & 0x3F);
    }
    bool escaped = len < 4 && (code < 0x20 || (code >= 0x7F && code <= 0x9F) ||
                               (code >= 0x2000 && code <= 0x20FF));
    return escaped ? (size_t)snprintf(out, 8, "\\u%04X", code) : 0;
}

static bool is_plain(char c) {
    return c > '/' ? c != '\\' && c != 0x7F : c >= ' ' && c != '"' && c != '/';
}

static const char *skip_plain(const char *at, const char *end) {
    while (at < end && is_plain(*at)) {
        at++;
    }
    return at;
}

static bool write_character(struct lac_vtl_machine *machine, char character) {
    char *room = lac_vtl_room(machine, 1);
    if (room == NULL) {
        return false;
    }
    *room = character;
    return true;
}

/* What stands for itself, from its first character to its last: most texts are written here. */
static bool print_plain_text(struct lac_vtl_machine *machine, struct lac_str text) {
    char *room = lac_vtl_room(machine, text.len + 2);
    if (room == NULL) {
        return false;
    }
    room[0] = '"';
    if (text.len > 0) {
        memcpy(room + 1, text.data, text.len);
    }
    room[text.len + 1] = '"';
    return true;
}

static bool print_json_text(struct lac_vtl_machine *machine, struct lac_str text) {
    const char *plain = text.data, *end = plain + text.len, *at = skip_plain(plain, end);
    if (at == end) {
        return print_plain_text(machine, text);
    }
    if (!write_character(machine, '"')) {
        return false;
    }
    for (; at < end; at = skip_plain(at, end)) {
        char escape[8];
        int utf8 = (signed char)*at >= 0 ? 1 : lac_utf8_length(at, end);
        size_t len = utf8 == 0 ? 1 : (size_t)utf8;
        size_t escaped = utf8 == 0 ? 0 : escape_json(at, len, escape);
        if (escaped > 0) {
            if (!lac_vtl_write(machine, (struct lac_str){plain, (size_t)(at - plain)}) ||
                !lac_vtl_write(machine, (struct lac_str){escape, escaped})) {
                return false;
            }
            plain = at + len;
        }
        at += len;
    }
    return lac_vtl_write(machine, (struct lac_str){plain, (size_t)(end - plain)}) &&
           write_character(machine, '"');
}

static bool print_json_list(struct lac_vtl_machine *machine, const struct lac_vtl_list *list) {
    if (!write_character(machine, '[')) {
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if ((i > 0 && !write_character(machine, ',')) ||
            !lac_vtl_print_json(machine, &list->items[i])) {
            return false;
        }
    }
    return write_character(machine, ']');
}

/* A key is a string, whatever it was. */
static bool print_json_key(struct lac_vtl_machine *machine, const struct lac_vtl_value *key) {
    struct lac_vtl_value text;
    return lac_vtl_to_string(machine, key, &text) && print_json_text(machine, lac_vtl_text(&text));
}

static bool print_json_map(struct lac_vtl_machine *machine, const struct lac_vtl_map *map) {
    if (!write_character(machine, '{')) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if ((i > 0 && !write_character(machine, ',')) ||
            !print_json_key(machine, &map->entries[i].key) || !write_character(machine, ':') ||
            !lac_vtl_print_json(machine, &map->entries[i].value)) {
            return false;
        }
    }
    return write_character(machine, '}');
}

static bool print_json(struct lac_vtl_machine *machine, const struct lac_vtl_value *value) {
    struct lac_vtl_value text;
    switch (value->kind) {
    case LAC_VTL_LIST:
        return print_json_list(machine, value->list);
    case LAC_VTL_MAP:
        return print_json_map(machine, value->map);
    case LAC_VTL_STRING:
    case LAC_VTL_CHARACTER:
        return print_json_text(machine, lac_vtl_text(value));
    case LAC_VTL_NULL:
    case LAC_VTL_BOOLEAN:
    case LAC_VTL_INTEGER:
    case LAC_VTL_BIG:
        return print_scalar(machine, value);
    case LAC_VTL_DOUBLE:
        return isfinite(value->number) ? print_scalar(machine, value)
                                       : lac_vtl_write(machine, LAC_STR("null"));
    default:
        return lac_vtl_to_string(machine, value, &text) &&
               print_json_text(machine, lac_vtl_text(&text));
    }
}

bool lac_vtl_print_json(struct lac_vtl_machine *machine, const struct lac_vtl_value *value) {
    if (!lac_vtl_spend(machine, 1) || !lac_vtl_deepen(machine)) {
        return false;
    }
    bool ok = print_json(machine, value);
    machine->depth--;
    return ok;
}

bool lac_vtl_to_string(struct lac_vtl_machine *machine, const struct lac_vtl_value *value,
                       struct lac_vtl_value *out) {
    if (value->kind == LAC_VTL_STRING) {
        *out = *value;
        return true;
    }
    size_t begun = machine->out->len;
    return lac_vtl_print(machine, value) && lac_vtl_take_written(machine, begun, out);
}
