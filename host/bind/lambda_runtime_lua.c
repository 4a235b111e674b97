/* lambda_runtime_lua.c — require "host.lambda_runtime": the Lua face of core/lambda_runtime.h. */
#include <string.h>

#include "bind/bind.h"
#include "core/lambda_runtime.h"

#define TYPE "laconic.lambda_runtime"

/* The type's, of every method: looking it up by its name takes three times as long. */
#define METATABLE lua_upvalueindex(1)

static struct lac_lambda_runtime *check_runtime(lua_State *L) {
    struct lac_lambda_runtime *runtime = lua_touserdata(L, 1);
    bool known = lua_getmetatable(L, 1) && lua_rawequal(L, -1, METATABLE);
    if (!known || lua_type(L, 1) != LUA_TUSERDATA) {
        luaL_checkudata(L, 1, TYPE); /* raises */
    }
    lua_pop(L, 1);
    luaL_argcheck(L, runtime->open, 1, "closed lambda_runtime");
    return runtime;
}

/* lambda_runtime.open(address) -> loop | nil, error */
static int l_open(lua_State *L) {
    struct lac_str address = bind_string(L, 1);
    luaL_argcheck(L, strlen(address.data) == address.len, 1, "holds a NUL");

    struct lac_lambda_runtime *runtime = lua_newuserdatauv(L, sizeof *runtime, 0);
    *runtime = (struct lac_lambda_runtime){0};
    luaL_setmetatable(L, TYPE);

    struct lac_error err;
    if (!lac_lambda_runtime_open(address.data, runtime, &err)) {
        return bind_fail(L, &err);
    }
    return 1;
}

/* The fields of an invocation, in the order of next's further upvalues: names that are made
 * once. */
static const char *const fields[] = {"request_id",    "invoked_function_arn",
                                     "trace_id",      "client_context_json",
                                     "identity_json", "tenant_id",
                                     "body",          "deadline"};

#define FIELD_COUNT ((int)(sizeof fields / sizeof *fields))
#define FIELD(i) lua_upvalueindex((i) + 2)

/* loop:next() -> invocation | nil, error */
static int l_next(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);

    struct lac_lambda_invocation invocation;
    struct lac_error err;
    if (!lac_lambda_runtime_next(runtime, &invocation, &err)) {
        return bind_fail(L, &err);
    }

    const struct lac_str texts[] = {invocation.request_id,
                                    invocation.function_arn,
                                    invocation.trace_id,
                                    invocation.client_context,
                                    invocation.cognito_identity,
                                    invocation.tenant_id,
                                    invocation.body};
    lua_createtable(L, 0, FIELD_COUNT);
    for (int i = 0; i < FIELD_COUNT - 1; i++) {
        if (texts[i].data != NULL) {
            lua_pushvalue(L, FIELD(i));
            lua_pushlstring(L, texts[i].data, texts[i].len);
            lua_rawset(L, -3);
        }
    }
    lua_pushvalue(L, FIELD(FIELD_COUNT - 1));
    lua_pushnumber(L, invocation.deadline);
    lua_rawset(L, -3);
    return 1;
}

static int answer(lua_State *L, bool ok, const struct lac_error *err) {
    if (!ok) {
        return bind_fail(L, err);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* loop:respond(request_id, body, content_type?) -> true | nil, error */
static int l_respond(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);
    struct lac_str request_id = bind_string(L, 2);
    struct lac_str body = bind_string(L, 3);
    struct lac_str type = lua_isnoneornil(L, 4) ? LAC_STR("application/json") : bind_string(L, 4);

    struct lac_error err;
    bool ok = lac_lambda_runtime_respond(runtime, request_id, body, type, &err);
    return answer(L, ok, &err);
}

/* loop:stream(request_id, content_type) -> true | nil, error */
static int l_stream(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);
    struct lac_str request_id = bind_string(L, 2);
    struct lac_str type = bind_string(L, 3);

    struct lac_error err;
    bool ok = lac_lambda_runtime_stream(runtime, request_id, type, &err);
    return answer(L, ok, &err);
}

/* loop:write(bytes) -> true | nil, error */
static int l_write(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);
    struct lac_str bytes = bind_string(L, 2);

    struct lac_error err;
    bool ok = lac_lambda_runtime_write(runtime, bytes, &err);
    return answer(L, ok, &err);
}

/* loop:finish(error_type?, error_body?) -> true | nil, error */
static int l_finish(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);
    bool failed = !lua_isnoneornil(L, 2);
    struct lac_str error_type = failed ? bind_string(L, 2) : LAC_STR("");
    struct lac_str error_body = failed ? bind_string(L, 3) : LAC_STR("");

    struct lac_error err;
    bool ok = lac_lambda_runtime_finish(runtime, error_type, error_body, &err);
    return answer(L, ok, &err);
}

/* loop:fail(request_id, error_type, body) -> true | nil, error */
static int l_fail(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);
    struct lac_str request_id = bind_string(L, 2);
    struct lac_str error_type = bind_string(L, 3);
    struct lac_str body = bind_string(L, 4);

    struct lac_error err;
    bool ok = lac_lambda_runtime_fail(runtime, request_id, error_type, body, &err);
    return answer(L, ok, &err);
}

/* loop:fail_init(error_type, body) -> true | nil, error */
static int l_fail_init(lua_State *L) {
    struct lac_lambda_runtime *runtime = check_runtime(L);
    struct lac_str error_type = bind_string(L, 2);
    struct lac_str body = bind_string(L, 3);

    struct lac_error err;
    bool ok = lac_lambda_runtime_fail_init(runtime, error_type, body, &err);
    return answer(L, ok, &err);
}

/* loop:close(); also __gc and __close */
static int l_close(lua_State *L) {
    lac_lambda_runtime_close(luaL_checkudata(L, 1, TYPE));
    return 0;
}

static int l_tostring(lua_State *L) {
    const struct lac_lambda_runtime *runtime = luaL_checkudata(L, 1, TYPE);
    lua_pushfstring(L, "lambda_runtime (%s)", runtime->open ? runtime->name : "closed");
    return 1;
}

static const luaL_Reg methods[] = {
    {"respond", l_respond}, {"stream", l_stream},       {"write", l_write}, {"finish", l_finish},
    {"fail", l_fail},       {"fail_init", l_fail_init}, {"close", l_close}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", l_close},
    {"__close", l_close},
    {"__tostring", l_tostring},
    {NULL, NULL},
};

/* lambda_runtime.buffer_lines() */
static int l_buffer_lines(lua_State *L) {
    (void)L;
    lac_lambda_runtime_buffer_lines();
    return 0;
}

static const luaL_Reg functions[] = {
    {"buffer_lines", l_buffer_lines},
    {"open", l_open},
    {NULL, NULL},
};

int luaopen_host_lambda_runtime(lua_State *L) {
    luaL_newmetatable(L, TYPE);
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlibtable(L, methods);
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, methods, 1);
    lua_pushvalue(L, -2);
    for (int i = 0; i < FIELD_COUNT; i++) {
        lua_pushstring(L, fields[i]);
    }
    lua_pushcclosure(L, l_next, 1 + FIELD_COUNT);
    lua_setfield(L, -2, "next");
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
