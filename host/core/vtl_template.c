/* vtl_template.c — a text becomes a template, once. */
#include <stdlib.h>
#include <string.h>

#include "core/vtl_private.h"

#define MEMORY_MOST ((size_t)64 * 1024 * 1024)

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
    template->arena.most = MEMORY_MOST;
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
