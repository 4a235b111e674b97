/* archive_lua.c — require "host.archive": the Lua face of core/archive.h and core/packed.h. */
#include "bind/bind.h"
#include "core/archive.h"
#include "core/file.h"
#include "core/packed.h"

#define ITEMS_TYPE "laconic.archive.items"
#define MOST_LEVEL 12

static const char *const entry_keys[] = {"name", "data", "path", "packed", "executable", NULL};
static const char *const level_keys[] = {"level", NULL};
static const char *const limit_keys[] = {"max_entries", "max_bytes", "max_entry_bytes", NULL};

static int check_level(lua_State *L, int arg) {
    if (lua_isnoneornil(L, arg)) {
        return LAC_ARCHIVE_LEVEL;
    }
    bind_check_keys(L, arg, level_keys);
    return (int)bind_opt_integer(L, arg, "level", 0, MOST_LEVEL, LAC_ARCHIVE_LEVEL);
}

static struct lac_archive_limits check_limits(lua_State *L, int arg) {
    struct lac_archive_limits limits = {0};
    if (!lua_isnoneornil(L, arg)) {
        bind_check_keys(L, arg, limit_keys);
        limits.max_entries = (uint64_t)bind_opt_integer(L, arg, "max_entries", 1, INT32_MAX, 0);
        limits.max_bytes = (uint64_t)bind_opt_integer(L, arg, "max_bytes", 1, LUA_MAXINTEGER, 0);
        limits.max_entry_bytes =
            (uint64_t)bind_opt_integer(L, arg, "max_entry_bytes", 1, LUA_MAXINTEGER, 0);
    }
    return limits;
}

/* Reads the entry at the top of the stack, and leaves its strings there: that keeps them alive. */
static struct lac_archive_entry check_entry(lua_State *L, lua_Integer i) {
    int at = lua_gettop(L);
    if (!lua_istable(L, at)) {
        luaL_argerror(L, 2, lua_pushfstring(L, "entry %I: table expected", (LUAI_UACINT)i));
    }
    bind_check_keys(L, at, entry_keys);
    struct lac_archive_entry entry = {
        .name = bind_text(L, at, "name"),
        .data = bind_opt_field(L, at, "data", (struct lac_str){NULL, 0}),
        .path = bind_opt_text(L, at, "path", NULL),
        .packed = bind_opt_text(L, at, "packed", NULL),
        .executable = bind_opt_boolean(L, at, "executable", false),
    };
    int ways = (entry.data.data != NULL) + (entry.path != NULL) + (entry.packed != NULL);
    if (ways != 1) {
        luaL_argerror(L, 2,
                      lua_pushfstring(L, "entry '%s': one of 'data', 'path' and 'packed' expected",
                                      entry.name));
    }
    return entry;
}

/* archive.write(path, entries, options) -> facts | nil, error */
static int l_write(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    int level = check_level(L, 3);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 2);
    struct lac_buf *entries = bind_newbuf(L);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 2, i);
        struct lac_archive_entry entry = check_entry(L, i);
        lac_buf_add(entries, (struct lac_str){(const char *)&entry, sizeof entry});
    }

    struct lac_archive_facts facts;
    struct lac_error err;
    if (entries->failed) {
        lac_fail(&err, LAC_ERR_MEMORY, "out of memory while writing %s", path);
        return bind_fail(L, &err);
    }
    const struct lac_archive_entry *list = (const struct lac_archive_entry *)entries->data;
    if (!lac_archive_write(path, list, (size_t)count, level, &facts, &err)) {
        return bind_fail(L, &err);
    }
    struct lac_buf *hex = bind_newbuf(L);
    lac_digest_add_hex(&facts.sha256, hex);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, (lua_Integer)facts.bytes);
    lua_setfield(L, -2, "bytes");
    lua_pushinteger(L, (lua_Integer)facts.entries);
    lua_setfield(L, -2, "entries");
    if (bind_push_buf(L, hex) != 1) {
        return 2;
    }
    lua_setfield(L, -2, "sha256");
    return 1;
}

static int push_pack_facts(lua_State *L, uint64_t bytes, uint64_t packed_bytes) {
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)bytes);
    lua_setfield(L, -2, "bytes");
    lua_pushinteger(L, (lua_Integer)packed_bytes);
    lua_setfield(L, -2, "packed_bytes");
    return 1;
}

/* archive.pack(from, to, options) -> facts | nil, error */
static int l_pack(lua_State *L) {
    const char *from = bind_text_arg(L, 1), *to = bind_text_arg(L, 2);
    int level = check_level(L, 3);

    struct lac_buf bytes = {0};
    struct lac_packed packed = {0};
    struct lac_error err;
    bool ok = lac_file_read(from, LAC_PACKED_MOST, &bytes, &err) &&
              lac_packed_make(lac_buf_view(&bytes), level, &packed, &err) &&
              lac_packed_write(to, &packed, &err);
    uint64_t size = packed.size, packed_size = packed.bytes.len;
    lac_buf_free(&bytes);
    lac_packed_free(&packed);
    return ok ? push_pack_facts(L, size, packed_size) : bind_fail(L, &err);
}

/* archive.unpack(path) -> bytes | nil, error */
static int l_unpack(lua_State *L) {
    const char *path = bind_text_arg(L, 1);

    struct lac_buf *bytes = bind_newbuf(L);
    struct lac_packed packed = {0};
    struct lac_error err;
    bool ok = lac_packed_read(path, &packed, &err) && lac_packed_open(&packed, bytes, &err);
    lac_packed_free(&packed);
    return ok ? bind_push_buf(L, bytes) : bind_fail(L, &err);
}

static int items_gc(lua_State *L) {
    lac_archive_items_free(luaL_checkudata(L, 1, ITEMS_TYPE));
    return 0;
}

static void push_item(lua_State *L, const struct lac_archive_item *item) {
    lua_createtable(L, 0, 6);
    lua_pushstring(L, item->name);
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, (lua_Integer)item->size);
    lua_setfield(L, -2, "size");
    lua_pushinteger(L, (lua_Integer)item->packed_size);
    lua_setfield(L, -2, "packed_size");
    lua_pushinteger(L, (lua_Integer)item->crc32);
    lua_setfield(L, -2, "crc32");
    lua_pushboolean(L, item->executable);
    lua_setfield(L, -2, "executable");
    lua_pushboolean(L, item->folder);
    lua_setfield(L, -2, "folder");
}

/* archive.list(path, limits) -> entries | nil, error */
static int l_list(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_archive_limits limits = check_limits(L, 2);

    struct lac_archive_items *items = lua_newuserdatauv(L, sizeof *items, 0);
    *items = (struct lac_archive_items){0};
    if (luaL_newmetatable(L, ITEMS_TYPE)) {
        lua_pushcfunction(L, items_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    struct lac_error err;
    if (!lac_archive_list(path, &limits, items, &err)) {
        return bind_fail(L, &err);
    }
    lua_createtable(L, (int)items->count, 0);
    for (size_t i = 0; i < items->count; i++) {
        push_item(L, &items->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* archive.read(path, name, limits) -> string | nil, error */
static int l_read(lua_State *L) {
    const char *path = bind_text_arg(L, 1), *name = bind_text_arg(L, 2);
    struct lac_archive_limits limits = check_limits(L, 3);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    return lac_archive_read(path, name, &limits, out, &err) ? bind_push_buf(L, out)
                                                            : bind_fail(L, &err);
}

/* archive.extract(path, folder, limits) -> facts | nil, error */
static int l_extract(lua_State *L) {
    const char *path = bind_text_arg(L, 1), *folder = bind_text_arg(L, 2);
    struct lac_archive_limits limits = check_limits(L, 3);

    struct lac_archive_facts facts;
    struct lac_error err;
    if (!lac_archive_extract(path, folder, &limits, &facts, &err)) {
        return bind_fail(L, &err);
    }
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)facts.entries);
    lua_setfield(L, -2, "entries");
    lua_pushinteger(L, (lua_Integer)facts.bytes);
    lua_setfield(L, -2, "bytes");
    return 1;
}

static const luaL_Reg functions[] = {
    {"extract", l_extract}, {"list", l_list},   {"pack", l_pack}, {"read", l_read},
    {"unpack", l_unpack},   {"write", l_write}, {NULL, NULL},
};

int luaopen_host_archive(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
