#include "bind/aws_options.h"

#include <string.h>

struct lac_aws_credentials bind_aws_credentials(lua_State *L, int arg) {
    luaL_checkstack(L, 4, NULL);
    lua_pushvalue(L, arg);
    int request = lua_gettop(L);
    if (lua_getfield(L, arg, "credentials") != LUA_TTABLE) {
        luaL_argerror(L, arg,
                      lua_pushfstring(L, "field 'credentials': table expected, got %s",
                                      luaL_typename(L, -1)));
    }
    lua_replace(L, arg); /* so that a mistake in it is blamed on the argument */
    struct lac_aws_credentials credentials = {
        .access_key_id = bind_field(L, arg, "access_key_id"),
        .secret_access_key = bind_field(L, arg, "secret_access_key"),
        .session_token = bind_opt_field(L, arg, "session_token", LAC_STR("")),
    };
    lua_pushvalue(L, request);
    lua_replace(L, arg);
    return credentials;
}

void bind_aws_push_error(lua_State *L, const struct lac_error *err, const char *request_id,
                         struct lac_str body) {
    bool about_signature = strstr(err->code, "Signature") != NULL;
    luaL_checkstack(L, 3, NULL);
    bind_push_error(L, err);
    if (request_id[0] != '\0') {
        lua_pushstring(L, request_id);
        lua_setfield(L, -2, "request_id");
    }
    if (err->kind == LAC_ERR_SERVICE && !about_signature) {
        lua_pushlstring(L, body.data, body.len);
        lua_setfield(L, -2, "body");
    }
}
