/* uri_lua.c — require "host.uri": the Lua face of core/uri.h. */
#include <stdlib.h>
#include <string.h>

#include "bind/bind.h"
#include "core/uri.h"

#define MOST_PAIRS 10000

static int l_encode(lua_State *L) {
    struct lac_str text = bind_string(L, 1);
    const char *keep = lua_isnoneornil(L, 2) ? "" : bind_text_arg(L, 2);

    struct lac_buf *out = bind_newbuf(L);
    lac_uri_encode(text, keep, out);
    return bind_push_buf(L, out);
}

static int l_decode(lua_State *L) {
    struct lac_str text = bind_string(L, 1);
    bool plus = bind_opt_flag(L, 2);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!lac_uri_decode(text, plus, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static void set_text(lua_State *L, const char *key, struct lac_str value) {
    if (value.data != NULL) {
        lua_pushlstring(L, value.data, value.len);
        lua_setfield(L, -2, key);
    }
}

static int l_parse(lua_State *L) {
    struct lac_str url = bind_string(L, 1);

    struct lac_buf *authority = bind_newbuf(L);
    struct lac_uri uri;
    struct lac_error err;
    if (!lac_uri_parse(url, &uri, &err)) {
        return bind_fail(L, &err);
    }
    lac_uri_add_authority(&uri, authority);
    if (bind_push_buf(L, authority) != 1) {
        return 2;
    }
    lua_createtable(L, 0, 7);
    lua_insert(L, -2);
    lua_setfield(L, -2, "authority");
    set_text(L, "scheme", uri.scheme);
    set_text(L, "host", uri.host);
    set_text(L, "path", uri.path);
    set_text(L, "query", uri.query);
    set_text(L, "userinfo", uri.userinfo);
    lua_pushinteger(L, uri.port);
    lua_setfield(L, -2, "port");
    return 1;
}

/* Pushes the decoded text, or nil and an error. */
static int push_decoded(lua_State *L, struct lac_str text, struct lac_buf *scratch) {
    struct lac_error err;
    lac_buf_cut(scratch, 0);
    if (!lac_uri_decode(text, true, scratch, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, scratch);
}

static int l_parse_query(lua_State *L) {
    struct lac_str query = bind_string(L, 1);

    struct lac_buf *scratch = bind_newbuf(L);
    struct lac_str part[2];
    lua_newtable(L);
    for (lua_Integer i = 1; lac_uri_next_pair(&query, &part[0], &part[1]); i++) {
        lua_createtable(L, 2, 0);
        for (lua_Integer side = 0; side < 2; side++) {
            if (push_decoded(L, part[side], scratch) != 1) {
                return 2;
            }
            lua_rawseti(L, -2, side + 1);
        }
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* Adds name=value: both are on the top of the stack, strings or numbers, and are popped. */
static void add_pair(lua_State *L, struct lac_buf *out) {
    struct lac_str part[2];
    for (int side = 0; side < 2; side++) {
        luaL_argcheck(L, lua_isstring(L, side - 2), 1,
                      side == 0 ? "a name is not a string" : "a value is not a string or a number");
        part[side].data = lua_tolstring(L, side - 2, &part[side].len);
    }
    lac_buf_add(out, out->len > 0 ? LAC_STR("&") : LAC_STR(""));
    lac_uri_encode(part[0], "", out);
    lac_buf_add(out, LAC_STR("="));
    lac_uri_encode(part[1], "", out);
    lua_pop(L, 2);
}

static void add_list(lua_State *L, lua_Integer count, struct lac_buf *out) {
    for (lua_Integer i = 1; i <= count; i++) {
        luaL_argcheck(L, lua_rawgeti(L, 1, i) == LUA_TTABLE, 1, "{ name, value } expected");
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        add_pair(L, out);
        lua_pop(L, 1);
    }
}

static int compare_texts(const void *a, const void *b) {
    const struct lac_str *left = a, *right = b;
    size_t shorter = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->data, right->data, shorter);
    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

static lua_Integer count_keys(lua_State *L) {
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, 1, "a name is not a string");
        luaL_argcheck(L, ++count <= MOST_PAIRS, 1, "more than 10000 pairs");
    }
    return count;
}

/* The table holds its keys for as long as we look at them. */
static void add_map(lua_State *L, struct lac_buf *out) {
    lua_Integer count = count_keys(L);
    struct lac_str *names = lua_newuserdatauv(L, (size_t)count * sizeof *names + 1, 0);
    struct lac_str *next = names;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        next->data = lua_tolstring(L, -2, &next->len);
        next++;
    }
    qsort(names, (size_t)count, sizeof *names, compare_texts);
    for (lua_Integer i = 0; i < count; i++) {
        lua_pushlstring(L, names[i].data, names[i].len);
        lua_pushvalue(L, -1);
        lua_rawget(L, 1);
        add_pair(L, out);
    }
}

static int l_build_query(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= MOST_PAIRS, 1, "more than 10000 pairs");

    struct lac_buf *out = bind_newbuf(L);
    if (count > 0) {
        add_list(L, (lua_Integer)count, out);
    } else {
        add_map(L, out);
    }
    return bind_push_buf(L, out);
}

static const luaL_Reg functions[] = {
    {"encode", l_encode},           {"decode", l_decode},           {"parse", l_parse},
    {"parse_query", l_parse_query}, {"build_query", l_build_query}, {NULL, NULL},
};

int luaopen_host_uri(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
