/* vtl_run.c — the values of one rendering: the caller's, and those that a template finds there. */
#include "core/vtl_private.h"

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

bool lac_vtl_prepare(struct lac_vtl_machine *machine) {
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
