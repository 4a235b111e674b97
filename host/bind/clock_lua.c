/* clock_lua.c — placeholder until the clock lands. */
#include <time.h>

#include "bind/bind.h"

static int l_now(lua_State *L) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

static const luaL_Reg functions[] = {
    {"now", l_now},
    {NULL, NULL},
};

int luaopen_host_clock(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
