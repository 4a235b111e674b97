/* websocket_lua.c — require "host.websocket": the Lua face of core/websocket_link.h. */
#include <string.h>

#include "bind/websocket_box.h"

#define MAX_HEADERS 32
#define TIMEOUT 10.0

static const char *const connect_keys[] = {"url",       "headers",     "timeout",
                                           "max_frame", "max_message", NULL};

/* A name or value that would end its line could say anything to the server: it raises. */
static struct lac_str check_line(lua_State *L, struct lac_str text) {
    luaL_argcheck(L,
                  memchr(text.data, '\r', text.len) == NULL &&
                      memchr(text.data, '\n', text.len) == NULL &&
                      memchr(text.data, '\0', text.len) == NULL,
                  1, "field 'headers': a line break or a NUL in a header");
    return text;
}

/* Reads options.headers, a list of { name, value }. The strings stay on the stack. */
static size_t check_headers(lua_State *L, struct lac_websocket_field out[MAX_HEADERS]) {
    int type = lua_getfield(L, 1, "headers");
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 1, "field 'headers': table expected");
    lua_Unsigned count = type == LUA_TNIL ? 0 : lua_rawlen(L, -1);
    int list = lua_gettop(L);
    luaL_argcheck(L, count <= MAX_HEADERS, 1, "field 'headers': more than 32");
    luaL_checkstack(L, 3 * MAX_HEADERS, NULL);
    for (lua_Unsigned i = 0; i < count; i++) {
        luaL_argcheck(L, lua_rawgeti(L, list, (lua_Integer)i + 1) == LUA_TTABLE, 1,
                      "field 'headers': { name, value } expected");
        int pair = lua_gettop(L);
        out[i].name = check_line(L, bind_item(L, pair, 1));
        out[i].value = check_line(L, bind_item(L, pair, 2));
    }
    return (size_t)count;
}

/* websocket.connect(options) -> websocket | nil, error */
static int l_connect(lua_State *L) {
    struct lac_websocket_field headers[MAX_HEADERS];
    bind_check_keys(L, 1, connect_keys);
    struct lac_websocket_request request = {
        .url = bind_field(L, 1, "url"),
        .timeout = bind_opt_number(L, 1, "timeout", TIMEOUT),
        .limits = bind_websocket_limits(L, 1),
        .headers = headers,
        .header_count = check_headers(L, headers),
    };

    struct lac_websocket_link **box = bind_newwebsocket(L);

    struct lac_error err;
    *box = lac_websocket_connect(&request, &err);
    return *box != NULL ? 1 : bind_fail(L, &err);
}

static const luaL_Reg functions[] = {
    {"connect", l_connect},
    {NULL, NULL},
};

int luaopen_host_websocket(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
