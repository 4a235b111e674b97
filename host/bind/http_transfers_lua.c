/* http_transfers_lua.c — require "host.http_transfers": the Lua face of core/http_transfers.h. */
#include <stddef.h>

#include "bind/bind.h"
#include "bind/http_options.h"
#include "core/http_transfers.h"

#define TYPE "laconic.http_transfers"

static const char *const request_keys[] = {
    "method", "url", "headers", "body", "connect_timeout", "timeout", "max_body", "proxy", NULL,
};

static struct lac_http_transfers *check_transfers(lua_State *L) {
    struct lac_http_transfers **box = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, *box != NULL, 1, "closed HTTP transfers");
    return *box;
}

/* http_transfers.open() -> transfers | nil, error */
static int l_open(lua_State *L) {
    struct lac_http_transfers **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, TYPE);

    struct lac_error err;
    if (!lac_http_transfers_open(box, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* transfers:fd() -> integer */
static int l_fd(lua_State *L) {
    lua_pushinteger(L, lac_http_transfers_fd(check_transfers(L)));
    return 1;
}

/* transfers:start(request) -> id | nil, error */
static int l_start(lua_State *L) {
    struct lac_http_transfers *transfers = check_transfers(L);
    bind_check_keys(L, 2, request_keys);
    const struct lac_str none = {NULL, 0};
    struct lac_http_request request = {
        .url = bind_text(L, 2, "url"),
        .method = bind_opt_field(L, 2, "method", LAC_STR("")),
        .body = bind_opt_field(L, 2, "body", none),
        .connect_timeout = bind_http_seconds(L, 2, "connect_timeout"),
        .timeout = bind_http_seconds(L, 2, "timeout"),
        .max_body = (size_t)bind_opt_integer(L, 2, "max_body", 1, (lua_Integer)1 << 40, 0),
        .proxy = bind_opt_text(L, 2, "proxy", NULL),
        .headers_apart = true,
    };
    request.headers = bind_http_headers(L, 2, "headers", &request.header_count);

    uint64_t id;
    struct lac_error err;
    if (!lac_http_transfers_start(transfers, &request, &id, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushinteger(L, (lua_Integer)id);
    return 1;
}

/* { { name, value }, … } */
static void push_lines(lua_State *L, const struct lac_headers *headers) {
    luaL_checkstack(L, 3, NULL);
    lua_createtable(L, (int)headers->count, 0);
    for (size_t i = 0; i < headers->count; i++) {
        struct lac_str name = lac_buf_view(&headers->items[i].name);
        struct lac_str value = lac_buf_view(&headers->items[i].value);
        lua_createtable(L, 2, 0);
        lua_pushlstring(L, name.data, name.len);
        lua_rawseti(L, -2, 1);
        lua_pushlstring(L, value.data, value.len);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_response(lua_State *L, const struct lac_http_response *response) {
    struct lac_str body = lac_buf_view(&response->body);
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, response->status);
    lua_setfield(L, -2, "status");
    push_lines(L, &response->headers);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, body.data, body.len);
    lua_setfield(L, -2, "body");
    lua_pushnumber(L, response->seconds);
    lua_setfield(L, -2, "seconds");
}

/* transfers:next() -> id, response | id, nil, error | nil */
static int l_next(lua_State *L) {
    struct lac_http_transfers *transfers = check_transfers(L);

    struct lac_http_ended *ended =
        bind_http_box(L, 1, sizeof *ended, offsetof(struct lac_http_ended, response));

    if (!lac_http_transfers_next(transfers, ended)) {
        lua_pushnil(L);
        return 1;
    }

    lua_pushinteger(L, (lua_Integer)ended->id);
    if (ended->error.kind != LAC_OK) {
        lua_pushnil(L);
        bind_push_error(L, &ended->error);
        return 3;
    }
    push_response(L, &ended->response);
    return 2;
}

/* transfers:drop(id) */
static int l_drop(lua_State *L) {
    lac_http_transfers_drop(check_transfers(L), (uint64_t)luaL_checkinteger(L, 2));
    return 0;
}

/* transfers:close(); also __gc and __close */
static int l_close(lua_State *L) {
    struct lac_http_transfers **box = luaL_checkudata(L, 1, TYPE);
    lac_http_transfers_close(*box);
    *box = NULL;
    return 0;
}

static int l_tostring(lua_State *L) {
    struct lac_http_transfers **box = luaL_checkudata(L, 1, TYPE);
    lua_pushstring(L, *box == NULL ? "HTTP transfers (closed)" : "HTTP transfers");
    return 1;
}

static const luaL_Reg methods[] = {
    {"fd", l_fd},     {"start", l_start}, {"next", l_next},
    {"drop", l_drop}, {"close", l_close}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"open", l_open},
    {NULL, NULL},
};

int luaopen_host_http_transfers(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
