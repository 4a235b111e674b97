/* vtl_render.c — the public face of vtl.h, and the walk over statements. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vtl_private.h"

#define TEMPLATE_MEMORY_MOST ((size_t)64 * 1024 * 1024)
#define BLOCK_DEPTH_MOST 2 /* how deep a #define may stand in itself before its name is printed */

void lac_vtl_place(const struct lac_vtl_template *template, size_t at, size_t *line,
                   size_t *column) {
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at && i < template->text.len; i++) {
        unsigned char byte = (unsigned char)template->text.data[i];
        if (byte == '\n') {
            ++*line;
            *column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            ++*column;
        }
    }
}

/* In the order of the enum. */
static const struct lac_str known_names[LAC_VTL_SLOTS] = {
    [LAC_VTL_SLOT_INPUT] = LAC_STR_INIT("input"),
    [LAC_VTL_SLOT_UTIL] = LAC_STR_INIT("util"),
    [LAC_VTL_SLOT_CONTEXT] = LAC_STR_INIT("context"),
    [LAC_VTL_SLOT_STAGE_VARIABLES] = LAC_STR_INIT("stageVariables"),
    [LAC_VTL_SLOT_FOREACH] = LAC_STR_INIT("foreach"),
    [LAC_VTL_SLOT_COUNT] = LAC_STR_INIT("velocityCount"),
    [LAC_VTL_SLOT_HAS_NEXT] = LAC_STR_INIT("velocityHasNext"),
};

static bool set_up(struct lac_vtl_template *template, struct lac_str text) {
    template->arena.most = TEMPLATE_MEMORY_MOST;
    template->text = lac_arena_copy(&template->arena, text);
    template->names = lac_vtl_new_map(&template->arena, LAC_VTL_PLAIN);
    bool ok = template->text.data != NULL && template->names != NULL;
    for (size_t i = 0; ok && i < LAC_VTL_SOURCES; i++) {
        template->wanted[i] = lac_vtl_new_map(&template->arena, LAC_VTL_PLAIN);
        ok = template->wanted[i] != NULL;
    }
    for (uint32_t slot = 0; ok && slot < LAC_VTL_SLOTS; slot++) {
        ok = lac_vtl_map_put(&template->arena, template->names, lac_vtl_string(known_names[slot]),
                             lac_vtl_integer(slot)) != NULL;
    }
    return ok;
}

struct lac_vtl_template *lac_vtl_compile(struct lac_str text, struct lac_error *err) {
    if (text.len > LAC_VTL_TEMPLATE_MOST) {
        lac_fail(err, LAC_ERR_LIMIT, "a template of %zu bytes is longer than the allowed %zu",
                 text.len, LAC_VTL_TEMPLATE_MOST);
        return NULL;
    }
    struct lac_vtl_template *template = calloc(1, sizeof *template);
    if (template == NULL || !set_up(template, text)) {
        lac_vtl_template_free(template);
        lac_fail(err, LAC_ERR_MEMORY, "out of memory for a template");
        return NULL;
    }
    template->has_overrides = strstr(template->text.data, "Override") != NULL;
    struct lac_vtl_parser parser = {.template = template, .text = template->text, .err = err};
    if (!lac_vtl_parse(&parser, &template->body)) {
        lac_vtl_template_free(template);
        return NULL;
    }
    return template;
}

void lac_vtl_template_free(struct lac_vtl_template *template) {
    if (template != NULL) {
        lac_arena_free(&template->arena);
        free(template);
    }
}

bool lac_vtl_fail(struct lac_vtl_machine *machine, enum lac_error_kind kind, const char *format,
                  ...) {
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    size_t line, column;
    lac_vtl_place(machine->run->template, machine->at, &line, &column);
    return lac_fail(machine->err, kind, "line %zu, column %zu: %s", line, column, message);
}

bool lac_vtl_no_room(struct lac_vtl_machine *machine) {
    return lac_vtl_fail(machine, LAC_ERR_LIMIT, "the template takes more memory than allowed");
}

bool lac_vtl_spend(struct lac_vtl_machine *machine, size_t steps) {
    if (steps > machine->steps) {
        machine->steps = 0;
        return lac_vtl_fail(machine, LAC_ERR_LIMIT, "the template takes more steps than allowed");
    }
    machine->steps -= steps;
    return true;
}

static bool too_much(struct lac_vtl_machine *machine) {
    return lac_vtl_fail(machine, LAC_ERR_LIMIT, "the template makes more text than allowed");
}

char *lac_vtl_more_room(struct lac_vtl_machine *machine, size_t len) {
    if (len > machine->out_most - machine->out->len) {
        too_much(machine);
        return NULL;
    }
    char *room = lac_buf_grow(machine->out, len, 1);
    if (room == NULL) {
        lac_vtl_fail(machine, LAC_ERR_MEMORY, "out of memory");
    }
    return room;
}

bool lac_vtl_check_written(struct lac_vtl_machine *machine) {
    if (machine->out->failed) {
        return lac_vtl_fail(machine, LAC_ERR_MEMORY, "out of memory");
    }
    return machine->out->len <= machine->out_most || too_much(machine);
}

bool lac_vtl_write(struct lac_vtl_machine *machine, struct lac_str text) {
    if (text.len == 0) {
        return true;
    }
    char *room = lac_vtl_room(machine, text.len);
    if (room == NULL) {
        return false;
    }
    memcpy(room, text.data, text.len);
    return true;
}

bool lac_vtl_take_written(struct lac_vtl_machine *machine, size_t begun,
                          struct lac_vtl_value *out) {
    struct lac_str written = lac_buf_view(machine->out);
    struct lac_str text =
        lac_arena_copy(machine->arena, (struct lac_str){written.data + begun, written.len - begun});
    lac_buf_cut(machine->out, begun);
    *out = lac_vtl_string(text);
    return text.data != NULL || lac_vtl_no_room(machine);
}

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

bool lac_vtl_deepen(struct lac_vtl_machine *machine) {
    if (machine->depth >= LAC_VTL_DEPTH_MOST) {
        return lac_vtl_fail(machine, LAC_ERR_LIMIT, "the template nests deeper than allowed");
    }
    machine->depth++;
    return true;
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

bool lac_vtl_start(struct lac_vtl_run *run, const struct lac_vtl_template *template,
                   struct lac_error *err) {
    *run = (struct lac_vtl_run){.template = template, .arena = run->arena};
    run->arena.most = LAC_VTL_MEMORY_MOST;
    struct lac_vtl_map *maps = lac_arena_zeroed(&run->arena, 5 * sizeof *maps); /* plain ones */
    if (maps == NULL) {
        return lac_fail(err, LAC_ERR_MEMORY, "out of memory for a template");
    }
    run->path = &maps[0];
    run->querystring = &maps[1];
    run->header = &maps[2];
    run->context = &maps[3];
    run->stage_variables = &maps[4];
    return true;
}

void lac_vtl_finish(struct lac_vtl_run *run) {
    lac_arena_free(&run->arena);
    *run = (struct lac_vtl_run){0};
}

void lac_vtl_rest(struct lac_vtl_run *run) {
    lac_arena_rest(&run->arena, LAC_VTL_KEPT_MOST);
    *run = (struct lac_vtl_run){.arena = run->arena};
}

/* Makes the maps below which a template may set something: context.name.part. */
static bool add_override(struct lac_vtl_run *run, struct lac_str name, const struct lac_str *parts,
                         size_t count) {
    struct lac_arena *arena = &run->arena;
    struct lac_vtl_map *map = lac_vtl_new_map(arena, LAC_VTL_PLAIN);
    if (map == NULL ||
        lac_vtl_map_put(arena, run->context, lac_vtl_string(name), lac_vtl_of_map(map)) == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct lac_vtl_map *part = lac_vtl_new_map(arena, LAC_VTL_PLAIN);
        if (part == NULL ||
            lac_vtl_map_put(arena, map, lac_vtl_string(parts[i]), lac_vtl_of_map(part)) == NULL) {
            return false;
        }
    }
    return true;
}

static bool add_overrides(struct lac_vtl_run *run) {
    static const struct lac_str parts[] = {LAC_STR_INIT("header"), LAC_STR_INIT("path"),
                                           LAC_STR_INIT("querystring")};
    return add_override(run, LAC_STR("requestOverride"), parts, 3) &&
           add_override(run, LAC_STR("responseOverride"), parts, 1);
}

static bool prepare(struct lac_vtl_machine *machine) {
    struct lac_vtl_run *run = machine->run;
    size_t count = run->template->names->count;
    machine->slots = lac_arena_zeroed(machine->arena, count * sizeof *machine->slots);
    if (machine->slots == NULL || (run->template->has_overrides && !add_overrides(run))) {
        return lac_vtl_no_room(machine);
    }
    machine->slots[LAC_VTL_SLOT_INPUT] = (struct lac_vtl_value){.kind = LAC_VTL_INPUT};
    machine->slots[LAC_VTL_SLOT_UTIL] = (struct lac_vtl_value){.kind = LAC_VTL_UTIL};
    machine->slots[LAC_VTL_SLOT_CONTEXT] = lac_vtl_of_map(run->context);
    machine->slots[LAC_VTL_SLOT_STAGE_VARIABLES] = lac_vtl_of_map(run->stage_variables);
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
    bool ok = prepare(&machine) && lac_vtl_render_block(&machine, run->template->body);
    lac_regex_free(&machine.regex);
    return ok;
}
