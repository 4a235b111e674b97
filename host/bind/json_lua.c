/* json_lua.c — require "host.json": the Lua face of core/json.h. */
#include "bind/bind.h"
#include "bind/json_events.h"
#include "bind/json_quick.h"

/* What is read waits on the stack until its table can be made in its final size: so many slots
 * for each open table, and none once the stack holds many. */
#define SLOTS_WAITING 1024
#define SLOTS_IN_ALL 60000

#define NULL_VALUE lua_upvalueindex(1)
#define ARRAY_MARK lua_upvalueindex(2)
#define OBJECT_MARK lua_upvalueindex(3)
#define WORK lua_upvalueindex(4)    /* a buffer for text, and */
#define MEMBERS lua_upvalueindex(5) /* one for members: kept, while they are small */

#define KEPT ((size_t)64 * 1024)

#define PATH_SHOWN 300 /* bytes of a path in a message, from its end */

static const char *const decode_keys[] = {"duplicates", "max_depth", NULL};
static const char *const encode_keys[] = {"indent", "sorted", NULL};

/* A kept buffer, empty. What it is used for must end before Lua may run: a finalizer may come here
 * too. */
static struct lac_buf *work_buffer(lua_State *L, int upvalue) {
    struct lac_buf *buf = lua_touserdata(L, upvalue);
    if (buf->failed || buf->cap > KEPT) {
        lac_buf_free(buf);
    }
    lac_buf_cut(buf, 0);
    return buf;
}

/* An open array or object: its table (nil until there is one) is at `base`, what waits above it. */
struct level {
    int base;
    bool array;
    lua_Integer count; /* items already in the table */
};

static void make_table(lua_State *L, const struct level *level, int waiting) {
    if (level->array) {
        lua_createtable(L, waiting, 0);
        lua_pushvalue(L, ARRAY_MARK);
        lua_setmetatable(L, -2);
    } else {
        lua_createtable(L, 0, waiting / 2);
    }
    lua_replace(L, level->base);
}

static bool has(lua_State *L, int table, int name) {
    lua_pushvalue(L, name);
    bool found = lua_rawget(L, table) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

/* Moves what waits into the table, in the order of the text: the last of two equal names wins.
 * Gives 0; or, where names are to be `unique`, the slot of one that is there, and leaves the stack.
 */
static int settle(lua_State *L, struct level *level, bool unique) {
    int top = lua_gettop(L);
    if (lua_isnil(L, level->base)) { /* NOLINT: see where it is called */
        make_table(L, level, top - level->base);
    }
    if (level->array) {
        for (int slot = level->base + 1; slot <= top; slot++) {
            lua_pushvalue(L, slot);
            lua_rawseti(L, level->base, ++level->count);
        }
    } else {
        for (int slot = level->base + 1; slot < top; slot += 2) {
            if (unique && has(L, level->base, slot)) {
                return slot;
            }
            lua_pushvalue(L, slot);
            lua_pushvalue(L, slot + 1);
            lua_rawset(L, level->base);
        }
    }
    lua_settop(L, level->base);
    return 0;
}

/* Pushes where the name at `slot` stands, a list of names and indices, and sets the error to it.
 * The object that has it is the last of the levels. */
static void fail_twice(lua_State *L, const struct level *levels, size_t open, int slot,
                       struct lac_error *err) {
    luaL_checkstack(L, 6, "a JSON text");
    struct lac_buf *path = bind_newbuf(L);
    lua_createtable(L, (int)open, 0);
    for (size_t i = 1; i <= open; i++) {
        const struct level *above = &levels[i - 1];
        int at = i < open ? levels[i].base - 1 : slot;
        if (above->array) {
            lua_pushinteger(L, above->count + levels[i].base - above->base);
            lac_json_add_path_index(path, lua_tointeger(L, -1));
        } else {
            struct lac_str name;
            name.data = lua_tolstring(L, at, &name.len);
            lac_json_add_path_name(path, name);
            lua_pushvalue(L, at);
        }
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    size_t cut = path->len > PATH_SHOWN ? path->len - PATH_SHOWN : 0;
    lac_fail(err, LAC_ERR_INPUT, "%s%s: the name is there twice", cut > 0 ? "..." : "",
             lac_buf_view(path).data + cut);
}

static void push_scalar(lua_State *L, const struct lac_json_event *event) {
    switch (event->kind) {
    case LAC_JSON_NAME:
    case LAC_JSON_STRING:
        lua_pushlstring(L, event->text.data, event->text.len);
        break;
    case LAC_JSON_INTEGER:
        lua_pushinteger(L, (lua_Integer)event->integer);
        break;
    case LAC_JSON_FLOAT:
        lua_pushnumber(L, event->number);
        break;
    case LAC_JSON_BOOLEAN:
        lua_pushboolean(L, event->boolean);
        break;
    default:
        lua_pushvalue(L, NULL_VALUE);
    }
}

struct decoding {
    struct lac_json_reader reader;
    bool unique; /* a name that is there twice is an error */
    int path;    /* where the path of one was pushed; 0: there was none */
};

/* Leaves the one value of the text on the stack. */
static bool build(lua_State *L, struct decoding *decoding, struct lac_error *err) {
    struct level levels[LAC_JSON_MOST_DEPTH];
    size_t open = 0;
    int twice = 0; /* where a name waits that its object has already */
    struct lac_json_event event;
    while (lac_json_next(&decoding->reader, &event, err)) {
        luaL_checkstack(L, 6, "a JSON text");
        switch (event.kind) {
        case LAC_JSON_END:
            return true;
        case LAC_JSON_ARRAY:
        case LAC_JSON_OBJECT:
            lua_pushnil(L);
            levels[open++] = (struct level){lua_gettop(L), event.kind == LAC_JSON_ARRAY, 0};
            continue;
        case LAC_JSON_ARRAY_END:
        case LAC_JSON_OBJECT_END: /* the reader gives no end without its beginning */
            twice = settle(L, &levels[open - 1], decoding->unique);
            open -= twice == 0;
            break;
        case LAC_JSON_NAME:
            push_scalar(L, &event);
            continue;
        default:
            push_scalar(L, &event);
        }
        int top = lua_gettop(L), most = top > SLOTS_IN_ALL ? 1 : SLOTS_WAITING;
        if (twice == 0 && open > 0 && top - levels[open - 1].base >= most) {
            twice = settle(L, &levels[open - 1], decoding->unique);
        }
        if (twice != 0) {
            fail_twice(L, levels, open, twice, err);
            decoding->path = lua_gettop(L);
            return false;
        }
    }
    return false;
}

/* json.decode(text, options) -> value | nil, error */
static int l_decode(lua_State *L) {
    struct decoding decoding = {.reader.text = bind_string(L, 1)};
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, decode_keys);
        decoding.reader.max_depth = (size_t)bind_opt_integer(
            L, 2, "max_depth", 1, LAC_JSON_MOST_DEPTH, LAC_JSON_DEFAULT_DEPTH);
        decoding.unique = !bind_opt_boolean(L, 2, "duplicates", true);
    }
    lua_settop(L, 1);

    decoding.reader.scratch = work_buffer(L, WORK);
    struct lac_error err;
    if (build(L, &decoding, &err)) {
        return 1;
    }
    bind_fail(L, &err);
    if (decoding.path > 0) {
        lua_pushvalue(L, decoding.path);
        lua_setfield(L, -2, "path");
    }
    return 2;
}

/* json.check(text) -> true | nil, error */
static int l_check(lua_State *L) {
    struct lac_json_reader reader = {.text = bind_string(L, 1)};

    reader.scratch = work_buffer(L, WORK);
    struct lac_json_event event = {.kind = LAC_JSON_NULL};
    struct lac_error err;
    while (event.kind != LAC_JSON_END) {
        if (!lac_json_next(&reader, &event, &err)) {
            return bind_fail(L, &err);
        }
    }

    lua_pushboolean(L, true);
    return 1;
}

static bool write_event(void *writer, const struct lac_json_event *event, struct lac_error *err) {
    return lac_json_write(writer, event, err);
}

static bool encode_quick(lua_State *L, bool sorted) {
    struct bind_json_quick quick = {
        .null = lua_touserdata(L, NULL_VALUE),
        .array_mark = lua_topointer(L, ARRAY_MARK),
        .object_mark = lua_topointer(L, OBJECT_MARK),
        .sorted = sorted,
        .members = work_buffer(L, MEMBERS),
        .out = work_buffer(L, WORK),
    };
    bool ok = bind_json_quick(L, 1, &quick);
    if (ok) {
        lua_pushlstring(L, quick.out->data, quick.out->len);
    }
    work_buffer(L, WORK);
    work_buffer(L, MEMBERS);
    return ok;
}

/* json.encode(value, options) -> string | nil, error */
static int l_encode(lua_State *L) {
    struct lac_json_writer writer = {0};
    struct bind_json_sink sink = {.take = write_event, .context = &writer};
    luaL_checkany(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, encode_keys);
        writer.indent = (int)bind_opt_integer(L, 2, "indent", 0, 16, 0);
        sink.unsorted = !bind_opt_boolean(L, 2, "sorted", true);
    }
    lua_settop(L, 1);
    if (writer.indent == 0 && encode_quick(L, !sink.unsorted)) {
        return 1;
    }

    writer.out = bind_newbuf(L);
    struct lac_error err;
    if (!bind_json_events(L, 1, &sink, &err)) {
        return bind_fail(L, &err);
    }
    if (writer.out->failed) {
        lac_fail(&err, LAC_ERR_MEMORY, "out of memory while writing JSON");
        return bind_fail(L, &err);
    }
    struct lac_str text = lac_buf_view(writer.out);
    lua_pushlstring(L, text.data, text.len);
    return 1;
}

/* Sets the mark at `mark`; a table keeps a metatable that has another meaning, so that raises. */
static int set_mark(lua_State *L, int mark) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_getmetatable(L, 1)) {
        luaL_argcheck(L, lua_rawequal(L, 2, ARRAY_MARK) || lua_rawequal(L, 2, OBJECT_MARK), 1,
                      "the table has a metatable of its own");
    }
    lua_pushvalue(L, mark);
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

/* json.array(list) -> list */
static int l_array(lua_State *L) {
    return set_mark(L, ARRAY_MARK);
}

/* json.object(object) -> object */
static int l_object(lua_State *L) {
    return set_mark(L, OBJECT_MARK);
}

/* json.is_array(value) -> boolean */
static int l_is_array(lua_State *L) {
    luaL_checkany(L, 1);
    bool marked = lua_istable(L, 1) && lua_getmetatable(L, 1) && lua_rawequal(L, -1, ARRAY_MARK);
    lua_pushboolean(L, marked);
    return 1;
}

static const luaL_Reg functions[] = {
    {"decode", l_decode}, {"check", l_check},       {"encode", l_encode}, {"array", l_array},
    {"object", l_object}, {"is_array", l_is_array}, {NULL, NULL},
};

int luaopen_host_json(lua_State *L) {
    luaL_newlibtable(L, functions);
    bind_push_null(L);
    bind_push_array_mark(L);
    bind_push_object_mark(L);
    bind_newbuf(L);
    bind_newbuf(L);
    luaL_setfuncs(L, functions, 5);
    bind_push_null(L);
    lua_setfield(L, -2, "null");
    return 1;
}
