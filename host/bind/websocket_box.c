#include "bind/websocket_box.h"

#define TYPE "laconic.websocket"
#define MEBIBYTE ((lua_Integer)1024 * 1024)

static struct lac_websocket_link *check_link(lua_State *L) {
    struct lac_websocket_link **box = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, *box != NULL, 1, "closed websocket");
    return *box;
}

static const char *const kinds[] = {"text", "binary", "ping", "pong", NULL};
static const enum lac_websocket_kind kind_numbers[] = {LAC_WEBSOCKET_TEXT, LAC_WEBSOCKET_BINARY,
                                                       LAC_WEBSOCKET_PING, LAC_WEBSOCKET_PONG};

static const char *kind_name(enum lac_websocket_kind kind) {
    for (size_t i = 0; kinds[i] != NULL; i++) {
        if (kind_numbers[i] == kind) {
            return kinds[i];
        }
    }
    return "close";
}

/* websocket:fd() -> integer */
static int l_fd(lua_State *L) {
    lua_pushinteger(L, lac_websocket_fd(check_link(L)));
    return 1;
}

/* websocket:next() -> kind, data, code? | nil */
static int l_next(lua_State *L) {
    struct lac_websocket_link *link = check_link(L);

    struct lac_websocket_message message;
    if (!lac_websocket_take(link, &message)) {
        lua_pushnil(L);
        return 1;
    }

    lua_pushstring(L, kind_name(message.kind));
    lua_pushlstring(L, message.data.data, message.data.len);
    if (message.kind != LAC_WEBSOCKET_CLOSE) {
        return 2;
    }
    lua_pushinteger(L, message.code);
    return 3;
}

/* websocket:send(data, kind?) -> boolean */
static int l_send(lua_State *L) {
    struct lac_websocket_link *link = check_link(L);
    struct lac_str data = bind_string(L, 2);
    enum lac_websocket_kind kind = kind_numbers[luaL_checkoption(L, 3, "text", kinds)];

    lua_pushboolean(L, lac_websocket_send(link, kind, data));
    return 1;
}

/* websocket:finish(code?, reason?) -> boolean */
static int l_finish(lua_State *L) {
    struct lac_websocket_link *link = check_link(L);
    lua_Integer code = luaL_optinteger(L, 2, LAC_WEBSOCKET_NORMAL);
    luaL_argcheck(L, code > 0 && code < 5000 && lac_websocket_is_code((unsigned)code), 2,
                  "a close code that may be sent expected");
    struct lac_str reason = lua_isnoneornil(L, 3) ? LAC_STR("") : bind_string(L, 3);
    luaL_argcheck(L, reason.len <= LAC_WEBSOCKET_REASON, 3, "at most 123 bytes expected");

    lua_pushboolean(L, lac_websocket_finish(link, (uint16_t)code, reason));
    return 1;
}

/* websocket:ahead() -> integer */
static int l_ahead(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)lac_websocket_ahead(check_link(L)));
    return 1;
}

/* websocket:close(); also __gc and __close */
static int l_close(lua_State *L) {
    struct lac_websocket_link **box = luaL_checkudata(L, 1, TYPE);
    lac_websocket_close(*box);
    *box = NULL;
    return 0;
}

static int l_tostring(lua_State *L) {
    struct lac_websocket_link **box = luaL_checkudata(L, 1, TYPE);
    lua_pushstring(L, *box == NULL ? "websocket (closed)" : "websocket (open)");
    return 1;
}

static const luaL_Reg methods[] = {
    {"fd", l_fd},       {"next", l_next},   {"send", l_send}, {"finish", l_finish},
    {"ahead", l_ahead}, {"close", l_close}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

struct lac_websocket_link **bind_newwebsocket(lua_State *L) {
    struct lac_websocket_link **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    if (luaL_newmetatable(L, TYPE)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    return box;
}

struct lac_websocket_limits bind_websocket_limits(lua_State *L, int arg) {
    return (struct lac_websocket_limits){
        .frame = (size_t)bind_opt_integer(L, arg, "max_frame", 125, 64 * MEBIBYTE, MEBIBYTE),
        .message = (size_t)bind_opt_integer(L, arg, "max_message", 1, 64 * MEBIBYTE, MEBIBYTE),
    };
}
