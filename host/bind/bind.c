#include "bind/bind.h"

#include <string.h>

#define BUF_TYPE "laconic.buf"
#define ERROR_TYPE "laconic.error"

static const char *const kind_names[] = {
    [LAC_OK] = "ok",
    [LAC_ERR_INPUT] = "input",
    [LAC_ERR_MEMORY] = "memory",
    [LAC_ERR_SYSTEM] = "system",
    [LAC_ERR_NETWORK] = "network",
    [LAC_ERR_SERVICE] = "service",
    [LAC_ERR_LIMIT] = "limit",
    [LAC_ERR_INTERRUPT] = "interrupt",
};

/* Raises for the key at `index`. */
static void unknown_field(lua_State *L, int arg, int index) {
    luaL_argerror(L, arg, lua_pushfstring(L, "unknown field '%s'", luaL_tolstring(L, index, NULL)));
}

void bind_check_keys(lua_State *L, int arg, const char *const *allowed) {
    luaL_checktype(L, arg, LUA_TTABLE);
    luaL_checkstack(L, 3, NULL);
    lua_pushnil(L);
    while (lua_next(L, arg)) {
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        const char *const *name = allowed;
        while (key && *name && strcmp(*name, key) != 0) {
            name++;
        }
        if (key == NULL || *name == NULL) {
            unknown_field(L, arg, -1);
        }
    }
}

void bind_fields(lua_State *L, int arg, const char *const *names) {
    luaL_checktype(L, arg, LUA_TTABLE);
    luaL_checkstack(L, 20, NULL);
    int count = 0, base = lua_gettop(L);
    while (names[count] != NULL) {
        count++;
    }
    lua_settop(L, base + count);
    for (lua_pushnil(L); lua_next(L, arg);) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        int i = 0;
        while (key != NULL && i < count && (*names[i] != *key || strcmp(names[i], key) != 0)) {
            i++;
        }
        if (key == NULL || i == count) {
            unknown_field(L, arg, -2);
        }
        lua_replace(L, base + 1 + i);
    }
}

static void wrong_type(lua_State *L, int arg, const char *key, const char *want) {
    luaL_argerror(
        L, arg,
        lua_pushfstring(L, "field '%s': %s expected, got %s", key, want, luaL_typename(L, -1)));
}

struct lac_str bind_string(lua_State *L, int arg) {
    struct lac_str value;
    luaL_checktype(L, arg, LUA_TSTRING);
    value.data = lua_tolstring(L, arg, &value.len);
    return value;
}

const char *bind_text_arg(lua_State *L, int arg) {
    struct lac_str value = bind_string(L, arg);
    luaL_argcheck(L, memchr(value.data, '\0', value.len) == NULL, arg, "holds a NUL");
    return value.data;
}

bool bind_opt_flag(lua_State *L, int arg) {
    if (!lua_isnoneornil(L, arg)) {
        luaL_checktype(L, arg, LUA_TBOOLEAN);
    }
    return lua_toboolean(L, arg);
}

/* Pushes the field; true when it is a string, false when it is nil; anything else raises. */
static bool push_string_field(lua_State *L, int arg, const char *key) {
    luaL_checkstack(L, 2, NULL);
    int type = lua_getfield(L, arg, key);
    if (type != LUA_TSTRING && type != LUA_TNIL) {
        wrong_type(L, arg, key, "string");
    }
    return type == LUA_TSTRING;
}

struct lac_str bind_field(lua_State *L, int arg, const char *key) {
    struct lac_str value;
    if (!push_string_field(L, arg, key)) {
        wrong_type(L, arg, key, "string");
    }
    value.data = lua_tolstring(L, -1, &value.len);
    return value;
}

struct lac_str bind_opt_field(lua_State *L, int arg, const char *key, struct lac_str fallback) {
    if (!push_string_field(L, arg, key)) {
        lua_pop(L, 1);
        return fallback;
    }
    struct lac_str value;
    value.data = lua_tolstring(L, -1, &value.len);
    return value;
}

static const char *check_text(lua_State *L, int arg, const char *key, struct lac_str value) {
    if (memchr(value.data, '\0', value.len) != NULL) {
        luaL_argerror(L, arg, lua_pushfstring(L, "field '%s': holds a NUL", key));
    }
    return value.data;
}

const char *bind_text(lua_State *L, int arg, const char *key) {
    return check_text(L, arg, key, bind_field(L, arg, key));
}

const char *bind_opt_text(lua_State *L, int arg, const char *key, const char *fallback) {
    struct lac_str value = bind_opt_field(L, arg, key, (struct lac_str){NULL, 0});
    return value.data == NULL ? fallback : check_text(L, arg, key, value);
}

lua_Integer bind_opt_integer(lua_State *L, int arg, const char *key, lua_Integer least,
                             lua_Integer most, lua_Integer fallback) {
    luaL_checkstack(L, 2, NULL);
    lua_Integer value = fallback;
    if (lua_getfield(L, arg, key) != LUA_TNIL) {
        int is_integer = 0;
        value = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &is_integer) : 0;
        if (!is_integer) {
            wrong_type(L, arg, key, "integer");
        }
        if (value < least || value > most) {
            luaL_argerror(L, arg,
                          lua_pushfstring(L, "field '%s': %I is not between %I and %I", key,
                                          (LUAI_UACINT)value, (LUAI_UACINT)least,
                                          (LUAI_UACINT)most));
        }
    }
    lua_pop(L, 1);
    return value;
}

lua_Number bind_opt_number(lua_State *L, int arg, const char *key, lua_Number fallback) {
    luaL_checkstack(L, 2, NULL);
    lua_Number value = fallback;
    int type = lua_getfield(L, arg, key);
    if (type == LUA_TNUMBER) {
        value = lua_tonumber(L, -1);
    } else if (type != LUA_TNIL) {
        wrong_type(L, arg, key, "number");
    }
    lua_pop(L, 1);
    return value;
}

bool bind_opt_boolean(lua_State *L, int arg, const char *key, bool fallback) {
    luaL_checkstack(L, 2, NULL);
    bool value = fallback;
    int type = lua_getfield(L, arg, key);
    if (type == LUA_TBOOLEAN) {
        value = lua_toboolean(L, -1);
    } else if (type != LUA_TNIL) {
        wrong_type(L, arg, key, "boolean");
    }
    lua_pop(L, 1);
    return value;
}

struct lac_str bind_item(lua_State *L, int index, lua_Integer i) {
    luaL_checkstack(L, 2, NULL);
    struct lac_str value;
    if (lua_rawgeti(L, index, i) != LUA_TSTRING) {
        luaL_error(L, "item %I: string expected, got %s", (LUAI_UACINT)i, luaL_typename(L, -1));
    }
    value.data = lua_tolstring(L, -1, &value.len);
    return value;
}

struct bind_callback bind_opt_callback(lua_State *L, int arg, const char *key) {
    luaL_checkstack(L, 2, NULL);
    int type = lua_getfield(L, arg, key);
    if (type != LUA_TFUNCTION && type != LUA_TNIL) {
        wrong_type(L, arg, key, "function");
    }
    return (struct bind_callback){.L = L, .slot = type == LUA_TNIL ? 0 : lua_gettop(L)};
}

bool bind_callback_call(struct bind_callback *callback, const lua_Integer *numbers, int count) {
    lua_State *L = callback->L;
    if (callback->slot == 0 || callback->failed) {
        return !callback->failed;
    }
    lua_pushvalue(L, callback->slot);
    for (int i = 0; i < count; i++) {
        lua_pushinteger(L, numbers[i]);
    }
    if (lua_pcall(L, count, 0, 0) != LUA_OK) {
        lua_replace(L, callback->slot);
        callback->failed = true;
    }
    return !callback->failed;
}

static int call_with_text(lua_State *L) {
    const struct lac_str *text = lua_touserdata(L, 2);
    lua_settop(L, 1);
    lua_pushlstring(L, text->data, text->len);
    lua_call(L, 1, 0);
    return 0;
}

bool bind_callback_call_text(struct bind_callback *callback, struct lac_str text) {
    lua_State *L = callback->L;
    if (callback->slot == 0 || callback->failed) {
        return !callback->failed;
    }
    lua_pushcfunction(L, call_with_text);
    lua_pushvalue(L, callback->slot);
    lua_pushlightuserdata(L, &text);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        lua_replace(L, callback->slot);
        callback->failed = true;
    }
    return !callback->failed;
}

void bind_callback_raise(const struct bind_callback *callback) {
    if (callback->failed) {
        lua_pushvalue(callback->L, callback->slot);
        lua_error(callback->L);
    }
}

static int buf_gc(lua_State *L) {
    lac_buf_free(luaL_checkudata(L, 1, BUF_TYPE));
    return 0;
}

struct lac_buf *bind_newbuf(lua_State *L) {
    luaL_checkstack(L, 3, NULL);
    struct lac_buf *buf = lua_newuserdatauv(L, sizeof *buf, 0);
    *buf = (struct lac_buf){0};
    if (luaL_newmetatable(L, BUF_TYPE)) {
        lua_pushcfunction(L, buf_gc);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, buf_gc);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    return buf;
}

static int error_tostring(lua_State *L) {
    lua_getfield(L, 1, "message");
    return 1;
}

void bind_push_error(lua_State *L, const struct lac_error *err) {
    luaL_checkstack(L, 3, NULL);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, kind_names[err->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, err->message);
    lua_setfield(L, -2, "message");
    if (err->code[0] != '\0') {
        lua_pushstring(L, err->code);
        lua_setfield(L, -2, "code");
    }
    if (err->status != 0) {
        lua_pushinteger(L, err->status);
        lua_setfield(L, -2, "status");
    }
    if (err->retryable) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "retryable");
    }
    if (luaL_newmetatable(L, ERROR_TYPE)) {
        lua_pushcfunction(L, error_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_setmetatable(L, -2);
}

int bind_fail(lua_State *L, const struct lac_error *err) {
    luaL_pushfail(L);
    bind_push_error(L, err);
    return 2;
}

int bind_push_buf(lua_State *L, const struct lac_buf *buf) {
    if (buf->failed) {
        struct lac_error err;
        lac_fail(&err, LAC_ERR_MEMORY, "out of memory");
        return bind_fail(L, &err);
    }
    struct lac_str bytes = lac_buf_view(buf);
    luaL_checkstack(L, 1, NULL);
    lua_pushlstring(L, bytes.data, bytes.len);
    return 1;
}
