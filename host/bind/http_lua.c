/* http_lua.c — require "host.http": the Lua face of core/http.h. */
#include <stddef.h>

#include "bind/bind.h"
#include "bind/http_options.h"
#include "core/http.h"

static const char *const request_keys[] = {
    "method",          "url",      "headers",      "body",     "body_file", "to_file",
    "connect_timeout", "timeout",  "idle_timeout", "max_body", "proxy",     "ca_bundle",
    "follow",          "progress", "sink",         NULL,
};

static void check_request(lua_State *L, int arg, struct lac_http_request *out,
                          struct bind_http_callbacks *callbacks) {
    bind_check_keys(L, arg, request_keys);
    bind_http_request(L, arg, out, callbacks);
    out->follow = (int)bind_opt_integer(L, arg, "follow", 0, 50, 0);
}

static void check_exchange(lua_State *L, int arg, void *exchange,
                           struct bind_http_callbacks *callbacks) {
    check_request(L, arg, &((struct lac_http_exchange *)exchange)->request, callbacks);
}

static void send_exchanges(void *exchanges, size_t count, size_t parallel) {
    lac_http_send_all(exchanges, count, parallel);
}

static bool push_outcome(lua_State *L, const void *sent) {
    const struct lac_http_exchange *exchange = sent;
    if (exchange->error.kind != LAC_OK) {
        bind_push_error(L, &exchange->error);
        return false;
    }
    bind_http_push_response(L, &exchange->response);
    return true;
}

static const struct bind_http_batch batch = {
    .size = sizeof(struct lac_http_exchange),
    .response = offsetof(struct lac_http_exchange, response),
    .check = check_exchange,
    .send = send_exchanges,
    .push_outcome = push_outcome,
};

/* http.request(request) -> response | nil, error */
static int l_request(lua_State *L) {
    struct lac_http_request request;
    struct bind_http_callbacks callbacks;
    check_request(L, 1, &request, &callbacks);

    struct lac_http_exchange *exchange = bind_http_box(L, 1, batch.size, batch.response);
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
    return bind_http_send_all(L, &batch);
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
