/* modules.h — the table of primitives: "host.json" -> luaopen_host_json, one row for each
 * host/bind/<name>_lua.c. The build makes it from the folder. */
#ifndef LAC_MODULES_H
#define LAC_MODULES_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg lac_modules[];

#endif
