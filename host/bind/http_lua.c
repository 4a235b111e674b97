/* http_lua.c — require "host.http": the Lua face of core/http.h. */
#include <stddef.h>

#include "bind/bind.h"
#include "bind/http_options.h"
#include "core/http.h"

#define MAX_REQUESTS 10000

static const char *const request_keys[] = {
    "method",          "url",      "headers",      "body",     "body_file", "to_file",
    "connect_timeout", "timeout",  "idle_timeout", "max_body", "proxy",     "ca_bundle",
    "follow",          "progress", "sink",         NULL,
};
static const char *const all_keys[] = {"parallel", NULL};

/* Pushes the owner of the answers to come. */
static struct lac_http_exchange *box_exchanges(lua_State *L, size_t count) {
    return bind_http_box(L, count, sizeof(struct lac_http_exchange),
                         offsetof(struct lac_http_exchange, response));
}

static void check_request(lua_State *L, int arg, struct lac_http_request *out,
                          struct bind_http_callbacks *callbacks) {
    bind_check_keys(L, arg, request_keys);
    bind_http_request(L, arg, out, callbacks);
    out->follow = (int)bind_opt_integer(L, arg, "follow", 0, 50, 0);
}

/* http.request(request) -> response | nil, error */
static int l_request(lua_State *L) {
    struct lac_http_request request;
    struct bind_http_callbacks callbacks;
    check_request(L, 1, &request, &callbacks);

    struct lac_http_exchange *exchange = box_exchanges(L, 1);
    exchange->request = request;
    luaL_checkstack(L, LUA_MINSTACK, NULL);

    lac_http_send_all(exchange, 1, 1);
    bind_http_raise(&callbacks);

    if (exchange->error.kind != LAC_OK) {
        return bind_fail(L, &exchange->error);
    }
    bind_http_push_response(L, &exchange->response);
    return 1;
}

/* http.request_all(requests, options?) -> { { response = … } | { err = … }, … } */
static int l_request_all(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t parallel = 8, count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= MAX_REQUESTS, 1, "more than 10,000 requests");
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, all_keys);
        parallel = (size_t)bind_opt_integer(L, 2, "parallel", 1, 64, 8);
    }
    struct lac_http_exchange *exchanges = box_exchanges(L, count);
    struct bind_http_callbacks *callbacks =
        lua_newuserdatauv(L, (count + 1) * sizeof *callbacks, 0);
    lua_pushvalue(L, 1);
    int list = lua_gettop(L);
    for (size_t i = 0; i < count; i++) { /* each as argument 1, for the sake of messages */
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        lua_replace(L, 1);
        check_request(L, 1, &exchanges[i].request, &callbacks[i]);
    }
    luaL_checkstack(L, LUA_MINSTACK, NULL);

    lac_http_send_all(exchanges, count, parallel);
    for (size_t i = 0; i < count; i++) {
        bind_http_raise(&callbacks[i]);
    }

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const struct lac_http_exchange *exchange = &exchanges[i];
        lua_createtable(L, 0, 1);
        if (exchange->error.kind == LAC_OK) {
            bind_http_push_response(L, &exchange->response);
            lua_setfield(L, -2, "response");
        } else {
            bind_push_error(L, &exchange->error);
            lua_setfield(L, -2, "err");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"request", l_request},
    {"request_all", l_request_all},
    {NULL, NULL},
};

int luaopen_host_http(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
