/* vtl_machine.c — what walks a template: its failures, its bounds, and what it writes. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/vtl_private.h"

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

bool lac_vtl_deepen(struct lac_vtl_machine *machine) {
    if (machine->depth >= LAC_VTL_DEPTH_MOST) {
        return lac_vtl_fail(machine, LAC_ERR_LIMIT, "the template nests deeper than allowed");
    }
    machine->depth++;
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
