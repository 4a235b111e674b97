/* vtl_reference.c — what a reference stands for, and what #set does to it. */
#include <string.h>

#include "core/vtl_private.h"

#define ARGUMENTS_MOST 8

static const struct lac_vtl_value nothing = {.kind = LAC_VTL_NULL};

static bool is_name(struct lac_str name, const char *text) {
    return name.len == strlen(text) && memcmp(name.data, text, name.len) == 0;
}

static void get_of_loop(const struct lac_vtl_loop *loop, struct lac_str name,
                        struct lac_vtl_value *out) {
    if (is_name(name, "count")) {
        *out = lac_vtl_integer((int64_t)loop->position + 1);
    } else if (is_name(name, "index")) {
        *out = lac_vtl_integer(loop->position);
    } else if (is_name(name, "hasNext")) {
        *out = lac_vtl_boolean(loop->has_next);
    } else if (is_name(name, "first")) {
        *out = lac_vtl_boolean(loop->position == 0);
    } else if (is_name(name, "last")) {
        *out = lac_vtl_boolean(!loop->has_next);
    } else if (is_name(name, "parent")) {
        *out = loop->parent;
    } else if (is_name(name, "topmost")) {
        *out = (struct lac_vtl_value){.kind = LAC_VTL_LOOP, .loop = (struct lac_vtl_loop *)loop};
        while (out->loop->parent.kind == LAC_VTL_LOOP) {
            *out = out->loop->parent;
        }
    }
}

/* object.name: of a map, the key; of others, what Java's getName() or isName() would say. */
static bool get_property(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                         struct lac_str name, struct lac_vtl_value *out) {
    const struct lac_vtl_entry *entry;
    *out = nothing;
    if (object->kind == LAC_VTL_MAP) {
        entry = lac_vtl_map_find_text(object->map, name);
        *out = entry == NULL ? nothing : entry->value;
        return true;
    }
    if (is_name(name, "class")) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "reflection (.class) is not available");
    }
    switch (object->kind) {
    case LAC_VTL_LOOP:
        get_of_loop(object->loop, name, out);
        break;
    case LAC_VTL_INPUT:
        if (is_name(name, "body")) {
            struct lac_str body = machine->run->body;
            *out = lac_vtl_string(body.len == 0 ? LAC_STR("{}") : body);
        }
        break;
    case LAC_VTL_STRING:
        *out = is_name(name, "empty") ? lac_vtl_boolean(object->len == 0) : nothing;
        break;
    case LAC_VTL_LIST:
        *out = is_name(name, "empty") ? lac_vtl_boolean(object->list->count == 0) : nothing;
        break;
    case LAC_VTL_ENTRY:
        *out = is_name(name, "key")     ? object->entry->key
               : is_name(name, "value") ? object->entry->value
                                        : nothing;
        break;
    default:
        break;
    }
    return true;
}

static bool call(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                 const struct lac_vtl_tail *tail, struct lac_vtl_value *out) {
    struct lac_vtl_value arguments[ARGUMENTS_MOST];
    const struct lac_vtl_node *node = tail->arguments;
    for (uint32_t i = 0; i < tail->count; i++, node = node->next) {
        struct lac_vtl_value value;
        if (!lac_vtl_evaluate(machine, node, &value)) {
            return false;
        }
        if (i < ARGUMENTS_MOST) {
            arguments[i] = value;
        }
    }
    *out = nothing;
    if (tail->count > ARGUMENTS_MOST || tail->method == LAC_VTL_M_UNKNOWN) {
        return true;
    }
    machine->at = tail->at;
    struct lac_vtl_call work = {
        .object = *object, .method = tail->method, .arguments = arguments, .count = tail->count};
    return lac_vtl_call(machine, &work, out);
}

/* -1 is the last item of what has a size. */
static bool from_end(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                     struct lac_vtl_value *index) {
    if (index->kind != LAC_VTL_INTEGER || index->integer >= 0 || index->integer < INT32_MIN) {
        return true;
    }
    if (object->kind != LAC_VTL_LIST && object->kind != LAC_VTL_MAP) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "a negative index of what is no list");
    }
    index->integer += object->kind == LAC_VTL_LIST ? object->list->count : object->map->count;
    return true;
}

static bool follow(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                   const struct lac_vtl_tail *tail, struct lac_vtl_value *out) {
    struct lac_vtl_value index;
    switch (tail->kind) {
    case LAC_VTL_PROPERTY:
        machine->at = tail->at;
        return get_property(machine, object, tail->name, out);
    case LAC_VTL_CALL:
        return call(machine, object, tail, out);
    default:
        if (!lac_vtl_evaluate(machine, tail->arguments, &index)) {
            return false;
        }
        machine->at = tail->at;
        return from_end(machine, object, &index) && lac_vtl_at_index(machine, object, &index, out);
    }
}

/* Whatever is missing on the way makes the whole reference the empty text. */
bool lac_vtl_get(struct lac_vtl_machine *machine, const struct lac_vtl_reference *reference,
                 struct lac_vtl_value *out) {
    struct lac_vtl_value value = machine->slots[reference->slot];
    const struct lac_vtl_tail *tail = reference->tails;
    for (; tail != NULL && value.kind != LAC_VTL_NULL; tail = tail->next) {
        struct lac_vtl_value object = value;
        if (!lac_vtl_spend(machine, 1) || !follow(machine, &object, tail, &value)) {
            return false;
        }
    }
    *out = value.kind == LAC_VTL_NULL ? lac_vtl_string(LAC_STR("")) : value;
    return true;
}

static bool put(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                struct lac_vtl_value key, struct lac_vtl_value value) {
    lac_vtl_touch(machine, object->map->flavour);
    struct lac_vtl_entry *entry = lac_vtl_map_put(machine->arena, object->map, key, value);
    if (entry == NULL) {
        return lac_vtl_no_room(machine);
    }
    entry->is_changed = true;
    return true;
}

static bool set_index(struct lac_vtl_machine *machine, const struct lac_vtl_value *object,
                      struct lac_vtl_value index, struct lac_vtl_value value) {
    if (!from_end(machine, object, &index)) {
        return false;
    }
    if (object->kind == LAC_VTL_MAP) {
        return put(machine, object, index, value);
    }
    if (object->kind != LAC_VTL_LIST || index.kind != LAC_VTL_INTEGER ||
        object->list->flavour == LAC_VTL_VIEW) {
        return true;
    }
    if (index.integer < 0 || index.integer >= object->list->count) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "index %lld of a list of %u",
                            (long long)index.integer, object->list->count);
    }
    lac_vtl_touch(machine, object->list->flavour);
    object->list->items[index.integer] = value;
    return true;
}

/* Where something is missing on the way to it, nothing is set. */
bool lac_vtl_set(struct lac_vtl_machine *machine, const struct lac_vtl_reference *reference,
                 struct lac_vtl_value value) {
    struct lac_vtl_value object = machine->slots[reference->slot];
    const struct lac_vtl_tail *tail = reference->tails;
    if (tail == NULL) {
        machine->slots[reference->slot] = value;
        return true;
    }
    for (; tail->next != NULL && object.kind != LAC_VTL_NULL; tail = tail->next) {
        struct lac_vtl_value next;
        if (!follow(machine, &object, tail, &next)) {
            return false;
        }
        object = next;
    }
    if (object.kind == LAC_VTL_NULL) {
        return true;
    }
    if (tail->kind == LAC_VTL_INDEX) {
        struct lac_vtl_value index;
        return lac_vtl_evaluate(machine, tail->arguments, &index) &&
               set_index(machine, &object, index, value);
    }
    return object.kind != LAC_VTL_MAP || put(machine, &object, lac_vtl_string(tail->name), value);
}
