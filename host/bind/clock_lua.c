/* clock_lua.c — require "host.clock": the Lua face of core/clock.h. */
#include "bind/bind.h"
#include "core/clock.h"

#define LONGEST_SLEEP 1e9

static double check_seconds(lua_State *L, int arg, double least, double most, const char *problem) {
    luaL_checktype(L, arg, LUA_TNUMBER);
    double seconds = lua_tonumber(L, arg);
    luaL_argcheck(L, seconds >= least && seconds <= most, arg, problem);
    return seconds;
}

static double check_time(lua_State *L, int arg) {
    return check_seconds(L, arg, LAC_CLOCK_LEAST, LAC_CLOCK_MOST,
                         "a time of years 1 to 9999 expected");
}

static int l_now(lua_State *L) {
    lua_pushnumber(L, lac_clock_now());
    return 1;
}

static int l_monotonic(lua_State *L) {
    lua_pushnumber(L, lac_clock_monotonic());
    return 1;
}

static int l_set(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lac_clock_free();
    } else {
        lac_clock_set(check_time(L, 1));
    }
    return 0;
}

static int l_sleep(lua_State *L) {
    double seconds = check_seconds(L, 1, 0, LONGEST_SLEEP, "0 to 1e9 seconds expected");

    struct lac_error err;
    if (!lac_clock_sleep(seconds, &err)) {
        return bind_fail(L, &err);
    }
    lua_pushboolean(L, true);
    return 1;
}

static int l_amz_date(lua_State *L) {
    char text[LAC_AMZ_DATE_SIZE];
    lac_clock_amz_date(check_time(L, 1), text);
    lua_pushlstring(L, text, sizeof text - 1);
    return 1;
}

static int l_iso8601(lua_State *L) {
    double seconds = check_time(L, 1);
    bool milliseconds = bind_opt_flag(L, 2);

    char text[LAC_ISO8601_SIZE];
    lac_clock_iso8601(seconds, milliseconds, text);
    lua_pushstring(L, text);
    return 1;
}

static int l_http_date(lua_State *L) {
    char text[LAC_HTTP_DATE_SIZE];
    lac_clock_http_date(check_time(L, 1), text);
    lua_pushlstring(L, text, sizeof text - 1);
    return 1;
}

static int l_parse(lua_State *L) {
    struct lac_str text = bind_string(L, 1);

    double seconds;
    struct lac_error err;
    if (!lac_clock_parse(text, &seconds, &err)) {
        return bind_fail(L, &err);
    }
    lua_pushnumber(L, seconds);
    return 1;
}

static const luaL_Reg functions[] = {
    {"now", l_now},
    {"monotonic", l_monotonic},
    {"set", l_set},
    {"sleep", l_sleep},
    {"amz_date", l_amz_date},
    {"iso8601", l_iso8601},
    {"http_date", l_http_date},
    {"parse", l_parse},
    {NULL, NULL},
};

int luaopen_host_clock(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
