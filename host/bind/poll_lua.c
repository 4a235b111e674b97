/* poll_lua.c — require "host.poll": the Lua face of core/poll.h. */
#include <limits.h>

#include "bind/bind.h"
#include "core/poll.h"

#define TYPE "laconic.poll_set"
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

static struct lac_poll_set *check_set(lua_State *L) {
    struct lac_poll_set *set = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, set->open, 1, "closed set");
    return set;
}

static int check_fd(lua_State *L, int arg) {
    lua_Integer fd = luaL_checkinteger(L, arg);
    luaL_argcheck(L, fd >= 0 && fd <= INT_MAX, arg, "file descriptor expected");
    return (int)fd;
}

/* poll.set() -> set | nil, error */
static int l_set(lua_State *L) {
    struct lac_poll_set *set = lua_newuserdatauv(L, sizeof *set, 0);
    *set = (struct lac_poll_set){0};
    luaL_setmetatable(L, TYPE);

    struct lac_error err;
    if (!lac_poll_set_open(set, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* set:add(fd) -> true | nil, error */
static int l_add(lua_State *L) {
    struct lac_poll_set *set = check_set(L);
    int fd = check_fd(L, 2);

    struct lac_error err;
    if (!lac_poll_set_add(set, fd, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushboolean(L, 1);
    return 1;
}

/* set:remove(fd) */
static int l_remove(lua_State *L) {
    struct lac_poll_set *set = check_set(L);
    lac_poll_set_remove(set, check_fd(L, 2));
    return 0;
}

/* set:wait(into, timeout?) -> count | nil, error */
static int l_set_wait(lua_State *L) {
    struct lac_poll_set *set = check_set(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_Number timeout = luaL_optnumber(L, 3, -1);
    luaL_argcheck(L, lua_isnoneornil(L, 3) || timeout >= 0, 3, "not a time to wait");

    int ready[LAC_POLL_READY];
    size_t count;
    struct lac_error err;
    if (!lac_poll_set_wait(set, timeout, ready, &count, &err)) {
        return bind_fail(L, &err);
    }

    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, ready[i]);
        lua_rawseti(L, 2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)count);
    return 1;
}

/* set:close(); also __gc and __close */
static int l_close(lua_State *L) {
    lac_poll_set_close(luaL_checkudata(L, 1, TYPE));
    return 0;
}

static int l_tostring(lua_State *L) {
    const struct lac_poll_set *set = luaL_checkudata(L, 1, TYPE);
    lua_pushstring(L, set->open ? "poll set" : "poll set (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    {"add", l_add}, {"remove", l_remove}, {"wait", l_set_wait}, {"close", l_close}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"wait", l_wait},
    {"set", l_set},
    {NULL, NULL},
};

int luaopen_host_poll(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
