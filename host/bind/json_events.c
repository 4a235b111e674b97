#include "bind/json_events.h"

#include <stdio.h>
#include <string.h>

#include "bind/json_members.h"

#define NULL_TYPE "laconic.null"
#define ARRAY_MARK "laconic.json.array"
#define OBJECT_MARK "laconic.json.object"

/* A path is shown from its end when it is longer than this. */
#define PATH_SHOWN 300

/* An open table: on the C stack, linked to the one that holds it. */
struct level {
    const struct level *above;
    const void *table;
    struct lac_str name; /* of the member that is being written, or */
    lua_Integer index;   /* the item, when > 0 */
    int depth;
};

struct walk {
    lua_State *L;
    const struct bind_json_sink *sink;
    const void *null, *array_mark, *object_mark;
    struct lac_buf
        *members; /* struct bind_json_member: those of all open objects, one after another */
    struct lac_error *err;
};

static bool walk_value(struct walk *walk, int slot, const struct level *above);

static int null_tostring(lua_State *L) {
    lua_pushliteral(L, "null");
    return 1;
}

void bind_push_null(lua_State *L) {
    static const char key = 'n';
    luaL_checkstack(L, 4, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TNIL) {
        return;
    }
    lua_pop(L, 1);
    lua_newuserdatauv(L, 0, 0);
    luaL_newmetatable(L, NULL_TYPE);
    lua_pushliteral(L, "null"); /* "attempt to index a null value" */
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, null_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

void bind_push_array_mark(lua_State *L) {
    luaL_newmetatable(L, ARRAY_MARK);
}

void bind_push_object_mark(lua_State *L) {
    luaL_newmetatable(L, OBJECT_MARK);
}

static void add_path(struct lac_buf *path, const struct level *level) {
    if (level == NULL) {
        return;
    }
    add_path(path, level->above);
    if (level->index > 0) {
        lac_json_add_path_index(path, level->index);
    } else if (level->name.data != NULL) {
        lac_json_add_path_name(path, level->name);
    }
}

/* Puts the path before the message. */
static bool fail_there(struct walk *walk, const struct level *level) {
    struct lac_buf *path = bind_newbuf(walk->L);
    add_path(path, level);
    if (path->len > 0) {
        struct lac_error plain = *walk->err;
        size_t cut = path->len > PATH_SHOWN ? path->len - PATH_SHOWN : 0;
        snprintf(walk->err->message, sizeof walk->err->message, "%s%s: %.180s",
                 cut > 0 ? "..." : "", path->data + cut, plain.message);
    }
    return false;
}

static bool refuse(struct walk *walk, const struct level *level, const char *reason) {
    lac_fail(walk->err, LAC_ERR_INPUT, "%s", reason);
    return fail_there(walk, level);
}

static bool send(struct walk *walk, const struct lac_json_event *event, const struct level *level) {
    return walk->sink->take(walk->sink->context, event, walk->err) || fail_there(walk, level);
}

static bool send_kind(struct walk *walk, enum lac_json_kind kind, const struct level *level) {
    return send(walk, &(struct lac_json_event){.kind = kind}, level);
}

/* Items 1 to `count`, and nothing else: the table has been counted. */
static bool walk_items(struct walk *walk, int table, lua_Integer count, struct level *level) {
    if (!send_kind(walk, LAC_JSON_ARRAY, level->above)) {
        return false;
    }
    for (level->index = 1; level->index <= count; level->index++) {
        lua_rawgeti(walk->L, table, level->index);
        if (!walk_value(walk, table + 1, level)) {
            return false;
        }
        lua_pop(walk->L, 1);
    }
    return send_kind(walk, LAC_JSON_ARRAY_END, level->above);
}

/* Says that the keys are exactly 1 to `*count`. */
static bool count_items(struct walk *walk, int table, lua_Integer *count,
                        const struct level *above) {
    lua_State *L = walk->L;
    lua_Integer most = 0;
    *count = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        int is_integer = 0;
        lua_Integer index = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &is_integer) : 0;
        if (!is_integer) {
            return refuse(walk, above,
                          lua_type(L, -1) == LUA_TSTRING
                              ? "a table with both list items and named fields"
                              : "a list with a key that is not a whole number");
        }
        if (index < 1) {
            return refuse(walk, above, "a list with an item before the first");
        }
        most = index > most ? index : most;
        ++*count;
    }
    return most == *count || refuse(walk, above, "a list with holes");
}

/* Turns the whole-number key at the top of the stack, whose copy is at `slot`, into a name. */
static bool name_number(struct walk *walk, int table, int slot, const struct level *above) {
    lua_State *L = walk->L;
    if (!lua_isinteger(L, slot)) {
        return refuse(walk, above, "an object with a key that is not a name");
    }
    lua_tolstring(L, slot, NULL);
    lua_pushvalue(L, slot);
    if (lua_rawget(L, table) != LUA_TNIL) {
        return refuse(walk, above, "an object with a number and a name that are written the same");
    }
    lua_pop(L, 1);
    return true;
}

/* Leaves every name and value on the stack, and a `struct bind_json_member` for each in
 * walk->members. */
static bool collect_members(struct walk *walk, int table, bool marked, const struct level *above) {
    lua_State *L = walk->L;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        int slot = lua_gettop(L) - 1;
        if (!lua_checkstack(L, 6)) {
            lac_fail(walk->err, LAC_ERR_LIMIT, "too many fields");
            return fail_there(walk, above);
        }
        lua_pushvalue(L, slot);
        if (lua_type(L, slot) != LUA_TSTRING) {
            bool number = lua_type(L, slot) == LUA_TNUMBER;
            if (number && !marked) {
                return refuse(walk, above, "a table with both list items and named fields");
            }
            if (!name_number(walk, table, slot, above)) {
                return false;
            }
        }
        struct lac_str name;
        name.data = lua_tolstring(L, slot, &name.len);
        struct bind_json_member member = bind_json_member_at(slot, name);
        lac_buf_add(walk->members, (struct lac_str){(const char *)&member, sizeof member});
    }
    if (walk->members->failed) {
        return lac_fail(walk->err, LAC_ERR_MEMORY, "out of memory while writing JSON");
    }
    return true;
}

static bool walk_members(struct walk *walk, int table, bool marked, struct level *level) {
    size_t first = walk->members->len / sizeof(struct bind_json_member);
    if (!collect_members(walk, table, marked, level->above)) {
        return false;
    }
    size_t last = walk->members->len / sizeof(struct bind_json_member);
    if (!walk->sink->unsorted && last > first) {
        bind_json_sort_members((struct bind_json_member *)walk->members->data + first,
                               last - first);
    }
    if (!send_kind(walk, LAC_JSON_OBJECT, level->above)) {
        return false;
    }
    for (size_t i = first; i < last; i++) {
        struct bind_json_member member = ((struct bind_json_member *)walk->members->data)[i];
        level->name = member.name;
        struct lac_json_event name = {.kind = LAC_JSON_NAME, .text = member.name};
        if (!send(walk, &name, level) || !walk_value(walk, member.slot + 1, level)) {
            return false;
        }
    }
    walk->members->len = first * sizeof(struct bind_json_member);
    lua_settop(walk->L, table);
    return send_kind(walk, LAC_JSON_OBJECT_END, level->above);
}

static bool walk_table(struct walk *walk, int slot, const struct level *above) {
    lua_State *L = walk->L;
    struct level level = {.above = above, .table = lua_topointer(L, slot)};
    level.depth = above == NULL ? 1 : above->depth + 1;
    for (const struct level *open = above; open != NULL; open = open->above) {
        if (open->table == level.table) {
            return refuse(walk, above, "a table that holds itself");
        }
    }
    if (level.depth > LAC_JSON_DEFAULT_DEPTH || !lua_checkstack(L, 8)) {
        lac_fail(walk->err, LAC_ERR_LIMIT, "more than %d levels deep", LAC_JSON_DEFAULT_DEPTH);
        return fail_there(walk, above);
    }
    int top = lua_gettop(L);
    const void *mark = NULL;
    if (lua_getmetatable(L, slot)) {
        mark = lua_topointer(L, -1);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, slot);
    lua_pushnil(L);
    int first = LUA_TNONE;
    if (lua_next(L, top + 1)) {
        first = lua_type(L, -2);
        lua_pop(L, 2);
    }
    bool array = mark == walk->array_mark, object = mark == walk->object_mark;
    lua_Integer count = 0;
    bool ok;
    if (array || (!object && first == LUA_TNUMBER)) {
        ok = count_items(walk, top + 1, &count, above) && walk_items(walk, top + 1, count, &level);
    } else {
        ok = walk_members(walk, top + 1, object, &level);
    }
    if (ok) {
        lua_settop(L, top);
    }
    return ok;
}

static bool refuse_type(struct walk *walk, int slot, const struct level *above) {
    const char *type = luaL_typename(walk->L, slot);
    lac_fail(walk->err, LAC_ERR_INPUT, "%s%s cannot be written as JSON",
             lua_isnil(walk->L, slot) ? "" : "a ", type);
    return fail_there(walk, above);
}

static bool walk_value(struct walk *walk, int slot, const struct level *above) {
    lua_State *L = walk->L;
    struct lac_json_event event;
    switch (lua_type(L, slot)) {
    case LUA_TSTRING:
        event.kind = LAC_JSON_STRING;
        event.text.data = lua_tolstring(L, slot, &event.text.len);
        break;
    case LUA_TTABLE:
        return walk_table(walk, slot, above);
    case LUA_TNUMBER:
        if (lua_isinteger(L, slot)) {
            event.kind = LAC_JSON_INTEGER;
            event.integer = (int64_t)lua_tointeger(L, slot);
        } else {
            event.kind = LAC_JSON_FLOAT;
            event.number = lua_tonumber(L, slot);
        }
        break;
    case LUA_TBOOLEAN:
        event.kind = LAC_JSON_BOOLEAN;
        event.boolean = lua_toboolean(L, slot);
        break;
    case LUA_TUSERDATA:
        if (lua_touserdata(L, slot) != walk->null) {
            return refuse_type(walk, slot, above);
        }
        event.kind = LAC_JSON_NULL;
        break;
    default:
        return refuse_type(walk, slot, above);
    }
    return send(walk, &event, above);
}

bool bind_json_events(lua_State *L, int index, const struct bind_json_sink *sink,
                      struct lac_error *err) {
    luaL_checkstack(L, 8, NULL);
    struct walk walk = {.L = L, .sink = sink, .err = err};
    bind_push_null(L);
    walk.null = lua_touserdata(L, -1);
    bind_push_array_mark(L);
    walk.array_mark = lua_topointer(L, -1);
    bind_push_object_mark(L);
    walk.object_mark = lua_topointer(L, -1);
    walk.members = bind_newbuf(L);
    return walk_value(&walk, index, NULL);
}
