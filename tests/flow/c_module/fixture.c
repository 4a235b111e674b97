/* fixture.c — a C module for specs: linked with a Lua of its own choice and with a library that
 * stands in a folder beside it. */
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

int fixture_answer(void); /* libfixture.so */

int luaopen_fixture(lua_State *L);
int luaopen_fixture_part(lua_State *L);

static int l_answer(lua_State *L) {
    lua_pushinteger(L, fixture_answer());
    return 1;
}

static int l_raise(lua_State *L) {
    return luaL_error(L, "raised in C");
}

static int l_leave(lua_State *L) {
    exit((int)luaL_checkinteger(L, 1));
}

int luaopen_fixture(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"answer", l_answer},
        {"raise", l_raise},
        {"leave", l_leave},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}

/* require "fixture.part", found in the same file. */
int luaopen_fixture_part(lua_State *L) {
    lua_pushliteral(L, "a part");
    return 1;
}
