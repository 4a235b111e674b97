#include "bind/vtl_values.h"

#include "bind/json_events.h"

#define DEPTH_MOST 64
#define VALUES_MOST 100000

/* What is being read, for messages. */
struct reading {
    lua_State *L;
    int arg;
    const char *key;
    struct lac_arena *arena;
    const void *null;
    int depth;
};

static struct lac_vtl_value read_value(struct reading *reading);

static void refuse(const struct reading *reading, const char *problem) {
    luaL_argerror(reading->L, reading->arg,
                  lua_pushfstring(reading->L, "field '%s': %s", reading->key, problem));
}

static void *need(const struct reading *reading, void *taken) {
    if (taken == NULL) {
        luaL_error(reading->L, "out of memory for a template's values");
    }
    return taken;
}

static struct lac_str text_at(lua_State *L, int index) {
    struct lac_str text;
    text.data = lua_tolstring(L, index, &text.len);
    return text;
}

/* Reads the table on the top of the stack, by its names. */
static void read_names(struct reading *reading, struct lac_vtl_map *map) {
    lua_State *L = reading->L;
    bool ok = true;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            refuse(reading, "a name is not a string");
        }
        struct lac_str name = text_at(L, -2);
        ok = ok && lac_vtl_map_add(reading->arena, map, name, read_value(reading));
    }
    need(reading, ok && lac_vtl_map_sort(reading->arena, map) ? map : NULL);
}

static struct lac_vtl_value read_list(struct reading *reading, lua_Unsigned count) {
    lua_State *L = reading->L;
    struct lac_vtl_list *list = need(reading, lac_vtl_new_list(reading->arena, LAC_VTL_PLAIN));
    for (lua_Unsigned i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        if (!lac_vtl_list_add(reading->arena, list, read_value(reading))) {
            need(reading, NULL);
        }
        lua_pop(L, 1);
    }
    return lac_vtl_of_list(list);
}

static struct lac_vtl_value read_table(struct reading *reading) {
    if (reading->depth >= DEPTH_MOST) {
        refuse(reading, "tables nested too deep");
    }
    luaL_checkstack(reading->L, 6, NULL);
    reading->depth++;
    struct lac_vtl_value value;
    lua_Unsigned count = lua_rawlen(reading->L, -1);
    if (count > 0) {
        value = read_list(reading, count);
    } else {
        value = lac_vtl_of_map(need(reading, lac_vtl_new_map(reading->arena, LAC_VTL_PLAIN)));
        read_names(reading, value.map);
    }
    reading->depth--;
    return value;
}

/* Reads the value on the top of the stack. */
static struct lac_vtl_value read_value(struct reading *reading) {
    lua_State *L = reading->L;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        return lac_vtl_string(text_at(L, -1));
    case LUA_TBOOLEAN:
        return lac_vtl_boolean(lua_toboolean(L, -1));
    case LUA_TNUMBER:
        return lua_isinteger(L, -1) ? lac_vtl_integer(lua_tointeger(L, -1))
                                    : lac_vtl_double(lua_tonumber(L, -1));
    case LUA_TTABLE:
        return read_table(reading);
    default:
        if (lua_touserdata(L, -1) != reading->null) {
            refuse(reading,
                   lua_pushfstring(L, "%s is no value for a template", luaL_typename(L, -1)));
        }
        return (struct lac_vtl_value){.kind = LAC_VTL_NULL};
    }
}

/* Reads the list of { name, value } on the top of the stack. */
static void read_pairs(struct reading *reading, struct lac_vtl_map *map, lua_Unsigned count) {
    lua_State *L = reading->L;
    for (lua_Unsigned i = 1; i <= count; i++) {
        bool is_pair = lua_rawgeti(L, -1, (lua_Integer)i) == LUA_TTABLE;
        if (!is_pair || lua_rawgeti(L, -1, 1) != LUA_TSTRING) {
            refuse(reading, "{ name, value } expected");
        }
        struct lac_str name = text_at(L, -1);
        lua_rawgeti(L, -2, 2);
        need(reading,
             lac_vtl_map_put(reading->arena, map, lac_vtl_string(name), read_value(reading)));
        lua_pop(L, 3);
    }
}

/* Reads, of the table on the top of the stack, the names that are wanted. */
static void read_wanted(struct reading *reading, const struct lac_vtl_map *wanted,
                        struct lac_vtl_map *map) {
    lua_State *L = reading->L;
    for (uint32_t i = 0; i < wanted->count; i++) {
        const struct lac_vtl_value *name = &wanted->entries[i].key;
        lua_pushlstring(L, name->text, name->len);
        if (lua_rawget(L, -2) != LUA_TNIL) {
            need(reading, lac_vtl_map_put(reading->arena, map, *name, read_value(reading)));
        }
        lua_pop(L, 1);
    }
}

void bind_vtl_map(lua_State *L, int arg, const char *key, struct lac_arena *arena,
                  const struct lac_vtl_map *wanted, struct lac_vtl_map *map) {
    struct reading reading = {.L = L, .arg = arg, .key = key, .arena = arena};
    luaL_checkstack(L, 8, NULL);
    int type = lua_getfield(L, arg, key);
    if (type == LUA_TTABLE) {
        bind_push_null(L);
        reading.null = lua_touserdata(L, -1);
        lua_pop(L, 1);
        lua_Unsigned count = lua_rawlen(L, -1);
        if (count > 0) {
            read_pairs(&reading, map, count);
        } else if (wanted != NULL) {
            read_wanted(&reading, wanted, map);
        } else {
            read_names(&reading, map);
        }
    } else if (type != LUA_TNIL) {
        refuse(&reading, lua_pushfstring(L, "table expected, got %s", luaL_typename(L, -1)));
    }
    lua_pop(L, 1);
}

static bool push(lua_State *L, const struct lac_vtl_value *value, int depth, size_t *left);

static bool push_list(lua_State *L, const struct lac_vtl_list *list, int depth, size_t *left) {
    lua_newtable(L);
    for (uint32_t i = 0; i < list->count; i++) {
        if (!push(L, &list->items[i], depth + 1, left)) {
            lua_pop(L, 1);
            return false;
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return true;
}

static bool push_map(lua_State *L, const struct lac_vtl_map *map, int depth, size_t *left) {
    lua_newtable(L);
    for (uint32_t i = 0; i < map->count; i++) {
        const struct lac_vtl_entry *entry = &map->entries[i];
        if (entry->key.kind != LAC_VTL_STRING) {
            continue; /* no name of anything */
        }
        lua_pushlstring(L, entry->key.text, entry->key.len);
        if (!push(L, &entry->value, depth + 1, left)) {
            lua_pop(L, 2);
            return false;
        }
        lua_rawset(L, -3);
    }
    return true;
}

static bool push(lua_State *L, const struct lac_vtl_value *value, int depth, size_t *left) {
    if (depth > DEPTH_MOST || *left == 0) {
        return false;
    }
    --*left;
    luaL_checkstack(L, 6, NULL);
    switch (value->kind) {
    case LAC_VTL_BOOLEAN:
        lua_pushboolean(L, value->boolean);
        return true;
    case LAC_VTL_INTEGER:
        lua_pushinteger(L, value->integer);
        return true;
    case LAC_VTL_DOUBLE:
        lua_pushnumber(L, value->number);
        return true;
    case LAC_VTL_BIG:
    case LAC_VTL_CHARACTER:
    case LAC_VTL_STRING:
        lua_pushlstring(L, value->text, value->len);
        return true;
    case LAC_VTL_LIST:
        return push_list(L, value->list, depth, left);
    case LAC_VTL_MAP:
        return push_map(L, value->map, depth, left);
    default:
        bind_push_null(L);
        return true;
    }
}

bool bind_push_vtl(lua_State *L, const struct lac_vtl_value *value) {
    size_t left = VALUES_MOST;
    return push(L, value, 0, &left);
}
