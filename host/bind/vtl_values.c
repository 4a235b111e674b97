#include "bind/vtl_values.h"

#include "bind/json_events.h"

#define DEPTH_MOST 64
#define VALUES_MOST 100000

const char *const bind_vtl_param_keys[] = {"path", "querystring", "header", NULL};

void bind_vtl_push_names(lua_State *L, const struct lac_vtl_map *wanted) {
    uint32_t count = wanted == NULL ? 0 : wanted->count;
    luaL_checkstack(L, 3, NULL);
    lua_newtable(L);
    for (uint32_t i = 0; i < count; i++) {
        const struct lac_vtl_entry *entry = &wanted->entries[i];
        lua_pushlstring(L, entry->key.text, entry->key.len);
        lua_rawseti(L, -2, (lua_Integer)i * 2 + 1);
        if (entry->value.kind == LAC_VTL_MAP) {
            bind_vtl_push_names(L, entry->value.map);
        } else {
            lua_pushboolean(L, false);
        }
        lua_rawseti(L, -2, (lua_Integer)i * 2 + 2);
    }
}

/* What is being read. */
struct reading {
    lua_State *L;
    const struct bind_vtl_source *source;
    const char *key; /* for messages */
    struct lac_arena *arena;
    int depth;
};

static struct lac_vtl_value read_value(struct reading *reading);

static void refuse(const struct reading *reading, const char *problem) {
    luaL_argerror(reading->L, reading->source->arg,
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
        bind_push_null(L);
        if (!lua_rawequal(L, -1, -2)) {
            refuse(reading,
                   lua_pushfstring(L, "%s is no value for a template", luaL_typename(L, -2)));
        }
        lua_pop(L, 1);
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

static void end_names(const struct reading *reading, struct lac_vtl_map *map) {
    need(reading, lac_vtl_map_index(reading->arena, map) ? map : NULL);
}

static void read_wanted(struct reading *reading, const struct lac_vtl_map *wanted, int names,
                        struct lac_vtl_map *map);

/* Reads the value on the top of the stack; of a table by names, only those that are wanted of it,
 * which the table at `names` has for entry `i`. */
static struct lac_vtl_value read_part(struct reading *reading, const struct lac_vtl_entry *wanted,
                                      int names, uint32_t i) {
    lua_State *L = reading->L;
    if (wanted->value.kind != LAC_VTL_MAP || lua_type(L, -1) != LUA_TTABLE ||
        lua_rawlen(L, -1) > 0) {
        return read_value(reading);
    }
    struct lac_vtl_map *map = need(reading, lac_vtl_new_map(reading->arena, LAC_VTL_PLAIN));
    luaL_checkstack(L, 6, NULL);
    lua_rawgeti(L, names, (lua_Integer)i * 2 + 2);
    lua_insert(L, -2);
    read_wanted(reading, wanted->value.map, lua_gettop(L) - 1, map);
    lua_remove(L, -2);
    return lac_vtl_of_map(map);
}

/* Reads what the table at `index` has for wanted entry `i`; false when it has nothing. */
static bool read_name(struct reading *reading, int index, const struct lac_vtl_map *wanted,
                      int names, uint32_t i, struct lac_vtl_map *map) {
    lua_State *L = reading->L;
    const struct lac_vtl_entry *entry = &wanted->entries[i];
    lua_rawgeti(L, names, (lua_Integer)i * 2 + 1);
    bool is_there = lua_rawget(L, index) != LUA_TNIL;
    if (is_there && !lac_vtl_map_add(reading->arena, map, lac_vtl_text(&entry->key),
                                     read_part(reading, entry, names, i))) {
        need(reading, NULL);
    }
    lua_pop(L, 1);
    return is_there;
}

/* Reads, of the table on the top of the stack, the names that are wanted. */
static void read_wanted(struct reading *reading, const struct lac_vtl_map *wanted, int names,
                        struct lac_vtl_map *map) {
    int table = lua_gettop(reading->L);
    for (uint32_t i = 0; i < wanted->count; i++) {
        read_name(reading, table, wanted, names, i, map);
    }
    end_names(reading, map);
}

static struct reading begin(lua_State *L, const struct bind_vtl_source *source) {
    luaL_checkstack(L, 8, NULL);
    return (struct reading){.L = L, .source = source, .key = source->key, .arena = source->arena};
}

void bind_vtl_map(lua_State *L, const struct bind_vtl_source *source, struct lac_vtl_map *map) {
    int type = lua_type(L, source->index);
    if (type == LUA_TNIL) {
        return;
    }
    struct reading reading = begin(L, source);
    if (type != LUA_TTABLE) {
        refuse(&reading,
               lua_pushfstring(L, "table expected, got %s", luaL_typename(L, source->index)));
    }
    lua_pushvalue(L, source->index);
    lua_Unsigned count = lua_rawlen(L, -1);
    if (count > 0) {
        read_pairs(&reading, map, count);
    } else if (source->wanted != NULL) {
        read_wanted(&reading, source->wanted, source->names, map);
    } else {
        read_names(&reading, map);
    }
    lua_pop(L, 1);
}

/* Whether a table by names stands there; nil is none. */
static bool is_by_names(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TTABLE && lua_rawlen(L, index) == 0;
}

/* Reads the wanted names of tables by names: from `path` on, each where it is found first. */
static void read_first(struct reading *reading, int path, struct lac_vtl_map *const maps[3]) {
    const struct bind_vtl_source *source = reading->source;
    for (uint32_t i = 0; i < source->wanted->count; i++) {
        for (int kind = 0; kind < 3; kind++) {
            reading->key = bind_vtl_param_keys[kind];
            if (read_name(reading, path + kind, source->wanted, source->names, i, maps[kind])) {
                break;
            }
        }
    }
    for (int kind = 0; kind < 3; kind++) {
        end_names(reading, maps[kind]);
    }
}

void bind_vtl_params(lua_State *L, const struct bind_vtl_source *source, struct lac_vtl_run *run) {
    struct lac_vtl_map *const maps[] = {run->path, run->querystring, run->header};
    int at = source->index;
    struct reading reading = begin(L, source);
    if (source->wanted != NULL && is_by_names(L, at) && is_by_names(L, at + 1) &&
        is_by_names(L, at + 2)) {
        read_first(&reading, at, maps);
        return;
    }
    for (int kind = 0; kind < 3; kind++) {
        struct bind_vtl_source one = *source;
        one.index = at + kind;
        one.key = bind_vtl_param_keys[kind];
        bind_vtl_map(L, &one, maps[kind]);
    }
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
