/* vtl_render.c — the walk over a template's statements. */
#include "core/vtl_private.h"

#define BLOCK_DEPTH_MOST 2 /* how deep a #define may stand in itself before its name is printed */

/* Renders a block of #define where its name stands. */
static bool render_definition(struct lac_vtl_machine *machine, struct lac_vtl_block *block,
                              const struct lac_vtl_reference *reference) {
    if (block->depth >= BLOCK_DEPTH_MOST) {
        return lac_vtl_write(machine, reference->prefix) &&
               lac_vtl_write(machine, reference->source);
    }
    block->depth++;
    bool ok = lac_vtl_render_block(machine, block->body);
    block->depth--;
    if (machine->signal == LAC_VTL_BREAKING) {
        machine->signal = LAC_VTL_GO_ON;
    }
    return ok;
}

static bool render_reference(struct lac_vtl_machine *machine,
                             const struct lac_vtl_reference *reference) {
    struct lac_vtl_value value;
    if (!lac_vtl_get(machine, reference, &value)) {
        return false;
    }
    if (reference->is_escaped) {
        return lac_vtl_write(machine, reference->prefix) &&
               lac_vtl_write(machine, reference->source);
    }
    if (value.kind == LAC_VTL_BLOCK) {
        return render_definition(machine, value.block, reference);
    }
    return lac_vtl_write(machine, reference->prefix) && lac_vtl_print(machine, &value);
}

static bool render_set(struct lac_vtl_machine *machine, const struct lac_vtl_node *node) {
    struct lac_vtl_value value;
    return lac_vtl_evaluate(machine, node->second, &value) &&
           (value.kind == LAC_VTL_NULL || lac_vtl_set(machine, node->first->reference, value));
}

static bool render_if(struct lac_vtl_machine *machine, const struct lac_vtl_node *node) {
    bool is_true = false;
    for (; node != NULL && node->kind == LAC_VTL_IF; node = node->third) {
        if (!lac_vtl_is_true(machine, node->first, &is_true)) {
            return false;
        }
        if (is_true) {
            return lac_vtl_render_block(machine, node->second);
        }
    }
    return node == NULL || lac_vtl_render_block(machine, node->first);
}

/* What #foreach goes through: a list that may not change meanwhile, or a map's values. */
struct source {
    const struct lac_vtl_list *list;
    const struct lac_vtl_map *map;
    uint32_t changes;
};

static struct source source_of(const struct lac_vtl_value *value) {
    struct source source = {0};
    if (value->kind == LAC_VTL_LIST) {
        source = (struct source){.list = value->list, .changes = value->list->changes};
    } else if (value->kind == LAC_VTL_MAP) {
        source = (struct source){.map = value->map, .changes = value->map->changes};
    }
    return source;
}

static bool has_more(const struct source *source, uint32_t at) {
    if (source->list != NULL) {
        return at != source->list->count;
    }
    return source->map != NULL && at != source->map->count;
}

static bool item_of(struct lac_vtl_machine *machine, const struct source *source, uint32_t at,
                    struct lac_vtl_value *out) {
    uint32_t changes = source->list != NULL ? source->list->changes : source->map->changes;
    if (changes != source->changes) {
        return lac_vtl_fail(machine, LAC_ERR_INPUT, "#foreach: what it goes through has changed");
    }
    *out = source->list != NULL ? source->list->items[at] : source->map->entries[at].value;
    return true;
}

static bool render_rounds(struct lac_vtl_machine *machine, const struct lac_vtl_node *node,
                          const struct source *source, struct lac_vtl_loop *loop) {
    for (uint32_t at = 0; has_more(source, at) && machine->signal == LAC_VTL_GO_ON; at++) {
        machine->at = node->at;
        struct lac_vtl_value item;
        if (!lac_vtl_spend(machine, 1) || !item_of(machine, source, at, &item)) {
            return false;
        }
        loop->position = at;
        loop->has_next = has_more(source, at + 1);
        machine->slots[node->slot] = item;
        machine->slots[LAC_VTL_SLOT_COUNT] = lac_vtl_integer((int64_t)at + 1);
        machine->slots[LAC_VTL_SLOT_HAS_NEXT] = lac_vtl_boolean(loop->has_next);
        if (!lac_vtl_render_block(machine, node->second)) {
            return false;
        }
    }
    return true;
}

static bool render_foreach(struct lac_vtl_machine *machine, const struct lac_vtl_node *node) {
    struct lac_vtl_value iterated, *slots = machine->slots;
    if (!lac_vtl_evaluate(machine, node->first, &iterated)) {
        return false;
    }
    struct source source = source_of(&iterated);
    if (source.list == NULL && source.map == NULL) {
        return true;
    }
    struct lac_vtl_loop *loop = lac_arena_zeroed(machine->arena, sizeof *loop);
    if (loop == NULL) {
        return lac_vtl_no_room(machine);
    }
    const struct lac_vtl_value item = slots[node->slot], count = slots[LAC_VTL_SLOT_COUNT],
                               has_next = slots[LAC_VTL_SLOT_HAS_NEXT];
    loop->parent = slots[LAC_VTL_SLOT_FOREACH];
    slots[LAC_VTL_SLOT_FOREACH] = (struct lac_vtl_value){.kind = LAC_VTL_LOOP, .loop = loop};
    bool ok = render_rounds(machine, node, &source, loop);
    if (machine->signal == LAC_VTL_BREAKING) {
        machine->signal = LAC_VTL_GO_ON;
    }
    slots[node->slot] = item;
    slots[LAC_VTL_SLOT_COUNT] = count;
    slots[LAC_VTL_SLOT_HAS_NEXT] = has_next;
    slots[LAC_VTL_SLOT_FOREACH] = loop->parent;
    return ok;
}

static bool define(struct lac_vtl_machine *machine, const struct lac_vtl_node *node) {
    struct lac_vtl_block *block = lac_arena_zeroed(machine->arena, sizeof *block);
    if (block == NULL) {
        return lac_vtl_no_room(machine);
    }
    block->body = node->first;
    machine->slots[node->slot] = (struct lac_vtl_value){.kind = LAC_VTL_BLOCK, .block = block};
    return true;
}

static bool render_statement(struct lac_vtl_machine *machine, const struct lac_vtl_node *node) {
    machine->at = node->at;
    switch (node->kind) {
    case LAC_VTL_TEXT:
        return lac_vtl_write(machine, node->text);
    case LAC_VTL_REFERENCE:
        return render_reference(machine, node->reference);
    case LAC_VTL_SET:
        return render_set(machine, node);
    case LAC_VTL_IF:
        return render_if(machine, node);
    case LAC_VTL_FOREACH:
        return render_foreach(machine, node);
    case LAC_VTL_DEFINE:
        return define(machine, node);
    default:
        machine->signal = node->kind == LAC_VTL_BREAK ? LAC_VTL_BREAKING : LAC_VTL_STOPPING;
        return true;
    }
}

bool lac_vtl_render_block(struct lac_vtl_machine *machine, const struct lac_vtl_node *node) {
    if (!lac_vtl_deepen(machine)) {
        return false;
    }
    for (; node != NULL && machine->signal == LAC_VTL_GO_ON; node = node->next) {
        if (!lac_vtl_spend(machine, 1) || !render_statement(machine, node)) {
            return false;
        }
    }
    machine->depth--;
    return true;
}

static size_t bound(size_t wanted, size_t most) {
    return wanted == 0 || wanted > most ? most : wanted;
}

bool lac_vtl_render(struct lac_vtl_run *run, struct lac_buf *out, struct lac_error *err) {
    struct lac_vtl_machine machine = {
        .run = run,
        .arena = &run->arena,
        .out = out,
        .out_most = out->len + bound(run->output_most, LAC_VTL_OUTPUT_MOST),
        .steps = bound(run->steps_most, LAC_VTL_STEPS_MOST),
        .err = err,
    };
    bool ok = lac_vtl_prepare(&machine) && lac_vtl_render_block(&machine, run->template->body);
    lac_regex_free(&machine.regex);
    return ok;
}
