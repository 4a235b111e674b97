#include "vm/coroutine.h"

#include <stdbool.h>

#include <lauxlib.h>

#include "vm/interrupt.h"

/* Moves `count` arguments over, runs `thread` until it yields or ends, and brings back what it
 * gave: its results, whose number it sets, or the error value. Never raises. */
static bool run(lua_State *L, lua_State *thread, int count, int *results) {
    if (!lua_checkstack(thread, count)) {
        lua_pushliteral(L, "too many arguments to resume");
        return false;
    }
    lua_xmove(L, thread, count);
    lac_interrupt_follow(thread);
    int status = lua_resume(thread, L, count, results);
    lac_interrupt_follow(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(thread, L, 1);
        lac_interrupt_arrived(L);
        return false;
    }
    if (!lua_checkstack(L, *results + 1)) {
        lua_pop(thread, *results);
        lua_pushliteral(L, "too many results to resume");
        return false;
    }
    lua_xmove(thread, L, *results);
    return true;
}

/* Closes what a coroutine left open, as the thread that runs: its own code may be at work, and a
 * signal is to find it. Leaves the error, if there was one, on top of its stack. */
static int reset(lua_State *L, lua_State *thread) {
    lac_interrupt_follow(thread);
    int status = lua_resetthread(thread);
    lac_interrupt_follow(L);
    return status;
}

/* coroutine.resume(thread, ...) -> true, ... | false, error */
static int l_resume(lua_State *L) {
    lua_State *thread = lua_tothread(L, 1);
    luaL_argexpected(L, thread != NULL, 1, "coroutine");

    int results = 1;
    bool ok = run(L, thread, lua_gettop(L) - 1, &results);
    results = ok ? results : 1;
    lua_pushboolean(L, ok);
    lua_insert(L, -(results + 1));
    return results + 1;
}

/* What coroutine.wrap returns: the thread is its upvalue, and an error is raised again, where it
 * was called. A thread that failed is closed first, which may change the error. */
static int wrapped(lua_State *L) {
    lua_State *thread = lua_tothread(L, lua_upvalueindex(1));
    int results = 0;
    if (run(L, thread, lua_gettop(L), &results)) {
        return results;
    }
    int status = lua_status(thread);
    if (status != LUA_OK && status != LUA_YIELD) {
        status = reset(L, thread);
        lua_xmove(thread, L, 1);
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

/* coroutine.wrap(fn) -> function */
static int l_wrap(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *thread = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, thread, 1);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* coroutine.close(thread) -> true | false, error. One that runs, or waits for another, is refused
 * by Lua's own function, the upvalue. */
static int l_close(lua_State *L) {
    lua_State *thread = lua_tothread(L, 1);
    luaL_argexpected(L, thread != NULL, 1, "coroutine");
    lua_Debug activation;
    bool has_begun = lua_getstack(thread, 0, &activation) != 0;
    if (thread == L || (lua_status(thread) == LUA_OK && has_begun)) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
        return lua_gettop(L);
    }
    bool ok = reset(L, thread) == LUA_OK;
    lua_pushboolean(L, ok);
    if (!ok) {
        lua_xmove(thread, L, 1);
    }
    return ok ? 1 : 2;
}

void lac_coroutine_install(lua_State *L) {
    static const luaL_Reg functions[] = {{"resume", l_resume}, {"wrap", l_wrap}, {NULL, NULL}};
    lua_getglobal(L, "coroutine");
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "close");
    lua_pushcclosure(L, l_close, 1);
    lua_setfield(L, -2, "close");
    lua_pop(L, 1);
}
