/* aws_request_lua.c — require "host.aws_request": the Lua face of core/aws_request.h. */
#include <stddef.h>
#include <string.h>

#include "bind/aws_options.h"
#include "bind/bind.h"
#include "bind/http_options.h"
#include "core/aws_request.h"

static const char *const request_keys[] = {
    "credentials", "region",        "service",   "method",       "url",       "headers",
    "body",        "payload",       "body_file", "to_file",      "attempts",  "connect_timeout",
    "timeout",     "proxy",         "max_body",  "idle_timeout", "ca_bundle", "progress",
    "sink",        "total_timeout", NULL,
};

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

static void check_exchange(lua_State *L, int arg, void *exchange,
                           struct bind_http_callbacks *callbacks) {
    check_request(L, arg, &((struct lac_aws_exchange *)exchange)->request, callbacks);
}

static void send_exchanges(void *exchanges, size_t count, size_t parallel) {
    lac_aws_send_all(exchanges, count, parallel, false);
}

static bool push_outcome(lua_State *L, const void *sent) {
    const struct lac_aws_exchange *exchange = sent;
    if (exchange->error.kind != LAC_OK) {
        push_refusal(L, exchange);
        return false;
    }
    push_response(L, exchange);
    return true;
}

static const struct bind_http_batch batch = {
    .size = sizeof(struct lac_aws_exchange),
    .response = offsetof(struct lac_aws_exchange, response),
    .check = check_exchange,
    .send = send_exchanges,
    .push_outcome = push_outcome,
};

/* aws_request.send(request) -> response | nil, error */
static int l_send(lua_State *L) {
    struct lac_aws_request request;
    struct bind_http_callbacks callbacks;
    check_request(L, 1, &request, &callbacks);

    struct lac_aws_exchange *exchange = bind_http_box(L, 1, batch.size, batch.response);
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
    return bind_http_send_all(L, &batch);
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
