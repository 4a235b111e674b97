/* poll_lua.c — require "host.poll": the Lua face of core/poll.h. */
#include <limits.h>

#include "bind/bind.h"
#include "core/poll.h"

#define MAX_FDS 65536

/* poll.wait(fds, timeout?) -> ready | nil, error */
static int l_wait(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Number timeout = luaL_optnumber(L, 2, -1);
    luaL_argcheck(L, lua_isnoneornil(L, 2) || timeout >= 0, 2, "not a time to wait");
    lua_Unsigned count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= MAX_FDS, 1, "more than 65536 file descriptors");

    struct lac_poll *list = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *list, 0);
    for (lua_Unsigned i = 0; i < count; i++) {
        int is_integer = 0;
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        lua_Integer fd = lua_tointegerx(L, -1, &is_integer);
        if (!is_integer || fd < 0 || fd > INT_MAX) {
            return luaL_argerror(L, 1,
                                 lua_pushfstring(L, "item %I: file descriptor expected, got %s",
                                                 (LUAI_UACINT)i + 1, luaL_typename(L, -1)));
        }
        list[i] = (struct lac_poll){.fd = (int)fd};
        lua_pop(L, 1);
    }

    struct lac_error err;
    if (!lac_poll_wait(list, (size_t)count, timeout, &err)) {
        return bind_fail(L, &err);
    }

    lua_newtable(L);
    lua_Integer ready = 0;
    for (lua_Unsigned i = 0; i < count; i++) {
        if (list[i].ready) {
            lua_pushinteger(L, list[i].fd);
            lua_rawseti(L, -2, ++ready);
        }
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"wait", l_wait},
    {NULL, NULL},
};

int luaopen_host_poll(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
