/* yaml_lua.c — require "host.yaml": the Lua face of core/yaml.h. */
#include "bind/bind.h"
#include "bind/json_events.h"
#include "core/yaml.h"

#define YAML_TYPE "laconic.yaml"
#define NULL_VALUE lua_upvalueindex(1)
#define ARRAY_MARK lua_upvalueindex(2)

#define MOST_BYTES ((lua_Integer)1024 * 1024 * 1024)
#define MOST_NODES 100000000

static const char *const limit_keys[] = {"max_bytes", "max_depth", "max_nodes", NULL};

/* The tree, which the collector frees when Lua runs out of memory while values are made of it. */
static struct lac_yaml *new_tree(lua_State *L) {
    struct lac_yaml *yaml = lua_newuserdatauv(L, sizeof *yaml, 0);
    *yaml = (struct lac_yaml){0};
    luaL_setmetatable(L, YAML_TYPE);
    return yaml;
}

static int tree_gc(lua_State *L) {
    lac_yaml_free(luaL_checkudata(L, 1, YAML_TYPE));
    return 0;
}

/* Pushes the value: a table of its own wherever a list or mapping is copied by an alias. As deep as
 * the tree, which has a bound. */
static void push_node(lua_State *L, const struct lac_yaml_node *node) {
    luaL_checkstack(L, 4, "YAML nested too deep");
    int hint = node->count < 1 << 20 ? (int)node->count : 1 << 20;
    switch (node->kind) {
    case LAC_JSON_ARRAY:
        lua_createtable(L, hint, 0);
        lua_pushvalue(L, ARRAY_MARK);
        lua_setmetatable(L, -2);
        for (size_t i = 0; i < node->count; i++) {
            push_node(L, node->members[i].value);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        break;
    case LAC_JSON_OBJECT:
        lua_createtable(L, 0, hint);
        for (size_t i = 0; i < node->count; i++) {
            lua_pushlstring(L, node->members[i].name.data, node->members[i].name.len);
            push_node(L, node->members[i].value);
            lua_rawset(L, -3);
        }
        break;
    case LAC_JSON_STRING:
        lua_pushlstring(L, node->text.data, node->text.len);
        break;
    case LAC_JSON_INTEGER:
        lua_pushinteger(L, (lua_Integer)node->integer);
        break;
    case LAC_JSON_FLOAT:
        lua_pushnumber(L, node->number);
        break;
    case LAC_JSON_BOOLEAN:
        lua_pushboolean(L, node->boolean);
        break;
    default:
        lua_pushvalue(L, NULL_VALUE);
    }
}

static size_t opt_limit(lua_State *L, const char *key, lua_Integer most) {
    return lua_istable(L, 2) ? (size_t)bind_opt_integer(L, 2, key, 1, most, 0) : 0;
}

/* The error has `line` and `column` of its own. */
static int fail(lua_State *L, const struct lac_yaml *yaml, const struct lac_error *err) {
    bind_fail(L, err);
    if (yaml->line > 0) {
        lua_pushinteger(L, (lua_Integer)yaml->line);
        lua_setfield(L, -2, "line");
        lua_pushinteger(L, (lua_Integer)yaml->column);
        lua_setfield(L, -2, "column");
    }
    return 2;
}

/* yaml.decode(text, limits?) -> value | nil, error */
static int l_decode(lua_State *L) {
    struct lac_str text = bind_string(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, limit_keys);
    }
    struct lac_yaml_limits limits = {
        .max_bytes = opt_limit(L, "max_bytes", MOST_BYTES),
        .max_depth = opt_limit(L, "max_depth", LAC_YAML_MOST_DEPTH),
        .max_nodes = opt_limit(L, "max_nodes", MOST_NODES),
    };

    struct lac_yaml *yaml = new_tree(L);
    struct lac_error err;
    if (!lac_yaml_read(text, &limits, yaml, &err)) {
        int results = fail(L, yaml, &err);
        lac_yaml_free(yaml);
        return results;
    }
    push_node(L, yaml->root);
    lac_yaml_free(yaml);
    return 1;
}

static const luaL_Reg functions[] = {
    {"decode", l_decode},
    {NULL, NULL},
};

int luaopen_host_yaml(lua_State *L) {
    luaL_newmetatable(L, YAML_TYPE);
    lua_pushcfunction(L, tree_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlibtable(L, functions);
    bind_push_null(L);
    bind_push_array_mark(L);
    luaL_setfuncs(L, functions, 2);
    return 1;
}
