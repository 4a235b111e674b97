/* guard.h — require "host.guard": what a handler is held to, its time and its memory. */
#ifndef LAC_GUARD_H
#define LAC_GUARD_H

#include <stdbool.h>

#include <lua.h>

/* Whether, when all garbage is collected, Lua still has as much as a handler may. */
bool lac_guard_is_large(lua_State *L);

int luaopen_host_guard(lua_State *L);

#endif
