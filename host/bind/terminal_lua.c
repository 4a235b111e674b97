/* terminal_lua.c — require "host.terminal": the Lua face of core/terminal.h. */
#include <string.h>

#include "bind/bind.h"
#include "core/terminal.h"

#define TYPE "laconic.editor"

static const char *const keys[] = {"history", "history_size", "complete", NULL};

/* The completion function is the first user value. */
struct editor {
    struct lac_editor *core;
    lua_State *L; /* whoever is reading: a completion runs inside of a read */
    int self;     /* where the editor is on that stack */
};

static struct editor *check_editor(lua_State *L) {
    struct editor *editor = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, editor->core != NULL, 1, "closed editor");
    return editor;
}

/* terminal.is_terminal(stream) -> boolean */
static int l_is_terminal(lua_State *L) {
    static const char *const streams[] = {"stdin", "stdout", "stderr", NULL};
    lua_pushboolean(L, lac_terminal_is(luaL_checkoption(L, 1, NULL, streams)));
    return 1;
}

/* terminal.size() -> columns, rows */
static int l_size(lua_State *L) {
    int columns, rows;
    lac_terminal_size(&columns, &rows);
    lua_pushinteger(L, columns);
    lua_pushinteger(L, rows);
    return 2;
}

/* Runs protected: (fn, line, cursor, out) calls fn(line, cursor) and keeps the strings it returns.
 */
static int collect(lua_State *L) {
    struct lac_completions *out = lua_touserdata(L, 4);
    lua_settop(L, 3);
    lua_call(L, 2, 1);
    lua_Integer count = lua_istable(L, -1) ? luaL_len(L, -1) : 0;
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_geti(L, 1, i) == LUA_TSTRING) {
            struct lac_str line;
            line.data = lua_tolstring(L, -1, &line.len);
            lac_completions_add(out, line);
        }
        lua_pop(L, 1);
    }
    return 0;
}

/* Never raises through libedit: a completion that fails offers nothing. */
static void complete(void *context, struct lac_str line, size_t cursor,
                     struct lac_completions *out) {
    struct editor *editor = context;
    lua_State *L = editor->L;
    if (!lua_checkstack(L, 8)) {
        return;
    }
    int top = lua_gettop(L);
    lua_pushcfunction(L, collect);
    if (lua_getiuservalue(L, editor->self, 1) == LUA_TFUNCTION) {
        lua_pushlstring(L, line.data, line.len);
        lua_pushinteger(L, (lua_Integer)cursor);
        lua_pushlightuserdata(L, out);
        if (lua_pcall(L, 4, 0, 0) != LUA_OK) {
            *out = (struct lac_completions){.lines = out->lines};
            lac_buf_free(&out->lines);
        }
    }
    lua_settop(L, top);
}

/* terminal.editor(options?) -> editor | nil, error */
static int l_editor(lua_State *L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    bind_check_keys(L, 1, keys);
    int type = lua_getfield(L, 1, "complete");
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TFUNCTION, 1,
                  "field 'complete': function expected");
    struct lac_editor_options options = {
        .history = bind_opt_text(L, 1, "history", NULL),
        .history_size = (int)bind_opt_integer(L, 1, "history_size", 1, 100000, 1000),
        .complete = type == LUA_TFUNCTION ? complete : NULL,
    };

    struct editor *editor = lua_newuserdatauv(L, sizeof *editor, 1);
    *editor = (struct editor){0};
    luaL_setmetatable(L, TYPE);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 1);
    options.context = editor;

    struct lac_error err;
    if (!lac_editor_open(&options, &editor->core, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* editor:read(prompt) -> line | nil | nil, error */
static int l_read(lua_State *L) {
    struct editor *editor = check_editor(L);
    const char *prompt = luaL_optstring(L, 2, "");

    struct lac_buf *line = bind_newbuf(L);
    editor->L = L;
    editor->self = 1;

    bool end;
    struct lac_error err;
    bool ok = lac_editor_read(editor->core, prompt, line, &end, &err);
    if (!ok) {
        return bind_fail(L, &err);
    }

    if (end) {
        lua_pushnil(L);
    } else {
        lua_pushlstring(L, lac_buf_view(line).data, line->len);
    }
    return 1;
}

/* editor:add(line) */
static int l_add(lua_State *L) {
    struct editor *editor = check_editor(L);
    struct lac_str line = bind_string(L, 2);
    luaL_argcheck(L, strlen(line.data) == line.len, 2, "holds a NUL");

    lac_editor_add(editor->core, line.data);
    return 0;
}

/* editor:close(); also __gc and __close */
static int l_close(lua_State *L) {
    struct editor *editor = luaL_checkudata(L, 1, TYPE);
    lac_editor_close(editor->core);
    editor->core = NULL;
    return 0;
}

static int l_tostring(lua_State *L) {
    const struct editor *editor = luaL_checkudata(L, 1, TYPE);
    lua_pushfstring(L, "editor (%s)", editor->core == NULL ? "closed" : "open");
    return 1;
}

static const luaL_Reg methods[] = {
    {"read", l_read},
    {"add", l_add},
    {"close", l_close},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"is_terminal", l_is_terminal},
    {"size", l_size},
    {"editor", l_editor},
    {NULL, NULL},
};

int luaopen_host_terminal(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
