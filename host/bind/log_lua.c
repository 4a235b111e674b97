/* log_lua.c — require "host.log": the Lua face of core/log.h. */
#include <stdlib.h>
#include <string.h>

#include "bind/bind.h"
#include "core/log.h"

#define MOST_FIELDS 64

static const char *const option_keys[] = {"level", "format", "color", "timestamps", NULL};
static const char *const format_names[] = {"text", "json", NULL};

/* The index of the field's word in `names`; `fallback` when it is absent. */
static int opt_choice(lua_State *L, const char *key, const char *const *names, int fallback) {
    const char *word = bind_opt_text(L, 1, key, names[fallback]);
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], word) == 0) {
            return i;
        }
    }
    return luaL_argerror(L, 1, lua_pushfstring(L, "field '%s': unknown word '%s'", key, word));
}

static int l_configure(lua_State *L) {
    bind_check_keys(L, 1, option_keys);
    struct lac_log_settings now = lac_log_settings;
    now.level = (enum lac_log_level)opt_choice(L, "level", lac_log_level_names, (int)now.level);
    now.json = opt_choice(L, "format", format_names, now.json) == 1;
    now.color = bind_opt_boolean(L, 1, "color", now.color);
    now.timestamps = bind_opt_boolean(L, 1, "timestamps", now.timestamps);

    lac_log_settings = now;
    return 0;
}

/* A level by its name; "off" is a setting, not the level of a message. */
static enum lac_log_level check_level(lua_State *L) {
    luaL_checktype(L, 1, LUA_TSTRING);
    int level = luaL_checkoption(L, 1, NULL, lac_log_level_names);
    luaL_argcheck(L, level != LAC_LOG_OFF, 1, "'off' is no message's level");
    return (enum lac_log_level)level;
}

static int l_enabled(lua_State *L) {
    lua_pushboolean(L, lac_log_enabled(check_level(L)));
    return 1;
}

static int compare_fields(const void *a, const void *b) {
    const struct lac_log_field *left = a, *right = b;
    size_t shorter = left->name.len < right->name.len ? left->name.len : right->name.len;
    int order = memcmp(left->name.data, right->name.data, shorter);
    return order != 0 ? order
                      : (left->name.len > right->name.len) - (left->name.len < right->name.len);
}

/* JSON has no word for infinity or for what is no number. */
static bool is_bare(lua_State *L, int index) {
    lua_Number number = lua_tonumber(L, index);
    return lua_type(L, index) == LUA_TBOOLEAN ||
           (lua_type(L, index) == LUA_TNUMBER && number - number == 0);
}

/* Reads the table at `arg` into `out`, in byte order of its keys. Names and values stay on the
 * stack, which is what keeps them alive. */
static size_t check_fields(lua_State *L, int arg, struct lac_log_field out[MOST_FIELDS]) {
    if (lua_isnoneornil(L, arg)) {
        return 0;
    }
    luaL_checktype(L, arg, LUA_TTABLE);
    luaL_checkstack(L, 2 * MOST_FIELDS + 4, NULL);
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, arg)) {
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, arg, "a field's name is not a string");
        luaL_argcheck(L, count < MOST_FIELDS, arg, "more than 64 fields");
        struct lac_log_field *field = &out[count++];
        field->bare = is_bare(L, -1);
        field->name.data = lua_tolstring(L, -2, &field->name.len);
        field->value.data = luaL_tolstring(L, -1, &field->value.len);
        lua_remove(L, -2);    /* ..., name, text */
        lua_pushvalue(L, -2); /* ..., name, text, name: lua_next goes on from it */
    }
    qsort(out, count, sizeof *out, compare_fields);
    return count;
}

static int write_line(lua_State *L, enum lac_log_level level, int arg) {
    struct lac_str message = bind_string(L, arg);
    if (lac_log_enabled(level)) {
        struct lac_log_field fields[MOST_FIELDS];
        size_t count = check_fields(L, arg + 1, fields);
        lac_log_write(level, message, fields, count);
    }
    return 0;
}

static int l_write(lua_State *L) {
    return write_line(L, check_level(L), 2);
}

static int l_trace(lua_State *L) {
    return write_line(L, LAC_LOG_TRACE, 1);
}

static int l_debug(lua_State *L) {
    return write_line(L, LAC_LOG_DEBUG, 1);
}

static int l_info(lua_State *L) {
    return write_line(L, LAC_LOG_INFO, 1);
}

static int l_warn(lua_State *L) {
    return write_line(L, LAC_LOG_WARN, 1);
}

static int l_error(lua_State *L) {
    return write_line(L, LAC_LOG_ERROR, 1);
}

static int l_fatal(lua_State *L) {
    return write_line(L, LAC_LOG_FATAL, 1);
}

static const luaL_Reg functions[] = {
    {"configure", l_configure}, {"enabled", l_enabled}, {"write", l_write}, {"trace", l_trace},
    {"debug", l_debug},         {"info", l_info},       {"warn", l_warn},   {"error", l_error},
    {"fatal", l_fatal},         {NULL, NULL},
};

int luaopen_host_log(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
