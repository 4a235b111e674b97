/* file_lua.c — require "host.file": the Lua face of core/file.h and core/folder.h. */
#include <unistd.h>

#include "bind/bind.h"
#include "core/file.h"
#include "core/folder.h"

#define DEFAULT_MAX_BYTES (256 << 20)
#define DEFAULT_MAX_ENTRIES 100000

#define APPENDER_TYPE "laconic.file.appender"
#define LOCK_TYPE "laconic.file.lock"
#define NAMES_TYPE "laconic.file.names"

static const char *const read_keys[] = {"max_bytes", NULL};
static const char *const write_keys[] = {"executable", "private", "sync", NULL};
static const char *const walk_keys[] = {"max_entries", NULL};

static const char *const kind_names[] = {
    [LAC_FILE_REGULAR] = "file",
    [LAC_FILE_FOLDER] = "folder",
    [LAC_FILE_LINK] = "link",
    [LAC_FILE_OTHER] = "other",
};

static int done(lua_State *L, bool ok, const struct lac_error *err) {
    if (!ok) {
        return bind_fail(L, err);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* file.read(path, options) -> string | nil, error */
static int l_read(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    lua_Integer most = DEFAULT_MAX_BYTES;
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, read_keys);
        most = bind_opt_integer(L, 2, "max_bytes", 0, LUA_MAXINTEGER, most);
    }

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!lac_file_read(path, (size_t)most, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

/* file.write(path, bytes, options) -> true | nil, error */
static int l_write(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_str bytes = bind_string(L, 2);
    struct lac_file_mode mode = {0};
    if (!lua_isnoneornil(L, 3)) {
        bind_check_keys(L, 3, write_keys);
        mode.executable = bind_opt_boolean(L, 3, "executable", false);
        mode.owner_only = bind_opt_boolean(L, 3, "private", false);
        mode.sync = bind_opt_boolean(L, 3, "sync", false);
    }

    struct lac_error err;
    return done(L, lac_file_write(path, bytes, &mode, &err), &err);
}

/* file.append(path, bytes) -> true | nil, error */
static int l_append(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_str bytes = bind_string(L, 2);

    struct lac_error err;
    return done(L, lac_file_append(path, bytes, &err), &err);
}

/* What is to be appended to the file whose path is its user value. */
static struct lac_buf *check_appender(lua_State *L) {
    return luaL_checkudata(L, 1, APPENDER_TYPE);
}

/* file.appender(path) -> appender */
static int l_appender(lua_State *L) {
    bind_text_arg(L, 1);
    struct lac_buf *waiting = lua_newuserdatauv(L, sizeof *waiting, 1);
    *waiting = (struct lac_buf){0};
    luaL_setmetatable(L, APPENDER_TYPE);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

/* appender:add(bytes) -> integer | nil, error */
static int appender_add(lua_State *L) {
    struct lac_buf *waiting = check_appender(L);
    lac_buf_add(waiting, bind_string(L, 2));
    if (waiting->failed) {
        lac_buf_free(waiting);
        struct lac_error err;
        lac_fail(&err, LAC_ERR_MEMORY, "out of memory for what is to be appended");
        return bind_fail(L, &err);
    }
    lua_pushinteger(L, (lua_Integer)waiting->len);
    return 1;
}

/* appender:write() -> true | nil, error */
static int appender_write(lua_State *L) {
    struct lac_buf *waiting = check_appender(L);
    lua_getiuservalue(L, 1, 1);
    struct lac_error err;
    bool ok =
        waiting->len == 0 || lac_file_append(lua_tostring(L, -1), lac_buf_view(waiting), &err);
    lac_buf_cut(waiting, 0);
    return done(L, ok, &err);
}

/* appender:waiting() -> integer */
static int appender_waiting(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)check_appender(L)->len);
    return 1;
}

/* appender:drop() */
static int appender_drop(lua_State *L) {
    lac_buf_cut(check_appender(L), 0);
    return 0;
}

static int appender_gc(lua_State *L) {
    lac_buf_free(check_appender(L));
    return 0;
}

static const luaL_Reg appender_methods[] = {
    {"add", appender_add},
    {"drop", appender_drop},
    {"waiting", appender_waiting},
    {"write", appender_write},
    {NULL, NULL},
};

/* file.shorten(path, size) -> true | nil, error */
static int l_shorten(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    lua_Integer size = luaL_checkinteger(L, 2);
    luaL_argcheck(L, size >= 0, 2, "not a size");

    struct lac_error err;
    return done(L, lac_file_shorten(path, (uint64_t)size, &err), &err);
}

/* file.stat(path) -> table | nil, error */
static int l_stat(lua_State *L) {
    const char *path = bind_text_arg(L, 1);

    struct lac_file_facts facts;
    struct lac_error err;
    if (!lac_file_stat(path, &facts, &err)) {
        return bind_fail(L, &err);
    }
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, (lua_Integer)facts.size);
    lua_setfield(L, -2, "size");
    lua_pushstring(L, kind_names[facts.kind]);
    lua_setfield(L, -2, "kind");
    lua_pushnumber(L, facts.modified);
    lua_setfield(L, -2, "modified");
    lua_pushboolean(L, facts.executable);
    lua_setfield(L, -2, "executable");
    return 1;
}

/* file.exists(path) -> boolean */
static int l_exists(lua_State *L) {
    lua_pushboolean(L, lac_file_exists(bind_text_arg(L, 1)));
    return 1;
}

static int names_gc(lua_State *L) {
    lac_names_free(luaL_checkudata(L, 1, NAMES_TYPE));
    return 0;
}

/* Pushes an empty list of names that the collector frees. */
static struct lac_names *new_names(lua_State *L) {
    struct lac_names *names = lua_newuserdatauv(L, sizeof *names, 0);
    *names = (struct lac_names){0};
    if (luaL_newmetatable(L, NAMES_TYPE)) {
        lua_pushcfunction(L, names_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return names;
}

static int push_names(lua_State *L, const struct lac_names *names) {
    lua_createtable(L, (int)names->count, 0);
    for (size_t i = 0; i < names->count; i++) {
        lua_pushstring(L, names->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* file.list(folder) -> names | nil, error */
static int l_list(lua_State *L) {
    const char *folder = bind_text_arg(L, 1);

    struct lac_names *names = new_names(L);
    struct lac_error err;
    return lac_folder_list(folder, names, &err) ? push_names(L, names) : bind_fail(L, &err);
}

/* file.walk(folder, options) -> paths | nil, error */
static int l_walk(lua_State *L) {
    const char *folder = bind_text_arg(L, 1);
    lua_Integer most = DEFAULT_MAX_ENTRIES;
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, walk_keys);
        most = bind_opt_integer(L, 2, "max_entries", 0, INT32_MAX, most);
    }

    struct lac_names *names = new_names(L);
    struct lac_error err;
    return lac_folder_walk(folder, (size_t)most, names, &err) ? push_names(L, names)
                                                              : bind_fail(L, &err);
}

/* file.make_folder(path) -> true | nil, error */
static int l_make_folder(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_error err;
    return done(L, lac_folder_make(path, &err), &err);
}

/* file.remove(path) -> true | nil, error */
static int l_remove(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_error err;
    return done(L, lac_file_remove(path, &err), &err);
}

/* file.remove_tree(path) -> true | nil, error */
static int l_remove_tree(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_error err;
    return done(L, lac_folder_remove(path, &err), &err);
}

/* file.seal_tree(path) -> true | nil, error */
static int l_seal_tree(lua_State *L) {
    const char *path = bind_text_arg(L, 1);
    struct lac_error err;
    return done(L, lac_folder_seal(path, &err), &err);
}

/* file.rename(from, to) -> true | nil, error */
static int l_rename(lua_State *L) {
    const char *from = bind_text_arg(L, 1), *to = bind_text_arg(L, 2);
    struct lac_error err;
    return done(L, lac_file_rename(from, to, &err), &err);
}

/* file.copy(from, to) -> true | nil, error */
static int l_copy(lua_State *L) {
    const char *from = bind_text_arg(L, 1), *to = bind_text_arg(L, 2);
    struct lac_error err;
    return done(L, lac_file_copy(from, to, &err), &err);
}

/* file.temporary_folder(parent) -> path | nil, error */
static int l_temporary_folder(lua_State *L) {
    const char *parent = lua_isnoneornil(L, 1) ? NULL : bind_text_arg(L, 1);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    return lac_folder_temporary(parent, out, &err) ? bind_push_buf(L, out) : bind_fail(L, &err);
}

/* file.real_path(path) -> path | nil, error */
static int l_real_path(lua_State *L) {
    const char *path = bind_text_arg(L, 1);

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    return lac_path_real(path, out, &err) ? bind_push_buf(L, out) : bind_fail(L, &err);
}

/* file.current_folder() -> path | nil, error */
static int l_current_folder(lua_State *L) {
    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    return lac_path_current_folder(out, &err) ? bind_push_buf(L, out) : bind_fail(L, &err);
}

/* file.program() -> path | nil, error */
static int l_program(lua_State *L) {
    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    return lac_path_program(out, &err) ? bind_push_buf(L, out) : bind_fail(L, &err);
}

/* A lock is its open descriptor; -1 when it was given back. */
static int lock_close(lua_State *L) {
    int *fd = luaL_checkudata(L, 1, LOCK_TYPE);
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return 0;
}

static int lock_tostring(lua_State *L) {
    const int *fd = luaL_checkudata(L, 1, LOCK_TYPE);
    lua_pushstring(L, *fd >= 0 ? "lock" : "lock (closed)");
    return 1;
}

static const luaL_Reg lock_methods[] = {
    {"close", lock_close},
    {NULL, NULL},
};

static const luaL_Reg lock_metamethods[] = {
    {"__gc", lock_close},
    {"__close", lock_close},
    {"__tostring", lock_tostring},
    {NULL, NULL},
};

/* file.lock(path, options) -> lock | nil, error */
static int l_lock(lua_State *L) {
    static const char *const keys[] = {"shared", NULL};
    const char *path = bind_text_arg(L, 1);
    bool shared = false;
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, keys);
        shared = bind_opt_boolean(L, 2, "shared", false);
    }

    int *fd = lua_newuserdatauv(L, sizeof *fd, 0);
    *fd = -1;
    luaL_setmetatable(L, LOCK_TYPE);
    struct lac_error err;
    if (!lac_file_lock(path, shared, fd, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"append", l_append},
    {"appender", l_appender},
    {"copy", l_copy},
    {"current_folder", l_current_folder},
    {"exists", l_exists},
    {"list", l_list},
    {"lock", l_lock},
    {"make_folder", l_make_folder},
    {"program", l_program},
    {"read", l_read},
    {"real_path", l_real_path},
    {"remove", l_remove},
    {"remove_tree", l_remove_tree},
    {"rename", l_rename},
    {"seal_tree", l_seal_tree},
    {"shorten", l_shorten},
    {"stat", l_stat},
    {"temporary_folder", l_temporary_folder},
    {"walk", l_walk},
    {"write", l_write},
    {NULL, NULL},
};

int luaopen_host_file(lua_State *L) {
    luaL_newmetatable(L, APPENDER_TYPE);
    lua_pushcfunction(L, appender_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, appender_methods);
    lua_setfield(L, -2, "__index");
    luaL_newmetatable(L, LOCK_TYPE);
    luaL_setfuncs(L, lock_metamethods, 0);
    luaL_newlib(L, lock_methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
