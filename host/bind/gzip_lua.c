/* gzip_lua.c — require "host.gzip": the Lua face of core/gzip.h. */
#include "bind/bind.h"
#include "core/gzip.h"

#define USUAL_MOST ((lua_Integer)64 << 20)
#define MOST ((lua_Integer)1 << 30)

static const char *const open_options[] = {"max_bytes", NULL};

static int l_decompress(lua_State *L) {
    struct lac_str packed = bind_string(L, 1);
    size_t most = (size_t)USUAL_MOST;
    if (!lua_isnoneornil(L, 2)) {
        bind_check_keys(L, 2, open_options);
        most = (size_t)bind_opt_integer(L, 2, "max_bytes", 0, MOST, USUAL_MOST);
    }

    struct lac_buf *out = bind_newbuf(L);
    struct lac_error err;
    if (!lac_gzip_open(packed, most, out, &err)) {
        return bind_fail(L, &err);
    }
    return bind_push_buf(L, out);
}

static const luaL_Reg functions[] = {
    {"decompress", l_decompress},
    {NULL, NULL},
};

int luaopen_host_gzip(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
