/* vtl_values.h — Lua's values as those of core/vtl.h, and back. */
#ifndef BIND_VTL_VALUES_H
#define BIND_VTL_VALUES_H

#include "bind/bind.h"
#include "core/vtl.h"

/* Fills a map from the field `key` of the table at `arg`: a table by names, taken in the order of
 * their bytes, or a list of { name, value }, taken as it stands. A field that is absent leaves it
 * empty. `wanted` tells the names that are needed; NULL: all. What cannot be meant raises and names
 * the field. Strings are borrowed from the table. */
void bind_vtl_map(lua_State *L, int arg, const char *key, struct lac_arena *arena,
                  const struct lac_vtl_map *wanted, struct lac_vtl_map *map);

/* Pushes a value; null is json.null. False, and nothing pushed, when there is too much of it. */
bool bind_push_vtl(lua_State *L, const struct lac_vtl_value *value);

#endif
