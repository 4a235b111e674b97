/* vtl_values.h — Lua's values as those of core/vtl.h, and back. */
#ifndef BIND_VTL_VALUES_H
#define BIND_VTL_VALUES_H

#include "bind/bind.h"
#include "core/vtl.h"

/* Pushes a table of the names that are wanted as Lua's strings, so that none is made for a
 * rendering: at 2 * i + 1 the name of entry i, and at 2 * i + 2 such a table for what is wanted of
 * it, or false. NULL, which is all: {}. */
void bind_vtl_push_names(lua_State *L, const struct lac_vtl_map *wanted);

/* Where a map's values come from. */
struct bind_vtl_source {
    int index;                        /* on the stack: what stands for the field */
    const char *key;                  /* the field's name, for messages */
    int arg;                          /* of the function, for messages */
    const struct lac_vtl_map *wanted; /* names, and their parts; NULL: all */
    int names;                        /* on the stack: these as Lua's strings, as above */
    struct lac_arena *arena;          /* of the rendering */
};

/* Fills a map: from a table by names, taken in the order of their bytes, or from a list of
 * { name, value }, taken as it stands; nil leaves it empty. Of a table by names, no more than what
 * is wanted is read. What cannot be meant raises and names the field. Strings are borrowed from the
 * table. */
void bind_vtl_map(lua_State *L, const struct bind_vtl_source *source, struct lac_vtl_map *map);

/* The fields of params, in the order in which $input.params(name) looks; ends in NULL. */
extern const char *const bind_vtl_param_keys[];

/* Fills the maps of path, querystring and header, which stand at source->index and behind it. Where
 * only names are wanted, a map need not have what is in one before it: $input.params(name) takes
 * the first. */
void bind_vtl_params(lua_State *L, const struct bind_vtl_source *source, struct lac_vtl_run *run);

/* Pushes a value; null is json.null. False, and nothing pushed, when there is too much of it. */
bool bind_push_vtl(lua_State *L, const struct lac_vtl_value *value);

#endif
