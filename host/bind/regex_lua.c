/* regex_lua.c — require "host.regex": the Lua face of core/regex.h. */
#include "bind/bind.h"
#include "core/regex.h"

#define REGEX_TYPE "laconic.regex"

static struct lac_regex *check_regex(lua_State *L) {
    return luaL_checkudata(L, 1, REGEX_TYPE);
}

static int regex_gc(lua_State *L) {
    lac_regex_free(check_regex(L));
    return 0;
}

/* re:matches(text) -> boolean | nil, error */
static int l_matches(lua_State *L) {
    struct lac_regex *regex = check_regex(L);
    struct lac_str text = bind_string(L, 2);

    bool matched;
    struct lac_error err;
    if (!lac_regex_matches(regex, text, &matched, &err)) {
        return bind_fail(L, &err);
    }
    lua_pushboolean(L, matched);
    return 1;
}

static void push_group(lua_State *L, const struct lac_regex *regex, struct lac_str text,
                       size_t group) {
    size_t first, end;
    if (lac_regex_group(regex, group, &first, &end)) {
        lua_pushlstring(L, text.data + first, end - first);
    } else {
        lua_pushboolean(L, false);
    }
}

/* re:find(text, init) -> first, last, groups… | nil | nil, error */
static int l_find(lua_State *L) {
    struct lac_regex *regex = check_regex(L);
    struct lac_str text = bind_string(L, 2);
    lua_Integer init = luaL_optinteger(L, 3, 1);
    luaL_argcheck(L, init >= 1, 3, "is not positive");
    luaL_checkstack(L, (int)regex->groups + 2, "a regular expression with too many groups");

    bool found;
    struct lac_error err;
    if (!lac_regex_find(regex, text, (size_t)init - 1, &found, &err)) {
        return bind_fail(L, &err);
    }
    size_t first, end;
    if (!found || !lac_regex_group(regex, 0, &first, &end)) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)first + 1);
    lua_pushinteger(L, (lua_Integer)end);
    for (size_t group = 1; group <= regex->groups; group++) {
        push_group(L, regex, text, group);
    }
    return (int)regex->groups + 2;
}

static int replace(lua_State *L, bool first_only) {
    struct lac_regex *regex = check_regex(L);
    struct lac_regex_replacement work = {
        .text = bind_string(L, 2), .replacement = bind_string(L, 3), .first_only = first_only};

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!lac_regex_replace(regex, &work, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static int l_replace_all(lua_State *L) {
    return replace(L, false);
}

static int l_replace_first(lua_State *L) {
    return replace(L, true);
}

static const luaL_Reg methods[] = {
    {"matches", l_matches},
    {"find", l_find},
    {"replace_all", l_replace_all},
    {"replace_first", l_replace_first},
    {NULL, NULL},
};

/* Pushes an empty regular expression that Lua's collector frees. */
static struct lac_regex *new_regex(lua_State *L) {
    struct lac_regex *regex = lua_newuserdatauv(L, sizeof *regex, 0);
    *regex = (struct lac_regex){0};
    luaL_setmetatable(L, REGEX_TYPE);
    return regex;
}

/* regex.compile(pattern) -> regex | nil, error */
static int l_compile(lua_State *L) {
    struct lac_str pattern = bind_string(L, 1);

    struct lac_regex *regex = new_regex(L);
    struct lac_error err;
    if (!lac_regex_compile(pattern, regex, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"compile", l_compile},
    {NULL, NULL},
};

int luaopen_host_regex(lua_State *L) {
    luaL_newmetatable(L, REGEX_TYPE);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, regex_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
