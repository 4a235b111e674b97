/* vtl_wanted.c — what a template asks for: noted while it is compiled, told to who renders it. */
#include "core/vtl_private.h"

#define DEPTH_MOST 4 /* how deep names are told apart */

/* Finds or adds a name among wanted ones: all of it, or names of it that are told later. */
static struct lac_vtl_entry *wanted_entry(struct lac_arena *arena, struct lac_vtl_map *wanted,
                                          struct lac_str name, bool has_parts) {
    struct lac_vtl_entry *entry = lac_vtl_map_find_text(wanted, name);
    if (entry != NULL && has_parts) {
        return entry;
    }
    struct lac_vtl_value value = {.kind = LAC_VTL_NULL};
    if (has_parts) {
        value = lac_vtl_of_map(lac_vtl_new_map(arena, LAC_VTL_PLAIN));
        if (value.map == NULL) {
            return NULL;
        }
    }
    return lac_vtl_map_put(arena, wanted, lac_vtl_string(name), value);
}

/* Notes that a name is wanted: of it, those that stand behind it. */
static bool want(struct lac_vtl_parser *parser, struct lac_vtl_map *wanted, struct lac_str name,
                 const struct lac_vtl_tail *behind) {
    for (unsigned depth = 1;; depth++) {
        bool has_parts = behind != NULL && behind->kind == LAC_VTL_PROPERTY && depth < DEPTH_MOST;
        const struct lac_vtl_entry *entry =
            wanted_entry(&parser->template->arena, wanted, name, has_parts);
        if (entry == NULL) {
            return lac_vtl_no_memory(parser);
        }
        if (!has_parts || entry->value.kind == LAC_VTL_NULL) {
            return true;
        }
        wanted = entry->value.map;
        name = behind->name;
        behind = behind->next;
    }
}

/* Notes what is wanted of $context or $stageVariables: the name behind it, or all. */
static bool want_of(struct lac_vtl_parser *parser, enum lac_vtl_source source,
                    const struct lac_vtl_tail *tail) {
    struct lac_vtl_template *template = parser->template;
    if (tail != NULL && tail->kind == LAC_VTL_PROPERTY) {
        return want(parser, template->wanted[source], tail->name, tail->next);
    }
    template->wants_all[source] = true;
    return true;
}

/* $input.params("name") wants that one, other uses of params all. */
static bool note_input(struct lac_vtl_parser *parser, const struct lac_vtl_tail *tail) {
    if (tail != NULL && (tail->kind != LAC_VTL_CALL || tail->method != LAC_VTL_M_params)) {
        return true;
    }
    const struct lac_vtl_node *argument = tail != NULL ? tail->arguments : NULL;
    if (argument == NULL || argument->kind != LAC_VTL_CONSTANT ||
        argument->value.kind != LAC_VTL_STRING) {
        parser->template->wants_all[LAC_VTL_PARAMS] = true;
        return true;
    }
    struct lac_vtl_map *wanted = parser->template->wanted[LAC_VTL_PARAMS];
    return want(parser, wanted, lac_vtl_text(&argument->value), NULL);
}

bool lac_vtl_note_wanted(struct lac_vtl_parser *parser, const struct lac_vtl_reference *reference) {
    switch (reference->slot) {
    case LAC_VTL_SLOT_INPUT:
        return note_input(parser, reference->tails);
    case LAC_VTL_SLOT_CONTEXT:
        return want_of(parser, LAC_VTL_CONTEXT, reference->tails);
    case LAC_VTL_SLOT_STAGE_VARIABLES:
        return want_of(parser, LAC_VTL_STAGE_VARIABLES, reference->tails);
    default:
        return true;
    }
}

const struct lac_vtl_map *lac_vtl_wanted(const struct lac_vtl_template *template,
                                         enum lac_vtl_source source) {
    return template->wants_all[source] ? NULL : template->wanted[source];
}
