#include "bind/json_quick.h"

#include <string.h>

#include "bind/json_members.h"
#include "core/json.h"

struct walk {
    lua_State *L;
    struct bind_json_quick *quick;
    struct lac_buf *out;
    int depth;
    struct lac_error ignored; /* told by who writes it again */
};

static bool walk_value(struct walk *walk, int slot);

static inline void add_byte(struct lac_buf *out, char byte) {
    if (out->cap - out->len < 2) {
        lac_buf_add(out, (struct lac_str){&byte, 1});
        return;
    }
    out->data[out->len++] = byte;
    out->data[out->len] = '\0';
}

/* ---- members ----------------------------------------------------------------------------------
 */

/* With the first name and value at the top of the stack: leaves all of them there, and a member for
 * each. */
static bool collect_members(struct walk *walk, int table) {
    lua_State *L = walk->L;
    do {
        int slot = lua_gettop(L);
        struct bind_json_member *member =
            (struct bind_json_member *)lac_buf_grow(walk->quick->members, 1, sizeof *member);
        if (lua_type(L, slot - 1) != LUA_TSTRING || member == NULL || !lua_checkstack(L, 4)) {
            return false;
        }
        struct lac_str name;
        name.data = lua_tolstring(L, slot - 1, &name.len);
        *member = bind_json_member_at(slot - 1, name);
        lua_pushvalue(L, slot - 1);
    } while (lua_next(L, table));
    return true;
}

static bool write_member(struct walk *walk, struct lac_str name, int slot) {
    if (!lac_json_add_string(walk->out, name, &walk->ignored)) {
        return false;
    }
    add_byte(walk->out, ':');
    return walk_value(walk, slot);
}

static bool write_sorted(struct walk *walk, int table) {
    size_t first = walk->quick->members->len / sizeof(struct bind_json_member);
    if (!collect_members(walk, table)) {
        return false;
    }
    size_t end = walk->quick->members->len / sizeof(struct bind_json_member);
    bind_json_sort_members((struct bind_json_member *)walk->quick->members->data + first,
                           end - first);
    for (size_t i = first; i < end; i++) {
        struct bind_json_member member =
            ((struct bind_json_member *)walk->quick->members->data)[i]; /* it may move */
        add_byte(walk->out, i == first ? '{' : ',');
        if (!write_member(walk, member.name, member.slot + 1)) {
            return false;
        }
    }
    lac_buf_cut(walk->quick->members, first * sizeof(struct bind_json_member));
    return true;
}

static bool write_unsorted(struct walk *walk, int table) {
    lua_State *L = walk->L;
    char before = '{';
    do {
        if (lua_type(L, -2) != LUA_TSTRING) {
            return false;
        }
        struct lac_str name;
        name.data = lua_tolstring(L, -2, &name.len);
        add_byte(walk->out, before);
        before = ',';
        if (!write_member(walk, name, lua_gettop(L))) {
            return false;
        }
        lua_pop(L, 1);
    } while (lua_next(L, table));
    return true;
}

/* ---- items ------------------------------------------------------------------------------------
 */

/* As long as the table gives them in their order, which it does unless it was filled from its end.
 */
static bool write_items(struct walk *walk, int table) {
    lua_State *L = walk->L;
    lua_Integer count = 0;
    do {
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != ++count) {
            return false;
        }
        add_byte(walk->out, count == 1 ? '[' : ',');
        if (!walk_value(walk, lua_gettop(L))) {
            return false;
        }
        lua_pop(L, 1);
    } while (lua_next(L, table));
    add_byte(walk->out, ']');
    return true;
}

/* ---- values -----------------------------------------------------------------------------------
 */

/* A table that holds itself ends at the limit of depth. */
static bool walk_table(struct walk *walk, int slot) {
    lua_State *L = walk->L;
    if (walk->depth == LAC_JSON_DEFAULT_DEPTH || !lua_checkstack(L, 8)) {
        return false;
    }
    const void *mark = NULL;
    if (lua_getmetatable(L, slot)) {
        mark = lua_topointer(L, -1);
        lua_pop(L, 1);
    }
    bool array = mark == walk->quick->array_mark, object = mark == walk->quick->object_mark;
    lua_pushnil(L);
    if (!lua_next(L, slot)) {
        lac_buf_add(walk->out, array ? LAC_STR("[]") : LAC_STR("{}"));
        return true;
    }
    walk->depth++;
    bool ok;
    if (array || (!object && lua_type(L, -2) == LUA_TNUMBER)) {
        ok = write_items(walk, slot);
    } else {
        ok = walk->quick->sorted ? write_sorted(walk, slot) : write_unsorted(walk, slot);
        add_byte(walk->out, '}');
    }
    walk->depth--;
    return ok;
}

static bool walk_number(struct walk *walk, int slot) {
    if (lua_isinteger(walk->L, slot)) {
        lac_json_add_integer(walk->out, (int64_t)lua_tointeger(walk->L, slot));
        return true;
    }
    return lac_json_add_float(walk->out, lua_tonumber(walk->L, slot), &walk->ignored);
}

static bool walk_value(struct walk *walk, int slot) {
    lua_State *L = walk->L;
    struct lac_str text;
    switch (lua_type(L, slot)) {
    case LUA_TSTRING:
        text.data = lua_tolstring(L, slot, &text.len);
        return lac_json_add_string(walk->out, text, &walk->ignored);
    case LUA_TTABLE: {
        int top = lua_gettop(L);
        bool ok = walk_table(walk, slot);
        lua_settop(L, top);
        return ok;
    }
    case LUA_TNUMBER:
        return walk_number(walk, slot);
    case LUA_TBOOLEAN:
        lac_buf_add(walk->out, lua_toboolean(L, slot) ? LAC_STR("true") : LAC_STR("false"));
        return true;
    case LUA_TUSERDATA:
        lac_buf_add(walk->out, LAC_STR("null"));
        return lua_touserdata(L, slot) == walk->quick->null;
    default:
        return false;
    }
}

bool bind_json_quick(lua_State *L, int index, struct bind_json_quick *quick) {
    struct walk walk = {.L = L, .quick = quick, .out = quick->out};
    int top = lua_gettop(L);
    lac_buf_cut(quick->members, 0);
    bool ok = walk_value(&walk, index) && !quick->out->failed && !quick->members->failed;
    lua_settop(L, top);
    return ok;
}
