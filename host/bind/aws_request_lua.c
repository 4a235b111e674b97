/* aws_request_lua.c — require "host.aws_request": the Lua face of core/aws_request.h. */
#include <stddef.h>
#include <string.h>

#include "bind/aws_options.h"
#include "bind/bind.h"
#include "bind/http_options.h"
#include "core/aws_request.h"

#define MAX_REQUESTS 10000

static const char *const request_keys[] = {
    "credentials", "region",        "service",   "method",       "url",       "headers",
    "body",        "payload",       "body_file", "to_file",      "attempts",  "connect_timeout",
    "timeout",     "proxy",         "max_body",  "idle_timeout", "ca_bundle", "progress",
    "sink",        "total_timeout", NULL,
};
static const char *const all_keys[] = {"parallel", NULL};

/* Pushes the owner of the answers to come. */
static struct lac_aws_exchange *box_exchanges(lua_State *L, size_t count) {
    return bind_http_box(L, count, sizeof(struct lac_aws_exchange),
                         offsetof(struct lac_aws_exchange, response));
}

static void check_request(lua_State *L, int arg, struct lac_aws_request *out,
                          struct bind_http_callbacks *callbacks) {
    bind_check_keys(L, arg, request_keys);
    *out = (struct lac_aws_request){
        .credentials = bind_aws_credentials(L, arg),
        .region = bind_field(L, arg, "region"),
        .service = bind_field(L, arg, "service"),
        .attempts = (int)bind_opt_integer(L, arg, "attempts", 1, LAC_AWS_MOST_ATTEMPTS, 0),
        .total_timeout = bind_http_seconds(L, arg, "total_timeout"),
    };
    const char *payload = bind_opt_text(L, arg, "payload", "signed");
    out->unsigned_payload = strcmp(payload, "unsigned") == 0;
    if (!out->unsigned_payload && strcmp(payload, "signed") != 0) {
        luaL_argerror(L, arg, "field 'payload': 'signed' or 'unsigned' expected");
    }
    bind_http_request(L, arg, &out->http, callbacks);
    if (out->http.method.len == 0) {
        out->http.method = LAC_STR("POST");
    }
}

/* Pushes the response, with `attempts`. */
static void push_response(lua_State *L, const struct lac_aws_exchange *exchange) {
    bind_http_push_response(L, &exchange->response);
    lua_pushinteger(L, exchange->attempts);
    lua_setfield(L, -2, "attempts");
}

static void push_refusal(lua_State *L, const struct lac_aws_exchange *exchange) {
    bind_aws_push_error(L, &exchange->error, exchange->request_id,
                        lac_buf_view(&exchange->response.body));
}

/* aws_request.send(request) -> response | nil, error */
static int l_send(lua_State *L) {
    struct lac_aws_request request;
    struct bind_http_callbacks callbacks;
    check_request(L, 1, &request, &callbacks);

    struct lac_aws_exchange *exchange = box_exchanges(L, 1);
    exchange->request = request;
    luaL_checkstack(L, LUA_MINSTACK, NULL);

    bool ok = lac_aws_send(exchange);
    bind_http_raise(&callbacks);

    if (!ok) {
        luaL_pushfail(L);
        push_refusal(L, exchange);
        return 2;
    }
    push_response(L, exchange);
    return 1;
}

/* aws_request.send_all(requests, options?) -> { { response = … } | { err = … }, … } */
static int l_send_all(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t parallel = 8, count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= MAX_REQUESTS, 1, "more than 10,000 requests");
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, all_keys);
        parallel = (size_t)bind_opt_integer(L, 2, "parallel", 1, 64, 8);
    }
    struct lac_aws_exchange *exchanges = box_exchanges(L, count);
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

    lac_aws_send_all(exchanges, count, parallel, false);
    for (size_t i = 0; i < count; i++) {
        bind_http_raise(&callbacks[i]);
    }

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const struct lac_aws_exchange *exchange = &exchanges[i];
        lua_createtable(L, 0, 1);
        if (exchange->error.kind == LAC_OK) {
            push_response(L, exchange);
            lua_setfield(L, -2, "response");
        } else {
            push_refusal(L, exchange);
            lua_setfield(L, -2, "err");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"send", l_send},
    {"send_all", l_send_all},
    {NULL, NULL},
};

int luaopen_host_aws_request(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
