/* vtl_container.c — the methods of Java's lists and maps. */
#include "core/vtl_private.h"

void lac_vtl_touch(struct lac_vtl_machine *machine, uint8_t flavour) {
    if (flavour == LAC_VTL_JSON) {
        machine->has_document = false; /* it is read again for the next $input.path() */
    }
}

static bool out_of_bounds(struct lac_vtl_machine *machine, int64_t index, uint32_t count) {
    return lac_vtl_fail(machine, LAC_ERR_INPUT, "index %lld of a list of %u", (long long)index,
                        count);
}

bool lac_vtl_at_index(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                      const struct lac_vtl_value *index, struct lac_vtl_value *out) {
    *out = (struct lac_vtl_value){.kind = LAC_VTL_NULL};
    if (object->kind == LAC_VTL_MAP) {
        const struct lac_vtl_entry *entry = lac_vtl_map_find(object->map, index);
        *out = entry == NULL ? *out : entry->value;
        return true;
    }
    if (object->kind != LAC_VTL_LIST || object->list->flavour == LAC_VTL_VIEW ||
        index->kind != LAC_VTL_INTEGER) {
        return true;
    }
    if (index->integer < 0 || index->integer >= object->list->count) {
        return out_of_bounds(machine, index->integer, object->list->count);
    }
    *out = object->list->items[index->integer];
    return true;
}

/* Where an item stands, from either end; -1 when nowhere. */
static bool find(struct lac_vtl_machine *machine, const struct lac_vtl_list *list,
                 const struct lac_vtl_value *wanted, bool from_end, int64_t *at) {
    bool same = false;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t position = from_end ? list->count - 1 - i : i;
        if (!lac_vtl_same(machine, &list->items[position], wanted, &same)) {
            return false;
        }
        if (same) {
            *at = position;
            return true;
        }
    }
    *at = -1;
    return true;
}

static bool insert(struct lac_vtl_machine *machine, struct lac_vtl_list *list, int64_t at,
                   struct lac_vtl_value value) {
    if (at < 0 || at > list->count) {
        return out_of_bounds(machine, at, list->count);
    }
    lac_vtl_touch(machine, list->flavour);
    return lac_vtl_spend(machine, (list->count - (size_t)at) / 64) &&
           (lac_vtl_list_insert(machine->arena, list, (size_t)at, value) ||
            lac_vtl_no_room(machine));
}

static bool add_all(struct lac_vtl_machine *machine, struct lac_vtl_list *list,
                    const struct lac_vtl_list *more, struct lac_vtl_value *out) {
    uint32_t count = more->count; /* the list may be its own more */
    *out = lac_vtl_boolean(count > 0);
    lac_vtl_touch(machine, list->flavour);
    for (uint32_t i = 0; i < count; i++) {
        if (!lac_vtl_list_add(machine->arena, list, more->items[i])) {
            return lac_vtl_no_room(machine);
        }
    }
    return lac_vtl_spend(machine, count / 16);
}

/* remove(int) gives what was there, remove(Object) whether it was there. */
static bool remove_item(struct lac_vtl_machine *machine, struct lac_vtl_list *list,
                        const struct lac_vtl_value *what, struct lac_vtl_value *out) {
    int64_t at = what->integer;
    bool by_index = what->kind == LAC_VTL_INTEGER;
    if (by_index && (at < 0 || at >= list->count)) {
        return out_of_bounds(machine, at, list->count);
    }
    if (!by_index && !find(machine, list, what, false, &at)) {
        return false;
    }
    *out = by_index ? list->items[at] : lac_vtl_boolean(at >= 0);
    if (at >= 0) {
        lac_vtl_touch(machine, list->flavour);
        lac_vtl_list_remove(list, (size_t)at);
    }
    return lac_vtl_spend(machine, list->count / 64);
}

static bool sub_list(struct lac_vtl_machine *machine, const struct lac_vtl_list *list,
                     const struct lac_vtl_value *from, const struct lac_vtl_value *to,
                     struct lac_vtl_value *out) {
    if (from->integer < 0 || to->integer > list->count || from->integer > to->integer) {
        return out_of_bounds(machine, from->integer < 0 ? from->integer : to->integer, list->count);
    }
    struct lac_vtl_list *part = lac_vtl_new_list(machine->arena, LAC_VTL_PLAIN);
    for (int64_t i = from->integer; part != NULL && i < to->integer; i++) {
        part = lac_vtl_list_add(machine->arena, part, list->items[i]) ? part : NULL;
    }
    *out = lac_vtl_of_list(part);
    return part != NULL ? lac_vtl_spend(machine, part->count / 16) : lac_vtl_no_room(machine);
}

/* Methods that change a list: those of an array and of a view are not supported in Java either. */
static bool change_list(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    struct lac_vtl_list *list = call->object.list;
    const struct lac_vtl_value *arguments = call->arguments;
    switch (call->method) {
    case LAC_VTL_M_add:
        *out = call->count == 1 ? lac_vtl_boolean(true) : lac_vtl_string(LAC_STR(""));
        return insert(machine, list, call->count == 1 ? list->count : arguments[0].integer,
                      arguments[call->count - 1]);
    case LAC_VTL_M_addAll:
        return add_all(machine, list, arguments[0].list, out);
    case LAC_VTL_M_remove:
        return remove_item(machine, list, &arguments[0], out);
    default: /* clear */
        lac_vtl_touch(machine, list->flavour);
        list->count = 0;
        list->changes++;
        *out = lac_vtl_string(LAC_STR(""));
        return true;
    }
}

static bool changes_list(const struct lac_vtl_call *call) {
    const struct lac_vtl_value *arguments = call->arguments;
    switch (call->method) {
    case LAC_VTL_M_add:
        return call->count == 1 || (call->count == 2 && arguments[0].kind == LAC_VTL_INTEGER);
    case LAC_VTL_M_addAll:
        return call->count == 1 && arguments[0].kind == LAC_VTL_LIST;
    case LAC_VTL_M_remove:
        return call->count == 1;
    default:
        return call->method == LAC_VTL_M_clear && call->count == 0;
    }
}

static bool set_item(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                     struct lac_vtl_value *out) {
    struct lac_vtl_list *list = call->object.list;
    if (!lac_vtl_at_index(machine, &call->object, &call->arguments[0], out)) {
        return false;
    }
    if (call->arguments[0].kind == LAC_VTL_INTEGER && list->flavour != LAC_VTL_VIEW) {
        lac_vtl_touch(machine, list->flavour);
        list->items[call->arguments[0].integer] = call->arguments[1];
    }
    return true;
}

/* Methods with one argument that look for it. */
static bool search_list(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                        struct lac_vtl_value *out) {
    int64_t at;
    bool is_last = call->method == LAC_VTL_M_lastIndexOf;
    bool is_view = call->object.list->flavour == LAC_VTL_VIEW;
    switch (call->method) {
    case LAC_VTL_M_get:
        return lac_vtl_at_index(machine, &call->object, &call->arguments[0], out);
    case LAC_VTL_M_contains:
    case LAC_VTL_M_indexOf:
    case LAC_VTL_M_lastIndexOf:
        if (is_view && call->method != LAC_VTL_M_contains) {
            return true;
        }
        if (!find(machine, call->object.list, &call->arguments[0], is_last, &at)) {
            return false;
        }
        *out = call->method == LAC_VTL_M_contains ? lac_vtl_boolean(at >= 0) : lac_vtl_integer(at);
        return true;
    default:
        return true;
    }
}

bool lac_vtl_call_list(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                       struct lac_vtl_value *out) {
    const struct lac_vtl_list *list = call->object.list;
    if (changes_list(call)) {
        return list->flavour <= LAC_VTL_JSON
                   ? change_list(machine, call, out)
                   : lac_vtl_fail(machine, LAC_ERR_INPUT, "this list cannot be changed");
    }
    if (call->count == 0) {
        *out = call->method == LAC_VTL_M_size      ? lac_vtl_integer(list->count)
               : call->method == LAC_VTL_M_isEmpty ? lac_vtl_boolean(list->count == 0)
                                                   : *out;
        return true;
    }
    if (call->count == 1) {
        return search_list(machine, call, out);
    }
    if (call->count == 2 && call->method == LAC_VTL_M_set) {
        return set_item(machine, call, out);
    }
    bool is_range = call->count == 2 && call->arguments[0].kind == LAC_VTL_INTEGER &&
                    call->arguments[1].kind == LAC_VTL_INTEGER && list->flavour <= LAC_VTL_JSON;
    return !is_range || call->method != LAC_VTL_M_subList ||
           sub_list(machine, list, &call->arguments[0], &call->arguments[1], out);
}

static bool add_entry(struct lac_vtl_machine *machine, struct lac_vtl_list *list,
                      const struct lac_vtl_entry *entry) {
    struct lac_vtl_entry *copy = lac_arena_take(machine->arena, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    *copy = *entry;
    struct lac_vtl_value value = {.kind = LAC_VTL_ENTRY, .entry = copy};
    return lac_vtl_list_add(machine->arena, list, value);
}

/* keySet(), values() or entrySet(), as they are now. */
static bool view_map(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                     struct lac_vtl_value *out) {
    const struct lac_vtl_map *map = call->object.map;
    struct lac_vtl_list *list = lac_vtl_new_list(machine->arena, LAC_VTL_VIEW);
    bool ok = list != NULL;
    for (uint32_t i = 0; ok && i < map->count; i++) {
        const struct lac_vtl_entry *entry = &map->entries[i];
        ok = call->method == LAC_VTL_M_entrySet
                 ? add_entry(machine, list, entry)
                 : lac_vtl_list_add(machine->arena, list,
                                    call->method == LAC_VTL_M_keySet ? entry->key : entry->value);
    }
    *out = lac_vtl_of_list(list);
    return ok ? lac_vtl_spend(machine, map->count / 16) : lac_vtl_no_room(machine);
}

static bool put(struct lac_vtl_machine *machine, struct lac_vtl_map *map, struct lac_vtl_value key,
                struct lac_vtl_value value) {
    lac_vtl_touch(machine, map->flavour);
    struct lac_vtl_entry *entry = lac_vtl_map_put(machine->arena, map, key, value);
    if (entry == NULL) {
        return lac_vtl_no_room(machine);
    }
    entry->is_changed = true;
    return true;
}

static bool put_all(struct lac_vtl_machine *machine, struct lac_vtl_map *map,
                    const struct lac_vtl_map *more, struct lac_vtl_value *out) {
    for (uint32_t i = 0; map != more && i < more->count; i++) {
        if (!lac_vtl_spend(machine, 1) ||
            !put(machine, map, more->entries[i].key, more->entries[i].value)) {
            return false;
        }
    }
    *out = lac_vtl_string(LAC_STR(""));
    return true;
}

static bool contains_value(struct lac_vtl_machine *machine, const struct lac_vtl_map *map,
                           const struct lac_vtl_value *value, struct lac_vtl_value *out) {
    bool same = false;
    for (uint32_t i = 0; !same && i < map->count; i++) {
        if (!lac_vtl_same(machine, &map->entries[i].value, value, &same)) {
            return false;
        }
    }
    *out = lac_vtl_boolean(same);
    return true;
}

static bool call_map_with_key(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                              struct lac_vtl_value *out) {
    struct lac_vtl_map *map = call->object.map;
    struct lac_vtl_entry *entry = lac_vtl_map_find(map, &call->arguments[0]);
    switch (call->method) {
    case LAC_VTL_M_containsKey:
        *out = lac_vtl_boolean(entry != NULL);
        return true;
    case LAC_VTL_M_containsValue:
        return contains_value(machine, map, &call->arguments[0], out);
    case LAC_VTL_M_putAll:
        return call->arguments[0].kind != LAC_VTL_MAP ||
               put_all(machine, map, call->arguments[0].map, out);
    case LAC_VTL_M_get:
    case LAC_VTL_M_remove:
        if (entry == NULL) {
            return true;
        }
        *out = entry->value;
        if (call->method == LAC_VTL_M_remove) {
            lac_vtl_touch(machine, map->flavour);
            lac_vtl_map_remove(map, entry);
            return lac_vtl_spend(machine, map->count / 4);
        }
        return true;
    default:
        return true;
    }
}

static bool call_map_with_two(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                              struct lac_vtl_value *out) {
    const struct lac_vtl_entry *entry = lac_vtl_map_find(call->object.map, &call->arguments[0]);
    bool is_there = entry != NULL;
    switch (call->method) {
    case LAC_VTL_M_getOrDefault:
        *out = is_there ? entry->value : call->arguments[1];
        return true;
    case LAC_VTL_M_put:
    case LAC_VTL_M_putIfAbsent:
        *out = is_there ? entry->value : *out;
        return (call->method == LAC_VTL_M_putIfAbsent && is_there &&
                entry->value.kind != LAC_VTL_NULL) ||
               put(machine, call->object.map, call->arguments[0], call->arguments[1]);
    default:
        return true;
    }
}

static bool call_map_alone(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                           struct lac_vtl_value *out) {
    struct lac_vtl_map *map = call->object.map;
    switch (call->method) {
    case LAC_VTL_M_size:
        *out = lac_vtl_integer(map->count);
        return true;
    case LAC_VTL_M_isEmpty:
        *out = lac_vtl_boolean(map->count == 0);
        return true;
    case LAC_VTL_M_keySet:
    case LAC_VTL_M_values:
    case LAC_VTL_M_entrySet:
        return view_map(machine, call, out);
    case LAC_VTL_M_clear:
        lac_vtl_touch(machine, map->flavour);
        *map = (struct lac_vtl_map){.flavour = map->flavour, .changes = map->changes + 1};
        *out = lac_vtl_string(LAC_STR(""));
        return true;
    default:
        return true;
    }
}

bool lac_vtl_call_map(struct lac_vtl_machine *machine, const struct lac_vtl_call *call,
                      struct lac_vtl_value *out) {
    switch (call->count) {
    case 0:
        return call_map_alone(machine, call, out);
    case 1:
        return call_map_with_key(machine, call, out);
    case 2:
        return call_map_with_two(machine, call, out);
    default:
        return true;
    }
}
