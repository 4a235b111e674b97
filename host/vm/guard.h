/* guard.h — require "host.guard": what a handler is held to, its time and its memory. */
#ifndef LAC_GUARD_H
#define LAC_GUARD_H

#include <lua.h>

int luaopen_host_guard(lua_State *L);

#endif
