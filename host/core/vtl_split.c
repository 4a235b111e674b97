/* vtl_split.c — the regular expression that is at hand, and String.split() by one. */
#include <string.h>

#include "core/utf16.h"
#include "core/vtl_private.h"

#define REGEX_STEPS 500 /* what using one counts as */

struct lac_regex *lac_vtl_regex(struct lac_vtl_machine *machine, struct lac_str pattern) {
    struct lac_error err;
    bool is_same = machine->regex.code != NULL && machine->pattern.len == pattern.len &&
                   memcmp(machine->pattern.data, pattern.data, pattern.len) == 0;
    if (!lac_vtl_spend(machine, REGEX_STEPS)) {
        return NULL;
    }
    if (is_same) {
        return &machine->regex;
    }
    lac_regex_free(&machine->regex);
    if (!lac_regex_compile(pattern, &machine->regex, &err)) {
        lac_vtl_fail(machine, err.kind, "%s", err.message);
        return NULL;
    }
    machine->pattern = pattern; /* it lasts as long as the run */
    return &machine->regex;
}

struct split {
    struct lac_vtl_machine *machine;
    struct lac_regex *regex;
    struct lac_str text;
    int64_t limit;
    struct lac_vtl_list *parts;
};

static bool add_part(struct split *split, size_t from, size_t to) {
    struct lac_str part = {split->text.data + from, to - from};
    return lac_vtl_list_add(split->machine->arena, split->parts, lac_vtl_string(part)) ||
           lac_vtl_no_room(split->machine);
}

/* Adds what stands before the matches; `*from` is where the last one ends. */
static bool add_parts(struct split *split, size_t *from) {
    struct lac_error err;
    size_t at = 0, first, end;
    bool found = true;
    while (split->limit <= 0 || split->parts->count + 1 < split->limit) {
        if (!lac_regex_find(split->regex, split->text, at, &found, &err)) {
            return lac_vtl_fail(split->machine, err.kind, "%s", err.message);
        }
        if (!found || !lac_regex_group(split->regex, 0, &first, &end) || first < *from) {
            return true;
        }
        at = end;
        if (end == first) {
            if (at >= split->text.len) {
                return true;
            }
            lac_utf8_next(split->text, &at);
        }
        if (end == 0) {
            continue; /* nothing stands before an empty match at the beginning */
        }
        if (!lac_vtl_spend(split->machine, 1) || !add_part(split, *from, first)) {
            return false;
        }
        *from = end;
    }
    return true;
}

bool lac_vtl_split(struct lac_vtl_machine *machine, struct lac_str text, struct lac_str pattern,
                   int64_t limit, struct lac_vtl_value *out) {
    struct split split = {.machine = machine, .text = text, .limit = limit};
    size_t from = 0;
    split.regex = lac_vtl_regex(machine, pattern);
    if (split.regex == NULL) {
        return false;
    }
    split.parts = lac_vtl_new_list(machine->arena, LAC_VTL_ARRAY);
    if (split.parts == NULL) {
        return lac_vtl_no_room(machine);
    }
    if (!add_parts(&split, &from) || !add_part(&split, from, text.len)) {
        return false;
    }
    while (limit == 0 && split.parts->count > 1 &&
           split.parts->items[split.parts->count - 1].len == 0) {
        split.parts->count--;
    }
    if (limit == 0 && from > 0 && split.parts->count == 1 && split.parts->items[0].len == 0) {
        split.parts->count = 0; /* all of it was matches */
    }
    *out = lac_vtl_of_list(split.parts);
    return true;
}
