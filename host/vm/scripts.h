/* scripts.h — require "host.scripts": which Lua modules the program carries. */
#ifndef LAC_VM_SCRIPTS_H
#define LAC_VM_SCRIPTS_H

#include <lua.h>

int luaopen_host_scripts(lua_State *L);

#endif
