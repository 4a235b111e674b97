/* datagram_lua.c — require "host.datagram": the Lua face of core/datagram.h. */
#include "bind/bind.h"
#include "core/datagram.h"

/* datagram.send(address, bytes) -> true | nil, error */
static int l_send(lua_State *L) {
    const char *address = bind_text_arg(L, 1);
    struct lac_str bytes = bind_string(L, 2);

    struct lac_error err;
    if (!lac_datagram_send(address, bytes, &err)) {
        return bind_fail(L, &err);
    }

    lua_pushboolean(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"send", l_send},
    {NULL, NULL},
};

int luaopen_host_datagram(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
