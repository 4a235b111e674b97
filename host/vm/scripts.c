#include "vm/scripts.h"

#include <string.h>

#include <lauxlib.h>

#include "vm/embed.h"

/* scripts.list(prefix) -> { "engine.commands.build", … }: sorted. */
static int l_list(lua_State *L) {
    const char *prefix = luaL_optstring(L, 1, "");
    size_t len = strlen(prefix);
    lua_newtable(L);
    lua_Integer count = 0;
    for (size_t i = 0; i < lac_script_count; i++) {
        if (strncmp(lac_scripts[i].module, prefix, len) == 0) {
            lua_pushstring(L, lac_scripts[i].module);
            lua_rawseti(L, -2, ++count);
        }
    }
    return 1;
}

/* scripts.version() -> "0.1.0" */
static int l_version(lua_State *L) {
    lua_pushstring(L, LAC_VERSION);
    return 1;
}

static const luaL_Reg functions[] = {
    {"list", l_list},
    {"version", l_version},
    {NULL, NULL},
};

int luaopen_host_scripts(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
