/* vtl_path.c — walks a JSONPath, as Jayway's library does: a definite path gives its value, any
 * other a list of what it finds. */
#include "core/vtl_path.h"

#include <string.h>

/* A walk: what it has found is in `found`. `is_lost` once a definite way has led to nothing. */
struct walk {
    struct lac_vtl_machine *machine;
    const struct lac_vtl_value *root;
    const struct lac_vtl_jsonpath *path;
    struct lac_vtl_list *found;
    bool is_lost;
};

static bool walk_on(struct walk *walk, const struct lac_vtl_value *value, size_t at);

static bool add(struct walk *walk, const struct lac_vtl_value *value) {
    return lac_vtl_list_add(walk->machine->arena, walk->found, *value) ||
           lac_vtl_no_room(walk->machine);
}

static bool is_certain(const struct walk *walk, size_t at) {
    for (size_t i = 0; i <= at; i++) {
        if (!lac_vtl_step_is_definite(&walk->path->steps[i], false)) {
            return false;
        }
    }
    return true;
}

/* Takes the next quoted name off a list of them; false at its end. */
static bool next_quoted(struct lac_str *names, struct lac_str *name) {
    while (names->len > 0 && (*names->data == ' ' || *names->data == ',')) {
        *names = (struct lac_str){names->data + 1, names->len - 1};
    }
    if (names->len < 2) {
        return false;
    }
    const char *close = memchr(names->data + 1, *names->data, names->len - 1);
    if (close == NULL) {
        return false;
    }
    *name = (struct lac_str){names->data + 1, (size_t)(close - names->data) - 1};
    *names = (struct lac_str){close + 1, names->len - name->len - 2};
    return true;
}

static bool step_to_name(struct walk *walk, const struct lac_vtl_value *value, struct lac_str name,
                         size_t at) {
    const struct lac_vtl_entry *entry =
        value->kind == LAC_VTL_MAP ? lac_vtl_map_find_text(value->map, name) : NULL;
    if (entry != NULL) {
        struct lac_vtl_value next = entry->value;
        return walk_on(walk, &next, at + 1);
    }
    walk->is_lost = walk->is_lost || is_certain(walk, at);
    return true;
}

static bool step_to_merged(struct walk *walk, const struct lac_vtl_value *value,
                           struct lac_str names) {
    struct lac_vtl_map *merged = lac_vtl_new_map(walk->machine->arena, LAC_VTL_JSON);
    struct lac_str name;
    if (merged == NULL) {
        return lac_vtl_no_room(walk->machine);
    }
    while (value->kind == LAC_VTL_MAP && next_quoted(&names, &name)) {
        const struct lac_vtl_entry *entry = lac_vtl_map_find_text(value->map, name);
        if (entry != NULL &&
            lac_vtl_map_put(walk->machine->arena, merged, entry->key, entry->value) == NULL) {
            return lac_vtl_no_room(walk->machine);
        }
    }
    struct lac_vtl_value map = lac_vtl_of_map(merged);
    return value->kind != LAC_VTL_MAP || add(walk, &map);
}

static bool step_to_names(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    const struct lac_vtl_step *step = &walk->path->steps[at];
    struct lac_str names = step->text, name;
    if (!step->is_quoted) {
        return step_to_name(walk, value, names, at);
    }
    if (lac_vtl_step_has_comma(step) && at + 1 == walk->path->count) {
        return step_to_merged(walk, value, names);
    }
    while (next_quoted(&names, &name)) {
        if (!step_to_name(walk, value, name, at)) {
            return false;
        }
    }
    return true;
}

/* Takes an integer off the left of a text; false when it does not begin with one. */
static bool next_integer(struct lac_str *text, int64_t *out) {
    size_t i = 0;
    bool negative = text->len > 0 && *text->data == '-';
    int64_t value = 0;
    for (i = negative; i < text->len && text->data[i] >= '0' && text->data[i] <= '9'; i++) {
        value = value > INT32_MAX ? value : value * 10 + (text->data[i] - '0');
    }
    if (i == (size_t)negative) {
        return false;
    }
    *out = negative ? -value : value;
    *text = (struct lac_str){text->data + i, text->len - i};
    return true;
}

static void skip_blanks(struct lac_str *text) {
    while (text->len > 0 && (*text->data == ' ' || *text->data == ',')) {
        *text = (struct lac_str){text->data + 1, text->len - 1};
    }
}

static bool step_to_indexes(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    struct lac_str text = walk->path->steps[at].text;
    int64_t index;
    if (value->kind != LAC_VTL_LIST) {
        walk->is_lost = walk->is_lost || is_certain(walk, at);
        return true;
    }
    while (skip_blanks(&text), next_integer(&text, &index)) {
        index += index < 0 ? (int64_t)value->list->count : 0;
        if (index >= 0 && index < value->list->count) {
            struct lac_vtl_value item = value->list->items[index];
            if (!walk_on(walk, &item, at + 1)) {
                return false;
            }
        }
    }
    return true;
}

static int64_t within(int64_t index, int64_t count) {
    index += index < 0 ? count : 0;
    return index < 0 ? 0 : index > count ? count : index;
}

static bool step_to_slice(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    struct lac_str text = walk->path->steps[at].text;
    if (value->kind != LAC_VTL_LIST) {
        walk->is_lost = walk->is_lost || (at == 0 || is_certain(walk, at - 1));
        return true;
    }
    int64_t count = value->list->count, from = 0, to = count;
    skip_blanks(&text);
    next_integer(&text, &from);
    skip_blanks(&text);
    if (text.len > 0) { /* the colon */
        text = (struct lac_str){text.data + 1, text.len - 1};
    }
    skip_blanks(&text);
    next_integer(&text, &to);
    to = within(to, count);
    for (int64_t i = within(from, count); i < to; i++) {
        struct lac_vtl_value item = value->list->items[i];
        if (!walk_on(walk, &item, at + 1)) {
            return false;
        }
    }
    return true;
}

/* Calls `visit` for each child of a list or a map. */
static bool each_child(struct walk *walk, const struct lac_vtl_value *value, size_t at,
                       bool (*visit)(struct walk *, const struct lac_vtl_value *, size_t)) {
    if (value->kind == LAC_VTL_LIST) {
        for (uint32_t i = 0; i < value->list->count; i++) {
            if (!visit(walk, &value->list->items[i], at)) {
                return false;
            }
        }
    } else if (value->kind == LAC_VTL_MAP) {
        for (uint32_t i = 0; i < value->map->count; i++) {
            if (!visit(walk, &value->map->entries[i].value, at)) {
                return false;
            }
        }
    }
    return true;
}

static bool step_if_passing(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    bool passes, valid;
    if (!lac_vtl_filter(walk->machine, walk->root, value, walk->path->steps[at].text, &passes,
                        &valid)) {
        return false;
    }
    walk->is_lost = walk->is_lost || !valid;
    return !passes || walk_on(walk, value, at + 1);
}

static bool step_to_passing(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    return value->kind == LAC_VTL_LIST ? each_child(walk, value, at, step_if_passing)
                                       : step_if_passing(walk, value, at);
}

static bool take_step(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    switch (walk->path->steps[at].kind) {
    case LAC_VTL_STEP_NAMES:
        return step_to_names(walk, value, at);
    case LAC_VTL_STEP_INDEXES:
        return step_to_indexes(walk, value, at);
    case LAC_VTL_STEP_SLICE:
        return step_to_slice(walk, value, at);
    case LAC_VTL_STEP_ALL:
        return each_child(walk, value, at + 1, walk_on);
    case LAC_VTL_STEP_FILTER:
        return step_to_passing(walk, value, at);
    default:
        return add(walk, value);
    }
}

/* A step behind .. is taken from every list and map at and below the value. */
static bool take_deep(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    struct lac_vtl_machine *machine = walk->machine;
    if (value->kind != LAC_VTL_LIST && value->kind != LAC_VTL_MAP) {
        return true;
    }
    if (!lac_vtl_spend(machine, 1) || !lac_vtl_deepen(machine)) {
        return false;
    }
    bool is_map_step = walk->path->steps[at].kind == LAC_VTL_STEP_NAMES;
    bool fits = !is_map_step || value->kind == LAC_VTL_MAP;
    bool ok = (!fits || take_step(walk, value, at)) && each_child(walk, value, at, take_deep);
    machine->depth--;
    return ok;
}

static bool walk_on(struct walk *walk, const struct lac_vtl_value *value, size_t at) {
    if (!lac_vtl_spend(walk->machine, 1)) {
        return false;
    }
    if (at == walk->path->count) {
        return add(walk, value);
    }
    return walk->path->steps[at].is_deep ? take_deep(walk, value, at) : take_step(walk, value, at);
}

/* Makes of what was found what the path gives. */
static bool conclude(const struct walk *walk, struct lac_vtl_value *out) {
    const struct lac_vtl_jsonpath *path = walk->path;
    struct lac_vtl_value value = lac_vtl_of_list(walk->found);
    if (walk->is_lost || (path->is_definite && walk->found->count == 0)) {
        return false;
    }
    if (path->is_definite) {
        value = walk->found->items[0];
    }
    if (path->count > 0 && path->steps[path->count - 1].kind == LAC_VTL_STEP_FUNCTION) {
        return lac_vtl_path_function(path->steps[path->count - 1].text, &value, out);
    }
    *out = value;
    return true;
}

bool lac_vtl_find(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                  const struct lac_vtl_value *item, struct lac_str path, bool *found,
                  struct lac_vtl_value *out) {
    struct lac_vtl_jsonpath parsed;
    const struct lac_vtl_value *from = path.len > 0 && *path.data == '@' ? item : root;
    *found = false;
    if (path.len == 0 ||
        !lac_vtl_path_parse((struct lac_str){path.data + 1, path.len - 1}, &parsed)) {
        return true;
    }
    struct walk walk = {.machine = machine, .root = root, .path = &parsed};
    walk.found = lac_vtl_new_list(machine->arena, LAC_VTL_JSON);
    if (walk.found == NULL) {
        return lac_vtl_no_room(machine);
    }
    if (!lac_vtl_deepen(machine) || !walk_on(&walk, from, 0)) {
        return false;
    }
    machine->depth--;
    *found = conclude(&walk, out);
    return true;
}

bool lac_vtl_path(struct lac_vtl_machine *machine, const struct lac_vtl_value *root,
                  struct lac_str path, struct lac_vtl_value *out) {
    bool found;
    struct lac_vtl_value value = {.kind = LAC_VTL_NULL};
    path = lac_vtl_path_trim(path);
    if (path.len > 0 && *path.data != '$' && *path.data != '@') {
        struct lac_buf rooted = {0};
        lac_buf_adds(&rooted, LAC_STR("$."), path);
        path = lac_arena_copy(machine->arena, lac_buf_view(&rooted));
        lac_buf_free(&rooted);
        if (path.data == NULL) {
            return lac_vtl_no_room(machine);
        }
    }
    if (!lac_vtl_find(machine, root, root, path, &found, &value)) {
        return false;
    }
    *out = found ? value : (struct lac_vtl_value){.kind = LAC_VTL_NULL};
    return true;
}
