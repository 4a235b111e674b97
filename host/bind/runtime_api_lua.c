/* runtime_api_lua.c — require "host.runtime_api": the Lua face of core/runtime_api.h. */
#include "bind/bind.h"
#include "core/http_head.h"
#include "core/runtime_api.h"

#define TYPE "laconic.runtime_api"
#define MEBIBYTE ((lua_Integer)1024 * 1024)

static const char *const listen_keys[] = {"max_payload", NULL};
static const char *const event_keys[] = {
    "request_id", "arn", "trace_id", "deadline", "tenant_id", "client_context", "payload", NULL};

/* In the order of enum lac_runtime_news_kind. */
static const char *const kinds[] = {"asks",  "answers",      "oversized",
                                    "fails", "cannot_start", "streams"};

static struct lac_runtime_api *check_api(lua_State *L) {
    struct lac_runtime_api **box = luaL_checkudata(L, 1, TYPE);
    luaL_argcheck(L, *box != NULL, 1, "closed Runtime API");
    return *box;
}

static uint64_t check_id(lua_State *L) {
    return (uint64_t)luaL_checkinteger(L, 2);
}

/* runtime_api.listen(options?) -> runtime_api | nil, error */
static int l_listen(lua_State *L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    bind_check_keys(L, 1, listen_keys);
    size_t max_payload =
        (size_t)bind_opt_integer(L, 1, "max_payload", 0, 1024 * MEBIBYTE, 6 * MEBIBYTE);

    struct lac_runtime_api **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, TYPE);

    struct lac_error err;
    if (!lac_runtime_api_listen(max_payload, box, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* api:port() -> integer */
static int l_port(lua_State *L) {
    lua_pushinteger(L, lac_runtime_api_port(check_api(L)));
    return 1;
}

/* api:fd() -> integer */
static int l_fd(lua_State *L) {
    lua_pushinteger(L, lac_runtime_api_fd(check_api(L)));
    return 1;
}

/* api:admit(name) -> id | nil, error */
static int l_admit(lua_State *L) {
    struct lac_runtime_api *api = check_api(L);
    struct lac_str name = bind_string(L, 2);

    uint64_t id;
    struct lac_error err;
    if (!lac_runtime_api_admit(api, name, &id, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushinteger(L, (lua_Integer)id);
    return 1;
}

/* api:dismiss(id) */
static int l_dismiss(lua_State *L) {
    lac_runtime_api_dismiss(check_api(L), check_id(L));
    return 0;
}

/* api:give(id, event) -> true | nil, error */
static int l_give(lua_State *L) {
    struct lac_runtime_api *api = check_api(L);
    uint64_t id = check_id(L);
    bind_check_keys(L, 3, event_keys);
    const struct lac_str none = {NULL, 0};
    struct lac_runtime_event event = {
        .request_id = bind_field(L, 3, "request_id"),
        .arn = bind_field(L, 3, "arn"),
        .trace_id = bind_field(L, 3, "trace_id"),
        .deadline = (uint64_t)bind_opt_integer(L, 3, "deadline", 0, LUA_MAXINTEGER, 0),
        .tenant_id = bind_opt_field(L, 3, "tenant_id", none),
        .client_context = bind_opt_field(L, 3, "client_context", none),
        .payload = bind_field(L, 3, "payload"),
    };

    struct lac_error err;
    if (!lac_runtime_api_give(api, id, &event, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushboolean(L, 1);
    return 1;
}

/* api:turn() */
static int l_turn(lua_State *L) {
    lac_runtime_api_turn(check_api(L));
    return 0;
}

/* api:next() -> id, kind, body?, error_type? | nil */
static int l_next(lua_State *L) {
    struct lac_runtime_news news;
    if (!lac_runtime_api_next(check_api(L), &news)) {
        lua_pushnil(L);
        return 1;
    }

    lua_pushinteger(L, (lua_Integer)news.id);
    lua_pushstring(L, kinds[news.kind]);
    if (news.body.data == NULL) {
        return 2;
    }
    lua_pushlstring(L, news.body.data, news.body.len);
    if (news.error_type.data == NULL) {
        return 3;
    }
    lua_pushlstring(L, news.error_type.data, news.error_type.len);
    return 4;
}

static void set_trailer(lua_State *L, const char *key, struct lac_str trailers,
                        struct lac_str name) {
    struct lac_str value = lac_http_head_value(trailers, name);
    if (value.data != NULL) {
        lua_pushlstring(L, value.data, value.len);
        lua_setfield(L, -2, key);
    }
}

/* api:read(id) -> bytes, ending? */
static int l_read(lua_State *L) {
    struct lac_runtime_api *api = check_api(L);
    uint64_t id = check_id(L);

    struct lac_str piece, trailers;
    enum lac_runtime_stream state = lac_runtime_api_read(api, id, &piece, &trailers);

    lua_pushlstring(L, piece.data, piece.len);
    if (state == LAC_RUNTIME_STREAM_MORE) {
        return 1;
    }
    lua_newtable(L);
    lua_pushboolean(L, state == LAC_RUNTIME_STREAM_GONE);
    lua_setfield(L, -2, "broken");
    set_trailer(L, "error_type", trailers, LAC_STR("lambda-runtime-function-error-type"));
    set_trailer(L, "error_body", trailers, LAC_STR("lambda-runtime-function-error-body"));
    return 2;
}

/* api:finish(id, fits) */
static int l_finish(lua_State *L) {
    struct lac_runtime_api *api = check_api(L);
    uint64_t id = check_id(L);
    luaL_checktype(L, 3, LUA_TBOOLEAN);

    lac_runtime_api_finish(api, id, lua_toboolean(L, 3));
    return 0;
}

/* api:close(); also __gc and __close */
static int l_close(lua_State *L) {
    struct lac_runtime_api **box = luaL_checkudata(L, 1, TYPE);
    lac_runtime_api_close(*box);
    *box = NULL;
    return 0;
}

static int l_tostring(lua_State *L) {
    struct lac_runtime_api **box = luaL_checkudata(L, 1, TYPE);
    if (*box == NULL) {
        lua_pushliteral(L, "runtime_api (closed)");
    } else {
        lua_pushfstring(L, "runtime_api (port %d)", (int)lac_runtime_api_port(*box));
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"port", l_port},     {"fd", l_fd},       {"admit", l_admit}, {"dismiss", l_dismiss},
    {"give", l_give},     {"turn", l_turn},   {"next", l_next},   {"read", l_read},
    {"finish", l_finish}, {"close", l_close}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"listen", l_listen},
    {NULL, NULL},
};

int luaopen_host_runtime_api(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
